"""From longitude and latitude to metres on the ground, and from metres to the frame of a drawing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians
from typing import Any

import shapely
from shapely import LineString, Polygon
from shapely.geometry import MultiPolygon
from shapely.geometry import shape as read_geojson
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
Outline = Polygon | MultiPolygon

# Metres in one degree of latitude on the mean sphere; a community is too small for the ellipsoid to show.
DEGREE = 111_195.0


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a centre: equirectangular, true to scale within a street."""

    lon: float
    lat: float

    @cached_property
    def _east(self) -> float:
        return DEGREE * cos(radians(self.lat))

    def metres(self, lon: float, lat: float) -> Point:
        return (lon - self.lon) * self._east, (lat - self.lat) * DEGREE

    def degrees(self, x: float, y: float) -> Point:
        return self.lon + x / self._east, self.lat + y / DEGREE

    def outline(self, geometry: Mapping[str, Any]) -> Outline | None:
        """A GeoJSON polygon in metres, mended where rings cross themselves; None where nothing is left."""
        found = polygonal(read_geojson(dict(geometry)))
        if found is None:
            return None
        return polygonal(shapely.transform(found, self._project))

    def _project(self, spots: Any) -> Any:
        return (spots - (self.lon, self.lat)) * (self._east, DEGREE)


def plane_of(geometries: Iterable[Mapping[str, Any]]) -> Plane:
    """The plane around the middle of everything given."""
    bounds = shapely.total_bounds([read_geojson(dict(geometry)) for geometry in geometries])
    if bounds[0] != bounds[0]:
        return Plane(0.0, 0.0)
    return Plane(float(bounds[0] + bounds[2]) / 2, float(bounds[1] + bounds[3]) / 2)


def polygonal(geometry: BaseGeometry) -> Outline | None:
    """The areas of a geometry, valid; lines and points that mending leaves behind are dropped."""
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry)
    if isinstance(geometry, Polygon | MultiPolygon):
        return None if geometry.is_empty else geometry
    parts = [part for part in getattr(geometry, "geoms", ()) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def largest(outline: Outline) -> Polygon:
    if isinstance(outline, Polygon):
        return outline
    return max(outline.geoms, key=lambda part: part.area)


def pole(outline: Outline, tolerance: float = 0.5) -> Point:
    """The point farthest from every wall: where a label of an L-shaped building goes."""
    line = shapely.maximum_inscribed_circle(largest(outline), tolerance=tolerance)
    x, y = line.coords[0]
    return float(x), float(y)


@dataclass(frozen=True)
class Frame:
    """Where metres land on a view that is `width` × `height` units, y downwards."""

    scale: float  # units per metre
    x: float
    y: float
    width: float
    height: float

    def place(self, x: float, y: float) -> Point:
        return self.x + x * self.scale, self.y - y * self.scale

    def outline(self, shape: Outline) -> Outline:
        moved = shapely.transform(shape, lambda spots: spots * (self.scale, -self.scale) + (self.x, self.y))
        assert isinstance(moved, Polygon | MultiPolygon)
        return moved

    def line(self, shape: LineString) -> LineString:
        moved = shapely.transform(shape, lambda spots: spots * (self.scale, -self.scale) + (self.x, self.y))
        assert isinstance(moved, LineString)
        return moved


def fit(bounds: Bounds, width: float, height: float, margin: float = 0.0) -> Frame:
    """The largest frame of this size that shows the bounds in its middle."""
    west, south, east, north = bounds
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    x = width / 2 - scale * (west + east) / 2
    y = height / 2 + scale * (south + north) / 2
    return Frame(scale, x, y, width, height)


def fit_width(bounds: Bounds, width: float, margin: float = 0.0) -> Frame:
    """A frame of this width whose height follows the bounds: for screens, where the view scrolls."""
    west, south, east, north = bounds
    scale = (width - 2 * margin) / max(east - west, 1.0)
    height = round(max(north - south, 1.0) * scale + 2 * margin, 1)
    return fit(bounds, width, height, margin)


def together(shapes: Sequence[BaseGeometry]) -> Bounds:
    west, south, east, north = (float(side) for side in shapely.total_bounds(list(shapes)))
    return west, south, east, north


def path(outline: Outline, step: float = 0.1) -> str:
    """An SVG path of tenths of a unit, relative after each first point, without points that do not show."""
    parts = [outline] if isinstance(outline, Polygon) else list(outline.geoms)
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(_ring([(float(x), float(y)) for x, y in ring.coords], step) for ring in rings)


def line_path(line: LineString) -> str:
    """An SVG path of an open line, in hundredths of a unit."""
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line.coords)


def _ring(points: Sequence[Point], step: float) -> str:
    """Whole steps are added up, so that rounding never opens a ring."""
    spots = [(round(x / step), round(y / step)) for x, y in points[:-1]]
    spots = [spot for at, spot in enumerate(spots) if spot != spots[at - 1]] or spots[:1]
    x, y = spots[0]
    drawn = [f"M{_number(x * step)} {_number(y * step)}l"]
    for to_x, to_y in spots[1:]:
        drawn.append(f"{_number((to_x - x) * step)} {_number((to_y - y) * step)} ")
        x, y = to_x, to_y
    return "".join(drawn).rstrip(" l") + "z"


def _number(value: float) -> str:
    text = f"{value:.1f}"
    text = text.removesuffix(".0").replace("0.", ".", 1) if abs(value) < 1 else text.removesuffix(".0")
    return "0" if text in ("", "-", "-0", ".") else text


def number(value: float) -> str:
    """A coordinate as short as it can be written: 12, 12.5, 0."""
    return _number(round(value, 1))
