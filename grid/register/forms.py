"""What is typed about a door, a person, a move."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DecimalField, HiddenField, IntegerField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from grid.accounts.receipts import fingerprint
from grid.core.clock import today
from grid.core.forms import (
    CodeField,
    DayField,
    Form,
    IdNumberField,
    KeyField,
    NoteField,
    PhoneField,
    TextField,
    YesNoField,
)
from grid.core.i18n import N_, _
from grid.register.actions import MOVE_HERE, HouseholdEntry, MoveInEntry, MoveOutEntry, PersonEntry
from grid.register.models import Household, Person, Tag
from grid.register.queries import Resident


class NumberField(DecimalField):
    """A number one can measure: Python also reads NaN and Infinity."""

    data: Decimal | None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(_("请填数字。"))


class HouseholdForm(Form):
    key = KeyField()
    version = IntegerField(validators=[InputRequired()])
    use = CodeField(N_("用途"), "use", needed=True)
    occupancy = CodeField(N_("房屋状态"), "occupancy")
    layout = TextField(N_("户型"), longest=20)
    area = NumberField(
        N_("面积（平方米）"),
        validators=[Optional(), NumberRange(0, 99999, N_("面积要在 0 到 99999 平方米之间。"))],
    )
    owner_name = TextField(N_("房主姓名"), longest=50)
    owner_phone = PhoneField(N_("房主电话"), longest=60)
    rental_use = CodeField(N_("出租用途"), "rental_use")
    landlord_duty = YesNoField(N_("签了出租责任书"))
    contact_name = TextField(N_("联系人"), longest=50)
    contact_phone = PhoneField(N_("联系人电话"), longest=60)
    emergency_name = TextField(N_("紧急联系人"), longest=50)
    emergency_phone = PhoneField(N_("紧急联系人电话"), longest=60)
    family_kind = CodeField(N_("家庭类别"), "family_kind")
    safe_family = YesNoField(N_("平安家庭"))
    filed_on = DayField(N_("建档日期"))
    verified_on = DayField(N_("核实日期"))
    note = NoteField(N_("备注"))

    GROUPS = (
        (N_("房屋"), ("use", "occupancy", "layout", "area", "rental_use", "landlord_duty")),
        (N_("房主与联系人"), ("owner_name", "owner_phone", "contact_name", "contact_phone",
                         "emergency_name", "emergency_phone")),
        (N_("档案"), ("family_kind", "safe_family", "filed_on", "verified_on", "note")),
    )  # fmt: skip

    def entry(self) -> HouseholdEntry:
        given = {f.name: self[f.name].data for f in fields(HouseholdEntry)}
        given["area"] = float(given["area"]) if given["area"] is not None else None
        return HouseholdEntry(**given)


class BirthField(DayField):
    """A day on which somebody was born: not one to come."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data and self.data > today():
            raise ValueError(_("出生日期还没到，请核对。"))


class PersonForm(Form):
    key = KeyField()
    version = IntegerField(validators=[InputRequired()])
    name = TextField(N_("姓名"), longest=50, validators=[DataRequired(N_("请填写姓名。"))])
    former_name = TextField(N_("曾用名"), longest=50)
    id_kind = CodeField(N_("证件种类"), "id_type")
    id_no = IdNumberField(N_("证件号码"), longest=40)
    sex = CodeField(N_("性别"), "sex")
    birth = BirthField(N_("出生日期"))
    phone = PhoneField(N_("电话"), longest=60)
    population_kind = CodeField(N_("人口类别"), "population_kind")
    residency_match = CodeField(N_("人户一致"), "residency_match")
    hukou_region = TextField(N_("户籍地区划代码"), longest=6)
    hukou_address = TextField(N_("户籍地址"), longest=200)
    ethnic = CodeField(N_("民族"), "ethnic")
    marital = CodeField(N_("婚姻状况"), "marital")
    political = CodeField(N_("政治面貌"), "political")
    education = CodeField(N_("学历"), "education")
    occupation = TextField(N_("职业"), longest=50)
    employer = TextField(N_("工作单位"), longest=100)
    health = CodeField(N_("健康状况"), "health")
    note = NoteField(N_("备注"))
    remove_id_no = BooleanField(N_("删掉现在的证件号码"))
    tags = SelectMultipleField(N_("标签"), choices=[], coerce=int, validate_choice=False)

    GROUPS = (
        (N_("常用"), ("name", "phone", "sex", "birth", "id_no", "id_kind", "population_kind")),
        (N_("户籍"), ("hukou_address", "hukou_region", "residency_match", "former_name")),
        (N_("其他"), ("ethnic", "marital", "political", "education", "occupation", "employer", "health", "note")),
    )

    def offer(self, tags: list[Tag]) -> "PersonForm":
        self.tags.choices = [SelectChoice(str(tag.id), _(tag.label)) for tag in tags]
        return self

    def entry(self, person: Person) -> PersonEntry:
        """The number is never sent to the page: an empty field keeps it, a tick takes it away."""
        given = {f.name: self[f.name].data for f in fields(PersonEntry)}
        given["id_no"] = None if self.remove_id_no.data else given["id_no"] or person.id_no
        return PersonEntry(**given)


class MoveInForm(Form):
    key = KeyField()
    name = TextField(N_("姓名"), longest=50, validators=[DataRequired(N_("请填写姓名。"))])
    from_on = DayField(N_("迁入日期"), validators=[DataRequired(N_("请填写迁入日期。"))])
    relation = CodeField(N_("与户主关系"), "relation")
    is_head = BooleanField(N_("是户主"))
    live_kind = CodeField(N_("居住性质"), "live_kind")
    id_no = IdNumberField(N_("身份证号"), longest=40)
    phone = PhoneField(N_("电话"), longest=60)
    sex = CodeField(N_("性别"), "sex")
    birth = BirthField(N_("出生日期"))
    population_kind = CodeField(N_("人口类别"), "population_kind")
    came_from = TextField(N_("从哪里来"), longest=200)
    move_here = BooleanField(MOVE_HERE)

    def entry(self, words: dict[str, Any]) -> MoveInEntry:
        """`words` is the form as sent, and to which door: its fingerprint tells a repeat from a reused key."""
        given = {f.name: self[f.name].data for f in fields(MoveInEntry) if f.name != "said"}
        return MoveInEntry(said=fingerprint(words), **given)


class MoveOutForm(Form):
    to_on = DayField(N_("迁出日期"), validators=[DataRequired(N_("请填写迁出日期。"))])
    reason = CodeField(N_("迁出原因"), "leave_reason", needed=True, default="moved")
    went_to = TextField(N_("迁往哪里"), longest=200)
    # Asked where nobody else lives.
    occupancy = CodeField(N_("人都搬走了，房屋现在是"), "occupancy")
    left_reason = CodeField(N_("离开原因"), "outflow_reason")

    def entry(self) -> MoveOutEntry:
        return MoveOutEntry(*(self[f.name].data for f in fields(MoveOutEntry)))


class RevealForm(Form):
    reason = TextField(N_("为什么要看"), longest=200, validators=[DataRequired(N_("请写明原因，会记入日志。"))])


LONGEST_WORDS = 100


class FinderForm(Form):
    words = TextField(N_("姓名、拼音、房号、电话或证件尾号"), longest=LONGEST_WORDS)
    community = HiddenField()


def household_form(household: Household, key: str) -> HouseholdForm:
    return HouseholdForm(formdata=None, obj=household, key=key)


def person_form(resident: Resident, key: str, tags: list[Tag], carried: list[int]) -> PersonForm:
    form = PersonForm(formdata=None, obj=resident.person, key=key, tags=carried)
    form.id_no.data = None
    return form.offer(tags)


def move_in_form(day: date, key: str) -> MoveInForm:
    return MoveInForm(formdata=None, from_on=day, key=key)


def move_out_form(day: date) -> MoveOutForm:
    return MoveOutForm(formdata=None, to_on=day)


def as_sent(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as the form sends them."""

    def text(value: Any) -> str:
        if value is None:
            return ""
        return str(int(value)) if isinstance(value, bool) else str(value)

    return {name: text(value) for name, value in values.items()}
