"""打印: the household sheet and the map, as PDF, by POST because every print is logged."""

from typing import Any

from flask import Blueprint, Flask, Response, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.documents import actions
from grid.documents.printing import Document, PrintingFailed
from grid.documents.sheets import draw_sheet
from grid.dossier.queries import household_file

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
    return as_pdf(document, f"{file.code}-{number}")


def as_pdf(document: Document, name: str) -> Response:
    """Shown in the browser, saved under a name without anybody's name in it, and never cached."""
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
