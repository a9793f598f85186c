"""Finding people who may be written twice: proposed, never decided."""

import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import CTE, String, and_, cast, func, or_, select, union_all
from sqlalchemy.orm import aliased

from grid.accounts.models import AuditChange, AuditEntry, Scope
from grid.core.db import db
from grid.core.i18n import N_
from grid.core.personal import keyed_hash
from grid.core.refusals import Missing
from grid.register.models import TAG_IS_OPEN, Household, KnownApart, Person, PersonTag, Residency, Tag
from grid.register.queries import Resident, resident_or_404
from grid.register.readings import readings_of

SAME_NUMBER = N_("身份证号相同")
SAME_BIRTH = N_("姓名读音、出生日期、楼栋相同")
SAME_PHONE = N_("姓名、电话、楼栋相同")
# More than so many under one number are no person written twice but a number typed for want of one.
CROWD = 8
BATCH = 500
# In no name.
PARTED = "\x1f"

Couple = tuple[int, int]


@dataclass(frozen=True)
class Somebody:
    """One of two, as the list shows them: with the door they live behind, or lived behind last."""

    person: Person
    household: Household
    lives_there: bool


@dataclass(frozen=True)
class Pair:
    """Two people who may be one; `first` is the one to keep."""

    first: Somebody
    second: Somebody
    why: tuple[str, ...] = ()


def pairs(scope: Scope, community_id: int) -> list[Pair]:
    """All pairs of a community with both doors in scope, but for those that are known to be two; by door."""
    homes, apart = _homes(scope, community_id), set(_known_apart(community_id))
    numbers = _with_one_number(community_id)
    births, phones = _with_one_birth(homes, apart), _with_one_phone(homes, apart)
    found = _somebodies(scope, {id_ for _hash, id_ in numbers}.union(*births, *phones))
    # A crowd is compared with its first: with the first in scope.
    seen = _couples(((id_hash, id_) for id_hash, id_ in numbers if id_ in found), apart)
    reasons: defaultdict[Couple, list[str]] = defaultdict(list)
    for why, couples in ((SAME_NUMBER, seen), (SAME_BIRTH, births), (SAME_PHONE, phones)):
        for couple in couples:
            reasons[couple].append(why)
    return _by_door(
        _pair(found[a], found[b], tuple(why)) for (a, b), why in reasons.items() if a in found and b in found
    )


def like(scope: Scope, public_id: str) -> Pair | None:
    """Somebody with whom `pairs` proposes one person: for whoever has just written that person down."""
    resident = resident_or_404(scope, public_id)
    one = Somebody(resident.person, resident.residency.household, resident.residency.to_on is None)
    candidates = _candidates(one)
    if not candidates:
        return None
    is_one = or_(KnownApart.first_id == one.person.id, KnownApart.second_id == one.person.id)
    is_other = or_(KnownApart.first_id == Person.id, KnownApart.second_id == Person.id)
    apart = select(KnownApart.id).where(is_one, is_other).exists()
    found = _who_are(scope, Person.id != one.person.id, Person.id.in_(union_all(*candidates)), ~apart)
    alike = [(why, another) for another in found.values() if (why := _why(one, another))]
    if not alike:
        return None
    why, another = max(alike, key=lambda found: len(found[0]))
    return _pair(one, another, why)


def _candidates(one: Somebody) -> list[Any]:
    """Ids of those who have the same number, or anything that can make two of one building alike."""
    person, other = one.person, aliased(Person)
    found: list[Any] = []
    if person.id_hash:
        found.append(select(other.id).where(other.community_id == person.community_id, other.id_hash == person.id_hash))
    same = [other.birth == person.birth] if person.birth else []
    same += [and_(other.phone == person.phone, other.name == person.name)] if person.phone else []
    if same:
        lives = select(other.id).join(Residency, Residency.person_id == other.id)
        of_building = Household.building_id == one.household.building_id
        found.append(lives.join(Household, Household.id == Residency.household_id).where(of_building, or_(*same)))
    return found


def _why(one: Somebody, another: Somebody) -> tuple[str, ...]:
    a, b = one.person, another.person
    of_building = one.household.building_id == another.household.building_id
    sounds_so = not readings_of(a.name).isdisjoint(readings_of(b.name))
    reasons = {
        SAME_NUMBER: a.id_hash and a.id_hash == b.id_hash,
        SAME_BIRTH: of_building and a.birth and a.birth == b.birth and sounds_so,
        SAME_PHONE: of_building and a.phone and (a.phone, a.name) == (b.phone, b.name),
    }
    return tuple(why for why, is_so in reasons.items() if is_so)


def told_apart(scope: Scope, community_id: int) -> list[Pair]:
    """Those of whom somebody said that they are two."""
    couples = _known_apart(community_id)
    found = _somebodies(scope, {id_ for couple in couples for id_ in couple})
    return _by_door(_pair(found[a], found[b]) for a, b in couples if a in found and b in found)


def _by_door(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (pair.first.household.id, pair.first.person.id, pair.second.person.id))


def _pair(one: Somebody, another: Somebody, why: tuple[str, ...] = ()) -> Pair:
    if how_full(another.person) > how_full(one.person):
        one, another = another, one
    return Pair(one, another, why)


def how_full(person: Person) -> tuple[bool, int, int]:
    """Sorts who should be kept last: with a number before without, then by what is filled in, then the older row."""
    filled = sum(1 for column in Person.__table__.columns if getattr(person, column.key) not in (None, ""))
    return (person.id_no is not None, filled, -person.id)


def _with_one_number(community_id: int) -> list[tuple[str | None, int]]:
    # Of the index alone first: few numbers are there twice.
    twice = (
        select(Person.id_hash)
        .where(Person.community_id == community_id, Person.id_hash.is_not(None))
        .group_by(Person.id_hash)
        .having(func.count() > 1)
    )
    found = db.session.execute(
        select(Person.id_hash, Person.id).where(
            Person.community_id == community_id, Person.id_hash.in_(twice), Person.deleted_at.is_(None)
        )
    )
    return [(id_hash, id_) for id_hash, id_ in found]


def _homes(scope: Scope, community_id: int) -> CTE:
    """Person and building of the present residency, else of the last: as register.queries.resident_or_404 says."""
    here = (Household.community_id == community_id, scope.covers(Household.community_id, Household.building_id))
    present = (
        select(Residency.person_id, Household.building_id)
        .join(Household, Household.id == Residency.household_id)
        .where(Residency.to_on.is_(None), *here)
    )
    other = aliased(Residency)
    still = select(other.id).where(other.person_id == Residency.person_id, other.to_on.is_(None)).exists()
    newest = func.row_number().over(
        partition_by=Residency.person_id, order_by=(Residency.to_on.desc(), Residency.id.desc())
    )
    left = (
        select(Residency.person_id, Residency.household_id, newest.label("nth"))
        .where(Residency.community_id == community_id, Residency.to_on.is_not(None), ~still)
        .subquery()
    )
    last = (
        select(left.c.person_id, Household.building_id)
        .join(Household, Household.id == left.c.household_id)
        .where(left.c.nth == 1, *here)
    )
    return union_all(present, last).cte("home")


def _with_one_birth(homes: CTE, apart: Container[Couple]) -> set[Couple]:
    readings: dict[int, frozenset[str]] = {}
    found = []
    for nth, id_, name in _alike(homes, Person.birth):
        readings[id_] = readings_of(name)
        found.append((nth, id_))
    return _couples(found, apart, lambda one, another: not readings[one].isdisjoint(readings[another]))


def _with_one_phone(homes: CTE, apart: Container[Couple]) -> set[Couple]:
    # Sealed the same way each time: equal numbers are equal as they are stored.
    found = _alike(homes, Person.phone, Person.name)
    return _couples(((nth, id_) for nth, id_, _name in found), apart)


def _alike(homes: CTE, shared: Any, *more: Any) -> Iterator[tuple[int, int, str]]:
    """Group, person and name, where in one building several have the same.

    Each group is a row: a window over all people sorts them first, which took several times as long at 300,000.
    """
    told = func.aggregate_strings(cast(Person.id, String) + ":" + Person.name, PARTED)
    groups = (
        select(told)
        .join_from(Person, homes, homes.c.person_id == Person.id)
        .where(Person.deleted_at.is_(None), shared.is_not(None))
        .group_by(homes.c.building_id, shared, *more)
        .having(func.count() > 1)
    )
    for nth, people in enumerate(db.session.scalars(groups)):
        for one in people.split(PARTED):
            id_, name = one.split(":", 1)
            yield nth, int(id_), name


def _couples(
    found: Iterable[tuple[Any, int]],
    apart: Container[Couple],
    agree: Callable[[int, int], bool] = lambda one, another: True,
) -> set[Couple]:
    """Two by two within a group, the smaller id first. In a crowd each one with the first before it only: once the
    two are one, or known apart, with the next. So the list is short, and all come up in the end."""
    groups: defaultdict[Any, list[int]] = defaultdict(list)
    for key, id_ in found:
        groups[key].append(id_)
    couples: set[Couple] = set()
    for group in map(sorted, groups.values()):
        for nth, another in enumerate(group):
            two_by_two = ((one, another) for one in group[:nth] if (one, another) not in apart and agree(one, another))
            couples.update(two_by_two if len(group) <= CROWD else islice(two_by_two, 1))
    return couples


def _known_apart(community_id: int) -> list[Couple]:
    found = db.session.execute(
        select(KnownApart.first_id, KnownApart.second_id).where(KnownApart.community_id == community_id)
    )
    return [(first, second) for first, second in found]


def _somebodies(scope: Scope, ids: set[int]) -> dict[int, Somebody]:
    """Those in scope, by person."""
    found: dict[int, Somebody] = {}
    wanted = sorted(ids)
    for start in range(0, max(1, len(wanted)), BATCH):
        found |= _who_are(scope, Person.id.in_(wanted[start : start + BATCH]))
    return found


def _who_are(scope: Scope, *wanted: Any) -> dict[int, Somebody]:
    stays = db.session.execute(
        select(Person, Household, Residency.to_on)
        .join(Residency, Residency.person_id == Person.id)
        .join(Household, Household.id == Residency.household_id)
        .where(*wanted, Person.deleted_at.is_(None))
        .order_by(Person.id, Residency.to_on.is_not(None), Residency.to_on.desc(), Residency.id.desc())
    )
    found: dict[int, Somebody] = {}
    for person, household, to_on in stays:
        found.setdefault(person.id, Somebody(person, household, to_on is None))
    return {
        id_: one for id_, one in found.items() if scope.allows(one.household.community_id, one.household.building_id)
    }


@dataclass(frozen=True)
class Two:
    """Two people of a community who are to become one: `kept` stays."""

    kept: Resident
    other: Resident

    @property
    def people(self) -> tuple[Person, Person]:
        return self.kept.person, self.other.person


def two_or_404(scope: Scope, kept_id: str, other_id: str) -> Two:
    two = Two(resident_or_404(scope, kept_id), resident_or_404(scope, other_id))
    kept, other = two.people
    if kept.id == other.id or kept.community_id != other.community_id:
        raise Missing
    return two


def stays_of(*person_ids: int) -> list[Residency]:
    """Every residency of these people, by its id."""
    return list(db.session.scalars(select(Residency).where(Residency.person_id.in_(person_ids)).order_by(Residency.id)))


def mark_of(stays: Sequence[Residency]) -> str:
    """Changes with every move, which raises no version of a person."""
    days = [(stay.id, stay.person_id, stay.household_id, str(stay.from_on), str(stay.to_on)) for stay in stays]
    return keyed_hash("stays", json.dumps(days))


def open_tags(two: Two) -> dict[int, list[str]]:
    """What everybody may see that the two carry, by person."""
    found: dict[int, list[str]] = {person.id: [] for person in two.people}
    carried = db.session.execute(
        select(PersonTag.person_id, Tag.label)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(PersonTag.person_id.in_(found), PersonTag.until.is_(None), TAG_IS_OPEN)
        .order_by(Tag.id)
    )
    for person_id, label in carried:
        found[person_id].append(label)
    return found


@dataclass(frozen=True)
class Merge:
    """A merge that happened, for telling of it."""

    kept: Person
    home: Household
    entry: AuditEntry


def merge_or_404(scope: Scope, kept_id: str, other_id: str) -> Merge:
    kept = resident_or_404(scope, kept_id)
    other = db.session.scalar(
        select(Person).where(Person.public_id == other_id, Person.merged_into_id == kept.person.id)
    )
    if other is None:
        raise Missing
    entry = db.session.scalar(
        select(AuditEntry)
        .join(AuditChange, AuditChange.entry_id == AuditEntry.id)
        .where(
            AuditChange.table_name == "person",
            AuditChange.row_id == other.id,
            AuditEntry.action == "merge_people",
            AuditEntry.part_of_id.is_(None),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    if entry is None:
        raise Missing
    return Merge(kept.person, kept.residency.household, entry)


def first_day(days: Iterable[date | None]) -> date | None:
    """The earliest that is known."""
    return min((day for day in days if day is not None), default=None)
