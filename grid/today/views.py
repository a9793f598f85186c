"""今天: a worker's first page."""

from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.today import queries

bp = Blueprint("today", __name__)


@bp.get("/today")
@allowed("administrator", "grid_worker")
def today_page() -> Any:
    building = request.args.get("building", "")
    found = queries.page_of_today(me().scope, me().id, today(), request.args.get("page", 1, int), building)
    return render_template("today/today.html", today=found, building=building, name=me().name)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
