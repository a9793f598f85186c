"""What is asked of a ledger in an address, and what an administrator chooses for a new one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from grid.accounts.models import Scope
from grid.accounts.receipts import Slip, fingerprint
from grid.core.codes import CODES
from grid.core.forms import Form, KeyField, TextField, tidy
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.periods import KINDS, Period, period_of, read_period
from grid.ledgers.columns import Column
from grid.ledgers.ledger_actions import DefinitionEntry
from grid.ledgers.ledger_queries import Label
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.shipped import Ledger
from grid.ledgers.sources import Source

PERIOD_WORDS = {"week": N_("周"), "month": N_("月"), "quarter": N_("季度"), "year": N_("年")}
# The longest words that a column is searched for, and how many can sign.
LONGEST, MOST_SIGNATURES = 50, 4


def period_asked(key: str | None, ledger: Ledger, today: date) -> Period | None:
    """The period of an address, else the present one of the kind that the ledger proposes."""
    if ledger.source.at is None:
        return None
    return read_period(key) or (period_of(ledger.period, today) if ledger.period else None)


def narrowed_by(given: Any, columns: Iterable[Column], tags: Sequence[Label]) -> dict[str, Any]:
    """What columns are asked to be, from fields named f_<key>; what is no choice is not asked."""
    found = {column.key: _wanted(column, given.getlist(f"f_{column.key}"), tags) for column in columns}
    return _asked(found)


def _asked(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: wanted for key, wanted in found.items() if wanted not in (None, "", [])}


def _wanted(column: Column, given: list[str], tags: Sequence[Label]) -> Any:
    if column.asked == "among":
        return _among(given, choices_of(column, tags))
    first = given[0] if given else ""
    if column.asked == "yes_no":
        return {"1": True, "0": False}.get(first)
    return tidy(first)[:LONGEST] if column.asked == "words" else None


def _among(given: list[str], choices: Iterable[tuple[str, str]]) -> list[str]:
    offered = {value for value, _label in choices}
    return [one for one in dict.fromkeys(given) if one in offered]


def narrowed_beside(given: Any, source: Source, community_id: int, scope: Scope) -> dict[str, Any]:
    """What the rows are asked to be that is no column of theirs, from fields of the same kind."""
    found: dict[str, Any] = {}
    for one in source.narrowings:
        typed = [value for value in given.getlist(f"f_{one.key}") if value]
        if typed and one.choices:
            found[one.key] = _among(typed, one.choices(community_id, scope))
        elif typed:
            found[one.key] = tidy(typed[0])[: one.longest]
    return _asked(found)


def choices_of(column: Column, tags: Sequence[Label]) -> list[tuple[str, str]]:
    """What a column can be asked to be one of."""
    if column.show == "tags":
        return [(tag.code, _(tag.label)) for tag in tags if not tag.restricted]
    return CODES[column.codes].choices()


def fields_of(narrowed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same as fields of a form or an address: the way back."""
    found = []
    for key, wanted in narrowed.items():
        for one in wanted if isinstance(wanted, list | tuple) else [wanted]:
            found.append((f"f_{key}", str(int(one)) if isinstance(one, bool) else str(one)))
    return found


class LedgerForm(Form):
    key = KeyField()
    source = HiddenField()
    version = IntegerField(default=1)
    title = TextField(N_("台账名称"), longest=50, validators=[DataRequired(N_("请给台账起个名字。"))])
    columns = SelectMultipleField(
        N_("要哪些列"), validate_choice=False, validators=[DataRequired(N_("请至少选一列。"))]
    )
    period = RadioField(
        N_("按什么时间看"),
        choices=lambda: [SelectChoice(kind, _(PERIOD_WORDS[kind])) for kind in KINDS],
        default="",
        validate_choice=False,
    )
    signatures = TextField(N_("谁签字（用顿号隔开）"), longest=60)

    def offer(self, source: Source) -> "LedgerForm":
        self.offered = source
        self.source.data = source.key
        self.columns.choices = [SelectChoice(column.key, _(column.label)) for column in source.columns]
        return self

    def validate_columns(self, field: Any) -> None:
        if any(key not in self.offered.by_key for key in field.data or ()):
            raise ValidationError(_("请从列表里选。"))

    def show(self, row: LedgerDefinition) -> "LedgerForm":
        """As it is now, where nothing was typed."""
        self.title.data, self.columns.data, self.version.data = row.title, list(row.columns), row.version
        self.period.data, self.signatures.data = row.period or "", "、".join(row.signatures)
        return self

    def entry(self, narrowed: dict[str, Any], said: Mapping[str, Any]) -> DefinitionEntry:
        chosen = set(self.columns.data or ())
        timed = self.offered.at is not None and self.period.data in KINDS
        return DefinitionEntry(
            title=self.title.data or "",
            source=self.offered.key,
            columns=tuple(column.key for column in self.offered.columns if column.key in chosen),
            filter=narrowed,
            period=self.period.data if timed else None,
            signatures=self._signatures(),
            slip=Slip(self.key.data, fingerprint(said)),
            version=self.version.data or 0,
        )

    def _signatures(self) -> tuple[str, ...]:
        parts = (self.signatures.data or "").replace(",", "、").replace("，", "、").split("、")
        return tuple(part.strip() for part in parts if part.strip())[:MOST_SIGNATURES]
