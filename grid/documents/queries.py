"""Reading editions: whose sheet was never printed, whose has changed since, and where a token leads."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import bindparam, func, select

from grid.accounts.models import Scope
from grid.core.prepared import Prepared
from grid.documents.editions import Change, changes_since
from grid.documents.models import Edition
from grid.dossier.queries import sheet_rows
from grid.dossier.reading import stated
from grid.register.models import Household

# Doors whose sheets are compared at once.
AT_ONCE = 250

_latest = (
    select(func.max(Edition.id).label("id"))
    .where(Edition.community_id == bindparam("community_id"))
    .group_by(Edition.household_id)
    .subquery()
)
_printed = Prepared(
    select(Edition.household_id, Edition.id, Household.community_id, Household.building_id)
    .join(_latest, _latest.c.id == Edition.id)
    .join(Household, Household.id == Edition.household_id)
    .where(Household.deleted_at.is_(None))
    .order_by(Edition.household_id)
)
_facts = Prepared(
    select(Edition.household_id, Edition.facts).where(Edition.id.in_(bindparam("editions", expanding=True)))
)
_never = Prepared(
    select(Household.id, Household.community_id, Household.building_id)
    .outerjoin(Edition, Edition.household_id == Household.id)
    .where(Household.community_id == bindparam("community_id"), Household.deleted_at.is_(None), Edition.id.is_(None))
    .order_by(Household.id)
)


def changed_since_print(scope: Scope, community_id: int, today: date) -> dict[int, list[Change]]:
    """Household id → what its latest printed sheet says that is not so any more; nothing of those that still hold."""
    found: dict[int, list[Change]] = {}
    printed = [
        (household_id, edition_id)
        for household_id, edition_id, *place in _printed.rows(community_id=community_id)
        if scope.allows(*place)
    ]
    for start in range(0, len(printed), AT_ONCE):
        compared = _compared(printed[start : start + AT_ONCE], today)
        found |= {household_id: changes for household_id, changes in compared if changes}
    return found


def _compared(printed: Sequence[tuple[int, int]], today: date) -> Iterator[tuple[int, list[Change]]]:
    facts = dict(_facts.rows(editions=tuple(edition_id for _household_id, edition_id in printed)))
    for rows in sheet_rows([household_id for household_id, _edition_id in printed], today):
        household_id = rows.door["id"]
        yield household_id, changes_since(facts[household_id], stated(rows))


def never_printed(scope: Scope, community_id: int) -> list[int]:
    """The ids of households in scope of which no sheet was ever printed."""
    return [household_id for household_id, *place in _never.rows(community_id=community_id) if scope.allows(*place)]
