"""Writes the visits of a roster in a few statements, whatever their number, and sums up the doors they went to."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update

from grid.accounts.models import AuditEntry
from grid.core.db import batches, db
from grid.core.i18n import _
from grid.exchange.visit_plan import VisitWrites
from grid.exchange.visit_queries import someone_in_charge
from grid.exchange.workbooks import Unreadable
from grid.register.models import Household
from grid.visits.contact_rules import is_kept
from grid.visits.models import IS_OPEN, Visit, VisitPerson, VisitWorker
from grid.visits.summaries import refresh_visits

# From so many doors on, the whole community is summed up at once.
MANY = 800


def write_visits(community_id: int, writes: VisitWrites) -> None:
    """Inside an open audit entry. Visits that found somebody settle promises as those typed in do."""
    doors = sorted({visit.fields["household_id"] for visit in writes.visits})
    _lock(doors)
    ids = _add(community_id, writes)
    met = [
        {"visit_id": id_, "person_id": person_id}
        for id_, visit in zip(ids, writes.visits, strict=True)
        for person_id in sorted(visit.people)
    ]
    along = [
        {"visit_id": id_, "user_id": user_id}
        for id_, visit in zip(ids, writes.visits, strict=True)
        for user_id in visit.along
    ]
    _insert(VisitPerson, met)
    _insert(VisitWorker, along)
    _keep_promises(community_id, set(doors))
    refresh_visits(*((None, community_id) if len(doors) > MANY else (doors,)))


def _lock(doors: list[int]) -> None:
    """In order, so that a visit recorded meanwhile can't leave a summary wrong."""
    for some in batches(doors):
        db.session.execute(
            select(Household.id).where(Household.id.in_(some)).order_by(Household.id).with_for_update()
        ).all()


def _add(community_id: int, writes: VisitWrites) -> list[int]:
    importer = _importer(community_id) if any(visit.worker_id is None for visit in writes.visits) else None
    rows = [
        {"community_id": community_id, "worker_id": visit.worker_id or importer, **visit.fields}
        for visit in writes.visits
    ]
    table = cast(Table, Visit.__table__)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return [int(id_) for id_ in db.session.scalars(statement, rows)] if rows else []


def _importer(community_id: int) -> int:
    """Whoever opened the audit entry; for the command line an administrator."""
    line = db.session.info["audit_line"]
    actor = db.session.scalar(select(AuditEntry.actor_id).where(AuditEntry.id == line.id))
    found = actor or someone_in_charge(community_id)
    if found is None:
        raise Unreadable(_("还没有管理员账号，走访没有人可记。请先建一个（flask user add），再导入。"))
    return found


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def _keep_promises(community_id: int, doors: set[int]) -> None:
    """Open promises to these doors that a later visit kept."""
    promised = select(Visit.id, Visit.household_id, Visit.at, Visit.due_on).where(
        Visit.community_id == community_id, IS_OPEN, Visit.due_on.is_not(None), Visit.deleted_at.is_(None)
    )
    open_ = [row for row in db.session.execute(promised) if row.household_id in doors]
    met = _met_last({row.household_id for row in open_})
    kept = [row.id for row in open_ if is_kept(row.at, row.due_on, met.get(row.household_id))]
    for some in batches(kept):
        db.session.execute(
            update(Visit).where(Visit.id.in_(some)).values(closed=True).execution_options(synchronize_session=False)
        )


def _met_last(doors: set[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in batches(sorted(doors)):
        last = (
            select(Visit.household_id, func.max(Visit.at))
            .where(Visit.household_id.in_(some), Visit.found == "home", Visit.deleted_at.is_(None))
            .group_by(Visit.household_id)
        )
        found |= {household_id: at for household_id, at in db.session.execute(last)}
    return found
