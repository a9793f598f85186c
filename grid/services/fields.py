"""Fields of the duties: one of some rows, and a time of day."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import TimeInput

from grid.core.forms import TextField, clean
from grid.core.i18n import gettext as _

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class RowField(SelectField):  # type: ignore[misc]
    """One of the rows that were offered, by public id, or none; `row` is the one chosen."""

    def __init__(self, label: str, needed: bool = False, **options: Any) -> None:
        self.needed = needed
        self.offered: dict[str, Any] = {}
        super().__init__(label, choices=[], coerce=_or_nothing, validate_choice=False, **options)

    def offer(self, rows: Iterable[tuple[Any, str]]) -> None:
        """Rows with how they are called."""
        named = [(row, words) for row, words in rows]
        self.offered = {row.public_id: row for row, _words in named}
        self.choices = [SelectChoice("", "—"), *(SelectChoice(row.public_id, words) for row, words in named)]

    @property
    def row(self) -> Any:
        return self.offered.get(self.data or "")

    @property
    def row_id(self) -> int | None:
        return self.row.id if self.row else None

    def pre_validate(self, form: Any) -> None:
        if self.data is None and self.needed:
            raise ValidationError(_("请选一项。"))
        if self.data is not None and self.data not in self.offered:
            raise ValidationError(_("请从列表里选一项。"))


def _or_nothing(value: Any) -> str | None:
    return str(value) if value not in (None, "", "None") else None


class ClockField(TextField):
    """19:00."""

    widget = TimeInput()
    neat = staticmethod(clean)

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        found = CLOCK.fullmatch(self.data)
        if found is None:
            raise ValidationError(_("请写成 19:00 这样的时间。"))
        self.data = f"{int(found[1]):02d}:{found[2]}"
