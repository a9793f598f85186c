"""What the papers of buildings are made of, read for many buildings at once: a few statements, however many."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import rows
from grid.core.i18n import gettext as _
from grid.core.i18n import joined, listed
from grid.core.refusals import Missing
from grid.register.models import DEFAULT_LABELS, Block, Building, Community, Household, Person, Residency, Site, Unit


class House(NamedTuple):
    """A building as the head of a paper shows it."""

    id: int
    no: str
    name: str | None
    estate: str | None
    floors: int | None
    head_name: str | None
    head_phone: str | None
    block_id: int | None
    block: str | None
    community_id: int
    community: str
    street: str | None
    labels: Mapping[str, str]
    visit_every_days: int

    @property
    def numbered(self) -> str:
        """12幢."""
        return _("%(no)s幢", no=self.no)

    @property
    def title(self) -> str:
        """桃园里12幢; where the building has a name of its own, that too."""
        own = self.name if self.name and self.name != self.estate else ""
        return joined(self.estate or "", self.numbered) + (f" {own}" if own else "")

    @property
    def head_word(self) -> str:
        return head_word(self.labels)


def head_word(labels: Mapping[str, str]) -> str:
    """楼栋长, or what fits the community's own word for a building."""
    level = labels["building"]
    return _("楼栋长") if level == DEFAULT_LABELS["building"] else _("%(level)s负责人", level=_(level))


_some: Any = bindparam("ids", expanding=True)
_houses = (
    select(
        Building.id,
        Building.no,
        Building.name,
        Building.estate,
        Building.floors,
        Building.head_name,
        Building.head_phone,
        Building.block_id,
        Block.name,
        Community.id,
        Community.name,
        Community.street,
        Community.labels,
        Community.visit_every_days,
    )
    .join(Community, Community.id == Building.community_id)
    .outerjoin(Block, Block.id == Building.block_id)
    .where(Community.deleted_at.is_(None))
)
_houses_named = _houses.where(Building.id.in_(_some))
_houses_of = _houses.where(Building.community_id.in_(_some)).order_by(Building.no_order, Building.no)


def houses(scope: Scope, ids: Sequence[int]) -> list[House]:
    """Buildings in scope, in the order of their ids; Missing where one is not."""
    found: dict[int, House] = {line[0]: House._make(line) for line in rows(_houses_named, ids=list(ids))}
    if any(one not in found or not scope.allows(found[one].community_id, one) for one in ids):
        raise Missing
    return [found[one] for one in ids]


def houses_in(community_ids: Sequence[int]) -> dict[int, list[House]]:
    """All buildings by community, as they are numbered."""
    return _by_first((line[9], House._make(line)) for line in rows(_houses_of, ids=list(community_ids)))


class Worker(NamedTuple):
    """Somebody of the staff on duty: a grid worker of a block or building, or who is in charge of the community."""

    name: str
    phone: str | None
    duty: str
    block_id: int | None
    building_id: int | None
    # Which buildings of a block, where it is not the whole of it.
    where: str = ""

    @property
    def helps(self) -> bool:
        return self.duty == "helps"


_staff = (
    select(Patch.community_id, User.role, User.name, User.phone, Patch.duty, Patch.block_id, Patch.building_id)
    .join(User, User.id == Patch.user_id)
    .where(
        Patch.community_id.in_(_some),
        User.is_active,
        in_force(bindparam("day")),
        or_(
            and_(User.role == "grid_worker", or_(Patch.block_id.is_not(None), Patch.building_id.is_not(None))),
            and_(User.role == "administrator", Patch.block_id.is_(None), Patch.building_id.is_(None)),
        ),
    )
    .order_by(Patch.duty.desc(), User.name, User.id)
)


class Staff:
    """Who is on duty in some communities on a day."""

    def __init__(self, community_ids: Iterable[int], day: date) -> None:
        self.committee: dict[int, list[Worker]] = defaultdict(list)
        self._workers: list[Worker] = []
        for community_id, role, *about in rows(_staff, ids=sorted(set(community_ids)), day=day):
            worker = Worker(*about)
            (self.committee[community_id] if role == "administrator" else self._workers).append(worker)

    def of_house(self, house: House) -> list[Worker]:
        """Who looks after a building, those in charge first; each once."""
        mine = [w for w in self._workers if w.building_id == house.id]
        mine += [w for w in self.of_block(house.block_id) if w.building_id is None]
        first = {(w.name, w.phone): w for w in sorted(mine, key=lambda w: not w.helps)}
        return sorted(first.values(), key=lambda w: w.helps)

    def of_block(self, block_id: int | None) -> list[Worker]:
        return [w for w in self._workers if block_id is not None and w.block_id == block_id]

    def of_parts(self, houses: Sequence[House]) -> list[Worker]:
        """Who looks after single ones of some buildings, each once, and after which."""
        numbered = {house.id: house.numbered for house in houses}
        mine: dict[Worker, list[str]] = {}
        for w in self._workers:
            if w.building_id in numbered:
                mine.setdefault(w._replace(building_id=None), []).append(numbered[w.building_id])
        return [w._replace(where=listed(where)) for w, where in mine.items()]


class UnitHead(NamedTuple):
    unit: int
    name: str | None
    phone: str | None


_unit_heads = (
    select(Unit.building_id, Unit.no, Unit.head_name, Unit.head_phone)
    .where(Unit.building_id.in_(_some))
    .order_by(Unit.building_id, Unit.no)
)
_unit_heads_in = (
    select(Unit.building_id, Unit.no, Unit.head_name, Unit.head_phone)
    .where(Unit.community_id.in_(_some))
    .order_by(Unit.building_id, Unit.no)
)


def units(building_ids: Sequence[int]) -> dict[int, list[UnitHead]]:
    """The units of buildings with their heads (中心户长), by building."""
    return _by_first((line[0], UnitHead._make(line[1:])) for line in rows(_unit_heads, ids=list(building_ids)))


def units_in(community_ids: Sequence[int]) -> dict[int, list[UnitHead]]:
    """The same of whole communities."""
    return _by_first((line[0], UnitHead._make(line[1:])) for line in rows(_unit_heads_in, ids=list(community_ids)))


_sites = (
    select(Site.community_id, Site.kind, Site.name)
    .where(Site.community_id.in_(_some), Site.kind.in_(("committee", "police", "clinic")), Site.deleted_at.is_(None))
    .order_by(Site.id)
)


def sites(community_ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """Kind and name of the places that people turn to, by community."""
    return _by_first((line[0], (line[1], line[2])) for line in rows(_sites, ids=sorted(set(community_ids))))


_blocks = select(Block.community_id, Block.id, Block.name).where(Block.community_id.in_(_some)).order_by(Block.seq)


def blocks(community_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    return _by_first((line[0], (line[1], line[2])) for line in rows(_blocks, ids=list(community_ids)))


class Ground(NamedTuple):
    id: int
    name: str
    street: str | None
    labels: Mapping[str, str]


_grounds = select(Community.id, Community.name, Community.street, Community.labels).where(
    Community.id.in_(_some), Community.deleted_at.is_(None)
)


def grounds(scope: Scope, ids: Sequence[int]) -> list[Ground]:
    """Whole communities in scope, in the order of their ids; Missing where one is not."""
    found: dict[int, Ground] = {line[0]: Ground._make(line) for line in rows(_grounds, ids=list(ids))}
    if any(one not in found or not scope.allows(one) for one in ids):
        raise Missing
    return [found[one] for one in ids]


class Door(NamedTuple):
    """A door as the contact list shows it, with numbers as they are kept."""

    id: int
    unit: int
    floor: int
    room: str
    use: str
    occupancy: str | None
    members: int
    contact_name: str | None
    contact_phone: str | None
    emergency_name: str | None
    emergency_phone: str | None
    owner_name: str | None
    owner_phone: str | None


_doors = (
    select(
        Household.building_id,
        Household.id,
        Household.unit_no,
        Household.floor,
        Household.room,
        Household.use,
        Household.occupancy,
        Household.n_members,
        Household.contact_name,
        Household.contact_phone,
        Household.emergency_name,
        Household.emergency_phone,
        Household.owner_name,
        Household.owner_phone,
    )
    .where(Household.building_id.in_(_some), Household.deleted_at.is_(None))
    .order_by(Household.building_id, Household.unit_no, Household.floor, Household.room)
)
_heads = (
    select(Residency.household_id, Person.name, Person.phone)
    .join(Person, Person.id == Residency.person_id)
    .join(Household, Household.id == Residency.household_id)
    .where(Household.building_id.in_(_some), Residency.to_on.is_(None), Person.deleted_at.is_(None))
    .order_by(Residency.household_id, Residency.is_head.desc(), Residency.relation, Residency.id)
)


def doors(building_ids: Sequence[int]) -> dict[int, list[Door]]:
    """Every door by building, in the order of a climb."""
    return _by_first((line[0], Door._make(line[1:])) for line in rows(_doors, ids=list(building_ids)))


def heads(building_ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Name and phone of the head of each household, else of whoever lives there first, by household."""
    found: dict[int, tuple[str, str | None]] = {}
    for household_id, name, phone in rows(_heads, ids=list(building_ids)):
        found.setdefault(household_id, (name, phone))
    return found


def _by_first(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
