"""The steps of a case: what was done, where it went, how it ended. Each says from which version it was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from grid.accounts import audit
from grid.accounts.models import Me
from grid.cases.models import Case, CaseStep
from grid.cases.queries import looks_after
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused

LEVELS = ("building", "community", "street")


@dataclass(frozen=True)
class StepEntry:
    """One step; what a kind does not speak of stays None."""

    kind: str
    content: str | None = None
    at: datetime = field(default_factory=now)
    method: str | None = None
    outcome: str | None = None
    satisfaction: str | None = None
    revisit_on: date | None = None
    to_id: int | None = None


class Outrun(Exception):
    """Somebody else took a step since the page was opened."""


def possible_steps(case: Case) -> tuple[str, ...]:
    """The kinds of step that a case can take now."""
    if case.closed_on is not None:
        return ("revisit", "reopen")
    up = ("hand_up",) if case.lies_at != LEVELS[-1] else ()
    down = ("hand_down",) if case.lies_at != LEVELS[0] else ()
    return ("note", "mediation", *up, *down, "assign", "revisit", "close")


def take_step(actor: Me, case: Case, version: int, entry: StepEntry) -> None:
    """Add to the timeline and move the case on; Outrun where the case is no longer that version."""
    if entry.at > now():
        raise Refused(_("这个时间还没到，请核对。"), "at")
    with audit.entry(actor, _ACTIONS[entry.kind], community_id=case.community_id, household_id=case.household_id):
        db.session.refresh(case, with_for_update=True)
        if case.version != version:
            raise Outrun
        if entry.kind not in possible_steps(case):
            raise Refused(_("这件事现在走不了这一步，请看上面的经过。"), "content")
        MOVES[entry.kind](case, entry)
        case.version += 1
        db.session.add(_step(actor, case, entry))


def _step(actor: Me, case: Case, entry: StepEntry) -> CaseStep:
    return CaseStep(
        community_id=case.community_id,
        case_id=case.id,
        kind=entry.kind,
        at=entry.at,
        content=entry.content,
        by_id=actor.id,
        method=entry.method,
        outcome=entry.outcome,
        satisfaction=entry.satisfaction,
        to_id=entry.to_id,
        to_level=case.lies_at if entry.kind in ("hand_up", "hand_down") else None,
    )


def _note(case: Case, entry: StepEntry) -> None:
    """Only told."""


def _mediate(case: Case, entry: StepEntry) -> None:
    case.method, case.outcome = entry.method, entry.outcome
    case.revisit_on = entry.revisit_on or case.revisit_on


def _hand_up(case: Case, entry: StepEntry) -> None:
    case.lies_at = LEVELS[LEVELS.index(case.lies_at) + 1]
    case.level_reached = max(case.level_reached, case.lies_at, key=LEVELS.index)


def _hand_down(case: Case, entry: StepEntry) -> None:
    case.lies_at = LEVELS[LEVELS.index(case.lies_at) - 1]


def _assign(case: Case, entry: StepEntry) -> None:
    if entry.to_id == case.owner_id:
        raise Refused(_("现在就是这个人经办，请选别人。"), "to")
    if not looks_after(entry.to_id or 0, case.community_id, case.building_id, day_of(now())):
        raise Refused(_("这个人不负责这里，请从列表里选一位。"), "to")
    case.owner_id = entry.to_id or 0


def _revisit(case: Case, entry: StepEntry) -> None:
    case.satisfaction, case.revisit_on = entry.satisfaction, entry.revisit_on


def _close(case: Case, entry: StepEntry) -> None:
    if day_of(entry.at) < day_of(case.at):
        raise Refused(_("比发生的那天还早，请核对。"), "at")
    case.result, case.closed_on, case.revisit_on = entry.content, day_of(entry.at), entry.revisit_on


def _reopen(case: Case, entry: StepEntry) -> None:
    case.result, case.closed_on = None, None


MOVES: Mapping[str, Callable[[Case, StepEntry], None]] = {
    "note": _note,
    "mediation": _mediate,
    "hand_up": _hand_up,
    "hand_down": _hand_down,
    "assign": _assign,
    "revisit": _revisit,
    "close": _close,
    "reopen": _reopen,
}
_ACTIONS = {
    "note": "note_case",
    "mediation": "mediate_case",
    "hand_up": "hand_up_case",
    "hand_down": "hand_down_case",
    "assign": "assign_case",
    "revisit": "revisit_case",
    "close": "close_case",
    "reopen": "reopen_case",
}
