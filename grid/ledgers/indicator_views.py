"""指标: every figure against what the plans ask, and what it was counted from."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of, read_period
from grid.core.refusals import Missing
from grid.ledgers import charts, drill, figures
from grid.ledgers.figures import Line, Point
from grid.ledgers.indicators import COUNT, INDICATORS, RATE, Indicator
from grid.ledgers.indicators.base import Frame, stretches, widened
from grid.register.models import Community
from grid.register.queries import communities, community_or_404

bp = Blueprint("indicators", __name__)
# So many stand large; the others follow as a list.
LARGE = 12
KINDS = ("month", "quarter", "year")
# The first year anybody can look at.
FIRST_YEAR = 2000


def period_asked() -> Period:
    """?period=2026-11 or ?year=2026; this year where neither is a period."""
    found = read_period(request.args.get("period") or request.args.get("year"))
    this_year = period_of("year", today())
    if found is None or found.kind not in KINDS or not FIRST_YEAR <= found.start.year <= this_year.start.year + 1:
        return this_year
    return found


def community_asked() -> Community | None:
    """The one asked for, else the reader's first; the street reads all of them at once."""
    wanted = request.args.get("community", "")
    if wanted:
        return community_or_404(me().scope, wanted)
    if me().may("street_viewer"):
        return None
    return next(iter(communities(me().scope)), None)


def may_read(indicator: Indicator, community: Community | None) -> bool:
    """帮教, even as a number, is for the administrators of the whole community: of few doors it would say who."""
    has_all = community is not None and me().may("administrator") and me().scope.allows(community.id)
    return has_all or not indicator.hidden


def frame_of(community: Community | None, period: Period) -> dict[str, Any]:
    """What stands around every page of figures."""
    this_year = period_of("year", today())
    place = f"community={community.public_id}&" if community else ""
    return {
        "community": community,
        "communities": communities(me().scope),
        "period": period,
        "today": today(),
        "years": [this_year.before, this_year],
        "months": [month for month in period_of("year", period.start).parts("month") if month.start <= today()],
        "year": period_of("year", period.start),
        # Which community and period the links of the page go on with.
        "here": f"{place}period={period.key}",
        "place": place,
    }


@bp.get("/indicators")
@allowed("administrator", "grid_worker", "street_viewer")
def indicators() -> Any:
    community, period = community_asked(), period_asked()
    if community is None:
        return _street(period) if me().may("street_viewer") else render_template("ledgers/no_figures.html")
    lines = figures.lines(me().scope, community.id, period, today())
    found = [line for line in lines if may_read(line.indicator, community)]
    return render_template(
        "ledgers/indicators.html",
        large=[(line, spark(line)) for line in found[:LARGE]],
        small=_by_state(found[LARGE:]),
        states={
            state: sum(line.state == state for line in found) for state in (figures.MET, figures.SHORT, figures.UNKNOWN)
        },
        others=_others(found, community),
        may_edit=me().may("administrator"),
        **frame_of(community, period),
    )


def _by_state(found: list[Line]) -> list[tuple[str, list[Line]]]:
    groups = [
        (state, [line for line in found if line.state == state])
        for state in (figures.SHORT, figures.UNKNOWN, figures.MET)
    ]
    return [group for group in groups if group[1]]


def _others(found: list[Line], community: Community) -> list[Indicator]:
    """Those that no plan has a target for."""
    shown = {line.indicator.key for line in found}
    return [one for key, one in INDICATORS.items() if key not in shown and may_read(one, community)]


def _street(period: Period) -> Any:
    """All communities added up, and how many of them reach what their plans ask."""
    return render_template(
        "ledgers/street_figures.html",
        lines=figures.street_lines(me().scope, period, today()),
        **frame_of(None, period),
    )


@bp.get("/indicators/<key>")
@allowed("administrator", "grid_worker", "street_viewer")
def indicator(key: str) -> Any:
    found = INDICATORS.get(key)
    community, period = community_asked(), period_asked()
    if found is None or not may_read(found, community):
        raise Missing
    page = frame_of(community, period) | {"indicator": found}
    if me().may("street_viewer"):
        return render_template("ledgers/indicator_street.html", rows=_of_places(found, period), **page)
    if community is None:
        return render_template("ledgers/no_figures.html")
    wide = Frame(widened(found, period), today())
    line = _line(found, community, period)
    return render_template(
        "ledgers/indicator.html",
        line=line,
        chart=_chart(line),
        **_broken_down(found, wide, community),
        **_listed(found, wide, community),
        missed=_missed(found, wide, community),
        may_edit=me().may("administrator"),
        **page,
    )


def _of_places(found: Indicator, period: Period) -> list[tuple[Community, Line]]:
    lines = dict(figures.street_line(me().scope, found, period, today()))
    return [(place, lines[place.id]) for place in communities(me().scope) if place.id in lines]


def _line(found: Indicator, community: Community, period: Period) -> Line:
    asked = [one for one in figures.targets(community.id, period.end.year) if one.indicator == found.key]
    if found.is_typed or not found.is_dated:
        return figures.held(figures.figure(me().scope, found, period, today(), community.id), asked)
    of_figure, trend = figures.figure_and_trend(me().scope, found, period, today(), community.id)
    return figures.held(of_figure, asked, trend)


def _broken_down(found: Indicator, frame: Frame, community: Community) -> dict[str, Any]:
    if found.is_typed or found.hidden:
        return {"blocks": [], "workers": []}
    scope = me().scope
    return {
        "blocks": drill.by_block(scope, found, frame, community.id, True) if drill.has_blocks(found) else [],
        "workers": drill.by_worker(me(), found, frame, community.id),
    }


def _listed(found: Indicator, frame: Frame, community: Community) -> dict[str, Any]:
    """The rows one by one: what is not met comes first, where there can be such a thing."""
    has_unmet = found.unit == RATE and not (found.every or found.base)
    is_met = request.args.get("show") == "met" or not has_unmet
    number = request.args.get("page", 1, int)
    rows = drill.items(me(), found, frame, community.id, is_met, number)
    return {"page": rows, "is_met": is_met, "has_unmet": has_unmet}


def _missed(found: Indicator, frame: Frame, community: Community) -> list[tuple[date, date]]:
    """The weeks (nights …) that are over and in which nothing was recorded, the last ones first."""
    if not found.every:
        return []
    days = figures.days_of(me().scope, found, frame, community.id)
    return [
        (part.start, part.end)
        for part in reversed(stretches(found.every, frame.period))
        if part.end <= frame.today and not any(part.start <= day <= part.end for day in days)
    ]


def spark(line: Line) -> charts.Chart | None:
    return _drawn(line, charts.Look(_trend_words(line), is_small=True, width=150, height=40, **_aim(line)))


def _chart(line: Line) -> charts.Chart | None:
    return _drawn(line, charts.Look(_trend_words(line), **_aim(line)))


def _trend_words(line: Line) -> str:
    return _("%(title)s，逐月", title=_(line.indicator.title))


def _drawn(line: Line, look: charts.Look) -> charts.Chart | None:
    points = [(_month_words(point), point.value) for point in line.trend]
    if not any(value is not None for _label, value in points):
        return None
    return (charts.bars if line.indicator.unit == COUNT else charts.line)(points, look)


def _month_words(point: Point) -> str:
    return _("%(n)s月", n=point.on.month)


def _aim(line: Line) -> dict[str, Any]:
    """A year's count is no measure for a month; of several plans the strictest rate is drawn."""
    is_share = line.indicator.unit == RATE
    asked = [standing.target for standing in line.standings if is_share and standing.target.comparator == "at_least"]
    return {"is_share": is_share, "target": max((target.value for target in asked), default=None)}
