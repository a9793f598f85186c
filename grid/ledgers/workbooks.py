"""A table as a workbook, written row by row: words stay words, days are days, and below stands who took it and why."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from grid.core import labels
from grid.core.clock import local
from grid.core.i18n import gettext as _
from grid.ledgers.columns import Cell, number
from grid.ledgers.tables import LedgerTable, total_words

# Characters wide.
WIDTHS = {
    "row": 10, "moment": 17, "day": 12, "number": 9, "age": 7, "yes_no": 9, "code": 13, "id": 22, "phone": 15,
    "whole_id": 22, "whole_phone": 15,
}  # fmt: skip
WIDTH = 18
# What XML cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# What the name of a sheet must not have.
NAMELESS = re.compile(r"[\[\]:*?/\\'\s]+")
# Of Excel's own.
LONGEST, LONGEST_NAME, FIRST_YEAR = 32_767, 31, 1900
# Longer words in a cell of the form "text" are shown as ####.
LONGEST_SHOWN = 255
HEAD = 3
DAY, MOMENT, WORDS = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@"
# After one of these a spreadsheet would begin to calculate.
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
_line = Side(style="thin", color="B9C5CF")
_BORDER = Border(left=_line, right=_line, top=_line, bottom=_line)
_TINT = PatternFill("solid", fgColor="EEF3F7")
_BOLD = Font(bold=True)
_IN_TABLE = {"border": _BORDER, "alignment": Alignment(wrap_text=True, vertical="top")}
_ABOVE = {"font": _BOLD, "fill": _TINT, "border": _BORDER}


def write(table: LedgerTable, rows: Iterable[tuple[Cell, ...]], foot: Callable[[int], str], out: IO[bytes]) -> int:
    """Title, what it is of, headings, `rows`, their totals, who signs, and `foot` of how many they were. How many."""
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = _("一户一档"), _clean(table.title)
    sheet = book.create_sheet(NAMELESS.sub(" ", _clean(table.title)).strip()[:LONGEST_NAME] or _("台账"))
    try:
        count = _fill(sheet, table, rows, foot)
        book.save(out)
    except BaseException:
        _throw_away(sheet)
        raise
    return count


def _throw_away(sheet: Any) -> None:
    """Half a sheet, with people's names, lies in the folder for temporary files until openpyxl is told."""
    if sheet._writer is not None:
        sheet._writer.cleanup()


def _fill(sheet: Any, table: LedgerTable, rows: Iterable[tuple[Cell, ...]], foot: Callable[[int], str]) -> int:
    _set_up(sheet, table)
    plain, above, inside = _Pen(sheet), _Pen(sheet, **_ABOVE), _Pen(sheet, **_IN_TABLE)
    sheet.append([_Pen(sheet, font=Font(bold=True, size=16))(table.title)])
    sheet.append([plain(table.subtitle)])
    sheet.append([above(heading.label) for heading in table.headings])
    summed = [n for n, heading in enumerate(table.headings) if heading.summed]
    sums, count = dict.fromkeys(summed, 0.0), 0
    for row in rows:
        sheet.append([inside(value) for value in row])
        count += 1
        for n in summed:
            sums[n] += row[n] or 0  # type: ignore[operator]
    sheet.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(table.headings))}{HEAD + count}"
    sheet.append([above(value) for value in _totals(table, sums, count)])
    if table.signatures:
        sheet.append([])
        sheet.append([plain("        ".join(f"{one}：____________" for one in table.signatures))])
    sheet.append([plain(foot(count))])
    return count


def _totals(table: LedgerTable, sums: dict[int, float], count: int) -> list[Cell]:
    return [total_words(count), *(number(sums[n]) if n in sums else "" for n in range(1, len(table.headings)))]


def foot_words(name: str, at: datetime, reason: str, count: int) -> str:
    """内部使用 · 导出人 王芳 · 2026-11-23 08:15 · 用途：核对 · 36 行."""
    said = (_("用途：%(reason)s", reason=reason),) if reason else ()
    rows = _("%(n)s 行", n=count)
    return " · ".join((_("内部使用"), _("导出人 %(name)s", name=name), labels.moment(at), *said, rows))


def _set_up(sheet: Any, table: LedgerTable) -> None:
    for n, heading in enumerate(table.headings, 1):
        sheet.column_dimensions[get_column_letter(n)].width = WIDTHS.get(heading.show, WIDTH)
    sheet._values_to_row = _placing(sheet)
    sheet.page_setup.orientation = "landscape"
    sheet.freeze_panes = f"A{HEAD + 1}"
    # On every page of paper.
    sheet.print_title_rows = f"{HEAD}:{HEAD}"


def _clean(text: str) -> str:
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]


# A value, openpyxl's letter for its type, and its look.
Told = tuple[Any, str, Any]


def _placing(sheet: Any) -> Callable[[Iterable[Told], int], Iterator[Any]]:
    """Rows go past one cell that is filled anew: openpyxl's own way takes two new ones for each, and twice as long."""
    cell: Any = WriteOnlyCell(sheet)

    def placed(row: Iterable[Told], number: int) -> Iterator[Any]:
        cell.row = number
        for cell.column, told in enumerate(row, 1):
            cell._value, cell.data_type, cell._style = told
            yield cell

    return placed


class _Pen:
    """Tells cells of one look. A look is put together once: openpyxl takes longer for it than for the cell."""

    def __init__(self, sheet: Any, **styles: object) -> None:
        self.sheet = sheet
        self.looks = {form: self._look(styles, form) for form in ("General", WORDS, DAY, MOMENT)}
        self.quoted = self._look(styles, WORDS, quoted=True)

    def _look(self, styles: dict[str, object], form: str, quoted: bool = False) -> Any:
        cell: Any = WriteOnlyCell(self.sheet)
        for name, style in styles.items():
            setattr(cell, name, style)
        cell.number_format, cell.quotePrefix = form, quoted
        return cell._style

    def __call__(self, value: Any) -> Told:
        """What begins like a formula is none."""
        if isinstance(value, datetime):
            value = local(value).replace(tzinfo=None, second=0, microsecond=0)
            return value, "d", self.looks[MOMENT]
        if isinstance(value, date) and value.year >= FIRST_YEAR:
            return value, "d", self.looks[DAY]
        if isinstance(value, int | float):
            return value, "n", self.looks["General"]
        text = _clean(str(value))
        if not text:
            return None, "n", self.looks[WORDS]
        if text.startswith(BEGINNINGS):
            return text, "s", self.quoted
        return text, "s", self.looks[WORDS if len(text) <= LONGEST_SHOWN else "General"]
