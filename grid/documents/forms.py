"""What is asked before printing: which doors of a batch, whole numbers and what for, how many blank sheets."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grid.accounts.receipts import Slip, fingerprint
from grid.atlas import layers
from grid.core.forms import Form, KeyField, TextField
from grid.core.i18n import N_, listed
from grid.core.i18n import gettext as _
from grid.documents.choosing import WHICH, Choice
from grid.documents.contacts_paper import PHONES, needs_reason, reason_refused
from grid.register.models import Block, Building, Tag

# How many names of what was chosen stand in the print log.
NAMED = 8
MOST_BLANK = 50


class BatchForm(Form):
    """Blocks, buildings, a tag; what was offered is all that can be chosen."""

    key = KeyField()
    kind = HiddenField()
    community = HiddenField()
    blocks = SelectMultipleField(validate_choice=False)
    buildings = SelectMultipleField(validate_choice=False)
    tag = SelectField(N_("只印有这个标签的户"), validate_choice=False)
    which = RadioField(
        N_("印哪些"),
        choices=lambda: [
            SelectChoice("all", _("全部")),
            SelectChoice("changed", _("打印以后有变动的")),
            SelectChoice("never", _("还没有打印过的")),
        ],
        default="all",
        validate_choice=False,
    )
    split = BooleanField(N_("另外每幢楼存一个文件"))
    size = SelectField(
        N_("纸张"),
        choices=lambda: [SelectChoice("", _("看得清就用 A4")), SelectChoice("A4", "A4"), SelectChoice("A3", "A3")],
        validate_choice=False,
    )
    layer = SelectField(
        N_("图层"),
        choices=lambda: [
            SelectChoice("", _("不上色")),
            *(SelectChoice(key, layers.name(key)) for key in layers.LAYERS),
        ],
        validate_choice=False,
    )
    reason = TextField(N_("用途（会记在打印登记里）"), 200)

    def offer(self, blocks: Sequence[Block], buildings: Sequence[Building], tags: Sequence[Tag]) -> "BatchForm":
        self._blocks = {block.public_id: block for block in blocks}
        self.houses = buildings
        self._buildings = {building.public_id: building for building in buildings}
        self._tags = {tag.public_id: tag for tag in tags}
        self.blocks.choices = [SelectChoice(b.public_id, b.name) for b in blocks]
        self.buildings.choices = [SelectChoice(b.public_id, b.no) for b in buildings]
        everybody = SelectChoice("", _("不限标签"))
        self.tag.choices = [everybody, *(SelectChoice(tag.public_id, _(tag.label)) for tag in tags)]
        return self

    def validate_blocks(self, field: Any) -> None:
        _only(field.data or [], self._blocks)

    def validate_buildings(self, field: Any) -> None:
        _only(field.data or [], self._buildings)

    def validate_tag(self, field: Any) -> None:
        _only([field.data] if field.data else [], self._tags)

    def validate_which(self, field: Any) -> None:
        _only([field.data], dict.fromkeys(WHICH))

    def validate_size(self, field: Any) -> None:
        _only([field.data] if field.data else [], dict.fromkeys(("A4", "A3")))

    def validate_layer(self, field: Any) -> None:
        _only([field.data] if field.data else [], dict.fromkeys(layers.LAYERS))

    def choice(self, community_id: int) -> Choice:
        return Choice(
            community_id,
            tuple(self._blocks[i].id for i in self.blocks.data or ()),
            tuple(self._buildings[i].id for i in self.buildings.data or ()),
            self._tags[self.tag.data].id if self.tag.data else None,
            self.which.data,
        )

    def words(self) -> str:
        """What was chosen, as the print log says it."""
        places = [self._blocks[i].name for i in self.blocks.data or ()]
        places += [_("%(no)s幢", no=self._buildings[i].no) for i in self.buildings.data or ()]
        shown = [listed(places[:NAMED]) + ("…" if len(places) > NAMED else "")] if places else [_("全部楼栋")]
        if self.tag.data:
            shown.append(_(self._tags[self.tag.data].label))
        if self.which.data != "all":
            shown.append(next(c.label for c in self.which.iter_choices() if c.value == self.which.data))
        return "；".join(shown)

    def options(self) -> dict[str, Any]:
        return {"size": self.size.data or "", "layer": self.layer.data or ""}

    def slip(self, said: Mapping[str, Any]) -> Slip:
        return Slip(self.key.data, fingerprint(said))


def _only(chosen: Sequence[str], offered: Mapping[str, Any]) -> None:
    if any(one not in offered for one in chosen):
        raise ValidationError(_("请从列表里选。"))


SHOWN = {"masked": N_("隐去中间几位"), "full": N_("完整电话，写明用途")}


class ContactsForm(Form):
    phones = RadioField(
        N_("电话"), choices=lambda: [(key, _(SHOWN[key])) for key in PHONES], default="masked", validate_choice=False
    )
    reason = TextField(N_("用途"), longest=200)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and needs_reason(self.options()):
            self.blame(reason_refused())
            return False
        return good

    def options(self) -> dict[str, str]:
        """As the paper takes them; whatever is not asked for whole is masked."""
        return {"phones": "full" if self.phones.data == "full" else "masked", "reason": self.reason.data or ""}


class SheetForm(Form):
    """`reason` is asked for only where `full_ids` is."""

    full_ids = BooleanField()
    # Print although some characters will be empty boxes.
    anyway = BooleanField()
    reason = TextField(
        N_("为什么要打印完整证件号码"), longest=200, validators=[DataRequired(N_("请写明原因，会记入日志。"))]
    )


class BlankForm(Form):
    community = StringField()
    copies = IntegerField(
        N_("份数"),
        default=1,
        validators=[InputRequired(N_("请填要几份。")), NumberRange(1, MOST_BLANK, N_("一次 1 到 50 份。"))],
    )
