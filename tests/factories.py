"""The cast and the place most tests begin with, made through the product's own actions where there are any."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import current_app
from PIL import Image
from sqlalchemy import select

from grid.accounts import actions as accounts_actions
from grid.accounts.models import AuditEntry, Me, Scope, User
from grid.accounts.queries import scope_of
from grid.core.clock import today
from grid.core.db import db
from grid.core.personal import keyed_hash
from grid.register import actions, finding
from grid.register.models import Block, Building, Community, Household, Person, PersonTag, Residency, Tag, Unit
from grid.register.summaries import refresh_members
from grid.visits import album
from grid.visits.models import Visit, VisitPhoto
from grid.visits.pictures import Picture, read_picture
from tests.keeping import Kept, kept, put_back

PASSWORD = "a long enough password"
# As cheap as argon2 gets: a hash says itself how it was made, and thousands of logins are tried.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class Place:
    """`doors` by code in the first community; `other_door` lies in the second."""

    community: Community
    blocks: list[Block]
    buildings: list[Building]
    doors: dict[str, Household]
    people: dict[str, Person]
    other: Community
    other_door: Household


@dataclass
class Cast:
    admin: Me
    worker: Me
    head: Me
    street: Me
    other_worker: Me


def make_place() -> Place:
    """Made once a day and process; thousands of tests begin with it, and get it as it was."""
    if _somebody_was_here():
        _make_place()
    elif today() in _places:
        put_back(_places[today()])
    else:
        _make_place()
        _places[today()] = kept()
    return _found_place()


def make_place_and_cast() -> tuple[Place, Cast]:
    """As `make_place`, for tests with people in them."""
    if _somebody_was_here():
        place = make_place()
        return place, make_cast(place)
    if today() not in _casts:
        cast = make_cast(make_place())
        _casts[today()] = kept(), cast
    else:
        aside, cast = _casts[today()]
        put_back(aside)
    return _found_place(), cast


_places: dict[date, Kept] = {}
_casts: dict[date, tuple[Kept, Cast]] = {}


def _somebody_was_here() -> bool:
    return db.session.scalar(select(AuditEntry.id).limit(1)) is not None


def _make_place() -> None:
    community = actions.add_community(None, actions.CommunityEntry("桃园社区", "990101001001", "光谷街道"))
    blocks = [Block(community_id=community.id, seq=n, name=f"第{n}片区") for n in (1, 2)]
    db.session.add_all(blocks)
    db.session.flush()
    doors: dict[str, Household] = {}
    for no, block, estate in ((1, blocks[0], "桃园小区"), (2, blocks[0], "桃园小区"), (3, blocks[1], "教工小区")):
        building = make_building(community, block, no, estate)
        doors |= make_doors(building, units=2, floors=3, rooms=2)
    number = "990101198001011218"
    make_person(doors["1-1-101"], "王小明", is_head=True, relation="02", phone="19900012345", id_no=number)
    make_person(doors["1-1-101"], "李芳", relation="10", birth=date(1982, 3, 4), sex="2")
    make_person(doors["1-1-102"], "单雄信", is_head=True, relation="02")
    make_person(doors["2-1-201"], "欧阳娜", is_head=True, relation="02")
    make_person(doors["3-2-302"], "曾志伟", is_head=True, relation="02", phone="19900054321")
    doors["1-1-101"].occupancy = "own"
    doors["1-1-102"].occupancy = "rented"
    doors["3-1-101"].occupancy = "vacant"
    other = actions.add_community(None, actions.CommunityEntry("槐荫社区"))
    other_block = Block(community_id=other.id, seq=1, name="一大组")
    db.session.add(other_block)
    db.session.flush()
    other_door = make_doors(make_building(other, other_block, 1, None), 1, 1, 1)["1-1-101"]
    make_person(other_door, "王外人", is_head=True, id_no=number)
    db.session.flush()
    for one in (community, other):
        refresh_members(community_id=one.id)
        finding.index_households(community_id=one.id)
    db.session.commit()


def _found_place() -> Place:
    community, other = db.session.query(Community).order_by(Community.id)
    blocks, buildings, doors, people = (
        db.session.query(model).filter_by(community_id=community.id).order_by(model.id).all()
        for model in (Block, Building, Household, Person)
    )
    (other_door,) = db.session.query(Household).filter_by(community_id=other.id)
    place = Place(
        community,
        blocks,
        buildings,
        {door.code: door for door in doors},
        {person.name: person for person in people},
        other,
        other_door,
    )
    db.session.commit()
    return place


def make_building(community: Community, block: Block | None, no: int, estate: str | None) -> Building:
    building = Building(
        community_id=community.id, block_id=block.id if block else None, no=str(no), no_order=no, estate=estate
    )
    db.session.add(building)
    db.session.flush()
    return building


def make_doors(building: Building, units: int, floors: int, rooms: int) -> dict[str, Household]:
    made = {}
    for unit_no in range(1, units + 1):
        unit = Unit(community_id=building.community_id, building_id=building.id, no=unit_no)
        db.session.add(unit)
        db.session.flush()
        for floor in range(1, floors + 1):
            for n in range(1, rooms + 1):
                room = f"{floor}{n:02d}"
                code = f"{building.no}-{unit_no}-{room}"
                made[code] = Household(
                    community_id=building.community_id,
                    building_id=building.id,
                    unit_id=unit.id,
                    unit_no=unit_no,
                    floor=floor,
                    room=room,
                    code=code,
                )
    db.session.add_all(made.values())
    db.session.flush()
    return made


def make_person(
    household: Household, name: str, *, is_head: bool = False, relation: str = "80", **facts: Any
) -> Person:
    if facts.get("id_no"):
        facts["id_hash"] = keyed_hash("id", facts["id_no"])
    person = Person(community_id=household.community_id, name=name, **facts)
    db.session.add(person)
    db.session.flush()
    db.session.add(
        Residency(
            community_id=household.community_id,
            person_id=person.id,
            household_id=household.id,
            is_head=is_head,
            relation=relation,
            live_kind="head_family",
            from_on=date(2020, 1, 1),
        )
    )
    db.session.flush()
    return person


def fill_buildings(name: str) -> int:
    """One unit with two doors into every building of a community; its id."""
    community = db.session.query(Community).filter_by(name=name).one()
    facts: dict[str, Any] = {"community_id": community.id}
    houses = db.session.query(Building).filter_by(**facts).all()
    units = [Unit(building_id=house.id, no=1, **facts) for house in houses]
    db.session.add_all(units)
    db.session.flush()
    db.session.add_all(
        Household(
            building_id=house.id,
            unit_id=unit.id,
            unit_no=1,
            floor=1,
            room=f"10{n}",
            code=f"{house.no}-1-10{n}",
            **facts,
        )
        for house, unit in zip(houses, units, strict=True)
        for n in (1, 2)
    )
    db.session.commit()
    return community.id


@cache
def small_picture() -> Picture:
    written = BytesIO()
    Image.new("RGB", (40, 30), "#7799bb").save(written, "PNG")
    return read_picture("photo.png", written.getvalue())


def make_photo(visit: Visit) -> VisitPhoto:
    picture = small_picture()
    album.keep(Path(current_app.config["INSTANCE"]), picture)
    photo = VisitPhoto(
        community_id=visit.community_id,
        visit_id=visit.id,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def make_user(login: str, role: str, name: str) -> User:
    user = User(login=login, role=role, name=name, password_hash=_HASH)
    db.session.add(user)
    db.session.flush()
    return user


def hand_out(user: User, community: Community, **what: Any) -> None:
    accounts_actions.hand_out_patch(
        None, accounts_actions.PatchEntry(user.id, community.id, from_on=date(2020, 1, 1), **what)
    )


def make_cast(place: Place) -> Cast:
    admin = make_user("admin", "administrator", "社长")
    worker = make_user("worker", "grid_worker", "孟网格")
    head = make_user("head", "building_head", "邱楼长")
    street = make_user("street", "street_viewer", "街道办")
    other_worker = make_user("other", "grid_worker", "傅外人")
    db.session.commit()
    hand_out(admin, place.community)
    hand_out(worker, place.community, block_id=place.blocks[0].id)
    hand_out(head, place.community, building_id=place.buildings[0].id)
    hand_out(street, place.community)
    hand_out(street, place.other)
    hand_out(other_worker, place.community, block_id=place.blocks[1].id)
    return Cast(*(me_of(user) for user in (admin, worker, head, street, other_worker)))


def me_of(user: User) -> Me:
    db.session.refresh(user)
    scope: Scope = scope_of(user.id, user.scope_version, today())
    return Me(user.id, user.public_id, user.login, user.name, user.role, user.language, scope)


def make_tag(person: Person, code: str = "low_income", **said: Any) -> tuple[Tag, PersonTag]:
    """A tag that somebody carries since today."""
    tag = db.session.query(Tag).filter_by(community_id=person.community_id, code=code).one()
    carrying = PersonTag(
        community_id=person.community_id, person_id=person.id, tag_id=tag.id, **{"since": today(), **said}
    )
    db.session.add(carrying)
    db.session.flush()
    return tag, carrying
