"""Form fields that clean what people type: half-width, trimmed, with errors that say what to do."""

import unicodedata
import uuid
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    Field,
    FileField,
    HiddenField,
    MultipleFileField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from grid.core.codes import CODES
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused

LINE = 200
# Years that a day of ours can lie in.
EARLIEST, LATEST = 1850, 2100
TEXT = 2000


# ０-９ Ａ-Ｚ ａ-ｚ and the wide blank.
_NARROW = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_NARROW[0x3000] = 0x20


def clean(text: str) -> str:
    """For numbers and codes: NFKC (full-width signs become plain), no control characters, no blanks at the ends."""
    return _visible(unicodedata.normalize("NFKC", text))


def tidy(text: str) -> str:
    """For words: full-width letters and digits become plain ones; Chinese punctuation stays as it was typed."""
    return _visible(unicodedata.normalize("NFC", text).translate(_NARROW))


def _visible(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C" or c == "\u200d").strip()


class Form(FlaskForm):
    """Every form of ours: errors in the reader's language."""

    class Meta(FlaskForm.Meta):
        locales = ("zh",)
        # Every POST was looked at before a form is made: core/csrf.py.
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed comes from the fields, files only into fields that ask for some."""
            if not (formdata is _Auto and _is_submitted()):
                return super().wrap_formdata(form, formdata)
            return CombinedMultiDict([_files_for(form), request.form]) if request.files else request.form

        def get_translations(self, form: Any) -> Any:
            return _Words()

    def blame(self, refused: Refused) -> None:
        """Put the sentence beside the field it is about. A key that was used once is replaced by a new one."""
        field = self[refused.field]
        field.errors = [refused.sentence]
        if refused.field == "key":
            field.data = new_key()


def _files_for(form: Any) -> MultiDict[str, Any]:
    asked = [field.name for field in form if isinstance(field, FileField | MultipleFileField)]
    return MultiDict([(name, file) for name in asked for file in request.files.getlist(name)])


class _Words:
    """WTForms' own few messages, through our catalog."""

    KNOWN = {
        "Not a valid choice.": N_("请从列表里选一项。"),
        "Not a valid date value.": N_("请写成 2026-01-31 这样的日期。"),
        "Not a valid integer value.": N_("请填整数。"),
        "Not a valid decimal value.": N_("请填数字。"),
        "This field is required.": N_("请填写这一项。"),
        "Not a valid float value.": N_("请填数字。"),
    }

    def gettext(self, text: str) -> str:
        return _(self.KNOWN.get(text, text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


class TextField(StringField):
    """One line. `entry` is None when nothing was typed."""

    neat = staticmethod(tidy)

    def __init__(self, label: str, longest: int = LINE, **options: Any) -> None:
        self.longest = longest
        super().__init__(label, **options)

    data: str | None

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = self.neat(valuelist[0]) or None

    def pre_validate(self, form: Any) -> None:
        if self.data and len(self.data) > self.longest:
            raise ValidationError(_("太长了，最多 %(n)s 个字。", n=self.longest))


class NoteField(TextAreaField):
    """Several lines."""

    def __init__(self, label: str, longest: int = TEXT, **options: Any) -> None:
        self.longest = longest
        super().__init__(label, **options)

    data: str | None

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = tidy(valuelist[0].replace("\r\n", "\n")) or None

    def pre_validate(self, form: Any) -> None:
        if self.data and len(self.data) > self.longest:
            raise ValidationError(_("太长了，最多 %(n)s 个字。", n=self.longest))


class PhoneField(TextField):
    """One or several numbers, parted by ; or 、; kept as digits parted by ';'."""

    neat = staticmethod(clean)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data:
            for sign in "、,，/ ；":
                self.data = self.data.replace(sign, ";")
            self.data = ";".join(part.replace("-", "") for part in self.data.split(";") if part)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        for number in (self.data or "").split(";"):
            if number and not (number.lstrip("+").isdecimal() and 7 <= len(number) <= 15):
                raise ValidationError(_("电话“%(number)s”不对：请只填数字，几个号码用分号隔开。", number=number[:20]))


class DayField(Field):
    """A calendar day; takes 2026-01-31 and 20260131."""

    widget = DateInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        if not text:
            self.data = None
            return
        digits = text.replace("/", "-").replace(".", "-")
        if digits.isdecimal() and len(digits) == 8:
            digits = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        try:
            self.data = date.fromisoformat(digits)
            if not EARLIEST <= self.data.year <= LATEST:
                raise ValueError
        except ValueError:
            self.data = None
            raise ValueError(_("请写成 2026-01-31 这样的日期。")) from None


def choices(codes: str, empty: bool = False) -> list[SelectChoice]:
    """A code list as choices, in the reader's language."""
    items = [SelectChoice(code, label) for code, label in CODES[codes].choices()]
    return [SelectChoice("", "—"), *items] if empty else items


class CodeField(SelectField):
    """One of a code list, or nothing."""

    def __init__(self, label: str, codes: str, needed: bool = False, **options: Any) -> None:
        self.codes, self.needed = codes, needed
        super().__init__(
            label, choices=lambda: choices(codes, not needed), coerce=_code, validate_choice=False, **options
        )

    def pre_validate(self, form: Any) -> None:
        if self.data is None and self.needed:
            raise ValidationError(_("请选一项。"))
        if self.data is not None and self.data not in CODES[self.codes]:
            raise ValidationError(_("请从列表里选一项。"))


class YesNoField(SelectField):
    """Yes, no, or not asked yet (None)."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, choices=self._three, coerce=_yes_no, validate_choice=False, **options)

    def _three(self) -> list[SelectChoice]:
        return [SelectChoice("", "—"), SelectChoice("1", _("是")), SelectChoice("0", _("否"))]


def _code(value: Any) -> str | None:
    return str(value) if value not in (None, "", "None") else None


def _yes_no(value: Any) -> bool | None:
    return None if value in (None, "", "None") else value in (True, "1")


class CodesField(SelectMultipleField):
    """Any number of a code list."""

    def __init__(self, label: str, codes: str, **options: Any) -> None:
        self.codes = codes
        super().__init__(label, choices=lambda: choices(codes), validate_choice=False, **options)

    def pre_validate(self, form: Any) -> None:
        if any(code not in CODES[self.codes] for code in self.data or []):
            raise ValidationError(_("请从列表里选一项。"))


def new_key() -> str:
    """The UUID of an entry that somebody begins now."""
    return str(uuid.uuid4())


class KeyField(HiddenField):
    """The UUID of one entry, made when its form was opened: the same key is stored once, however often it is sent."""

    def pre_validate(self, form: Any) -> None:
        if not (self.data and 16 <= len(self.data) <= 64 and all(c.isalnum() or c == "-" for c in self.data)):
            raise ValidationError(_("这张表单不完整，请刷新页面后再试。"))


def options(field: Any) -> list[tuple[str, str, bool]]:
    """Value, label and whether chosen, of a field with choices: for templates that draw them as buttons."""
    return [(c.value, c.label, c.selected) for c in field.iter_choices() if c.value != ""]


class IdNumberField(TextField):
    """An ID number: upper case, no blanks. A doubtful one is kept; the register warns about it."""

    neat = staticmethod(clean)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data:
            self.data = "".join(self.data.upper().split())

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and not (self.data.isascii() and self.data.isalnum()):
            raise ValidationError(_("证件号码只有数字和字母，请核对。"))
