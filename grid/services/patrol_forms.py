"""What is tapped about a patrol, and how the turns of some weeks are planned."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, FieldList, FormField, IntegerField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grid.core.clock import ZONE
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.models import Building, PatrolRoute
from grid.services.fields import ClockField, RowField
from grid.services.models import Shift, Team
from grid.services.patrol_actions import FindingEntry, PatrolEntry
from grid.services.shift_actions import ShiftsEntry

MOST_FINDINGS = 4
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
CLOCK_NEEDED = N_("请填时间，如 19:00。")


class FindingForm(Form):
    """One thing that was found; left empty it is nothing."""

    content = TextField(N_("发现什么"))
    place = TextField(N_("在哪里"), longest=100)
    building = RowField(N_("哪一幢（可以不选）"))
    is_case = BooleanField(N_("要有人跟进，立为事件"))
    type = CodeField(N_("事件类别"), "case_type", needed=True, default="hazard")
    due_on = DayField(N_("办结期限"))

    @property
    def is_empty(self) -> bool:
        return not (self.content.data or self.place.data or self.building.data or self.is_case.data)

    def validate_content(self, field: Any) -> None:
        if not field.data and not self.is_empty:
            raise ValidationError(_("请写发现了什么；不记这一条就把它清空。"))

    def entry(self) -> FindingEntry:
        is_case = bool(self.is_case.data)
        return FindingEntry(
            content=self.content.data or "",
            place=self.place.data,
            building_id=self.building.row_id,
            case_type=self.type.data if is_case else None,
            due_on=self.due_on.data if is_case else None,
        )


class PatrolForm(Form):
    key = KeyField()
    team = RowField(N_("队伍"))
    on = DayField(N_("日期"), validators=[DataRequired(N_("请填日期。"))])
    starts = ClockField(N_("几点开始"), longest=5, validators=[DataRequired(CLOCK_NEEDED)])
    ends = ClockField(N_("几点结束"), longest=5, validators=[DataRequired(CLOCK_NEEDED)])
    headcount = IntegerField(
        N_("几个人"),
        validators=[
            InputRequired(N_("请填 1 到 99 之间的整数。")),
            NumberRange(1, 99, N_("请填 1 到 99 之间的整数。")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    who = TextField(N_("都有谁"))
    route = RowField(N_("巡逻路线"))
    content = NoteField(N_("巡逻情况"), render_kw={"rows": 2})
    findings = FieldList(FormField(FindingForm), N_("发现的问题"), min_entries=MOST_FINDINGS, max_entries=MOST_FINDINGS)

    def offer(self, teams: Sequence[Team], routes: Sequence[PatrolRoute], houses: Sequence[Building]) -> "PatrolForm":
        self.team.offer((team, team.name) for team in teams)
        self.route.offer((route, route.name) for route in routes)
        for finding in self.findings:
            finding.form.building.offer((house, house_name(house)) for house in houses)
        return self

    def entry(self, shift: Shift | None) -> PatrolEntry:
        starts, ends = str(self.starts.data), str(self.ends.data)
        assert self.on.data
        return PatrolEntry(
            team_id=self.team.row_id,
            shift_id=shift.id if shift else None,
            route_id=self.route.row_id,
            started_at=moment(self.on.data, starts),
            # An end before the beginning is on the next day.
            ended_at=moment(self.on.data + timedelta(days=ends <= starts), ends),
            headcount=self.headcount.data or 1,
            who=self.who.data,
            content=self.content.data,
            findings=tuple(finding.form.entry() for finding in self.findings if not finding.form.is_empty),
        )


def house_name(house: Building) -> str:
    return _("%(no)s 幢", no=house.no) + (f" {house.estate}" if house.estate else "")


def moment(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


class ShiftsForm(Form):
    key = KeyField()
    team = RowField(N_("队伍"), needed=True)
    weekdays = SelectMultipleField(N_("每周哪几天"), validate_choice=False, coerce=str)
    from_on = DayField(N_("从哪天起"), validators=[DataRequired(N_("请填日期。"))])
    to_on = DayField(N_("到哪天止"), validators=[DataRequired(N_("请填日期。"))])
    starts = ClockField(N_("几点开始"), longest=5, validators=[DataRequired(CLOCK_NEEDED)])
    ends = ClockField(N_("几点结束"), longest=5, validators=[DataRequired(CLOCK_NEEDED)])
    route = RowField(N_("巡逻路线"))
    who = TextField(N_("都有谁"))

    def offer(self, teams: Sequence[Team], routes: Sequence[PatrolRoute]) -> "ShiftsForm":
        self.team.offer((team, team.name) for team in teams)
        self.route.offer((route, route.name) for route in routes)
        self.weekdays.choices = [SelectChoice(str(n), _(name)) for n, name in enumerate(WEEKDAYS)]
        return self

    def validate_weekdays(self, field: Any) -> None:
        if not field.data or not set(field.data) <= set("0123456"):
            raise ValidationError(_("请至少选一天。"))

    def entry(self) -> ShiftsEntry:
        assert self.from_on.data and self.to_on.data
        return ShiftsEntry(
            team=self.team.row,
            weekdays=frozenset(int(n) for n in self.weekdays.data or ()),
            from_on=self.from_on.data,
            to_on=self.to_on.data,
            starts=str(self.starts.data),
            ends=str(self.ends.data),
            route_id=self.route.row_id,
            who=self.who.data,
        )
