"""An elevation in one layer: what each cell of the table shows. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from markupsafe import escape

from grid.atlas import layers
from grid.atlas.elevation import Cell, Elevation, Line, floor_label, layout, unit_label
from grid.atlas.layers import Bucket
from grid.core.i18n import gettext as _

# What stands inside a door's cell, escaped: public id, room, mark, who lives there. Empty wall has nothing.
Door = tuple[str, str, str, str]
# The opening tag of a cell and its content.
Shown = tuple[str, Door | None]
# The class of a row, its floor, its cells.
Row = tuple[str, str, list[Shown]]


def facade(doors: Sequence[Any], layer: str, today: date, days: int) -> tuple[Elevation, list[Row]]:
    """The rows of the table, top floor first, and the layout they follow; without a layer nothing is coloured."""
    found = layout(tuple([(door[0], door[1], door[2], door[3]) for door in doors]))
    rooms, heads = _escaped([door[3] for door in doors]), _escaped([door[12] or "" for door in doors])
    judge, people = _judge(layer, today, days), _("%s %d人")
    shown: list[tuple[str, Door]] = []
    for door, room, head in zip(doors, rooms, heads, strict=True):
        _unit, _floor, _upper, _room, public_id, use, occupancy, members, tags, waiting, last, percent, _head = door
        css, mark = judge(occupancy, members, tags, last, percent)
        who = people % (head, members) if members else ""
        shown.append((SHAPES.get(use, "d ") + css, (public_id, room, mark + "!" if waiting and layer else mark, who)))
    return found, [_row(line, shown) for line in found.lines]


def _escaped(texts: list[str]) -> list[str]:
    """Many short texts escaped at once: one by one it would be the dearest part of the page."""
    found = str(escape("\0".join(texts))).split("\0")
    return found if len(found) == len(texts) else [str(escape(text)) for text in texts]


def _row(line: Line, shown: Sequence[tuple[str, Door]]) -> Row:
    return _row_class(line.is_gap, line.is_more), floor_label(line), [_cell(cell, shown) for cell in line.cells]


def _cell(cell: Cell, shown: Sequence[tuple[str, Door]]) -> Shown:
    if cell.door is None:
        return _cell_tag("wall", cell.columns, cell.rows, cell.is_first), None
    css, door = shown[cell.door]
    return _cell_tag(css, cell.columns, cell.rows, cell.is_first), door


# Doors that are not dwellings have a double edge, so that shops stand out in every layer.
SHAPES = {"dwelling": "d ", "shop": "d shop ", "office": "d shop ", "garage": "d shop ", "other": "d shop "}


@lru_cache(maxsize=2048)
def _cell_tag(css: str, columns: int, rows: int, is_first: bool) -> str:
    wide = f" colspan={columns}" if columns > 1 else ""
    high = f" rowspan={rows}" if rows > 1 else ""
    return f'<td class="{css}{" first" if is_first else ""}"{wide}{high}>'


def _row_class(is_gap: bool, is_more: bool) -> str:
    return ' class="gap"' if is_gap else ' class="more"' if is_more else ""


# From occupancy, members, number of tags, last visit and completeness to a class and a mark.
Judge = Callable[[str | None, int, int, date | None, int], tuple[str, str]]


def _judge(layer: str, today: date, days: int) -> Judge:
    if not layer:
        return lambda occupancy, members, tags, last, percent: ("", "")
    if layer == "occupancy":
        signs = {bucket.css: _(bucket.sign) for bucket in layers.HOME if bucket.sign}

        def by_occupancy(
            occupancy: str | None, members: int, tags: int, last: date | None, percent: int
        ) -> tuple[str, str]:
            css = layers.of_occupancy(occupancy).css
            return css, signs[css]

        return by_occupancy
    if layer == "tags":
        return lambda occupancy, members, tags, last, percent: (layers.of_tags(tags).css, str(tags) if tags else "")
    if layer == "completeness":
        return lambda occupancy, members, tags, last, percent: (layers.of_completeness(percent).css, str(percent))
    recent, older = today - timedelta(days=days), today - timedelta(days=days * layers.ROUNDS)

    def by_visit(occupancy: str | None, members: int, tags: int, last: date | None, percent: int) -> tuple[str, str]:
        if not members:
            return layers.NONE.css, ""
        bucket = layers.of_visit(last, recent, older)
        return bucket.css, f"{bucket.sign}{(today - last).days}" if last else bucket.sign

    return by_visit


def units(found: Elevation) -> list[tuple[str, int]]:
    """Head cells: what a unit is called and how many columns it has."""
    return [(unit_label(column.unit), column.columns) for column in found.units]


def legend(layer: str, days: int) -> list[tuple[Bucket, str, str]]:
    """Bucket, sign and words of a door's colours."""
    return [(bucket, _(bucket.sign) if bucket.sign else "", words) for bucket, words in layers.door_legend(layer, days)]
