"""What the export page is sent: which columns in which order under which headings, the reason, whole numbers or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField, ValidationError
from wtforms.validators import DataRequired

from grid.core.forms import Form, KeyField, TextField, tidy
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.exchange.export_actions import ColumnSetEntry
from grid.ledgers.columns import Column
from grid.ledgers.shipped import Ledger
from grid.ledgers.sources import Source

SHORTEST, LONGEST_REASON, LONGEST_HEADING, LONGEST_NAME = 4, 200, 50, 50
# Where a column goes whose number nobody can read.
LAST = 999


@dataclass(frozen=True)
class Line:
    """A column as the page offers it: chosen or not, its place, and what is to stand above it."""

    column: Column
    is_chosen: bool
    place: int
    heading: str = ""


def lines_of(source: Source, chosen: Sequence[Mapping[str, str]]) -> list[Line]:
    """Those chosen in their order, the others after them."""
    known = [one for one in chosen if one["key"] in source.by_key]
    first = [(source.by_key[one["key"]], one.get("heading", "")) for one in known]
    keys = {column.key for column, _heading in first}
    rest = [column for column in source.columns if column.key not in keys]
    offered = [Line(column, True, n, heading) for n, (column, heading) in enumerate(first, 1)]
    return offered + [Line(column, False, n) for n, column in enumerate(rest, len(first) + 1)]


def typed_lines(source: Source, given: Any) -> list[Line]:
    """As somebody typed it. Who writes a 1 means the first place, whatever stood there: it makes room."""
    ticked, stood = set(given.getlist("columns")), [name for name in given if name.startswith("n_")]
    shown = {column.key: n for n, column in enumerate(source.columns, 1)} | {
        name.removeprefix("n_"): n for n, name in enumerate(stood, 1)
    }
    lines = [
        Line(column, column.key in ticked, _place(given.get(f"n_{column.key}")), _heading(given, column))
        for column in source.columns
    ]

    def order(line: Line) -> tuple[bool, int, int, int]:
        moved = line.place - shown[line.column.key]
        return not line.is_chosen, line.place, (moved > 0) - (moved < 0), shown[line.column.key]

    return sorted(lines, key=order)


def _place(typed: str | None) -> int:
    text = tidy(typed or "")
    return min(int(text), LAST) if text.isascii() and text.isdecimal() and len(text) < 5 else LAST


def _heading(given: Any, column: Column) -> str:
    typed = " ".join(tidy(given.get(f"h_{column.key}", "")).split())[:LONGEST_HEADING]
    return "" if typed == _(column.label) else typed


def chosen(lines: Sequence[Line]) -> list[dict[str, str]]:
    return [{"key": line.column.key, "heading": line.heading} for line in lines if line.is_chosen]


def arranged(ledger: Ledger, columns: Sequence[Mapping[str, str]], is_whole: bool) -> Ledger:
    """The ledger with these columns under these headings. What a later version no longer knows is left out."""
    by_key = ledger.source.by_key
    wanted = [replace(by_key[one["key"]], heading=one["heading"]) for one in columns if one["key"] in by_key]
    return replace(ledger, columns=tuple(column.whole if is_whole else column for column in wanted))


class ExportForm(Form):
    key = KeyField()
    set = HiddenField()
    version = IntegerField(default=0)
    columns = SelectMultipleField(
        N_("要哪些列"), validate_choice=False, validators=[DataRequired(N_("请至少选一列。"))]
    )
    whole = BooleanField(N_("完整证件号码和电话"))
    reason = TextField(N_("导出做什么用"), longest=LONGEST_REASON)
    name = TextField(N_("列方案的名字"), longest=LONGEST_NAME)

    def offer(self, source: Source, may_have_whole: bool) -> Self:
        self.source, self.may_have_whole = source, may_have_whole
        return self

    def validate_columns(self, field: Any) -> None:
        if any(key not in self.source.by_key for key in field.data or ()):
            raise ValidationError(_("请从列表里选。"))

    def validate_reason(self, field: Any) -> None:
        if len(field.data or "") < SHORTEST:
            raise ValidationError(_("请写明用途，至少 4 个字，会记入日志。"))

    def validate_whole(self, field: Any) -> None:
        if field.data and not self.may_have_whole:
            raise ValidationError(_("完整号码只有管理员能导出。"))


class ColumnSetForm(ExportForm):
    """The same page, sent to keep its columns under a name: the reason is not asked yet."""

    name = TextField(N_("列方案的名字"), longest=LONGEST_NAME, validators=[DataRequired(N_("请给列方案起个名字。"))])

    def validate_reason(self, field: Any) -> None:
        """Not needed to save columns."""

    def entry(self, lines: Sequence[Line]) -> ColumnSetEntry:
        return ColumnSetEntry(self.name.data or "", chosen(lines), self.version.data or 0)
