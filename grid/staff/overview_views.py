"""概况: the street's sums, without names. 本楼: what a building head may know of the own house."""

from functools import reduce
from operator import add
from typing import Any

from flask import Blueprint, render_template

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.staff import figures, queries

bp = Blueprint("overview", __name__)


@bp.get("/street")
@allowed("street_viewer")
def street() -> Any:
    lines = figures.figures(queries.communities(me().scope), today())
    total = reduce(add, (sums for _community, sums in lines), figures.Figures())
    return render_template("staff/street.html", lines=lines, total=total, today=today())


@bp.get("/my-building")
@allowed("building_head")
def my_building() -> Any:
    return render_template("staff/my_building.html", houses=figures.houses(me().scope, today()), today=today())
