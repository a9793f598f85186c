"""打印: the household sheet and the map, as PDF, by POST because every print is logged."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from grid.accounts.access import allowed, me
from grid.atlas.spread import ORIENTATIONS, SIZES
from grid.core.clock import today
from grid.documents import actions
from grid.documents.printing import Document, PrintingFailed
from grid.documents.sheets import draw_map, draw_sheet
from grid.dossier.queries import household_file
from grid.register.queries import whole_community_or_404

bp = Blueprint("documents", __name__)


@bp.post("/households/<public_id>/sheet")
@allowed("administrator", "grid_worker")
def print_sheet(public_id: str) -> Any:
    file = household_file(me().scope, public_id, today(), visits=30, history=0)
    link = request.url_root + f"households/{public_id}"
    who = me()
    number, document = actions.print_document(
        who,
        actions.PrintEntry("sheet", file.community_id, file.household_id),
        lambda number: draw_sheet(file, link, who.name, number),
    )
    return as_pdf(document, number)


@bp.post("/map/<public_id>/print")
@allowed("administrator", "street_viewer")
def print_map(public_id: str) -> Any:
    """A street viewer gets the public variant: sums and staff, nothing of single households."""
    who, scope = me(), me().scope
    community = whole_community_or_404(scope, public_id)
    community_id = community.id
    options = _map_options(street=who.role == "street_viewer")
    number, document = actions.print_document(
        who,
        actions.PrintEntry("map", community_id),
        lambda number: draw_map(scope, community_id, who.name, number, options),
    )
    return as_pdf(document, f"map-{options['size']}-{number}")


def _map_options(street: bool) -> dict[str, str | None]:
    """As chosen in the form; a street viewer has no choice of variant."""
    form = request.form
    size, orientation = form.get("size", "A3"), form.get("orientation", "landscape")
    if size not in SIZES or orientation not in ORIENTATIONS:
        abort(400)
    variant = "public" if street else form.get("variant", "internal")
    return {"size": size, "orientation": orientation, "variant": variant, "layer": form.get("layer")}


def as_pdf(document: Document, name: str) -> Response:
    """Shown in the browser, saved under its number, which is ASCII and nobody's name, and never cached."""
    answer = Response(document.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    if document.missing:
        answer.headers["Missing-Characters"] = str(len(document.missing))
    return answer


def _not_printed(failed: PrintingFailed) -> Any:
    return render_template("documents/failed.html", message=failed.message), 503


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_error_handler(PrintingFailed, _not_printed)
