"""The workload as a workbook: the same writer as of every other table."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from grid.core.i18n import gettext as _
from grid.ledgers.columns import Cell
from grid.ledgers.tables import Heading, LedgerTable
from grid.ledgers.workbooks import foot_words, write
from grid.ledgers.workload_queries import Workload
from grid.ledgers.workload_table import COLUMNS, headings, values


def workbook(place: str, period: str, found: Sequence[Workload], who: str, at: datetime) -> bytes:
    figures = zip(COLUMNS, headings(), strict=True)
    columns = (Heading("name", _("姓名"), "text"), *(Heading(key, words, "number") for (key, _words), words in figures))
    table, out = LedgerTable(_("工作量"), place, period, "", columns), io.BytesIO()
    write(table, _rows(found), lambda count: foot_words(who, at, "", count), out)
    return out.getvalue()


def _rows(found: Sequence[Workload]) -> Iterator[tuple[Cell, ...]]:
    """Numbers as numbers, so that a column can be added up."""
    for one in found:
        yield (one.name, *(int(text) if text.isdecimal() else text for text in values(one)))
