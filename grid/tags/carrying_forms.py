"""What is typed about a tag that somebody carries: the same of every tag, and the fields of its own."""

from typing import Any, cast

from wtforms import HiddenField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import today
from grid.core.forms import DayField, Form, KeyField, TextField, YesNoField, new_key
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.forms import NumberField
from grid.register.models import PersonTag, Tag
from grid.tags.carrying_actions import CarryEntry, mark_of
from grid.tags.own_fields import stored, typed

NEEDED = N_("请填写这一项。")


class CarryForm(Form):
    """`tag` is whose fields it has."""

    key = KeyField()
    mark = HiddenField()
    since = DayField(N_("开始日期"))
    source = TextField(N_("从哪里知道的"), longest=50)
    carer = TextField(N_("联系人"), longest=50)
    tag: Tag

    @property
    def own(self) -> list[Any]:
        return [self[_name(field)] for field in self.tag.fields or ()]

    def entry(self) -> CarryEntry:
        own = {field["key"]: stored(self[_name(field)].data) for field in self.tag.fields or ()}
        filled = {key: value for key, value in own.items() if value is not None}
        return CarryEntry(self.since.data, self.source.data, self.carer.data, filled)

    def slip(self, words: dict[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(words))


class TakeOffForm(Form):
    until = DayField(N_("取下日期"), validators=[DataRequired(N_("请填写取下的日期。"))])


def form_for(tag: Tag) -> type[CarryForm]:
    """The form with the fields that the definition says."""
    own = {_name(field): _field(field) for field in tag.fields or ()}
    return cast(type[CarryForm], type("OwnForm", (CarryForm,), {"tag": tag, **own}))


def give_form(tag: Tag) -> CarryForm:
    return form_for(tag)(formdata=None, key=new_key(), since=today())


def edit_form(tag: Tag, carrying: PersonTag) -> CarryForm:
    own = {_name(field): typed(field, carrying.attrs) for field in tag.fields or ()}
    return form_for(tag)(formdata=None, obj=carrying, key=new_key(), mark=mark_of(carrying), **own)


def take_off_form() -> TakeOffForm:
    return TakeOffForm(formdata=None, until=today())


def _name(field: Any) -> str:
    return f"own_{field['key']}"


def _field(field: Any) -> Any:
    label, needed = field["label"], field["needed"]
    match field["kind"]:
        case "number":
            limits = NumberRange(-1e12, 1e12, N_("请填数字。"))
            return NumberField(label, places=None, validators=[InputRequired(NEEDED) if needed else Optional(), limits])
        case "date":
            return DayField(label, validators=_asked(needed))
        case "yes_no":
            return YesNoField(label, validators=_answered(needed))
        case "choice":
            return _choice(label, field["choices"], needed)
    return TextField(label, longest=100, validators=_asked(needed))


def _asked(needed: bool) -> list[Any]:
    return [DataRequired(NEEDED)] if needed else []


def _answered(needed: bool) -> list[Any]:
    def is_said(form: Any, field: Any) -> None:
        if field.data is None:
            raise ValidationError(_("请选一项。"))

    return [is_said] if needed else []


def _choice(label: str, choices: list[str], needed: bool) -> Any:
    def is_known(form: Any, field: Any) -> None:
        if field.data is not None and field.data not in choices:
            raise ValidationError(_("请从列表里选一项。"))

    offered = [SelectChoice("", "—"), *(SelectChoice(choice, _(choice)) for choice in choices)]
    return SelectField(
        label,
        choices=offered,
        coerce=lambda value: value if value not in ("", "None", None) else None,
        validate_choice=False,
        validators=[is_known, *_answered(needed)],
    )
