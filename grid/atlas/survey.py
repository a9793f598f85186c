"""A community in metres: drawn where somebody has drawn it, laid out from the register where nobody has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from grid.atlas import schematic
from grid.atlas.geometry import Bounds, Outline, Plane, Point, plane_of, polygonal, together

# Stored coordinates: rings of [lon, lat], as GeoJSON has them.
Rings = Sequence[Any]


LINES = ("road", "path")


@dataclass(frozen=True, slots=True)
class BlockRow:
    id: int
    name: str
    outline: Rings | None


@dataclass(frozen=True, slots=True)
class BuildingRow:
    id: int
    public_id: str
    no: str
    block_id: int | None
    floors: int | None = None
    units: int = 1
    doors: int = 0
    outline: Rings | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class SiteRow:
    public_id: str
    kind: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class SceneryRow:
    """What lies between the houses: roads and paths are lines with a width, water, green and fields are rings."""

    kind: str
    name: str
    width: float
    line: Rings


@dataclass(frozen=True, slots=True)
class RouteRow:
    """巡逻路线: where a team walks, from the first point to the last."""

    name: str
    line: Rings


@dataclass(frozen=True)
class Rows:
    """All that is known of a community's ground, in the order it should be read."""

    boundary: Rings | None
    blocks: Sequence[BlockRow]
    buildings: Sequence[BuildingRow]
    sites: Sequence[SiteRow] = ()
    scenery: Sequence[SceneryRow] = ()
    routes: Sequence[RouteRow] = ()


@dataclass(frozen=True)
class Survey:
    """A community in metres, with something for everything: drawn where drawn, laid out where not."""

    rows: Rows
    boundary: Outline
    blocks: Mapping[int, Outline]
    buildings: Mapping[int, Outline]
    # Buildings whose place is a guess.
    guessed: frozenset[int]
    sites: Mapping[str, Point]
    plane: Plane | None
    # Per kind of scenery its ground, cut off at the boundary; and the middle lines of streets that have a name.
    scenery: Mapping[str, Outline] = field(default_factory=dict)
    streets: Sequence[tuple[str, LineString]] = ()
    routes: Sequence[tuple[str, LineString]] = ()

    @property
    def doubtful(self) -> frozenset[int]:
        """Buildings to mark as guesses: on a map that is a guess altogether, none."""
        return frozenset() if self.plane is None else self.guessed

    @property
    def bounds(self) -> Bounds:
        return together([self.boundary, *self.blocks.values(), *self.buildings.values()])


def geojson(rings: Rings) -> Mapping[str, Any]:
    """Stored coordinates as a GeoJSON geometry; one level deeper means several polygons."""
    deep = isinstance(rings[0][0][0], list | tuple)
    return {"type": "MultiPolygon" if deep else "Polygon", "coordinates": rings}


def survey(rows: Rows) -> Survey:
    """Everything in metres around the middle of what is drawn; a schematic layout where nothing is."""
    drawn = [rings for rings in _drawn(rows) if rings]
    if not drawn:
        return _schematic(rows)
    plane = plane_of(geojson(rings) for rings in drawn)
    edge = plane.outline(geojson(rows.boundary)) if rows.boundary else None
    areas, houses = _metres(plane, rows.blocks), _metres(plane, rows.buildings)
    missing = [row for row in rows.buildings if row.id not in houses]
    houses |= _settled(missing, areas, houses, edge)
    areas |= _areas(rows, areas, houses)
    if edge is None:
        edge = schematic.around([*areas.values(), *houses.values()], air=12.0)
    spots = {site.public_id: plane.metres(site.lon, site.lat) for site in rows.sites}
    guessed = frozenset(row.id for row in missing)
    walks = [(row.name, LineString([plane.metres(*point[:2]) for point in row.line])) for row in rows.routes]
    return Survey(rows, edge, areas, houses, guessed, spots, plane, *_scenery(plane, rows.scenery, edge), walks)


def _scenery(
    plane: Plane, rows: Sequence[SceneryRow], edge: Outline
) -> tuple[dict[str, Outline], list[tuple[str, LineString]]]:
    shapes: dict[str, list[BaseGeometry]] = defaultdict(list)
    streets = []
    for row in rows:
        points = [plane.metres(lon, lat) for lon, lat in row.line]
        if row.kind in LINES and len(points) > 1:
            line = LineString(points)
            shapes[row.kind].append(line.buffer(max(row.width, 1.5) / 2, cap_style="flat"))
            if row.name and row.kind == "road":
                streets.append((row.name, line))
        elif len(points) > 2:
            shapes[row.kind].append(Polygon(points).buffer(0))
    cut = {kind: polygonal(shapely.union_all(found).intersection(edge)) for kind, found in shapes.items()}
    return {kind: shape for kind, shape in cut.items() if shape is not None}, streets


def _drawn(rows: Rows) -> list[Rings | None]:
    return [rows.boundary, *(row.outline for row in rows.blocks), *(row.outline for row in rows.buildings)]


def _metres(plane: Plane, rows: Sequence[BlockRow] | Sequence[BuildingRow]) -> dict[int, Outline]:
    found = {row.id: plane.outline(geojson(row.outline)) for row in rows if row.outline}
    return {key: shape for key, shape in found.items() if shape is not None}


def _plot(row: BuildingRow) -> schematic.Plot:
    return schematic.Plot(row.id, row.units, row.floors or 6, row.doors)


def _schematic(rows: Rows) -> Survey:
    plots: dict[int, list[schematic.Plot]] = {block.id: [] for block in rows.blocks}
    for row in rows.buildings:
        plots.setdefault(row.block_id or 0, []).append(_plot(row))
    plan = schematic.layout(plots)
    known = {block.id for block in rows.blocks}
    areas = {key: shape for key, shape in plan.blocks.items() if key in known}
    guessed = frozenset(row.id for row in rows.buildings)
    return Survey(rows, plan.boundary, areas, plan.buildings, guessed, {}, None)


def _settled(
    missing: Sequence[BuildingRow],
    areas: Mapping[int, Outline],
    houses: Mapping[int, Outline],
    edge: Outline | None,
) -> dict[int, Outline]:
    """A place for every building without an outline: in its block, else inside the boundary, else below."""
    groups: dict[int | None, list[schematic.Plot]] = defaultdict(list)
    for row in missing:
        groups[row.block_id if row.block_id in areas else None].append(_plot(row))
    found: dict[int, Outline] = {}
    for block_id, plots in groups.items():
        ground = areas[block_id] if block_id is not None else _commons(edge, areas)
        if ground is not None:
            found |= schematic.fill(ground, [*houses.values(), *found.values()], plots)
    left = [_plot(row) for row in missing if row.id not in found]
    if left:
        drawn = [*areas.values(), *houses.values(), *found.values(), *([edge] if edge else [])]
        below = shapely.box(*together(drawn)) if drawn else shapely.box(0, 0, 200, 100)
        found |= schematic.strip(below, left)
    return found


def _commons(edge: Outline | None, areas: Mapping[int, Outline]) -> Outline | None:
    if edge is None:
        return None
    return polygonal(edge.difference(shapely.union_all(list(areas.values())))) if areas else edge


def _areas(rows: Rows, areas: Mapping[int, Outline], houses: Mapping[int, Outline]) -> dict[int, Outline]:
    """Blocks that nobody has drawn, as the ground around their buildings."""
    mine: dict[int, list[Outline]] = defaultdict(list)
    for row in rows.buildings:
        if row.block_id is not None:
            mine[row.block_id].append(houses[row.id])
    return {b.id: schematic.around(mine[b.id]) for b in rows.blocks if b.id not in areas and mine[b.id]}
