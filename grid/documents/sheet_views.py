"""一户一档 on paper: print a sheet, follow the QR code on one, blank ones to fill in by hand."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.documents import actions, queries
from grid.documents.answers import as_pdf, root_url
from grid.documents.forms import BlankForm, SheetForm
from grid.documents.printing import Document
from grid.documents.sheet_paper import BLANK, SHEET
from grid.documents.sheets import draw_paper
from grid.dossier.queries import printed
from grid.dossier.views import household_page
from grid.register.queries import Door, communities, community_id_or_404, door_or_404, residents

bp = Blueprint("sheets", __name__)


class NotDrawn(Exception):
    """Some characters would be empty boxes: whoever prints is told before anything is made."""


@bp.post("/households/<public_id>/sheet")
@allowed("administrator", "grid_worker")
def print_sheet(public_id: str) -> Any:
    who, form = me(), SheetForm()
    door = door_or_404(who.scope, public_id)
    whole = bool(form.full_ids.data)
    if whole and not who.may("administrator"):
        abort(403)
    if whole and not form.validate():
        return render_template("documents/whole_numbers.html", door=door, form=form), 422
    entry = actions.PrintEntry("sheet", door.community_id, door.id, form.reason.data or "" if whole else "")
    options = {"root": root_url(), "full_ids": whole}

    def draw(number: str) -> Document:
        document = draw_paper(SHEET, who.scope, [door.id], who.name, number, options)
        if document.missing and not form.anyway.data:
            raise NotDrawn(*document.missing)
        return document

    try:
        number, document = actions.print_document(who, entry, draw)
    except NotDrawn as not_drawn:
        return _not_drawn(door, form, not_drawn.args), 422
    if whole:
        _note_numbers(door, f"{entry.reason} {number}")
    return as_pdf(document, number)


def _not_drawn(door: Door, form: SheetForm, characters: tuple[str, ...]) -> str:
    named = [r.person.name for r in residents(door.id) if set(characters) & set(r.person.name)]
    return render_template("documents/not_drawn.html", door=door, form=form, characters=characters, named=named)


def _note_numbers(door: Door, words: str) -> None:
    """As where a number is looked at on the screen: a line for each person whose number left on paper."""
    for resident in residents(door.id):
        if resident.person.id_no:
            about = {"community_id": door.community_id, "household_id": door.id, "person_id": resident.person.id}
            note_reading("reveal_id", **about, words=words)


@bp.get("/p/<token>")
@allowed("administrator", "grid_worker")
def scan(token: str) -> Any:
    """The QR code of a sheet: its household, and whether the sheet still holds."""
    edition = queries.scanned_or_404(me().scope, token, today())
    return household_page(edition.door, edition=edition)


@bp.route("/blank-sheets", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def blank_sheets() -> Any:
    """To fill in by hand at a door that has no file yet."""
    who, form = me(), BlankForm()
    offered = communities(who.scope)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return render_template("documents/blank_sheets.html", form=form, communities=offered), status
    place_id = community_id_or_404(who.scope, form.community.data or "")
    options = {"copies": form.copies.data}
    number, document = actions.print_document(
        who,
        actions.PrintEntry("blank", place_id, sheets=form.copies.data or 1),
        lambda number: draw_paper(BLANK, who.scope, [place_id], who.name, number, options),
    )
    return as_pdf(document, number)


# What a phone takes along, so that a code opens its household without a signal.
printed.append(queries.tokens_in)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
