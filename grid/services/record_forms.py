"""What is typed about a service: for whom, what, how it ended, what was given."""

from typing import Any

from wtforms import DecimalField
from wtforms.fields import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange, Optional

from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import today
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.register.queries import Resident
from grid.services.record_actions import RecordEntry

MOST_YUAN = 9_999_999


class RecordForm(Form):
    key = KeyField()
    kind = CodeField(N_("服务类别"), "service_kind", needed=True)
    person = RadioField(N_("为谁"), choices=[], validate_choice=False)
    content = NoteField(N_("做了什么"), longest=500, validators=[DataRequired(N_("请写一句做了什么。"))])
    outcome = CodeField(N_("结果"), "service_outcome", needed=True, default="done")
    on = DayField(N_("哪一天"), validators=[DataRequired(N_("请选日期。"))])
    amount = DecimalField(
        N_("金额（元）"),
        validators=[Optional(), NumberRange(0, MOST_YUAN, N_("请填 0 到 9999999 之间的数。"))],
        render_kw={"inputmode": "decimal"},
    )
    gift = TextField(N_("慰问品"), longest=60)

    def offer(self, residents: list[Resident]) -> "RecordForm":
        """Whoever lives there; anybody else is passed over."""
        self.ids = {r.person.public_id: r.person.id for r in residents}
        self.person.choices = [SelectChoice(r.person.public_id, r.person.name) for r in residents]
        return self

    def slip(self, words: dict[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(words))

    def entry(self) -> RecordEntry:
        return RecordEntry(
            kind=self.kind.data,
            on=self.on.data or today(),
            content=self.content.data or "",
            outcome=self.outcome.data,
            person_id=self.ids.get(self.person.data or ""),
            amount=None if self.amount.data is None else round(float(self.amount.data), 2),
            gift=self.gift.data,
        )
