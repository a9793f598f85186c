"""评选: who was honoured in a year."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select

from grid.accounts.models import Scope
from grid.core.codes import CODES
from grid.core.db import db
from grid.register.models import Building, Household, Person, Residency
from grid.services.models import Award


def _seen(scope: Scope, community_id: int) -> Any:
    """What names a house is for those who look after it; what names only somebody is for all."""
    return and_(
        Award.community_id == community_id,
        Award.deleted_at.is_(None),
        or_(Award.building_id.is_(None), scope.covers(Award.community_id, Award.building_id)),
    )


def awards_by_kind(scope: Scope, community_id: int, year: int) -> list[tuple[str, Sequence[Any]]]:
    """public_id, kind, name, on, note, household's public id and code, building's no and estate; by kind."""
    found = db.session.execute(
        select(
            Award.public_id,
            Award.kind,
            Award.name,
            Award.on,
            Award.note,
            Household.public_id.label("household"),
            Household.code,
            Building.no.label("building"),
            Building.estate,
        )
        .outerjoin(Household, Household.id == Award.household_id)
        .outerjoin(Building, Building.id == Award.building_id)
        .where(_seen(scope, community_id), Award.year == year)
        .order_by(
            Building.no_order.is_(None),
            Building.no_order,
            Household.code.is_(None),
            Household.code,
            Award.name,
            Award.id,
        )
    ).all()
    grouped = [(kind, [a for a in found if a.kind == kind]) for kind, _label in CODES["award_kind"].items]
    return [(kind, awards) for kind, awards in grouped if awards]


def years(scope: Scope, community_id: int, this_year: int) -> list[int]:
    """Years with an award, and this one; the newest first."""
    found = db.session.scalars(select(Award.year).where(_seen(scope, community_id)).distinct())
    return sorted({*found, this_year}, reverse=True)


def count_awards(scope: Scope, community_id: int, year: int) -> int:
    wanted = select(func.count()).select_from(Award).where(_seen(scope, community_id), Award.year == year)
    return db.session.scalar(wanted) or 0


def head_of(household_id: int) -> str | None:
    return db.session.scalar(
        select(Person.name)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.household_id == household_id, Residency.to_on.is_(None))
        .order_by(Residency.is_head.desc(), Residency.id)
        .limit(1)
    )
