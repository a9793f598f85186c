"""What a worker types to open a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import FieldList, FormField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from grid.accounts.receipts import fingerprint
from grid.cases.actions import CaseEntry, PartyEntry
from grid.cases.models import Screening
from grid.core.clock import made_at
from grid.core.forms import CodeField, DayField, Form, KeyField, NoteField, PhoneField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.models import Building, Community, Household
from grid.register.queries import Resident
from grid.visits.forms import MomentField

# Who has no file of the register: as many as are asked for at once.
STRANGERS = 2


@dataclass(frozen=True)
class Place:
    """Where a case is opened from: a door, a building, or a community of which a building may be chosen."""

    community: Community
    building: Building | None = None
    household: Household | None = None
    screening: Screening | None = None


class StrangerForm(Form):
    """Somebody who has no file here."""

    name = TextField(N_("姓名"), longest=50)
    phone = PhoneField(N_("电话"))
    side = CodeField(N_("哪一方"), "party_side", needed=True, default="answers")

    def validate_name(self, field: Any) -> None:
        if self.phone.data and not field.data:
            raise ValidationError(_("请写这个电话是谁的。"))

    @property
    def entry(self) -> PartyEntry | None:
        name = self.name.data
        return PartyEntry(name, self.phone.data, self.side.data or "other") if name else None


class CaseForm(Form):
    key = KeyField()
    type = CodeField(N_("类别"), "case_type", needed=True)
    source = CodeField(N_("从哪里知道的"), "case_source", needed=True, default="counter")
    content = NoteField(N_("什么事"), validators=[DataRequired(N_("请写明是什么事。"))])
    building = SelectField(N_("哪一栋"), choices=[], coerce=str, validate_choice=False)
    place = TextField(N_("在什么地方"), longest=100)
    at = MomentField(N_("什么时候的事"))
    due_on = DayField(N_("办结期限"))
    owner = SelectField(N_("经办人"), choices=[], coerce=str, validate_choice=False)
    dispute_type = CodeField(N_("纠纷类别"), "dispute_type")
    scale = CodeField(N_("规模"), "event_scale")
    level = CodeField(N_("分级"), "event_level")
    incident = CodeField(N_("事故或案件"), "incident")
    asking = SelectMultipleField(N_("当事人：这一户的人"), choices=[], coerce=str, validate_choice=False)
    strangers = FieldList(FormField(StrangerForm), N_("别的当事人"), min_entries=STRANGERS, max_entries=STRANGERS)

    houses: Sequence[Building] = ()
    people: Sequence[tuple[int, str, str]] = ()
    residents: Sequence[Resident] = ()

    def offer(
        self, houses: Sequence[Building], people: Sequence[tuple[int, str, str]], residents: Sequence[Resident]
    ) -> "CaseForm":
        """What can be chosen: buildings where none is given, who may look after it, who lives there."""
        self.houses, self.people, self.residents = houses, people, residents
        self.building.choices = [
            SelectChoice("", _("不在哪一栋（说在什么地方）")),
            *(SelectChoice(h.public_id, f"{_('%(no)s 幢', no=h.no)} {h.estate or ''}".strip()) for h in houses),
        ]
        self.owner.choices = [SelectChoice("", _("我自己")), *(SelectChoice(id_, name) for _n, id_, name in people)]
        self.asking.choices = [SelectChoice(r.person.public_id, r.person.name) for r in residents]
        return self

    def validate_place(self, field: Any) -> None:
        if self.houses and not self.building.data and not field.data:
            raise ValidationError(_("没有选楼栋，请写在什么地方。"))

    def validate_building(self, field: Any) -> None:
        if field.data and self.houses and field.data not in {h.public_id for h in self.houses}:
            raise ValidationError(_("请从列表里选一项。"))

    def validate_owner(self, field: Any) -> None:
        if field.data and field.data not in {id_ for _n, id_, _name in self.people}:
            raise ValidationError(_("请从列表里选一项。"))

    @property
    def is_unfolded(self) -> bool:
        """Whether something is chosen or wrong in the folded part."""
        more = (self.owner, self.dispute_type, self.scale, self.level, self.incident, self.asking, self.strangers)
        return any(f.errors for f in more) or any(bool(f.data) for f in more[:-1]) or bool(self._strangers)

    @property
    def _strangers(self) -> list[PartyEntry]:
        return [entry for one in self.strangers if (entry := one.form.entry)]

    @property
    def parties(self) -> tuple[PartyEntry, ...]:
        asking = set(self.asking.data or ())
        known = [r.person for r in self.residents if r.person.public_id in asking]
        return (*(PartyEntry(p.name, p.phone, "asks", p.id) for p in known), *self._strangers)

    def entry(self, words: dict[str, Any], place: Place) -> CaseEntry:
        chosen = next((h for h in self.houses if h.public_id == self.building.data), None)
        building = place.building or chosen
        return CaseEntry(
            type=self.type.data,
            source="screening" if place.screening else self.source.data,
            content=self.content.data or "",
            community_id=place.community.id,
            building_id=building.id if building else None,
            household_id=place.household.id if place.household else None,
            place=self.place.data,
            at=self.at.data or made_at(),
            due_on=self.due_on.data,
            owner_id=next((n for n, id_, _name in self.people if id_ == self.owner.data), None),
            dispute_type=self.dispute_type.data,
            scale=self.scale.data,
            level=self.level.data,
            incident=self.incident.data,
            screening_id=place.screening.id if place.screening else None,
            parties=self.parties,
            key=self.key.data,
            said=fingerprint(words),
        )
