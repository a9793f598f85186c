"""Reading the register: the scope comes first, and outside it there is nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import Found, db
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import (
    TAG_IS_OPEN,
    Block,
    Building,
    Community,
    Household,
    Person,
    PersonTag,
    Residency,
    Tag,
    Unit,
)


def community_or_404(scope: Scope, public_id: str) -> Community:
    found = db.session.scalar(select(Community).where(Community.public_id == public_id, Community.deleted_at.is_(None)))
    if found is None or not scope.touches(found.id):
        raise Missing
    return found


def whole_communities(scope: Scope) -> list[Community]:
    """The communities that are in scope as a whole."""
    return [one for one in communities(scope) if scope.allows(one.id)]


def whole_community_or_404(scope: Scope, public_id: str) -> Community:
    """For work on all of it: a patch of single buildings is not enough."""
    found = community_or_404(scope, public_id)
    if not scope.allows(found.id):
        raise Missing
    return found


def communities(scope: Scope) -> list[Community]:
    """All that the scope touches, in the order in which they were made."""
    return list(
        db.session.scalars(
            select(Community)
            .where(Community.id.in_(scope.seen_communities), Community.deleted_at.is_(None))
            .order_by(Community.id)
        )
    )


_community_id = Prepared(
    select(Community.id)
    .where(
        or_(bindparam("public_id") == "", Community.public_id == bindparam("public_id")),
        Community.id.in_(bindparam("seen", expanding=True)),
        Community.deleted_at.is_(None),
    )
    .order_by(Community.id)
    .limit(1)
)


def community_id_or_404(scope: Scope, public_id: str) -> int:
    """The id of a community that the scope touches; of the reader's first where none is named."""
    seen = scope.seen_communities
    if not public_id and len(seen) == 1:
        return seen[0]
    found = _community_id.row(public_id=public_id, seen=seen)
    if found is None:
        raise Missing
    return int(found[0])


def community_named(name: str) -> Community | None:
    return db.session.scalar(select(Community).where(Community.name == name, Community.deleted_at.is_(None)))


def building_or_404(scope: Scope, public_id: str) -> Building:
    found = db.session.scalar(select(Building).where(Building.public_id == public_id))
    if found is None or not scope.allows(found.community_id, found.id):
        raise Missing
    return found


def household_or_404(scope: Scope, public_id: str) -> Household:
    found = db.session.scalar(select(Household).where(Household.public_id == public_id, Household.deleted_at.is_(None)))
    if found is None or not scope.allows(found.community_id, found.building_id):
        raise Missing
    return found


def households_with(ids: Iterable[int]) -> list[Household]:
    """Doors by their numbers, whoever asks: the scope is the caller's to keep."""
    return list(db.session.scalars(select(Household).where(Household.id.in_(ids)).order_by(Household.id)))


class Door(NamedTuple):
    """What writing something down about a household needs to know of it."""

    id: int
    public_id: str
    community_id: int
    building_id: int
    code: str


_door = Prepared(
    select(Household.id, Household.public_id, Household.community_id, Household.building_id, Household.code).where(
        Household.public_id == bindparam("public_id"), Household.deleted_at.is_(None)
    )
)


def door_or_404(scope: Scope, public_id: str) -> Door:
    found = _door.row(public_id=public_id)
    if found is None or not scope.allows(found[2], found[3]):
        raise Missing
    return Door._make(found)


@dataclass(frozen=True)
class Resident:
    """Somebody with the residency that puts them behind a door."""

    person: Person
    residency: Residency


def residents(household_id: int, hold: bool = False) -> list[Resident]:
    """Who lives there now, the head first; `hold` reads them anew and keeps them from being changed by others."""
    wanted = (
        select(Residency)
        .options(joinedload(Residency.person, innerjoin=True))
        .where(Residency.household_id == household_id, Residency.to_on.is_(None))
        .order_by(Residency.is_head.desc(), Residency.relation, Residency.id)
    )
    if hold:
        wanted = wanted.with_for_update(of=Residency).execution_options(populate_existing=True)
    return [Resident(r.person, r) for r in db.session.scalars(wanted)]


def free_since(people: Sequence[int]) -> dict[int, date]:
    """By person: the first day on which they could have left where they live, or lived last, for another door."""
    last = func.max(func.coalesce(Residency.to_on, Residency.from_on))
    found = select(Residency.person_id, last).where(Residency.person_id.in_(people)).group_by(Residency.person_id)
    return {person_id: day for person_id, day in db.session.execute(found) if day is not None}


def resident_or_404(scope: Scope, public_id: str) -> Resident:
    """A person with the present residency, else the last: who moved out of the scope is outside it."""
    found = db.session.execute(
        select(Residency)
        .join(Person, Person.id == Residency.person_id)
        .join(Household, Household.id == Residency.household_id)
        .options(joinedload(Residency.person), joinedload(Residency.household))
        .where(
            Person.public_id == public_id,
            Person.deleted_at.is_(None),
        )
        .order_by(Residency.to_on.is_not(None), Residency.to_on.desc(), Residency.id.desc())
        .limit(1)
    ).scalar()
    if found is None:
        raise _missing(scope, public_id)
    if not scope.allows(found.household.community_id, found.household.building_id):
        raise Missing
    return Resident(found.person, found)


class Merged(Missing):
    """Somebody who was written twice: `public_id` is gone, what spoke of it speaks of `into` now."""

    def __init__(self, public_id: str, into: str) -> None:
        super().__init__(public_id)
        self.public_id, self.into = public_id, into


def _missing(scope: Scope, public_id: str) -> Missing:
    gone = aliased(Person)
    into = db.session.scalar(
        select(Person.public_id).join(gone, gone.merged_into_id == Person.id).where(gone.public_id == public_id)
    )
    if into is None:
        return Missing()
    try:
        resident_or_404(scope, into)
    except Merged as further:
        into = further.into
    return Merged(public_id, into)


_workers = Prepared(
    select(User.name, User.phone, Patch.duty)
    .join(Patch, Patch.user_id == User.id)
    .where(
        User.role == "grid_worker",
        User.is_active,
        in_force(bindparam("day")),
        or_(
            Patch.building_id == bindparam("building_id"),
            and_(Patch.building_id.is_(None), Patch.block_id == bindparam("block_id")),
        ),
    )
    .order_by(Patch.duty.desc(), User.name)
)


def workers_of(building_id: int, block_id: int | None, day: date) -> Sequence[tuple[Any, ...]]:
    """The grid workers of a building on a day, the one in charge first: name, phone, duty."""
    return _workers.rows(building_id=building_id, block_id=block_id, day=day)


_workers_in = Prepared(
    select(Building.id, User.name)
    .join(
        Patch,
        or_(
            Patch.building_id == Building.id,
            and_(Patch.building_id.is_(None), Patch.block_id == Building.block_id),
        ),
    )
    .join(User, User.id == Patch.user_id)
    .where(
        Building.id.in_(bindparam("buildings", expanding=True)),
        User.role == "grid_worker",
        User.is_active,
        in_force(bindparam("day")),
    )
    .order_by(Building.id, Patch.duty.desc(), User.name)
)


def workers_in(buildings: Sequence[int], day: date) -> dict[int, tuple[str, ...]]:
    """The names of the grid workers of several buildings, as `workers_of` gives them."""
    found: dict[int, tuple[str, ...]] = dict.fromkeys(buildings, ())
    for building_id, name in _workers_in.rows(buildings=tuple(buildings), day=day):
        found[building_id] += (name,)
    return found


def blocks(community_id: int) -> list[Block]:
    return list(db.session.scalars(select(Block).where(Block.community_id == community_id).order_by(Block.seq)))


def buildings(scope: Scope, community_id: int) -> list[Building]:
    """The buildings of a community that are in scope, in the order of their numbers."""
    return list(
        db.session.scalars(
            select(Building)
            .where(
                Building.community_id == community_id,
                scope.covers(Building.community_id, Building.id),
            )
            .order_by(Building.no_order, Building.no)
        )
    )


def units(building_id: int) -> list[Unit]:
    return list(db.session.scalars(select(Unit).where(Unit.building_id == building_id).order_by(Unit.no)))


def tags(community_id: int, restricted: bool = False) -> list[Tag]:
    """The tags a community defines; restricted ones, and those not for everybody, only when asked for."""
    found = select(Tag).where(Tag.community_id == community_id, Tag.deleted_at.is_(None)).order_by(Tag.id)
    return list(db.session.scalars(found if restricted else found.where(TAG_IS_OPEN)))


def tags_of(person_id: int) -> list[PersonTag]:
    return list(
        db.session.scalars(select(PersonTag).where(PersonTag.person_id == person_id, PersonTag.until.is_(None)))
    )


_register_columns = (
    Household.public_id,
    Household.code,
    Building.estate,
    Household.use,
    Household.occupancy,
    Household.n_members,
    Household.last_visit_on,
    Household.completeness,
    Household.owner_name,
)


@dataclass(frozen=True)
class RegisterFilter:
    """What the register list is narrowed to."""

    community_id: int
    block_id: int | None = None
    building_id: int | None = None
    occupancy: str | None = None
    use: str | None = None
    not_visited_since: date | None = None


def nobody_seen_since(day: date) -> Any:
    return or_(Household.last_visit_on.is_(None), Household.last_visit_on < day)


def _narrowed(scope: Scope, wanted: RegisterFilter) -> Any:
    conditions = [
        Household.community_id == wanted.community_id,
        scope.covers(Household.community_id, Household.building_id),
        Household.deleted_at.is_(None),
    ]
    if wanted.building_id is not None:
        conditions.append(Household.building_id == wanted.building_id)
    if wanted.block_id is not None:
        conditions.append(Building.block_id == wanted.block_id)
    if wanted.occupancy:
        conditions.append(Household.occupancy == wanted.occupancy)
    if wanted.use:
        conditions.append(Household.use == wanted.use)
    if wanted.not_visited_since:
        conditions.append(nobody_seen_since(wanted.not_visited_since))
    return and_(*conditions)


def households(scope: Scope, wanted: RegisterFilter, most: int, skip: int = 0) -> list[Found]:
    """One page of the register list, in the order of a walk through it."""
    return list(
        db.session.execute(
            select(*_register_columns)
            .join(Building, Building.id == Household.building_id)
            .where(_narrowed(scope, wanted))
            .order_by(Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room)
            .limit(most)
            .offset(skip)
        ).all()
    )


def count_households(scope: Scope, wanted: RegisterFilter) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Household)
            .join(Building, Building.id == Household.building_id)
            .where(_narrowed(scope, wanted))
        )
        or 0
    )


def holder_of_id(community_id: int, id_hash: str) -> tuple[Person, Household | None] | None:
    """Who in a community has this ID number already, and where they live now."""
    found = db.session.execute(
        select(Person, Household)
        .outerjoin(Residency, and_(Residency.person_id == Person.id, Residency.to_on.is_(None)))
        .outerjoin(Household, Household.id == Residency.household_id)
        .where(Person.community_id == community_id, Person.id_hash == id_hash, Person.deleted_at.is_(None))
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def household_at(community_id: int, code: str) -> Household | None:
    return db.session.scalar(
        select(Household).where(
            Household.community_id == community_id, Household.code == code, Household.deleted_at.is_(None)
        )
    )
