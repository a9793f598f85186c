"""工作量: what each worker did in a month or a year; a worker sees only oneself."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.periods import Period
from grid.core.refusals import Missing
from grid.ledgers.asked import asked_community, asked_period
from grid.ledgers.workload_queries import Workload, names_one, workload
from grid.ledgers.workload_table import COLUMNS, headings, value, values
from grid.register.models import Community
from grid.register.queries import communities
from grid.register.words import action_label

bp = Blueprint("workload", __name__)

# Which ledger lists the rows of a figure and no others, and which of its columns names the worker.
LISTED = {"visits": ("/ledgers/visits", "worker"), "plans_on_time": ("/ledgers/work-plans", "who")}


def _found(community: Community, period: Period) -> list[Workload]:
    """Of everybody for an administrator of the whole community, else of the reader alone."""
    return workload(me(), community.id, period, today())


def _is_whole(community: Community) -> bool:
    return me().may("administrator") and me().scope.allows(community.id)


@bp.get("/workload")
@allowed("administrator", "grid_worker")
def figures() -> Any:
    community, period = asked_community(whole=me().may("administrator")), asked_period(today())
    found = _found(community, period)
    wanted = request.args.get("worker", "")
    chosen = [one for one in found if one.public_id == wanted] if wanted else found
    if wanted and not chosen:
        raise Missing
    alone = wanted or not _is_whole(community)
    return render_template(
        "ledgers/worker.html" if alone else "ledgers/workload.html",
        community=community,
        communities=communities(me().scope),
        period=period,
        today=today(),
        found=chosen,
        values=values,
        headings=headings(),
        lines=[(one, _lines(one, community, period)) for one in chosen] if alone else [],
        is_whole=_is_whole(community),
        action_words=action_label,
    )


def _lines(one: Workload, community: Community, period: Period) -> list[tuple[str, str, str]]:
    """Words, figure, and where its rows are listed."""
    is_listed = names_one(one.name)
    return [
        (_(words), value(one, key), _path(key, one, community, period) if is_listed else "") for key, words in COLUMNS
    ]


def _path(key: str, one: Workload, community: Community, period: Period) -> str:
    if key not in LISTED:
        return ""
    path, column = LISTED[key]
    return f"{path}?{urlencode({'community': community.public_id, 'period': period.key, f'f_{column}': one.name})}"
