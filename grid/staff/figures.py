"""Sums of whole communities for the street, and what a building head may know of the own house. No residents."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Integer, and_, case, func, or_, select

from grid.accounts.models import Patch, Scope, User, in_force
from grid.atlas.layers import percent
from grid.atlas.queries import LIVED_IN, count, visited
from grid.core.db import db
from grid.register.models import Block, Building, Community, Household, Unit


@dataclass(frozen=True)
class Figures:
    """One community, or all of them, in numbers. `filled` adds up the doors' completeness."""

    blocks: int = 0
    buildings: int = 0
    doors: int = 0
    lived_in: int = 0
    rented: int = 0
    people: int = 0
    visited: int = 0
    filled: int = 0

    @property
    def visited_share(self) -> str:
        return f"{percent(self.visited, self.lived_in)} %" if self.lived_in else "–"

    @property
    def completeness(self) -> str:
        return f"{self.filled // self.doors} %" if self.doors else "–"

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def figures(communities: Sequence[Community], today: date) -> list[tuple[Community, Figures]]:
    """The figures of communities that are known to be in scope, in three statements."""
    ids = [community.id for community in communities]
    blocks = _per_community(Block, ids)
    buildings = _per_community(Building, ids)
    doors = _doors({c.id: today - timedelta(days=c.visit_every_days) for c in communities})
    return [(c, Figures(blocks.get(c.id, 0), buildings.get(c.id, 0), *doors.get(c.id, ()))) for c in communities]


def _per_community(kind: type[Block] | type[Building], ids: Sequence[int]) -> dict[int, int]:
    counted = select(kind.community_id, func.count()).where(kind.community_id.in_(ids)).group_by(kind.community_id)
    return {community_id: n for community_id, n in db.session.execute(counted)}


def _doors(since: Mapping[int, date]) -> dict[int, tuple[int, ...]]:
    """By community, each with its own round. Every column is in ix_household_counts, as on the map."""
    if not since:
        return {}
    counted = (
        select(
            Household.community_id,
            func.count(),
            count(LIVED_IN),
            count(Household.occupancy == "rented"),
            func.sum(Household.n_members, type_=Integer),
            count(visited(case(since, value=Household.community_id))),
            func.sum(Household.completeness, type_=Integer),
        )
        .where(Household.community_id.in_(since), Household.deleted_at.is_(None))
        .group_by(Household.community_id)
    )
    return {community_id: tuple(sums) for community_id, *sums in db.session.execute(counted)}


@dataclass(frozen=True)
class Colleague:
    """Somebody of the staff whom one may call."""

    name: str
    phone: str | None


@dataclass(frozen=True)
class House:
    """A building as its head knows it."""

    no: str
    name: str | None
    estate: str | None
    floors: int | None
    units: int
    doors: int
    block: str | None
    community: str
    street: str | None
    labels: dict[str, str]
    workers: tuple[Colleague, ...]
    committee: tuple[Colleague, ...]


def houses(scope: Scope, today: date) -> list[House]:
    """The single buildings in scope with their staff, in two statements."""
    found = db.session.execute(_houses(scope)).all()
    staff = _staff({row.community_id for row in found}, today)
    return [_house(row, staff) for row in found]


def _houses(scope: Scope) -> Any:
    doors = (
        select(func.count())
        .where(Household.building_id == Building.id, Household.deleted_at.is_(None))
        .correlate(Building)
        .scalar_subquery()
    )
    top = (
        select(func.max(Household.floor))
        .where(Household.building_id == Building.id, Household.deleted_at.is_(None))
        .correlate(Building)
        .scalar_subquery()
    )
    units = (
        select(func.count()).where(Unit.building_id == Building.id, Unit.no > 0).correlate(Building).scalar_subquery()
    )
    return (
        select(
            Building.id,
            Building.block_id,
            Building.community_id,
            Building.no,
            Building.name,
            Building.estate,
            func.coalesce(Building.floors, top).label("floors"),
            units.label("units"),
            doors.label("doors"),
            Block.name.label("block"),
            Community.name.label("community"),
            Community.street,
            Community.labels,
        )
        .join(Community, Community.id == Building.community_id)
        .outerjoin(Block, Block.id == Building.block_id)
        .where(Building.id.in_(scope.buildings), Community.deleted_at.is_(None))
        .order_by(Building.community_id, Building.no_order, Building.no)
    )


def _staff(community_ids: set[int], today: date) -> Sequence[Any]:
    """Who is on duty in these communities: administrators of all of one, workers of blocks and buildings."""
    return db.session.execute(
        select(User.name, User.phone, User.role, Patch.community_id, Patch.block_id, Patch.building_id)
        .join(Patch, Patch.user_id == User.id)
        .where(
            Patch.community_id.in_(community_ids),
            User.role.in_(("administrator", "grid_worker")),
            User.is_active,
            in_force(today),
            or_(User.role == "grid_worker", and_(Patch.block_id.is_(None), Patch.building_id.is_(None))),
        )
        .order_by(Patch.duty.desc(), User.name)
    ).all()


def _house(row: Any, staff: Sequence[Any]) -> House:
    workers, committee = [], []
    for name, phone, role, community_id, block_id, building_id in staff:
        if role == "administrator" and community_id == row.community_id:
            committee.append(Colleague(name, phone))
        if role == "grid_worker" and (building_id == row.id or (block_id is not None and block_id == row.block_id)):
            workers.append(Colleague(name, phone))
    return House(
        row.no,
        row.name,
        row.estate,
        row.floors,
        row.units,
        row.doors,
        row.block,
        row.community,
        row.street,
        row.labels,
        tuple(dict.fromkeys(workers)),
        tuple(dict.fromkeys(committee)),
    )
