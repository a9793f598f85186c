"""周工作计划: one's own of a week, and who has one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import db
from grid.core.refusals import Missing
from grid.services.models import WorkPlan, WorkPlanItem


def plan_of(user_id: int, monday: date) -> WorkPlan | None:
    return db.session.scalar(select(WorkPlan).where(WorkPlan.user_id == user_id, WorkPlan.week_on == monday))


def lines_of(plan_id: int) -> list[WorkPlanItem]:
    wanted = select(WorkPlanItem).where(WorkPlanItem.work_plan_id == plan_id)
    return list(db.session.scalars(wanted.order_by(WorkPlanItem.seq, WorkPlanItem.id)))


_lines = (
    select(
        WorkPlanItem.work_plan_id.label("plan_id"),
        func.count().label("n"),
        func.sum(case((WorkPlanItem.is_done, 1), else_=0)).label("done"),
    )
    .group_by(WorkPlanItem.work_plan_id)
    .subquery()
)


def plans_of_week(community_id: int, monday: date, sunday: date) -> Sequence[Any]:
    """name, plan's public id and state or None, lines, lines done: every worker of that week, with a plan or not."""
    holds = select(Patch.user_id).where(Patch.community_id == community_id, in_force(sunday))
    is_worker = and_(User.role == "grid_worker", User.is_active, User.id.in_(holds))
    return db.session.execute(
        select(
            User.name,
            WorkPlan.public_id,
            WorkPlan.state,
            func.coalesce(_lines.c.n, 0).label("n"),
            func.coalesce(_lines.c.done, 0).label("done"),
        )
        .outerjoin(
            WorkPlan,
            and_(WorkPlan.user_id == User.id, WorkPlan.week_on == monday, WorkPlan.community_id == community_id),
        )
        .outerjoin(_lines, _lines.c.plan_id == WorkPlan.id)
        .where(or_(is_worker, WorkPlan.id.is_not(None)))
        .order_by(User.id)
    ).all()


def plan_or_404(scope: Scope, reader_id: int, public_id: str) -> tuple[WorkPlan, str]:
    """A plan with whose it is: one's own, or in a community one is in charge of."""
    found = db.session.execute(
        select(WorkPlan, User.name).join(User, User.id == WorkPlan.user_id).where(WorkPlan.public_id == public_id)
    ).first()
    if found is None:
        raise Missing
    if found[0].user_id != reader_id and not scope.allows(found[0].community_id):
        raise Missing
    return found[0], found[1]


def name_of(user_id: int | None) -> str:
    return db.session.scalar(select(User.name).where(User.id == user_id)) or ""


def plans_in(community_id: int, monday: date, state: str) -> list[WorkPlan]:
    wanted = select(WorkPlan).where(
        WorkPlan.community_id == community_id, WorkPlan.week_on == monday, WorkPlan.state == state
    )
    return list(db.session.scalars(wanted.order_by(WorkPlan.id)))


def count_waiting(community_id: int, until: date) -> int:
    """Handed in, of weeks that began by a day, and not yet checked."""
    wanted = select(func.count()).select_from(WorkPlan)
    return (
        db.session.scalar(
            wanted.where(
                WorkPlan.community_id == community_id, WorkPlan.state == "submitted", WorkPlan.week_on <= until
            )
        )
        or 0
    )
