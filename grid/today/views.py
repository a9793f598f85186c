"""今天: a worker's first page."""

from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.cases.queries import open_cases_of, waiting_reports
from grid.core.clock import today
from grid.today import queries

bp = Blueprint("today", __name__)


@bp.get("/today")
@allowed("administrator", "grid_worker")
def today_page() -> Any:
    building, scope, day = request.args.get("building", ""), me().scope, today()
    found = queries.page_of_today(scope, me().id, day, request.args.get("page", 1, int), building)
    if found.tells_restricted:
        for community_id in scope.seen_communities:
            note_reading("see_restricted", community_id=community_id)
    return render_template(
        "today/today.html",
        today=found,
        building=building,
        name=me().name,
        asks=[ask for of in queries.asks for ask in of(me())],
        reports=waiting_reports(scope, day),
        cases=open_cases_of(scope, me().id),
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)
