"""Recording visits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.core.clock import day_of, now
from grid.core.db import db, row, run
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Household, Person, Residency
from grid.register.queries import Door
from grid.visits.models import IS_OPEN, Visit, VisitPerson
from grid.visits.summaries import refresh_visits, refresh_visits_to


@dataclass(frozen=True)
class VisitEntry:
    """What was said of one visit. `key` is the client-made UUID, `said` the fingerprint of the words."""

    key: str
    said: str
    at: datetime
    found: str
    kind: str = "visit"
    topics: tuple[str, ...] = ()
    content: str | None = None
    needs: str | None = None
    due_on: date | None = None
    met: tuple[str, ...] = ()


def record_visit(visitor: Me, household: Door | Household, entry: VisitEntry) -> str:
    """Store a visit once, however often it is sent, and give its public id; raises receipts.AlreadyDone or KeyReused.

    It settles the promises to this door that were due by its day, whoever made them.
    """
    if entry.at > now():
        raise Refused(_("走访时间还没到：以前的可以补记，以后的不行。"), "at")
    if entry.due_on and entry.due_on <= day_of(entry.at):
        raise Refused(_("下次走访要在这次之后。"), "due_on")
    community_id, household_id = household.community_id, household.id
    with audit.entry(visitor, "record_visit", community_id=community_id, household_id=household_id):
        receipts.claim(visitor, entry.key, entry.said)
        # Lock the door first, so that two visits at once can't leave its summary wrong.
        row(_lock, of=household_id)
        if entry.found == "home":
            run(_keep_promises, to=household_id, by=day_of(entry.at))
        made = row(
            _add,
            community_id=community_id,
            household_id=household_id,
            worker_id=visitor.id,
            at=entry.at,
            kind=entry.kind,
            found=entry.found,
            topics=list(entry.topics),
            content=entry.content,
            needs=entry.needs,
            due_on=entry.due_on,
        )
        assert made
        visit_id, public_id = made
        _note_met(visit_id, household_id, entry.met)
        refresh_visits_to(household_id)
        receipts.answer(entry.key, public_id)
    return str(public_id)


_lock = select(Household.id).where(Household.id == bindparam("of")).with_for_update()
_keep_promises = (
    update(Visit)
    .where(
        Visit.household_id == bindparam("to"),
        IS_OPEN,
        Visit.due_on <= bindparam("by"),
    )
    .values(closed=True)
)
_add = insert(Visit).returning(Visit.id, Visit.public_id)


def _note_met(visit_id: int, household_id: int, met: tuple[str, ...]) -> None:
    """Only people who live there can have been met there; others are passed over."""
    if not met:
        return
    ids = db.session.scalars(
        select(Person.id)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.household_id == household_id, Residency.to_on.is_(None), Person.public_id.in_(met))
    ).all()
    if ids:
        db.session.execute(insert(VisitPerson), [{"visit_id": visit_id, "person_id": i} for i in sorted(ids)])


def withdraw_visit(actor: Me, visit: Visit) -> None:
    """Take back a visit recorded by mistake, with its promise; it stays in the audit log."""
    about: dict[str, Any] = {"community_id": visit.community_id, "household_id": visit.household_id}
    with audit.entry(actor, "withdraw_visit", **about):
        row(_lock, of=visit.household_id)
        visit.deleted_at = now()
        visit.closed = visit.closed or visit.due_on is not None
        db.session.flush()
        _recompute_promises(visit.household_id)
        refresh_visits([visit.household_id])


def _recompute_promises(household_id: int) -> None:
    """A promise is kept by a visit that found somebody on its day or later."""
    left = db.session.scalars(select(Visit).where(Visit.household_id == household_id, Visit.deleted_at.is_(None))).all()
    met_last = max((day_of(visit.at) for visit in left if visit.found == "home"), default=date.min)
    for visit in left:
        if visit.due_on is not None:
            visit.closed = met_last >= visit.due_on
    db.session.flush()
