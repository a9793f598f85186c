"""Every text of a map in the order of its rank: numbers of buildings, names of blocks, sites, streets, then counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely import LineString

from grid.atlas import stacks
from grid.atlas.geometry import Frame, Outline, Point
from grid.atlas.labels import Board, Label, Slanted
from grid.atlas.looks import Look
from grid.atlas.survey import SiteRow, Survey

# Per building what is counted in it, in words: ("3单元", "48户").
Counts = Mapping[int, Sequence[str]]

# There are many of these: from far off they would only be dots, and their names come last.
MINOR = frozenset({"hydrant", "charger", "gate", "guard_post", "other"})


@dataclass
class Lettering:
    """Every text of a map, where it found room."""

    buildings: dict[int, Label | None] = field(default_factory=dict)
    counts: dict[int, tuple[Label, ...]] = field(default_factory=dict)
    blocks: dict[int, Label | None] = field(default_factory=dict)
    # Where the sign of a site stands; its name, or the number under which the name stands in a list.
    signs: dict[str, Point] = field(default_factory=dict)
    sites: dict[str, Label | None] = field(default_factory=dict)
    site_numbers: dict[str, int] = field(default_factory=dict)
    streets: list[Slanted] = field(default_factory=list)
    # By the place of the route in the survey.
    routes: dict[int, Slanted] = field(default_factory=dict)


@dataclass(frozen=True)
class Shapes:
    """What is drawn, in the units of the frame."""

    houses: Mapping[int, Outline]
    areas: Mapping[int, Outline]
    spots: Mapping[str, Point]
    routes: Sequence[LineString]
    edge: Outline


def letter(ground: Survey, frame: Frame, look: Look, shapes: Shapes, counts: Counts) -> Lettering:
    """None of the texts covers another, a sign or a building that is not its own, and none leaves the frame."""
    air = look.margin / 4
    inner = (air, air, frame.width - air, frame.height - air)
    board = Board(inner, list(shapes.houses.values()), look.numbers)
    found = Lettering()
    _put_signs(board, found, ground, look, shapes)
    _put_numbers(board, found, ground, shapes)
    for line in shapes.routes:
        board.keep_line_free(line, look.route * 2)
    for ring in shapely.get_parts(shapes.edge.boundary):
        board.keep_line_free(ring, look.line * 2)
    _put_block_names(board, found, ground, look, shapes)
    _put_site_names(board, found, ground, look)
    found.streets = list(_streets(board, ground, frame, look, shapes.edge))
    _put_route_names(board, found, ground, look, shapes)
    _put_counts(board, found, look, shapes, counts)
    return found


def _ranked(ground: Survey, spots: Mapping[str, Point]) -> list[SiteRow]:
    return sorted((site for site in ground.rows.sites if site.public_id in spots), key=lambda site: site.kind in MINOR)


def _put_signs(board: Board, found: Lettering, ground: Survey, look: Look, shapes: Shapes) -> None:
    for site in _ranked(ground, shapes.spots):
        spot = board.sign(shapes.spots[site.public_id], look.sign)
        if spot:
            found.signs[site.public_id] = spot


def _put_numbers(board: Board, found: Lettering, ground: Survey, shapes: Shapes) -> None:
    """Inside their buildings first; what is left over beside, large buildings first."""
    rows, houses = ground.rows.buildings, shapes.houses
    found.buildings = {row.id: board.inside(row.no, houses[row.id]) for row in rows}
    for row in sorted(rows, key=lambda row: -houses[row.id].area):
        if found.buildings[row.id] is None:
            found.buildings[row.id] = board.beside(row.no, houses[row.id])


def _put_block_names(board: Board, found: Lettering, ground: Survey, look: Look, shapes: Shapes) -> None:
    sizes = (*look.names, *(size for size in look.numbers if size < look.names[-1]))
    for row in ground.rows.blocks:
        if row.id in shapes.areas:
            found.blocks[row.id] = board.on_ground(row.name, shapes.areas[row.id], sizes)


def _put_site_names(board: Board, found: Lettering, ground: Survey, look: Look) -> None:
    """The name beside its sign, else a number under which it stands in a list."""
    size = look.numbers[len(look.numbers) // 2]
    for site in _ranked(ground, found.signs):
        found.sites[site.public_id] = board.near(site.name, found.signs[site.public_id], look.sign, size)
    n = 1
    for site in _ranked(ground, found.signs):
        if found.sites[site.public_id] is None:
            label = board.near(str(n), found.signs[site.public_id], look.sign, look.numbers[-1])
            found.sites[site.public_id] = label
            found.site_numbers[site.public_id] = n if label else 0
            n += bool(label)


def _streets(board: Board, ground: Survey, frame: Frame, look: Look, edge: Outline) -> Iterator[Slanted]:
    for words, line in ground.streets:
        name = board.along(words, frame.line(line), look.street, edge)
        if name:
            yield name


def _put_route_names(board: Board, found: Lettering, ground: Survey, look: Look, shapes: Shapes) -> None:
    """Beside its line; every name stands in the legend as well."""
    for at, (words, _line) in enumerate(ground.routes):
        name = board.along(words, shapes.routes[at], look.count * 1.15, shapes.edge, beside=look.route * 1.5)
        if name:
            found.routes[at] = name


def _put_counts(board: Board, found: Lettering, look: Look, shapes: Shapes, counts: Counts) -> None:
    """With the number inside the building, else close by; the rest stands in the list of buildings."""
    left = []
    for key, words in counts.items():
        number = found.buildings.get(key)
        if number is None:
            continue
        both = None if number.leader else stacks.inside(board, number, words, shapes.houses[key], look.count)
        if both:
            found.buildings[key], found.counts[key] = both[0], both[1:]
        else:
            left.append((key, number, words))
    for key, number, words in left:
        near = stacks.beside(board, number, words, shapes.houses[key], look.count)
        if near:
            found.counts[key] = (near,)
