"""What a batch is made of: the doors or buildings somebody chose, in the order of a walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from grid.accounts.models import Scope
from grid.core.db import db
from grid.documents.kinds import PAPERS
from grid.documents.models import PrintJob, PrintPart
from grid.documents.queries import changed_since_print, never_printed
from grid.register.models import TAG_IS_OPEN, Building, Household, PersonTag, Residency, Tag

# All of them, those whose sheet has become wrong, those of which there is no sheet.
WHICH = ("all", "changed", "never")
Item = tuple[int, int | None]


@dataclass(frozen=True)
class Choice:
    """Blocks and buildings add up; without either it is everything in scope. A tag and `which` narrow that."""

    community_id: int
    blocks: tuple[int, ...] = ()
    buildings: tuple[int, ...] = ()
    tag_id: int | None = None
    which: str = "all"


def chosen_doors(scope: Scope, choice: Choice, today: date) -> list[Item]:
    """Every household chosen, once, with its building."""
    all_doors = (
        select(Household.id, Household.building_id)
        .join(Building, Building.id == Household.building_id)
        .where(Household.deleted_at.is_(None))
        .order_by(Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room, Household.id)
    )
    found = _within(all_doors, scope, choice)
    if choice.tag_id is not None:
        found = found.where(Household.id.in_(_carriers(choice.tag_id)))
    items: list[Item] = [(household_id, building_id) for household_id, building_id in db.session.execute(found)]
    if choice.which == "changed":
        changed = changed_since_print(scope, choice.community_id, today)
        return [item for item in items if item[0] in changed]
    if choice.which == "never":
        never = set(never_printed(scope, choice.community_id))
        return [item for item in items if item[0] in never]
    return items


def chosen_buildings(scope: Scope, choice: Choice) -> list[Item]:
    found = _within(select(Building.id).order_by(Building.no_order, Building.no), scope, choice)
    return [(building_id, building_id) for building_id in db.session.scalars(found)]


def _within(found: Select[*tuple[Any, ...]], scope: Scope, choice: Choice) -> Select[*tuple[Any, ...]]:
    found = found.where(Building.community_id == choice.community_id, scope.covers(Building.community_id, Building.id))
    if choice.blocks or choice.buildings:
        found = found.where(Building.block_id.in_(choice.blocks) | Building.id.in_(choice.buildings))
    return found


def _carriers(tag_id: int) -> Select[*tuple[Any, ...]]:
    """Households in which somebody carries a tag now; nobody finds restricted ones this way."""
    return (
        select(Residency.household_id)
        .join(PersonTag, PersonTag.person_id == Residency.person_id)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(Residency.to_on.is_(None), PersonTag.until.is_(None), TAG_IS_OPEN, PersonTag.tag_id == tag_id)
    )


def lies_within(scope: Scope, job: PrintJob) -> bool:
    """Whether all that a job printed still lies in its owner's scope: patches are handed over."""
    if scope.allows(job.community_id):
        return True
    parts = db.session.scalars(select(PrintPart.items).where(PrintPart.job_id == job.id))
    ids = sorted({one for items in parts for one in items})
    return all(_buildings(job.kind, ids[at : at + 500]) <= set(scope.buildings) for at in range(0, len(ids), 500))


def _buildings(kind: str, ids: Sequence[int]) -> set[int]:
    if PAPERS[kind].level == "building":
        return set(ids)
    return set(db.session.scalars(select(Household.building_id).where(Household.id.in_(ids)).distinct()))
