"""The columns of ledgers: from the values of a row to a finished cell, and what a column can be asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_

from grid.core import labels
from grid.core.clock import local
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.core.personal import mask_id, mask_phone

# A finished cell: the same on the screen, in a workbook and on paper. Moments know their zone.
Cell = str | int | float | date | datetime
# Parts what SQL strings together; nobody can type it.
PART = "\x1f"
# How numbers are shown that are masked otherwise.
WHOLE = {"id": "whole_id", "phone": "whole_phone"}
# What can be asked of a column is decided by how it is shown.
ASKED = {"code": "among", "text": "words", "place": "words", "yes_no": "yes_no", "tags": "among"}


@dataclass(frozen=True)
class Column:
    """`values` are the SQL expressions it is made of, `show` says how; `summed` numbers stand in the total row.

    `test`, where the plain comparison with the first value would not do, makes the condition from what is asked.
    `heading` is what somebody else wants written above it.
    """

    key: str
    label: str
    values: tuple[Any, ...]
    show: str = "text"
    codes: str = ""
    summed: bool = False
    test: Callable[[Any], Any] | None = None
    heading: str = ""

    @property
    def named(self) -> str:
        return self.heading or _(self.label)

    @property
    def is_masked(self) -> bool:
        return self.show in WHOLE

    @property
    def whole(self) -> "Column":
        """The same with whole ID and phone numbers: only for whoever may have them and said why."""
        return replace(self, show=WHOLE.get(self.show, self.show))

    @property
    def asked(self) -> str:
        """among (some of a list), words, yes_no or nothing."""
        return ASKED.get(self.show, "")

    def condition(self, wanted: Any) -> Any:
        if self.test is not None:
            return self.test(wanted)
        value = self.values[0]
        if self.asked == "among":
            return value.in_(tuple(wanted))
        if self.asked == "yes_no":
            return value.is_(True) if wanted else or_(value.is_(False), value.is_(None))
        return or_(*(one.icontains(str(wanted), autoescape=True) for one in self.values))

    def cell(self, values: tuple[Any, ...], today: date) -> Cell:
        return SHOW[self.show](self, values, today)


def _text(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return str(values[0] or "")


def _code(column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return CODES[column.codes].text(values[0])


def _day(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    value = values[0]
    return "" if value is None else local(value).date() if isinstance(value, datetime) else value


def _codes(column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return listed(CODES[column.codes].text(str(one)) for one in values[0] or ())


def _number(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return number(values[0])


def number(value: float | None) -> Cell:
    """A count, or what has cents; nothing for nothing."""
    if value is None:
        return ""
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded


def _age(_column: Column, values: tuple[Any, ...], today: date) -> Cell:
    years = labels.age(values[0], today)
    return "" if years is None else years


def _yes_no(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return "" if values[0] is None else _("是") if values[0] else _("否")


def _tags(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    """Names strung together by SQL; the tags every community begins with are known in both languages."""
    return listed(sorted(_(one) for one in str(values[0]).split(PART))) if values[0] else ""


def _names(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    return listed(sorted(str(values[0]).split(PART))) if values[0] else ""


def _place(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    """A door, else a building, else what somebody wrote."""
    code, building, written = values
    if code or building:
        return str(code or _("%(no)s 幢", no=building))
    return str(written or "")


def _fields(_column: Column, values: tuple[Any, ...], _today: date) -> Cell:
    """A tag's own fields, by the names that its definition gives them: values, definition."""
    given, defined = values
    if not isinstance(given, Mapping):
        return ""
    names = {one["key"]: one["label"] for one in defined or () if isinstance(one, Mapping) and "key" in one}
    return "；".join(f"{names.get(key, key)} {_said(value)}" for key, value in given.items() if value not in (None, ""))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


SHOW: dict[str, Callable[[Column, tuple[Any, ...], date], Cell]] = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "day": _day,
    "moment": lambda _column, values, _today: "" if values[0] is None else values[0],
    "phone": lambda _column, values, _today: mask_phone(values[0]),
    "id": lambda _column, values, _today: mask_id(values[0]),
    "whole_phone": _text,
    "whole_id": _text,
    "number": _number,
    "age": _age,
    "yes_no": _yes_no,
    "tags": _tags,
    "names": _names,
    "place": _place,
    "fields": _fields,
}
