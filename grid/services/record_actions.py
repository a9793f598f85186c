"""Writing down what was done for a household."""

from dataclasses import dataclass
from datetime import date

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Household
from grid.register.queries import Door
from grid.services.models import ServiceRecord


@dataclass(frozen=True)
class RecordEntry:
    """`amount` in yuan."""

    kind: str
    on: date
    content: str
    outcome: str = "done"
    person_id: int | None = None
    amount: float | None = None
    gift: str | None = None


def record_service(actor: Me, door: Door | Household, entry: RecordEntry, slip: Slip) -> str:
    """Its public id; raises receipts.AlreadyDone or KeyReused."""
    if entry.on > today():
        raise Refused(_("这一天还没到：以前的可以补记，以后的不行。"), "on")
    community_id, household_id = door.community_id, door.id
    with audit.entry(actor, "record_service", community_id=community_id, household_id=household_id):
        receipts.claim(actor, slip.key, slip.said)
        made = ServiceRecord(community_id=community_id, household_id=household_id, recorded_by=actor.id, **vars(entry))
        db.session.add(made)
        db.session.flush()
        receipts.answer(slip.key, made.public_id)
        return made.public_id


def withdraw_service(actor: Me, record: ServiceRecord) -> None:
    community_id, household_id = record.community_id, record.household_id
    with audit.entry(actor, "withdraw_service", community_id=community_id, household_id=household_id):
        record.deleted_at = now()
