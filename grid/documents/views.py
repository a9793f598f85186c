"""打印: the map as PDF, by POST because every print is logged; the other papers have views of their own."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts.access import allowed, me
from grid.atlas import layers
from grid.atlas.sheet import VARIANTS
from grid.atlas.spread import ORIENTATIONS, SIZES
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.documents import (
    actions,
    building_views,
    centre_views,
    ledger_views,
    residents_views,
    sheet_views,
    summary_views,
)
from grid.documents.answers import as_pdf
from grid.documents.kinds import paper_name
from grid.documents.map_paper import MAP
from grid.documents.printing import PrintingFailed
from grid.documents.sheets import draw_paper
from grid.register.queries import whole_community_or_404

bp = Blueprint("documents", __name__)


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
        actions.PrintEntry("map", community_id, about=_about_map(options)),
        lambda number: draw_paper(MAP, scope, [community_id], who.name, number, options),
    )
    return as_pdf(document, f"map-{options['size']}-{number}")


def _map_options(street: bool) -> dict[str, str | None]:
    """As chosen in the form; a street viewer has no choice of variant."""
    form = request.form
    size, orientation = form.get("size", "A3"), form.get("orientation", "landscape")
    variant = "public" if street else form.get("variant", "internal")
    if size not in SIZES or orientation not in ORIENTATIONS or variant not in VARIANTS:
        abort(400)
    layer = form["layer"] if variant == "internal" and form.get("layer") in layers.LAYERS else None
    return {"size": size, "orientation": orientation, "variant": variant, "layer": layer}


def _about_map(options: dict[str, str | None]) -> str:
    """What the print log says: the paper, and whether it may hang in public."""
    public = [_("公示")] if options["variant"] == "public" else []
    return listed([str(options["size"]), *public, *([layers.name(options["layer"])] if options["layer"] else [])])


def _not_printed(failed: PrintingFailed) -> Any:
    return render_template("documents/failed.html", message=failed.message), 503


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    centre_views.register(app)
    app.jinja_env.globals["paper_name"] = paper_name
    building_views.register(app)
    sheet_views.register(app)
    app.register_blueprint(residents_views.bp)
    ledger_views.register(app)
    summary_views.register(app)
    app.register_error_handler(PrintingFailed, _not_printed)
