"""What a visit roster is compared with: who lived where, who may have gone, and which visits are there already."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select

from grid.accounts.models import Patch, User
from grid.core.db import db
from grid.register.models import Person, Residency
from grid.visits.models import Visit, VisitPerson


@dataclass(frozen=True)
class Dweller:
    """Somebody behind a door, now or once."""

    person_id: int
    public_id: str
    name: str
    household_id: int
    from_on: date | None
    to_on: date | None
    birth: date | None

    def lived_there(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True)
class Made:
    """A visit that is recorded already."""

    people: frozenset[int]
    content: str


# A door, a minute and a kind of visit.
Slot = tuple[int, datetime, str]


@dataclass
class Visited:
    """`workers`: ids by name, where one account alone has it."""

    by_name: dict[str, list[Dweller]] = field(default_factory=lambda: defaultdict(list))
    by_door: dict[int, list[Dweller]] = field(default_factory=lambda: defaultdict(list))
    workers: dict[str, int] = field(default_factory=dict)
    made: dict[Slot, list[Made]] = field(default_factory=lambda: defaultdict(list))


def visited(community_id: int, period: tuple[datetime, datetime] | None) -> Visited:
    """By five statements, however long the roster."""
    found = Visited()
    _add_dwellers(found, community_id)
    found.workers = _workers(community_id)
    if period:
        _add_made(found, community_id, *period)
    return found


def slot(household_id: int, at: datetime, kind: str) -> Slot:
    """Rosters tell the minute, phones the second."""
    return household_id, at.replace(second=0, microsecond=0), kind


def _add_dwellers(found: Visited, community_id: int) -> None:
    rows = db.session.execute(
        select(
            Person.id,
            Person.public_id,
            Person.name,
            Residency.household_id,
            Residency.from_on,
            Residency.to_on,
            Person.birth,
        )
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.community_id == community_id, Person.deleted_at.is_(None))
        .order_by(Residency.id)
    )
    for row in rows:
        one = Dweller(*row)
        found.by_name[one.name].append(one)
        found.by_door[one.household_id].append(one)


def _workers(community_id: int) -> dict[str, int]:
    """Whoever works or once worked here: a roster tells of last spring."""
    ids = defaultdict(list)
    for id_, name in db.session.execute(
        select(User.id, User.name).where(
            or_(User.role == "grid_worker", User.role == "administrator"),
            User.id.in_(select(Patch.user_id).where(Patch.community_id == community_id)),
        )
    ):
        ids[name].append(id_)
    return {name: some[0] for name, some in ids.items() if len(some) == 1}


def _add_made(found: Visited, community_id: int, first: datetime, last: datetime) -> None:
    here = (Visit.community_id == community_id, Visit.at >= first, Visit.at <= last, Visit.deleted_at.is_(None))
    met = defaultdict(set)
    for visit_id, person_id in db.session.execute(
        select(VisitPerson.visit_id, VisitPerson.person_id).join(Visit, Visit.id == VisitPerson.visit_id).where(*here)
    ):
        met[visit_id].add(person_id)
    for id_, household_id, at, kind, content in db.session.execute(
        select(Visit.id, Visit.household_id, Visit.at, Visit.kind, Visit.content).where(*here).order_by(Visit.id)
    ):
        found.made[slot(household_id, at, kind)].append(Made(frozenset(met[id_]), content or ""))


def someone_in_charge(community_id: int) -> int | None:
    """Whose name an import from the command line stands under: an administrator of the community, else any."""
    holds = User.id.in_(select(Patch.user_id).where(Patch.community_id == community_id))
    ids: Sequence[int] = db.session.scalars(
        select(User.id).where(User.role == "administrator", User.is_active).order_by(holds.desc(), User.id).limit(1)
    ).all()
    return ids[0] if ids else None
