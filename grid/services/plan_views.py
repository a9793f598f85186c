"""周工作计划: one's own, everybody's of a week, and checking one."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.db import db
from grid.core.htmx import see
from grid.core.periods import Period, period_of, read_period
from grid.core.refusals import Missing, Refused
from grid.register.models import Community
from grid.services import plan_actions, plan_queries
from grid.services.asked import community_asked, frame, managed_community, manages
from grid.services.models import WorkPlan, WorkPlanItem
from grid.services.plan_forms import PlanForm, RemarkForm, plan_form

bp = Blueprint("work_plans", __name__, url_prefix="/work-plans")


def _week() -> Period:
    asked = read_period(request.values.get("week"))
    return asked if asked and asked.kind == "week" else period_of("week", today())


@bp.get("")
@allowed("administrator", "grid_worker")
def work_plans() -> Any:
    """Everybody's of a week; for a worker that is the own one."""
    community, week = community_asked(), _week()
    if not manages(community.id):
        return see(f"/work-plans/mine?community={community.public_id}&week={week.key}")
    plans = plan_queries.plans_of_week(community.id, week.start, week.end)
    return render_template(
        "services/work_plans.html",
        week=week,
        plans=plans,
        n_checked=sum(plan.state == "checked" for plan in plans),
        this_week=period_of("week", today()),
        **frame(community),
    )


@bp.get("/mine")
@allowed("administrator", "grid_worker")
def my_plan() -> Any:
    week = _week()
    plan = plan_queries.plan_of(me().id, week.start)
    lines = plan_queries.lines_of(plan.id) if plan else []
    return _my_page(week, plan, lines, plan_form(plan, lines))


def _my_page(week: Period, plan: WorkPlan | None, lines: list[WorkPlanItem], form: PlanForm) -> str:
    """What may still be written follows from the state."""
    state = plan.state if plan else "draft"
    community = db.session.get_one(Community, plan.community_id) if plan else community_asked()
    return render_template(
        "services/my_plan.html",
        week=week,
        this_week=period_of("week", today()),
        plan=plan,
        state=state,
        lines=lines,
        form=form,
        checker=plan_queries.name_of(plan.checked_by) if plan and plan.checked_by else "",
        **frame(community),
    )


@bp.post("/mine")
@allowed("administrator", "grid_worker")
def save_plan() -> Any:
    week, form = _week(), PlanForm()
    if not form.validate():
        return _typed(week, form), 422
    entry = form.entry(week.start, "hand_in" in request.form)
    try:
        plan = plan_actions.save_plan(me(), community_asked().id, entry)
    except Refused as refused:
        form.blame(refused)
        return _typed(week, form), 422
    done = "handed_in" if entry.hands_in else "saved"
    return see(f"/work-plans/mine?week={week.key}&done={done}&state={plan.state}")


def _typed(week: Period, form: PlanForm) -> str:
    plan = plan_queries.plan_of(me().id, week.start)
    return _my_page(week, plan, plan_queries.lines_of(plan.id) if plan else [], form)


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def work_plan(public_id: str) -> Any:
    return _page(public_id, RemarkForm(formdata=None))


def _page(public_id: str, form: RemarkForm) -> str:
    plan, owner = plan_queries.plan_or_404(me().scope, me().id, public_id)
    return render_template(
        "services/work_plan.html",
        plan=plan,
        owner=owner,
        week=period_of("week", plan.week_on),
        lines=plan_queries.lines_of(plan.id),
        checker=plan_queries.name_of(plan.checked_by),
        form=form,
        may_check=manages(plan.community_id),
        is_mine=plan.user_id == me().id,
    )


@bp.post("/<public_id>/check")
@allowed("administrator")
def check_plan(public_id: str) -> Any:
    plan, _owner = plan_queries.plan_or_404(me().scope, me().id, public_id)
    if not manages(plan.community_id):
        raise Missing
    form = RemarkForm()
    if not form.validate():
        return _page(public_id, form), 422
    try:
        plan_actions.check_plan(me(), plan, form.remark.data)
    except Refused as refused:
        form.blame(refused)
        return _page(public_id, form), 422
    return see(_overview(plan.community_id, plan.week_on, "checked"))


def _overview(community_id: int, monday: date, done: str) -> str:
    community = db.session.get_one(Community, community_id).public_id
    return f"/work-plans?community={community}&week={period_of('week', monday).key}&done={done}"


@bp.post("/archive")
@allowed("administrator")
def archive_plans() -> Any:
    community, week = managed_community(), _week()
    plan_actions.archive_plans(me(), community.id, week.start)
    return see(_overview(community.id, week.start, "archived"))


@bp.post("/mine/take-over")
@allowed("administrator", "grid_worker")
def take_over() -> Any:
    week = _week()
    plan = plan_queries.plan_of(me().id, week.start)
    if plan is None:
        return see(f"/work-plans/mine?week={week.key}")
    try:
        plan_actions.take_over(me(), plan)
    except Refused:
        return see(f"/work-plans/mine?week={week.key}&done=too_late")
    return see(f"/work-plans/mine?week={week.after.key}&done=taken_over")
