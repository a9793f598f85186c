"""An activity as it is typed: what, when, where, for whom, how many, who took part, minutes and photos."""

import re
from typing import Any

from wtforms import HiddenField, IntegerField
from wtforms.validators import DataRequired, NumberRange, Optional

from grid.accounts.receipts import Slip, fingerprint
from grid.core.forms import CodeField, Form, KeyField, NoteField, TextField
from grid.core.i18n import N_
from grid.services.activity_actions import ActivityEntry
from grid.services.activity_queries import ActivityFile
from grid.visits.forms import MomentField, PhotosField
from grid.visits.pictures import Picture

_BETWEEN = re.compile(r"[\s,，、;；。]+")


class DoorsField(NoteField):
    """Addresses with blanks or commas between them."""

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part for part in _BETWEEN.split(self.data or "") if part))


class ActivityForm(Form):
    key = KeyField()
    version = HiddenField()
    kind = CodeField(N_("活动类别"), "activity_kind", needed=True)
    title = TextField(N_("活动名称"), longest=80, validators=[DataRequired(N_("请写活动名称。"))])
    topic = CodeField(N_("活动主题"), "activity_topic", needed=True, default="other")
    theme = TextField(N_("哪个主题日"), longest=50)
    at = MomentField(N_("什么时候"), validators=[DataRequired(N_("请选时间。"))])
    place = TextField(N_("在哪里"), longest=100)
    audience = CodeField(N_("面向"), "audience")
    headcount = IntegerField(
        N_("多少人"),
        validators=[Optional(), NumberRange(0, 99_999, N_("请填 0 到 99999 之间的整数。"))],
        render_kw={"inputmode": "numeric"},
    )
    minutes = NoteField(N_("会议记录"), longest=10_000, render_kw={"rows": 6})
    doors = DoorsField(N_("参加的住户"), longest=5000, render_kw={"rows": 2})
    photos = PhotosField(N_("照片"), render_kw={"accept": "image/*"})

    @classmethod
    def of(cls, key: str, file: ActivityFile) -> "ActivityForm":
        kept = file.activity
        fields = ("kind", "title", "topic", "theme", "at", "place", "audience", "headcount", "minutes")
        shown = {name: getattr(kept, name) for name in fields}
        doors = " ".join(code for _id, code in file.doors)
        return cls(formdata=None, key=key, version=str(kept.version), doors=doors, **shown)

    @property
    def seen(self) -> int:
        """The version this page was opened at."""
        return int(self.version.data) if str(self.version.data or "").isdecimal() else 0

    def slip(self, words: dict[str, Any]) -> Slip:
        """A photo stands in the words by its hash."""
        return Slip(self.key.data, fingerprint({**words, "photos": self.photos.digests}))

    def entry(self, photos: tuple[Picture, ...]) -> ActivityEntry:
        assert self.at.data
        return ActivityEntry(
            kind=self.kind.data,
            title=self.title.data or "",
            at=self.at.data,
            topic=self.topic.data,
            theme=self.theme.data,
            place=self.place.data,
            audience=self.audience.data,
            headcount=self.headcount.data,
            minutes=self.minutes.data,
            addresses=self.doors.addresses,
            photos=photos,
        )
