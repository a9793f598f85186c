"""What an administrator types of targets and of figures from elsewhere. Rates are typed as percents."""

from collections.abc import Mapping
from typing import Any

from wtforms import FloatField, HiddenField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import today
from grid.core.forms import DayField, Form, KeyField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.ledgers.indicators import INDICATORS, RATE
from grid.ledgers.models import Target
from grid.ledgers.target_actions import HandEntry, TargetEntry

COMPARATORS = (("at_least", N_("不低于")), ("at_most", N_("不高于")), ("equal", N_("等于")))
A_NUMBER = InputRequired(N_("请填数字。"))
# Nothing a community counts is more.
MOST = 1_000_000_000


def _indicators(are_typed: bool | None = None) -> list[SelectChoice]:
    kept = [one for one in INDICATORS.values() if are_typed is None or one.is_typed == are_typed]
    return [SelectChoice("", "—"), *(SelectChoice(one.key, _unit(one.key)) for one in kept)]


def _unit(key: str) -> str:
    """The title, with what is to be typed: % or what is counted."""
    one = INDICATORS[key]
    return f"{_(one.title)} ({'%' if one.unit == RATE else _(one.noun)})"


def _finite(value: float | None) -> bool:
    return value is not None and 0 <= value <= MOST


class TargetForm(Form):
    key = KeyField()
    version = HiddenField()
    indicator = SelectField(N_("指标"), choices=_indicators, validate_choice=False)
    plan = TextField(N_("哪一份计划"), 10, validators=[DataRequired(N_("请填写计划的编号，例如 9。"))])
    comparator = RadioField(
        N_("要求"),
        choices=lambda: [(code, _(word)) for code, word in COMPARATORS],
        default="at_least",
        validate_choice=False,
    )
    value = FloatField(N_("目标值"), validators=[A_NUMBER])
    words = TextField(N_("计划里怎么说"), 100)

    def validate_indicator(self, field: Any) -> None:
        if field.data not in INDICATORS:
            raise ValidationError(_("请选一个指标。"))

    def validate_comparator(self, field: Any) -> None:
        if field.data not in dict(COMPARATORS):
            raise ValidationError(_("请从列表里选一项。"))

    def validate_value(self, field: Any) -> None:
        if not _finite(field.data):
            raise ValidationError(_("请填 0 或更大的数字。"))
        found = INDICATORS.get(self.indicator.data)
        if found and found.unit == RATE and field.data > 100:
            raise ValidationError(_("比率填百分数，最多 100。"))

    def entry(self) -> TargetEntry:
        is_rate = INDICATORS[self.indicator.data].unit == RATE
        value = float(self.value.data or 0)
        return TargetEntry(
            self.indicator.data,
            str(self.plan.data),
            self.comparator.data,
            round(value / 100, 6) if is_rate else value,
            self.words.data,
        )

    def slip(self, said: Mapping[str, Any]) -> Slip:
        return Slip(str(self.key.data), fingerprint(said))

    @property
    def seen_version(self) -> int:
        said = str(self.version.data or "")
        return int(said) if said.isdecimal() and len(said) < 10 else 0


def form_of(target: Target, key: str) -> TargetForm:
    """A target as it is typed: 95 instead of 0.95."""
    found = INDICATORS.get(target.indicator)
    shown = round(100 * target.value, 4) if found and found.unit == RATE else target.value
    return TargetForm(
        formdata=None,
        key=key,
        version=target.version,
        indicator=target.indicator,
        plan=target.plan,
        comparator=target.comparator,
        value=int(shown) if float(shown).is_integer() else shown,
        words=target.words,
    )


class HandForm(Form):
    key = KeyField()
    indicator = SelectField(N_("指标"), choices=lambda: _indicators(True), validate_choice=False)
    as_of = DayField(N_("截至哪天"), validators=[DataRequired(N_("请填日期。"))])
    numerator = FloatField(N_("达到的数"), validators=[A_NUMBER])
    # Checked by hand: a field that may be empty has no other way to say that it must not be here.
    denominator = TextField(N_("总数"), 20)
    origin = TextField(N_("数字从哪里来"), 100, validators=[DataRequired(N_("请写明是哪个单位、哪份表给的。"))])

    def validate_indicator(self, field: Any) -> None:
        if field.data not in INDICATORS or not INDICATORS[field.data].is_typed:
            raise ValidationError(_("请选一个指标。"))

    def validate_as_of(self, field: Any) -> None:
        if field.data > today():
            raise ValidationError(_("这一天还没到。"))

    def validate_numerator(self, field: Any) -> None:
        if not _finite(field.data):
            raise ValidationError(_("请填 0 或更大的数字。"))

    def validate_denominator(self, field: Any) -> None:
        found = INDICATORS.get(self.indicator.data)
        if found is None or found.unit != RATE:
            return
        if not _finite(self.whole) or not self.whole:
            raise ValidationError(_("比率要有总数，请填大于 0 的数字。"))
        if self.numerator.data is not None and self.numerator.data > self.whole:
            raise ValidationError(_("达到的数不能比总数大。"))

    @property
    def whole(self) -> float | None:
        try:
            return float(self.denominator.data or "")
        except ValueError:
            return None

    def entry(self, said: Mapping[str, Any]) -> HandEntry:
        is_rate = INDICATORS[self.indicator.data].unit == RATE
        return HandEntry(
            Slip(str(self.key.data), fingerprint(said)),
            self.indicator.data,
            self.as_of.data or today(),
            float(self.numerator.data or 0),
            self.whole if is_rate else None,
            self.origin.data,
        )
