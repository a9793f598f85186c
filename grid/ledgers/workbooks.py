"""A ledger as a workbook: the same table, with who took it and when below it."""

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from grid.ledgers.columns import Cell
from grid.ledgers.tables import LedgerTable

# Characters wide.
WIDTHS = {"row": 10, "moment": 17, "day": 12, "number": 9, "age": 7, "yes_no": 9, "code": 13, "id": 22, "phone": 15}
WIDTH = 18
# What XML cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# Of Excel's own.
LONGEST, LONGEST_NAME = 32_767, 31
_line = Side(style="thin", color="B9C5CF")
_BORDER = Border(left=_line, right=_line, top=_line, bottom=_line)
_TINT = PatternFill("solid", fgColor="EEF3F7")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook(table: LedgerTable, foot: str) -> bytes:
    """Title, what it is of, headings, rows, totals, who signs, and `foot`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", table.title)[:LONGEST_NAME])
    _widths(sheet, table)
    sheet.freeze_panes = "A4"
    sheet.append([_cell(sheet, table.title, font=Font(bold=True, size=16))])
    sheet.append([_cell(sheet, table.subtitle)])
    sheet.append(
        [_cell(sheet, heading.label, font=Font(bold=True), fill=_TINT, border=_BORDER) for heading in table.headings]
    )
    for row in table.rows:
        sheet.append([_cell(sheet, value, border=_BORDER, alignment=_WRAPPED) for value in row])
    sheet.append([_cell(sheet, value, font=Font(bold=True), fill=_TINT, border=_BORDER) for value in table.totals])
    if table.signatures:
        sheet.append([])
        sheet.append([_cell(sheet, "        ".join(f"{one}：____________" for one in table.signatures))])
    sheet.append([_cell(sheet, foot)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _widths(sheet: Any, table: LedgerTable) -> None:
    for n, heading in enumerate(table.headings, 1):
        sheet.column_dimensions[get_column_letter(n)].width = WIDTHS.get(heading.show, WIDTH)
    sheet.page_setup.orientation = "landscape"


def _cell(sheet: Any, value: Cell, **styles: object) -> Any:
    """Words stay words: what begins like a formula is none."""
    if isinstance(value, str):
        value = UNWRITABLE.sub("", value)[:LONGEST]
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell
