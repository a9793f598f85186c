"""Patrols and turns of a month, night by night; one patrol with what it found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Scope, User
from grid.cases.models import Case
from grid.core.clock import day_of
from grid.core.db import db
from grid.core.periods import Period
from grid.core.refusals import Missing
from grid.register.models import Building, PatrolRoute
from grid.services.models import Patrol, PatrolFinding, Shift, Team

Row = Any


@dataclass(frozen=True)
class Night:
    """One day: what was walked, and the turns nobody has walked yet."""

    on: date
    patrols: tuple[Row, ...]
    shifts: tuple[Row, ...]

    def state(self, day: date) -> str:
        """`walked`; `missing` once it is over; else `planned`, or `open` where no turn is planned."""
        if self.patrols:
            return "walked"
        if self.on < day:
            return "missing"
        return "planned" if self.shifts else "open"


def nights(community_id: int, month: Period) -> list[Night]:
    """Every day of the month, in order."""
    patrols, shifts = _patrols_by_day(community_id, month), _open_shifts_by_day(community_id, month)
    days = [month.start + timedelta(days=n) for n in range((month.end - month.start).days + 1)]
    return [Night(day, tuple(patrols[day]), tuple(shifts[day])) for day in days]


_findings = (
    select(func.count())
    .where(PatrolFinding.patrol_id == Patrol.id)
    .correlate(Patrol)
    .scalar_subquery()
    .label("findings")
)


def _patrols_by_day(community_id: int, month: Period) -> dict[date, list[Row]]:
    """public_id, started_at, ended_at, headcount, team, findings."""
    begin, end = month.moments
    found: dict[date, list[Row]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Patrol.public_id, Patrol.started_at, Patrol.ended_at, Patrol.headcount, Team.name.label("team"), _findings
        )
        .outerjoin(Team, Team.id == Patrol.team_id)
        .where(
            Patrol.community_id == community_id,
            Patrol.started_at >= begin,
            Patrol.started_at < end,
            Patrol.deleted_at.is_(None),
        )
        .order_by(Patrol.started_at, Patrol.id)
    ):
        found[day_of(row.started_at)].append(row)
    return found


_is_walked = exists().where(Patrol.shift_id == Shift.id, Patrol.deleted_at.is_(None))
_turn = (Shift.public_id, Shift.on, Shift.starts, Shift.ends, Shift.who, Team.name.label("team"))


def _open_shifts_by_day(community_id: int, month: Period) -> dict[date, list[Row]]:
    found: dict[date, list[Row]] = defaultdict(list)
    for row in shifts(community_id, month.start, month.end):
        if not row.is_walked:
            found[row.on].append(row)
    return found


def shifts(community_id: int, from_on: date, to_on: date) -> Sequence[Row]:
    """public_id, on, starts, ends, who, team, is_walked, route."""
    return db.session.execute(
        select(*_turn, _is_walked.label("is_walked"), PatrolRoute.name.label("route"))
        .join(Team, Team.id == Shift.team_id)
        .outerjoin(PatrolRoute, PatrolRoute.id == Shift.route_id)
        .where(Shift.community_id == community_id, Shift.on.between(from_on, to_on))
        .order_by(Shift.on, Shift.starts, Shift.id)
    ).all()


def tonight(community_id: int, day: date) -> Row | None:
    """The next turn of a day that nobody has walked yet."""
    return next((row for row in shifts(community_id, day, day) if not row.is_walked), None)


def was_walked(community_id: int, day: Period) -> bool:
    begin, end = day.moments
    wanted = select(Patrol.id).where(
        Patrol.community_id == community_id,
        Patrol.started_at >= begin,
        Patrol.started_at < end,
        Patrol.deleted_at.is_(None),
    )
    return db.session.scalar(wanted.limit(1)) is not None


def routes(community_id: int) -> list[PatrolRoute]:
    wanted = select(PatrolRoute).where(PatrolRoute.community_id == community_id)
    return list(db.session.scalars(wanted.order_by(PatrolRoute.id)))


@dataclass(frozen=True)
class PatrolFile:
    """One patrol, with the words for its ids."""

    patrol: Patrol
    team: str | None
    route: str | None
    recorder: str


_Recorder = aliased(User)


def patrol_or_404(scope: Scope, public_id: str) -> PatrolFile:
    found = db.session.execute(
        select(Patrol, Team.name, PatrolRoute.name, _Recorder.name)
        .outerjoin(Team, Team.id == Patrol.team_id)
        .outerjoin(PatrolRoute, PatrolRoute.id == Patrol.route_id)
        .join(_Recorder, _Recorder.id == Patrol.recorded_by)
        .where(Patrol.public_id == public_id, Patrol.deleted_at.is_(None))
    ).first()
    if found is None or not scope.touches(found[0].community_id):
        raise Missing
    return PatrolFile(*found)


def findings_of(scope: Scope, patrol: Patrol) -> Sequence[Row]:
    """content, place, building no and estate, case's no, and its public id where the reader may open it.

    What was found at a building outside the scope is left out.
    """
    may_open = scope.covers(Case.community_id, Case.building_id)
    return db.session.execute(
        select(
            PatrolFinding.content,
            PatrolFinding.place,
            Building.no.label("building"),
            Building.estate,
            Case.no.label("case_no"),
            Case.public_id.label("case_id"),
            and_(may_open, Case.deleted_at.is_(None)).label("may_open"),
        )
        .outerjoin(Building, Building.id == PatrolFinding.building_id)
        .outerjoin(Case, Case.id == PatrolFinding.case_id)
        .where(
            PatrolFinding.patrol_id == patrol.id,
            or_(
                PatrolFinding.building_id.is_(None),
                scope.covers(PatrolFinding.community_id, PatrolFinding.building_id),
            ),
        )
        .order_by(PatrolFinding.id)
    ).all()
