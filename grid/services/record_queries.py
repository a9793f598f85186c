"""Reading service records, by the reader's households."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from grid.accounts.models import Scope, User
from grid.core.db import Found, db
from grid.core.periods import Period
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Household, Person
from grid.services.models import ServiceRecord

LAST = 3


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; `words` stand in what was done, given or at whose door."""

    community_id: int
    period: Period | None = None
    kind: str | None = None
    words: str = ""
    household_id: int | None = None


def says(words: str) -> ColumnElement[bool]:
    """Beside the household and the person."""
    among = (ServiceRecord.content, ServiceRecord.gift, Household.code, Person.name)
    return or_(*(column.icontains(words, autoescape=True) for column in among))


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        ServiceRecord.community_id == wanted.community_id,
        ServiceRecord.deleted_at.is_(None),
        Household.deleted_at.is_(None),
        scope.covers(Household.community_id, Household.building_id),
    ]
    if wanted.period:
        conditions.append(ServiceRecord.on.between(wanted.period.start, wanted.period.end))
    if wanted.kind:
        conditions.append(ServiceRecord.kind == wanted.kind)
    if wanted.household_id is not None:
        conditions.append(ServiceRecord.household_id == wanted.household_id)
    if wanted.words:
        conditions.append(says(wanted.words))
    return conditions


def _joined(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(ServiceRecord)
        .join(Household, Household.id == ServiceRecord.household_id)
        .outerjoin(Person, Person.id == ServiceRecord.person_id)
    )


def service_records(scope: Scope, wanted: Wanted, most: int, skip: int = 0) -> Sequence[Found]:
    """One page of the list, the latest first."""
    return db.session.execute(
        _joined(
            ServiceRecord.public_id,
            ServiceRecord.on,
            ServiceRecord.kind,
            ServiceRecord.content,
            ServiceRecord.outcome,
            ServiceRecord.amount,
            ServiceRecord.gift,
            Household.code,
            Person.name,
        )
        .where(*_conditions(scope, wanted))
        .order_by(ServiceRecord.on.desc(), ServiceRecord.id.desc())
        .limit(most)
        .offset(skip)
    ).all()


def sums(scope: Scope, wanted: Wanted) -> tuple[int, int, float]:
    """Records, households they were for, and yuan."""
    found = db.session.execute(
        _joined(
            func.count(),
            func.count(ServiceRecord.household_id.distinct()),
            func.coalesce(func.sum(ServiceRecord.amount), 0),
        ).where(*_conditions(scope, wanted))
    ).one()
    return int(found[0]), int(found[1]), float(found[2])


@dataclass(frozen=True)
class RecordFile:
    record: ServiceRecord
    household: Household
    person: Person | None
    recorder: str


def record_or_404(scope: Scope, public_id: str) -> RecordFile:
    found = db.session.execute(
        _joined(ServiceRecord, Household, Person, User.name)
        .join(User, User.id == ServiceRecord.recorded_by)
        .where(ServiceRecord.public_id == public_id, ServiceRecord.deleted_at.is_(None))
    ).first()
    if found is None or not scope.allows(found[1].community_id, found[1].building_id):
        raise Missing
    return RecordFile(*found)


_last = Prepared(
    select(ServiceRecord.public_id, ServiceRecord.on, ServiceRecord.kind, ServiceRecord.content)
    .where(ServiceRecord.household_id == bindparam("household_id"), ServiceRecord.deleted_at.is_(None))
    .order_by(ServiceRecord.on.desc(), ServiceRecord.id.desc())
    .limit(LAST)
)


def last_services(household_id: int) -> Sequence[tuple[Any, ...]]:
    """The last ones for a household: public id, day, kind, what was done."""
    return _last.rows(household_id=household_id)
