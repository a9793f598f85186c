"""Writing down who was honoured; with a tick the household's file says so too."""

from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy import select

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.actions import Clash, HouseholdEntry, edit_household
from grid.register.models import Household
from grid.services.models import Award


@dataclass(frozen=True)
class AwardEntry:
    """`marks_file`: the household's file is to say 平安家庭 as well."""

    kind: str
    year: int
    name: str
    on: date
    note: str | None = None
    household: Household | None = None
    building_id: int | None = None
    marks_file: bool = False


def add_award(actor: Me, community_id: int, entry: AwardEntry, slip: Slip) -> str:
    if entry.on > day_of(now()):
        raise Refused(_("评选日期还没到，请核对。"), "on")
    household = entry.household
    about = {"community_id": community_id, "household_id": household.id if household else None}
    with audit.entry(actor, "add_award", words=entry.name, **about):
        receipts.claim(actor, slip.key, slip.said)
        _refuse_twice(entry)
        award = Award(
            community_id=community_id,
            kind=entry.kind,
            year=entry.year,
            household_id=household.id if household else None,
            building_id=household.building_id if household else entry.building_id,
            name=entry.name,
            on=entry.on,
            note=entry.note,
            recorded_by=actor.id,
        )
        db.session.add(award)
        db.session.flush()
        if household is not None and entry.marks_file and not household.safe_family:
            _mark_file(actor, household, slip)
        receipts.answer(slip.key, award.public_id)
        return award.public_id


def _refuse_twice(entry: AwardEntry) -> None:
    if entry.household is None:
        return
    db.session.execute(select(Household.id).where(Household.id == entry.household.id).with_for_update())
    same = select(Award.id).where(
        Award.household_id == entry.household.id,
        Award.kind == entry.kind,
        Award.year == entry.year,
        Award.deleted_at.is_(None),
    )
    if db.session.scalar(same) is not None:
        raise Refused(_("%(code)s这一年已经评过了。", code=entry.household.code), "words")


def _mark_file(actor: Me, household: Household, slip: Slip) -> None:
    """By the register's own edit, over the version that was read with this entry."""
    said = HouseholdEntry(**{field.name: getattr(household, field.name) for field in fields(HouseholdEntry)})
    try:
        edit_household(
            actor, household, replace(said, safe_family=True), household.version, Slip(f"{slip.key}-file", slip.said)
        )
    except Clash:
        raise Refused(_("户档刚被别人改过，请再保存一次。"), "words") from None


def withdraw_award(actor: Me, award: Award) -> None:
    """What the household's file says is changed there."""
    about = {"community_id": award.community_id, "household_id": award.household_id}
    with audit.entry(actor, "withdraw_award", words=award.name, **about):
        award.deleted_at = award.deleted_at or now()
