"""Everything an import compares its rows with, read in a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from grid.accounts.models import AuditChange, AuditEntry, Receipt, User
from grid.core.db import Base, db
from grid.core.i18n import _
from grid.exchange.models import LearntWord
from grid.exchange.vocabulary import Learnt
from grid.register.addresses import same_no
from grid.register.models import (
    Block,
    Building,
    Community,
    Household,
    PatrolRoute,
    Person,
    PersonTag,
    Residency,
    Tag,
    Unit,
)
from grid.register.words import TABLES, table_label

LONGEST_CODE = 4
DoorKey = tuple[str, int, str]

BUILDING_FIELDS = (
    "block_id",
    "no",
    "name",
    "estate",
    "floors",
    "built_year",
    "has_lift",
    "head_name",
    "head_phone",
    "note",
    "outline",
)
DOOR_FIELDS = (
    "floor",
    "floor_to",
    "room",
    "use",
    "occupancy",
    "layout",
    "area",
    "owner_name",
    "owner_phone",
    "owner_id_no",
    "rental_use",
    "landlord_duty",
    "note",
)
PERSON_FIELDS = (
    "name",
    "former_name",
    "id_kind",
    "id_no",
    "id_hash",
    "sex",
    "birth",
    "ethnic",
    "marital",
    "political",
    "education",
    "occupation",
    "employer",
    "phone",
    "hukou_address",
    "population_kind",
    "residency_match",
    "health",
    "died_on",
    "note",
)
RESIDENCY_FIELDS = ("relation", "is_head", "live_kind", "from_on", "to_on", "went_to", "reason")


@dataclass(frozen=True, slots=True)
class Known:
    """A row that is there already: its id and the fields an import compares."""

    id: int
    facts: Mapping[str, Any]


@dataclass
class Doors:
    """The blocks, buildings and doors of a community, found by what files call them."""

    community_id: int | None
    blocks: dict[int, Known] = field(default_factory=dict)
    buildings: dict[str, Known] = field(default_factory=dict)
    routes: dict[str, Known] = field(default_factory=dict)
    units: dict[tuple[str, int], int] = field(default_factory=dict)
    doors: dict[DoorKey, Known] = field(default_factory=dict)
    floors_of: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    units_with: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def building_of(self, no: str | None) -> Known | None:
        return self.buildings.get(same_no(no)) if no else None


@dataclass(slots=True)
class Lived:
    """A person with all they carry, as an import of residents compares it."""

    id: int
    facts: Mapping[str, Any]
    residencies: list[Mapping[str, Any]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    # A row above brings them: `id` is their place among the people that the plan writes.
    is_new: bool = False

    @property
    def current(self) -> Mapping[str, Any] | None:
        return next((r for r in self.residencies if r["to_on"] is None), None)

    def at(self, household_id: int) -> Mapping[str, Any] | None:
        """The residency behind a door: the present one, else the last."""
        there = [r for r in self.residencies if r["household_id"] == household_id]
        return max(there, key=lambda r: (r["to_on"] is None, r["to_on"] or date.min, r["id"]), default=None)


@dataclass
class People:
    """The people of a community, found by ID number or by name behind a door."""

    by_id: dict[str, Lived] = field(default_factory=dict)
    by_door: dict[tuple[int, str], list[Lived]] = field(default_factory=lambda: defaultdict(list))
    heads: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    headed: set[int] = field(default_factory=set)
    tags: dict[str, int] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)

    def told(self, labels: Iterable[str]) -> str:
        """As a preview says them: what is not for all is not named in what is kept."""
        return "、".join(dict.fromkeys(_("受限标签") if label in self.restricted else label for label in labels))


def community_with(id_: int) -> Community | None:
    return db.session.scalar(select(Community).where(Community.id == id_, Community.deleted_at.is_(None)))


def all_communities() -> list[Community]:
    return list(db.session.scalars(select(Community).where(Community.deleted_at.is_(None)).order_by(Community.id)))


def doors(community_id: int | None) -> Doors:
    found = Doors(community_id)
    if community_id is None:
        return found
    for block in db.session.execute(
        select(Block.id, Block.seq, Block.name, Block.outline).where(Block.community_id == community_id)
    ):
        found.blocks[block.seq] = Known(block.id, {"name": block.name, "outline": block.outline})
    for id_, name, line in db.session.execute(
        select(PatrolRoute.id, PatrolRoute.name, PatrolRoute.line).where(PatrolRoute.community_id == community_id)
    ):
        found.routes[name] = Known(id_, {"line": line})
    columns = [getattr(Building, name) for name in BUILDING_FIELDS]
    no_of: dict[int, str] = {}
    for id_, *facts in db.session.execute(select(Building.id, *columns).where(Building.community_id == community_id)):
        known = Known(id_, dict(zip(BUILDING_FIELDS, facts, strict=True)))
        no_of[id_] = same_no(known.facts["no"])
        found.buildings[no_of[id_]] = known
    for id_, building_id, no in db.session.execute(
        select(Unit.id, Unit.building_id, Unit.no).where(Unit.community_id == community_id)
    ):
        found.units[no_of[building_id], no] = id_
    columns = [getattr(Household, name) for name in DOOR_FIELDS]
    for id_, building_id, unit_no, *facts in db.session.execute(
        select(Household.id, Household.building_id, Household.unit_no, *columns).where(
            Household.community_id == community_id, Household.deleted_at.is_(None)
        )
    ):
        _add_door(found, no_of[building_id], unit_no, Known(id_, dict(zip(DOOR_FIELDS, facts, strict=True))))
    return found


def _add_door(found: Doors, building: str, unit_no: int, door: Known) -> None:
    room, floor = same_no(door.facts["room"]), door.facts["floor"]
    found.doors[building, unit_no, room] = door
    found.units_with[building, room].append(unit_no)
    found.floors_of[building].update(range(floor, (door.facts["floor_to"] or floor) + 1))


def people(community_id: int) -> People:
    found = People()
    lived = _persons(community_id)
    columns = [getattr(Residency, name) for name in RESIDENCY_FIELDS]
    names = ("id", "household_id", *RESIDENCY_FIELDS)
    for person_id, *facts in db.session.execute(
        select(Residency.person_id, Residency.id, Residency.household_id, *columns).where(
            Residency.community_id == community_id
        )
    ):
        person = lived.get(person_id)
        if person is None:
            continue
        residency = dict(zip(names, facts, strict=True))
        person.residencies.append(residency)
        at_door = found.by_door[residency["household_id"], person.facts["name"]]
        if person not in at_door:
            at_door.append(person)
        if residency["is_head"] and residency["to_on"] is None:
            found.heads[residency["household_id"]].add(person_id)
        if residency["to_on"] is None and (residency["is_head"] or residency["live_kind"] == "tenant"):
            found.headed.add(residency["household_id"])
    for person in lived.values():
        if person.facts["id_hash"]:
            found.by_id[person.facts["id_hash"]] = person
    _add_tags(community_id, found, lived)
    return found


def _persons(community_id: int) -> dict[int, Lived]:
    columns = [getattr(Person, name) for name in PERSON_FIELDS]
    # Every row brings its own 01 for the same 01: a street has two million codes.
    shared: dict[str, str] = {}
    return {
        id_: Lived(id_, dict(zip(PERSON_FIELDS, (_shared(fact, shared) for fact in facts), strict=True)))
        for id_, *facts in db.session.execute(
            select(Person.id, *columns).where(Person.community_id == community_id, Person.deleted_at.is_(None))
        )
    }


def _shared(fact: Any, shared: dict[str, str]) -> Any:
    return shared.setdefault(fact, fact) if isinstance(fact, str) and len(fact) <= LONGEST_CODE else fact


def _add_tags(community_id: int, found: People, lived: Mapping[int, Lived]) -> None:
    for id_, label, restricted in db.session.execute(
        select(Tag.id, Tag.label, Tag.restricted).where(Tag.community_id == community_id, Tag.deleted_at.is_(None))
    ):
        found.tags[label] = id_
        if restricted:
            found.restricted.add(label)
    label_of = {id_: label for label, id_ in found.tags.items()}
    for person_id, tag_id in db.session.execute(
        select(PersonTag.person_id, PersonTag.tag_id).where(
            PersonTag.community_id == community_id, PersonTag.until.is_(None)
        )
    ):
        if person_id in lived and tag_id in label_of:
            lived[person_id].tags.add(label_of[tag_id])


@dataclass(frozen=True)
class Imported:
    """One import that was applied, as its entry in the log tells it."""

    entry: AuditEntry
    who: str
    undone_at: datetime | None


def imports_of(community_ids: Sequence[int], most: int) -> list[Imported]:
    """The last imports of some communities, the newest first."""
    undo = aliased(AuditEntry)
    found = db.session.execute(
        select(AuditEntry, User.name, undo.at)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(undo, undo.undoes_id == AuditEntry.id)
        .where(AuditEntry.community_id.in_(community_ids), is_import(AuditEntry.action), undo.part_of_id.is_(None))
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    return [Imported(entry, name or "", undone_at) for entry, name, undone_at in found]


def is_import(action: Any) -> Any:
    return action.startswith("import_", autoescape=True)


def receipt_of(upload: str) -> str:
    """The key under which the database remembers that an upload was written."""
    return f"import-{upload}"


def entry_of(upload: str) -> int | None:
    found = db.session.scalar(select(Receipt.answer).where(Receipt.key == receipt_of(upload)))
    return int(found) if found else None


def import_with(entry_id: int) -> AuditEntry | None:
    return db.session.scalar(select(AuditEntry).where(AuditEntry.id == entry_id, is_import(AuditEntry.action)))


def names_of(rows: Iterable[tuple[str, int]]) -> list[str]:
    """What the rows of a table and id are called: a person's name, a door's code, else the kind of row; each once."""
    of: dict[str, list[int]] = defaultdict(list)
    for table, row_id in sorted(rows):
        of[table].append(row_id)
    names: dict[str, None] = {}
    for table, ids in of.items():
        names |= dict.fromkeys(_names_in(table, ids[:MOST_NAMED]))
    return list(names)


def _names_in(table: str, ids: Sequence[int]) -> list[str]:
    """By the person or the door that the row is, or that it is about."""
    columns = Base.metadata.tables[table].c
    if table in _NAMED:
        named = select(_NAMED[table]).where(columns.id.in_(ids)).order_by(columns.id)
    elif "person_id" in columns:
        named = select(Person.name).join(columns.id.table, columns.person_id == Person.id).where(columns.id.in_(ids))
    elif "household_id" in columns:
        door = columns.household_id == Household.id
        named = select(Household.code).join(columns.id.table, door).where(columns.id.in_(ids))
    else:
        return [table_label(table)]
    of_nobody = [] if table in _NAMED else [table_label(table)]
    return [*(f"{table_label(table)} {name}" for name in db.session.scalars(named)), *of_nobody][:MOST_NAMED]


MOST_NAMED = 20
_NAMED = {
    "person": Person.name,
    "household": Household.code,
    "building": Building.no,
    "block": Block.name,
    "community": Community.name,
    "tag": Tag.label,
}


def last_import() -> AuditEntry | None:
    """The latest that was not taken back."""
    undo = aliased(AuditEntry)
    is_undone = select(undo.id).where(undo.undoes_id == AuditEntry.id).exists()
    latest = select(AuditEntry).where(is_import(AuditEntry.action), ~is_undone).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalar(latest)


@dataclass(frozen=True)
class Written:
    """How many rows of one kind an entry made, and how many it changed."""

    kind: str
    made: int = 0
    changed: int = 0


def written_by(entry_id: int) -> list[Written]:
    """Without accounts: that a scope is read anew is nothing to take back."""
    rows = (
        # Of what was made and then changed, the first counts: delete < insert < update.
        select(AuditChange.table_name, func.min(AuditChange.operation).label("operation"))
        .where(AuditChange.entry_id == entry_id, AuditChange.table_name != "user_account")
        .group_by(AuditChange.table_name, AuditChange.row_id)
        .subquery()
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for table, operation, n in db.session.execute(
        select(rows.c.table_name, rows.c.operation, func.count()).group_by(rows.c.table_name, rows.c.operation)
    ):
        found[table][operation] = n
    return [
        Written(table_label(table), found[table].get("insert", 0), found[table].get("update", 0))
        for table in TABLES
        if table in found
    ]


def learnt(community_id: int) -> Learnt:
    """By kind, then by word: what the community's files taught."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for word in learnt_words(community_id):
        found[word.kind][word.said] = word.means
    return found


def learnt_words(community_id: int) -> Sequence[LearntWord]:
    return db.session.scalars(
        select(LearntWord).where(LearntWord.community_id == community_id).order_by(LearntWord.kind, LearntWord.said)
    ).all()


def tag_labels(community_id: int) -> list[str]:
    tags = select(Tag.label).where(Tag.community_id == community_id, Tag.deleted_at.is_(None)).order_by(Tag.id)
    return list(db.session.scalars(tags))
