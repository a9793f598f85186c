"""An inspection on a phone: where and by which checklist, then item after item; and looking again."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import wtforms
from wtforms import FieldList, FormField, HiddenField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import made_at
from grid.core.codes import CODES
from grid.core.forms import LINE, CodeField, DayField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.models import Building, Site
from grid.services.checklist_forms import MOST_ITEMS
from grid.services.inspection_actions import InspectionEntry, ItemEntry
from grid.services.models import Checklist
from grid.visits.forms import MomentField

DAYS_TO_RECTIFY = 7
FOUND = (("fine", N_("合格")), ("amiss", N_("不合格")), ("none", N_("不适用")))
RESULTS = (("fine", N_("已整改好")), ("again", N_("还没好")))
FINE = {"fine": True, "amiss": False, "none": None}
# M12 34L13 36…, within 300 × 100: what static/js/signature.js writes.
DRAWN = re.compile(r"(?:[ML]\d{1,3} \d{1,3})+")
LONGEST_DRAWING = 8000


class PickField(SelectField):  # type: ignore[misc]
    """One of some rows by public id, or nothing: `picked` is the row."""

    def __init__(self, label: str, **options: Any) -> None:
        self.rows: dict[str, Any] = {}
        super().__init__(label, choices=[], validate_choice=False, **options)

    def offer(self, named: Sequence[tuple[Any, str]]) -> None:
        self.rows = {row.public_id: row for row, _name in named}
        self.choices = [SelectChoice("", "—"), *(SelectChoice(row.public_id, name) for row, name in named)]

    @property
    def picked(self) -> Any:
        return self.rows.get(self.data or "")

    def pre_validate(self, form: Any) -> None:
        if self.data and self.picked is None:
            raise ValidationError(_("请从列表里选一项。"))


class StartForm(Form):
    """By which checklist, and where."""

    checklist = PickField(N_("按哪份检查表"))
    site = PickField(N_("场所"))
    building = PickField(N_("楼栋"))
    place = TextField(N_("其他地方"), longest=100)
    holiday = CodeField(N_("哪个节日"), "holiday")

    def offer(
        self, checklists: Sequence[Checklist], sites: Sequence[Site], buildings: Sequence[Building]
    ) -> "StartForm":
        self.checklist.offer([(one, one.title) for one in checklists])
        self.site.offer([(one, f"{CODES['site_kind'].text(one.kind)} {one.name}") for one in sites])
        self.building.offer([(one, _name(one)) for one in buildings])
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = bool(super().validate(extra_validators))
        if not self.checklist.data:
            self.checklist.errors = [_("请选一份检查表。")]
            return False
        if not (self.site.data or self.building.data or self.place.data):
            self.site.errors = [_("请选场所或楼栋，都不是就写在“其他地方”。")]
            return False
        return is_good


def _name(building: Building) -> str:
    return " ".join(part for part in (_("%(no)s 幢", no=building.no), building.estate) if part)


class ItemForm(wtforms.Form):  # type: ignore[misc]
    """A line of the checklist. Its words travel along: they are kept as the inspector read them."""

    words = HiddenField()
    found = RadioField(choices=[SelectChoice(*one) for one in FOUND], validate_choice=False)
    note = NoteField(N_("哪里不合格"), longest=300, render_kw={"rows": 2})
    due_on = DayField(N_("整改期限"))
    case = CodeField(N_("转为事件"), "case_type")

    def validate_found(self, field: Any) -> None:
        if field.data not in FINE:
            raise ValidationError(_("这一项还没有选。"))

    def validate_note(self, field: Any) -> None:
        if self.found.data == "amiss" and not field.data:
            raise ValidationError(_("请写一句哪里不合格。"))

    def entry(self) -> ItemEntry:
        words = (self.words.data or "")[:LINE]
        if FINE[self.found.data] is not False:
            return ItemEntry(words, FINE[self.found.data])
        return ItemEntry(words, False, self.note.data, self.due_on.data, self.case.data)


class InspectionForm(StartForm):
    key = KeyField()
    items = FieldList(FormField(ItemForm), N_("检查项目"), max_entries=MOST_ITEMS)
    inspectors = TextField(N_("检查人"))
    content = NoteField(N_("总的情况"))
    signer = TextField(N_("场所负责人"), longest=50)
    signature = HiddenField(N_("签名"))
    at = MomentField(N_("什么时候"))

    def validate_signature(self, field: Any) -> None:
        if field.data and not (len(field.data) <= LONGEST_DRAWING and DRAWN.fullmatch(field.data)):
            field.data = ""
            raise ValidationError(_("签名没有存好，请再签一次。"))

    def validate_items(self, field: Any) -> None:
        if not field.entries:
            raise ValidationError(_("这张表单不完整，请刷新页面后再试。"))

    def begin(self, checklist: Checklist, day: date, all_fine: bool) -> "InspectionForm":
        for words in checklist.items:
            found = "fine" if all_fine else None
            self.items.append_entry({"words": words, "found": found, "due_on": day + timedelta(days=DAYS_TO_RECTIFY)})
        return self

    @property
    def lines(self) -> Iterator[ItemForm]:
        return (line.form for line in self.items)

    def slip(self, words: dict[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(words))

    def entry(self, community_id: int) -> InspectionEntry:
        checklist = self.checklist.picked
        return InspectionEntry(
            community_id=community_id,
            checklist_id=checklist.id,
            kind=checklist.kind,
            at=self.at.data or made_at(),
            items=tuple(line.entry() for line in self.lines),
            holiday=self.holiday.data,
            site_id=self.site.picked.id if self.site.picked else None,
            building_id=self.building.picked.id if self.building.picked else None,
            place=self.place.data,
            inspectors=self.inspectors.data,
            content=self.content.data,
            signer=self.signer.data,
            signature=self.signature.data or None,
        )


class RecheckForm(Form):
    """In order on a day, or not yet and until when."""

    result = RadioField(N_("复查结果"), choices=[SelectChoice(*one) for one in RESULTS], validate_choice=False)
    day = DayField(N_("日期"))
    note = TextField(N_("复查情况"))
    today: date

    def validate_result(self, field: Any) -> None:
        if field.data not in ("fine", "again"):
            raise ValidationError(_("请选一项。"))

    def validate_day(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError(_("请选日期。"))
        if self.result.data == "fine" and field.data > self.today:
            raise ValidationError(_("复查的日子还没到，请核对。"))
        if self.result.data == "again" and field.data <= self.today:
            raise ValidationError(_("还没好，请给一个今天以后的新期限。"))
