"""户档: the page of everything about a household. Opening it is written down."""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.dossier import queries
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
    return render_template("dossier/household.html", **shown, **more)


def _day_asked(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def register(app: Flask) -> None:
    app.register_blueprint(bp)
