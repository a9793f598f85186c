"""Writing into the floating register."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Floating
from grid.register.queries import Resident
from grid.tags.floating_queries import floating_of


@dataclass(frozen=True)
class FloatingEntry:
    direction: str
    reason: str | None
    permit_kind: str | None
    permit_no: str | None
    registered_on: date | None
    expires_on: date | None
    dwelling_kind: str | None
    employed_by: str | None
    rented_by: str | None
    left_on: date | None


def record_floating(actor: Me, resident: Resident, entry: FloatingEntry, version: int) -> None:
    """Save over `version` of the open row; 0 where the form was opened without one."""
    person, residency = resident.person, resident.residency
    about: dict[str, Any] = {"household_id": residency.household_id, "person_id": person.id}
    with audit.entry(actor, "record_floating", community_id=person.community_id, **about):
        # The person is the lock: two first entries must not make two rows.
        db.session.refresh(person, with_for_update=True)
        held = floating_of(person.id)
        if held is not None:
            db.session.refresh(held)
        if version != (held.version if held else 0):
            raise Refused(_("这条流动登记刚刚有人改过。请刷新页面看一看，再改一次。"), "direction")
        _refuse_nonsense(entry)
        row = held or Floating(community_id=person.community_id, person_id=person.id, version=0)
        for name, value in asdict(entry).items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = now()
        db.session.add(row)


def _refuse_nonsense(entry: FloatingEntry) -> None:
    if entry.registered_on and entry.registered_on > today():
        raise Refused(_("登记日期还没到，请核对。"), "registered_on")
    if entry.left_on and entry.left_on > today():
        raise Refused(_("离开日期还没到：走了再登记。"), "left_on")
    if entry.registered_on and entry.expires_on and entry.expires_on < entry.registered_on:
        raise Refused(_("有效期比登记日期还早，请核对。"), "expires_on")
    if entry.registered_on and entry.left_on and entry.left_on < entry.registered_on:
        raise Refused(_("离开日期比登记日期还早，请核对。"), "left_on")
