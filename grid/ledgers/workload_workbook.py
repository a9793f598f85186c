"""The workload as a workbook. Words stay words: what begins like a formula is none."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Font

from grid.core.i18n import gettext as _
from grid.ledgers.workload_queries import Workload
from grid.ledgers.workload_table import COLUMNS, headings, value

NAME_WIDTH, WIDTH = 14, 13


def workbook(title: str, found: Sequence[Workload]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = _("工作量")
    sheet.append([title])
    sheet.append([_("姓名"), *headings()])
    for one in found:
        sheet.append([one.name, *(_plain(value(one, key)) for key, _words in COLUMNS)])
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
                cell.quotePrefix = cell.value[:1] in ("=", "+", "-", "@")
            cell.font = Font(bold=cell.row <= 2)
    sheet.freeze_panes = "B3"
    for n, column in enumerate(sheet.columns):
        sheet.column_dimensions[column[-1].column_letter].width = WIDTH if n else NAME_WIDTH
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _plain(text: str) -> int | str:
    """Numbers as numbers, so that a column can be added up."""
    return int(text) if text.isdecimal() else text
