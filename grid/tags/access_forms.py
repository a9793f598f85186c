"""Why somebody must see restricted tags."""

from typing import Any

from grid.core.codes import CODES
from grid.core.forms import CodeField, Form, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _

SHORTEST, LONGEST = 4, 60


class AskForm(Form):
    """A choice, words, or both: together at least four characters."""

    why = CodeField(N_("因为什么工作"), "access_reason")
    words = TextField(N_("具体说明"), longest=LONGEST)

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if fine and (not self.said or len(self.words.data or "") < SHORTEST) and self.why.data in (None, "other"):
            self.words.errors = [_("请写明原因，至少 4 个字，会记入日志。")]
            return False
        return bool(fine)

    @property
    def said(self) -> str:
        """What the log keeps."""
        chosen = CODES["access_reason"].text(self.why.data) if self.why.data != "other" else ""
        return "：".join(part for part in (chosen, self.words.data) if part)
