"""From the rows of a community to the shapes of its map. Has never heard of Flask or of a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor, log10

from grid.atlas.geometry import Bounds, Frame, Outline, Point, fit, fit_width, number, path
from grid.atlas.labels import Board, Label
from grid.atlas.layers import TINTS
from grid.atlas.looks import BASE, SCREEN, Look, paper_look
from grid.atlas.survey import BlockRow, BuildingRow, SiteRow, Survey

SCENERY = {"field": "#ece3d0", "green": "#d5e8cc", "water": "#c9e0ee", "path": "#ffffff", "road": "#ffffff"}

# One character per kind of place, for its round sign.
SIGNS = {
    "committee": "居", "police": "警", "clinic": "医", "school": "学", "fire_station": "消", "hydrant": "栓",
    "charger": "充", "gate": "门", "guard_post": "岗", "market": "市", "park": "园", "other": "点",
}  # fmt: skip
MINOR = frozenset({"hydrant", "charger", "gate", "guard_post", "other"})
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

    @property
    def is_minor(self) -> bool:
        """There are many of these: from far off they would only be dots."""
        return self.kind in MINOR


@dataclass(frozen=True, slots=True)
class StreetName:
    words: str
    x: float
    y: float
    size: float
    turn: float


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

    @property
    def unplaced(self) -> list[BuildingShape]:
        """Buildings whose number stands in a list instead of on the map."""
        return [shape for shape in self.buildings if shape.text is None]


def for_screen(ground: Survey) -> Drawing:
    """1,600 units wide, so that a tenth of a unit is about a decimetre."""
    return draw(ground, fit_width(ground.bounds, 1600.0, SCREEN.margin), SCREEN)


def for_paper(ground: Survey, width: float, height: float, share: float = 1.0) -> Drawing:
    """As large as it fits into so many millimetres; `share` is the width of the sheet against A3."""
    look = paper_look(share)
    return draw(ground, fit(ground.bounds, width, height, look.margin), look)


def draw(ground: Survey, frame: Frame, look: Look) -> Drawing:
    """Shapes and labels of everything, none of the labels over another."""
    rows = ground.rows
    fine = 0.1 if frame.width >= 800 else 0.02
    houses = {row.id: frame.outline(ground.buildings[row.id]) for row in rows.buildings}
    areas = {row.id: frame.outline(ground.blocks[row.id]) for row in rows.blocks if row.id in ground.blocks}
    spots = {key: frame.place(x, y) for key, (x, y) in ground.sites.items()}
    written = _written(ground, frame, look, houses, areas, spots)
    return Drawing(
        width=frame.width,
        height=frame.height,
        scale=frame.scale,
        boundary=path(frame.outline(ground.boundary), fine),
        blocks=tuple(
            _block(row, at, path(areas[row.id], fine), _text(written.blocks[row.id], look.names))
            for at, row in enumerate(rows.blocks)
            if row.id in areas
        ),
        buildings=tuple(
            _building(row, houses[row.id], fine, _text(written.buildings[row.id], look.numbers), ground)
            for row in rows.buildings
        ),
        sites=tuple(
            _site(row, spots[row.public_id], look, _text(written.sites[row.public_id], look.numbers))
            for row in rows.sites
            if row.public_id in spots
        ),
        look=look,
        bar=_bar(frame),
        scenery=tuple(
            (colour, path(frame.outline(ground.scenery[kind]), fine))
            for kind, colour in SCENERY.items()
            if kind in ground.scenery
        ),
        streets=written.streets,
        is_schematic=ground.plane is None,
        has_guesses=bool(ground.guessed),
    )


@dataclass(frozen=True)
class Written:
    """Every text of a map, where it found room."""

    buildings: Mapping[int, Label | None]
    blocks: Mapping[int, Label | None]
    sites: Mapping[str, Label | None]
    streets: tuple[StreetName, ...]


def _written(
    ground: Survey,
    frame: Frame,
    look: Look,
    houses: Mapping[int, Outline],
    areas: Mapping[int, Outline],
    spots: Mapping[str, Point],
) -> Written:
    """Numbers inside their buildings first, then names of blocks on free ground, then what is left over."""
    rows = ground.rows
    board = Board((0, 0, frame.width, frame.height), list(houses.values()), look.numbers)
    for x, y in spots.values():
        board.keep_free((x - look.sign, y - look.sign, x + look.sign, y + look.sign))
    inside = {row.id: board.inside(row.no, houses[row.id]) for row in rows.buildings}
    named = {row.id: board.on_ground(row.name, areas[row.id], look.names) for row in rows.blocks if row.id in areas}
    for row in sorted(rows.buildings, key=lambda row: -houses[row.id].area):
        inside[row.id] = inside[row.id] or board.beside(row.no, houses[row.id])
    sites = [site for site in rows.sites if site.public_id in spots]
    signs = {
        s.public_id: board.near(s.name, spots[s.public_id], look.sign, look.numbers[len(look.numbers) // 2])
        for s in sites
    }
    streets = tuple(_streets(board, ground, frame, look))
    return Written(inside, named, signs, streets)


def _streets(board: Board, ground: Survey, frame: Frame, look: Look) -> Iterator[StreetName]:
    edge = frame.outline(ground.boundary)
    for words, line in ground.streets:
        found = board.along(words, frame.line(line), look.street, edge)
        if found:
            yield StreetName(words, round(found.x, 2), round(found.y, 2), look.street, round(found.turn, 1))


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


def _building(row: BuildingRow, shape: Outline, fine: float, text: Text | None, ground: Survey) -> BuildingShape:
    west, north, east, south = shape.bounds
    return BuildingShape(
        id=row.id,
        public_id=row.public_id,
        no=row.no,
        name=row.name,
        block_id=row.block_id,
        path=path(shape, fine),
        is_guess=row.id in ground.doubtful,
        text=text,
        bounds=(west, north, east, south),
    )


def _line(leader: tuple[Point, Point]) -> str:
    (x, y), (to_x, to_y) = leader
    return f"M{x:.2f} {y:.2f}L{to_x:.2f} {to_y:.2f}"


def _site(row: SiteRow, spot: Point, look: Look, text: Text | None) -> SiteShape:
    kind = row.kind if row.kind in SIGNS else "other"
    x, y = round(spot[0], 2), round(spot[1], 2)
    base = round(spot[1] + BASE * look.sign * 1.2, 2)
    return SiteShape(row.public_id, kind, row.name, SIGNS[kind], SIGN_COLOURS[kind], x, y, base, text)


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
