"""Code lists: the national standards' (codes.json says from where and how sure) and the product's own words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grid.core.i18n import N_, gettext


@dataclass(frozen=True)
class CodeList:
    """An ordered list of code → Chinese label, with the standard it comes from."""

    label: str
    origin: str
    items: tuple[tuple[str, str], ...]

    @cached_property
    def by_code(self) -> Mapping[str, str]:
        return dict(self.items)

    @cached_property
    def by_label(self) -> Mapping[str, str]:
        return {label: code for code, label in self.items}

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def text(self, code: str | None) -> str:
        """The label in the reader's language; '' for nothing, the code itself when unknown."""
        return gettext(self.by_code.get(code, code)) if code else ""

    def choices(self) -> list[tuple[str, str]]:
        return [(code, gettext(label)) for code, label in self.items]


def _standard() -> dict[str, CodeList]:
    read = json.loads(Path(__file__).with_name("codes.json").read_text(encoding="utf-8"))
    return {
        name: CodeList(entry["label"], entry["origin"], tuple((i["code"], i["label"]) for i in entry["items"]))
        for name, entry in read.items()
    }


def _own(label: str, *items: tuple[str, str]) -> CodeList:
    return CodeList(label, "Yihu", items)


CODES: dict[str, CodeList] = _standard() | {
    "role": _own(
        N_("角色"),
        ("administrator", N_("管理员")),
        ("grid_worker", N_("网格员")),
        ("building_head", N_("楼栋长")),
        ("street_viewer", N_("街道查看")),
    ),
    "duty": _own(N_("分工"), ("in_charge", N_("负责")), ("helps", N_("协助"))),
    "use": _own(
        N_("用途"),
        ("dwelling", N_("住宅")),
        ("shop", N_("商铺")),
        ("office", N_("办公")),
        ("garage", N_("车库")),
        ("other", N_("其他")),
    ),
    "occupancy": _own(
        N_("房屋状态"),
        ("own", N_("自住")),
        ("rented", N_("出租")),
        ("vacant", N_("空置")),
        ("other", N_("其他")),
    ),
    "family_kind": _own(N_("家庭类别"), ("general", N_("一般")), ("care", N_("关爱")), ("focus", N_("重点服务"))),
    "live_kind": _own(
        N_("居住性质"),
        ("head_family", N_("户主家庭")),
        ("owner", N_("业主")),
        ("tenant", N_("租户")),
        ("lodger", N_("寄居")),
    ),
    "population_kind": _own(
        N_("人口类别"),
        ("registered", N_("户籍")),
        ("floating", N_("流动")),
        ("overseas", N_("境外")),
        ("left_behind", N_("留守")),
    ),
    "leave_reason": _own(
        N_("迁出原因"),
        ("moved", N_("搬走")),
        ("lease_ended", N_("退租")),
        ("sold", N_("房屋出售")),
        ("died", N_("去世")),
        ("other", N_("其他")),
    ),
    "visit_kind": _own(
        N_("走访方式"),
        ("visit", N_("走访")),
        ("talk", N_("谈话")),
        ("phone", N_("电话")),
        ("comfort", N_("慰问")),
        ("check", N_("核查")),
    ),
    "found": _own(N_("走访结果"), ("home", N_("在家")), ("nobody", N_("无人")), ("refused", N_("拒访"))),
    "topic": _own(
        N_("走访内容"),
        ("details", N_("信息核对")),
        ("disputes", N_("矛盾排查")),
        ("safety", N_("安全隐患")),
        ("policy", N_("政策宣传")),
        ("help", N_("帮扶")),
    ),
    "case_type": _own(
        N_("事件类别"),
        ("dispute", N_("矛盾纠纷")),
        ("hazard", N_("安全隐患")),
        ("hygiene", N_("环境卫生")),
        ("facility", N_("设施")),
        ("request", N_("诉求")),
        ("security", N_("治安")),
        ("other", N_("其他")),
    ),
    "case_source": _own(
        N_("事件来源"),
        ("visit", N_("走访")),
        ("report", N_("楼栋长报告")),
        ("counter", N_("窗口")),
        ("phone", N_("电话")),
    ),
    "report_kind": _own(
        N_("报告类别"),
        ("visitor", N_("来访")),
        ("tenant", N_("新租户")),
        ("peddler", N_("推销")),
        ("stranger", N_("陌生人")),
        ("other", N_("其他")),
    ),
    "report_state": _own(
        N_("处理状态"),
        ("waiting", N_("待核")),
        ("verified", N_("已核实")),
        ("turned", N_("已转")),
        ("closed", N_("已结")),
    ),
    "home_hours": _own(
        N_("常在家时段"),
        ("morning", N_("上午")),
        ("afternoon", N_("下午")),
        ("evening", N_("晚上")),
    ),
    "tag_group": _own(
        N_("标签分组"),
        ("organisation", N_("组织")),
        ("care", N_("关爱")),
        ("service", N_("服务")),
        ("guidance", N_("帮教")),
    ),
    "site_kind": _own(
        N_("场所"),
        ("committee", N_("社区居委会")),
        ("police", N_("警务室")),
        ("clinic", N_("卫生服务站")),
        ("school", N_("学校")),
        ("fire_station", N_("微型消防站")),
        ("hydrant", N_("消防栓")),
        ("charger", N_("充电桩")),
        ("gate", N_("出入口")),
        ("guard_post", N_("治安岗亭")),
        ("market", N_("市场")),
        ("park", N_("公园")),
        ("other", N_("其他")),
    ),
}
