"""The elevation (楼盘表) of a building on A4 or A3: rows and letters as large as the sheet lets them be."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from markupsafe import escape

from grid.accounts.models import Scope
from grid.atlas import facades, layers
from grid.atlas.elevation import Elevation, floor_label, layout, position, unit_label
from grid.atlas.queries import doors_of
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.documents.building_papers import chosen, cut, fitted, length
from grid.documents.houses import House, Staff, houses
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets

SIZES = ("A4", "A3")
PLAIN = ""
# Across and down, upright, in millimetres.
PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
# What elevation_sheet.css leaves free or fills with other things, in millimetres on A4.
SIDES, TOP, FOOT, HEAD, KEY, UNITS, FLOOR, GAP = 10.0, 10.0, 15.0, 16.5, 7.5, 6.2, 12.0, 3.9
# Ems that a cell takes: on two lines and on one.
TWO_WIDE, TWO_HIGH, ONE_WIDE, ONE_HIGH = 5.7, 2.9, 10.4, 1.6
# Letters in millimetres: the smallest that are read with ease (5 pt), those worth a larger sheet, the largest on A4.
SMALLEST, SMALL, LARGEST = 1.76, 2.1, 5.0
TALLEST = 80.0
ROOMY = 2.4


@dataclass(frozen=True)
class Fit:
    """A table on a sheet: which sheet, how high its rows, how large its letters, one line or two in a cell."""

    size: str
    wide: bool
    row: float
    letters: float
    in_one: bool
    # How wide a column is.
    cell: float

    @property
    def page(self) -> str:
        return f"{self.size.lower()}-{'wide' if self.wide else 'tall'}"

    @property
    def share(self) -> float:
        return share(self.size)


def share(size: str) -> float:
    return PAPERS[size][0] / PAPERS["A4"][0]


def fit(table: Elevation, size: str) -> Fit:
    """Upright or across, whichever gives the larger letters, else the better shaped cells."""
    return max((_laid(table, size, wide) for wide in (False, True)), key=lambda found: found[0])[1]


def _laid(table: Elevation, size: str, wide: bool) -> tuple[tuple[float, float], Fit]:
    across, down = sorted(PAPERS[size], reverse=wide)
    on_a4 = share(size)
    gaps = sum(line.is_gap for line in table.lines)
    high = down - on_a4 * (TOP + FOOT + HEAD + KEY + UNITS + GAP * gaps) - 1
    row = min(high / max(1, len(table.lines) - gaps), TALLEST * on_a4)
    cell = (across - on_a4 * (2 * SIDES + FLOOR)) / max(1, table.columns)
    two, one = min(cell / TWO_WIDE, row / TWO_HIGH), min(cell / ONE_WIDE, row / ONE_HIGH)
    letters = min(max(one, two), LARGEST * on_a4)
    off_shape = abs(cell / row - ROOMY) if letters >= LARGEST * on_a4 else 0.0
    return (round(letters, 3), -off_shape), Fit(size, wide, round(row, 3), round(letters, 3), one > two, cell)


def fitting_size(table: Elevation, wanted: str) -> str:
    """A4, where nobody has to strain their eyes; else A3."""
    if wanted in SIZES:
        return wanted
    return "A4" if fit(table, "A4").letters >= SMALL else "A3"


Door = Sequence[Any]


def pages(doors: Sequence[Door], size: str) -> list[tuple[list[Door], Fit]]:
    """The doors of each page: all on one, unless the letters would be too small to read."""
    found = fit(_layout(doors), size)
    halves = _halves(doors, found) if found.letters < SMALLEST else []
    if not halves:
        return [(list(doors), found)]
    return [page for half in halves for page in pages(half, size)]


def _layout(doors: Sequence[Door]) -> Elevation:
    return layout(tuple((door[0], door[1], door[2], door[3]) for door in doors))


def _halves(doors: Sequence[Door], found: Fit) -> list[list[Door]]:
    """Between floors where rows are too low; else between units, or inside one between rooms."""
    is_low = found.row / (ONE_HIGH if found.in_one else TWO_HIGH) <= found.letters * 1.01
    for key in (_floor, _unit, _room) if is_low else (_unit, _room, _floor):
        there = sorted({key(door) for door in doors})
        if len(there) > 1:
            first = set(there[: (len(there) + 1) // 2])
            return [[d for d in doors if key(d) in first], [d for d in doors if key(d) not in first]]
    return []


def _unit(door: Door) -> Any:
    return door[0]


def _floor(door: Door) -> Any:
    return -door[1]


def _room(door: Door) -> Any:
    """What stands in one column."""
    end = position(door[1], door[3])
    return (end == "", end or door[3])


@dataclass(frozen=True)
class Page:
    """One page of a building."""

    fit: Fit
    # 1–2单元, where a building takes several pages.
    part: str
    units: list[tuple[str, int]]
    columns: int
    # How large the building's name is, in millimetres on A4.
    name_size: float
    rows: list[facades.Row]


def _page(house: House, doors: Sequence[Door], found: Fit, layer: str, day: date, alone: bool) -> Page:
    table, rows = facades.facade(doors, layer, day, house.visit_every_days)
    part = "" if alone else _part(doors, table)
    size = fitted(house.title, (127.0 if found.wide else 83.0) - 17 - 4.6 * length(part), 7.0, 4.0)
    return Page(found, part, facades.units(table), table.columns, size, _shortened(doors, rows, found))


# The air at a cell's sides and between its words, in ems; how much smaller names and marks are set.
AIR, GAP_EMS, NAME = 0.8, 0.3, 0.88


def _shortened(doors: Sequence[Door], rows: Sequence[facades.Row], found: Fit) -> list[facades.Row]:
    """The rows with rooms and names cut to what stands in their cell.

    WeasyPrint's own ellipsis draws the text of another cell.
    """
    spans = {cell.door: cell.columns for line in _layout(doors).lines for cell in line.cells}
    known = {door[4]: (door, found.cell * spans.get(at, 1) / found.letters - AIR) for at, door in enumerate(doors)}

    def cell(tag: str, door: facades.Door | None) -> facades.Shown:
        return tag, _words(door, *known[door[0]], found.in_one) if door else None

    return [(css, floor, [cell(*shown) for shown in cells]) for css, floor, cells in rows]


def _words(shown: facades.Door, door: Door, ems: float, in_one: bool) -> facades.Door:
    public_id, _room, mark, _who = shown
    beside = length(mark) * NAME + GAP_EMS if mark else 0.0
    room = door[3] if door[3].isdecimal() else cut(door[3], ems - beside)
    if not door[7]:
        return public_id, str(escape(room)), mark, ""
    people = _("%s %d人")
    left = ems - beside - length(room) - GAP_EMS if in_one else ems
    name = cut(door[12] or "", left / NAME - length(people % ("", door[7])))
    return public_id, str(escape(room)), mark, str(escape(people % (name, door[7])))


def _part(doors: Sequence[Door], table: Elevation) -> str:
    """Which units and floors stand on the page."""
    units = sorted({door[0] for door in doors if door[0]})
    floors = [floor_label(line) for line in table.lines if not line.is_gap and not line.is_more]
    there = _("%(n)s单元", n=f"{units[0]}–{units[-1]}") if len(units) > 1 else unit_label(*units[:1] or (0,))
    return f"{there} {floors[-1]}–{floors[0]}".strip()


CLASS = re.compile(r' class="d (?:shop )?([\w-]*)')


def _key(shown: Sequence[Page], layer: str, days: int) -> list[tuple[str, str, str, int]]:
    """Class, sign and words of every colour that is there, with the number of its doors."""
    cells = [tag for page in shown for _css, _number, cells in page.rows for tag, door in cells if door]
    there = Counter(found.group(1) for found in map(CLASS.match, (tag[3:] for tag in cells)) if found)
    if not layer:
        return []
    return [(b.css, sign, words, there[b.css]) for b, sign, words in facades.legend(layer, days) if there[b.css]]


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    found, day = houses(scope, ids), today()
    doors = doors_of(ids)
    staff = Staff({house.community_id for house in found}, day)
    layer, size = chosen(options, "layer", layers.LAYERS, PLAIN), chosen(options, "size", SIZES, "")
    return [
        Drawn(
            render_template(
                "atlas/elevation_sheet.html",
                **_context(house, doors.get(house.id, []), layer, size, day),
                workers=listed(worker.name for worker in staff.of_house(house)),
                printed=stamp(n),
            ),
            house.title,
        )
        for n, house in enumerate(found, 1)
    ]


def _context(house: House, doors: Sequence[Door], layer: str, size: str, day: date) -> dict[str, Any]:
    days = house.visit_every_days
    parts = pages(doors, fitting_size(_layout(doors), size))
    shown = [_page(house, some, found, layer, day, len(parts) == 1) for some, found in parts]
    return {
        "house": house,
        "title": house.title,
        "day": day,
        "pages": shown,
        "layer_name": layers.name(layer) if layer else "",
        "legend": _key(shown, layer, days),
        "has_waiting": bool(layer) and any(door[9] for door in doors),
        "has_shops": any(door[5] != "dwelling" for door in doors),
        "floors": house.floors or max((door[1] for door in doors), default=0),
        "count": len(doors),
        "people": sum(door[7] for door in doors),
        "share": share(shown[0].fit.size),
        "lang": lang(),
    }


def _styles(options: Options) -> list[str]:
    return [*stylesheets("paper.css", "elevation_sheet.css"), _colours(), _page_rules()]


def _colours() -> str:
    buckets = [bucket for known in layers.BUCKETS.values() for bucket in known]
    return "\n".join(f".{bucket.css} {{ background: {bucket.fill} }}" for bucket in [*buckets, layers.NONE])


def _page_rules() -> str:
    rules = []
    for size, (across, down) in PAPERS.items():
        on_a4 = share(size)
        margin = f"{TOP * on_a4:.2f}mm {SIDES * on_a4:.2f}mm {FOOT * on_a4:.2f}mm"
        for name, sides in (("tall", f"{across:g}mm {down:g}mm"), ("wide", f"{down:g}mm {across:g}mm")):
            page = f"{size.lower()}-{name}"
            rules.append(f"@page {page} {{ size: {sides}; margin: {margin} }}\n.{page} {{ page: {page} }}")
    return "\n".join(rules)


ELEVATION = Paper("elevation", "building", _styles, _write)
