"""The workload as a workbook. Words stay words: what begins like a formula is none."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from grid.core.i18n import gettext as _
from grid.ledgers.workload_queries import Workload
from grid.ledgers.workload_table import COLUMNS, headings, values

WIDTH = 13


def workbook(title: str, found: Sequence[Workload]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("工作量"))
    for n in range(len(COLUMNS) + 1):
        sheet.column_dimensions[get_column_letter(n + 1)].width = WIDTH
    sheet.freeze_panes = "B3"
    for row in ([title], [_("姓名"), *headings()]):
        sheet.append([_cell(sheet, text, is_bold=True) for text in row])
    for one in found:
        sheet.append([_cell(sheet, text) for text in (one.name, *values(one))])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: WriteOnlyWorksheet, text: str, is_bold: bool = False) -> Any:
    """Numbers as numbers, so that a column can be added up."""
    if text.isdecimal():
        return WriteOnlyCell(sheet, int(text))
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@")
    cell.font = Font(bold=is_bold)
    return cell
