"""A duty of the year plan as somebody types it, and the tick that it was done."""

import re
from datetime import date
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange

from grid.accounts.receipts import Slip, fingerprint
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.ledgers.duty_counting import COUNTABLE, key_of
from grid.ledgers.duty_template import DutyEntry
from grid.ledgers.models import YearDuty

LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(\d{4}-\d{2}-\d{2})(?:\s+(.{1,30}))?")
MOST_DATES, MOST_TIMES = 60, 99


def months() -> list[SelectChoice]:
    return [SelectChoice(str(n), _("%(month)s 月", month=n)) for n in range(1, 13)]


def countable() -> list[SelectChoice]:
    chosen = (SelectChoice(key, _(words)) for key, (words, _spec) in COUNTABLE.items())
    return [SelectChoice("", _("做完手工打勾")), *chosen]


class DatesField(NoteField):
    """A stretch of days on each line: first day, last day, name."""

    def pairs(self) -> list[list[str]]:
        return [[start, end, name or ""] for start, end, name in self._found()]

    def _found(self) -> list[tuple[str, str, str]]:
        lines = [line.strip() for line in (self.data or "").splitlines() if line.strip()]
        return [(m[1], m[2], m[3]) for line in lines if (m := LINE.fullmatch(line))]

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        lines = [line.strip() for line in (self.data or "").splitlines() if line.strip()]
        if len(lines) > MOST_DATES:
            raise ValidationError(_("太多了，最多 %(n)s 行。", n=MOST_DATES))
        for line in lines:
            if not _is_stretch(line, form.year):
                raise ValidationError(
                    _("“%(line)s”不对：每行写开始日期、结束日期和名称，用空格隔开，日期在这一年里。", line=line[:30])
                )


def _is_stretch(line: str, year: int) -> bool:
    found = LINE.fullmatch(line)
    if found is None:
        return False
    try:
        start, end = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    except ValueError:
        return False
    # It may begin in the last days of the year before: an inspection before New Year's Day.
    return start <= end and end.year == year and start.year in (year, year - 1)


class DutyForm(Form):
    key = KeyField()
    version = HiddenField()
    title = TextField(N_("做什么"), longest=80, validators=[DataRequired()])
    plan = TextField(N_("出自哪个计划"), longest=10)
    rhythm = CodeField(N_("多久一次"), "rhythm", needed=True)
    months = SelectMultipleField(N_("哪几个月"), choices=months, validate_choice=False)
    dates = DatesField(N_("哪些日期"), render_kw={"rows": 6})
    times = IntegerField(
        N_("每次做几回"),
        default=1,
        validators=[DataRequired(), NumberRange(1, MOST_TIMES, N_("请填 1 到 99 之间的整数。"))],
        render_kw={"inputmode": "numeric"},
    )
    counted = SelectField(N_("怎样算做了"), choices=countable, validate_choice=False)
    year = 0

    def validate_months(self, field: Any) -> None:
        if any(not (one.isdecimal() and 1 <= int(one) <= 12) for one in field.data or []):
            raise ValidationError(_("请从列表里选一项。"))

    def validate_dates(self, field: Any) -> None:
        if self.rhythm.data == "dates" and not field.data:
            raise ValidationError(_("“按日期”要写明日期，每行一段。"))

    def validate_counted(self, field: Any) -> None:
        if field.data and field.data not in COUNTABLE:
            raise ValidationError(_("请从列表里选一项。"))

    def fill(self, duty: YearDuty) -> "DutyForm":
        self.version.data = str(duty.version)
        self.title.data, self.plan.data, self.rhythm.data = duty.title, duty.plan, duty.rhythm
        self.months.data = [str(month) for month in duty.months or ()]
        self.dates.data = "\n".join(" ".join(part for part in one if part) for one in duty.dates or ())
        self.times.data, self.counted.data = duty.times, key_of(duty.counted)
        return self

    def entry(self) -> DutyEntry:
        """Months and dates only where the rhythm asks for them."""
        rhythm = str(self.rhythm.data)
        chosen = sorted({int(one) for one in self.months.data or []})
        key = self.counted.data
        return DutyEntry(
            title=str(self.title.data),
            rhythm=rhythm,
            plan=self.plan.data,
            counted=COUNTABLE[key][1] if key else None,
            months=chosen if chosen and len(chosen) < 12 and rhythm not in ("dates", "year") else None,
            dates=self.dates.pairs() if rhythm == "dates" else None,
            times=int(self.times.data or 1),
        )

    @property
    def read_version(self) -> int:
        given = str(self.version.data or "")
        return int(given) if given.isdecimal() and len(given) < 9 else 0

    def slip(self, words: Any) -> Slip:
        return Slip(str(self.key.data), fingerprint(words))


class TickForm(Form):
    period_on = DayField(N_("哪一段"), validators=[DataRequired()])
    on = DayField(N_("哪天做的"), validators=[DataRequired()])
    note = TextField(N_("说明"), longest=200)

    @property
    def first_day(self) -> date:
        assert self.period_on.data
        return self.period_on.data

    @property
    def day(self) -> date:
        assert self.on.data
        return self.on.data
