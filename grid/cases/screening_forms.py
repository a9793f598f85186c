"""What a worker tells of a week's screening: nothing found with one tap, or what was."""

from typing import Any

from wtforms import BooleanField, ValidationError

from grid.accounts.receipts import fingerprint
from grid.cases.screening_actions import ScreeningEntry
from grid.core.forms import Form, KeyField, NoteField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.periods import Period


class ScreeningForm(Form):
    key = KeyField()
    is_zero = BooleanField(N_("零报告"))
    content = NoteField(N_("发现了什么"), longest=500)

    def validate_content(self, field: Any) -> None:
        if not self.is_zero.data and not field.data:
            raise ValidationError(_("请写发现了什么；什么都没有，就按零报告。"))

    def entry(self, words: dict[str, Any], community_id: int, block_id: int | None, week: Period) -> ScreeningEntry:
        content = None if self.is_zero.data else self.content.data
        return ScreeningEntry(community_id, block_id, week, content, self.key.data, fingerprint(words))
