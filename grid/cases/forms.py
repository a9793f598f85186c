"""What a head taps about somebody at the door, and what a worker answers."""

import re
from typing import Any

from wtforms import Field, IntegerField, ValidationError
from wtforms.validators import DataRequired, NumberRange, Optional

from grid.accounts.receipts import fingerprint
from grid.cases.actions import CaseEntry, ReportEntry
from grid.cases.models import VisitorReport
from grid.cases.queries import House
from grid.core.clock import made_at
from grid.core.codes import CODES
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, clean
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.visits.forms import MomentField

# The three buttons, and what each may turn out to be: the first is proposed.
BUTTONS = {"visitor": ("visitor",), "tenant": ("tenant",), "odd": ("other", "stranger", "peddler")}
DOOR = re.compile(r"(?P<building>\w{1,16}):(?:(?P<unit>\d{1,3})-(?P<room>.{1,12}))?")


class DoorField(Field):
    """One of the head's doors, as `<building>:2-501`; `<building>:` is somewhere in that building."""

    data: re.Match[str] | None
    chosen = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.chosen = clean(valuelist[0]) if valuelist else ""
        self.data = DOOR.fullmatch(self.chosen)

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            raise ValidationError(_("请选一户；不知道是哪户，就选最上面那个。"))


class ReportForm(Form):
    key = KeyField()
    kind = CodeField(N_("是什么情况"), "report_kind", needed=True)
    door = DoorField(N_("哪一户"))
    headcount = IntegerField(
        N_("几个人"),
        validators=[Optional(), NumberRange(1, 99, N_("请填 1 到 99 之间的整数。"))],
        render_kw={"inputmode": "numeric"},
    )
    facts = NoteField(N_("补充几句"), longest=300, render_kw={"rows": 3})
    seen_at = MomentField(N_("什么时候"))

    @property
    def button(self) -> str:
        """Which of the three buttons leads to what was chosen."""
        return next((name for name, kinds in BUTTONS.items() if self.kind.data in kinds), "odd")

    @property
    def is_unfolded(self) -> bool:
        more = (self.headcount, self.facts, self.seen_at)
        return any(field.errors or (field.raw_data and field.raw_data[0]) for field in more)

    def propose(self, houses: list[House]) -> "ReportForm":
        """The first building, without a door, where nothing was chosen yet."""
        if not self.door.chosen and houses:
            self.door.chosen = f"{houses[0].public_id}:"
        return self

    def entry(self, words: dict[str, Any]) -> ReportEntry:
        door = self.door.data
        assert door
        return ReportEntry(
            key=self.key.data,
            said=fingerprint(words),
            kind=self.kind.data,
            building=door["building"],
            unit_no=int(door["unit"]) if door["unit"] else None,
            room=door["room"],
            seen_at=self.seen_at.data or made_at(),
            headcount=self.headcount.data,
            facts=self.facts.data,
        )


class CloseForm(Form):
    """How it ended, in a sentence."""

    result = NoteField(N_("结果"), longest=300, validators=[DataRequired(N_("请写一句结果。"))], render_kw={"rows": 2})


class TurnForm(Form):
    """What has to be done about a report, in the worker's own words: the head's go with the report."""

    type = CodeField(N_("类别"), "case_type", needed=True, default="security")
    content = NoteField(N_("要办什么"), render_kw={"rows": 2})
    due_on = DayField(N_("办结期限"))

    def entry(self, report: VisitorReport) -> CaseEntry:
        kind = CODES["report_kind"].text(report.kind)
        return CaseEntry(
            type=self.type.data,
            source="report",
            content=self.content.data or _("楼栋长报告：%(kind)s", kind=kind),
            community_id=report.community_id,
            building_id=report.building_id,
            household_id=report.household_id,
            at=report.seen_at,
            due_on=self.due_on.data,
        )
