"""Writes the values of a change as words: labels for codes, masked numbers, dates as days."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from grid.core.codes import CODES
from grid.core.i18n import _
from grid.core.personal import mask_id, mask_phone
from grid.exchange.fields import CODED, IDS, LABELS, PHONES
from grid.exchange.lines import Change


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """One line per field of `new`, beside what it was; technical fields are left out."""
    return tuple(
        _change(_(LABELS[name]), told(name, old.get(name)), told(name, value))
        for name, value in new.items()
        if name in LABELS
    )


@lru_cache(maxsize=4096)
def _change(label: str, old: str, new: str) -> Change:
    """Most rows of a roster say the same of most fields: one object for all of them."""
    return Change(label, old, new)


def added(fields: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a new row holds; its name or room stands before it already."""
    return changes({}, {name: value for name, value in fields.items() if name not in ("name", "room")})


def told(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if name in CODED:
        return CODES[CODED[name]].text(str(value))
    if name in PHONES:
        return mask_phone(str(value))
    if name in IDS:
        return mask_id(str(value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, date):
        return value.isoformat()
    if name == "outline":
        return _("%(n)s 个点", n=sum(len(ring) - 1 for ring in value))
    if name == "line":
        return _("%(n)s 个点", n=len(value))
    return str(value)[:60]
