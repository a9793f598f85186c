"""Reads the rows of a floating register: each becomes a draft of one registration, or a line that says why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import N_, _
from grid.exchange import cells
from grid.exchange.columns import Fields, Layout, find_layout, rows_below
from grid.exchange.lines import REFUSED, Line
from grid.exchange.person_finding import Known, PersonNotFound, find_person, remarks_on_whereabouts
from grid.exchange.queries import Lived
from grid.exchange.rowcells import RowCells
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import Sheet
from grid.register.dates import read_date

HEADINGS: Fields = {
    "name": ("姓名", "居民姓名", "人员姓名", "流动人员姓名"),
    "id_no": ("身份证号", "身份证", "身份证号码", "公民身份号码"),
    "direction": ("流动方向", "方向", "流入流出", "流入/流出"),
    "reason": ("流入原因", "流动原因", "来本地原因", "居住事由", "暂住事由", "原因"),
    "outflow": ("流出原因", "外出原因", "外出事由"),
    "permit_kind": ("办证类型", "证件类型", "证件种类", "证件", "办证情况", "是否办证"),
    "permit_no": ("证件号码", "证件编号", "居住证号", "居住证号码", "居住证编号", "暂住证号", "证号"),
    "registered_on": ("登记日期", "登记时间", "办证日期", "来本地日期", "流入日期", "流出日期"),
    "expires_on": ("证件到期日期", "到期日期", "有效期到", "有效期至", "有效期", "证件有效期", "到期时间"),
    "dwelling_kind": ("住所类型", "住所类别", "居住类型", "居住方式"),
    "rented_by": ("房东", "房东姓名", "出租人", "房主"),
    "employed_by": ("用工单位", "工作单位", "就业单位", "从业单位"),
    "went_to": ("去向", "流往地", "流往何地", "流出地址", "外出地点"),
    "left_on": ("离开日期", "离开时间", "注销日期", "返回日期"),
    "left_reason": ("离开原因", "离开事由", "注销原因"),
    "address": ("现住址", "居住地址", "住址", "地址", "现住地址", "暂住地址", "楼栋房号", "房号", "详细地址"),
    "building": ("现住小区/建筑", "楼栋", "楼号", "楼栋号"),
    "unit": ("单元", "单元号"),
    "door": ("门牌地址", "门牌", "门牌号", "房间", "房间号", "室号"),
}
# Words that mean a label of a code list.
_REASONS = {
    "打工": "01", "务工经商": "01", "上班": "01", "工作": "01", "做生意": "03", "经营": "03", "上学": "04",
    "求学": "04", "读书": "04", "学习": "04", "培训": "04", "结婚": "05", "随迁家属": "06", "随家属": "06",
    "看病": "07", "治病": "07", "疗养": "07", "投靠亲友": "08", "探亲": "08", "投靠": "08", "调动": "09",
}  # fmt: skip
SYNONYMS: dict[str, Mapping[str, str]] = {
    "direction": {"流入人员": "in", "来": "in", "入": "in", "流出人员": "out", "外出": "out", "出": "out"},
    "inflow_reason": _REASONS,
    "outflow_reason": _REASONS | {
        "工作就业": "01", "就业": "01", "婚姻嫁娶": "05", "随同离开": "06", "随同离开/投亲靠友": "06", "回乡": "21",
        "回老家": "21", "返回原籍": "21", "返乡创业": "21", "拆迁": "22", "搬家": "22", "搬走": "22", "换房": "22",
        "退租": "22", "带孙子": "23", "照看孙辈": "23", "陪读": "24", "养老": "25", "康养": "25",
    },
    "permit_type": {"有": "01", "已办": "01", "是": "01", "居住卡": "01", "临时居住证": "02"},
    "dwelling_type": {
        "租房": "02", "租住": "02", "租赁": "02", "出租屋": "02", "出租房": "02", "自购": "01", "自有": "01",
        "自有房": "01", "购房": "01", "宿舍": "05", "集体宿舍": "05", "工棚": "06", "工地宿舍": "06",
    },
}  # fmt: skip
NO_PERMIT = frozenset(("未办", "无", "没有", "未办理", "未办证", "没办", "否"))
PERMIT = ("permit_kind", "permit_no", "expires_on")
_PERMIT_NO = re.compile(r"[0-9A-Za-z()-]{1,22}")


@dataclass
class Draft:
    """One row about a person of the register. `has_no_permit`: it says so, which an empty cell does not."""

    file: str
    sheet: str
    read: RowCells
    person: Lived
    fields: dict[str, Any]
    has_no_permit: bool
    fault: str | None = None
    repeats: str | None = None

    @property
    def about(self) -> tuple[str, str, int]:
        return self.file, self.sheet, self.read.row.number


@dataclass
class Register:
    """What is filled while the rows are read."""

    known: Known
    today: date
    drafts: list[Draft | Line] = field(default_factory=list)
    seen: dict[tuple[int, date | None], Draft] = field(default_factory=dict)


def layout_of(sheet: Sheet, vocabulary: Vocabulary) -> Layout | None:
    """A list of names alone is none: it says who, or something of a floating register."""
    found = find_layout(sheet, HEADINGS, ("name",), "floating", vocabulary)
    is_ours = found and set(found.columns) & {
        "reason",
        "outflow",
        "direction",
        *PERMIT,
        "registered_on",
        "dwelling_kind",
    }
    return found if is_ours else None


def read_sheet(register: Register, file: str, sheet: Sheet, layout: Layout) -> None:
    for row, kind in rows_below(sheet, layout, "name"):
        if kind == "data":
            register.drafts.append(_draft(register, file, sheet.name, RowCells(row, layout)))


def _draft(register: Register, file: str, sheet: str, read: RowCells) -> Draft | Line:
    try:
        person = find_person(register.known, read)
    except PersonNotFound as missing:
        subject = cells.words(read.raw("name"))[:20] or "?"
        return Line(file, sheet, read.row.number, REFUSED, subject, (), (missing.sentence,))
    fields, has_no_permit = _fields(register, read)
    draft = Draft(file, sheet, read, person, fields, has_no_permit)
    draft.fault = _fault(draft)
    _look_odd(draft)
    _check_repeats(register, draft)
    return draft


def _fields(register: Register, read: RowCells) -> tuple[dict[str, Any], bool]:
    has_no_permit = cells.words(read.raw("permit_kind")) in NO_PERMIT
    direction, left_on = _direction(read), _past(register, read, "left_on")
    fields: dict[str, Any] = {
        "direction": direction,
        "reason": _reason(read, direction),
        "permit_kind": None if has_no_permit else _code(read, "permit_kind", "permit_type"),
        "permit_no": _permit_no(read),
        "registered_on": _past(register, read, "registered_on"),
        "expires_on": _day(read, "expires_on"),
        "dwelling_kind": _code(read, "dwelling_kind", "dwelling_type"),
        "employed_by": read.text("employed_by", 100),
        "rented_by": read.text("rented_by", 100),
        "went_to": read.text("went_to", 100),
        "left_on": left_on,
        "left_reason": _left_reason(read, direction, left_on),
    }
    if has_no_permit and (fields["permit_no"] or fields["expires_on"]):
        read.remarks.append(_("写的是没有办证，证件编号和到期日期没有写入"))
    return (fields | dict.fromkeys(PERMIT) if has_no_permit else fields), has_no_permit


def _direction(read: RowCells) -> str | None:
    """As the row says it; else who has a reason of going alone went, unless they came and have left."""
    said: str | None = _code(read, "direction", "direction")
    others = [name for name in ("reason", "left_on") if cells.words(read.raw(name))]
    if said is None and "outflow" in read.layout.columns and not others:
        is_of_both = "reason" in read.layout.columns
        return "out" if cells.words(read.raw("outflow")) or not is_of_both else None
    return said


def _reason(read: RowCells, direction: str | None) -> Any:
    """Of coming or of going, each from its list; who went may have it under a heading for both."""
    if direction != "out":
        return _code(read, "reason", "inflow_reason")
    return next((code for name in ("outflow", "reason", "left_reason") if (code := _going(read, name))), None)


def _left_reason(read: RowCells, direction: str | None, left_on: date | None) -> Any:
    """Why somebody who came has left. It stands with the day of it."""
    if direction == "out":
        return None
    for name in ("left_reason", "outflow"):
        code = _going(read, name)
        if code and left_on:
            return code
        if code:
            read.taken(name, (None, [_("没有离开日期，没有写入")]))
    return None


def _going(read: RowCells, name: str) -> Any:
    return _code(read, name, "outflow_reason")


def _code(read: RowCells, name: str, codes: str) -> Any:
    """The register has no note: of a word that nobody knows it is said that it is not kept."""
    return read.code(name, codes, SYNONYMS[codes], N_("%(what)s，这一项没有写入"))


def _permit_no(read: RowCells) -> str | None:
    number = re.sub(r"\s", "", cells.words(read.raw("permit_no")))
    if not number or _PERMIT_NO.fullmatch(number):
        return number or None
    read.taken("permit_no", (None, [_("证件编号只能有数字和字母，最多 22 位，没有写入")]))
    return None


def _day(read: RowCells, name: str) -> date | None:
    said = read_date(read.raw(name))
    if said is None:
        return None
    if said.day is None:
        why = _("“%(what)s”不是完整的日期，没有写入", what=cells.words(read.raw(name))[:20])
        read.taken(name, (None, [why]))
    elif said.warning:
        read.taken(name, (None, [said.warning]))
    return said.day


def _past(register: Register, read: RowCells, name: str) -> date | None:
    day = _day(read, name)
    if day and day > register.today:
        read.taken(name, (None, [_("%(day)s 还没到，没有写入", day=day)]))
        return None
    return day


def _fault(draft: Draft) -> str | None:
    fields = draft.fields
    if draft.person.facts["died_on"]:
        return _("户档里这个人已经去世，不用登记")
    if fields["registered_on"] and fields["expires_on"] and fields["expires_on"] < fields["registered_on"]:
        return _("证件到期日期比登记日期还早，请改正后再导入")
    if fields["registered_on"] and fields["left_on"] and fields["left_on"] < fields["registered_on"]:
        return _("离开日期比登记日期还早，请改正后再导入")
    return None


def _look_odd(draft: Draft) -> None:
    """It goes in all the same."""
    if draft.fields["left_on"] is None:
        draft.read.remarks += remarks_on_whereabouts(draft.person)
    if draft.fields["direction"] != "out" and draft.person.facts["population_kind"] == "registered":
        draft.read.remarks.append(_("户档里写的是户籍人口，请核对"))


def _check_repeats(register: Register, draft: Draft) -> None:
    """The same person twice in the files: once is enough; a contradiction is for a human."""
    first = register.seen.setdefault((draft.person.id, draft.fields["left_on"]), draft)
    if first is draft:
        return
    about = {"n": first.read.row.number}
    if first.fields == draft.fields:
        draft.repeats = _("和第 %(n)s 行是同一个人", **about)
    else:
        draft.fault = _("第 %(n)s 行写的是同一个人，内容不一样，请只留一行", **about)
