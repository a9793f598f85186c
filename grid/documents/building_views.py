"""打印: elevation, contact list and notice board of a building, the network chart of a community."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts.access import allowed, me
from grid.atlas import layers
from grid.atlas.queries import House, house_or_404
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.documents import actions, elevation_paper, network_paper, notice_paper
from grid.documents.answers import as_pdf
from grid.documents.contacts_paper import CONTACTS
from grid.documents.forms import ContactsForm
from grid.documents.papers import Options, Paper
from grid.documents.sheets import draw_paper
from grid.register.queries import whole_community_or_404

bp = Blueprint("building_papers", __name__)


@bp.post("/buildings/<public_id>/elevation/print")
@allowed("administrator", "grid_worker")
def print_elevation(public_id: str) -> Any:
    house = house_or_404(me().scope, public_id)
    size, layer = _one_of("size", elevation_paper.SIZES), _one_of("layer", layers.LAYERS)
    words = [layers.name(layer)] if layer else []
    return _of_house(elevation_paper.ELEVATION, house, {"size": size, "layer": layer}, words)


@bp.post("/buildings/<public_id>/contacts")
@allowed("administrator", "grid_worker")
def print_contacts(public_id: str) -> Any:
    """Whole phones are for an administrator who says what for; the reason stands in the print log."""
    house, form = house_or_404(me().scope, public_id), ContactsForm()
    if form.phones.data == "full" and not me().may("administrator"):
        abort(403)
    if not form.validate():
        return render_template("documents/contacts.html", house=house, form=form), 422
    options = form.options()
    words = [_("完整电话")] if options["phones"] == "full" else []
    return _of_house(CONTACTS, house, options, words, options["reason"])


@bp.post("/buildings/<public_id>/notice")
@allowed("administrator", "grid_worker")
def print_notice(public_id: str) -> Any:
    house = house_or_404(me().scope, public_id)
    return _of_house(notice_paper.NOTICE, house, {"size": _one_of("size", notice_paper.SIZES) or "A4"}, [])


@bp.post("/map/<public_id>/network")
@allowed("administrator", "street_viewer")
def print_network(public_id: str) -> Any:
    """A street viewer gets staff only: no names of residents, and volunteers are residents."""
    who = me()
    community = whole_community_or_404(who.scope, public_id)
    variant = "public" if who.role == "street_viewer" else _one_of("variant", network_paper.VARIANTS) or "internal"
    options = {"size": _one_of("size", network_paper.SIZES) or "A3", "variant": variant}
    entry = actions.PrintEntry("network", community.id, about=community.name)
    return _printed(network_paper.NETWORK, entry, community.id, options)


def _one_of(name: str, among: Any) -> str:
    """A choice of the form; nothing where nothing was chosen."""
    given = request.form.get(name, "")
    if given and given not in among:
        abort(400)
    return given


def _of_house(paper: Paper, house: House, options: Options, words: list[str], reason: str = "") -> Any:
    about = listed([_("%(no)s幢", no=house.no), *words])
    entry = actions.PrintEntry(paper.kind, house.community_id, reason=reason, about=about)
    return _printed(paper, entry, house.id, options)


def _printed(paper: Paper, entry: actions.PrintEntry, one: int, options: Options) -> Any:
    who = me()
    number, document = actions.print_document(
        who, entry, lambda number: draw_paper(paper, who.scope, [one], who.name, number, options)
    )
    return as_pdf(document, f"{paper.kind}-{number}")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
