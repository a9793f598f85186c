"""What is typed into the floating register."""

from dataclasses import fields
from datetime import date

from wtforms import BooleanField, IntegerField
from wtforms.validators import DataRequired, InputRequired

from grid.core.clock import today
from grid.core.forms import CodeField, DayField, Form, IdNumberField, TextField
from grid.core.i18n import N_
from grid.register.models import Floating
from grid.tags.floating_actions import FloatingEntry, RenewalEntry

PERMIT_NO_LONGEST = 22


class FloatingForm(Form):
    version = IntegerField(validators=[InputRequired()])
    direction = CodeField(N_("流动方向"), "direction", needed=True, default="in")
    reason = CodeField(N_("流入原因"), "inflow_reason")
    # Of somebody who went; the page shows the one that goes with the direction, and only that one counts.
    outflow = CodeField(N_("流出原因"), "outflow_reason")
    permit_kind = CodeField(N_("证件"), "permit_type")
    permit_no = IdNumberField(N_("证件编号"), longest=PERMIT_NO_LONGEST)
    remove_permit_no = BooleanField(N_("删掉现在的证件编号"))
    registered_on = DayField(N_("登记日期"))
    expires_on = DayField(N_("有效期到"))
    dwelling_kind = CodeField(N_("住所类型"), "dwelling_type")
    employed_by = TextField(N_("用工单位"), longest=100)
    rented_by = TextField(N_("出租人"), longest=100)
    went_to = TextField(N_("去向"), longest=100)
    left_on = DayField(N_("离开日期"))
    # Of somebody who came.
    left_reason = CodeField(N_("离开原因"), "outflow_reason")

    def entry(self, held: Floating | None) -> FloatingEntry:
        """The number is never sent to the page: an empty field keeps it, a tick takes it away."""
        given = {f.name: self[f.name].data for f in fields(FloatingEntry)}
        kept = held.permit_no if held and not self.remove_permit_no.data else None
        given["permit_no"] = given["permit_no"] or kept
        if given["direction"] == "out":
            given |= {"reason": self.outflow.data, "left_reason": None}
        return FloatingEntry(**given)


class RenewalForm(Form):
    version = IntegerField(validators=[InputRequired()])
    permit_kind = CodeField(N_("证件"), "permit_type", needed=True)
    permit_no = IdNumberField(N_("新的证件编号"), longest=PERMIT_NO_LONGEST)
    registered_on = DayField(N_("续办日期"), validators=[DataRequired(N_("请填写续办的日期。"))])
    expires_on = DayField(N_("有效期到"), validators=[DataRequired(N_("请填写新的有效期。"))])

    def entry(self, held: Floating | None) -> RenewalEntry:
        """Without a new number the old one goes on: some are only stamped again."""
        number = self.permit_no.data or (held.permit_no if held else None)
        begun, ends = self.registered_on.data, self.expires_on.data
        assert begun and ends
        return RenewalEntry(self.permit_kind.data, number, begun, ends)


class LeavingForm(Form):
    version = IntegerField(validators=[InputRequired()])
    left_on = DayField(N_("离开日期"), validators=[DataRequired(N_("请填写离开的日期。"))])
    left_reason = CodeField(N_("离开原因"), "outflow_reason")

    def day(self) -> date:
        assert self.left_on.data
        return self.left_on.data


def floating_form(held: Floating | None, **known: str | None) -> FloatingForm:
    """Filled in with the open row; else with what the register knows of employer and landlord."""
    if held is None:
        return FloatingForm(formdata=None, version=0, registered_on=today(), **known)
    form = FloatingForm(formdata=None, obj=held)
    form.permit_no.data = None
    if held.direction == "out":
        form.reason.data, form.outflow.data = None, held.reason
    return form


def renewal_form(held: Floating) -> RenewalForm:
    kind = held.permit_kind or "01"
    return RenewalForm(formdata=None, version=held.version, permit_kind=kind, registered_on=today())


def leaving_form(held: Floating) -> LeavingForm:
    return LeavingForm(formdata=None, version=held.version, left_on=today())
