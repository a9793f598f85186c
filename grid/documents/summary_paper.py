"""The monthly and the year-end report (工作月报、年报): the figures of a period, and the printer's remarks."""

from collections.abc import Sequence

from flask import render_template

from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of, read_period
from grid.core.refusals import Missing
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets
from grid.ledgers.summaries import summary
from grid.register.models import Community


def title_of(community: str, period: Period) -> str:
    is_year = period.kind == "year"
    return _("%(name)s工作年报", name=community) if is_year else _("%(name)s工作月报", name=community)


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    period = read_period(str(options.get("period") or "")) or period_of("month", today())
    return [_drawn(scope, one, period, stamp(n), options) for n, one in enumerate(ids, 1)]


def _drawn(scope: Scope, community_id: int, period: Period, printed: object, options: Options) -> Drawn:
    community = db.session.get(Community, community_id)
    if community is None or not scope.allows(community_id):
        raise Missing
    html = render_template(
        "documents/summary_sheet.html",
        title=title_of(community.name, period),
        community=community,
        period=period,
        sections=summary(scope, community_id, period, today()),
        remarks=str(options.get("remarks") or ""),
        day=today(),
        printed=printed,
        lang=lang(),
    )
    return Drawn(html, community.name)


def _styles(options: Options) -> list[str]:
    return stylesheets("paper.css", "summary_sheet.css")


SUMMARY = Paper("summary", "community", _styles, _write)
