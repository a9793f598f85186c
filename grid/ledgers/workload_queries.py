"""工作量: what each worker did in a period, counted from the same rows as everything else, for 考核.

Every kind of row is counted for all workers in one statement.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from grid.accounts.models import AuditEntry, Me, Patch, User
from grid.cases.models import Case, Screening
from grid.core.db import db
from grid.core.moments import LocalDay
from grid.core.periods import Period, period_of
from grid.register.models import Building, Household
from grid.services.models import Activity, Inspection, Patrol, ServiceRecord, WorkPlan
from grid.visits.models import Visit

# Of the audit log: what counts as bringing a file up to date.
UPDATES = ("edit_household", "edit_person", "move_in", "move_out")
LIVED_IN = (Household.n_members > 0, Household.deleted_at.is_(None))


@dataclass
class Workload:
    """One worker's figures; `n` counts by name, the rest says of how many and of which kinds."""

    public_id: str
    name: str
    role: str
    n: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    updates: Counter[str] = field(default_factory=Counter)

    @property
    def due(self) -> int:
        """What had to be done by a day in the period: promised visits, cases, weekly plans."""
        return self.n["promises"] + self.n["cases_due"] + self.n["plans_due"]

    @property
    def on_time(self) -> int:
        return self.n["promises_kept"] + self.n["cases_on_time"] + self.n["plans_on_time"]

    @property
    def late_visits(self) -> int:
        return self.n["promises"] - self.n["promises_kept"]

    @property
    def timeliness(self) -> float | None:
        """及时率, from 0 to 1; None where nothing was due."""
        return self.on_time / self.due if self.due else None


def workload(reader: Me, community_id: int, period: Period, today: date) -> list[Workload]:
    """Of everybody who had a patch in the period; a worker sees only oneself."""
    return workload_of(community_id, period, today, None if reader.may("administrator") else reader.id)


def workload_of(community_id: int, period: Period, today: date, only: int | None = None) -> list[Workload]:
    people = _staff(community_id, period, only)
    if not people:
        return []
    mine = {user_id: Workload(*facts) for user_id, facts in people.items()}
    so_far = period.until(today)
    for user_id, kind, found, n in _visits(community_id, so_far, people):
        mine[user_id].visits[kind] += n
        mine[user_id].found[found] += n
        mine[user_id].n["visits"] += n
    for user_id, action, n in _updates(community_id, so_far, people):
        mine[user_id].updates[action] += n
        mine[user_id].n["updates"] += n
    for what, user_id, n in _counts(community_id, so_far, today, people):
        mine[user_id].n[what] += n
    for user_id, doors, seen in _doors(community_id, so_far, people):
        mine[user_id].n.update({"doors": doors, "doors_seen": seen})
    _plans(community_id, so_far, mine)
    return list(mine.values())


def names_one(name: str) -> bool:
    """Whether a ledger narrowed to a name holds the rows of one person: nobody else's name has it in it."""
    return db.session.scalar(select(func.count()).where(User.name.icontains(name, autoescape=True))) == 1


def _staff(community_id: int, period: Period, only: int | None) -> dict[int, tuple[str, str, str]]:
    who = User.id == only if only is not None else User.role.in_(("administrator", "grid_worker"))
    found = db.session.execute(
        select(User.id, User.public_id, User.name, User.role)
        .join(Patch, Patch.user_id == User.id)
        .where(Patch.community_id == community_id, who, *_held_in(period))
        .distinct()
        .order_by(User.role.desc(), User.name, User.id)
    )
    return {user_id: (public_id, name, role) for user_id, public_id, name, role in found}


def _held_in(period: Period) -> tuple[Any, Any]:
    return Patch.from_on <= period.end, or_(Patch.to_on.is_(None), Patch.to_on >= period.start)


def _in(column: Any, period: Period) -> Any:
    first, last = period.moments
    return and_(column >= first, column < last)


def _visits(community_id: int, period: Period, people: Iterable[int]) -> Sequence[Any]:
    v = Visit
    return db.session.execute(
        select(v.worker_id, v.kind, v.found, func.count())
        .where(v.community_id == community_id, v.worker_id.in_(people), _in(v.at, period), v.deleted_at.is_(None))
        .group_by(v.worker_id, v.kind, v.found)
    ).all()


def _updates(community_id: int, period: Period, people: Iterable[int]) -> Sequence[Any]:
    a = AuditEntry
    return db.session.execute(
        select(a.actor_id, a.action, func.count())
        .where(a.community_id == community_id, a.actor_id.in_(people), a.action.in_(UPDATES), _in(a.at, period))
        .group_by(a.actor_id, a.action)
    ).all()


def _counts(community_id: int, period: Period, today: date, people: Iterable[int]) -> Sequence[Any]:
    """What, by whom, how often: one statement of many parts."""
    parts = [*_case_counts(period, today), *_duty_counts(period), *_promise_counts(period, today)]
    return db.session.execute(
        union_all(
            *(
                select(literal(what).label("what"), by.label("by"), func.count().label("n"))
                .where(of.community_id == community_id, by.in_(list(people)), *conditions)
                .group_by(by)
                for what, of, by, conditions in parts
            )
        )
    ).all()


Part = tuple[str, Any, Any, tuple[Any, ...]]


def _case_counts(period: Period, today: date) -> list[Part]:
    c, there = Case, Case.deleted_at.is_(None)
    due = and_(c.due_on.between(period.start, period.end), or_(c.due_on < today, c.closed_on.is_not(None)), there)
    until = min(period.end + timedelta(days=1), today)
    is_open = or_(c.closed_on.is_(None), c.closed_on >= until)
    return [
        ("cases_opened", c, c.recorded_by, (_in(c.recorded_at, period), there)),
        ("cases_closed", c, c.owner_id, (c.closed_on.between(period.start, period.end), there)),
        ("cases_due", c, c.owner_id, (due,)),
        ("cases_on_time", c, c.owner_id, (due, c.closed_on <= c.due_on)),
        ("cases_overdue", c, c.owner_id, (c.due_on < until, is_open, there)),
    ]


def _duty_counts(period: Period) -> list[Part]:
    s, p, i, r, a = Screening, Patrol, Inspection, ServiceRecord, Activity
    return [
        ("screenings", s, s.by_id, (s.on.between(period.start, period.end), s.deleted_at.is_(None))),
        ("patrols", p, p.recorded_by, (_in(p.started_at, period), p.deleted_at.is_(None))),
        ("inspections", i, i.recorded_by, (_in(i.at, period), i.deleted_at.is_(None))),
        ("services", r, r.recorded_by, (r.on.between(period.start, period.end), r.deleted_at.is_(None))),
        ("activities", a, a.recorded_by, (_in(a.at, period), a.deleted_at.is_(None))),
    ]


def _promise_counts(period: Period, today: date) -> list[Part]:
    """Promised visits whose day was in the period: those that are over, and those kept already, by that day."""
    v, later = Visit, aliased(Visit)
    kept = and_(
        v.closed,
        exists().where(
            later.household_id == v.household_id,
            later.at > v.at,
            later.found == "home",
            LocalDay(later.at) <= v.due_on,
            later.deleted_at.is_(None),
        ),
    )
    due = and_(v.due_on.between(period.start, period.end), v.deleted_at.is_(None), or_(v.due_on < today, kept))
    return [("promises", v, v.worker_id, (due,)), ("promises_kept", v, v.worker_id, (due, kept))]


def _doors(community_id: int, period: Period, people: Iterable[int]) -> Sequence[Any]:
    """Lived-in doors of a worker's patches, and at how many of them the worker met somebody."""
    whose = or_(
        Patch.building_id == Building.id,
        and_(Patch.building_id.is_(None), or_(Patch.block_id.is_(None), Patch.block_id == Building.block_id)),
    )
    met = and_(
        Visit.household_id == Household.id,
        Visit.worker_id == Patch.user_id,
        Visit.found == "home",
        _in(Visit.at, period),
        Visit.deleted_at.is_(None),
    )
    return db.session.execute(
        select(Patch.user_id, func.count(Household.id.distinct()), func.count(Visit.household_id.distinct()))
        .select_from(Patch)
        .join(User, and_(User.id == Patch.user_id, User.role == "grid_worker"))
        .join(Building, and_(Building.community_id == Patch.community_id, whose))
        .join(Household, and_(Household.building_id == Building.id, *LIVED_IN))
        .outerjoin(Visit, met)
        .where(Patch.community_id == community_id, Patch.user_id.in_(people), *_held_in(period))
        .group_by(Patch.user_id)
    ).all()


def _plans(community_id: int, period: Period, mine: dict[int, Workload]) -> None:
    """A plan is on time when it was handed in by the Monday of its week; due in the weeks a worker had a patch."""
    mondays = [week.start for week in period_of("year", period.start).parts("week")]
    held = db.session.execute(
        select(Patch.user_id, Patch.from_on, Patch.to_on).where(
            Patch.community_id == community_id, Patch.user_id.in_(mine), *_held_in(period)
        )
    ).all()
    due = {
        (user_id, monday)
        for user_id, from_on, to_on in held
        for monday in mondays
        if period.start <= monday <= period.end and from_on <= monday and (to_on is None or to_on >= monday)
        if mine[user_id].role == "grid_worker"
    }
    handed_in = db.session.execute(
        select(
            WorkPlan.user_id, WorkPlan.week_on, case((LocalDay(WorkPlan.submitted_at) <= WorkPlan.week_on, 1), else_=0)
        )
        .where(WorkPlan.community_id == community_id, WorkPlan.submitted_at.is_not(None), WorkPlan.user_id.in_(mine))
        .where(WorkPlan.week_on.between(period.start, period.end))
    )
    for user_id, _monday in due:
        mine[user_id].n["plans_due"] += 1
    for user_id, monday, n in handed_in:
        mine[user_id].n["plans_on_time"] += n if (user_id, monday) in due else 0
