"""The map of a community as GeoJSON (RFC 7946), in one file that the import of maps reads: outlines, nobody's name."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.db import db
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.exchange.geojson import right_handed
from grid.register.models import Block, Building, Community, PatrolRoute

Feature = dict[str, Any]


def export_map(actor: Me | None, community_id: int, name: str, reason: str = "") -> bytes:
    """The file, and a line in the log that says what for; Refused where nothing is drawn."""
    content = drawn(community_id)
    if content is None:
        raise Refused(_("“%(name)s”还没有画过地图，没有可导出的图形。", name=name))
    with audit.entry(actor, "export_map", community_id=community_id, words=" · ".join(filter(None, (name, reason)))):
        pass
    return content


def drawn(community_id: int) -> bytes | None:
    """The same map gives the same bytes; a feature per line. None where nothing is drawn."""
    community = db.session.get_one(Community, community_id)
    features = list(_features(community))
    if not features:
        return None
    head = json.dumps({"name": community.name, "map_credit": community.map_credit}, ensure_ascii=False)[1:-1]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    return f'{{"type": "FeatureCollection", {head}, "features": [\n{lines}\n]}}\n'.encode()


def _features(community: Community) -> Iterator[Feature]:
    if community.outline:
        yield _polygon("boundary", community.outline, name=community.name)
    seqs = {}
    for block in _all(Block, community, Block.seq):
        if block.outline:
            seqs[block.id] = block.seq
            yield _polygon("blocks", block.outline, seq=block.seq, name=block.name)
    for building in _all(Building, community, Building.no_order, Building.no):
        if building.outline:
            yield _polygon("buildings", building.outline, **_of_building(building, seqs.get(building.block_id or 0)))
    for route in _all(PatrolRoute, community, PatrolRoute.name):
        yield _feature("routes", {"type": "LineString", "coordinates": route.line}, name=route.name)


def _all(model: Any, community: Community, *order: Any) -> Iterable[Any]:
    return db.session.scalars(select(model).where(model.community_id == community.id).order_by(*order))


def _of_building(building: Building, block: int | None) -> dict[str, Any]:
    said = {"name": building.name, "estate": building.estate, "floors": building.floors, "block": block}
    return {"no": building.no} | {name: value for name, value in said.items() if value is not None}


def _polygon(layer: str, outline: list[Any], **said: Any) -> Feature:
    return _feature(layer, {"type": "Polygon", "coordinates": right_handed(outline)}, **said)


def _feature(layer: str, geometry: dict[str, Any], **said: Any) -> Feature:
    return {"type": "Feature", "properties": {"layer": layer, **said}, "geometry": geometry}
