"""What a worker taps and types about a visit."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import Field, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateTimeLocalInput

from grid.accounts.receipts import fingerprint
from grid.core.clock import ZONE, local, made_at
from grid.core.codes import CODES
from grid.core.forms import (
    EARLIEST,
    LATEST,
    CodeField,
    CodesField,
    DayField,
    Form,
    KeyField,
    NoteField,
    TextField,
    tidy,
)
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.queries import Resident
from grid.visits.actions import VisitEntry
from grid.visits.pictures import Picture
from grid.visits.queries import MOST_ALONG
from grid.visits.templates import Template

MOST_MET = 50
MOST_PHOTOS = 6
LARGEST_PHOTO = 12 * 1024 * 1024


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


class PhotosField(MultipleFileField):
    """Photos as sent: `sent` is their names and bytes."""

    errors: Any
    sent: tuple[tuple[str, bytes], ...] = ()

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.sent = tuple((_bare(file.filename), file.read()) for file in self.data or ())

    def pre_validate(self, form: Any) -> None:
        if len(self.sent) > MOST_PHOTOS:
            raise ValidationError(_("一次走访最多 %(n)s 张照片。", n=MOST_PHOTOS))
        for name, content in self.sent:
            if len(content) > LARGEST_PHOTO:
                raise ValidationError(_("“%(name)s”超过 12 MB，请换一张小一点的。", name=name))

    def ask_again(self) -> None:
        """A page can't keep files for somebody: say so when the form comes back."""
        if self.sent:
            self.errors = [*self.errors, _("照片没有跟着表单留下，请再选一次。")]

    @property
    def digests(self) -> list[str]:
        return [hashlib.sha256(content).hexdigest() for _name, content in self.sent]


def _bare(name: str) -> str:
    """A file's name without its folders, short enough to be said."""
    return tidy(name.replace("\\", "/").split("/")[-1])[:60]


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
    participants = SelectMultipleField(N_("和谁一同走访"), choices=[], validate_choice=False)
    gift = TextField(N_("慰问品"), longest=60)
    case = CodeField(N_("转为事件"), "case_type")
    photos = PhotosField(N_("照片"), render_kw={"accept": "image/*"})

    def offer(self, residents: list[Resident], colleagues: Sequence[tuple[Any, ...]] = ()) -> "VisitForm":
        """The people who live there, as those who may have been met; and who may have come along."""
        self.met.choices = [SelectChoice(r.person.public_id, r.person.name) for r in residents]
        self.participants.choices = [SelectChoice(public_id, name) for _id, public_id, name in colleagues]
        return self

    @classmethod
    def begun(cls, key: str, kind: str, template: Template | None) -> "VisitForm":
        """Still empty, or as a template begins it."""
        if template is None:
            return cls(formdata=None, key=key, kind=kind if kind in CODES["visit_kind"] else "visit")
        begun = {"kind": template.kind, "topics": list(template.topics), "content": _(template.content)}
        return cls(formdata=None, key=key, **begun)

    def entry(self, words: dict[str, Any], photos: tuple[Picture, ...] = ()) -> VisitEntry:
        """`words` is the form as sent, and to which door: its fingerprint tells a repeat from a reused key."""
        return VisitEntry(
            key=self.key.data,
            said=fingerprint(words),
            at=self.at.data or made_at(),
            found=self.found.data,
            kind=self.kind.data,
            topics=tuple(dict.fromkeys(self.topics.data or ())),
            content=self.content.data,
            needs=self.needs.data,
            due_on=self.due_on.data,
            met=tuple(dict.fromkeys(self.met.data or ()))[:MOST_MET],
            participants=tuple(dict.fromkeys(self.participants.data or ()))[:MOST_ALONG],
            gift=self.gift.data,
            case=self.case.data,
            photos=photos,
        )
