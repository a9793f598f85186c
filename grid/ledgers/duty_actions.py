"""Putting a year plan in, changing it, and saying that a duty was done."""

from datetime import date

from sqlalchemy import func, select

from grid.accounts import audit, receipts
from grid.accounts.models import Me, Patch, User, in_force
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.ledgers.duty_queries import duties
from grid.ledgers.duty_template import DutyEntry, shipped
from grid.ledgers.models import DutyTick, YearDuty
from grid.register.models import Block, Community


class Overtaken(Refused):
    """Somebody else changed it meanwhile."""


def put_in_shipped(actor: Me | None, community_id: int, year: int) -> int:
    """Add the shipped duties that are not there yet, and say how many: a second tap adds none."""
    with audit.entry(actor, "put_in_year_plan", community_id=community_id, words=str(year)):
        db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())
        there = {duty.title for duty in duties(community_id, year)}
        missing = [
            one for one in shipped(year, _blocks(community_id), _workers(community_id)) if one.title not in there
        ]
        db.session.add_all(_row(community_id, year, entry) for entry in missing)
        return len(missing)


def _blocks(community_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Block).where(Block.community_id == community_id)) or 0


def _workers(community_id: int) -> int:
    held = (
        select(func.count(func.distinct(User.id)))
        .join(Patch, Patch.user_id == User.id)
        .where(Patch.community_id == community_id, User.role == "grid_worker", User.is_active, in_force(today()))
    )
    return db.session.scalar(held) or 0


def _row(community_id: int, year: int, entry: DutyEntry) -> YearDuty:
    return YearDuty(community_id=community_id, year=year, **vars(entry))


def add_duty(actor: Me, community_id: int, year: int, entry: DutyEntry, slip: receipts.Slip) -> str:
    """Once, however often it is sent; raises receipts.AlreadyDone or KeyReused."""
    with audit.entry(actor, "add_duty", community_id=community_id, words=entry.title):
        receipts.claim(actor, slip.key, slip.said)
        duty = _row(community_id, year, entry)
        db.session.add(duty)
        db.session.flush()
        receipts.answer(slip.key, duty.public_id)
        return duty.public_id


def change_duty(actor: Me, duty: YearDuty, entry: DutyEntry, version: int) -> None:
    """Raises Overtaken where it is no longer the version that was read."""
    with audit.entry(actor, "change_duty", community_id=duty.community_id, words=entry.title):
        db.session.refresh(duty, with_for_update=True)
        if duty.deleted_at is not None:
            raise Missing
        if duty.version != version:
            sentence = _("刚才有人改过这一项，现在叫“%(title)s”。核对后再按一次保存，就用您填的。", title=duty.title)
            raise Overtaken(sentence, "version")
        for name, value in vars(entry).items():
            setattr(duty, name, value)
        duty.version += 1


def take_away_duty(actor: Me, duty: YearDuty) -> None:
    with audit.entry(actor, "take_away_duty", community_id=duty.community_id, words=duty.title):
        duty.deleted_at = now()
        duty.version += 1


def tick_duty(actor: Me, duty: YearDuty, period_on: date, on: date, note: str | None) -> None:
    """Say that it was done in the period that begins on a day. Said twice, the later words stay."""
    if duty.counted:
        raise Refused(_("这一项按记录自动计数，不用手工打勾。"), "note")
    if on > today():
        raise Refused(_("这一天还没到。请填做完的那一天。"), "on")
    with audit.entry(actor, "tick_duty", community_id=duty.community_id, words=duty.title):
        db.session.refresh(duty, with_for_update=True)
        tick = _tick(duty, period_on) or DutyTick(community_id=duty.community_id, duty_id=duty.id, period_on=period_on)
        tick.on, tick.by_id, tick.note = on, actor.id, note
        db.session.add(tick)


def untick_duty(actor: Me, duty: YearDuty, period_on: date) -> None:
    """By whoever ticked it, or by an administrator."""
    tick = _tick(duty, period_on)
    if tick is None:
        return
    if tick.by_id != actor.id and not actor.may("administrator"):
        raise Missing
    with audit.entry(actor, "untick_duty", community_id=duty.community_id, words=duty.title):
        db.session.delete(tick)


def _tick(duty: YearDuty, period_on: date) -> DutyTick | None:
    return db.session.scalar(select(DutyTick).where(DutyTick.duty_id == duty.id, DutyTick.period_on == period_on))
