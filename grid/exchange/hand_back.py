"""The workbook as it came, with each cell that something is to be said of coloured and commented.

Nothing in it runs: text that looks like a formula stays text, of formulas only what they came to is left, and links
to other files, names and pictures go.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from grid.core.i18n import _
from grid.exchange.cells import storable
from grid.exchange.columns import place
from grid.exchange.lines import ODD, OUTCOMES, REFUSED, SKIPPED, Line, SheetRead
from grid.exchange.sheets import MOST_COLUMNS
from grid.exchange.workbooks import kind_of, read_sheets

_RED, _YELLOW = (PatternFill("solid", fgColor=colour) for colour in ("FFC7CE", "FFEB9C"))
LONGEST = 30_000
MOST_UNPACKED = 40 * 1024 * 1024
# What Excel allows in no title of a sheet.
_NO_TITLE = re.compile(r"[\\*?:/\[\]]")
_SUBJECT = ("name", "room", "building")


@dataclass
class MarkedRows:
    """What is to be said of the rows of one file."""

    sheets: Sequence[SheetRead]
    lines: Iterable[Line]
    by_sheet: dict[str, dict[int, Line]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_sheet = defaultdict(dict)
        for line in self.lines:
            if line.row:
                self.by_sheet[line.sheet][line.row] = line

    def read(self, title: str) -> SheetRead | None:
        return next((sheet for sheet in self.sheets if sheet.sheet == title), None)


def marked_workbook(name: str, content: bytes, marked: MarkedRows, only_marked: bool) -> bytes:
    book = None if only_marked or kind_of(content) != "zip" or _is_large(content) else _opened(content)
    if book is None:
        book = _copied(name, content, marked, only_marked)
    else:
        for sheet in book.worksheets:
            _mark_sheet(sheet, marked, {})
    _add_explanation(book, only_marked)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _is_large(content: bytes) -> bool:
    """openpyxl makes an object of every cell, also of a million empty ones that nobody reads."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED


def _opened(content: bytes) -> Workbook | None:
    """None where openpyxl gives up on what our own reader could read."""
    try:
        book = load_workbook(io.BytesIO(content), data_only=True, keep_vba=False, keep_links=False)
    except Exception:
        return None
    _leave_values_alone(book)
    return book


def _leave_values_alone(book: Any) -> None:
    """Names and lists of choices may point into other files; pictures need a reader of their own."""
    book.defined_names.clear()
    for sheet in book.worksheets:
        sheet.defined_names.clear()
        sheet.data_validations.dataValidation.clear()
        sheet.conditional_formatting = type(sheet.conditional_formatting)()
        sheet._images, sheet._charts = [], []


def _copied(name: str, content: bytes, marked: MarkedRows, only_marked: bool) -> Workbook:
    """The values alone, in a workbook of its own: of a csv or an old xls, or the marked rows of a long one."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in read_sheets(name, content):
        written = book.create_sheet(_NO_TITLE.sub("_", storable(sheet.name))[:31])
        read = marked.read(sheet.name)
        lines = marked.by_sheet.get(sheet.name, {})
        wanted = {at for at, line in lines.items() if line.remarks} | ({read.heading_row} if read else set())
        at: dict[int, int] = {}
        for row in sheet.rows:
            if only_marked and row.number not in wanted:
                continue
            at[row.number] = len(at) + 1 if only_marked else row.number
            for column, value in enumerate(row.cells, 1):
                _write(written.cell(at[row.number], column), value)
        _mark_sheet(written, marked, at, sheet.name)
    return book


def _mark_sheet(sheet: Any, marked: MarkedRows, at: dict[int, int], title: str = "") -> None:
    """`at` says where rows stand that stand elsewhere than in the file."""
    title = title or sheet.title
    read, lines = marked.read(title), marked.by_sheet.get(title, {})
    if read is None:
        return
    # Beyond these columns nothing but colours can stand.
    last = min(sheet.max_column, MOST_COLUMNS) + 1
    _write(sheet.cell(at.get(read.heading_row, read.heading_row), last), _("导入结果"))
    for row, line in lines.items():
        if at and row not in at:
            continue
        row = at.get(row, row)
        _write(sheet.cell(row, last), _result(line))
        for column, sentences in _marks(read, line):
            _colour(sheet.cell(row, column + 1), line, sentences)


def _result(line: Line) -> str:
    word = _(OUTCOMES[line.outcome]) + (f"（{_(OUTCOMES[ODD])}）" if line.is_odd else "")
    return "：".join(part for part in (word, "；".join(line.remarks)) if part)[:LONGEST]


def _marks(read: SheetRead, line: Line) -> Iterator[tuple[int, list[str]]]:
    """Column and sentences; what names no cell is said of the row's subject."""
    if line.outcome == SKIPPED:
        return
    found: dict[int, list[str]] = defaultdict(list)
    for column, sentence in line.marks:
        found[column].append(sentence)
    told = {sentence for _column, sentence in line.marks}
    for remark in line.remarks:
        if remark not in told:
            found[_column_of(read, remark)].append(remark)
    yield from found.items()


def _column_of(read: SheetRead, remark: str) -> int:
    named = (at for at, heading, _name in read.columns if place(heading, at) in remark)
    fields = {name: at for at, _heading, name in read.columns}
    subject = next((fields[name] for name in _SUBJECT if name in fields), 0)
    return next(named, subject)


def _colour(cell: Any, line: Line, sentences: Sequence[str]) -> None:
    # The hidden parts of a merged cell can't be written to; its first one stands for them.
    if not isinstance(cell, Cell):
        return
    cell.fill = _RED if line.outcome == REFUSED else _YELLOW
    cell.comment = Comment(
        storable("\n".join(dict.fromkeys(sentences)))[:LONGEST], _("一户一档"), width=320, height=120
    )


def _write(cell: Any, value: Any) -> None:
    if not isinstance(cell, Cell):
        return
    cell.value = storable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        # Not a formula, whatever it begins with.
        cell.data_type = "s"


def _add_explanation(book: Workbook, only_marked: bool) -> None:
    title = _("说明")
    sheet = book.create_sheet(title if title not in book.sheetnames else "Yihu")
    sentences = [
        _("红色的格子：这一行没有录入，改好以后再导入一次。"),
        _("黄色的格子：照常录入，请核对。"),
        _("鼠标放在格子上，能看到原因；最后一列“导入结果”写着每一行怎样了。"),
        _("改好以后，直接上传这个文件就行：没有变的行不会重复录入，“导入结果”一列不会读。"),
    ]
    if only_marked:
        sentences.append(_("文件太长，这里只有要看的行。"))
    for row, sentence in enumerate(sentences, 1):
        _write(sheet.cell(row, 1), sentence)
    sheet.column_dimensions["A"].width = 90
