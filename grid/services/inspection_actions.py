"""Recording inspections, and looking again at what was amiss."""

from dataclasses import dataclass
from datetime import date, datetime

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.cases.actions import CaseEntry, open_case
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Site
from grid.services.models import Inspection, InspectionItem


@dataclass(frozen=True)
class ItemEntry:
    """A line as it was found; `is_fine` None where it does not apply, `case` the kind of case it is to become."""

    words: str
    is_fine: bool | None
    note: str | None = None
    due_on: date | None = None
    case: str | None = None


@dataclass(frozen=True)
class InspectionEntry:
    community_id: int
    kind: str
    at: datetime
    items: tuple[ItemEntry, ...]
    checklist_id: int | None = None
    holiday: str | None = None
    site_id: int | None = None
    building_id: int | None = None
    place: str | None = None
    inspectors: str | None = None
    content: str | None = None
    signer: str | None = None
    signature: str | None = None


def record_inspection(actor: Me, entry: InspectionEntry, slip: Slip) -> str:
    """Its public id. What is amiss becomes a case where its finder asked for one; raises receipts.AlreadyDone."""
    _refuse_nonsense(entry)
    with audit.entry(actor, "record_inspection", community_id=entry.community_id):
        receipts.claim(actor, slip.key, slip.said)
        made = Inspection(
            **{name: value for name, value in vars(entry).items() if name != "items"}, recorded_by=actor.id
        )
        db.session.add(made)
        db.session.flush()
        for seq, item in enumerate(entry.items, start=1):
            db.session.add(_item(actor, made, seq, item))
        receipts.answer(slip.key, made.public_id)
        return made.public_id


def _refuse_nonsense(entry: InspectionEntry) -> None:
    if entry.at > now():
        raise Refused(_("检查的时间还没到，请核对。"), "at")
    if any(item.due_on and item.due_on < day_of(entry.at) for item in entry.items):
        raise Refused(_("整改期限比检查的那天还早，请核对。"), "at")


def _item(actor: Me, inspection: Inspection, seq: int, entry: ItemEntry) -> InspectionItem:
    return InspectionItem(
        community_id=inspection.community_id,
        inspection_id=inspection.id,
        seq=seq,
        words=entry.words,
        is_fine=entry.is_fine,
        note=entry.note,
        due_on=entry.due_on,
        case_id=_case_of(actor, inspection, entry) if entry.case else None,
    )


def _case_of(actor: Me, inspection: Inspection, entry: ItemEntry) -> int:
    """Where no building is known, the case says the place in its own words."""
    case = open_case(
        actor,
        CaseEntry(
            type=str(entry.case),
            source="inspection",
            content=f"{entry.words}：{entry.note}" if entry.note else entry.words,
            community_id=inspection.community_id,
            building_id=inspection.building_id,
            place=None if inspection.building_id else _place_of(inspection),
            at=inspection.at,
            due_on=entry.due_on,
        ),
    )
    return case.id


def _place_of(inspection: Inspection) -> str | None:
    site = db.session.get(Site, inspection.site_id) if inspection.site_id else None
    return site.name if site else inspection.place


def recheck_item(actor: Me, item: InspectionItem, day: date, note: str | None) -> None:
    """复查: found in order on a day."""
    with audit.entry(actor, "recheck_inspection", community_id=item.community_id):
        _hold_open(item)
        item.rectified_on, item.rechecked_by, item.recheck_note = day, actor.id, note


def give_more_time(actor: Me, item: InspectionItem, due_on: date, note: str | None) -> None:
    """复查: still amiss, with a new day to put it right by."""
    with audit.entry(actor, "recheck_inspection", community_id=item.community_id):
        _hold_open(item)
        item.due_on, item.rechecked_by, item.recheck_note = due_on, actor.id, note


def _hold_open(item: InspectionItem) -> None:
    db.session.refresh(item, with_for_update=True)
    if item.rectified_on is not None:
        raise Refused(_("这一项在 %(day)s 已经复查合格了。", day=item.rectified_on.isoformat()))


def withdraw_inspection(actor: Me, inspection: Inspection) -> None:
    with audit.entry(actor, "withdraw_inspection", community_id=inspection.community_id):
        inspection.deleted_at = now()
