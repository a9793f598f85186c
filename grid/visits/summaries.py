"""What a household row sums up of its visits: the last day somebody was found, and open promises."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Date, Update, bindparam, cast, func, select, update

from grid.core.db import db, run
from grid.register.models import Household
from grid.register.summaries import refresh
from grid.visits.models import IS_OPEN, Visit


def _last_visit(dialect: str) -> Any:
    """The committee's calendar day of the last visit that found somebody (visited = 在家, not 无人)."""
    day: Any
    if dialect == "sqlite":
        day = func.date(func.max(Visit.at), "+8 hours", type_=Date)
    else:
        day = cast(func.timezone("Asia/Shanghai", func.max(Visit.at)), Date)
    return (
        select(day)
        .where(Visit.household_id == Household.id, Visit.found == "home", Visit.deleted_at.is_(None))
        .correlate(Household)
        .scalar_subquery()
    )


def _open_promises() -> Any:
    return (
        select(func.count())
        .select_from(Visit)
        .where(
            Visit.household_id == Household.id,
            IS_OPEN,
            Visit.due_on.is_not(None),
            Visit.deleted_at.is_(None),
        )
        .correlate(Household)
        .scalar_subquery()
    )


@cache
def _statement(dialect: str) -> Update:
    return update(Household).values(last_visit_on=_last_visit(dialect), n_open=_open_promises())


@cache
def _statement_of_one(dialect: str) -> Update:
    return _statement(dialect).where(Household.id == bindparam("of"))


def refresh_visits(household_ids: Sequence[int] | None = None, community_id: int | None = None) -> None:
    """Recompute last_visit_on and n_open of some households, of a community, or of all."""
    refresh(_statement(db.session.connection().dialect.name), household_ids, community_id)


def refresh_visits_to(household_id: int) -> None:
    """The same for the one door that a visit was just written for, by `run`."""
    run(_statement_of_one(db.session.connection().dialect.name), of=household_id)
