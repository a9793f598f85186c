"""What is asked before a contact list is printed."""

from typing import Any

from wtforms import RadioField

from grid.core.forms import Form, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.documents.contacts_paper import PHONES, needs_reason, reason_refused

SHOWN = {"masked": N_("隐去中间几位"), "full": N_("完整电话，写明用途")}


class ContactsForm(Form):
    phones = RadioField(
        N_("电话"), choices=lambda: [(key, _(SHOWN[key])) for key in PHONES], default="masked", validate_choice=False
    )
    reason = TextField(N_("用途"), longest=200)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and needs_reason(self.options()):
            self.blame(reason_refused())
            return False
        return good

    def options(self) -> dict[str, str]:
        """As the paper takes them; whatever is not asked for whole is masked."""
        return {"phones": "full" if self.phones.data == "full" else "masked", "reason": self.reason.data or ""}
