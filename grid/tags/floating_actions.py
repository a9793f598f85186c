"""Writing into the floating register."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.actions import told_why
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
    went_to: str | None
    left_on: date | None
    left_reason: str | None


@dataclass(frozen=True)
class RenewalEntry:
    permit_kind: str
    permit_no: str | None
    registered_on: date
    expires_on: date


# What goes on when only the permit is a new one.
_KEPT = ("direction", "reason", "dwelling_kind", "employed_by", "rented_by", "went_to")


def record_floating(actor: Me, resident: Resident, entry: FloatingEntry, version: int) -> None:
    """Save over `version` of the open row; 0 where the form was opened without one."""
    with _held(actor, "record_floating", resident, version, "direction") as held:
        _refuse_nonsense(entry)
        row = held or _new(resident)
        _write(row, asdict(entry))


def renew_permit(actor: Me, resident: Resident, entry: RenewalEntry, version: int) -> None:
    """The old registration ends on the day the new one begins, so that the past can still be counted."""
    with _held(actor, "renew_permit", resident, version, "registered_on") as held:
        if held is None or held.direction != "in":
            raise Refused(_("没有在册的流入登记，不能续办；请先登记。"), "registered_on")
        if entry.registered_on > today():
            raise Refused(_("登记日期还没到，请核对。"), "registered_on")
        if held.registered_on and entry.registered_on <= held.registered_on:
            raise Refused(
                _("续办要晚于上次登记（%(day)s）；写错了请直接改登记。", day=held.registered_on), "registered_on"
            )
        if entry.expires_on <= entry.registered_on:
            raise Refused(_("有效期比登记日期还早，请核对。"), "expires_on")
        kept = {name: getattr(held, name) for name in _KEPT}
        _write(held, {"left_on": entry.registered_on})
        _write(_new(resident), kept | asdict(entry))


def leave(actor: Me, resident: Resident, left_on: date, version: int, left_reason: str | None = None) -> None:
    """Somebody who came is gone, and why; or somebody who went is back."""
    words = f"{resident.person.name} {left_on}{told_why(left_reason)}"
    with _held(actor, "leave_floating", resident, version, "left_on", words) as held:
        if held is None:
            raise Refused(_("没有在册的流动登记。"), "left_on")
        left = {"left_on": left_on, "left_reason": left_reason if held.direction == "in" else None}
        _refuse_nonsense(FloatingEntry(**{name: getattr(held, name) for name in _NAMES} | left))
        _write(held, left)


_NAMES = tuple(FloatingEntry.__dataclass_fields__)


@contextmanager
def _held(
    actor: Me, action: str, resident: Resident, version: int, about: str, words: str = ""
) -> Iterator[Floating | None]:
    """The open row under an entry of the log, if it is still what the form was filled in over."""
    person, residency = resident.person, resident.residency
    of: dict[str, Any] = {"household_id": residency.household_id, "person_id": person.id}
    with audit.entry(actor, action, community_id=person.community_id, words=words, **of):
        # The person is the lock: two first entries must not make two rows.
        db.session.refresh(person, with_for_update=True)
        held = floating_of(person.id)
        if held is not None:
            db.session.refresh(held)
        if version != (held.version if held else 0):
            raise Refused(_("这条流动登记刚刚有人改过。请刷新页面看一看，再改一次。"), about)
        yield held


def _new(resident: Resident) -> Floating:
    person = resident.person
    return Floating(community_id=person.community_id, person_id=person.id, version=0)


def _write(row: Floating, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = now()
    db.session.add(row)
    db.session.flush()


def _refuse_nonsense(entry: FloatingEntry) -> None:
    if entry.registered_on and entry.registered_on > today():
        raise Refused(_("登记日期还没到，请核对。"), "registered_on")
    if entry.left_reason and not entry.left_on:
        raise Refused(_("写了离开原因，请把离开日期也填上。"), "left_on")
    if entry.left_on and entry.left_on > today():
        raise Refused(_("离开日期还没到：走了再登记。"), "left_on")
    if entry.registered_on and entry.expires_on and entry.expires_on < entry.registered_on:
        raise Refused(_("有效期比登记日期还早，请核对。"), "expires_on")
    if entry.registered_on and entry.left_on and entry.left_on < entry.registered_on:
        raise Refused(_("离开日期比登记日期还早，请核对。"), "left_on")
