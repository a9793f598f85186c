"""打印: the household sheet and the map, as PDF, by POST because every print is logged."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts.access import allowed, me
from grid.atlas.sheet import SIZES
from grid.documents import actions, building_views, centre_views, sheet_views
from grid.documents.answers import as_pdf
from grid.documents.kinds import paper_name
from grid.documents.printing import PrintingFailed
from grid.documents.sheets import draw_map
from grid.register.queries import whole_community_or_404

bp = Blueprint("documents", __name__)


@bp.post("/map/<public_id>/print")
@allowed("administrator", "street_viewer")
def print_map(public_id: str) -> Any:
    """A street viewer gets the public variant: sums and staff, nothing of single households."""
    who, scope = me(), me().scope
    community = whole_community_or_404(scope, public_id)
    community_id = community.id
    size = request.form.get("size", "A3")
    if size not in SIZES:
        abort(400)
    variant = "public" if who.role == "street_viewer" else request.form.get("variant", "internal")
    layer = request.form.get("layer")
    number, document = actions.print_document(
        who,
        actions.PrintEntry("map", community_id),
        lambda number: draw_map(scope, public_id, who.name, number, size, variant, layer),
    )
    return as_pdf(document, f"map-{size}-{number}")


def _not_printed(failed: PrintingFailed) -> Any:
    return render_template("documents/failed.html", message=failed.message), 503


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    centre_views.register(app)
    app.jinja_env.globals["paper_name"] = paper_name
    building_views.register(app)
    sheet_views.register(app)
    app.register_error_handler(PrintingFailed, _not_printed)
