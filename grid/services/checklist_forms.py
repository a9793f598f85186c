"""A checklist as it is typed: one sentence per line."""

from wtforms import ValidationError
from wtforms.fields import HiddenField
from wtforms.validators import DataRequired

from grid.core.forms import LINE, CodeField, Form, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.services.checklist_actions import ChecklistEntry
from grid.services.models import Checklist

MOST_ITEMS = 60


class ItemsField(NoteField):
    """Lines; `lines` are those with something on them."""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in (self.data or "").split("\n") if line.strip())

    def pre_validate(self, form: object) -> None:
        if not self.lines:
            raise ValidationError(_("请至少写一项，一行一项。"))
        if len(self.lines) > MOST_ITEMS:
            raise ValidationError(_("最多 %(n)s 项，请拆成两份。", n=MOST_ITEMS))
        for number, line in enumerate(self.lines, start=1):
            if len(line) > LINE:
                raise ValidationError(_("第 %(no)s 项太长，最多 %(n)s 个字。", no=number, n=LINE))


class ChecklistForm(Form):
    version = HiddenField()
    kind = CodeField(N_("检查类别"), "inspection_kind", needed=True)
    site_kind = CodeField(N_("只用于哪类场所"), "site_kind")
    title = TextField(N_("检查表名称"), longest=50, validators=[DataRequired(N_("请写检查表的名称。"))])
    items = ItemsField(N_("检查项目"), render_kw={"rows": 10})

    @classmethod
    def of(cls, checklist: Checklist) -> "ChecklistForm":
        return cls(
            formdata=None,
            version=str(checklist.version),
            kind=checklist.kind,
            site_kind=checklist.site_kind,
            title=checklist.title,
            items="\n".join(checklist.items),
        )

    @property
    def seen(self) -> int:
        """The version this page was opened at."""
        return int(self.version.data) if str(self.version.data or "").isdecimal() else 0

    def entry(self) -> ChecklistEntry:
        return ChecklistEntry(self.kind.data, self.title.data or "", self.items.lines, self.site_kind.data)
