"""Reading inspections. One of a building is for whoever has that building, any other for the whole community."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from grid.accounts.models import Scope, User
from grid.cases.models import Case
from grid.core.db import Found, db
from grid.core.refusals import Missing
from grid.register.models import Building, Community, Site
from grid.services.models import Inspection, InspectionItem

AMISS = InspectionItem.is_fine.is_(False)
IS_OPEN = and_(AMISS, InspectionItem.rectified_on.is_(None))


def may_be_read(scope: Scope) -> ColumnElement[bool]:
    elsewhere = and_(Inspection.building_id.is_(None), Inspection.community_id.in_(scope.seen_communities))
    covered: ColumnElement[bool] = or_(scope.covers(Inspection.community_id, Inspection.building_id), elsewhere)
    return covered


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; `state` is open (something to be put right) or overdue."""

    community_id: int
    today: date
    kind: str | None = None
    state: str | None = None


def in_state(state: str, day: date, *of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those with something to be put right, or overdue; `of` says whose items are looked at."""
    late = (InspectionItem.due_on < day,) if state == "overdue" else ()
    return Inspection.id.in_(select(InspectionItem.inspection_id).where(*of, IS_OPEN, *late))


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [
        Inspection.community_id == wanted.community_id,
        Inspection.deleted_at.is_(None),
        may_be_read(scope),
    ]
    if wanted.kind:
        conditions.append(Inspection.kind == wanted.kind)
    if wanted.state:
        here = InspectionItem.community_id == wanted.community_id
        conditions.append(in_state(wanted.state, wanted.today, here))
    return conditions


def _of_items(value: Any, *which: ColumnElement[bool]) -> Any:
    return select(value).where(InspectionItem.inspection_id == Inspection.id, *which).scalar_subquery()


_columns = (
    Inspection.public_id,
    Inspection.kind,
    Inspection.holiday,
    Inspection.at,
    Inspection.place,
    Site.name,
    Building.no,
    Building.estate,
    _of_items(func.count(), AMISS),
    _of_items(func.count(), IS_OPEN),
    _of_items(func.min(InspectionItem.due_on), IS_OPEN),
)


def inspections(scope: Scope, wanted: Wanted, most: int, skip: int = 0) -> Sequence[Found]:
    """One page of the list, the latest first."""
    return db.session.execute(
        select(*_columns)
        .outerjoin(Site, Site.id == Inspection.site_id)
        .outerjoin(Building, Building.id == Inspection.building_id)
        .where(*_conditions(scope, wanted))
        .order_by(Inspection.at.desc(), Inspection.id.desc())
        .limit(most)
        .offset(skip)
    ).all()


def count_inspections(scope: Scope, wanted: Wanted) -> int:
    return db.session.scalar(select(func.count()).select_from(Inspection).where(*_conditions(scope, wanted))) or 0


def sites(community_id: int) -> list[Site]:
    return list(
        db.session.scalars(
            select(Site)
            .where(Site.community_id == community_id, Site.deleted_at.is_(None))
            .order_by(Site.kind, Site.id)
        )
    )


@dataclass(frozen=True)
class InspectionFile:
    """An inspection with its place and its items in order."""

    inspection: Inspection
    community: Community
    site: Site | None
    building: Building | None
    recorder: str
    items: tuple[InspectionItem, ...]
    # case_file.id → public id and number.
    cases: dict[int, tuple[str, str]]

    @property
    def amiss(self) -> list[InspectionItem]:
        return [item for item in self.items if item.is_fine is False]

    def n(self, is_fine: bool | None) -> int:
        return sum(item.is_fine is is_fine for item in self.items)


def inspection_or_404(scope: Scope, public_id: str) -> InspectionFile:
    found = db.session.execute(
        select(Inspection, Community, Site, Building, User.name)
        .join(Community, Community.id == Inspection.community_id)
        .join(User, User.id == Inspection.recorded_by)
        .outerjoin(Site, Site.id == Inspection.site_id)
        .outerjoin(Building, Building.id == Inspection.building_id)
        .where(Inspection.public_id == public_id, Inspection.deleted_at.is_(None))
    ).first()
    if found is None or not _may_see(scope, found[0]):
        raise Missing
    items = tuple(
        db.session.scalars(
            select(InspectionItem).where(InspectionItem.inspection_id == found[0].id).order_by(InspectionItem.seq)
        )
    )
    return InspectionFile(*found, items, _cases_of(items))


def _may_see(scope: Scope, inspection: Inspection) -> bool:
    if inspection.building_id is None:
        return scope.touches(inspection.community_id)
    return scope.allows(inspection.community_id, inspection.building_id)


def _cases_of(items: Sequence[InspectionItem]) -> dict[int, tuple[str, str]]:
    wanted = [item.case_id for item in items if item.case_id]
    found = db.session.execute(select(Case.id, Case.public_id, Case.no).where(Case.id.in_(wanted)))
    return {case_id: (public_id, no) for case_id, public_id, no in found}


def item_or_404(file: InspectionFile, seq: int) -> InspectionItem:
    """One that was found amiss."""
    found = next((item for item in file.amiss if item.seq == seq), None)
    if found is None:
        raise Missing
    return found
