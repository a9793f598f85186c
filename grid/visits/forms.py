"""What a worker taps and types about a visit."""

from datetime import datetime
from typing import Any

from wtforms import Field, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateTimeLocalInput

from grid.accounts.receipts import fingerprint
from grid.core.clock import ZONE, local, now
from grid.core.forms import EARLIEST, LATEST, CodeField, CodesField, DayField, Form, KeyField, NoteField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.queries import Resident
from grid.visits.actions import VisitEntry

MOST_MET = 50


class MomentField(Field):
    """Day and time on the committee's clock."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip().replace(" ", "T")
        if not text:
            self.data = None
            return
        try:
            self.data = datetime.fromisoformat(text[:16]).replace(tzinfo=ZONE)
            if not EARLIEST <= self.data.year <= LATEST:
                raise ValueError
        except ValueError:
            self.data = None
            raise ValueError(_("请写成 2026-01-31 08:30 这样的时间。")) from None


class VisitForm(Form):
    key = KeyField()
    found = CodeField(N_("见到人了吗"), "found", needed=True)
    topics = CodesField(N_("谈了什么"), "topic")
    kind = CodeField(N_("方式"), "visit_kind", needed=True, default="visit")
    at = MomentField(N_("什么时候"))
    met = SelectMultipleField(N_("见到谁"), choices=[], validate_choice=False)
    content = NoteField(N_("情况记录"))
    needs = NoteField(N_("住户需要什么"), longest=500)
    due_on = DayField(N_("约好下次哪天来"))

    def offer(self, residents: list[Resident]) -> "VisitForm":
        """The people who live there, as those who may have been met."""
        self.met.choices = [SelectChoice(r.person.public_id, r.person.name) for r in residents]
        return self

    def entry(self, words: dict[str, Any]) -> VisitEntry:
        """`words` is the form as sent, and to which door: its fingerprint tells a repeat from a reused key."""
        return VisitEntry(
            key=self.key.data,
            said=fingerprint(words),
            at=self.at.data or now(),
            found=self.found.data,
            kind=self.kind.data,
            topics=tuple(dict.fromkeys(self.topics.data or ())),
            content=self.content.data,
            needs=self.needs.data,
            due_on=self.due_on.data,
            met=tuple(dict.fromkeys(self.met.data or ()))[:MOST_MET],
        )
