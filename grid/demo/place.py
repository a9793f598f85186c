"""The ground of the demo community: boundary, blocks, buildings, sites and scenery as lon/lat.

The place does not exist. It is drawn as a committee's quarter usually is: old walk-ups in the north-west, the
dormitories of a former mill with its market, towers along a stream, a school, a park, shops along the streets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi

from shapely.geometry import Polygon
from shapely.ops import unary_union

from grid.demo import quarter
from grid.demo.plot import KINDS, Plot
from grid.demo.shapes import Metres, points, polygon

Ring = tuple[tuple[float, float], ...]

ORIGIN = (114.40, 30.60)
BLOCK_NAMES = ("一片区", "二片区", "三片区", "四片区", "五片区", "六片区")


@dataclass(frozen=True, slots=True)
class Footprint:
    no: int
    estate: str
    name: str
    block: int
    kind: str
    floors: int
    units: int
    rooms: int
    shops: int
    built: int
    use: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Block:
    seq: int
    name: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Site:
    kind: str
    name: str
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scenery:
    """What lies between the houses: kind is road, path, water, green or field; roads are lines with a width."""

    kind: str
    name: str
    line: Ring
    width: float


@dataclass(frozen=True, slots=True)
class Route:
    """Where a patrol walks, from the first point to the last."""

    name: str
    line: Ring


@dataclass(frozen=True, slots=True)
class Ground:
    boundary: Ring
    blocks: tuple[Block, ...]
    buildings: tuple[Footprint, ...]
    sites: tuple[Site, ...]
    scenery: tuple[Scenery, ...]
    routes: tuple[Route, ...]


@lru_cache(maxsize=4)
def ground(shift: int = 0) -> Ground:
    """Everything on the map. A shifted ground is the same quarter further east, for the second, third … community."""
    streets = quarter.roads()
    blocks = quarter.blocks(quarter.outline())
    plot = Plot([quarter.buildable(block, streets) for block in blocks])
    scenery = quarter.build(plot, streets)
    move = _Move(shift)
    return Ground(
        boundary=move.ring(polygon(unary_union(blocks))),
        blocks=tuple(Block(i + 1, BLOCK_NAMES[i], move.ring(block)) for i, block in enumerate(blocks)),
        buildings=_numbered(plot, move),
        sites=tuple(Site(kind, name, move.point(*spot)) for kind, name, spot in quarter.sites(plot, streets)),
        scenery=tuple(Scenery(kind, name, move.points(line), width) for kind, name, line, width in scenery),
        routes=tuple(Route(name, move.points(line)) for name, line in quarter.routes(blocks)),
    )


@dataclass(frozen=True, slots=True)
class _Move:
    shift: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = ORIGIN
        metre_east = 111_320 * cos(lat * pi / 180)
        return round(lon + (x + 760 * self.shift) / metre_east, 7), round(lat + y / 110_860, 7)

    def points(self, line: Iterable[Metres]) -> Ring:
        return tuple(self.point(x, y) for x, y in line)

    def ring(self, shape: Polygon) -> Ring:
        """Counter-clockwise, first point repeated at the end, as GeoJSON has it."""
        turned = shape.exterior if shape.exterior.is_ccw else shape.exterior.reverse()
        return self.points(points(turned))


def _numbered(plot: Plot, move: _Move) -> tuple[Footprint, ...]:
    """Numbers run estate by estate from north to south in bands, west to east in a band: as a postman would."""
    order = sorted(plot.houses, key=lambda h: (h[0], not h[1], -round(h[4].centroid.y / 32), h[4].centroid.x))
    return tuple(
        _footprint(no, block, estate, kind, name, move.ring(shape))
        for no, (block, estate, kind, name, shape) in enumerate(order, start=1)
    )


def _footprint(no: int, block: int, estate: str, kind: str, name: str, ring: Ring) -> Footprint:
    k = KINDS[kind]
    built = k.built + no % 3
    return Footprint(no, estate, name, block + 1, kind, k.floors, k.units, k.rooms, k.shops, built, k.use, ring)
