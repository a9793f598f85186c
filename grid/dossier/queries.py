"""Loading a household file: the same six prebuilt statements, whatever the household."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, false, select

from grid.accounts.models import Scope
from grid.accounts.queries import entries_about
from grid.core.clock import day_of
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.i18n import joined, listed
from grid.core.labels import age
from grid.core.personal import mask_id, mask_phone
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.dossier.models import HistoryLine, HouseholdFile, Resident, VisitLine
from grid.register.models import Block, Building, Community, Household, Person, PersonTag, Residency, Tag
from grid.register.queries import workers_of
from grid.register.words import action_label
from grid.visits.queries import latest_visits_in, visits_to

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
_doors_of = Prepared(
    _doors.where(Household.building_id.in_(bindparam("buildings", expanding=True))).order_by(
        Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room
    )
)

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
    .where(Residency.to_on.is_(None), PersonTag.until.is_(None), Tag.restricted == false())
    .order_by(Tag.id)
)
_tags = Prepared(_open_tags.where(Residency.household_id == bindparam("household_id")))

# Of all doors of some buildings at once: who lives there now, and the last visits.
_here = Household.building_id.in_(bindparam("buildings", expanding=True))
_people_of = Prepared(
    _anybody.add_columns(Residency.household_id)
    .join(Household, Household.id == Residency.household_id)
    .where(_here, Residency.to_on.is_(None))
    .order_by(*_in_order)
)
_tags_of = Prepared(_open_tags.join(Household, Household.id == Residency.household_id).where(_here))


def household_file(
    scope: Scope, public_id: str, today: date, as_of: date | None = None, visits: int = 20, history: int = 30
) -> HouseholdFile:
    """Everything of one household in scope, or Missing; `as_of` tells who lived there on a day."""
    door = _door.row(public_id=public_id)
    if door is None:
        raise Missing
    given = dict(zip(_door.columns, door, strict=True))
    household_id, building_id = given["id"], given["building_id"]
    if not scope.allows(given["community_id"], building_id):
        raise Missing
    here, former = _residents(household_id, today, as_of)
    return HouseholdFile(
        **_place(given),
        **_facts(given),
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
    here = {"buildings": scope.buildings}
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for person_id, tag in _tags_of.rows(**here):
        tags[person_id].append(_(tag))
    people: defaultdict[int, list[Resident]] = defaultdict(list)
    for *found, household_id in _people_of.rows(**here):
        people[household_id].append(_resident(tuple(found), tuple(tags[found[0]]), today))
    lines: defaultdict[int, list[VisitLine]] = defaultdict(list)
    for household_id, *visit in latest_visits_in(scope.buildings, visits):
        lines[household_id].append(_visit(*visit))
    doors = [dict(zip(_doors_of.columns, door, strict=True)) for door in _doors_of.rows(**here)]
    workers = {
        building_id: tuple(name for name, _phone, _duty in workers_of(building_id, block_id, today))
        for building_id, block_id in {(door["building_id"], door["block_id"]) for door in doors}
    }
    return [
        (
            HouseholdFile(
                **_place(door),
                **_facts(door),
                workers=workers[door["building_id"]],
                residents=tuple(people[door["id"]]),
                former=(),
                visits=tuple(lines[door["id"]]),
                history=(),
            ),
            door,
        )
        for door in doors
    ]


def _place(door: Mapping[str, Any]) -> dict[str, Any]:
    unit = _("%(n)s单元", n=door["unit_no"]) if door["unit_no"] else ""
    building = _("%(no)s幢", no=door["building_no"])
    room = _("%(room)s室", room=door["room"]) if door["room"].isdecimal() else door["room"]
    return {
        "public_id": door["public_id"],
        "household_id": door["id"],
        "building": building,
        "unit": unit,
        "address": f"{door['community']} " + joined(door["estate"] or "", building, unit, room),
        "estate": door["estate"] or "",
        "block": door["block"] or "",
        "block_public_id": door["block_public_id"] or "",
        "community_code": door["community_code"] or "",
        "building_head": door["head_name"] or "",
        **{name: door[name] for name in _AS_THEY_ARE},
    }


_AS_THEY_ARE = (
    "community", "community_public_id", "community_id", "labels", "building_public_id", "building_id", "room",
    "floor", "floor_to", "code", "area", "landlord_duty", "safe_family", "filed_on", "verified_on", "version",
    "updated_at", "completeness", "last_visit_on",
)  # fmt: skip


def _facts(door: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "use": CODES["use"].text(door["use"]),
        "occupancy": CODES["occupancy"].text(door["occupancy"]),
        "layout": door["layout"] or "",
        "owner_name": door["owner_name"] or "",
        "owner_phone": mask_phone(door["owner_phone"]),
        "call_owner": door["owner_phone"] or "",
        "rental_use": CODES["rental_use"].text(door["rental_use"]),
        "contact": _name_and_phone(door["contact_name"], door["contact_phone"]),
        "emergency": _name_and_phone(door["emergency_name"], door["emergency_phone"]),
        "family_kind": CODES["family_kind"].text(door["family_kind"]),
        "note": door["note"] or "",
    }


def _name_and_phone(name: str | None, phone: str | None) -> str:
    return " ".join(part for part in (name, mask_phone(phone)) if part)


def _residents(household_id: int, today: date, as_of: date | None) -> tuple[tuple[Resident, ...], tuple[Resident, ...]]:
    """Those who live there (on a day: lived there), and those who left."""
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for person_id, tag in _tags.rows(household_id=household_id):
        tags[person_id].append(_(tag))
    found = [(r, _resident(r, tuple(tags[r[0]]), as_of or today)) for r in _people.rows(household_id=household_id)]
    if as_of is not None:
        there = [p for _r, p in found if (p.from_on or date.min) <= as_of and (p.to_on is None or as_of < p.to_on)]
        return tuple(there), ()
    here = tuple(p for _r, p in found if p.to_on is None)
    left = sorted((p for _r, p in found if p.to_on is not None), key=lambda p: p.to_on or date.min, reverse=True)
    return here, tuple(left)


def _resident(found: tuple[Any, ...], tags: tuple[str, ...], today: date) -> Resident:
    (
        _id, public_id, name, relation, is_head, live_kind, sex, birth, id_no, phone, hukou, ethnic, education,
        political, marital, occupation, employer, health, population, from_on, to_on, went_to,
    ) = found  # fmt: skip
    text = CODES
    if to_on is not None:
        # Whoever has left may live in another patch now: nothing to reach or to identify them by.
        id_no = phone = None
    return Resident(
        public_id, name, text["relation"].text(relation), is_head, text["live_kind"].text(live_kind),
        text["sex"].text(sex), birth, age(birth, today), mask_id(id_no), mask_phone(phone),
        (phone or "").split(";")[0], hukou or "", text["ethnic"].text(ethnic), text["education"].text(education),
        text["political"].text(political), text["marital"].text(marital), occupation or "", employer or "",
        text["health"].text(health), text["population_kind"].text(population), tags, from_on, to_on, went_to or "",
    )  # fmt: skip


def _visits(household_id: int, most: int) -> tuple[VisitLine, ...]:
    return tuple(_visit(*found) for found in visits_to(household_id, most))


def _visit(
    public_id: str, at: datetime, kind: str, found: str, topics: Any, content: str, needs: str, due_on: date | None,
    closed: bool, worker: str, gift: str | None, along: str | None, photos: int,
) -> VisitLine:  # fmt: skip
    topic = CODES["topic"]
    return VisitLine(
        public_id,
        day_of(at),
        CODES["visit_kind"].text(kind),
        CODES["found"].text(found),
        worker,
        tuple(topic.text(t) for t in topics or ()),
        _words(content, needs, gift, along) if needs or gift or along else content or "",
        None if closed else due_on,
        photos,
    )


def _words(content: str | None, needs: str | None, gift: str | None, along: str | None) -> str:
    """What a visit's line says, on the screen and on the sheet."""
    parts = (
        content,
        needs and _("需要：%(needs)s", needs=needs),
        gift and _("慰问品：%(gift)s", gift=gift),
        along and _("同去：%(names)s", names=listed(sorted(along.split("\n")))),
    )
    return " ".join(part for part in parts if part)


def _history(household_id: int, most: int) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(at, who or _("系统"), action_label(action), words)
        for _id, at, who, action, words in entries_about(household_id, most)
    )
