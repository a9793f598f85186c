"""The fields of a tag's own: what they are called, how what was filled in is stored and read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from grid.core.i18n import gettext as _

KINDS = ("text", "number", "date", "choice", "yes_no")
Fields = Sequence[Mapping[str, Any]] | None


def stored(value: Any) -> Any:
    """A form's value as JSON keeps it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def typed(field: Mapping[str, Any], attrs: Mapping[str, Any] | None) -> Any:
    """What is stored of a field as its form field takes it; None where it does not fit its present kind."""
    value = (attrs or {}).get(field["key"])
    if value is None:
        return None
    match field["kind"]:
        case "date":
            return _day(value)
        case "number":
            return _number(value)
        case "yes_no":
            return value if isinstance(value, bool) else None
        case "choice":
            return value if value in field["choices"] else None
    return _plain(value)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def said(fields: Fields, attrs: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Label and words of each field that was filled in, in the order of the definition."""
    return tuple(_said(fields or (), attrs or {}))


def _said(fields: Sequence[Mapping[str, Any]], attrs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = attrs.get(field["key"])
        if value is not None:
            yield _(field["label"]), _words(field["kind"], value)


def _words(kind: str, value: Any) -> str:
    return _(value) if kind == "choice" and isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)
