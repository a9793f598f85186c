"""排班: planning the turns of a team over some weeks in one go, and taking one back."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.services.models import Patrol, Shift, Team

LONGEST = 200


@dataclass(frozen=True)
class ShiftsEntry:
    """`weekdays`: 0 is Monday."""

    team: Team
    weekdays: frozenset[int]
    from_on: date
    to_on: date
    starts: str
    ends: str
    route_id: int | None = None
    who: str | None = None

    @property
    def days(self) -> list[date]:
        length = (self.to_on - self.from_on).days + 1
        found = [self.from_on + timedelta(days=n) for n in range(length)]
        return [day for day in found if day.weekday() in self.weekdays]


def plan_shifts(actor: Me, entry: ShiftsEntry, slip: Slip) -> int:
    """How many turns were planned; a team that has one at that hour already keeps it."""
    if entry.to_on < entry.from_on:
        raise Refused(_("结束日期比开始日期还早，请核对。"), "to_on")
    if (entry.to_on - entry.from_on).days >= LONGEST:
        raise Refused(_("一次最多排 %(n)s 天，请分几次排。", n=LONGEST), "to_on")
    if not entry.days:
        raise Refused(_("这段日期里没有选中的星期，请核对。"), "weekdays")
    with audit.entry(actor, "plan_shifts", community_id=entry.team.community_id, words=entry.team.name):
        receipts.claim(actor, slip.key, slip.said)
        taken = _taken(entry)
        made = [_shift(entry, day) for day in entry.days if day not in taken]
        db.session.add_all(made)
        receipts.answer(slip.key, str(len(made)))
        return len(made)


def _taken(entry: ShiftsEntry) -> set[date]:
    """Where two plan at once, the second waits for the first at the team's row."""
    db.session.refresh(entry.team, with_for_update=True)
    return set(
        db.session.scalars(
            select(Shift.on).where(
                Shift.team_id == entry.team.id,
                Shift.starts == entry.starts,
                Shift.on.between(entry.from_on, entry.to_on),
            )
        )
    )


def _shift(entry: ShiftsEntry, day: date) -> Shift:
    return Shift(
        community_id=entry.team.community_id,
        team_id=entry.team.id,
        route_id=entry.route_id,
        on=day,
        starts=entry.starts,
        ends=entry.ends,
        who=entry.who,
    )


def remove_shift(actor: Me, shift: Shift) -> None:
    with audit.entry(actor, "remove_shift", community_id=shift.community_id, words=shift.on.isoformat()):
        db.session.refresh(shift, with_for_update=True)
        if db.session.scalar(select(Patrol.id).where(Patrol.shift_id == shift.id).limit(1)) is not None:
            raise Refused(_("这一班已经记了巡逻，不能再删。"))
        db.session.delete(shift)
