"""A ledger as it stands: one finished table, which the screen, the workbook and the paper all show."""

from dataclasses import dataclass
from datetime import date, datetime

from grid.core import labels
from grid.core.i18n import gettext as _
from grid.ledgers.columns import Cell


@dataclass(frozen=True)
class Heading:
    """`show` says how wide a column is on paper and on which side its cells stand."""

    key: str
    label: str
    show: str
    summed: bool = False


@dataclass(frozen=True)
class LedgerTable:
    """`rows` are all of them, or one page that begins after `skipped`; `count` and `totals` are of all of them.

    The first column counts the rows; `totals` has a cell for each column, the first says how many rows there are.
    """

    title: str
    place: str
    period: str
    # What was asked of the columns, in words.
    asked: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    count: int = 0
    totals: tuple[Cell, ...] = ()
    signatures: tuple[str, ...] = ()
    skipped: int = 0
    restricted: bool = False

    @property
    def subtitle(self) -> str:
        return " · ".join(part for part in (self.place, self.period, self.asked) if part)


def total_words(count: int) -> str:
    return _("合计 %(n)s", n=count)


def shown(cell: Cell) -> str:
    """As it is read on the screen and on paper: 12, 88.5, 2026-11-23 08:15."""
    if isinstance(cell, datetime):
        return labels.moment(cell)
    if isinstance(cell, date):
        return labels.day(cell)
    return f"{cell:.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)
