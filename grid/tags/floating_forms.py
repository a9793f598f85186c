"""What is typed into the floating register."""

from dataclasses import fields

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from grid.core.forms import CodeField, DayField, Form, IdNumberField, TextField
from grid.core.i18n import N_
from grid.register.models import Floating
from grid.tags.floating_actions import FloatingEntry


class FloatingForm(Form):
    version = IntegerField(validators=[InputRequired()])
    direction = CodeField(N_("流动方向"), "direction", needed=True, default="in")
    reason = CodeField(N_("流动原因"), "inflow_reason")
    permit_kind = CodeField(N_("证件"), "permit_type")
    permit_no = IdNumberField(N_("证件编号"), longest=22)
    remove_permit_no = BooleanField(N_("删掉现在的证件编号"))
    registered_on = DayField(N_("登记日期"))
    expires_on = DayField(N_("有效期到"))
    dwelling_kind = CodeField(N_("住所类型"), "dwelling_type")
    employed_by = TextField(N_("用工单位"), longest=100)
    rented_by = TextField(N_("出租人"), longest=100)
    left_on = DayField(N_("离开日期"))

    def entry(self, held: Floating | None) -> FloatingEntry:
        """The number is never sent to the page: an empty field keeps it, a tick takes it away."""
        given = {f.name: self[f.name].data for f in fields(FloatingEntry)}
        kept = held.permit_no if held and not self.remove_permit_no.data else None
        given["permit_no"] = given["permit_no"] or kept
        return FloatingEntry(**given)


def floating_form(held: Floating | None) -> FloatingForm:
    if held is None:
        return FloatingForm(formdata=None, version=0)
    form = FloatingForm(formdata=None, obj=held)
    form.permit_no.data = None
    return form
