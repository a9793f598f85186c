"""Finds the heading row under the titles, and says of each row below whether it holds data."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grid.core.i18n import _, labelled
from grid.exchange import progress
from grid.exchange.workbooks import Row, Sheet

HEADING_WITHIN = 30
HINTS_WITHIN = 3

_HINT = re.compile(r"必填|选填|可选|没有不填|自动关联|^如[^意]|^例|YYYY|1=是|^\d+位|/.+/|格式|分隔")
_TOTAL = re.compile(r"^(?:合计|总计|小计|共计|总人数|统计)")
_EMPTY_DOOR = re.compile(r"^(?:空户|空房|空置|无人居住|无人)$")

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Layout:
    """Where each field stands: `columns` counts from 0, `headings` are the words in the file."""

    heading_row: int
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    unused: tuple[str, ...] = ()

    def value(self, row: Row, field: str) -> Any:
        at = self.columns.get(field)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def place(self, field: str) -> str:
        """The column for a message: 身份证号（C 列）."""
        at = self.columns.get(field)
        if at is None:
            return field
        return place(self.headings[field], at)

    def about(self, field: str, remark: str) -> str:
        """What is to be said of a cell, its column before it."""
        return labelled(self.place(field), remark)


def place(heading: str, column: int) -> str:
    return _("%(heading)s（%(letter)s 列）", heading=heading, letter=letter(column))


def letter(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def bare(heading: Any) -> str:
    """A heading for comparing: half width, no spaces or line ends, nothing in brackets, no star."""
    words = unicodedata.normalize("NFKC", "" if heading is None else str(heading)[:200])
    words = re.sub(r"\s+", "", words)
    without = re.sub(r"[(\[【].*?[)\]】]", "", words) or words
    return without.strip("*:：").lower()


def find_layout(sheet: Sheet, fields: Fields, needed: tuple[str, ...]) -> Layout | None:
    """The row among the first thirty that names most fields, if it names all that are needed."""
    words = {bare(word): field for field, synonyms in fields.items() for word in synonyms}
    best: Layout | None = None
    for row in sheet.rows[:HEADING_WITHIN]:
        layout = _layout(row, words)
        if set(needed) <= set(layout.columns) and (best is None or len(layout.columns) > len(best.columns)):
            best = layout
    return best


def _layout(row: Row, words: Mapping[str, str]) -> Layout:
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    unused = []
    for at, cell in enumerate(row.cells):
        field = words.get(bare(cell)) if isinstance(cell, str) else None
        if field and field not in columns:
            columns[field] = at
            headings[field] = bare(cell)
        elif isinstance(cell, str):
            unused.append(bare(cell))
    return Layout(row.number, columns, headings, tuple(unused))


def rows_below(sheet: Sheet, layout: Layout, key: str) -> Iterator[tuple[Row, str]]:
    """Each row under the heading with what it is: data, blank, hint, heading, section, total, empty-door
    or left-out.

    `key` is the field that names the row's subject, usually the name.
    """
    heading = sheet.rows[layout.heading_row - 1]
    named = {bare(cell) for cell in heading.cells if cell}
    for row in sheet.rows[layout.heading_row :]:
        progress.tell()
        yield row, "left-out" if row.left_out else _kind(row, layout, key, named)


def _kind(row: Row, layout: Layout, key: str, named: set[str]) -> str:
    filled = [str(cell) for cell in row.cells if cell is not None]
    if not filled:
        return "blank"
    subject = layout.value(row, key)
    first = re.sub(r"\s", "", str(subject or filled[0]))
    if _TOTAL.match(first):
        return "total"
    if not any(layout.value(row, field) is not None for field in layout.columns):
        return "section"
    if sum(bare(cell) in named for cell in filled) > len(filled) / 2 and len(filled) > 1:
        return "heading"
    near = row.number - layout.heading_row <= HINTS_WITHIN
    if near and sum(bool(_HINT.search(cell)) for cell in filled) >= 2:
        return "hint"
    return "empty-door" if _EMPTY_DOOR.match(first) else "data"
