"""Reads the map from GeoJSON: outlines of a community, its blocks and buildings, its patrol routes. Repairs nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from grid.core.i18n import _
from grid.exchange.cells import storable
from grid.exchange.workbooks import MOST_BYTES, Unreadable

MOST_FEATURES = 20_000
MOST_POINTS = 5_000
MOST_RINGS = 50
OSM_CREDIT = "© OpenStreetMap contributors"
KINDS = ("boundary", "blocks", "buildings", "routes")

Ring = list[list[float]]


@dataclass(frozen=True)
class Shape:
    """One feature as it stands in the file; `outline` is None and `fault` says why where it can't be used."""

    number: int
    properties: Mapping[str, Any]
    outline: list[Ring] | None
    fault: str | None = None
    # Of a route; it has no outline.
    line: Ring | None = None


@dataclass(frozen=True)
class Layer:
    name: str
    kind: str
    shapes: list[Shape] = field(default_factory=list)
    credit: str = ""


def read_layers(name: str, content: bytes) -> list[Layer]:
    """The layer of a file, or several where its features say theirs; raises Unreadable when it is no map."""
    collection = _collection(name, content)
    features = collection["features"]
    shapes = [_shape(number, feature) for number, feature in enumerate(features, 1)]
    credit = _credit(collection, shapes)
    if all(shape.properties.get("layer") in KINDS for shape in shapes):
        return [Layer(name, kind, of, credit) for kind in KINDS if (of := _of_layer(shapes, kind))]
    return [Layer(name, _kind(name, collection, shapes), shapes, credit)]


def _of_layer(shapes: list[Shape], kind: str) -> list[Shape]:
    return [shape for shape in shapes if shape.properties["layer"] == kind]


def _collection(name: str, content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise Unreadable(_("%(name)s 太大，最多 %(n)s MB。", name=name, n=MOST_BYTES >> 20))
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as damage:
        raise Unreadable(_("%(name)s 不是 GeoJSON 地图文件，或者已经损坏。", name=name)) from damage
    if not isinstance(read, dict) or read.get("type") != "FeatureCollection":
        raise Unreadable(_("%(name)s 不是 GeoJSON 的 FeatureCollection。", name=name))
    features = read.get("features")
    if not isinstance(features, list) or not features:
        raise Unreadable(_("%(name)s 里没有图形。", name=name))
    if len(features) > MOST_FEATURES:
        raise Unreadable(_("%(name)s 里的图形太多，最多 %(n)s 个。", name=name, n=MOST_FEATURES))
    return read


def _kind(name: str, collection: Mapping[str, Any], shapes: list[Shape]) -> str:
    """By what the features carry; the name of the file or collection decides where they carry nothing."""
    if any(shape.line for shape in shapes):
        return "routes"
    if any("no" in shape.properties for shape in shapes):
        return "buildings"
    if any("seq" in shape.properties for shape in shapes):
        return "blocks"
    words = f"{collection.get('name', '')} {name}".lower()
    for kind, marks in (("boundary", ("boundary", "边界", "范围")), ("blocks", ("block", "片区", "网格")),
                        ("buildings", ("building", "楼")), ("routes", ("route", "路线", "巡逻"))):  # fmt: skip
        if any(mark in words for mark in marks):
            return kind
    if len(shapes) == 1:
        return "boundary"
    raise Unreadable(_("%(name)s 看不出是边界、片区还是楼栋：片区要有 seq，楼栋要有 no。", name=name))


def _credit(collection: Mapping[str, Any], shapes: list[Shape]) -> str:
    """What the file says of its source; ids like OpenStreetMap's own count as saying so."""
    if isinstance(ours := collection.get("map_credit"), str):
        return storable(ours).strip()[:200]
    said = " ".join(str(collection.get(word, "")) for word in ("attribution", "credit", "copyright", "license"))
    ids = [shape.properties.get("id") or shape.properties.get("@id") for shape in shapes]
    if "openstreetmap" in said.lower() or any(_like_osm(value) for value in ids):
        return OSM_CREDIT
    return storable(said).strip()[:200]


def _like_osm(value: Any) -> bool:
    if isinstance(value, str):
        kind, _slash, number = value.partition("/")
        return kind in ("way", "relation", "node") and number.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1_000_000


def _shape(number: int, feature: Any) -> Shape:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return Shape(number, {}, None, _("不是 Feature"))
    properties = feature.get("properties")
    properties = _stored(properties) if isinstance(properties, dict) else {}
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return Shape(number, properties, None, _("没有图形"))
    if geometry.get("type") == "LineString":
        return _route(number, properties, geometry.get("coordinates"))
    polygon = _polygon(geometry)
    if polygon is None:
        return Shape(number, properties, None, _("不是一个多边形（Polygon）"))
    fault = fault_of(polygon)
    return Shape(number, properties, None if fault else _flat(polygon), fault)


def _route(number: int, properties: dict[str, Any], points: Any) -> Shape:
    if not isinstance(points, list) or len(points) < 2:
        return Shape(number, properties, None, _("路线不足两个点"))
    fault = _fault_of_points(points)
    return Shape(number, properties, None, fault, None if fault else [point[:2] for point in points])


def _stored(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: storable(value) if isinstance(value, str) else value for name, value in properties.items()}


def _flat(polygon: list[Any]) -> list[Ring]:
    """A map has no height: what stands third in a point is left out."""
    return [[point[:2] for point in ring] for ring in polygon]


def _polygon(geometry: Mapping[str, Any]) -> Any:
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        return coordinates
    if geometry.get("type") == "MultiPolygon" and isinstance(coordinates, list) and len(coordinates) == 1:
        return coordinates[0]
    return None


def right_handed(outline: list[Ring]) -> list[Ring]:
    """The rings as RFC 7946 wants them: the outer one counterclockwise, holes clockwise."""
    return [ring if (_doubled_area(ring) > 0) == (number == 0) else ring[::-1] for number, ring in enumerate(outline)]


def _doubled_area(ring: Ring) -> float:
    """Above zero where a ring runs counterclockwise."""
    lon, lat = ring[0][:2]
    return sum((a[0] - lon) * (b[1] - lat) - (b[0] - lon) * (a[1] - lat) for a, b in pairwise(ring))


def fault_of(polygon: Any) -> str | None:
    """Why rings can't stand on the map, as a sentence; None when they can."""
    if not isinstance(polygon, list) or not polygon:
        return _("多边形是空的")
    if len(polygon) > MOST_RINGS:
        return _("环太多，最多 %(n)s 个", n=MOST_RINGS)
    for ring in polygon:
        fault = _fault_of_ring(ring)
        if fault:
            return fault
    return _fault_of_area(_flat(polygon))


def _fault_of_ring(ring: Any) -> str | None:
    if not isinstance(ring, list) or len(ring) < 4:
        return _("环不足四个点")
    if len(ring) > MOST_POINTS:
        return _("环的点太多，最多 %(n)s 个", n=MOST_POINTS)
    return _fault_of_points(ring) or (None if ring[0][:2] == ring[-1][:2] else _("环没有闭合"))


def _fault_of_points(points: list[Any]) -> str | None:
    if len(points) > MOST_POINTS:
        return _("路线的点太多，最多 %(n)s 个", n=MOST_POINTS)
    for point in points:
        if not (isinstance(point, list) and len(point) >= 2 and all(_is_number(part) for part in point[:2])):
            return _("坐标不是数字")
        lon, lat = point[0], point[1]
        if abs(lon) > 180 or abs(lat) > 90:
            turned = abs(lat) <= 180 and abs(lon) <= 90
            return _("坐标像是把经纬度写反了") if turned else _("坐标不是经纬度（WGS 84）")
    return None


def _is_number(value: Any) -> bool:
    """Neither endless nor NaN nor longer than any coordinate."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12


def _fault_of_area(polygon: list[Ring]) -> str | None:
    from shapely import Polygon, is_valid

    shape = Polygon(polygon[0], polygon[1:])
    if not is_valid(shape):
        return _("多边形自己和自己相交")
    return None if shape.area > 0 else _("多边形没有面积")
