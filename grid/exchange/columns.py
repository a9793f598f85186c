"""Finds the heading row under the titles, and says of each row below whether it holds data."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grid.core.i18n import _, labelled
from grid.exchange import progress
from grid.exchange.cells import storable
from grid.exchange.sheets import Row, Rows, Sheet, letter
from grid.exchange.vocabulary import HEADING, IGNORED, UNREAD, Vocabulary

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
    # Those of the unused that are in no list.
    unheard: tuple[str, ...] = ()
    # Of which file these columns are: what is learnt of a heading is kept under it.
    kind: str = ""
    # What this community's words mean; shared by all layouts of a plan.
    vocabulary: Vocabulary = field(default_factory=Vocabulary, compare=False)

    def value(self, row: Row, name: str) -> Any:
        at = self.columns.get(name)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def place(self, name: str) -> str:
        """The column for a message: 身份证号（C 列）."""
        at = self.columns.get(name)
        if at is None:
            return name
        return place(self.headings[name], at)

    def about(self, name: str, remark: str) -> str:
        """What is to be said of a cell, its column before it."""
        return labelled(self.place(name), remark)


def place(heading: str, column: int) -> str:
    return _("%(heading)s（%(letter)s 列）", heading=heading, letter=letter(column))


def bare(heading: Any) -> str:
    """A heading for comparing: half width, no spaces or line ends, nothing in brackets, no star."""
    words = unicodedata.normalize("NFKC", "" if heading is None else storable(str(heading)[:200]))
    words = re.sub(r"\s+", "", words)
    without = re.sub(r"[(\[【].*?[)\]】]", "", words) or words
    return without.strip("*:：").lower()


def find_layout(
    sheet: Sheet, fields: Fields, needed: tuple[str, ...], kind: str = "", vocabulary: Vocabulary | None = None
) -> Layout | None:
    """The row among the first thirty that names most fields, if it names all that are needed.

    `kind` is the kind of file whose learnt headings count beside `fields`.
    """
    known = vocabulary or Vocabulary()
    words = {bare(word): field for field, synonyms in fields.items() for word in synonyms}
    taught = known.learnt.get(HEADING + kind, {})
    words |= {said: means for said, means in taught.items() if means == IGNORED or means in fields}
    best: Layout | None = None
    for row in sheet.rows[:HEADING_WITHIN]:
        layout = _layout(row, words, known, kind)
        if set(needed) <= set(layout.columns) and (best is None or len(layout.columns) > len(best.columns)):
            best = layout
    return best


def wonder_about_headings(file: str, sheet: Sheet, layout: Layout, beside: Fields | None = None) -> None:
    """Of the columns nobody reads, those that somebody should be asked about; fields that stand `beside`, for the
    file of another kind, mean nothing here."""
    understood = {bare(word) for synonyms in (beside or {}).values() for word in synonyms}
    for heading in layout.unheard:
        if heading not in UNREAD | understood:
            place = _("%(file)s “%(sheet)s”第 %(row)s 行", file=file, sheet=sheet.name, row=layout.heading_row)
            layout.vocabulary.wonder(
                HEADING + layout.kind, heading, place, max(len(sheet.rows) - layout.heading_row, 0)
            )


def _layout(row: Row, words: Mapping[str, str], vocabulary: Vocabulary, kind: str) -> Layout:
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    unused, unheard = [], []
    for at, cell in enumerate(row.cells):
        name = words.get(bare(cell)) if isinstance(cell, str) else None
        if name and name != IGNORED and name not in columns:
            columns[name] = at
            headings[name] = bare(cell)
        elif isinstance(cell, str) and name != IGNORED:
            unused.append(bare(cell))
            unheard += [unused[-1]] if name is None and unused[-1] else []
    return Layout(row.number, columns, headings, tuple(unused), tuple(unheard), kind, vocabulary)


def rows_below(sheet: Sheet, layout: Layout, key: str) -> Iterator[tuple[Row, str]]:
    """Each row under the heading with what it is: data, blank, hint, heading, section, total, empty-door
    or left-out.

    `key` is the field that names the row's subject, usually the name.
    """
    heading = sheet.rows[layout.heading_row - 1]
    named = {bare(cell) for cell in heading.cells if cell}
    below = (
        sheet.rows.starting(layout.heading_row) if isinstance(sheet.rows, Rows) else sheet.rows[layout.heading_row :]
    )
    for row in below:
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
