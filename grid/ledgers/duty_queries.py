"""The year plan: each duty with its periods, and which of them are done, due, late or still ahead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from sqlalchemy import select

from grid.accounts.models import Scope, User
from grid.core.db import db
from grid.core.periods import period_of
from grid.core.refusals import Missing
from grid.ledgers.duty_counting import Event, events, fits
from grid.ledgers.models import DutyTick, YearDuty

STATES = ("done", "due", "late", "ahead")
# A stretch of days longer than this is shown across the months it touches, a shorter one in the month it ends in.
LONG = timedelta(days=31)


@dataclass(frozen=True)
class Tick:
    """Somebody said that it was done."""

    on: date
    by: str
    by_id: int
    note: str


@dataclass(frozen=True)
class Turn:
    """One period of a duty: what counts in it, out of how often it must be done."""

    start: date
    end: date
    name: str
    times: int
    events: tuple[Event, ...]
    tick: Tick | None
    today: date

    @property
    def count(self) -> int:
        """How often it was done; the same thing twice counts once."""
        if any(event.is_whole for event in self.events):
            return self.times
        once = {event.same for event in self.events if event.same is not None}
        return len(once) + sum(event.n for event in self.events if event.same is None) + (self.tick is not None)

    @property
    def state(self) -> str:
        if self.count >= self.times or self.tick:
            return "done"
        if self.start > self.today:
            return "ahead"
        return "due" if self.end >= self.today else "late"


@dataclass(frozen=True)
class Cell:
    """The periods of a duty that stand in the months from `first` to `last`; none where nothing is to be done."""

    first: int
    last: int
    turns: tuple[Turn, ...]

    @property
    def span(self) -> int:
        return self.last - self.first + 1

    @property
    def state(self) -> str:
        states = {turn.state for turn in self.turns}
        for state in ("late", "due"):
            if state in states:
                return state
        # Some weeks of the month done, the others to come.
        return "due" if states == {"done", "ahead"} else next(iter(states), "")

    @property
    def count(self) -> str:
        """2/1 of one period; of several how many of them are done."""
        if len(self.turns) == 1:
            return f"{self.turns[0].count}/{self.turns[0].times}"
        return f"{sum(turn.state == 'done' for turn in self.turns)}/{len(self.turns)}"

    @property
    def name(self) -> str:
        return "、".join(turn.name for turn in self.turns if turn.name)


@dataclass(frozen=True)
class Line:
    """A duty across the year."""

    duty: YearDuty
    turns: tuple[Turn, ...]

    @property
    def late(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.state == "late"]

    @property
    def done(self) -> int:
        return sum(turn.state == "done" for turn in self.turns)

    @cached_property
    def cells(self) -> list[Cell]:
        """From January to December without a gap."""
        return list(_filled(self.turns, self.duty.year))

    def at(self, month: int) -> Cell | None:
        """What stands in a month; None where nothing is to be done."""
        return next((cell for cell in self.cells if cell.turns and cell.first <= month <= cell.last), None)


def duties(community_id: int, year: int) -> list[YearDuty]:
    return list(
        db.session.scalars(
            select(YearDuty)
            .where(YearDuty.community_id == community_id, YearDuty.year == year, YearDuty.deleted_at.is_(None))
            .order_by(YearDuty.id)
        )
    )


def duty_or_404(scope: Scope, public_id: str) -> YearDuty:
    """A duty of a community that the scope touches: it tells nothing about anybody."""
    found = db.session.scalar(select(YearDuty).where(YearDuty.public_id == public_id, YearDuty.deleted_at.is_(None)))
    if found is None or not scope.touches(found.community_id):
        raise Missing
    return found


def own_duty_or_404(scope: Scope, public_id: str) -> YearDuty:
    """One that may be changed: the whole community is in scope."""
    found = duty_or_404(scope, public_id)
    if not scope.allows(found.community_id):
        raise Missing
    return found


def year_plan(community_id: int, year: int, today: date) -> list[Line]:
    return lines(duties(community_id, year), today)


def lines(found: Sequence[YearDuty], today: date) -> list[Line]:
    """Duties of one community with all that counts for them: a statement per kind of row, however many duties."""
    if not found:
        return []
    spans = {duty.id: list(_spans(duty)) for duty in found}
    days = [day for of_duty in spans.values() for start, end, _name in of_duty for day in (start, end)]
    specs = [duty.counted for duty in found if duty.counted]
    there = events(found[0].community_id, specs, min(days), max(days)) if days else {}
    ticks = _ticks([duty.id for duty in found if not duty.counted])
    return [Line(duty, tuple(_turns(duty, spans[duty.id], there, ticks, today))) for duty in found]


def _turns(
    duty: YearDuty,
    spans: Sequence[tuple[date, date, str]],
    there: Mapping[str, Sequence[Event]],
    ticks: Mapping[tuple[int, date], Tick],
    today: date,
) -> Iterator[Turn]:
    spec = duty.counted or {}
    of_duty = there.get(spec.get("of", ""), ())
    by_day = {day: list(here) for day, here in groupby(sorted(of_duty, key=lambda e: e.day), key=lambda e: e.day)}
    for start, end, name in spans:
        here = tuple(e for day in by_day if start <= day <= end for e in by_day[day] if fits(spec, e, name))
        yield Turn(start, end, name, duty.times, here, ticks.get((duty.id, start)), today)


def _ticks(ids: Sequence[int]) -> dict[tuple[int, date], Tick]:
    if not ids:
        return {}
    found = db.session.execute(
        select(DutyTick, User.name).join(User, User.id == DutyTick.by_id).where(DutyTick.duty_id.in_(ids))
    )
    return {(tick.duty_id, tick.period_on): Tick(tick.on, name, tick.by_id, tick.note or "") for tick, name in found}


def _spans(duty: YearDuty) -> Iterator[tuple[date, date, str]]:
    """The periods in which a duty is to be done, in order: first day, last day, name."""
    if duty.rhythm == "dates":
        for start, end, name in sorted(duty.dates or ()):
            yield date.fromisoformat(start), date.fromisoformat(end), name
        return
    year = period_of("year", date(duty.year, 1, 1))
    if duty.rhythm == "year":
        yield year.start, year.end, ""
        return
    for start, end in _parts(duty.rhythm, duty.year):
        if not duty.months or start.month in duty.months:
            yield start, end, ""


def _parts(rhythm: str, of: int) -> Iterator[tuple[date, date]]:
    year = period_of("year", date(of, 1, 1))
    if rhythm == "day":
        for n in range((year.end - year.start).days + 1):
            yield year.start + timedelta(days=n), year.start + timedelta(days=n)
    elif rhythm == "two_months":
        months = year.parts("month")
        yield from ((months[n].start, months[n + 1].end) for n in range(0, 12, 2))
    else:
        yield from ((part.start, part.end) for part in year.parts(rhythm))


def _months(turn: Turn, rhythm_year: int) -> tuple[int, int]:
    """From which column to which a period stands."""
    first, last = date(rhythm_year, 1, 1), date(rhythm_year, 12, 31)
    start, end = min(max(turn.start, first), last), max(min(turn.end, last), first)
    if turn.end - turn.start < timedelta(days=7):
        # A week belongs to the month of its Monday.
        return start.month, start.month
    return (start.month if turn.end - turn.start > LONG else end.month), end.month


def _filled(turns: Sequence[Turn], year: int) -> Iterator[Cell]:
    groups: list[tuple[int, int, list[Turn]]] = []
    for turn in turns:
        first, last = _months(turn, year)
        if groups and first <= groups[-1][1]:
            before = groups.pop()
            groups.append((before[0], max(before[1], last), [*before[2], turn]))
        else:
            groups.append((first, last, [turn]))
    month = 1
    for first, last, here in groups:
        yield from (Cell(gap, gap, ()) for gap in range(month, first))
        yield Cell(first, last, tuple(here))
        month = last + 1
    yield from (Cell(gap, gap, ()) for gap in range(month, 13))
