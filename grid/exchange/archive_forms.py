"""What is asked of whoever takes a community's archive: why, and a passphrase twice; of its map only why."""

from typing import Self

from wtforms import PasswordField
from wtforms.validators import EqualTo, Length

from grid.core.forms import Form, TextField
from grid.core.i18n import N_
from grid.exchange.archive_sealing import SHORTEST

NEW = {"autocomplete": "new-password"}
MISSING = N_("请写明用途，至少 4 个字，会记入日志。")


class MapForm(Form):
    reason = TextField(N_("导出做什么用"), longest=200, validators=[Length(min=4, message=MISSING)])


class ArchiveForm(MapForm):
    passphrase = PasswordField(
        N_("给档案包定一个口令"),
        validators=[Length(min=SHORTEST, max=200, message=N_("口令至少 8 个字。"))],
        render_kw=NEW,
    )
    again = PasswordField(
        N_("再输一次口令"), validators=[EqualTo("passphrase", N_("两次输入的口令不一样。"))], render_kw=NEW
    )

    def only(self, takes: bool, knows_why: bool) -> Self:
        """Without what is not asked now: the passphrase is for whoever takes the file, the reason was said before."""
        if not takes:
            del self.passphrase, self.again
        if knows_why:
            del self.reason
        return self
