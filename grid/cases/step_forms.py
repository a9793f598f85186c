"""What a worker types about one step of a case: a small form for each kind, `FORMS[kind]`."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from grid.cases.step_actions import StepEntry
from grid.core.clock import made_at, today
from grid.core.forms import CodeField, DayField, Form, NoteField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.visits.forms import MomentField

_ROWS = {"rows": 2}


def _needed(label: str) -> NoteField:
    return NoteField(label, longest=500, validators=[DataRequired(N_("请写一句。"))], render_kw=_ROWS)


class StepForm(Form):
    """`kind` is a step_kind."""

    kind = ""
    at = MomentField(N_("什么时候"))

    def offer(self, people: Sequence[tuple[int, str, str]]) -> "StepForm":
        """Who it may be given to."""
        return self

    def validate_revisit_on(self, field: Any) -> None:
        if field.data and field.data < today():
            raise ValidationError(_("回访的日子已经过了，请写今天或以后。"))

    def entry(self) -> StepEntry:
        told = {name: f.data for name, f in self._fields.items() if name not in ("at", "to")}
        return StepEntry(self.kind, at=self.at.data or made_at(), **told)


class NoteForm(StepForm):
    kind = "note"
    content = _needed(N_("做了什么"))


class MediationForm(StepForm):
    kind = "mediation"
    method = CodeField(N_("调解方式"), "mediation_method", needed=True)
    outcome = CodeField(N_("调解结果"), "mediation_outcome", needed=True)
    content = NoteField(N_("谈了什么"), longest=500, render_kw=_ROWS)
    revisit_on = DayField(N_("哪天回访"))


class HandUpForm(StepForm):
    kind = "hand_up"
    content = _needed(N_("为什么上报"))


class HandDownForm(StepForm):
    kind = "hand_down"
    content = _needed(N_("交办什么"))


class AssignForm(StepForm):
    kind = "assign"
    to = SelectField(N_("交给谁"), choices=[], coerce=str, validate_choice=False)
    content = NoteField(N_("交代几句"), longest=500, render_kw=_ROWS)
    people: Sequence[tuple[int, str, str]] = ()

    def offer(self, people: Sequence[tuple[int, str, str]]) -> "StepForm":
        self.people = people
        self.to.choices = [SelectChoice("", "—"), *(SelectChoice(id_, name) for _n, id_, name in people)]
        return self

    def validate_to(self, field: Any) -> None:
        if self._to_id is None:
            raise ValidationError(_("请选一项。"))

    @property
    def _to_id(self) -> int | None:
        return next((n for n, id_, _name in self.people if id_ == self.to.data), None)

    def entry(self) -> StepEntry:
        return StepEntry(self.kind, self.content.data, self.at.data or made_at(), to_id=self._to_id)


class RevisitForm(StepForm):
    kind = "revisit"
    satisfaction = CodeField(N_("满意度"), "satisfaction", needed=True)
    content = NoteField(N_("怎么说的"), longest=500, render_kw=_ROWS)
    revisit_on = DayField(N_("下次回访"))


class EndForm(StepForm):
    kind = "close"
    content = _needed(N_("结果"))
    revisit_on = DayField(N_("哪天回访"))


class ReopenForm(StepForm):
    kind = "reopen"
    content = _needed(N_("为什么重新办理"))


FORMS: dict[str, type[StepForm]] = {
    form.kind: form
    for form in (NoteForm, MediationForm, HandUpForm, HandDownForm, AssignForm, RevisitForm, EndForm, ReopenForm)
}


def step_form(kind: str, typed: bool) -> Any:
    """The form of a kind, with what was posted to it or empty. Several stand on one page, so each has a prefix."""
    form = FORMS[kind]
    return form(prefix=kind) if typed else form(formdata=None, prefix=kind)
