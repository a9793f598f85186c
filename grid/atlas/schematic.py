"""A plausible map where nobody has drawn one: blocks as tidy areas, buildings in rows, in metres."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import shapely
from shapely import Polygon, affinity
from shapely.prepared import prep

from grid.atlas.geometry import Outline, Point, largest, polygonal

ROAD = 16.0
EDGE = 22.0
# Squares of free ground are tried this far apart, in metres.
STEP = 4.0


@dataclass(frozen=True)
class Plot:
    """What is known of a building that nobody has drawn."""

    id: int
    units: int = 1
    floors: int = 6
    doors: int = 0


@dataclass(frozen=True)
class Layout:
    boundary: Outline
    blocks: Mapping[int, Outline]
    buildings: Mapping[int, Outline]


def footprint(plot: Plot) -> tuple[float, float]:
    """Length and depth in metres: a stairwell is about 13 m of a slab, a tower about 24 m and deeper."""
    units = max(1, min(plot.units, 8))
    if plot.floors >= 12:
        return 24.0 * min(units, 4), 18.0
    if plot.floors <= 2 and plot.doors <= 8:
        return 14.0 + 2.0 * plot.doors, 10.0
    return max(16.0, 13.0 * units), 11.5


def layout(blocks: Mapping[int, Sequence[Plot]]) -> Layout:
    """A map from the register alone; blocks and plots come in the order they should be read."""
    beds = {key: _bed(plots) for key, plots in blocks.items()}
    shelves = _shelves(beds)
    wide = max((_length(shelf, beds) for shelf in shelves), default=120.0)
    areas: dict[int, Outline] = {}
    buildings: dict[int, Outline] = {}
    top = 0.0
    for shelf in shelves:
        high = max(beds[key].height for key in shelf)
        spare = wide - _length(shelf, beds)
        left = 0.0
        for key in shelf:
            bed = beds[key]
            width = bed.width + spare / len(shelf)
            areas[key] = shapely.box(left, top - high, left + width, top)
            buildings.update(bed.placed(left, top, width, high))
            left += width + ROAD
        top -= high + ROAD
    return _bent(areas, buildings, wide, -top - ROAD if shelves else 80.0)


def _length(shelf: Sequence[int], beds: Mapping[int, "Bed"]) -> float:
    return sum(beds[key].width for key in shelf) + ROAD * (len(shelf) - 1)


@dataclass(frozen=True)
class Bed:
    """The rows of one block before it knows where it lies."""

    rows: Sequence[Sequence[Plot]]
    width: float
    height: float

    def placed(self, left: float, top: float, width: float, height: float) -> dict[int, Polygon]:
        """Every building at its place; rows share spare height, buildings in a row share spare width."""
        found: dict[int, Polygon] = {}
        air = (height - self.height) / (len(self.rows) + 1)
        y = top - EDGE / 2 - air
        for at, row in enumerate(self.rows):
            sizes = [footprint(plot) for plot in row]
            deep = max(depth for _, depth in sizes)
            gap = _gap(width - EDGE - sum(length for length, _ in sizes), len(row), at + 1 == len(self.rows))
            x = left + EDGE / 2 + _inset(at)
            for plot, (length, depth) in zip(row, sizes, strict=True):
                found[plot.id] = shapely.box(x, y - depth, x + length, y)
                x += length + gap
            y -= deep + _pitch(row) + air
        return found


def _gap(spare: float, count: int, is_last: bool) -> float:
    """Spare width goes between the buildings, except in a short last row, which stays on the left."""
    if count < 2:
        return 0.0
    gap = (spare - 8.0) / (count - 1)
    return min(gap, 18.0) if is_last else gap


def _inset(row: int) -> float:
    """Rows start at slightly different places, as they do on the ground."""
    return (0.0, 5.0, 2.0, 7.0)[row % 4]


def _pitch(row: Sequence[Plot]) -> float:
    """The distance to the next row grows with the height of the buildings, for the sun."""
    return 12.0 + 0.6 * min(max(plot.floors for plot in row), 34)


def _bed(plots: Sequence[Plot]) -> Bed:
    if not plots:
        return Bed((), 90.0, 60.0)
    sizes = [footprint(plot) for plot in plots]
    pitches = [_pitch([plot]) for plot in plots]
    area = sum((long + 12.0) * (deep + pitch) for (long, deep), pitch in zip(sizes, pitches, strict=True))
    target = max(sqrt(area * 1.35), max(length for length, _ in sizes))
    rows = _rows(plots, target)
    width = max(sum(footprint(plot)[0] for plot in row) + 12.0 * (len(row) - 1) for row in rows) + EDGE + 8.0
    deep = sum(max(footprint(plot)[1] for plot in row) + _pitch(row) for row in rows)
    height = deep - _pitch(rows[-1]) + EDGE
    return Bed(rows, width, height)


def _rows(plots: Sequence[Plot], target: float) -> list[list[Plot]]:
    """Reading order, broken into rows of about the target width and about equal length."""
    whole = sum(footprint(plot)[0] + 12.0 for plot in plots)
    share = whole / ceil(whole / (target + 12.0))
    rows: list[list[Plot]] = [[]]
    used = 0.0
    for plot in plots:
        length = footprint(plot)[0] + 12.0
        if rows[-1] and used + length / 2 > share * len(rows):
            rows.append([])
        rows[-1].append(plot)
        used += length
    return rows


def _shelves(beds: Mapping[int, Bed]) -> list[list[int]]:
    """Blocks side by side in shelves, so that the whole is about a third wider than it is high."""
    if not beds:
        return []
    area = sum(bed.width * bed.height for bed in beds.values())
    count = max(1, round(sqrt(area / 1.5) / (sum(bed.height for bed in beds.values()) / len(beds))))
    keys, shelves = list(beds), []
    for at in range(min(count, len(keys))):
        upto = round(len(keys) * (at + 1) / min(count, len(keys)))
        shelves.append(keys[round(len(keys) * at / min(count, len(keys))) : upto])
    return [shelf for shelf in shelves if shelf]


def _bent(areas: Mapping[int, Outline], buildings: Mapping[int, Outline], wide: float, high: float) -> Layout:
    """The straight plan, bent so that its sides are not parallel; houses turn but stay rectangular."""
    skirt = 26.0

    def bend(x: float, y: float) -> Point:
        across, down = x / max(wide, 1.0), -y / max(high, 1.0)
        lean = 0.05 * high * down - 0.03 * wide * across * down
        return x + lean, y + 0.045 * wide * across * (1 - 0.6 * down)

    def area(shape: Outline) -> Outline:
        return Polygon([bend(float(x), float(y)) for x, y in largest(shape).exterior.coords])

    def house(shape: Outline) -> Outline:
        x, y = shape.centroid.x, shape.centroid.y
        (to_x, to_y), (east_x, east_y) = bend(x, y), bend(x + 1.0, y)
        turned = affinity.rotate(shape, (east_y - to_y) / (east_x - to_x) * 57.3)
        return affinity.translate(turned, to_x - x, to_y - y)

    c = skirt * 1.3
    corners = [
        (-skirt, skirt - c), (c - skirt, skirt), (wide * 0.55, skirt + 5),
        (wide + skirt - c, skirt), (wide + skirt, skirt - c),
        (wide + skirt, -high - skirt + c), (wide + skirt - c, -high - skirt), (wide * 0.4, -high - skirt - 6),
        (c - skirt, -high - skirt), (-skirt, -high - skirt + c),
    ]  # fmt: skip
    edge = Polygon([bend(x, y) for x, y in corners])
    bent = {key: area(shape) for key, shape in areas.items()}
    return Layout(edge, bent, {key: house(shape) for key, shape in buildings.items()})


def fill(ground: Outline, taken: Sequence[Outline], plots: Sequence[Plot]) -> dict[int, Polygon]:
    """Rectangles on the free ground of a block that is otherwise drawn, smaller where it is tight."""
    found: dict[int, Polygon] = {}
    for plot in plots:
        for share in (1.0, 0.75, 0.55, 0.4, 0.28):
            spot = _free(ground, [*taken, *found.values()], plot, share)
            if spot is not None:
                found[plot.id] = spot
                break
    return found


def _free(ground: Outline, taken: Sequence[Outline], plot: Plot, share: float) -> Polygon | None:
    length, depth = (side * share for side in footprint(plot))
    air = 6.0 * share
    built = shapely.union_all([shape.buffer(air) for shape in taken])
    free = polygonal(ground.buffer(-air / 2).difference(built))
    if free is None:
        return None
    inside = prep(free)
    for x, y in _spots(free, length, depth):
        spot = shapely.box(x, y - depth, x + length, y)
        if inside.contains(spot):
            return spot
    return None


def _spots(free: Outline, length: float, depth: float) -> Iterator[Point]:
    """North-west corners in reading order."""
    west, south, east, north = free.bounds
    y = north - 0.1
    while y - depth >= south:
        x = west + 0.1
        while x + length <= east:
            yield x, y
            x += STEP
        y -= STEP


def strip(below: Outline, plots: Sequence[Plot]) -> dict[int, Polygon]:
    """Rows south of everything, for buildings that belong to no drawn block and fit nowhere inside."""
    west, south, east, _ = below.bounds
    found: dict[int, Polygon] = {}
    x, y = west, south - EDGE
    for plot in plots:
        length, depth = footprint(plot)
        if x > west and x + length > east:
            x, y = west, y - 32.0
        found[plot.id] = shapely.box(x, y - depth, x + length, y)
        x += length + 12.0
    return found


def around(shapes: Sequence[Outline], air: float = 14.0) -> Outline:
    """An area for a block without an outline: the hull of its buildings and some air."""
    hull = shapely.union_all(list(shapes)).convex_hull.buffer(air, join_style="mitre")
    found = polygonal(hull)
    assert found is not None
    return found
