"""From the rows of a community to the shapes of its map. Has never heard of Flask or of a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, hypot, log10

from shapely import LineString

from grid.atlas.geometry import Bounds, Frame, Outline, Point, fit, fit_width, line_path, number, path
from grid.atlas.labels import Label, Slanted
from grid.atlas.layers import TINTS
from grid.atlas.lettering import MINOR, Counts, Lettering, Shapes, letter
from grid.atlas.looks import BASE, SCREEN, Look, paper_look
from grid.atlas.survey import BlockRow, BuildingRow, SiteRow, Survey

SCENERY = {"field": "#ece3d0", "green": "#d5e8cc", "water": "#c9e0ee", "path": "#ffffff", "road": "#ffffff"}

ROUTE_COLOURS = ("#0b6e75", "#7a3e9d", "#8a5a00", "#2c5aa0")

# One character per kind of place, for its round sign.
SIGNS = {
    "committee": "居", "police": "警", "clinic": "医", "school": "学", "fire_station": "消", "hydrant": "栓",
    "charger": "充", "gate": "门", "guard_post": "岗", "market": "市", "park": "园", "other": "点",
}  # fmt: skip
SIGN_COLOURS = {
    "committee": "#a8322a", "police": "#1f4e8c", "clinic": "#1d7a46", "school": "#6b3fa0",
    "fire_station": "#c2410c", "hydrant": "#c2410c", "charger": "#0f766e", "gate": "#4b5563",
    "guard_post": "#1f4e8c", "market": "#9a6700", "park": "#1d7a46", "other": "#4b5563",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A label on the drawing, centred on x, y. `base` is the line it stands on, `step` its size from 0, the largest."""

    words: str
    x: float
    y: float
    base: float
    size: float
    step: int = 0
    leader: str = ""


@dataclass(frozen=True, slots=True)
class BlockShape:
    id: int
    name: str
    path: str
    tint: str
    tint_no: int
    text: Text | None


@dataclass(frozen=True, slots=True)
class BuildingShape:
    id: int
    public_id: str
    no: str
    name: str
    block_id: int | None
    path: str
    is_guess: bool
    # None where the number found no room on the map and stands in the list.
    text: Text | None
    bounds: Bounds
    counts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteShape:
    public_id: str
    kind: str
    name: str
    sign: str
    colour: str
    x: float
    y: float
    base: float
    text: Text | None
    # Under which the name stands in a list; 0: it stands on the map.
    number: int = 0
    # From where the site is to where its sign found room.
    leader: str = ""

    @property
    def is_minor(self) -> bool:
        return self.kind in MINOR


@dataclass(frozen=True, slots=True)
class StreetName:
    words: str
    x: float
    y: float
    size: float
    turn: float


@dataclass(frozen=True, slots=True)
class RouteShape:
    name: str
    colour: str
    path: str
    # Small triangles that point the way.
    arrows: str
    text: StreetName | None


@dataclass(frozen=True, slots=True)
class Bar:
    """The scale bar: a round length and how long that is drawn."""

    metres: int
    length: float


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    scale: float
    boundary: str
    blocks: tuple[BlockShape, ...]
    buildings: tuple[BuildingShape, ...]
    sites: tuple[SiteShape, ...]
    look: Look
    bar: Bar
    # Colour and path, in the order in which they lie.
    scenery: tuple[tuple[str, str], ...]
    streets: tuple[StreetName, ...]
    is_schematic: bool
    has_guesses: bool
    routes: tuple[RouteShape, ...] = ()
    # Sites that lie outside the map or found no room for their sign.
    lost_sites: tuple[str, ...] = ()

    @property
    def unplaced(self) -> list[BuildingShape]:
        """Buildings whose number stands in a list instead of on the map."""
        return [shape for shape in self.buildings if shape.text is None]


def for_screen(ground: Survey) -> Drawing:
    """1,600 units wide, so that a tenth of a unit is about a decimetre."""
    return draw(ground, fit_width(ground.bounds, 1600.0, SCREEN.margin), SCREEN)


def for_paper(ground: Survey, width: float, height: float, share: float = 1.0, counts: Counts | None = None) -> Drawing:
    """As large as it fits into so many millimetres; `share` is the size of the sheet against A3."""
    look = paper_look(share)
    return draw(ground, fit(ground.bounds, width, height, look.margin), look, counts)


def draw(ground: Survey, frame: Frame, look: Look, counts: Counts | None = None) -> Drawing:
    """Shapes and labels of everything, none of the labels over another."""
    rows = ground.rows
    fine = 0.1 if frame.width >= 800 else 0.02
    houses = {row.id: frame.outline(ground.buildings[row.id]) for row in rows.buildings}
    areas = {row.id: frame.outline(ground.blocks[row.id]) for row in rows.blocks if row.id in ground.blocks}
    spots = {key: frame.place(x, y) for key, (x, y) in ground.sites.items()}
    edge = frame.outline(ground.boundary)
    walks = [frame.line(line) for _name, line in ground.routes]
    written = letter(ground, frame, look, Shapes(houses, areas, spots, walks, edge), counts or {})
    return Drawing(
        width=frame.width,
        height=frame.height,
        scale=frame.scale,
        boundary=path(edge, fine),
        blocks=tuple(
            _block(row, at, path(areas[row.id], fine), _text(written.blocks[row.id], look.names))
            for at, row in enumerate(rows.blocks)
            if row.id in areas
        ),
        buildings=tuple(_building(row, houses[row.id], fine, written, look, ground) for row in rows.buildings),
        sites=tuple(
            _site(row, spots[row.public_id], written, look) for row in rows.sites if row.public_id in written.signs
        ),
        look=look,
        bar=_bar(frame),
        scenery=tuple(
            (colour, path(frame.outline(ground.scenery[kind]), fine))
            for kind, colour in SCENERY.items()
            if kind in ground.scenery
        ),
        streets=tuple(_slanted(name) for name in written.streets),
        is_schematic=ground.plane is None,
        has_guesses=bool(ground.guessed),
        routes=tuple(
            _route(name, at, walks[at], look, written.routes.get(at)) for at, (name, _line) in enumerate(ground.routes)
        ),
        lost_sites=tuple(row.name for row in rows.sites if row.public_id not in written.signs),
    )


def _text(label: Label | None, sizes: tuple[float, ...]) -> Text | None:
    if label is None:
        return None
    leader = _line(label.leader) if label.leader else ""
    step = sum(size > label.size for size in sizes)
    base = label.y + BASE * label.size
    return Text(label.text, round(label.x, 2), round(label.y, 2), round(base, 2), round(label.size, 2), step, leader)


def _block(row: BlockRow, at: int, line: str, text: Text | None) -> BlockShape:
    tint = at % len(TINTS)
    return BlockShape(row.id, row.name, line, TINTS[tint], tint, text)


def _slanted(label: Slanted) -> StreetName:
    return StreetName(label.text, round(label.x, 2), round(label.y, 2), round(label.size, 2), round(label.turn, 1))


def _route(name: str, at: int, line: LineString, look: Look, label: Slanted | None) -> RouteShape:
    colour = ROUTE_COLOURS[at % len(ROUTE_COLOURS)]
    arrows = "".join(_arrows(line, look.route * 36, look.route * 1.8))
    return RouteShape(name, colour, line_path(line), arrows, _slanted(label) if label else None)


def _arrows(line: LineString, every: float, size: float) -> Iterator[str]:
    """Triangles along a line, as far apart as `every`, the first half as far from its start."""
    for n in range(int(line.length / every + 0.5)):
        spot = (n + 0.5) * every
        here, there = line.interpolate(max(spot - size, 0)), line.interpolate(spot + size)
        dx, dy = there.x - here.x, there.y - here.y
        length = hypot(dx, dy) or 1.0
        dx, dy = dx / length * size, dy / length * size
        x, y = (here.x + there.x) / 2, (here.y + there.y) / 2
        tip, left, right = (x + dx * 1.2, y + dy * 1.2), (x - dx - dy, y - dy + dx), (x - dx + dy, y - dy - dx)
        yield line_path(LineString([tip, left, right])) + "z"


def _building(
    row: BuildingRow, shape: Outline, fine: float, written: Lettering, look: Look, ground: Survey
) -> BuildingShape:
    west, north, east, south = shape.bounds
    return BuildingShape(
        id=row.id,
        public_id=row.public_id,
        no=row.no,
        name=row.name,
        block_id=row.block_id,
        path=path(shape, fine),
        is_guess=row.id in ground.doubtful,
        text=_text(written.buildings[row.id], look.numbers),
        bounds=(west, north, east, south),
        counts=tuple(text for part in written.counts.get(row.id, ()) if (text := _text(part, look.numbers))),
    )


def _line(leader: tuple[Point, Point]) -> str:
    (x, y), (to_x, to_y) = leader
    return f"M{x:.2f} {y:.2f}L{to_x:.2f} {to_y:.2f}"


def _site(row: SiteRow, spot: Point, written: Lettering, look: Look) -> SiteShape:
    kind = row.kind if row.kind in SIGNS else "other"
    stands = written.signs[row.public_id]
    x, y = round(stands[0], 2), round(stands[1], 2)
    base = round(stands[1] + BASE * look.sign * 1.2, 2)
    text = _text(written.sites[row.public_id], look.numbers)
    number = written.site_numbers.get(row.public_id, 0)
    leader = "" if stands == spot else _line((spot, stands))
    return SiteShape(row.public_id, kind, row.name, SIGNS[kind], SIGN_COLOURS[kind], x, y, base, text, number, leader)


def _bar(frame: Frame) -> Bar:
    """1, 2 or 5 times a power of ten, near a tenth of the width."""
    want = frame.width / frame.scale / 9
    power = 10.0 ** floor(log10(max(want, 1.0)))
    metres = max(m for m in (1, 2, 5) if m * power <= max(want, 1.0)) * power
    return Bar(int(metres), round(metres * frame.scale, 2))


def extent(drawing: Drawing, building_ids: frozenset[int] | None = None, air: float = 30.0) -> str:
    """The view box: everything, or the ground around somebody's own buildings."""
    shown = [s.bounds for s in drawing.buildings if building_ids is None or s.id in building_ids]
    if building_ids is None or not shown:
        return f"0 0 {number(drawing.width)} {number(drawing.height)}"
    west, north = min(b[0] for b in shown) - air, min(b[1] for b in shown) - air
    east, south = max(b[2] for b in shown) + air, max(b[3] for b in shown) + air
    return f"{number(west)} {number(north)} {number(east - west)} {number(south - north)}"
