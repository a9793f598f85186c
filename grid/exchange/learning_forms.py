"""What each unknown word of a file means: a choice beside every word."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from grid.core.codes import CODES
from grid.core.forms import Form, TextField
from grid.core.i18n import N_, labelled
from grid.core.i18n import gettext as _
from grid.exchange.columns import bare
from grid.exchange.fields import BUILDINGS, DOORS, RESIDENTS
from grid.exchange.floating_rows import HEADINGS as FLOATING
from grid.exchange.learning_actions import WordEntry
from grid.exchange.resident_rows import LIVES, RELATION
from grid.exchange.tag_rows import HEADINGS as TAGS
from grid.exchange.visit_rows import VISITS
from grid.exchange.vocabulary import CODE, HEADING, IGNORED, LONGEST, TAG, Unknown

FIELDS = {
    "residents": RESIDENTS,
    "doors": DOORS,
    "buildings": BUILDINGS,
    "floating": FLOATING,
    "tags": TAGS,
    "visits": VISITS,
}
FILES = {
    "residents": N_("人员表的列"),
    "doors": N_("房屋表的列"),
    "buildings": N_("楼栋表的列"),
    "floating": N_("流动人口表的列"),
    "tags": N_("标签表的列"),
    "visits": N_("走访表的列"),
}


def kind_words(kind: str) -> str:
    """What a word of this kind is: a heading of which file, a word of which list."""
    if kind.startswith(HEADING):
        return _(FILES.get(kind.removeprefix(HEADING), kind))
    return _("人员类别") if kind == TAG else _(CODES[kind.removeprefix(CODE)].label)


def meanings(kind: str, tags: Sequence[str]) -> dict[str, str]:
    """What a word of this kind can mean: value and its words. A field is named as its first heading."""
    if kind.startswith(HEADING):
        return {name: headings[0] for name, headings in FIELDS.get(kind.removeprefix(HEADING), {}).items()}
    if kind == TAG:
        return {label: label for label in tags}
    found = dict(CODES[kind.removeprefix(CODE)].choices())
    return {name: CODES["live_kind"].text(name) for name in LIVES} | found if kind == RELATION else found


def means_words(kind: str, means: str, tags: Sequence[str]) -> str:
    return _("不用管") if means == IGNORED else meanings(kind, tags).get(means, means)


@dataclass(frozen=True)
class Asked:
    """A word with its field in the form."""

    word: Unknown
    field: Any


class WordsForm(Form):
    """One choice a word; those left open are asked again another time."""

    @property
    def asked(self) -> list[Asked]:
        return [Asked(word, self[name_of(word)]) for word in self.words]

    def entries(self) -> list[WordEntry]:
        return [WordEntry(one.word.kind, one.word.said, one.field.data) for one in self.asked if one.field.data]


def words_form(unknown: Sequence[Unknown], tags: Sequence[str]) -> WordsForm:
    fields = {name_of(word): _choice(word, tags) for word in unknown}
    made = type("TheseWords", (WordsForm,), fields)()
    made.words = tuple(unknown)
    return made  # type: ignore[no-any-return]


def name_of(word: Unknown) -> str:
    """The same for the same word, whatever other words there are by then."""
    return "w" + hashlib.sha256(f"{word.kind}|{word.said}".encode()).hexdigest()[:12]


def _choice(word: Unknown, tags: Sequence[str]) -> SelectField:
    offered = [SelectChoice(value, text) for value, text in meanings(word.kind, tags).items()]
    first = [SelectChoice("", _("以后再说")), SelectChoice(IGNORED, _("不用管"))]
    return SelectField(word.said, choices=[*first, *offered])


class HeadingForm(Form):
    """A heading told beforehand: without it the file may not be readable at all."""

    said = TextField(N_("表头里的写法"), longest=LONGEST)
    means = SelectField(N_("意思"))
    community = StringField()

    def offer(self) -> None:
        self.means.choices = [
            SelectChoice(f"{file}.{name}", labelled(_(FILES[file]), headings[0]))
            for file, fields in FIELDS.items()
            for name, headings in fields.items()
        ]

    def validate_said(self, field: Any) -> None:
        if not bare(field.data):
            raise ValidationError(_("请填写。"))

    def entry(self) -> WordEntry:
        file, _dot, name = self.means.data.partition(".")
        return WordEntry(HEADING + file, bare(self.said.data)[:LONGEST], name)
