"""Telling of a week's screening, and taking that back."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.cases.models import Screening
from grid.cases.screening_queries import screened
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.periods import Period
from grid.core.refusals import Refused
from grid.register.models import Community


@dataclass(frozen=True)
class ScreeningEntry:
    """Of a block or, without one, of the whole community; without content nothing was found (零报告)."""

    community_id: int
    block_id: int | None
    week: Period
    content: str | None = None
    key: str = ""
    said: str = ""


def record_screening(actor: Me, entry: ScreeningEntry) -> Screening:
    """Once for each block and week; raises receipts.AlreadyDone or KeyReused."""
    day = day_of(now())
    if entry.week.start > day:
        raise Refused(_("这一周还没到。"), "content")
    with audit.entry(actor, "record_screening", community_id=entry.community_id):
        if entry.key:
            receipts.claim(actor, entry.key, entry.said)
        _hold(entry.community_id)
        _refuse_second(entry)
        done = _written(actor, entry, day)
        if entry.key:
            receipts.answer(entry.key, done.public_id)
        return done


def _hold(community_id: int) -> None:
    """The community's row, so that two at once come one after the other."""
    db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update(key_share=True))


def _refuse_second(entry: ScreeningEntry) -> None:
    name = screened(entry.community_id, entry.block_id, entry.week.start)
    if name is not None:
        raise Refused(_("%(name)s已经报过这一周的排查。", name=name), "content")


def _written(actor: Me, entry: ScreeningEntry, day: date) -> Screening:
    done = Screening(
        community_id=entry.community_id,
        block_id=entry.block_id,
        week_on=entry.week.start,
        on=day,
        is_zero=not entry.content,
        content=entry.content,
        by_id=actor.id,
    )
    db.session.add(done)
    db.session.flush()
    return done


def withdraw_screening(actor: Me, screening: Screening) -> None:
    """It was told by mistake; its cases stay."""
    with audit.entry(actor, "withdraw_screening", community_id=screening.community_id):
        screening.deleted_at = now()
