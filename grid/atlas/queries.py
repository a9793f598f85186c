"""What a map and an elevation are made of. Hot statements are built once; sums are counted live, never stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, func, literal_column, or_, select

from grid.accounts.models import Patch, Scope, User, in_force
from grid.atlas.layers import Sums
from grid.atlas.survey import BlockRow, BuildingRow, RouteRow, Rows, SceneryRow, SiteRow
from grid.core.db import row, rows
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Block, Building, Community, Household, PatrolRoute, Person, Residency, Site, Unit


class Ground(NamedTuple):
    """A community as its map's head shows it."""

    id: int
    public_id: str
    name: str
    street: str | None
    labels: Mapping[str, str]
    visit_every_days: int
    map_credit: str
    geometry_version: int


_community = Prepared(
    select(
        Community.id,
        Community.public_id,
        Community.name,
        Community.street,
        Community.labels,
        Community.visit_every_days,
        Community.map_credit,
        Community.geometry_version,
    ).where(Community.public_id == bindparam("public_id"), Community.deleted_at.is_(None))
)


def ground_or_404(scope: Scope, public_id: str) -> Ground:
    """A community of which at least something is in scope."""
    found = _community.row(public_id=public_id)
    if found is None or not scope.touches(found[0]):
        raise Missing
    return Ground._make(found)


def count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0), type_=Integer)


LIVED_IN = Household.n_members > 0


def visited(since: Any) -> Any:
    """A home where somebody was met since a day; an empty one has nobody to visit."""
    return and_(Household.last_visit_on >= since, LIVED_IN)


_FIGURES = {
    "visited": count(visited(bindparam("since"))),
    "own": count(Household.occupancy == "own"),
    "rented": count(Household.occupancy == "rented"),
    "vacant": count(Household.occupancy == "vacant"),
    "tagged": count(Household.n_tags > 0),
    "completeness": func.sum(Household.completeness, type_=Integer),
    "members": func.sum(Household.n_members, type_=Integer),
    "lived_in": count(LIVED_IN),
}
# What each layer looks at; counting the rest as well would double the time.
_LOOKS_AT = {
    "visits": {"visited", "lived_in"},
    "occupancy": {"own", "rented", "vacant"},
    "tags": {"tagged"},
    "completeness": {"completeness"},
    "": set(_FIGURES),
}


def _sums(looks_at: set[str], *conditions: Any) -> Prepared:
    """Every column is in ix_household_counts: the table itself is not read."""
    figures = (column if name in looks_at else literal_column("0") for name, column in _FIGURES.items())
    return Prepared(
        select(Household.building_id, func.count(), *figures)
        .where(Household.community_id == bindparam("community_id"), Household.deleted_at.is_(None), *conditions)
        .group_by(Household.building_id)
    )


_sums_by_layer = {layer: _sums(looks_at) for layer, looks_at in _LOOKS_AT.items()}
_of_some = Household.building_id.in_(bindparam("buildings", expanding=True))
_sums_of_some = {layer: _sums(looks_at, _of_some) for layer, looks_at in _LOOKS_AT.items()}


def sums(scope: Scope, community_id: int, since: date, layer: str = "") -> dict[int, Sums]:
    """The figures of every building in scope that has doors, by building id; of one layer, or all."""
    found: Sequence[Any]
    since_that = {"since": since} if layer in ("", "visits") else {}
    if scope.allows(community_id):
        found = _sums_by_layer[layer].rows(community_id=community_id, **since_that)
    else:
        some = {"community_id": community_id, "buildings": scope.buildings}
        found = _sums_of_some[layer].rows(**some, **since_that)
    return {line[0]: Sums._make(line[1:]) for line in found}


def sums_of(house: "House", since: date) -> Sums:
    """The figures of one building that is known to be in scope."""
    found = _sums_of_some[""].row(community_id=house.community_id, since=since, buildings=[house.id])
    return Sums._make(found[1:]) if found else Sums()


_outline = select(Community.outline, Community.scenery).where(Community.id == bindparam("community_id"))
_blocks = (
    select(Block.id, Block.name, Block.outline)
    .where(Block.community_id == bindparam("community_id"))
    .order_by(Block.seq)
)
_units = (
    select(Unit.building_id, func.count().label("n"))
    .where(Unit.community_id == bindparam("community_id"), Unit.no > 0)
    .group_by(Unit.building_id)
    .subquery()
)
_doors_of = (
    select(Household.building_id, func.count().label("n"), func.max(Household.floor).label("floors"))
    .where(Household.community_id == bindparam("community_id"), Household.deleted_at.is_(None))
    .group_by(Household.building_id)
    .subquery()
)
_buildings = (
    select(
        Building.id,
        Building.public_id,
        Building.no,
        Building.block_id,
        func.coalesce(Building.floors, _doors_of.c.floors),
        func.coalesce(_units.c.n, 1),
        func.coalesce(_doors_of.c.n, 0),
        Building.outline,
        func.coalesce(Building.name, Building.estate, ""),
    )
    .outerjoin(_units, _units.c.building_id == Building.id)
    .outerjoin(_doors_of, _doors_of.c.building_id == Building.id)
    .where(Building.community_id == bindparam("community_id"))
    .order_by(Building.no_order, Building.no)
)
_sites = (
    select(Site.public_id, Site.kind, Site.name, Site.lon, Site.lat)
    .where(Site.community_id == bindparam("community_id"), Site.deleted_at.is_(None))
    .order_by(Site.id)
)
_routes = (
    select(PatrolRoute.name, PatrolRoute.line)
    .where(PatrolRoute.community_id == bindparam("community_id"))
    .order_by(PatrolRoute.id)
)


def ground_rows(community_id: int) -> Rows:
    """All outlines of a community: read once per geometry version, then the drawing is kept."""
    outline: Any = row(_outline, community_id=community_id)
    blocks: Sequence[Any] = rows(_blocks, community_id=community_id)
    buildings: Sequence[Any] = rows(_buildings, community_id=community_id)
    sites: Sequence[Any] = rows(_sites, community_id=community_id)
    routes: Sequence[Any] = rows(_routes, community_id=community_id)
    return Rows(
        outline[0] if outline else None,
        [BlockRow(*found) for found in blocks],
        [BuildingRow(*found) for found in buildings],
        [SiteRow(*found) for found in sites],
        [SceneryRow(**found) for found in (outline[1] if outline else None) or ()],
        [RouteRow(*found) for found in routes],
    )


class House(NamedTuple):
    """A building as the head of its elevation shows it."""

    id: int
    public_id: str
    no: str
    name: str | None
    estate: str | None
    floors: int | None
    head_name: str | None
    block_name: str | None
    community_id: int
    community_public_id: str
    community_name: str
    labels: Mapping[str, str]
    visit_every_days: int


_house = Prepared(
    select(
        Building.id,
        Building.public_id,
        Building.no,
        Building.name,
        Building.estate,
        Building.floors,
        Building.head_name,
        Block.name,
        Community.id,
        Community.public_id,
        Community.name,
        Community.labels,
        Community.visit_every_days,
    )
    .join(Community, Community.id == Building.community_id)
    .outerjoin(Block, Block.id == Building.block_id)
    .where(Building.public_id == bindparam("public_id"), Community.deleted_at.is_(None))
)


def house_or_404(scope: Scope, public_id: str) -> House:
    found = _house.row(public_id=public_id)
    if found is None:
        raise Missing
    house = House._make(found)
    if not scope.allows(house.community_id, house.id):
        raise Missing
    return house


_head = (
    select(Person.name)
    .join(Residency, Residency.person_id == Person.id)
    .where(Residency.household_id == Household.id, Residency.to_on.is_(None), Residency.is_head)
    .limit(1)
    .correlate(Household)
    .scalar_subquery()
)
_shown = (
    select(
        Household.unit_no,
        Household.floor,
        Household.floor_to,
        Household.room,
        Household.public_id,
        Household.use,
        Household.occupancy,
        Household.n_members,
        Household.n_tags,
        Household.n_open,
        Household.last_visit_on,
        Household.completeness,
        _head,
    )
    .where(Household.deleted_at.is_(None))
    .order_by(Household.unit_no, Household.floor, Household.room)
)
_doors = Prepared(_shown.where(Household.building_id == bindparam("building_id")))
_doors_of_some = _shown.add_columns(Household.building_id).where(
    Household.building_id.in_(bindparam("buildings", expanding=True))
)


def doors(building_id: int) -> Sequence[Any]:
    """Every door of a building that is known to be in scope: its place (4 columns), then what a cell shows."""
    return _doors.rows(building_id=building_id)


def doors_of(building_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The same of many buildings, by building."""
    found: dict[int, list[Any]] = defaultdict(list)
    lines: Sequence[Any] = rows(_doors_of_some, buildings=list(building_ids))
    for *door, building_id in lines:
        found[building_id].append(door)
    return found


_where = func.coalesce(Patch.block_id, Building.block_id, 0)
_in_charge = (
    select(_where, User.name, User.phone)
    .distinct()
    .join(User, User.id == Patch.user_id)
    .outerjoin(Building, Building.id == Patch.building_id)
    .where(
        Patch.community_id == bindparam("community_id"),
        or_(Patch.block_id.is_not(None), Patch.building_id.is_not(None)),
        Patch.duty == "in_charge",
        in_force(bindparam("day")),
        and_(User.role == "grid_worker", User.is_active),
    )
    .order_by(_where, User.name)
)


def people_in_charge(community_id: int, day: date) -> dict[int, list[tuple[str, str | None]]]:
    """Name and phone of the grid workers in charge of a block or of buildings in it, by block id; 0 is no block."""
    found: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    staff: Sequence[Any] = rows(_in_charge, community_id=community_id, day=day)
    for block_id, name, phone in staff:
        found[block_id].append((name, phone))
    return found
