"""What a household row sums up of its visits: the last day somebody was found, when they are found, open promises."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, case, func, select, text, update

from grid.core.db import run
from grid.core.moments import LocalDay, LocalHour
from grid.register.models import Household
from grid.register.summaries import refresh
from grid.visits.models import IS_OPEN, Visit

# Of this household's visits those that found somebody (visited = 在家, not 无人).
_found = (Visit.household_id == Household.id, Visit.found == "home", Visit.deleted_at.is_(None))
NOON, EVENING = 12, 18


def _last_visit() -> Any:
    """The committee's calendar day of the last one."""
    return select(LocalDay(func.max(Visit.at))).where(*_found).correlate(Household).scalar_subquery()


def _home_hours() -> Any:
    """The part of the day with most of them; of equal ones the earliest. Midnight stands for an unknown time."""
    hour = LocalHour(Visit.at)
    part = case((hour < NOON, "morning"), (hour < EVENING, "afternoon"), else_="evening").label("part")
    return (
        select(part)
        .where(*_found, hour > 0)
        .group_by(text("part"))
        .order_by(func.count().desc(), func.min(hour))
        .limit(1)
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


_statement = update(Household).values(last_visit_on=_last_visit(), home_hours=_home_hours(), n_open=_open_promises())
_statement_of_one = _statement.where(Household.id == bindparam("of"))


def refresh_visits(household_ids: Sequence[int] | None = None, community_id: int | None = None) -> None:
    """Recompute last_visit_on, home_hours and n_open of some households, of a community, or of all."""
    refresh(_statement, household_ids, community_id)


def refresh_visits_to(household_id: int) -> None:
    """The same for the one door that a visit was just written for, by `run`."""
    run(_statement_of_one, of=household_id)
