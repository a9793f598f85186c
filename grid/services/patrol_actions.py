"""Recording a patrol with what it found, and taking one back that was recorded by mistake."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.cases.actions import CaseEntry, open_case
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.services.models import Patrol, PatrolFinding


@dataclass(frozen=True)
class FindingEntry:
    """With a `case_type` it becomes a case."""

    content: str
    place: str | None = None
    building_id: int | None = None
    case_type: str | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class PatrolEntry:
    started_at: datetime
    ended_at: datetime
    headcount: int
    team_id: int | None = None
    shift_id: int | None = None
    route_id: int | None = None
    who: str | None = None
    content: str | None = None
    findings: tuple[FindingEntry, ...] = ()


def record_patrol(actor: Me, community_id: int, entry: PatrolEntry, slip: Slip) -> str:
    """Once, however often it is sent; raises receipts.AlreadyDone or KeyReused."""
    if entry.started_at > now():
        raise Refused(_("还没到这个时间：巡逻开始以后再记。"), "starts")
    with audit.entry(actor, "record_patrol", community_id=community_id):
        receipts.claim(actor, slip.key, slip.said)
        patrol = Patrol(
            community_id=community_id,
            recorded_by=actor.id,
            **{name: value for name, value in vars(entry).items() if name != "findings"},
        )
        db.session.add(patrol)
        db.session.flush()
        for finding in entry.findings:
            _keep_finding(actor, patrol, finding)
        receipts.answer(slip.key, patrol.public_id)
        return patrol.public_id


def _keep_finding(actor: Me, patrol: Patrol, entry: FindingEntry) -> None:
    db.session.add(
        PatrolFinding(
            community_id=patrol.community_id,
            patrol_id=patrol.id,
            building_id=entry.building_id,
            place=entry.place,
            content=entry.content,
            case_id=_case_of(actor, patrol, entry) if entry.case_type else None,
        )
    )


def _case_of(actor: Me, patrol: Patrol, entry: FindingEntry) -> int:
    about: dict[str, Any] = {
        "community_id": patrol.community_id,
        "building_id": entry.building_id,
        "household_id": None,
        "type": entry.case_type,
        "source": "patrol",
        "content": f"{entry.place}：{entry.content}" if entry.place else entry.content,
        "at": patrol.started_at,
        "due_on": entry.due_on,
    }
    return open_case(actor, CaseEntry(**about)).id


def withdraw_patrol(actor: Me, patrol: Patrol) -> None:
    """Cases that came of it stay."""
    with audit.entry(actor, "withdraw_patrol", community_id=patrol.community_id):
        patrol.deleted_at = patrol.deleted_at or now()
