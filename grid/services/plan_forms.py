"""What is written into the plan of a week: lines, whether they are done, and new ones, one a line."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, FieldList, FormField, IntegerField, ValidationError
from wtforms.validators import InputRequired

from grid.core.forms import LINE, Form, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.services.models import WorkPlan, WorkPlanItem
from grid.services.plan_actions import MOST_LINES, LineEntry, PlanEntry


class LineForm(Form):
    words = TextField(N_("要做的事"))
    is_done = BooleanField(N_("做完了"))
    note = TextField(N_("说明"))

    def entry(self) -> LineEntry:
        return LineEntry(self.words.data or "", bool(self.is_done.data), self.note.data)


class PlanForm(Form):
    version = IntegerField(validators=[InputRequired()])
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)
    more = NoteField(N_("这周还要做什么"), render_kw={"rows": 4})

    def validate_more(self, field: Any) -> None:
        if any(len(line) > LINE for line in self._more):
            raise ValidationError(_("有一行太长了，每行最多 %(n)s 个字。", n=LINE))

    @property
    def _more(self) -> tuple[str, ...]:
        """Numbers and dots that somebody put before a line are not part of it."""
        lines = (line.strip().lstrip("0123456789.、）)· ").strip() for line in (self.more.data or "").split("\n"))
        return tuple(line for line in lines if line)

    def entry(self, monday: date, hands_in: bool) -> PlanEntry:
        lines = tuple(line.form.entry() for line in self.lines)
        return PlanEntry(monday, self.version.data or 0, lines, self._more, hands_in)


def plan_form(plan: WorkPlan | None, lines: Sequence[WorkPlanItem]) -> PlanForm:
    return PlanForm(formdata=None, version=plan.version if plan else 0, lines=lines)


class RemarkForm(Form):
    remark = NoteField(N_("批注"), longest=300, render_kw={"rows": 2})
