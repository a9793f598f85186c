"""Recording visits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Household, Person, Residency
from grid.visits.models import Visit, VisitPerson
from grid.visits.summaries import refresh_visits


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


def record_visit(visitor: Me, household: Household, entry: VisitEntry) -> Visit:
    """Store a visit once, however often it is sent; raises receipts.AlreadyDone or KeyReused.

    It settles the promises to this door that were due by its day, whoever made them.
    """
    if entry.at > now():
        raise Refused(_("走访时间还没到：以前的可以补记，以后的不行。"), "at")
    if entry.due_on and entry.due_on <= day_of(entry.at):
        raise Refused(_("下次走访要在这次之后。"), "due_on")
    about: dict[str, Any] = {"community_id": household.community_id, "household_id": household.id}
    with audit.entry(visitor, "record_visit", **about):
        receipts.claim(visitor, entry.key, entry.said)
        # Lock the door first, so that two visits at once can't leave its summary wrong.
        db.session.execute(select(Household.id).where(Household.id == household.id).with_for_update())
        if entry.found == "home":
            _keep_promises(household.id, day_of(entry.at))
        visit = Visit(
            community_id=household.community_id,
            household_id=household.id,
            worker_id=visitor.id,
            at=entry.at,
            kind=entry.kind,
            found=entry.found,
            topics=list(entry.topics),
            content=entry.content,
            needs=entry.needs,
            due_on=entry.due_on,
        )
        db.session.add(visit)
        db.session.flush()
        _note_met(visit, household, entry.met)
        refresh_visits([household.id])
        receipts.answer(entry.key, visit.public_id)
    return visit


def _keep_promises(household_id: int, day: date) -> None:
    db.session.execute(
        update(Visit)
        .where(Visit.household_id == household_id, Visit.closed.is_(False), Visit.due_on <= day)
        .values(closed=True)
        .execution_options(synchronize_session=False)
    )


def _note_met(visit: Visit, household: Household, met: tuple[str, ...]) -> None:
    """Only people who live there can have been met there; others are passed over."""
    if not met:
        return
    ids = db.session.scalars(
        select(Person.id)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.household_id == household.id, Residency.to_on.is_(None), Person.public_id.in_(met))
    ).all()
    if ids:
        db.session.execute(insert(VisitPerson), [{"visit_id": visit.id, "person_id": i} for i in sorted(ids)])


def withdraw_visit(actor: Me, visit: Visit) -> None:
    """Take back a visit recorded by mistake; it stays in the audit log."""
    about: dict[str, Any] = {"community_id": visit.community_id, "household_id": visit.household_id}
    with audit.entry(actor, "withdraw_visit", **about):
        visit.deleted_at = now()
        db.session.flush()
        refresh_visits([visit.household_id])
