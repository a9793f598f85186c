"""What is typed about an award: for a household, for a building's head, or for somebody by name."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from grid.core.clock import today
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Building, Household
from grid.services.award_actions import AwardEntry
from grid.services.award_queries import head_of
from grid.services.fields import RowField
from grid.services.patrol_forms import house_name

OF_FAMILIES = ("safe_family", "civilised_family")
YEAR = N_("请填年份，如 2026。")


class AwardForm(Form):
    """`chosen` is a household found in the register."""

    key = KeyField()
    kind = CodeField(N_("评什么"), "award_kind", needed=True)
    year = IntegerField(
        N_("年度"), validators=[InputRequired(YEAR), NumberRange(1990, 2100, YEAR)], render_kw={"inputmode": "numeric"}
    )
    on = DayField(N_("评选日期"))
    words = TextField(N_("评给哪一户"), longest=40)
    chosen = TextField(N_("选中的户"), longest=16)
    marks_file = BooleanField(N_("同时在户档里标为平安家庭"))
    building = RowField(N_("评给哪一幢的楼栋长"))
    name = TextField(N_("姓名"), longest=50)
    note = NoteField(N_("备注"), longest=300, render_kw={"rows": 2})

    def offer(self, houses: Sequence[Building]) -> "AwardForm":
        """Buildings that have a head."""
        self.building.offer((house, f"{house_name(house)} {house.head_name}") for house in houses if house.head_name)
        return self

    def entry(self, household: Household | None) -> AwardEntry:
        """Who it is for decides the name; Refused where nobody was chosen."""
        house = self.building.row if self.kind.data == "good_head" else None
        if household is None and self.kind.data in OF_FAMILIES:
            raise Refused(_("请先找到这一户，再从下面选中它。"), "words")
        return AwardEntry(
            kind=self.kind.data,
            year=self.year.data or 0,
            name=self._name(household, house),
            on=self.on.data or today(),
            note=self.note.data,
            household=household,
            building_id=house.id if house else None,
            marks_file=bool(self.marks_file.data) and self.kind.data == "safe_family",
        )

    def _name(self, household: Household | None, house: Any) -> str:
        if self.name.data:
            return self.name.data
        if house is not None:
            return str(house.head_name)
        if household is not None:
            return f"{head_of(household.id) or household.code}家"
        raise Refused(_("请写姓名，或者选一幢楼、选一户。"), "name")
