"""Loading household files: the same few prebuilt statements, whatever the household and however many."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, false, select

from grid.accounts.models import Scope
from grid.accounts.queries import entries_about
from grid.core.i18n import gettext as _
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.dossier import reading
from grid.dossier.models import DoorOnDay, HistoryLine, HouseholdFile, Resident, VisitLine
from grid.dossier.reading import Rows
from grid.register.models import TAG_IS_OPEN, Block, Building, Community, Household, Person, PersonTag, Residency, Tag
from grid.register.queries import workers_in, workers_of
from grid.register.words import action_label
from grid.tags.own_fields import said
from grid.visits.queries import latest_visits_in, latest_visits_to, visits_to

# `documents` lies above and says here which printed sheets lead to a door in scope: token → its public id.
printed: list[Callable[[Scope], dict[str, str]]] = []
# A sheet's log of visits goes back so far.
SHEET_VISITS = 30

_doors = (
    select(
        *(c for c in Household.__table__.columns if c.name not in ("owner_id_no", "deleted_at")),
        Building.no.label("building_no"),
        Building.public_id.label("building_public_id"),
        Building.estate,
        Building.head_name,
        Building.block_id,
        Block.name.label("block"),
        Block.public_id.label("block_public_id"),
        Community.name.label("community"),
        Community.public_id.label("community_public_id"),
        Community.code.label("community_code"),
        Community.labels,
    )
    .join(Building, Building.id == Household.building_id)
    .join(Community, Community.id == Household.community_id)
    .outerjoin(Block, Block.id == Building.block_id)
    .where(Household.deleted_at.is_(None))
)
_door = Prepared(_doors.where(Household.public_id == bindparam("public_id")))
_climb = (Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room)

_in_order = (Residency.is_head.desc(), Residency.relation, Residency.id)
_anybody = (
    select(
        Person.id,
        Person.public_id,
        Person.name,
        Residency.relation,
        Residency.is_head,
        Residency.live_kind,
        Person.sex,
        Person.birth,
        Person.id_no,
        Person.phone,
        Person.hukou_address,
        Person.ethnic,
        Person.education,
        Person.political,
        Person.marital,
        Person.occupation,
        Person.employer,
        Person.health,
        Person.population_kind,
        Residency.from_on,
        Residency.to_on,
        Residency.went_to,
    )
    .join(Person, Person.id == Residency.person_id)
    .where(Person.deleted_at.is_(None))
)
_people = Prepared(_anybody.where(Residency.household_id == bindparam("household_id")).order_by(*_in_order))

_open_tags = (
    select(PersonTag.person_id, Tag.label)
    .join(Tag, Tag.id == PersonTag.tag_id)
    .join(Residency, Residency.person_id == PersonTag.person_id)
    .where(Residency.to_on.is_(None), PersonTag.until.is_(None), TAG_IS_OPEN)
    .order_by(Tag.id)
)
# The screen also tells an administrator those for administrators only, and the fields of each tag's own.
_tags = Prepared(
    select(PersonTag.person_id, Tag.label, Tag.viewers, Tag.fields, PersonTag.attrs)
    .join(Tag, Tag.id == PersonTag.tag_id)
    .join(Residency, Residency.person_id == PersonTag.person_id)
    .where(
        Residency.household_id == bindparam("household_id"),
        Residency.to_on.is_(None),
        PersonTag.until.is_(None),
        Tag.restricted == false(),
    )
    .order_by(Tag.id)
)

_doors_of = Prepared(
    select(Household.id, Household.public_id, Household.code)
    .where(Household.building_id == bindparam("building_id"), Household.deleted_at.is_(None))
    .order_by(Household.unit_no, Household.floor, Household.room)
)
_people_of = Prepared(
    _anybody.add_columns(Residency.household_id)
    .join(Household, Household.id == Residency.household_id)
    .where(Household.building_id == bindparam("building_id"))
    .order_by(*_in_order)
)


_Latest = Callable[[Sequence[int], int], Sequence[tuple[Any, ...]]]


class _Several:
    """The statements that load several doors at once: those of some buildings, or those with some ids."""

    def __init__(
        self, name: str, column: Any, visits: Callable[[Sequence[int], int], Sequence[tuple[Any, ...]]]
    ) -> None:
        here = column.in_(bindparam(name, expanding=True))
        people = _anybody.add_columns(Residency.household_id).join(Household, Household.id == Residency.household_id)
        open_tags = _open_tags.add_columns(Residency.household_id).join(
            Household, Household.id == Residency.household_id
        )
        self._name, self._latest_visits = name, visits
        self._doors = Prepared(_doors.where(here).order_by(*_climb))
        self._people = Prepared(people.where(here, Residency.to_on.is_(None)).order_by(*_in_order))
        self._everybody = Prepared(people.where(here).order_by(*_in_order))
        self._tags = Prepared(open_tags.where(here))

    def rows(self, these: tuple[int, ...], today: date, visits: int, former: bool) -> list[Rows]:
        """Five statements, however many doors."""
        tags: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
        for person_id, tag, household_id in self._tags.rows(**{self._name: these}):
            tags[household_id, person_id].append(tag)
        people: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for *found, household_id in (self._everybody if former else self._people).rows(**{self._name: these}):
            people[household_id].append((tuple(found), tuple(tags.get((household_id, found[0]), ()))))
        seen: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for household_id, *visit in self._latest_visits(these, visits):
            seen[household_id].append(tuple(visit))
        columns = self._doors.columns
        doors = [dict(zip(columns, door, strict=True)) for door in self._doors.rows(**{self._name: these})]
        workers = workers_in(tuple({door["building_id"]: None for door in doors}), today)
        return [Rows(door, workers[door["building_id"]], people[door["id"]], seen[door["id"]]) for door in doors]


_in_buildings = _Several("buildings", Household.building_id, latest_visits_in)
_by_id = _Several("households", Household.id, latest_visits_to)


def household_file(
    scope: Scope,
    public_id: str,
    today: date,
    as_of: date | None = None,
    visits: int = 20,
    history: int = 30,
    role: str = "",
) -> HouseholdFile:
    """Everything of one household in scope, or Missing; `as_of` tells who lived there on a day.

    Tags that are not for everybody are told to the roles that may see them; restricted ones to nobody.
    """
    door = _door.row(public_id=public_id)
    if door is None:
        raise Missing
    given = dict(zip(_door.columns, door, strict=True))
    household_id, building_id = given["id"], given["building_id"]
    if not scope.allows(given["community_id"], building_id):
        raise Missing
    here, former = _residents(household_id, today, as_of, role)
    return HouseholdFile(
        **reading.place(given),
        **reading.facts(given),
        workers=tuple(name for name, _phone, _duty in workers_of(building_id, given["block_id"], today)),
        residents=here,
        former=former,
        visits=_visits(household_id, visits),
        history=_history(household_id, history) if history else (),
    )


def household_files(scope: Scope, today: date, visits: int = 3) -> list[tuple[HouseholdFile, Mapping[str, Any]]]:
    """The files of all doors in the single buildings in scope, as a climb, each with its row as it is stored.

    Who lives there now and the latest visits, without history: a handful of statements, however many doors.
    """
    found = _in_buildings.rows(scope.buildings, today, visits, former=False)
    return [(_file(rows, today), rows.door) for rows in found]


def sheet_files(scope: Scope, ids: Sequence[int], today: date, whole_ids: bool = False) -> list[HouseholdFile]:
    """The files of some doors as a sheet prints them, in the order asked for, or Missing; `stated` is filled in."""
    by_id = {rows.door["id"]: rows for rows in sheet_rows(ids, today)}
    found = [by_id[i] for i in ids if i in by_id]
    if len(found) < len(ids) or not all(scope.allows(r.door["community_id"], r.door["building_id"]) for r in found):
        raise Missing
    return [replace(_file(rows, today, whole_ids), stated=reading.stated(rows)) for rows in found]


def sheet_rows(ids: Sequence[int], today: date) -> list[Rows]:
    """What the sheets of some doors are made from, whoever asks: the scope is the caller's to keep."""
    return _by_id.rows(tuple(ids), today, SHEET_VISITS, former=True)


def _file(rows: Rows, today: date, whole_ids: bool = False) -> HouseholdFile:
    here, former = _parted([(r, reading.resident(r, _said(tags), today, whole_ids)) for r, tags in rows.people])
    return HouseholdFile(
        **reading.place(rows.door),
        **reading.facts(rows.door),
        workers=rows.workers,
        residents=here,
        former=former,
        visits=tuple(reading.visit(*visit) for visit in rows.visits),
        history=(),
    )


def _said(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(_(tag) for tag in tags)


def _residents(
    household_id: int, today: date, as_of: date | None, role: str
) -> tuple[tuple[Resident, ...], tuple[Resident, ...]]:
    """Those who live there (on a day: lived there), and those who left."""
    tags: defaultdict[int, list[str]] = defaultdict(list)
    own: defaultdict[int, list[Any]] = defaultdict(list)
    for person_id, tag, viewers, fields, attrs in _tags.rows(household_id=household_id):
        if viewers is None or role == "administrator" or role in viewers:
            tags[person_id].append(_(tag))
            if attrs and (facts := said(fields, attrs)):
                own[person_id].append((_(tag), facts))
    found = [
        (r, reading.resident(r, tuple(tags[r[0]]), as_of or today)._replace(own=tuple(own[r[0]])))
        for r in _people.rows(household_id=household_id)
    ]
    if as_of is not None:
        return _there_on([p for _r, p in found], as_of), ()
    return _parted(found)


def _there_on(people: Iterable[Resident], day: date) -> tuple[Resident, ...]:
    """Those who lived there on a day. Of several heads it was the one who left first: the others followed, and how
    they stood to the first is not known any more."""
    there = [p for p in people if (p.from_on or date.min) <= day and (p.to_on is None or day < p.to_on)]
    heads = sorted((p for p in there if p.is_head), key=lambda p: p.to_on or date.max)
    return tuple(p._replace(is_head=False, relation="") if p in heads[1:] else p for p in there)


def residents_on(building_id: int, day: date, only: int | None = None) -> list[DoorOnDay]:
    """Door by door, as a climb, who lived in a building on a day; `only` that door. The caller keeps the scope."""
    doors = _doors_of.rows(building_id=building_id)
    people: defaultdict[int, list[Resident]] = defaultdict(list)
    for *found, household_id in _people_of.rows(building_id=building_id):
        people[household_id].append(reading.resident(tuple(found), (), day))
    return [
        DoorOnDay(public_id, code, _there_on(people[household_id], day))
        for household_id, public_id, code in doors
        if only in (None, household_id)
    ]


def _parted(found: list[tuple[Any, Resident]]) -> tuple[tuple[Resident, ...], tuple[Resident, ...]]:
    """Those who live there and those who left, the last to leave first."""
    here = tuple(p for _r, p in found if p.to_on is None)
    left = sorted((p for _r, p in found if p.to_on is not None), key=lambda p: p.to_on or date.min, reverse=True)
    return here, tuple(left)


def _visits(household_id: int, most: int) -> tuple[VisitLine, ...]:
    return tuple(reading.visit(*found) for found in visits_to(household_id, most))


def _history(household_id: int, most: int) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(at, who or _("系统"), action_label(action), words, action, entry_id, actor_id, undo is not None)
        for entry_id, at, who, action, words, actor_id, undo in entries_about(household_id, most)
    )
