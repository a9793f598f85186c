"""Reading cases and the reports of building heads. A report whose day has come is not there, deleted yet or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from grid.accounts.models import Patch, Scope, User, in_force
from grid.cases.models import Case, VisitorReport
from grid.core.clock import today
from grid.core.db import Found, db
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Building, Community, Household
from grid.visits.queries import CLIMB, Scoped

# Shown of a list on 今天. One more is asked for, so that it can say that there are more.
SHOWN = 50
MINE = 20
MOST_REPORTS = 200


class Room(NamedTuple):
    """A door as its building head may know it: where it is, and nothing of who lives there."""

    building: str
    unit_no: int
    floor: int
    room: str

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.building}:{self.unit_no}-{self.room}"


@dataclass(frozen=True)
class Wing:
    """A unit: its floors from the top down, each with its rooms. `no` is 0 where a building has no units."""

    no: int
    floors: tuple[tuple[int, tuple[Room, ...]], ...]

    @property
    def widest(self) -> int:
        """The most rooms on one floor."""
        return max(len(rooms) for _floor, rooms in self.floors)


@dataclass(frozen=True)
class House:
    """A building with the doors that its head may report about."""

    public_id: str
    no: str
    estate: str | None
    labels: dict[str, str]
    wings: tuple[Wing, ...]


def houses(scope: Scope) -> list[House]:
    """The buildings in scope with their doors by number, in one statement."""
    found = db.session.execute(
        select(
            Building.public_id,
            Building.no,
            Building.estate,
            Community.labels,
            Household.unit_no,
            Household.floor,
            Household.room,
        )
        .join(Community, Community.id == Building.community_id)
        .outerjoin(Household, and_(Household.building_id == Building.id, Household.deleted_at.is_(None)))
        .where(scope.covers(Building.community_id, Building.id))
        .order_by(Building.no_order, Building.no, Household.unit_no, Household.floor.desc(), Household.room)
    ).all()
    return [_house(list(rows)) for _id, rows in groupby(found, key=lambda row: row[0])]


def _house(rows: Sequence[Found]) -> House:
    public_id, no, estate, labels = rows[0][:4]
    rooms = [Room(public_id, *row[4:]) for row in rows if row[6] is not None]
    return House(public_id, no, estate, labels, tuple(_wings(rooms)))


def _wings(rooms: Sequence[Room]) -> Iterator[Wing]:
    for no, of_unit in groupby(rooms, key=lambda room: room.unit_no):
        yield Wing(no, tuple((floor, tuple(there)) for floor, there in groupby(of_unit, key=lambda room: room.floor)))


class Spot(NamedTuple):
    """Where something was seen: a building, and the door if it is known."""

    community_id: int
    building_id: int
    household_id: int | None


def spot_or_404(scope: Scope, building: str, unit_no: int | None, room: str | None) -> Spot | None:
    """A spot in one of the buildings in scope; None where that building has no such door."""
    found = db.session.execute(select(Building.community_id, Building.id).where(Building.public_id == building)).first()
    if found is None or not scope.allows(found[0], found[1]):
        raise Missing
    if room is None:
        return Spot(found[0], found[1], None)
    household_id = db.session.scalar(
        select(Household.id).where(
            Household.building_id == found[1],
            Household.unit_no == unit_no,
            Household.room == room,
            Household.deleted_at.is_(None),
        )
    )
    return Spot(found[0], found[1], household_id) if household_id is not None else None


def report_days(community_id: int) -> int:
    """After how many days a report is deleted."""
    return db.session.scalar(select(Community.report_days).where(Community.id == community_id)) or 30


_mine = Prepared(
    select(
        VisitorReport.public_id,
        VisitorReport.kind,
        Building.no,
        Community.labels,
        Household.unit_no,
        Household.room,
        VisitorReport.seen_at,
        VisitorReport.state,
        VisitorReport.case_id,
        VisitorReport.result,
    )
    .join(Building, Building.id == VisitorReport.building_id)
    .join(Community, Community.id == VisitorReport.community_id)
    .outerjoin(Household, Household.id == VisitorReport.household_id)
    .where(
        VisitorReport.reporter_id == bindparam("reporter_id"),
        VisitorReport.purge_on > bindparam("day"),
        or_(
            VisitorReport.community_id.in_(bindparam("communities", expanding=True)),
            VisitorReport.building_id.in_(bindparam("buildings", expanding=True)),
        ),
    )
    .order_by(VisitorReport.reported_at.desc(), VisitorReport.id.desc())
    .limit(bindparam("most"))
)


def reports_of(scope: Scope, reporter_id: int, day: date) -> Sequence[tuple[Any, ...]]:
    """What a head reported last from buildings still in scope, newest first, with what became of it."""
    return _mine.rows(
        reporter_id=reporter_id, day=day, communities=scope.communities, buildings=scope.buildings, most=MINE
    )


_report = (
    VisitorReport.public_id,
    VisitorReport.kind,
    Building.no,
    Building.estate,
    Household.code,
    VisitorReport.seen_at,
    VisitorReport.headcount,
    VisitorReport.facts,
    User.name,
)


def _reports_in_scope(*columns: Any, wanted: Any) -> Any:
    return (
        select(*columns)
        .select_from(VisitorReport)
        .join(Building, Building.id == VisitorReport.building_id)
        .join(User, User.id == VisitorReport.reporter_id)
        .outerjoin(Household, Household.id == VisitorReport.household_id)
        .where(
            wanted,
            VisitorReport.purge_on > bindparam("day"),
            or_(
                VisitorReport.community_id.in_(bindparam("communities", expanding=True)),
                VisitorReport.building_id.in_(bindparam("buildings", expanding=True)),
            ),
        )
        .limit(bindparam("most"))
    )


_newest = VisitorReport.reported_at.desc(), VisitorReport.id.desc()
_waiting = Prepared(_reports_in_scope(*_report, wanted=VisitorReport.state == "waiting").order_by(*_newest))
_progress = case({"waiting": 0, "verified": 1, "turned": 2}, value=VisitorReport.state, else_=3)
_every = Prepared(
    _reports_in_scope(*_report, VisitorReport.state, wanted=VisitorReport.id > 0).order_by(_progress, *_newest)
)


def waiting_reports(scope: Scope, day: date) -> Sequence[tuple[Any, ...]]:
    """Reports nobody has looked into yet, newest first; one more than SHOWN where there are more.

    public id, kind, building, estate, door's code or None, seen at, headcount, facts, who reported.
    """
    return _waiting.rows(day=day, communities=scope.communities, buildings=scope.buildings, most=SHOWN + 1)


def reports(scope: Scope, day: date) -> Sequence[tuple[Any, ...]]:
    """All that are left, the waiting first; the same columns, and the state."""
    return _every.rows(day=day, communities=scope.communities, buildings=scope.buildings, most=MOST_REPORTS)


@dataclass(frozen=True)
class ReportFile:
    """One report with where it was seen, who reported and who handled it."""

    report: VisitorReport
    building: Building
    household: Household | None
    reporter: str
    handler: str | None
    case: Case | None


_Handler = aliased(User)


def report_or_404(scope: Scope, public_id: str, day: date) -> ReportFile:
    found = db.session.execute(
        select(VisitorReport, Building, Household, User.name, _Handler.name, Case)
        .join(Building, Building.id == VisitorReport.building_id)
        .join(User, User.id == VisitorReport.reporter_id)
        .outerjoin(_Handler, _Handler.id == VisitorReport.handler_id)
        .outerjoin(Household, Household.id == VisitorReport.household_id)
        .outerjoin(Case, Case.id == VisitorReport.case_id)
        .where(VisitorReport.public_id == public_id, VisitorReport.purge_on > day)
    ).first()
    if found is None or not scope.allows(found[0].community_id, found[0].building_id):
        raise Missing
    return ReportFile(*found)


def expired(day: date) -> list[tuple[int, int]]:
    """The communities with reports whose day has come, and how many."""
    counted = (
        select(VisitorReport.community_id, func.count())
        .where(VisitorReport.purge_on <= day)
        .group_by(VisitorReport.community_id)
        .order_by(VisitorReport.community_id)
    )
    return [(community_id, n) for community_id, n in db.session.execute(counted)]


def looking_after(community_id: int, building_id: int | None, day: date) -> list[tuple[int, str, str]]:
    """Who may own a case there: id, public id and name of workers and administrators with a patch that covers it.

    What lies in no building may be anybody's who works in the community.
    """
    found = db.session.execute(_covering(community_id, building_id, day).order_by(User.role.desc(), User.name, User.id))
    return [(id_, public_id, name) for id_, public_id, name, _role in found]


def looks_after(user_id: int, community_id: int, building_id: int | None, day: date) -> bool:
    wanted = _covering(community_id, building_id, day).where(User.id == user_id)
    return db.session.execute(wanted.limit(1)).first() is not None


def _covering(community_id: int, building_id: int | None, day: date) -> Any:
    there = or_(
        Patch.building_id == building_id,
        and_(Patch.building_id.is_(None), or_(Patch.block_id.is_(None), Patch.block_id == _block_of(building_id))),
    )
    return (
        select(User.id, User.public_id, User.name, User.role)
        .join(Patch, Patch.user_id == User.id)
        .where(
            User.role.in_(("administrator", "grid_worker")),
            User.is_active,
            in_force(day),
            Patch.community_id == community_id,
            true() if building_id is None else there,
        )
        .distinct()
    )


def _block_of(building_id: int | None) -> Any:
    return select(Building.block_id).where(Building.id == building_id).scalar_subquery()


# Whoever looks after a case holds a patch with its building today, or any in the community where it lies in no
# building: beside Case and Building.
_is_held = exists().where(
    Patch.user_id == Case.owner_id,
    User.id == Case.owner_id,
    User.is_active,
    in_force(bindparam("day")),
    Patch.community_id == Case.community_id,
    or_(
        Case.building_id.is_(None),
        Patch.building_id == Case.building_id,
        and_(Patch.building_id.is_(None), or_(Patch.block_id.is_(None), Patch.block_id == Building.block_id)),
    ),
)
# One's own, and those whose owner left: what nobody holds is shown to all who could take it up.
_LOOKED_AFTER = or_(Case.owner_id == bindparam("user_id"), ~_is_held)
_OPEN_OF = (Case.closed_on.is_(None), _LOOKED_AFTER)
_TO_REVISIT = Case.revisit_on <= bindparam("day")
# Beside what lies in the buildings of somebody: what was given to them and lies in none.
_GIVEN = and_(
    Case.building_id.is_(None),
    Case.owner_id == bindparam("user_id"),
    Case.community_id.in_(bindparam("seen", expanding=True)),
)
_open_of = Scoped(
    select(
        Case.public_id,
        Case.no,
        Case.type,
        Case.content,
        Case.due_on,
        Household.public_id.label("household"),
        Household.code,
        Building.no.label("building"),
        Case.place,
        Case.revisit_on,
        Case.closed_on,
    )
    .outerjoin(Building, Building.id == Case.building_id)
    .outerjoin(Household, Household.id == Case.household_id)
    .where(or_(Case.closed_on.is_(None), _TO_REVISIT), _LOOKED_AFTER)
    .order_by(Case.closed_on.is_not(None), Case.due_on.is_(None), Case.due_on, Case.id)
    .limit(bindparam("most")),
    of=Case,
    also=_GIVEN,
)


def open_cases_of(scope: Scope, user_id: int) -> Sequence[tuple[Any, ...]]:
    """What somebody has to look after: the overdue first, then by day, those without a day last.

    With what lies in their scope and has lost its owner; one more than SHOWN where there are more.

    Closed ones come back on the day of their revisit.

    public id, no, type, content, due on, household's public id and code or None, building or None, place, revisit
    on, closed on.
    """
    given = {"user_id": user_id, "day": today(), "seen": scope.seen_communities}
    return _open_of.rows(scope, most=SHOWN + 1, **given)


_due = Scoped(
    select(*CLIMB, Household.building_id, Case.due_on)
    .select_from(Case)
    .join(Household, Household.id == Case.household_id)
    .join(Building, Building.id == Case.building_id)
    .where(*_OPEN_OF, Case.due_on <= bindparam("until"), Household.deleted_at.is_(None)),
    of=Case,
)


def cases_due(scope: Scope, user_id: int, until: date) -> Sequence[tuple[Any, ...]]:
    """The same of a household, due by a day: climb, building, day."""
    return _due.rows(scope, user_id=user_id, day=today(), until=until)
