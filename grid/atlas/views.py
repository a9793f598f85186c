"""地图 and 楼盘表: the map of a community, a building at a glance, its elevation."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, make_response, redirect, render_template, request

from grid.accounts.access import allowed, me
from grid.accounts.models import Me
from grid.atlas import facades, layers, plates, queries
from grid.atlas.sheet import VARIANTS
from grid.atlas.spread import SIZES
from grid.core.clock import today
from grid.core.htmx import vary, wants_fragment
from grid.register.queries import communities

bp = Blueprint("atlas", __name__)


def _layer() -> str:
    wanted = request.args.get("layer", "")
    return wanted if wanted in layers.LAYERS else layers.LAYERS[0]


def _query(layer: str) -> str:
    """The layer stays with the reader from page to page; the first needs no mention."""
    return "" if layer == layers.LAYERS[0] else f"?layer={layer}"


@bp.get("/map")
@allowed("administrator", "grid_worker", "street_viewer")
def maps() -> Any:
    """The reader's map, or a choice where there are several."""
    found = communities(me().scope)
    query = _query(_layer())
    if len(found) == 1:
        return redirect(f"/map/{found[0].public_id}{query}", 303)
    return render_template("atlas/maps.html", communities=found, query=query)


@bp.get("/map/<public_id>")
@allowed("administrator", "grid_worker", "street_viewer")
def community_map(public_id: str) -> Any:
    person, layer = me(), _layer()
    ground = queries.ground_or_404(person.scope, public_id)
    days = ground.visit_every_days
    sums = queries.sums(person.scope, ground.id, today() - timedelta(days=days), layer)
    coloured = plates.coloured(plates.plate_of(ground, sums), layer, person.scope, ground, sums)
    page = render_template(
        "atlas/_atlas.html" if wants_fragment() else "atlas/map.html",
        ground=ground,
        map=coloured,
        layer=layer,
        layers=layers.LAYERS,
        name_of=layers.name,
        here=f"/map/{public_id}",
        legend=layers.drawn_legend(layer, coloured.used),
        legend_title=layers.building_title(layer, days),
        prefix="/buildings/",
        # A street viewer has sums only: the link leads to the building at a glance.
        suffix=_query(layer) if person.may("administrator", "grid_worker") else "/summary",
        households=sum(found.doors for found in sums.values()),
        print=_print(person, ground.id),
    )
    return vary(make_response(page))


def _print(person: Me, community_id: int) -> dict[str, Any] | None:
    """Whoever sees the whole community may have it on paper; the street its public variant only."""
    if not person.scope.allows(community_id) or not person.may("administrator", "street_viewer"):
        return None
    return {"sizes": SIZES, "variants": VARIANTS if person.may("administrator") else ()}


@bp.get("/buildings/<public_id>")
@allowed("administrator", "grid_worker")
def elevation(public_id: str) -> Any:
    layer = _layer()
    house = queries.house_or_404(me().scope, public_id)
    days = house.visit_every_days
    doors = queries.doors(house.id)
    found, rows = facades.facade(doors, layer, today(), days)
    page = render_template(
        "atlas/_elevation.html" if wants_fragment() else "atlas/elevation.html",
        house=house,
        count=len(doors),
        units=facades.units(found),
        rows=rows,
        layer=layer,
        layers=layers.LAYERS,
        name_of=layers.name,
        here=f"/buildings/{public_id}",
        query=_query(layer),
        legend=facades.legend(layer, days),
    )
    return vary(make_response(page))


@bp.get("/buildings/<public_id>/summary")
@allowed("administrator", "grid_worker", "street_viewer")
def summary(public_id: str) -> Any:
    """What slides up when a building is tapped; a page of its own where there is no script."""
    person, layer = me(), _layer()
    house = queries.house_or_404(person.scope, public_id)
    days = house.visit_every_days
    may_enter = person.may("administrator", "grid_worker")
    page = render_template(
        "atlas/_building.html" if wants_fragment() else "atlas/building.html",
        house=house,
        sums=queries.sums_of(house, today() - timedelta(days=days)),
        days=days,
        # Names and doors are not for everybody: what may not be shown is not passed.
        head_name=house.head_name if may_enter else None,
        elevation=f"/buildings/{public_id}{_query(layer)}" if may_enter else None,
        map=f"/map/{house.community_public_id}{_query(layer)}",
    )
    return vary(make_response(page))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
