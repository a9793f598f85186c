"""Prints who lived behind a door or in a building on a day."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.documents import actions
from grid.documents.answers import as_pdf
from grid.documents.papers import Options
from grid.documents.residents_paper import RESIDENTS
from grid.documents.sheets import draw_paper
from grid.register.queries import building_or_404, door_or_404

bp = Blueprint("residents_papers", __name__)


@bp.post("/households/<public_id>/residents/print")
@allowed("administrator", "grid_worker")
def print_residents_of_door(public_id: str) -> Any:
    door, day = door_or_404(me().scope, public_id), _day()
    entry = actions.PrintEntry("residents", door.community_id, door.id, about=listed([door.code, day.isoformat()]))
    return _printed(entry, door.building_id, {"on": day.isoformat(), "door": door.id, "code": door.code})


@bp.post("/buildings/<public_id>/residents/print")
@allowed("administrator", "grid_worker")
def print_residents(public_id: str) -> Any:
    building, day = building_or_404(me().scope, public_id), _day()
    about = listed([_("%(no)s幢", no=building.no), day.isoformat()])
    entry = actions.PrintEntry("residents", building.community_id, about=about)
    return _printed(entry, building.id, {"on": day.isoformat()})


def _day() -> date:
    try:
        day = date.fromisoformat(request.form.get("on", ""))
    except ValueError:
        abort(400)
    return day if day <= today() else abort(400)


def _printed(entry: actions.PrintEntry, building_id: int, options: Options) -> Any:
    who = me()
    number, document = actions.print_document(
        who, entry, lambda number: draw_paper(RESIDENTS, who.scope, [building_id], who.name, number, options)
    )
    return as_pdf(document, f"residents-{number}")
