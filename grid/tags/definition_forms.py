"""A tag's definition as it is typed: what it is called, who may see it, and up to eight fields of its own."""

import re
from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, ValidationError
from wtforms.validators import DataRequired, Optional

from grid.accounts.receipts import Slip, fingerprint
from grid.core.forms import CodeField, Form, KeyField, TextField, new_key
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.register.models import Tag
from grid.tags.definition_actions import TagEntry

ROWS = 8
# So many are offered at first, and so many more than are filled.
AT_FIRST, MORE = 2, 2


def _days(label: str, least: int, most: int) -> IntegerField:
    def lies_between(form: Any, field: Any) -> None:
        if field.data is None or not least <= field.data <= most:
            raise ValidationError(_("请填 %(least)s 到 %(most)s 之间的整数。", least=least, most=most))

    return IntegerField(label, validators=[Optional(), lies_between], render_kw={"inputmode": "numeric"})


class TagForm(Form):
    key = KeyField()
    version = IntegerField(validators=[Optional()])
    label = TextField(N_("名称"), longest=20, validators=[DataRequired(N_("请填写标签名称。"))])
    group = CodeField(N_("标签分组"), "tag_group", needed=True)
    restricted = BooleanField(N_("受限：写明原因才能看，不上任何名单、表、图和统计"))
    for_workers = BooleanField(N_("负责这一户的网格员也能看"), default=True)
    contact_every_days = _days(N_("多少天联系一次"), 1, 730)
    contact_kind = CodeField(N_("联系方式"), "visit_kind")
    grace_days = _days(N_("宽限天数"), 0, 90)
    retention_days = _days(N_("取下后保留天数"), 1, 3650)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The fields of each row: label, kind, choices, needed, key."""
        return [tuple(self[f"{part}_{n}"] for part in PARTS) for n in range(ROWS)]

    @property
    def shown(self) -> list[tuple[Any, ...]]:
        """Rows that are filled or wrong, and a few empty ones."""
        return self.rows[: max(AT_FIRST, self._filled + MORE)]

    @property
    def folded(self) -> list[tuple[Any, ...]]:
        return self.rows[max(AT_FIRST, self._filled + MORE) :]

    @property
    def _filled(self) -> int:
        return max((n + 1 for n, (label, *rest) in enumerate(self.rows) if label.data or label.errors), default=0)

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        for label, kind, choices, _needed, _key in self.rows:
            if label.data and kind.data == "choice" and len(_parted(choices.data)) < 2:
                choices.errors = [_("请写出至少两个选项，用顿号隔开。")]
                fine = False
            if not label.data and choices.data:
                label.errors = [_("请给这一项起个名称。")]
                fine = False
        return fine

    def entry(self) -> TagEntry:
        return TagEntry(
            label=str(self.label.data),
            group=self.group.data,
            restricted=self.restricted.data,
            viewers=None if self.for_workers.data else [],
            contact_every_days=self.contact_every_days.data,
            contact_kind=self.contact_kind.data if self.contact_every_days.data else None,
            grace_days=self.grace_days.data or 0,
            retention_days=self.retention_days.data,
            fields=list(self._fields_said()),
        )

    def _fields_said(self) -> Iterator[dict[str, Any]]:
        """The key stays what it was, so that a new name keeps what was filled in under the old."""
        taken = {key.data for *_rest, key in self.rows if key.data}
        free = (name for name in (f"f{n}" for n in range(1, 3 * ROWS)) if name not in taken)
        for label, kind, choices, needed, key in self.rows:
            if label.data:
                yield {
                    "key": key.data if re.fullmatch(r"[a-z][a-z0-9_]{0,19}", key.data or "") else next(free),
                    "label": label.data,
                    "kind": kind.data,
                    "choices": _parted(choices.data) if kind.data == "choice" else [],
                    "needed": needed.data,
                }

    def slip(self, words: dict[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(words))


PARTS = ("label", "kind", "choices", "needed", "key")
for _n in range(ROWS):
    for _name, _field in (
        ("label", TextField(N_("叫什么"), longest=20)),
        ("kind", CodeField(N_("填什么"), "field_kind", needed=True, default="text")),
        ("choices", TextField(N_("选项"), longest=200)),
        ("needed", BooleanField(N_("必填"))),
        ("key", HiddenField()),
    ):
        setattr(TagForm, f"{_name}_{_n}", _field)


def _parted(choices: str | None) -> list[str]:
    parts = (part.strip() for part in re.split(r"[、,，;；/]", choices or ""))
    return list(dict.fromkeys(part for part in parts if part))


def new_tag_form() -> TagForm:
    return TagForm(formdata=None, key=new_key(), group="care")


def tag_form(tag: Tag) -> TagForm:
    given: dict[str, Any] = {}
    for n, field in enumerate((tag.fields or [])[:ROWS]):
        given |= {f"{part}_{n}": field[part] for part in PARTS if part != "choices"}
        given |= {f"choices_{n}": "、".join(field["choices"])}
    form = TagForm(formdata=None, obj=tag, key=new_key(), for_workers=tag.is_for("grid_worker"), **given)
    return form
