"""服务: the page from which all duties beside visits and cases are reached."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, render_template

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.periods import Period, period_of
from grid.services import (
    activity_views,
    award_queries,
    award_views,
    checklist_views,
    found_views,
    inspection_views,
    patrol_queries,
    patrol_views,
    plan_queries,
    plan_views,
    record_views,
    site_queries,
    site_views,
    team_queries,
    team_views,
)
from grid.services.asked import answer_without_patch, community_asked, frame, manages

bp = Blueprint("services", __name__)


@bp.get("/services")
@allowed("administrator", "grid_worker")
def services() -> Any:
    community = community_asked()
    states = {
        "patrols": _of_patrols(community.id),
        "teams": _of_teams(community.id),
        "sites": _("%(n)s 处", n=site_queries.count_sites(community.id)),
        "work_plans": _of_plans(community.id),
        "awards": _of_awards(community.id),
    }
    return render_template("services/services.html", states=states, **frame(community))


def _of_patrols(community_id: int) -> str:
    day = today()
    turn = patrol_queries.tonight(community_id, day)
    if turn is not None:
        return _("今晚 %(time)s %(team)s", time=turn.starts, team=turn.team)
    if patrol_queries.was_walked(community_id, Period("day", day, day)):
        return _("今天已经巡逻过了")
    return _("今晚还没有排班")


def _of_teams(community_id: int) -> str:
    n, people = team_queries.count_teams(community_id, today())
    return _("%(n)s 支队伍，%(people)s 人", n=n, people=people)


def _of_plans(community_id: int) -> str:
    """For whoever checks them, what waits; for everybody else the own one."""
    week = period_of("week", today())
    if manages(community_id):
        n = plan_queries.count_waiting(community_id, week.start - timedelta(days=7))
        return _("以前几周有 %(n)s 份待检查", n=n) if n else _("没有待检查的")
    plan = plan_queries.plan_of(me().id, week.start)
    return _("本周：%(state)s", state=CODES["work_plan_state"].text(plan.state)) if plan else _("本周的还没写")


def _of_awards(community_id: int) -> str:
    year = today().year
    return _("%(year)s年 %(n)s 项", year=year, n=award_queries.count_awards(me().scope, community_id, year))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(found_views.bp)
    app.register_blueprint(patrol_views.bp)
    app.register_blueprint(team_views.bp)
    app.register_blueprint(plan_views.bp)
    app.register_blueprint(award_views.bp)
    app.register_blueprint(site_views.bp)
    app.register_blueprint(checklist_views.bp)
    app.register_blueprint(inspection_views.bp)
    app.register_blueprint(record_views.bp)
    app.register_blueprint(activity_views.bp)
    answer_without_patch(app)
