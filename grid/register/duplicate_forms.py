"""What is chosen where two people become one: by sides, so that no number goes into a page and back."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired

from grid.accounts.receipts import Slip, fingerprint
from grid.core.forms import DayField, Form, KeyField
from grid.core.i18n import N_
from grid.register.duplicate_actions import BOTH, FIELDS, JOINED, KEPT, OTHER, MergeEntry, proposals
from grid.register.duplicate_queries import Two, mark_of, stays_of

# A field's choice is sent under this and its name.
TAKE = "take-"


class MergeForm(Form):
    key = KeyField()
    version = IntegerField(validators=[InputRequired()])
    other_version = IntegerField(validators=[InputRequired()])
    stays = HiddenField()
    home = SelectField(N_("现在住在哪里"), choices=[KEPT, OTHER], default=KEPT)
    since = DayField(N_("从哪一天起住在这里"))

    @property
    def sides(self) -> dict[str, str]:
        return {name: self[TAKE + name].data for name in FIELDS}

    def entry(self) -> MergeEntry:
        return MergeEntry(
            self.version.data, self.other_version.data, self.stays.data or "", self.sides, self.home.data,
            self.since.data,
        )  # fmt: skip

    def slip(self, words: Mapping[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(words))

    def now_over(self, two: Two) -> None:
        """What was chosen stays; it is said over what the two are by now."""
        kept, other = two.people
        self.version.data, self.other_version.data = kept.version, other.version
        self.version.raw_data = self.other_version.raw_data = None
        self.stays.data = mark_of(stays_of(kept.id, other.id))


for _name in FIELDS:
    _sides = [KEPT, OTHER, BOTH] if _name in JOINED else [KEPT, OTHER]
    setattr(MergeForm, TAKE + _name, SelectField(choices=_sides, default=KEPT))


def merge_form(two: Two, key: str) -> MergeForm:
    form = MergeForm(formdata=None, key=key, **{TAKE + name: side for name, side in proposals(two).items()})
    form.now_over(two)
    return form
