"""The fields of a tag's own: what they are called, how what was filled in is stored and read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
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
    """What is stored of a field as its form field takes it."""
    value = (attrs or {}).get(field["key"])
    if value is None:
        return None
    if field["kind"] == "date":
        return date.fromisoformat(value)
    return Decimal(str(value)) if field["kind"] == "number" else value


def said(fields: Fields, attrs: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Label and words of each field that was filled in, in the order of the definition."""
    return tuple(_said(fields or (), attrs or {}))


def _said(fields: Sequence[Mapping[str, Any]], attrs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = attrs.get(field["key"])
        if value is not None:
            yield _(field["label"]), _words(field["kind"], value)


def _words(kind: str, value: Any) -> str:
    if kind == "yes_no":
        return _("是") if value else _("否")
    return _(value) if kind == "choice" else str(value)
