"""Puts together who is due and why: rules of contact, promises, permits, and doors where nobody was met for long."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select

from grid.accounts.models import Me, Scope
from grid.cases import queries as cases
from grid.core.clock import ZONE
from grid.core.paging import Page, offset
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Block, Building, Community, Floating, Household, Person, Residency
from grid.tags.floating_queries import AHEAD
from grid.today.models import Ask, Group, House, Line, Reason, Step, Today
from grid.today.words import chip, found_at
from grid.visits import queries as visits
from grid.visits.contact_rules import (
    CONTACT_AHEAD,
    DUE,
    EARLY,
    OVERDUE,
    PROMISE_AHEAD,
    UNVISITED_AHEAD,
    lateness,
    next_contact,
)

SIZE = 60
RANK = {OVERDUE: 0, DUE: 1, EARLY: 2}
# A door's place in the climb ends with its id; then comes its building.
PLACE = len(visits.CLIMB)
DOOR = PLACE + 1
# What somebody waits for goes before what is due by itself.
KINDS = ("promise", "case", "contact", "permit", "unvisited", "never")

# The features above say here what waits for a reader.
asks: list[Callable[[Me], Sequence[Ask]]] = []

Why = tuple[tuple[Any, ...], Reason]


class Climb(NamedTuple):
    """Every step of a reader's day: what is overdue or due, and what lies ahead."""

    now: Sequence[Step]
    ahead: Sequence[Step]
    houses: Mapping[int, House]

    def inside(self, house: House) -> "Climb":
        """The part of it in one building."""
        now, ahead = ([s for s in steps if s.building_id == house.id] for steps in (self.now, self.ahead))
        return Climb(now, ahead, self.houses)


def today_of(scope: Scope, user_id: int, day: date, restricted: bool = False) -> Today:
    """All of it at once, without pages: what the phone takes along, where restricted tags do not go."""
    climb = _climb(scope, user_id, day, restricted)
    return _today(climb, (climb.now, climb.ahead), user_id, day)


def page_of_today(scope: Scope, user_id: int, day: date, number: int = 1, building: str = "") -> Today:
    """One page of it, of all buildings or of one; rules of restricted tags count here too."""
    climb = _climb(scope, user_id, day, restricted=True)
    shown = climb.inside(_house_or_404(climb.houses, building)) if building else climb
    begin, now = offset(number, SIZE), len(shown.now)
    steps = [*shown.now, *shown.ahead][begin : begin + SIZE]
    page = Page(tuple(steps), max(1, number), now + len(shown.ahead), SIZE)
    left = max(0, now - begin)
    return _today(climb, (steps[:left], steps[left:]), user_id, day, page, ahead_from=len(climb.now) // SIZE + 1)


def _house_or_404(houses: Mapping[int, House], public_id: str) -> House:
    found = next((house for house in houses.values() if house.public_id == public_id), None)
    if found is None:
        raise Missing
    return found


def _today(
    climb: Climb,
    shown: tuple[Sequence[Step], Sequence[Step]],
    user_id: int,
    day: date,
    page: Page[Step] | None = None,
    ahead_from: int = 1,
) -> Today:
    now, ahead = (Counter([step.building_id for step in steps]) for steps in (climb.now, climb.ahead))
    overdue = sum(1 for step in climb.now if step.reasons[0].state == OVERDUE)
    doors = _doors([step.household_id for steps in shown for step in steps])
    return Today(
        day=day,
        overdue=overdue,
        due=len(climb.now) - overdue,
        early=len(climb.ahead),
        recorded=visits.visits_recorded(user_id, datetime.combine(day, time(), ZONE)),
        now=_groups(shown[0], doors, climb.houses, now),
        ahead=_groups(shown[1], doors, climb.houses, ahead),
        houses=tuple((climb.houses[building_id], n) for building_id, n in now.items()),
        several_communities=len({house.community_id for house in climb.houses.values()}) > 1,
        page=page,
        ahead_from=ahead_from,
    )


def _groups(
    steps: Iterable[Step], doors: Mapping[int, Any], houses: Mapping[int, House], counts: Mapping[int, int]
) -> tuple[Group, ...]:
    return tuple(
        Group(
            houses[building_id], counts[building_id], tuple([_line(step, doors[step.household_id]) for step in found])
        )
        for building_id, found in groupby(steps, key=lambda step: step.building_id)
    )


def _line(step: Step, door: tuple[Any, ...]) -> Line:
    _id, public_id, code, home_hours, head = door
    asks = step.reasons[0].asks
    return Line(
        public_id,
        code,
        head,
        found_at(home_hours),
        f"?kind={asks}" if asks and asks != "visit" else "",
        tuple([chip(reason) for reason in step.reasons]),
        step.reasons,
    )


def _climb(scope: Scope, user_id: int, day: date, restricted: bool) -> Climb:
    """Each household once, with all its reasons; the same rows give the same order, however they come."""
    houses = {
        row[0]: House._make(row) for row in _houses.rows(communities=scope.communities, buildings=scope.buildings)
    }
    whys: dict[int, tuple[tuple[Any, ...], list[Reason]]] = {}
    for door, reason in _whys(scope, user_id, day, houses.values(), restricted):
        known = whys.get(door[PLACE - 1])
        if known is None:
            whys[door[PLACE - 1]] = door, [reason]
        else:
            known[1].append(reason)
    now: list[Step] = []
    ahead: list[Step] = []
    for door, reasons in sorted(whys.values(), key=itemgetter(0)):
        if len(reasons) > 1:
            reasons.sort(key=_urgency)
        step = Step(door[PLACE - 1], door[PLACE], tuple(reasons))
        (ahead if reasons[0].state == EARLY else now).append(step)
    return Climb(now, ahead, houses)


def _urgency(reason: Reason) -> tuple[int, int, int, str]:
    return RANK[reason.state], -reason.days, KINDS.index(reason.kind), reason.asks or ""


def _whys(scope: Scope, user_id: int, day: date, houses: Iterable[House], restricted: bool) -> Iterator[Why]:
    """Doors with one reason each; whoever brings another kind of reason adds a line here."""
    yield from _unvisited(scope, day, {house.community_id: house.visit_every_days for house in houses})
    yield from _promises(scope, day)
    yield from _contacts(scope, user_id if restricted else 0, day)
    yield from _cases(scope, user_id, day)
    yield from _permits(scope, day)


def _unvisited(scope: Scope, day: date, every: Mapping[int, int]) -> Iterator[Why]:
    """By each community's own number of days; where nobody was ever met it is late already."""

    @cache
    def said(community_id: int, last: date | None) -> Reason | None:
        if last is None:
            return Reason(OVERDUE, "never", 0)
        due_on = last + timedelta(days=every[community_id])
        state = lateness(day, due_on, UNVISITED_AHEAD)
        return Reason(state, "unvisited", (day - due_on).days) if state else None

    since = day - timedelta(days=min(every.values(), default=0) - UNVISITED_AHEAD)
    for row in visits.unvisited(scope, since):
        if reason := said(row[0], row[DOOR]):
            yield row[:DOOR], reason


def _promises(scope: Scope, day: date) -> Iterator[Why]:
    """The earliest open promise to each door, whoever made it."""
    first: dict[tuple[Any, ...], date] = {}
    for row in visits.promises(scope, day + timedelta(days=PROMISE_AHEAD)):
        door, due_on = row[:DOOR], row[DOOR]
        first[door] = min(due_on, first.get(door, due_on))
    for door, due_on in first.items():
        yield door, Reason(lateness(day, due_on, PROMISE_AHEAD) or EARLY, "promise", (day - due_on).days)


def _cases(scope: Scope, user_id: int, day: date) -> Iterator[Why]:
    """The reader's own cases with a day, one reason each."""
    for row in cases.cases_due(scope, user_id, day + timedelta(days=PROMISE_AHEAD)):
        yield row[:DOOR], Reason(lateness(day, row[DOOR], PROMISE_AHEAD) or EARLY, "case", (day - row[DOOR]).days)


def _contacts(scope: Scope, in_charge: int, day: date) -> Iterator[Why]:
    """One reason for each kind of contact a household's people are due for: the latest, and for how many of them."""
    due: dict[tuple[tuple[Any, ...], str | None], list[tuple[int, int, str, int, bool]]] = {}
    for row in visits.contacts(scope, in_charge, day):
        person_id, since, from_on, every, asks, grace, restricted, last = row[DOOR:]
        due_on = next_contact(last, since, from_on, every)
        if state := lateness(day, due_on, CONTACT_AHEAD, grace):
            late = RANK[state], -(day - due_on).days, state, person_id, restricted
            due.setdefault((row[:DOOR], asks), []).append(late)
    for (door, asks), found in due.items():
        rank, early_by, state, _person, _restricted = min(found)
        people = {one[3] for one in found if one[0] == rank}
        yield door, Reason(state, "contact", -early_by, asks, len(people), any(one[4] for one in found))


def _permits(scope: Scope, day: date) -> Iterator[Why]:
    """One reason for the permits behind a door: due in the last month, overdue once they ran out."""
    ending: dict[tuple[Any, ...], list[tuple[date, str]]] = {}
    for row in _ending.rows(scope, seen=scope.seen_communities, until=day + AHEAD):
        ending.setdefault(row[:DOOR], []).append(row[DOOR:])
    for door, found in ending.items():
        first, person = min(found)
        state = OVERDUE if first < day else DUE
        people = sum(1 for expires_on, _person in found if (expires_on < day) == (first < day))
        yield door, Reason(state, "permit", (day - first).days, people=people, person=person)


_ending = visits.Scoped(
    select(*visits.CLIMB, Household.building_id, Floating.expires_on, Person.public_id)
    .select_from(Floating)
    .join(Person, Person.id == Floating.person_id)
    .join(Residency, Residency.person_id == Floating.person_id)
    .join(Household, Household.id == Residency.household_id)
    .join(Building, Building.id == Household.building_id)
    .where(
        Floating.community_id.in_(bindparam("seen", expanding=True)),
        Floating.expires_on <= bindparam("until"),
        Floating.direction == "in",
        Floating.left_on.is_(None),
        Person.deleted_at.is_(None),
        Residency.to_on.is_(None),
    )
)
_houses = Prepared(
    select(
        Building.id,
        Building.public_id,
        Building.no,
        Building.estate,
        Block.name.label("block"),
        Community.id.label("community_id"),
        Community.name,
        Community.visit_every_days,
    )
    .join(Community, Community.id == Building.community_id)
    .outerjoin(Block, Block.id == Building.block_id)
    .where(
        or_(
            Building.community_id.in_(bindparam("communities", expanding=True)),
            Building.id.in_(bindparam("buildings", expanding=True)),
        )
    )
)
_head = (
    select(func.min(Person.name))
    .join(Residency, Residency.person_id == Person.id)
    .where(Residency.household_id == Household.id, Residency.to_on.is_(None), Residency.is_head)
    .correlate(Household)
    .scalar_subquery()
)
_lines = Prepared(
    select(Household.id, Household.public_id, Household.code, Household.home_hours, _head.label("head")).where(
        Household.id.in_(bindparam("ids", expanding=True))
    )
)


def _doors(ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """What is shown of some doors, by id. Always asked for SIZE at once, so that there is one statement to compile."""
    found = {}
    for begin in range(0, len(ids), SIZE):
        some = [*ids[begin : begin + SIZE]]
        found.update({row[0]: row for row in _lines.rows(ids=some + [0] * (SIZE - len(some)))})
    return found
