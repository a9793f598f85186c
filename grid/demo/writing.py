"""Writes one invented community into the register with bulk inserts. Inside an open audit entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, select

from grid.core.db import Base, db
from grid.core.ids import public_id
from grid.core.personal import keyed_hash
from grid.demo import invention
from grid.demo.people import Household as Home
from grid.demo.people import Person as Invented
from grid.demo.people import Stay
from grid.demo.place import Footprint
from grid.demo.tag_fields import own_fields
from grid.register.actions import add_starter_tags
from grid.register.addresses import Address, short_address
from grid.register.finding import index_households
from grid.register.models import (
    Block,
    Building,
    Community,
    Household,
    PatrolRoute,
    Person,
    PersonTag,
    Residency,
    Site,
    Tag,
    Unit,
)
from grid.register.summaries import refresh_members
from grid.visits.models import Visit, VisitPerson, VisitWorker
from grid.visits.summaries import refresh_visits

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Written:
    """The ids of what stands now: blocks in their order, buildings by number, homes and people as invented."""

    community_id: int
    blocks: tuple[int, ...]
    buildings: Mapping[int, int]
    homes: tuple[int, ...]
    people: Mapping[int, int]  # id() of an invented person → its row


def write_register(made: invention.Community, today: date) -> Written:
    """The four levels and the people, without visits or summaries."""
    community_id = _community(made)
    blocks = insert_all(Block, _blocks(made, community_id))
    buildings = insert_all(Building, [_building(house, made, community_id, blocks) for house in made.buildings])
    by_no = dict(zip((house.no for house in made.buildings), buildings, strict=True))
    homes = insert_all(Household, _homes(made, community_id, by_no))
    stays = [(stay, home_id) for home, home_id in zip(made.homes, homes, strict=True) for stay in home.stays]
    ids = insert_all(Person, [_person(stay.person, community_id) for stay, _ in stays])
    people = {id(stay.person): person_id for (stay, _), person_id in zip(stays, ids, strict=True)}
    insert_plain(Residency, [_residency(stay, community_id, ids[i], home) for i, (stay, home) in enumerate(stays)])
    insert_plain(PersonTag, _tags(stays, community_id, people, today))
    insert_plain(Site, _sites(made, community_id))
    insert_plain(PatrolRoute, _routes(made, community_id))
    return Written(community_id, tuple(blocks), by_no, tuple(homes), people)


def write_visits(made: invention.Community, written: Written, workers: Sequence[int]) -> list[int]:
    """Every visit by the account of the worker who made it; their ids in the order of the visits."""
    visits = insert_all(
        Visit,
        [
            {
                "community_id": written.community_id,
                "household_id": written.homes[visit.home],
                "worker_id": workers[visit.worker],
            }
            | {name: getattr(visit, name) for name in _SAME_OF_VISIT}
            for visit in made.visits
        ],
    )
    both = list(zip(made.visits, visits, strict=True))
    met = [{"visit_id": id_, "person_id": written.people[id(person)]} for visit, id_ in both for person in visit.met]
    insert_plain(VisitPerson, met)
    # In the tiny community all workers are one account.
    along = [
        {"visit_id": id_, "user_id": user_id}
        for visit, id_ in both
        for user_id in sorted({workers[worker] for worker in visit.along} - {workers[visit.worker]})
    ]
    insert_plain(VisitWorker, along)
    return visits


def sum_up(community_id: int) -> None:
    """Summaries and search keys, by the same functions that keep them every day."""
    refresh_members(community_id=community_id)
    refresh_visits(community_id=community_id)
    index_households(community_id=community_id)


def insert_all(model: type[Base], rows: Rows) -> list[int]:
    """Insert and answer the ids in the order of the rows.

    They are found again by public id: RETURNING in order means a statement per row on SQLite.
    """
    if not rows:
        return []
    table = cast(Table, model.__table__)
    for row in rows:
        row["public_id"] = public_id()
    db.session.connection().execute(insert(table), rows)
    mine = select(table.c.public_id, table.c.id).where(table.c.community_id == rows[0]["community_id"])
    ids = {public: row_id for public, row_id in db.session.connection().execute(mine)}
    return [ids[row["public_id"]] for row in rows]


def insert_plain(model: type[Base], rows: Rows) -> None:
    if rows:
        db.session.connection().execute(insert(cast(Table, model.__table__)), rows)


def _community(made: invention.Community) -> int:
    community = Community(
        name=_free_name(made.name),
        code=made.code,
        street=made.street,
        labels=made.labels,
        outline=[_ring(made.ground.boundary)] if made.ground else None,
        scenery=[asdict(drawn) for drawn in made.ground.scenery] if made.ground else None,
    )
    db.session.add(community)
    db.session.flush()
    add_starter_tags(community.id)
    return community.id


def _free_name(name: str) -> str:
    taken = db.session.scalar(select(Community.id).where(Community.name == name))
    return f"{name}（演示）" if taken else name


def _blocks(made: invention.Community, community_id: int) -> Rows:
    rings = [block.ring for block in made.ground.blocks] if made.ground else [()] * len(made.blocks)
    return [
        {"community_id": community_id, "seq": seq, "name": name, "outline": [_ring(ring)] if ring else None}
        for seq, (name, ring) in enumerate(zip(made.blocks, rings, strict=True), start=1)
    ]


def _building(house: Footprint, made: invention.Community, community_id: int, blocks: Sequence[int]) -> dict[str, Any]:
    head = made.heads.get(house.no)
    return {
        "community_id": community_id,
        "block_id": blocks[house.block - 1],
        "no": str(house.no),
        "no_order": house.no,
        "name": house.name or None,
        "estate": house.estate or None,
        "floors": house.floors,
        "built_year": house.built,
        "has_lift": house.floors > 7,
        "head_name": head.name if head else None,
        "head_phone": head.phone if head else None,
        "outline": [_ring(house.ring)] if house.ring else None,
    }


def _homes(made: invention.Community, community_id: int, buildings: Mapping[int, int]) -> Rows:
    units = _units(made, community_id, buildings)
    return [
        _home(home, community_id, buildings[home.door.building], units[home.door.building, home.door.unit])
        for home in made.homes
    ]


def _units(made: invention.Community, community_id: int, buildings: Mapping[int, int]) -> Mapping[tuple[int, int], int]:
    spots = list(dict.fromkeys((home.door.building, home.door.unit) for home in made.homes))
    rows = []
    for spot in spots:
        head = made.unit_heads.get(spot)
        rows.append(
            {
                "community_id": community_id,
                "building_id": buildings[spot[0]],
                "no": spot[1],
                "head_name": head.name if head else None,
                "head_phone": head.phone if head else None,
            }
        )
    return dict(zip(spots, insert_all(Unit, rows), strict=True))


def _home(home: Home, community_id: int, building_id: int, unit_id: int) -> dict[str, Any]:
    door = home.door
    address = Address(building=str(door.building), unit=str(door.unit) if door.unit else None, room=door.room)
    heads = [stay.person for stay in home.present() if stay.is_head]
    return {
        "community_id": community_id,
        "building_id": building_id,
        "unit_id": unit_id,
        "unit_no": door.unit,
        "floor": door.floor,
        "floor_to": door.floor_to,
        "room": door.room,
        "code": short_address(address),
        "use": door.use,
        "area": door.area,
        "layout": door.layout,
        "contact_name": heads[0].name if heads and heads[0].phone else None,
        "contact_phone": heads[0].phone if heads else None,
    } | {name: getattr(home, name) for name in _SAME_OF_HOME}


_SAME_OF_HOME = (
    "occupancy", "owner_name", "owner_phone", "rental_use", "landlord_duty", "emergency_name", "emergency_phone",
    "family_kind", "safe_family", "filed_on", "verified_on", "note",
)  # fmt: skip
_SAME_OF_PERSON = (
    "name", "former_name", "id_no", "sex", "birth", "ethnic", "marital", "political", "education", "occupation",
    "employer", "phone", "hukou_region", "hukou_address", "population_kind", "residency_match", "health", "died_on",
)  # fmt: skip
_SAME_OF_VISIT = (
    "at", "kind", "found", "topics", "content", "needs", "gift", "due_on", "closed", "recorded_at",
)  # fmt: skip


def _person(person: Invented, community_id: int) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "id_kind": "111" if person.id_no else None,
        "id_hash": keyed_hash("id", person.id_no) if person.id_no else None,
    } | {name: getattr(person, name) for name in _SAME_OF_PERSON}


def _residency(stay: Stay, community_id: int, person_id: int, household_id: int) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "person_id": person_id,
        "household_id": household_id,
        "relation": stay.relation,
        "is_head": stay.is_head,
        "live_kind": stay.live_kind,
        "from_on": stay.from_on,
        "to_on": stay.to_on,
        "came_from": stay.came_from,
        "went_to": stay.went_to,
        "reason": stay.reason,
    }


def _tags(stays: Iterable[tuple[Stay, int]], community_id: int, people: Mapping[int, int], today: date) -> Rows:
    known = {tag.code: tag for tag in db.session.scalars(select(Tag).where(Tag.community_id == community_id))}
    rows: Rows = []
    for stay, _ in stays:
        for code in stay.person.tags:
            since = max(stay.from_on, today - timedelta(days=200 + 37 * (len(rows) % 40)))
            rows.append(
                {
                    "community_id": community_id,
                    "person_id": people[id(stay.person)],
                    "tag_id": known[code].id,
                    "since": since,
                    "source": "入户采集" if len(rows) % 3 else "街道下发",
                    "attrs": own_fields(code, len(rows), since, stay.person.age(today)),
                }
            )
    return rows


def _sites(made: invention.Community, community_id: int) -> Rows:
    return [
        {"community_id": community_id, "kind": site.kind, "name": site.name, "lon": site.point[0], "lat": site.point[1]}
        for site in (made.ground.sites if made.ground else ())
    ]


def _routes(made: invention.Community, community_id: int) -> Rows:
    return [
        {"community_id": community_id, "name": route.name, "line": _ring(route.line)}
        for route in (made.ground.routes if made.ground else ())
    ]


def _ring(points: Iterable[tuple[float, float]]) -> list[list[float]]:
    return [list(point) for point in points]
