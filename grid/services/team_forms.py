"""What is typed about a team and about somebody who joins it."""

from wtforms import IntegerField
from wtforms.validators import DataRequired, Optional

from grid.core.clock import today
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, PhoneField, TextField
from grid.core.i18n import N_
from grid.services.models import Team
from grid.services.team_actions import MemberEntry, TeamEntry


class TeamForm(Form):
    key = KeyField()
    version = IntegerField(validators=[Optional()])
    kind = CodeField(N_("队伍类别"), "team_kind", needed=True)
    name = TextField(N_("队伍名称"), longest=50, validators=[DataRequired(N_("请写队伍的名称。"))])
    leader = TextField(N_("队长"), longest=50)
    phone = PhoneField(N_("队长电话"), longest=60)
    founded_on = DayField(N_("成立日期"))
    note = NoteField(N_("备注"), longest=300, render_kw={"rows": 2})

    def entry(self) -> TeamEntry:
        return TeamEntry(
            self.kind.data,
            self.name.data or "",
            self.leader.data,
            self.phone.data,
            self.founded_on.data,
            self.note.data,
        )


def team_form(team: Team, key: str) -> TeamForm:
    return TeamForm(formdata=None, obj=team, key=key)


class MemberForm(Form):
    """`chosen` is a person found in the register; without one the name is needed."""

    key = KeyField()
    words = TextField(N_("在户档里找"), longest=40)
    chosen = TextField(N_("户档里的人"), longest=16)
    name = TextField(N_("姓名"), longest=50)
    phone = PhoneField(N_("电话"), longest=60)
    since = DayField(N_("入队日期"))

    def entry(self, name: str, person_id: int | None) -> MemberEntry:
        return MemberEntry(name, self.phone.data, self.since.data or today(), person_id)
