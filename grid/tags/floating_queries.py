"""流动登记: who came from elsewhere or went there for a while, and whose permit runs out."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from grid.accounts.models import Scope
from grid.core.db import Found, db
from grid.register.models import Building, Floating, Household, Person, Residency

# A permit that runs out within so many days is shown first.
AHEAD = timedelta(days=30)
KINDS = ("in", "out", "expired", "left")


def _wanted(scope: Scope, community_id: int, kind: str, day: date) -> Any:
    """Rows in scope of one kind; any other word means all in force."""
    of_kind = {
        "in": (Floating.left_on.is_(None), Floating.direction == "in"),
        "out": (Floating.left_on.is_(None), Floating.direction == "out"),
        "expired": (Floating.left_on.is_(None), Floating.expires_on < day),
        "left": (Floating.left_on.is_not(None),),
    }
    return and_(
        Floating.community_id == community_id,
        # Who lives behind no door any more is for those who have the whole community.
        or_(Floating.community_id.in_(scope.communities), Household.building_id.in_(scope.buildings)),
        Person.deleted_at.is_(None),
        *of_kind.get(kind, (Floating.left_on.is_(None),)),
    )


def _register(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Floating)
        .join(Person, Person.id == Floating.person_id)
        .outerjoin(Residency, and_(Residency.person_id == Person.id, Residency.to_on.is_(None)))
        .outerjoin(Household, Household.id == Residency.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
    )


def floating(scope: Scope, community_id: int, kind: str, day: date, most: int, skip: int = 0) -> list[Found]:
    """Those whose permit runs out soonest first, then by door.

    person, name, direction, reason, permit kind and number, registered, expires, left, household, code.
    """
    runs_out = case((and_(Floating.expires_on >= day, Floating.expires_on <= day + AHEAD), 0), else_=1)
    found = db.session.execute(
        _register(
            Person.public_id,
            Person.name,
            Floating.direction,
            Floating.reason,
            Floating.permit_kind,
            Floating.permit_no,
            Floating.registered_on,
            Floating.expires_on,
            Floating.left_on,
            Household.public_id,
            Household.code,
        )
        .where(_wanted(scope, community_id, kind, day))
        .order_by(
            runs_out,
            case((runs_out == 0, Floating.expires_on), else_=None),
            Building.no_order.is_(None),
            Building.no_order,
            Household.unit_no,
            Household.floor,
            Household.room,
            Floating.id,
        )
        .limit(most)
        .offset(skip)
    )
    return list(found.all())


def count_floating(scope: Scope, community_id: int, kind: str, day: date) -> int:
    return db.session.scalar(_register(func.count()).where(_wanted(scope, community_id, kind, day))) or 0


def floating_of(person_id: int) -> Floating | None:
    """The open row of a person, else None: who left and comes again gets a new one."""
    return db.session.scalar(
        select(Floating)
        .where(Floating.person_id == person_id, Floating.left_on.is_(None))
        .order_by(Floating.id.desc())
        .limit(1)
    )
