"""How values are shown: dates, ages, labels of codes. Registered as template filters."""

import re
from datetime import date, datetime

from flask import Flask
from markupsafe import Markup, escape

from grid.core.clock import local
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.core.personal import mask_id, mask_phone

# 3-2-501, 3-2-501-1 or a day: a line may end on their hyphens, and half a door is another door.
_HYPHENED = re.compile(r"[0-9A-Za-z]{1,6}(?:-[0-9A-Za-z]{1,6}){1,4}", re.ASCII)


def label(code: str | None, name: str) -> str:
    """`'own'|label('occupancy')` → 自住."""
    return CODES[name].text(code)


def day(value: date | datetime | None) -> str:
    """2026-11-23, or nothing."""
    if value is None:
        return ""
    return (local(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """2026-11-23 08:15 on the committee's clock, or nothing."""
    return local(value).isoformat(" ", "minutes")[:16] if value else ""


def ago(value: date | None, today: date) -> str:
    """12 天前, as a neighbour would say it."""
    if value is None:
        return _("从未")
    days = (today - value).days
    if days <= 0:
        return _("今天") if days == 0 else day(value)
    return _("昨天") if days == 1 else _("%(n)s 天前", n=days)


def age(born: date | None, today: date) -> int | None:
    """Whole years."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def unbroken(text: str | None) -> Markup:
    """A sentence whose doors and days each stay on one line."""
    return Markup(_HYPHENED.sub(r'<span class="unbroken">\g<0></span>', str(escape(text or ""))))


def register_filters(app: Flask) -> None:
    app.jinja_env.filters.update(
        label=label,
        day=day,
        moment=moment,
        ago=ago,
        listed=listed,
        mask_id=mask_id,
        mask_phone=mask_phone,
        unbroken=unbroken,
    )
