"""What a household row sums up of its people: recomputed from them in one statement, never incremented."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Integer, Numeric, Update, case, cast, func, or_, select, update

from grid.core.db import batches, db
from grid.register.models import TAG_IS_OPEN, Household, Person, PersonTag, Residency, Tag

# What the committee asks of a door and of a person; the share that is filled is the completeness (完整率).
ASKED_OF_DOOR = (
    Household.occupancy,
    Household.area,
    Household.owner_name,
    Household.owner_phone,
    Household.layout,
)
ASKED_OF_PERSON = (
    Person.id_no,
    Person.sex,
    Person.birth,
    Person.phone,
    Person.ethnic,
    Person.education,
    Person.marital,
    Person.population_kind,
)


def _filled(columns: Sequence[Any]) -> Any:
    return reduce(add, (case((column.is_(None), 0), else_=1) for column in columns))


def _members() -> Any:
    return (
        select(func.count())
        .select_from(Residency)
        .where(Residency.household_id == Household.id, Residency.to_on.is_(None))
        .correlate(Household)
        .scalar_subquery()
    )


def _tags() -> Any:
    """Tags carried now that are open to all: restricted ones must not show in a count either."""
    return (
        select(func.count())
        .select_from(Residency)
        .join(PersonTag, PersonTag.person_id == Residency.person_id)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(
            Residency.household_id == Household.id,
            Residency.to_on.is_(None),
            PersonTag.until.is_(None),
            TAG_IS_OPEN,
        )
        .correlate(Household)
        .scalar_subquery()
    )


def _person_fields() -> Any:
    return (
        select(func.coalesce(func.sum(_filled(ASKED_OF_PERSON)), 0))
        .select_from(Residency)
        .join(Person, Person.id == Residency.person_id)
        .where(Residency.household_id == Household.id, Residency.to_on.is_(None))
        .correlate(Household)
        .scalar_subquery()
    )


def _completeness() -> Any:
    filled = cast(_filled(ASKED_OF_DOOR) + _person_fields(), Numeric)
    asked = len(ASKED_OF_DOOR) + len(ASKED_OF_PERSON) * _members()
    # An occupied dwelling without anybody recorded is not complete, however well its door is known.
    lived_in = or_(Household.occupancy.is_(None), Household.occupancy.in_(("own", "rented")))
    nobody = (_members() == 0) & lived_in
    share = cast(func.floor(100.0 * filled / asked), Integer)
    return case((nobody & (Household.use == "dwelling"), cast(share / 3, Integer)), else_=share)


def _statement() -> Update:
    return update(Household).values(n_members=_members(), n_tags=_tags(), completeness=_completeness())


def refresh_members(household_ids: Sequence[int] | None = None, community_id: int | None = None) -> None:
    """Recompute n_members, n_tags and completeness of some households, of a community, or of all."""
    refresh(_statement(), household_ids, community_id)


def refresh(statement: Update, household_ids: Sequence[int] | None, community_id: int | None) -> None:
    """Run a summary statement over some households, a community, or all."""
    db.session.flush()
    statement = statement.execution_options(synchronize_session=False)
    if household_ids is None:
        where = Household.community_id == community_id if community_id is not None else Household.id > 0
        db.session.execute(statement.where(where))
        return
    ids = sorted(set(household_ids))
    for some in batches(ids):
        db.session.execute(statement.where(Household.id.in_(some)))
