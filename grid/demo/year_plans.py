"""The year plan of the demo community: this year's, and last year's with what was ticked by hand."""

from datetime import date, timedelta

from sqlalchemy import select

from grid.core.db import db
from grid.core.periods import period_of
from grid.ledgers.duty_template import shipped
from grid.ledgers.models import DutyTick, YearDuty
from grid.register.models import Block

NOTES = {"志愿者登记核对": "逐人电话核对，已更新名单", "残疾人底数核对": "与区残联名册逐户核对"}


def write_year_plans(community_id: int, workers: list[int], today: date) -> None:
    blocks = db.session.query(Block).filter_by(community_id=community_id).count()
    for year in (today.year - 1, today.year):
        db.session.add_all(
            YearDuty(community_id=community_id, year=year, **vars(entry))
            for entry in shipped(year, blocks, len(set(workers)))
        )
    db.session.flush()
    by_hand = select(YearDuty).where(YearDuty.community_id == community_id, YearDuty.title.in_(NOTES))
    for duty in db.session.scalars(by_hand):
        _tick(duty, workers[0], today)


def _tick(duty: YearDuty, worker: int, today: date) -> None:
    """What is over was done in its last days; the present period is still to do."""
    year = period_of("year", date(duty.year, 1, 1))
    for part in [year] if duty.rhythm == "year" else year.parts(duty.rhythm):
        if part.end < today:
            done = {"on": part.end - timedelta(days=9), "by_id": worker, "note": NOTES[duty.title]}
            db.session.add(DutyTick(community_id=duty.community_id, duty_id=duty.id, period_on=part.start, **done))
