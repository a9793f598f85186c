"""今天: a worker's first page."""

from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts.access import allowed, me
from grid.cases.queries import open_cases_of, waiting_reports
from grid.core.clock import today
from grid.today import queries

bp = Blueprint("today", __name__)


@bp.get("/today")
@allowed("administrator", "grid_worker")
def today_page() -> Any:
    building, scope, day = request.args.get("building", ""), me().scope, today()
    return render_template(
        "today/today.html",
        today=queries.page_of_today(scope, me().id, day, request.args.get("page", 1, int), building),
        building=building,
        name=me().name,
        reports=waiting_reports(scope, day),
        cases=open_cases_of(scope, me().id),
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)
