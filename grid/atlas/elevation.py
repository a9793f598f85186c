"""The elevation of a building: doors laid out as floors × units × rooms, as a table a browser can draw.

Pure. A door's place depends on its address alone, so the layout is kept by addresses and the colours come later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grid.core.i18n import gettext as _

# unit, floor, upper floor of a duplex or None, room
Place = tuple[int, int, int | None, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: a door (its position in what was given) or empty wall."""

    door: int | None
    columns: int
    rows: int
    is_first: bool  # of its unit: drawn with the heavier line


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: a floor, more doors of that floor, or floors that the building does not have."""

    floor: int
    upto: int
    is_gap: bool
    is_more: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    unit: int
    columns: int


@dataclass(frozen=True, slots=True)
class Elevation:
    units: tuple[Column, ...]
    lines: tuple[Line, ...]
    columns: int


def floor_label(line: Line) -> str:
    """5层, 地下1层, 无4层, 无13–14层; nothing for a floor's further rows."""
    if line.is_more:
        return ""
    if line.is_gap and line.floor != line.upto:
        return _("无%(a)s–%(b)s层", a=line.floor, b=line.upto)
    if line.is_gap:
        return _("无%(n)s层", n=line.floor)
    return _("%(n)s层", n=line.floor) if line.floor > 0 else _("地下%(n)s层", n=-line.floor)


def unit_label(unit: int) -> str:
    return _("%(n)s单元", n=unit) if unit else ""


@lru_cache(maxsize=4096)
def layout(doors: tuple[Place, ...]) -> Elevation:
    """Every door at its place, top floor first."""
    plan = _plan(doors)
    rows = _rows(plan, doors)
    row_of = {(row.floor, row.layer): at for at, row in enumerate(rows) if not row.is_gap}
    grid: dict[tuple[int, int], int] = {}
    for at, spot in plan.spots.items():
        _fill(grid, row_of[spot.floor, spot.layer], spot, at)
    tall = {at: _raise(grid, at, plan.spots[at], doors[at][2], row_of) for at in plan.spots}
    cells = {at: Cell(at, spot.width, tall[at], spot.left in plan.edges) for at, spot in plan.spots.items()}
    lines = (
        Line(row.floor, row.upto, row.is_gap, row.layer > 0, tuple(_cells(at, plan, grid, cells)))
        for at, row in enumerate(rows)
    )
    return Elevation(plan.units, tuple(lines), plan.columns)


Grid = dict[tuple[int, int], int]


def _fill(grid: Grid, row: int, spot: "Spot", door: int) -> None:
    grid |= {(row, col): door for col in range(spot.left, spot.left + spot.width)}


def _raise(grid: Grid, door: int, spot: "Spot", upper: int | None, row_of: Mapping[tuple[int, int], int]) -> int:
    """How many rows a door takes: a duplex grows up to its upper floor where nothing stands in its way."""
    bottom = row_of[spot.floor, spot.layer]
    top = row_of[upper, 0] if upper and upper > spot.floor and spot.layer == 0 else bottom
    if any(_taken(grid, row, spot) for row in range(top, bottom)):
        return 1
    for row in range(top, bottom):
        _fill(grid, row, spot, door)
    return bottom - top + 1


def position(floor: int, room: str) -> str:
    """What is left of a room number without its floor: 501 → 01, B102 → 02; '' for 商3 and the like."""
    lead = str(abs(floor))
    rest = room.lstrip("-Bb") if floor < 0 else room.lstrip("0")
    if floor < 0 and rest.isdecimal() and len(rest) == 2:
        return rest
    if rest.isdecimal() and rest.startswith(lead) and len(rest) - len(lead) == 2:
        return rest[len(lead) :]
    return ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a door goes before rows are counted. Layer 0 is the floor itself, others are rows below it."""

    floor: int
    layer: int
    left: int
    width: int


@dataclass(frozen=True)
class Plan:
    units: tuple[Column, ...]
    columns: int
    # The columns in which a unit begins.
    edges: frozenset[int]
    spots: Mapping[int, Spot]


def _plan(doors: Sequence[Place]) -> Plan:
    """Doors that follow a unit's pattern stand in its columns; shops and garages share what is left."""
    homes, others = _sorted_out(doors)
    widths = _unit_widths(homes, others)
    edges, total = {}, 0
    for unit, width in widths.items():
        edges[unit] = total
        total += width
    spots: dict[int, Spot] = {}
    for unit, ends in homes.items():
        order = sorted({end for _floor, end in ends})
        spots |= {at: Spot(floor, 0, edges[unit] + order.index(end), 1) for (floor, end), at in ends.items()}
    for (unit, floor), here in sorted(others.items(), key=lambda item: item[0][0] == 0):
        left, width = (edges[unit], widths[unit]) if unit in edges else (0, total)
        layer = _first_layer(spots.values(), floor, left, width)
        for chunk in range(0, len(here), width):
            few = here[chunk : chunk + width]
            room = len(few) if chunk else width
            spots |= _spread(few, Spot(floor, layer + chunk // width, left, room))
    units = tuple(Column(unit, width) for unit, width in widths.items())
    return Plan(units, total, frozenset(edges.values()), spots)


Homes = dict[int, dict[tuple[int, str], int]]
Others = dict[tuple[int, int], list[int]]


def _sorted_out(doors: Sequence[Place]) -> tuple[Homes, Others]:
    """Per unit the doors of its pattern by floor and position; per unit and floor the rest."""
    homes: Homes = defaultdict(dict)
    others: Others = defaultdict(list)
    for at, (unit, floor, _upper, room) in sorted(enumerate(doors), key=lambda item: _natural(item[1][3])):
        end = position(floor, room)
        if end and (floor, end) not in homes[unit]:
            homes[unit][floor, end] = at
        else:
            others[unit, floor].append(at)
    return {unit: ends for unit, ends in sorted(homes.items()) if ends}, others


def _natural(text: str) -> tuple[int, str]:
    digits = "".join(letter for letter in text if letter.isdecimal())
    return (int(digits) if digits else 0, text)


def _unit_widths(homes: Homes, others: Others) -> dict[int, int]:
    """Columns per unit: its positions, or as many doors as its fullest floor has, twelve at most.

    Doors of no stairwell, such as shops, stand below the units and need no columns of their own.
    """
    widths = {unit: len({end for _floor, end in ends}) for unit, ends in homes.items()}
    for (unit, _floor), here in others.items():
        if unit not in homes and (unit or not homes):
            widths[unit] = max(widths.get(unit, 1), min(len(here), 12))
    if len(widths) > 1 and 0 not in homes:
        widths.pop(0, None)
    return dict(sorted(widths.items()))


def _first_layer(spots: Iterable[Spot], floor: int, left: int, width: int) -> int:
    """The first row of a floor that is free from edge to edge."""
    used = [s.layer for s in spots if s.floor == floor and s.left < left + width and left < s.left + s.width]
    return max(used, default=-1) + 1


def _spread(here: Sequence[int], row: Spot) -> dict[int, Spot]:
    """Doors that follow no pattern share the width as evenly as it goes."""
    edges = [row.left + round(row.width * at / len(here)) for at in range(len(here) + 1)]
    return {at: Spot(row.floor, row.layer, edges[i], edges[i + 1] - edges[i]) for i, at in enumerate(here)}


@dataclass(frozen=True, slots=True)
class Row:
    floor: int
    upto: int
    layer: int = 0
    is_gap: bool = False


def _rows(plan: Plan, doors: Sequence[Place]) -> list[Row]:
    """From the top: floors that exist with their extra rows, and runs of numbers that were left out."""
    layers: dict[int, int] = defaultdict(int)
    for at, spot in plan.spots.items():
        layers[spot.floor] = max(layers[spot.floor], spot.layer)
        layers[doors[at][2] or spot.floor] += 0
    found: list[Row] = []
    above: int | None = None
    for floor in sorted(layers, reverse=True):
        missing = [n for n in range(floor + 1, above) if n != 0] if above is not None else []
        if missing:
            found.append(Row(missing[0], missing[-1], is_gap=True))
        found += [Row(floor, floor, layer) for layer in range(layers[floor] + 1)]
        above = floor
    return found


def _taken(grid: Mapping[tuple[int, int], int], row: int, spot: Spot) -> bool:
    return any((row, col) in grid for col in range(spot.left, spot.left + spot.width))


def _cells(row: int, plan: Plan, grid: Mapping[tuple[int, int], int], cells: Mapping[int, Cell]) -> Iterable[Cell]:
    """Doors that begin in this row, and runs of empty wall between them; never across a unit's edge."""
    col = 0
    while col < plan.columns:
        door = grid.get((row, col))
        if door is not None:
            if grid.get((row - 1, col)) != door:
                yield cells[door]
            col += cells[door].columns
            continue
        end = col + 1
        while end < plan.columns and (row, end) not in grid and end not in plan.edges:
            end += 1
        yield Cell(None, end - col, 1, col in plan.edges)
        col = end
