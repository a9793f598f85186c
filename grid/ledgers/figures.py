"""What the indicators come to: figures, what is missing to a target, trends. One statement per indicator."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select, union_all

from grid.accounts.models import Scope
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of
from grid.ledgers.indicators import COUNT, INDICATORS, RATE, Indicator
from grid.ledgers.indicators.base import Frame, counted_noun, kept, whole_weeks, widened
from grid.ledgers.models import HandFigure, Target

MET, SHORT, UNKNOWN = "met", "short", "unknown"
AT_LEAST, AT_MOST, EQUAL = "at_least", "at_most", "equal"
MONTHS = 12
# Rates are compared as they are shown, to a tenth of a percent.
TENTH = 0.0005


@dataclass(frozen=True)
class Figure:
    """A number as of a period. `value` is a share from 0 to 1, a count, or None where there was nothing to count."""

    indicator: Indicator
    period: Period
    numerator: float | None
    denominator: float | None = None
    # In how many buildings there are rows that are not met; None where that is not known.
    buildings: int | None = None
    # Of a typed figure.
    as_of: date | None = None
    origin: str | None = None

    @property
    def value(self) -> float | None:
        if self.indicator.unit == COUNT:
            return self.numerator
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None

    @property
    def text(self) -> str:
        """95.2 % or 80 人; – where there is none."""
        return value_text(self.indicator, self.value)

    @property
    def parts(self) -> str:
        """Numerator and denominator of a rate: 238 / 250."""
        if self.indicator.unit == COUNT or not self.denominator:
            return ""
        return f"{_number(self.numerator or 0)} / {_number(self.denominator)}"


@dataclass(frozen=True)
class Standing:
    """A figure against what one plan asks."""

    target: Target
    state: str
    # What is missing, as one would say it; '' where nothing is.
    gap: str
    # 0 where it is reached, else how far it is, as a share of what is asked.
    distance: float
    # A year's count cannot be judged by a month.
    is_comparable: bool = True

    @property
    def asked(self) -> str:
        return asked_words(self.target)


class Point(NamedTuple):
    """A month of a trend: its first day, and the value or None."""

    on: date
    value: float | None


@dataclass(frozen=True)
class Line:
    """An indicator on the dashboard and in reports: its figure, every plan's target, the trend of twelve months."""

    figure: Figure
    standings: tuple[Standing, ...] = ()
    trend: tuple[Point, ...] = ()

    @property
    def indicator(self) -> Indicator:
        return self.figure.indicator

    @property
    def state(self) -> str:
        """Reached only where every plan's target is."""
        states = {standing.state for standing in self.standings}
        return next((state for state in (SHORT, UNKNOWN, MET) if state in states), UNKNOWN)

    @property
    def distance(self) -> float:
        return max((standing.distance for standing in self.standings), default=0.0)


class Tally(NamedTuple):
    """Rows of a community and a day added up; day is None where rows have none."""

    community_id: int
    day: date | None
    met: float
    n: float
    buildings: int | None


def seen(scope: Scope, indicator: Indicator, row: Any, community_id: int | None = None) -> Any:
    """Which of an indicator's rows count for somebody: shared ones are the community's, others the own buildings'."""
    in_scope = (
        row.community_id.in_(scope.seen_communities)
        if indicator.is_shared
        else scope.covers(row.community_id, row.building_id)
    )
    return in_scope if community_id is None else and_(in_scope, row.community_id == community_id)


def tallies(scope: Scope, indicator: Indicator, frame: Frame, community_id: int | None = None) -> list[Tally]:
    """All that figure and trend need, in one statement."""
    assert indicator.rows
    asked = indicator.rows(frame)
    row = (union_all(asked, indicator.base(frame)) if indicator.base else asked).subquery().c
    sums: list[Any] = [func.sum(row.met), func.sum(row.n)]
    by: list[Any] = [row.community_id]
    if indicator.is_dated:
        by.append(row.day)
    else:
        sums.append(func.count(case((row.met < row.n, row.building_id)).distinct()))
    found = db.session.execute(select(*by, *sums).where(seen(scope, indicator, row, community_id)).group_by(*by))
    if indicator.is_dated:
        return [Tally(place, day, float(met), float(n), None) for place, day, met, n in found]
    return [Tally(place, None, float(met), float(n), buildings) for place, met, n, buildings in found]


def figure(scope: Scope, indicator: Indicator, period: Period, today: date, community_id: int | None = None) -> Figure:
    """An indicator's figure in what somebody may see (and, if given, in one community only)."""
    if indicator.is_typed:
        typed = typed_figures(scope, [indicator.key], period, community_id)
        return _of_typed(indicator, period, list(typed.get(indicator.key, {}).values()))
    wide = widened(indicator, period)
    return added(
        indicator, wide, tallies(scope, indicator, Frame(wide, today), community_id), today, of(scope, community_id)
    )


def of(scope: Scope, community_id: int | None) -> tuple[int, ...]:
    """The communities that are counted."""
    return scope.seen_communities if community_id is None else (community_id,)


def by_community(scope: Scope, indicator: Indicator, period: Period, today: date) -> dict[int, Figure]:
    """The same per community, in one statement."""
    if indicator.is_typed:
        typed = typed_figures(scope, [indicator.key], period).get(indicator.key, {})
        return {place: _of_typed(indicator, period, [one]) for place, one in typed.items()}
    wide = widened(indicator, period)
    found = tallies(scope, indicator, Frame(wide, today))
    places = dict.fromkeys([*scope.seen_communities, *(tally.community_id for tally in found)])
    return {
        place: added(indicator, wide, [tally for tally in found if tally.community_id == place], today, (place,))
        for place in places
    }


def added(indicator: Indicator, period: Period, found: Iterable[Tally], today: date, places: Iterable[int]) -> Figure:
    """Tallies of a period put together. Weeks in which something was done are counted in each place for itself."""
    mine = [tally for tally in found if tally.day is None or period.start <= tally.day <= period.end]
    if indicator.every:
        counted = [
            kept(indicator.every, period, [t.day for t in mine if t.community_id == place and t.day], today)
            for place in places
        ]
        return Figure(indicator, period, sum(done for done, _due in counted), sum(due for _done, due in counted))
    numerator = sum(tally.met for tally in mine)
    if indicator.unit == COUNT:
        return Figure(indicator, period, numerator)
    buildings = None if indicator.is_dated or indicator.base else sum(tally.buildings or 0 for tally in mine)
    return Figure(indicator, period, numerator, sum(tally.n for tally in mine), buildings)


def typed_figures(
    scope: Scope, keys: Sequence[str], period: Period, community_id: int | None = None
) -> Mapping[str, Mapping[int, HandFigure]]:
    """The newest figure typed for each key and community, as of a day in the period's year up to its end."""
    places = [place for place in scope.seen_communities if community_id in (None, place)]
    found = db.session.scalars(
        select(HandFigure)
        .where(
            HandFigure.community_id.in_(places),
            HandFigure.indicator.in_(keys),
            HandFigure.as_of.between(date(period.end.year, 1, 1), period.end),
        )
        .order_by(HandFigure.as_of, HandFigure.id)
    )
    newest: dict[str, dict[int, HandFigure]] = {}
    for one in found:
        newest.setdefault(one.indicator, {})[one.community_id] = one
    return newest


def _of_typed(indicator: Indicator, period: Period, typed: Sequence[HandFigure]) -> Figure:
    if not typed:
        return Figure(indicator, period, None)
    denominators = [one.denominator for one in typed if one.denominator is not None]
    return Figure(
        indicator,
        period,
        sum(one.numerator for one in typed),
        sum(denominators) if denominators else None,
        as_of=max(one.as_of for one in typed),
        origin=typed[-1].origin,
    )


def targets(community_id: int, year: int) -> list[Target]:
    """What the plans ask of a community in a year, in the order of the plans."""
    found = db.session.scalars(
        select(Target).where(Target.community_id == community_id, Target.year == year, Target.deleted_at.is_(None))
    )
    return sorted(found, key=lambda target: (_plan_no(target.plan), target.id))


def _plan_no(plan: str) -> tuple[int, str]:
    return (int(plan), "") if plan.isdecimal() else (99, plan)


def figures_with_targets(scope: Scope, community_id: int, year: int, today: date) -> list[Line]:
    """Every indicator a plan has a target for, the widest gap first: what the dashboard and the reports show."""
    return lines(scope, community_id, period_of("year", date(year, 1, 1)), today)


def lines(scope: Scope, community_id: int, period: Period, today: date) -> list[Line]:
    """The same for any period. A month's count is not held against a year's target."""
    asked: dict[str, list[Target]] = {}
    for target in targets(community_id, period.end.year):
        if target.indicator in INDICATORS:
            asked.setdefault(target.indicator, []).append(target)
    typed = typed_figures(scope, [key for key in asked if INDICATORS[key].is_typed], period, community_id)
    found = [
        _line(scope, community_id, INDICATORS[key], period, today, targets_, typed.get(key, {}))
        for key, targets_ in asked.items()
    ]
    order = {SHORT: 0, UNKNOWN: 1, MET: 2}
    return sorted(found, key=lambda line: (order[line.state], -line.distance))


def _line(
    scope: Scope,
    community_id: int,
    indicator: Indicator,
    period: Period,
    today: date,
    asked: Sequence[Target],
    typed: Mapping[int, HandFigure],
) -> Line:
    if indicator.is_typed:
        return held(_of_typed(indicator, period, list(typed.values())), asked)
    if not indicator.is_dated:
        return held(figure(scope, indicator, period, today, community_id), asked)
    of_figure, months = figure_and_trend(scope, indicator, period, today, community_id)
    return replace(held(of_figure, asked), trend=months)


def held(of: Figure, asked: Sequence[Target], trend: tuple[Point, ...] = ()) -> Line:
    """A figure against what is asked."""
    return Line(of, tuple(standing(of, target) for target in asked), trend)


def days_of(scope: Scope, indicator: Indicator, frame: Frame, community_id: int) -> set[date]:
    """The days of an indicator's rows."""
    return {tally.day for tally in tallies(scope, indicator, frame, community_id) if tally.day}


@dataclass(frozen=True)
class StreetLine:
    """An indicator over all communities, and how many of those that have targets reach them."""

    figure: Figure
    reached: int
    asked: int

    @property
    def indicator(self) -> Indicator:
        return self.figure.indicator


def street_lines(scope: Scope, period: Period, today: date) -> list[StreetLine]:
    """For those above the communities: sums. Of what somebody has a target for; nothing of 帮教."""
    asked = _targets_by_place(scope, period.end.year)
    keys = [key for key, one in INDICATORS.items() if key in asked and not one.hidden]
    return [_street_line(scope, INDICATORS[key], period, today, asked[key]) for key in keys]


def _street_line(
    scope: Scope, indicator: Indicator, period: Period, today: date, asked: Mapping[int, Sequence[Target]]
) -> StreetLine:
    of_places = by_community(scope, indicator, period, today)
    lines_ = [held(one, asked[place]) for place, one in of_places.items() if place in asked]
    return StreetLine(
        summed(indicator, period, list(of_places.values())), sum(line.state == MET for line in lines_), len(asked)
    )


def street_line(scope: Scope, indicator: Indicator, period: Period, today: date) -> list[tuple[int, Line]]:
    """One indicator, community by community."""
    asked = _targets_by_place(scope, period.end.year).get(indicator.key, {})
    found = by_community(scope, indicator, period, today)
    return [(place, held(found[place], asked.get(place, ()))) for place in found]


def _targets_by_place(scope: Scope, year: int) -> dict[str, dict[int, list[Target]]]:
    found: dict[str, dict[int, list[Target]]] = {}
    for target in db.session.scalars(
        select(Target)
        .where(Target.community_id.in_(scope.seen_communities), Target.year == year, Target.deleted_at.is_(None))
        .order_by(Target.id)
    ):
        found.setdefault(target.indicator, {}).setdefault(target.community_id, []).append(target)
    return found


def summed(indicator: Indicator, period: Period, found: Sequence[Figure]) -> Figure:
    """Figures of several communities as one."""
    numbers = [one.numerator for one in found if one.numerator is not None]
    wholes = [one.denominator for one in found if one.denominator is not None]
    return Figure(indicator, period, sum(numbers) if numbers else None, sum(wholes) if wholes else None)


def figure_and_trend(
    scope: Scope, indicator: Indicator, period: Period, today: date, community_id: int | None = None
) -> tuple[Figure, tuple[Point, ...]]:
    """The figure, and the twelve months up to the period's end (a year's own months), from the same statement."""
    wide = widened(indicator, period)
    months = [period_of("month", period.end)]
    while len(months) < MONTHS:
        months.insert(0, months[0].before)
    if indicator.every == "week":
        months = [whole_weeks(month) for month in months]
    span = Period("year", min(months[0].start, wide.start), max(months[-1].end, wide.end))
    found = tallies(scope, indicator, Frame(span, today), community_id)
    places = of(scope, community_id)
    trend = tuple(
        Point(month.start, added(indicator, month, found, today, places).value if month.start <= today else None)
        for month in months
    )
    return added(indicator, wide, found, today, places), trend


def is_comparable(of: Figure, target: Target) -> bool:
    """A count of a month says nothing yet about a year's target; none at all (0 fires) always holds."""
    return of.indicator.unit == RATE or of.period.kind == "year" or target.comparator != AT_LEAST


def standing(of: Figure, target: Target) -> Standing:
    value = of.value
    if value is None or not is_comparable(of, target):
        return Standing(target, UNKNOWN, "", 0.0, value is None)
    tolerance = TENTH if of.indicator.unit == RATE else 0.0
    missing, beyond = target.value - value, value - target.value
    if target.comparator != AT_MOST and missing > tolerance:
        return Standing(target, SHORT, _missing_words(of, target), missing / (target.value or 1))
    if target.comparator != AT_LEAST and beyond > tolerance:
        return Standing(target, SHORT, _beyond_words(of, target), beyond / max(target.value, 1))
    return Standing(target, MET, "", 0.0)


def _missing_words(of: Figure, target: Target) -> str:
    """还差 12 户，在 3 栋."""
    if of.indicator.unit == COUNT:
        return _("还差 %(n)s %(what)s", n=_number(target.value - (of.numerator or 0)), what=counted_noun(of.indicator))
    if of.indicator.key == "complete":
        return _("还差 %(n)s 个百分点", n=_number(round(100 * (target.value - (of.value or 0)), 1)))
    rows = ceil(round(target.value * (of.denominator or 0) - (of.numerator or 0), 6))
    words = _("还差 %(n)s %(what)s", n=_number(rows), what=counted_noun(of.indicator))
    if not of.buildings:
        return words
    unmet = (of.denominator or 0) - (of.numerator or 0)
    if rows == unmet:
        return _("%(words)s，在 %(m)s 栋", words=words, m=of.buildings)
    return _(
        "%(words)s；没做到的 %(n)s %(what)s在 %(m)s 栋",
        words=words,
        n=_number(unmet),
        m=of.buildings,
        what=counted_noun(of.indicator),
    )


def _beyond_words(of: Figure, target: Target) -> str:
    if of.indicator.unit == COUNT:
        return _("多了 %(n)s %(what)s", n=_number((of.numerator or 0) - target.value), what=counted_noun(of.indicator))
    return _("高出 %(n)s 个百分点", n=_number(round(100 * ((of.value or 0) - target.value), 1)))


def value_text(indicator: Indicator, value: float | None) -> str:
    if value is None:
        return "–"
    if indicator.unit == RATE:
        # 99.96 % of all doors are not all doors.
        shown = round(100 * value, 1)
        return f"{_number(99.9 if shown == 100 and value < 1 else shown)} %"
    return f"{_number(value)} {counted_noun(indicator)}"


def asked_words(target: Target) -> str:
    """≥ 95 %, ≤ 0 起, = 100 %."""
    sign = {AT_LEAST: "≥", AT_MOST: "≤", EQUAL: "="}[target.comparator]
    return f"{sign} {value_text(INDICATORS[target.indicator], target.value)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
