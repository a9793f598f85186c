"""户档: the page of everything about a household. Opening it is written down."""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.core.refusals import Missing
from grid.dossier import queries
from grid.dossier.models import HouseholdFile
from grid.register.duplicate_queries import Pair, like
from grid.register.queries import building_or_404
from grid.register.undo_views import may_undo, undo_token
from grid.services.record_queries import last_services

bp = Blueprint("dossier", __name__)


@bp.get("/households/<public_id>")
@allowed("administrator", "grid_worker")
def household_file(public_id: str) -> Any:
    return household_page(public_id)


def household_page(public_id: str, **more: Any) -> Any:
    """`more`: the edition (documents.queries.Scanned) whose QR code led here."""
    day = today()
    as_of = _day_asked(request.args.get("on", ""))
    file = queries.household_file(me().scope, public_id, day, as_of, role=me().role)
    note_reading("open_file", community_id=file.community_id, household_id=file.household_id)
    done = request.args.get("done", "")
    shown = {"file": file, "today": day, "as_of": as_of, "done": done, "whole_ids": me().may("administrator")}
    more["services"] = last_services(file.household_id)
    more["undo"] = _undo_tokens(file)
    more["done_undo"] = _just_done(file, done, more["undo"])
    more["like"] = _like(request.args.get("who", ""))
    return render_template("dossier/household.html", **shown, **more)


def _like(who: str) -> Pair | None:
    """Whoever was just written down, with somebody in scope who looks like the same person."""
    try:
        return like(me().scope, who) if who else None
    except Missing:
        # Merged or taken back meanwhile.
        return None


def _undo_tokens(file: HouseholdFile) -> dict[int, str]:
    """By entry: what the reader may take back from this page."""
    found = (line for line in file.history if not line.is_undone and may_undo(me(), line.name, line.actor_id))
    return {line.entry_id: undo_token(line.entry_id) for line in found}


def _just_done(file: HouseholdFile, done: str, undo: dict[int, str]) -> str:
    """The token of what was done a moment ago, offered beside the sentence that it was done."""
    name = {"moved_in": "move_in", "moved_out": "move_out"}.get(done, done)
    mine = next((line for line in file.history if line.name == name and line.actor_id == me().id), None)
    return undo.get(mine.entry_id, "") if mine else ""


@bp.get("/buildings/<public_id>/residents")
@allowed("administrator", "grid_worker")
def residents_on(public_id: str) -> Any:
    """Door by door, who lived in a building on a day."""
    building = building_or_404(me().scope, public_id)
    day = _day_asked(request.args.get("on", "")) or today()
    note_reading("open_residents", community_id=building.community_id, words=f"{building.no} {day}")
    doors = queries.residents_on(building.id, day)
    return render_template("dossier/residents_on.html", building=building, day=day, today=today(), doors=doors)


def _day_asked(text: str) -> date | None:
    """A day until today: who will live here nobody knows."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= today() else None


def register(app: Flask) -> None:
    app.register_blueprint(bp)
