"""What is typed about a move: who, where to, when; and who is head afterwards."""

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import Field, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from grid.accounts.receipts import fingerprint
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.forms import CodeField, DayField, Form, KeyField, PhoneField, TextField, new_key
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.actions import HEADS
from grid.register.models import Household
from grid.register.move_actions import (
    BirthEntry,
    ChangeFlatEntry,
    DeathEntry,
    HeadEntry,
    LandlordEntry,
    MergeEntry,
    SplitEntry,
    TenancyEntry,
)
from grid.register.queries import Resident

_DAY = DataRequired(N_("请填写日期。"))
_AS_IT_IS, _LATER = N_("不变"), N_("以后再定")
_WHERE = N_("写房号，例如 3-2-501。")
_WHY = N_("为什么离开这里。写进这一户的记录，有流动登记的也写进登记。")
_CHECK = N_("没选的照旧。换了户主，别人与户主的关系请核对。")


class RelationsField(Field):
    """How each person stands to the head: a choice per person, sent as relations-<public id>. `data`: those chosen."""

    data: dict[str, str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: Any = []
        start = f"{self.name}-"
        given = {name: formdata.get(name) for name in formdata if name.startswith(start)} if formdata else {}
        self.data = {name.removeprefix(start): code for name, code in given.items() if code}

    def pre_validate(self, form: Any) -> None:
        if set(self.data.values()) - {code for code, _label in relation_choices()}:
            raise ValidationError(_("请从列表里选一项。"))


def relation_choices() -> list[tuple[str, str]]:
    """Of everybody but the head."""
    return [(code, label) for code, label in CODES["relation"].choices() if code not in HEADS]


class PeopleField(SelectMultipleField):
    """Some of those who live behind a door, by public id."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise ValidationError(_("请选是哪些人。"))


class OneOfThemField(SelectField):
    """One of those people, or nobody."""

    def __init__(self, label: str, needed: bool = False, nobody: str = "", **options: Any) -> None:
        self.needed, self.nobody = needed, nobody
        super().__init__(label, choices=[], coerce=_one, validate_choice=False, **options)

    def pre_validate(self, form: Any) -> None:
        if self.needed and not self.data:
            raise ValidationError(_("请选一个人。"))


def _one(value: Any) -> str | None:
    return str(value) if value not in (None, "", "None") else None


class MoveForm(Form):
    """What every move says."""

    key = KeyField()
    on = DayField(N_("哪一天"), validators=[_DAY])
    # Those that the screen is about; the page draws their names.
    residents: Sequence[Resident] = ()

    def offer(self, residents: Sequence[Resident]) -> "MoveForm":
        """Their names as choices, wherever the form asks for somebody."""
        self.residents = residents
        names = [SelectChoice(r.person.public_id, r.person.name) for r in residents]
        for field in self:
            if isinstance(field, PeopleField | OneOfThemField):
                field.choices = names
        return self

    def blame(self, refused: Refused) -> None:
        """A sentence about nobody's field stands beside the day."""
        super().blame(refused if refused.field in self else Refused(refused.sentence, "on"))

    def said(self, household: Household) -> dict[str, Any]:
        """The fingerprint of the words tells a repeat from a key that was used for something else."""
        words = {**request.form.to_dict(flat=False), "household": household.public_id}
        return {"key": self.key.data, "said": fingerprint(words), "on": self.on.data}


class ChangeFlatForm(MoveForm):
    people = PeopleField(N_("谁搬过去"))
    to = TextField(
        N_("搬到哪一户"), longest=40, description=_WHERE, validators=[DataRequired(N_("请填房号，例如 3-2-501。"))]
    )
    head = OneOfThemField(N_("到了那边谁是户主"), nobody=_AS_IT_IS)
    relations = RelationsField(N_("与户主关系"), description=_CHECK)
    head_of_rest = OneOfThemField(N_("留下的人里谁是户主"), nobody=_AS_IT_IS)
    occupancy = CodeField(N_("如果都搬走了，这里的房屋状态"), "occupancy", default="vacant")

    def entry(self, household: Household) -> ChangeFlatEntry:
        people, rest = tuple(self.people.data or ()), self.head_of_rest.data
        return ChangeFlatEntry(
            **self.said(household),
            people=people,
            to=self.to.data or "",
            head=self.head.data,
            relations=self.relations.data,
            head_of_rest=None if rest in people else rest,
            occupancy=self.occupancy.data,
        )


class SplitForm(MoveForm):
    people = PeopleField(N_("谁分出去"))
    head = OneOfThemField(N_("分出去的人里谁是户主"), needed=True)
    relations = RelationsField(N_("与户主关系"), description=_CHECK)
    to = TextField(N_("分到哪一户"), longest=40, description=N_("空着不填，就在旁边新设一户，例如 501-1。"))
    head_of_rest = OneOfThemField(N_("留下的人里谁是户主"), nobody=_AS_IT_IS)

    def entry(self, household: Household) -> SplitEntry:
        people, rest = tuple(self.people.data or ()), self.head_of_rest.data
        return SplitEntry(
            **self.said(household),
            people=people,
            head=self.head.data or "",
            relations=self.relations.data,
            to=self.to.data,
            head_of_rest=None if rest in people else rest,
        )


class WhichDoorForm(Form):
    """The first half of a merger: whose people come."""

    other = TextField(N_("哪一户并过来"), longest=40, description=_WHERE)


class MergeForm(MoveForm):
    other = TextField(N_("哪一户并过来"), longest=40, validators=[DataRequired(N_("请填房号，例如 3-2-501。"))])
    head = OneOfThemField(N_("并户以后谁是户主"), nobody=_AS_IT_IS)
    relations = RelationsField(N_("与户主关系"), description=_CHECK)
    occupancy = CodeField(N_("那一户以后的房屋状态"), "occupancy", default="vacant")

    def entry(self, household: Household) -> MergeEntry:
        return MergeEntry(
            **self.said(household),
            other=self.other.data or "",
            head=self.head.data,
            relations=self.relations.data,
            occupancy=self.occupancy.data,
        )


class BirthForm(MoveForm):
    on = DayField(N_("出生日期"), validators=[_DAY])
    name = TextField(N_("姓名"), longest=50, validators=[DataRequired(N_("请填写姓名。"))])
    sex = CodeField(N_("性别"), "sex")
    relation = CodeField(N_("与户主关系"), "relation")
    population_kind = CodeField(N_("人口类别"), "population_kind")

    def entry(self, household: Household) -> BirthEntry:
        return BirthEntry(
            **self.said(household),
            name=self.name.data or "",
            sex=self.sex.data,
            relation=self.relation.data,
            population_kind=self.population_kind.data,
        )


class DeathForm(MoveForm):
    on = DayField(N_("去世日期"), validators=[_DAY])
    head = OneOfThemField(N_("以后谁是户主"), nobody=_LATER)
    relations = RelationsField(N_("与户主关系"), description=_CHECK)
    occupancy = CodeField(N_("没有别人住了，房屋现在是"), "occupancy", default="vacant")

    def entry(self, household: Household) -> DeathEntry:
        return DeathEntry(
            **self.said(household),
            head=self.head.data,
            relations=self.relations.data,
            occupancy=self.occupancy.data,
        )


class HeadForm(MoveForm):
    head = OneOfThemField(N_("新户主"), needed=True)
    relations = RelationsField(N_("与户主关系"), description=_CHECK)

    def entry(self, household: Household) -> HeadEntry:
        return HeadEntry(**self.said(household), head=self.head.data or "", relations=self.relations.data)


class LandlordForm(MoveForm):
    owner_name = TextField(N_("新房主姓名"), longest=50, validators=[DataRequired(N_("请填写姓名。"))])
    owner_phone = PhoneField(N_("新房主电话"), longest=60)

    def entry(self, household: Household) -> LandlordEntry:
        name, phone = self.owner_name.data or "", self.owner_phone.data
        return LandlordEntry(**self.said(household), owner_name=name, owner_phone=phone)


class TenancyForm(MoveForm):
    people = PeopleField(N_("谁退租"))
    occupancy = CodeField(N_("房屋以后是"), "occupancy", needed=True, default="vacant")
    went_to = TextField(N_("迁往哪里"), longest=200)
    left_reason = CodeField(N_("离开原因"), "outflow_reason", description=_WHY)

    def entry(self, household: Household) -> TenancyEntry:
        return TenancyEntry(
            **self.said(household),
            people=tuple(self.people.data or ()),
            occupancy=self.occupancy.data,
            went_to=self.went_to.data,
            left_reason=self.left_reason.data,
        )


def fresh(form: type[MoveForm], **given: Any) -> Any:
    """A form as it is opened: today, and what is known."""
    return form(formdata=None, key=new_key(), on=today(), **given)
