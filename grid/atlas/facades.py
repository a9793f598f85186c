"""An elevation in one layer: what each cell of the table shows. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from grid.atlas import layers
from grid.atlas.elevation import Cell, Elevation, Line, floor_label, layout, unit_label
from grid.atlas.layers import Bucket
from grid.core.i18n import gettext as _

# The opening tag of a cell, then: public id, room, who lives there, mark. Empty wall has no public id.
Shown = tuple[Markup, str, str, str, str]
# The opening tag of a row, its floor, its cells.
Row = tuple[Markup, str, list[Shown]]


def facade(doors: Sequence[Any], layer: str, today: date, days: int) -> tuple[Elevation, list[Row]]:
    """The rows of the table, top floor first, and the layout they follow."""
    found = layout(tuple((unit, floor, upper, room) for unit, floor, upper, room, *_rest in doors))
    return found, [_row(line, doors, _judge(layer, today, days), _("%s %d人")) for line in found.lines]


def _row(line: Line, doors: Sequence[Any], judge: "Judge", people: str) -> Row:
    return _row_tag(line.is_gap, line.is_more), floor_label(line), [_shown(c, doors, judge, people) for c in line.cells]


def _shown(cell: Cell, doors: Sequence[Any], judge: "Judge", people: str) -> Shown:
    if cell.door is None:
        return _cell_tag("wall", cell.columns, cell.rows, cell.is_first), "", "", "", ""
    _u, _f, _upper, room, public_id, use, occupancy, members, tags, waiting, last, percent, head = doors[cell.door]
    css, mark = judge(occupancy, tags, last, percent)
    who = people % (head or "", members) if members else ""
    if waiting:
        mark += "!"
    return _cell_tag(SHAPES.get(use, "d ") + css, cell.columns, cell.rows, cell.is_first), public_id, room, who, mark


# Doors that are not dwellings have a double edge, so that shops stand out in every layer.
SHAPES = {"dwelling": "d ", "shop": "d shop ", "office": "d shop ", "garage": "d shop ", "other": "d shop "}


@lru_cache(maxsize=2048)
def _cell_tag(css: str, columns: int, rows: int, is_first: bool) -> Markup:
    wide = f" colspan={columns}" if columns > 1 else ""
    high = f" rowspan={rows}" if rows > 1 else ""
    return Markup(f'<td class="{css}{" first" if is_first else ""}"{wide}{high}>')


def _row_tag(is_gap: bool, is_more: bool) -> Markup:
    return Markup('<tr class="gap">') if is_gap else Markup('<tr class="more">') if is_more else Markup("<tr>")


# From occupancy, number of tags, last visit and completeness to a class and a mark.
Judge = Callable[[str | None, int, date | None, int], tuple[str, str]]


def _judge(layer: str, today: date, days: int) -> Judge:
    if layer == "occupancy":
        signs = {bucket.css: _(bucket.sign) for bucket in layers.HOME if bucket.sign}

        def by_occupancy(occupancy: str | None, tags: int, last: date | None, percent: int) -> tuple[str, str]:
            css = layers.of_occupancy(occupancy).css
            return css, signs[css]

        return by_occupancy
    if layer == "tags":
        return lambda occupancy, tags, last, percent: (layers.of_tags(tags).css, str(tags) if tags else "")
    if layer == "completeness":
        return lambda occupancy, tags, last, percent: (layers.of_completeness(percent).css, str(percent))
    recent, older = today - timedelta(days=days), today - timedelta(days=days * layers.ROUNDS)

    def by_visit(occupancy: str | None, tags: int, last: date | None, percent: int) -> tuple[str, str]:
        bucket = layers.of_visit(last, recent, older)
        return bucket.css, f"{bucket.sign}{(today - last).days}" if last else bucket.sign

    return by_visit


def units(found: Elevation) -> list[tuple[str, int]]:
    """Head cells: what a unit is called and how many columns it has."""
    return [(unit_label(column.unit), column.columns) for column in found.units]


def legend(layer: str, days: int) -> list[tuple[Bucket, str, str]]:
    """Bucket, sign and words of a door's colours."""
    return [(bucket, _(bucket.sign) if bucket.sign else "", words) for bucket, words in layers.door_legend(layer, days)]
