"""指标: one small function gives the rows; figures, blocks, workers and drill-down all follow from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CTE, Date, Integer, Select, and_, case, func, literal, null, select, union_all

from grid.core.clock import now
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of
from grid.ledgers.indicators.holidays import holidays

RATE, COUNT = "rate", "count"
THEME_MONTHS = 10


class Stretch(NamedTuple):
    """From a day to a day, both included, in which something is due once."""

    start: date
    end: date


@dataclass(frozen=True)
class Frame:
    """The period whose rows are asked for, and the day on which somebody asks."""

    period: Period
    today: date

    @property
    def end(self) -> date:
        """Up to which day rows can be there."""
        return min(self.period.end, self.today)

    def holds(self, moment: Any) -> Any:
        """The condition that a moment lies in the period."""
        start, end = self.period.moments
        return and_(moment >= start, moment < end, moment <= now())

    def holds_day(self, day: Any) -> Any:
        return day.between(self.period.start, self.end)


Rows = Callable[[Frame], Select[Any]]


@dataclass(frozen=True)
class Indicator:
    """A number of the plans. `rows` is None where somebody has to type the figure."""

    key: str
    title: str
    unit: str
    formula: str
    rows: Rows | None = None
    # What a row is: the drill-down's titles and links come from it (drill.py). None: the rows are shown to nobody.
    of: str | None = None
    # Rows with a numerator only: so much (people, weighted doors) they are a share of.
    base: Rows | None = None
    # Of a whole community, without anything private: a grid worker counts all of them.
    is_shared: bool = False
    # Each row has a day, so months can be compared.
    is_dated: bool = True
    # Counted are the weeks (nights, months …) in which there is a row.
    every: str | None = None
    # What is counted, for the words of a gap.
    noun: str = N_("件")
    # Why nobody sees the rows.
    hidden: str | None = None

    @property
    def is_typed(self) -> bool:
        return self.rows is None


INDICATORS: dict[str, Indicator] = {}


def indicator(key: str, title: str, unit: str, formula: str, **more: Any) -> Callable[[Rows], Rows]:
    """`@indicator("filed", N_("一户一档率"), RATE, N_("…"), of="household")` above the function that gives its rows."""

    def keep(rows: Rows) -> Rows:
        INDICATORS[key] = Indicator(key, title, unit, formula, rows, **more)
        return rows

    return keep


def typed(key: str, title: str, unit: str, formula: str, **more: Any) -> None:
    """A figure that comes from elsewhere and is typed in."""
    INDICATORS[key] = Indicator(key, title, unit, formula, **more)


def one_if(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def rows(
    id_: Any,
    community_id: Any,
    building_id: Any = None,
    worker_id: Any = None,
    met: Any = 1,
    n: Any = 1,
    day: Any = None,
) -> Select[Any]:
    """The columns every indicator's rows have. A row is met where `met` reaches `n`."""
    return select(
        _int(id_).label("id"),
        _int(community_id).label("community_id"),
        _int(building_id).label("building_id"),
        _int(worker_id).label("worker_id"),
        _int(met).label("met"),
        _int(n).label("n"),
        (null().cast(Date) if day is None else day).label("day"),
    )


def _int(value: Any) -> Any:
    if value is None:
        return null().cast(Integer)
    return literal(value, Integer) if isinstance(value, int) else value


def calendar(every: str, frame: Frame) -> CTE:
    """The stretches that have begun as a table: start, end, is_over. For what is due of everybody in each of them."""
    lines = [
        select(
            literal(part.start, Date).label("start"),
            literal(part.end, Date).label("end"),
            literal(int(part.end <= frame.today), Integer).label("is_over"),
        )
        for part in stretches(every, frame.period)
        if part.start <= frame.today
    ]
    nothing = select(null().cast(Date).label("start"), null().cast(Date).label("end"), literal(0).label("is_over"))
    return (union_all(*lines) if lines else nothing.where(literal(1) == 0)).cte(f"each_{every}")


def stretch_of(every: str, day: date) -> Stretch:
    """The week (night, two months …) in which a day lies."""
    if every == "night":
        return Stretch(day, day)
    if every == "two_months":
        first = period_of("month", date(day.year, day.month - (day.month + 1) % 2, 1))
        return Stretch(first.start, first.after.end)
    period = period_of("month" if every == "theme_month" else every, day)
    return Stretch(period.start, period.end)


def stretches(every: str, period: Period) -> list[Stretch]:
    """Those that begin in a period; a week belongs to the month of its Monday."""
    if every == "holiday":
        return [Stretch(day, day) for day, _key in holidays(period.start, period.end)]
    found = stretch_of(every, period.start)
    all_: list[Stretch] = []
    while found.start <= period.end:
        if found.start >= period.start and (every != "theme_month" or found.start.month <= THEME_MONTHS):
            all_.append(found)
        found = stretch_of(every, found.end + timedelta(days=1))
    return all_


def widened(indicator: Indicator, period: Period) -> Period:
    """A month is too short for what is due once a quarter: then the quarter is counted. Weeks are counted whole."""
    if indicator.every == "week":
        return whole_weeks(period)
    if indicator.every not in ("quarter", "two_months") or period.kind in ("quarter", "year"):
        return period
    return Period(period.kind, stretch_of(indicator.every, period.start).start, period.end)


def whole_weeks(period: Period) -> Period:
    """From its first Monday to the Sunday after its last one."""
    weeks = stretches("week", period)
    return Period(period.kind, weeks[0].start, weeks[-1].end)


def kept(every: str, period: Period, days: Sequence[date], today: date) -> tuple[int, int]:
    """In how many stretches something was done, of how many: those that are over, and the present one once it is."""
    done = set(days) if every == "holiday" else {stretch_of(every, day).start for day in days}
    due = [part for part in stretches(every, period) if part.end <= today or part.start in done]
    return sum(part.start in done for part in due), len(due)


def distinct_buildings(condition: Any, building_id: Any) -> Any:
    return func.count(case((condition, building_id)).distinct())


EVERY_WORDS = {
    "night": N_("个晚上"),
    "week": N_("周"),
    "month": N_("个月"),
    "two_months": N_("次"),
    "quarter": N_("个季度"),
    "holiday": N_("个节日"),
    "theme_month": N_("个月"),
}


def counted_noun(indicator: Indicator) -> str:
    return _(EVERY_WORDS[indicator.every] if indicator.every else indicator.noun)
