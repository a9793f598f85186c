"""What an administrator types: accounts, patches, settings, and what the log is narrowed to."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, NumberRange

from grid.core.codes import CODES
from grid.core.forms import CodeField, DayField, Form, PhoneField, TextField, choices
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register import words
from grid.register.models import DEFAULT_LABELS, LEVELS, Block, Building, Community
from grid.staff.actions import HandOut, NewAccount, SettingsEntry
from grid.staff.log import Asked

EVERYTHING = ("administrator", "street_viewer")


class HandOutForm(Form):
    """Blocks and buildings of one community, or (by role) all of it."""

    blocks = SelectMultipleField(validate_choice=False)
    buildings = SelectMultipleField(validate_choice=False)
    from_on = DayField(N_("从哪天起"))
    to_on = DayField(N_("到哪天止"))
    duty = CodeField(N_("分工"), "duty", needed=True, default="in_charge")

    def offer(self, blocks: list[Block], buildings: list[Building], labels: Mapping[str, str]) -> None:
        """What may be chosen: only what lies in the reader's community, under its own names of the levels."""
        self.blocks.label.text, self.buildings.label.text = labels["block"], labels["building"]
        self._block_ids = {block.public_id: block.id for block in blocks}
        self._building_ids = {building.public_id: building.id for building in buildings}
        self.blocks.choices = [SelectChoice(b.public_id, b.name) for b in blocks]
        self.buildings.choices = [SelectChoice(b.public_id, b.no) for b in buildings]

    def validate_blocks(self, field: Any) -> None:
        if any(chosen not in self._block_ids for chosen in field.data or []):
            raise ValidationError(_("请从列表里选。"))

    def validate_buildings(self, field: Any) -> None:
        if any(chosen not in self._building_ids for chosen in field.data or []):
            raise ValidationError(_("请从列表里选。"))

    def given(self, community_id: int, role: str, today: date) -> HandOut:
        """What was chosen, as far as it fits the role: the rest stands hidden in the same form."""
        return HandOut(
            community_id,
            self.from_on.data or today,
            self.to_on.data,
            self.duty.data or "in_charge",
            [self._block_ids[i] for i in self.blocks.data or []] if role == "grid_worker" else [],
            [self._building_ids[i] for i in self.buildings.data or []] if role not in EVERYTHING else [],
        )


class AccountForm(HandOutForm):
    """A new account together with what it gets at once."""

    name = TextField(N_("姓名"), 50, validators=[DataRequired(N_("请填写姓名。"))])
    login = TextField(N_("账号名"), 40, validators=[DataRequired(N_("请填写账号名。"))])
    phone = PhoneField(N_("电话"))
    role = RadioField(N_("角色"), choices=lambda: choices("role"), default="grid_worker", validate_choice=False)

    def validate_role(self, field: Any) -> None:
        if field.data not in CODES["role"]:
            raise ValidationError(_("请选一个角色。"))

    def entry(self) -> NewAccount:
        return NewAccount(str(self.login.data).lower(), str(self.name.data), self.role.data, self.phone.data)


class FactsForm(Form):
    name = TextField(N_("姓名"), 50, validators=[DataRequired(N_("请填写姓名。"))])
    phone = PhoneField(N_("电话"))


class EndForm(Form):
    last_day = DayField(N_("最后一天"))
    anyway = BooleanField()

    def validate_last_day(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError(_("请填最后一天。"))


# What the four levels are called, in the order of LEVELS.
PRESETS = {
    "standard": (N_("片区"), N_("楼栋"), N_("单元"), N_("户")),
    "estate": (N_("大组"), N_("小区"), N_("楼栋"), N_("住户")),
}


def _preset_choices() -> list[SelectChoice]:
    named = [SelectChoice(key, " / ".join(_(word) for word in level_words)) for key, level_words in PRESETS.items()]
    return [*named, SelectChoice("own", _("自己取名"))]


def _code(form: Any, field: Any) -> None:
    if field.data and not (field.data.isascii() and field.data.isdigit() and len(field.data) == 12):
        raise ValidationError(_("统计用区划代码是 12 位数字；不知道可以先空着。"))


A_YEAR_AT_MOST = [
    DataRequired(N_("请填 1 到 365 之间的整数。")),
    NumberRange(1, 365, N_("请填 1 到 365 之间的整数。")),
]


class SettingsForm(Form):
    name = TextField(N_("社区名称"), 50, validators=[DataRequired(N_("请填写社区名称。"))])
    code = TextField(N_("统计用区划代码"), 20, validators=[_code])
    street = TextField(N_("街道"), 50)
    visit_every_days = IntegerField(N_("多少天走访一次"), validators=A_YEAR_AT_MOST)
    report_days = IntegerField(N_("来访报告保留多少天"), validators=A_YEAR_AT_MOST)
    preset = RadioField(N_("四级叫什么"), choices=_preset_choices, validate_choice=False)
    block = TextField(N_("第一级"), 10)
    building = TextField(N_("第二级"), 10)
    unit = TextField(N_("第三级"), 10)
    household = TextField(N_("第四级"), 10)

    def validate_preset(self, field: Any) -> None:
        if field.data not in (*PRESETS, "own"):
            raise ValidationError(_("请从列表里选一项。"))

    def validate(self, *given: Any, **more: Any) -> bool:
        valid = bool(super().validate(*given, **more))
        missing = [self[level] for level in LEVELS if self.preset.data == "own" and not self[level].data]
        for field in missing:
            field.errors = [*field.errors, _("请给这一级取个名字。")]
        return valid and not missing

    def entry(self) -> SettingsEntry:
        own = tuple(self[level].data for level in LEVELS)
        labels = PRESETS.get(self.preset.data, own)
        return SettingsEntry(
            str(self.name.data),
            self.code.data,
            self.street.data,
            int(self.visit_every_days.data or 30),
            int(self.report_days.data or 30),
            dict(zip(LEVELS, labels, strict=True)),
        )


def settings_form(community: Community) -> SettingsForm:
    labels = {**DEFAULT_LABELS, **community.labels}
    preset = next((key for key, named in PRESETS.items() if named == tuple(labels[n] for n in LEVELS)), "own")
    return SettingsForm(obj=community, preset=preset, **labels)


class CommunityForm(Form):
    name = TextField(N_("社区名称"), 50, validators=[DataRequired(N_("请填写社区名称。"))])
    code = TextField(N_("统计用区划代码"), 20, validators=[_code])


def everything() -> str:
    return _("全部")


def action_choices(occurring: Collection[str]) -> list[SelectChoice]:
    found = (SelectChoice(key, words.action_label(key)) for key in words.ACTIONS if key in occurring)
    return [SelectChoice("", everything()), *found]


class LogForm(Form):
    """A GET form: the address holds what is asked, so it can be kept or passed on."""

    class Meta(Form.Meta):
        csrf = False

    community = SelectField(N_("社区"), validate_choice=False)
    who = SelectField(N_("谁"), validate_choice=False)
    action = SelectField(N_("做了什么"), validate_choice=False)
    from_on = DayField(N_("从哪天起"), name="from")
    to_on = DayField(N_("到哪天止"), name="to")
    household = TextField(N_("房号"), 60)

    def asked(self, community_ids: tuple[int, ...], household_ids: tuple[int, ...] | None) -> Asked:
        return Asked(
            community_ids,
            self.who.data or "",
            self.action.data or "",
            self.from_on.data,
            self.to_on.data,
            household_ids,
        )
