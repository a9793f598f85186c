"""What a page of a whole community begins with: which one was asked for, what the reader may do there, and when."""

from typing import Any, NamedTuple

from flask import Flask, Response, render_template, request

from grid.accounts.access import me
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of, read_period
from grid.register.models import Community
from grid.register.queries import communities, community_or_404, whole_community_or_404


class NoPatch(Exception):
    """Nothing has been handed out to the reader yet."""


def answer_without_patch(app: Flask) -> None:
    def nothing_here(_error: NoPatch) -> Any:
        return Response(render_template("services/no_patch.html"))

    app.register_error_handler(NoPatch, nothing_here)


def community_asked() -> Community:
    """The one asked for, else the reader's first."""
    if wanted := request.values.get("community", ""):
        return community_or_404(me().scope, wanted)
    found = communities(me().scope)
    if not found:
        raise NoPatch
    return found[0]


def managed_community() -> Community:
    """The same for whoever is in charge of all of it."""
    return whole_community_or_404(me().scope, community_asked().public_id)


def manages(community_id: int) -> bool:
    return me().may("administrator") and me().scope.allows(community_id)


def frame(community: Community) -> dict[str, Any]:
    """What stands around every such page."""
    return {
        "community": community,
        "communities": communities(me().scope),
        "may_manage": manages(community.id),
    }


def period() -> Period | None:
    """The period of the address; the present year where it names none, nothing for `all`."""
    wanted = request.args.get("period", "")
    return None if wanted == "all" else read_period(wanted) or period_of("year", today())


class Choice(NamedTuple):
    key: str
    title: str
    is_present: bool


def periods() -> list[Choice]:
    """To choose from: before and after the present one, this month, quarter and year, and all."""
    chosen, day = period(), today()
    near = [] if chosen is None else [chosen.before, chosen, chosen.after]
    usual = [period_of(kind, day) for kind in ("month", "quarter", "year")]
    keys = {one.key: one for one in [*near, *usual] if one.start <= day}
    ordered = sorted(keys.values(), key=lambda one: (one.start, -one.end.toordinal()), reverse=True)
    choices = [Choice(one.key, one.title, one == chosen) for one in ordered]
    return [*choices, Choice("all", _("全部时间"), chosen is None)]
