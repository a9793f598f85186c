"""What is asked for an import: its kind, the files, the community."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from grid.core.forms import Form, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.exchange.planning import KINDS, MOST_FILES
from grid.register.models import Community

# What a file of each kind needs.
NEEDS = {
    "map": N_("社区范围、片区、楼栋轮廓、巡逻路线（GeoJSON）。没有地图也能用，系统会按楼栋排一张示意图。"),
    "doors": N_("每户一行，要有“楼号”和“房间”两列；另有一张楼栋汇总表更好。"),
    "residents": N_("每人一行，要有“姓名”和“居住地址”。住址写成 3-2-501 或 3幢2单元501室 都认得。"),
    "floating": N_("每人一行，要有“姓名”，还要有“身份证号”或“现住址”；流入原因、办证类型、到期日期都认得。"),
    "tags": N_("每人一行，要有“姓名”和“人员类别”，还要有“身份证号”或“住址”。"),
    "visits": N_("每次走访一行，要有“走访时间”，还要有“走访对象”或“居住地址”。"),
}


class ImportForm(Form):
    kind = RadioField(N_("导入什么"), default="residents", validate_choice=False)
    files = MultipleFileField(N_("文件"))
    community = SelectField(N_("社区"), validate_choice=False)
    new_community = TextField(N_("新社区名称"), longest=50)
    credit = TextField(N_("地图来源"), longest=200)

    def offer(self, communities: list[Community]) -> None:
        """The communities somebody may import into; a map may also begin a new one."""
        self.kind.choices = [SelectChoice(kind, _(name)) for kind, name in KINDS.items()]
        self.community.choices = [SelectChoice(one.public_id, one.name) for one in communities]
        self.community.choices.append(SelectChoice("", _("新建一个社区（只能用地图）")))

    def needs(self, kind: str) -> str:
        return _(NEEDS[kind]) if kind in NEEDS else ""

    def validate_kind(self, field: Any) -> None:
        if field.data not in KINDS:
            raise ValidationError(_("请选一项。"))

    def validate_files(self, field: Any) -> None:
        given = [file for file in field.data or [] if getattr(file, "filename", "")]
        if not given:
            raise ValidationError(_("请选文件。"))
        if len(given) > MOST_FILES:
            raise ValidationError(_("一次最多 %(n)s 个文件。", n=MOST_FILES))

    def validate_community(self, field: Any) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("请从列表里选一项。"))
        if not field.data and self.kind.data != "map":
            raise ValidationError(_("请选社区；新社区要先导入地图。"))
