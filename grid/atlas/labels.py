"""Where the numbers and names of a map go: inside first, then beside with a leader, else in a list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

import shapely
from shapely import LineString, Polygon

from grid.atlas.geometry import Bounds, Outline, Point, largest, pole

# Digits and Latin letters are narrower than a Chinese character, which is as wide as it is high.
NARROW = 0.58
HIGH = 0.78
AIR = 0.12

# Eight ways out of a footprint, sideways first because text is wider than high.
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
DISTANCES = (0.35, 0.9, 1.6, 2.5, 3.6, 5.0)


@dataclass(frozen=True, slots=True)
class Label:
    """A text centred on x, y."""

    text: str
    x: float
    y: float
    size: float
    leader: tuple[Point, Point] | None = None


def text_width(text: str, size: float) -> float:
    return size * sum(NARROW if ord(letter) < 0x2E80 else 1.0 for letter in text)


def box_of(label: Label) -> Bounds:
    return _box(label.text, label.x, label.y, label.size)


def _box(text: str, x: float, y: float, size: float) -> Bounds:
    wide, high = text_width(text, size) / 2 + AIR * size, size * (HIGH / 2 + AIR)
    return x - wide, y - high, x + wide, y + high


@dataclass(frozen=True, slots=True)
class Slanted:
    """A text centred on x, y and turned by so many degrees."""

    text: str
    x: float
    y: float
    size: float
    turn: float


def upright(turn: float) -> float:
    """The same slant, never upside down."""
    return turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn


class Index:
    """Boxes on squared paper: answers 'is this spot free?' by looking at the squares it touches."""

    def __init__(self, cell: float) -> None:
        self._cell = cell
        self._squares: dict[tuple[int, int], list[Bounds]] = {}

    def add(self, box: Bounds) -> None:
        for square in self._touched(box):
            self._squares.setdefault(square, []).append(box)

    def remove(self, box: Bounds) -> None:
        for square in self._touched(box):
            self._squares[square].remove(box)

    def is_free(self, box: Bounds) -> bool:
        west, north, east, south = box
        return not any(
            west < other[2] and other[0] < east and north < other[3] and other[1] < south
            for square in self._touched(box)
            for other in self._squares.get(square, ())
        )

    def _touched(self, box: Bounds) -> Iterator[tuple[int, int]]:
        cell = self._cell
        for column in range(int(box[0] // cell), int(box[2] // cell) + 1):
            for row in range(int(box[1] // cell), int(box[3] // cell) + 1):
                yield column, row


class Board:
    """A frame on which labels are placed one after the other; none ever covers another or leaves it."""

    def __init__(self, frame: Bounds, footprints: Sequence[Outline], sizes: Sequence[float]) -> None:
        self.frame = frame
        self.sizes = sorted(sizes, reverse=True)
        self._taken = Index(self.sizes[0] * 4)
        self._houses = shapely.STRtree(list(footprints))
        self._footprints = list(footprints)
        self._at = {id(shape): at for at, shape in enumerate(footprints)}

    def keep_free(self, box: Bounds) -> None:
        """Something drawn that no label may cover: a sign, the north arrow."""
        self._taken.add(box)

    def keep_line_free(self, line: LineString, wide: float) -> None:
        """A line that no later label may cover."""
        steps = max(1, int(line.length / wide))
        for x, y in shapely.get_coordinates(shapely.line_interpolate_point(line, [n * wide for n in range(steps + 1)])):
            self._taken.add((float(x) - wide / 2, float(y) - wide / 2, float(x) + wide / 2, float(y) + wide / 2))

    def sign(self, spot: Point, reach: float) -> Point | None:
        """Where a round sign may stand: on its spot, else a little aside; None where there is no room at all."""
        for ring in range(4):
            for right, down in DIRECTIONS if ring else ((0, 0),):
                x, y = spot[0] + right * ring * reach * 1.05, spot[1] + down * ring * reach * 1.05
                box = (x - reach, y - reach, x + reach, y + reach)
                if self._fits(box):
                    self._taken.add(box)
                    return x, y
        return None

    def inside(self, text: str, outline: Outline) -> Label | None:
        """The largest size that fits within the footprint; a little smaller if that puts it in the middle."""
        area = largest(outline)
        shapely.prepare(area)
        middle, *others = centres(area)
        for at, size in enumerate(self.sizes):
            for x, y in (middle, *others):
                box = _box(text, x, y, size)
                if not (self._fits(box) and area.contains(shapely.box(*box))):
                    continue
                if (x, y) != middle:
                    better = self._centred(text, area, middle, self.sizes[at + 1 : at + 2])
                    if better:
                        return self.put(better)
                return self.put(Label(text, x, y, size))
        return None

    def _centred(self, text: str, area: Polygon, middle: Point, sizes: Sequence[float]) -> Label | None:
        for size in sizes:
            box = _box(text, *middle, size)
            if self._fits(box) and area.contains(shapely.box(*box)):
                return Label(text, *middle, size)
        return None

    def beside(self, text: str, outline: Outline) -> Label | None:
        """Near the footprint on free ground, with a line to it."""
        area = largest(outline)
        size = self.sizes[-1]
        heart = pole(area)
        for box, x, y in around(text, area.bounds, size):
            if not self._fits(box) or self._is_built(box):
                continue
            leader = _leader(box, area, heart)
            if leader and not (self._is_clear(leader, size) and self._passes_by(leader, outline)):
                continue
            label = Label(text, x, y, size, leader)
            for spot in _along(leader, size) if leader else ():
                self._taken.add(spot)
            return self.put(label)
        return None

    def near(self, text: str, point: Point, reach: float, size: float) -> Label | None:
        """Close to a sign whose radius is `reach`; where the sign stands in a building, in that building as well."""
        x, y = point
        home = self._home_of(point)
        disc = (x - reach, y - reach, x + reach, y + reach)
        for box, to_x, to_y in around(text, disc, size):
            if hypot(to_x - x, to_y - y) > 1.6 * reach + size + text_width(text, size):
                return None
            if self._fits(box) and (not self._is_built(box) or (home and home.contains(shapely.box(*box)))):
                return self.put(Label(text, to_x, to_y, size))
        return None

    def _home_of(self, point: Point) -> Outline | None:
        found = self._houses.query(shapely.Point(point), predicate="within")
        return self._footprints[int(found[0])] if len(found) else None

    def on_ground(self, text: str, area: Outline, sizes: Sequence[float]) -> Label | None:
        """A block's name: as large as the free ground between its buildings allows, near its middle."""
        land = largest(area)
        shapely.prepare(land)
        x, y = pole(land, tolerance=2.0)
        for size in sorted(sizes, reverse=True):
            for to_x, to_y in _raster(land.bounds, (x, y), size * 0.5):
                box = _box(text, to_x, to_y, size)
                if self._fits(box) and not self._is_built(box) and land.contains(shapely.box(*box)):
                    return self.put(Label(text, to_x, to_y, size))
        return None

    def along(self, text: str, line: LineString, size: float, edge: Outline, beside: float = 0) -> Slanted | None:
        """A street's name on the street, turned with it; beside the street where that is the boundary.

        `beside` keeps it so far off the line: for lines that are drawn."""
        wide = text_width(text, size * 1.25)
        far = beside + size * 0.8
        for shift in (far, -far) if beside else (0.0, 1.3 * size, -1.3 * size):
            shifted = line.offset_curve(shift) if shift else line
            if not isinstance(shifted, LineString) or shifted.length < wide:
                continue
            for part in (0.5, 0.35, 0.65, 0.22, 0.78):
                found = self._slanted(text, shifted, shifted.length * part, wide, size, edge)
                if found:
                    return found
        return None

    def _slanted(
        self, text: str, line: LineString, middle: float, wide: float, size: float, edge: Outline
    ) -> Slanted | None:
        if middle < wide / 2 or middle + wide / 2 > line.length:
            return None
        start, end = (line.interpolate(middle + side * wide / 2) for side in (-1, 1))
        # Where the street bends, the text would leave it in the middle of its length.
        if LineString([start, end]).distance(line.interpolate(middle)) > wide * 0.04:
            return None
        turn = degrees(atan2(end.y - start.y, end.x - start.x))
        x, y = (start.x + end.x) / 2, (start.y + end.y) / 2
        box = _slanted_box(x, y, wide, size, turn)
        ground = shapely.LineString([start, end]).buffer(size * 0.6, cap_style="flat")
        if not self._fits(box) or ground.intersects(edge.boundary) or self._is_under(ground):
            return None
        self._taken.add(box)
        return Slanted(text, x, y, size, upright(turn))

    def _is_under(self, shape: Polygon) -> bool:
        return len(self._houses.query(shape, predicate="intersects")) > 0

    def _fits(self, box: Bounds) -> bool:
        west, north, east, south = self.frame
        is_in = west <= box[0] and north <= box[1] and box[2] <= east and box[3] <= south
        return is_in and self._taken.is_free(box)

    def _is_built(self, box: Bounds) -> bool:
        return self._is_under(shapely.box(*box))

    def _is_clear(self, leader: tuple[Point, Point], size: float) -> bool:
        return all(self._taken.is_free(spot) for spot in _along(leader, size))

    def _passes_by(self, leader: tuple[Point, Point], own: Outline) -> bool:
        """The line crosses no building but the one it leads to."""
        crossed = self._houses.query(LineString(leader), predicate="intersects")
        return all(at == self._at.get(id(own)) for at in crossed)

    def put(self, label: Label) -> Label:
        self._taken.add(box_of(label))
        return label

    def lift(self, label: Label) -> None:
        """Take a label off again, to set it anew."""
        self._taken.remove(box_of(label))

    def is_room(self, box: Bounds, area: Polygon) -> bool:
        return self._fits(box) and bool(area.contains(shapely.box(*box)))

    def is_open(self, box: Bounds) -> bool:
        """Free ground: no label, no sign, no building."""
        return self._fits(box) and not self._is_built(box)

    def is_alone(self, box: Bounds, own: Outline, air: float) -> bool:
        """No building but its own within so much air."""
        west, north, east, south = box
        near = self._houses.query(shapely.box(west - air, north - air, east + air, south + air), predicate="intersects")
        return all(at == self._at.get(id(own)) for at in near)


def centres(area: Polygon) -> Iterator[Point]:
    """Where a label may sit: the middle if that is inside, then the roomiest point and spots around both."""
    middle = area.centroid
    x, y = pole(area)
    if area.contains(middle):
        yield middle.x, middle.y
    yield x, y
    west, north, east, south = area.bounds
    for across in (0.25, 0.75, 0.5):
        for down in (0.5, 0.25, 0.75):
            yield west + (east - west) * across, north + (south - north) * down


def around(
    text: str, bounds: Bounds, size: float, distances: Sequence[float] = DISTANCES
) -> Iterator[tuple[Bounds, float, float]]:
    """Boxes of a text around something, the nearest first."""
    west, north, east, south = bounds
    wide, high = text_width(text, size) / 2 + AIR * size, size * (HIGH / 2 + AIR)
    for distance in distances:
        gap = distance * size
        for right, down in DIRECTIONS:
            x = (west + east) / 2 if right == 0 else (east + gap + wide if right > 0 else west - gap - wide)
            y = (north + south) / 2 if down == 0 else (south + gap + high if down > 0 else north - gap - high)
            yield _box(text, x, y, size), x, y


def _leader(box: Bounds, area: Polygon, heart: Point) -> tuple[Point, Point] | None:
    """From the edge of the label to just inside the footprint."""
    edge = shapely.box(*box)
    line = shapely.shortest_line(edge, area)
    (x, y), (to_x, to_y) = line.coords[0], line.coords[-1]
    length = hypot(to_x - x, to_y - y)
    if length == 0:
        return None
    # A little way past the wall, so that the line clearly belongs to this building.
    deep_x, deep_y = heart[0] - to_x, heart[1] - to_y
    reach = min(1.0, 1.0 / max(hypot(deep_x, deep_y), 1.0))
    return (x, y), (to_x + deep_x * reach, to_y + deep_y * reach)


def _along(leader: tuple[Point, Point], size: float) -> Iterable[Bounds]:
    (x, y), (to_x, to_y) = leader
    thick = size * 0.08
    steps = max(1, int(hypot(to_x - x, to_y - y) / (size * 0.3)))
    for at in range(1, steps + 1):
        cx, cy = x + (to_x - x) * at / steps, y + (to_y - y) * at / steps
        yield cx - thick, cy - thick, cx + thick, cy + thick


def _raster(bounds: Bounds, start: Point, step: float) -> list[Point]:
    """Spots of a raster, nearest to the start first."""
    west, north, east, south = bounds
    columns, rows = int((east - west) / step), int((south - north) / step)
    spots = [(west + i * step, north + j * step) for i in range(1, columns) for j in range(1, rows)]
    return [start, *sorted(spots, key=lambda spot: hypot(spot[0] - start[0], spot[1] - start[1]))]


def _slanted_box(x: float, y: float, wide: float, high: float, turn: float) -> Bounds:
    slope = radians(turn)
    across = abs(cos(slope)) * wide / 2 + abs(sin(slope)) * high / 2
    down = abs(sin(slope)) * wide / 2 + abs(cos(slope)) * high / 2
    return x - across, y - down, x + across, y + down
