"""What a report is made of: sections with sentences, tables and charts, and what they are asked about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func

from grid.accounts.models import Scope
from grid.core.codes import CODES
from grid.core.periods import Period
from grid.ledgers.charts import Chart

WIDE, LOW = 640, 190


@dataclass(frozen=True)
class Table:
    """The first column says what; the others are figures, unless `is_text`. `is_across`: one line of figures alone."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_text: bool = False
    is_across: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    sentences: Sequence[str]
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()


@dataclass(frozen=True)
class Asked:
    """Of which community, which period, as of which day."""

    scope: Scope
    community_id: int
    period: Period
    today: date

    @property
    def so_far(self) -> Period:
        return self.period.until(self.today)

    def of(self, model: Any) -> Any:
        return and_(model.community_id == self.community_id, model.deleted_at.is_(None))

    def within(self, column: Any) -> Any:
        first, last = self.so_far.moments
        return and_(column >= first, column < last)

    def on(self, column: Any) -> Any:
        return column.between(self.so_far.start, self.so_far.end)


def number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def times(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def by_code(codes: str, counted: Counter[str]) -> Table:
    """All kinds across, also those that did not occur."""
    kinds = CODES[codes].choices()
    return Table([words for _code, words in kinds], [[number(counted[code]) for code, _words in kinds]], is_across=True)
