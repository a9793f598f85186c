"""Reads the rows of a list of tags: each becomes a draft of what somebody is to carry, or a line that says why not."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.exchange import cells
from grid.exchange.columns import Fields, Layout, find_layout, rows_below
from grid.exchange.lines import REFUSED, Line
from grid.exchange.person_finding import Known, PersonNotFound, find_person, remarks_on_whereabouts
from grid.exchange.queries import Lived
from grid.exchange.rowcells import RowCells
from grid.exchange.tag_queries import Tags
from grid.exchange.vocabulary import TAG, Vocabulary
from grid.exchange.workbooks import Sheet
from grid.register.dates import read_date
from grid.tags.guard_rails import refuse_forbidden

HEADINGS: Fields = {
    "name": ("姓名", "居民姓名", "人员姓名", "名字"),
    "id_no": ("身份证号", "身份证", "身份证号码", "公民身份号码", "证件号码"),
    "tags": ("人员类别", "重点类别", "人员标签", "标签", "类别", "关爱类别", "服务类别", "对象类别", "人群类别"),
    "since": ("起始日期", "开始日期", "起始时间", "认定日期", "认定时间", "纳入日期", "登记日期"),
    "source": ("来源", "信息来源", "从哪里知道的", "数据来源"),
    "carer": ("责任人/帮扶人", "责任人", "帮扶人", "联系人", "帮扶责任人", "包联人", "监护人"),
    "note": ("备注", "说明", "备注信息"),
    "address": ("住址", "居住地址", "地址", "现住址", "现住地址", "家庭住址", "楼栋房号", "房号", "详细地址"),
    "building": ("现住小区/建筑", "楼栋", "楼号", "楼栋号"),
    "unit": ("单元", "单元号"),
    "door": ("门牌地址", "门牌", "门牌号", "房间", "房间号", "室号"),
}
LONGEST = 50


@dataclass
class Draft:
    """One row: who, the labels, what is said of each of them, and words for the person's note."""

    file: str
    sheet: str
    read: RowCells
    person: Lived
    labels: list[str]
    said: dict[str, Any]
    notes: list[str]
    fault: str | None = None

    @property
    def about(self) -> tuple[str, str, int]:
        return self.file, self.sheet, self.read.row.number


@dataclass
class TagList:
    """What is filled while the rows are read. `may_restrict`: whoever imports may give restricted tags."""

    known: Known
    tags: Tags
    today: date
    may_restrict: bool
    drafts: list[Draft | Line] = field(default_factory=list)
    # Person id and label → the row that said it first.
    seen: dict[tuple[int, str], Draft] = field(default_factory=dict)


def layout_of(sheet: Sheet, vocabulary: Vocabulary) -> Layout | None:
    return find_layout(sheet, HEADINGS, ("name", "tags"), "tags", vocabulary)


def read_sheet(listed: TagList, file: str, sheet: Sheet, layout: Layout) -> None:
    for row, kind in rows_below(sheet, layout, "name"):
        if kind == "data":
            listed.drafts.append(_draft(listed, file, sheet.name, RowCells(row, layout)))


def _draft(listed: TagList, file: str, sheet: str, read: RowCells) -> Draft | Line:
    try:
        person = find_person(listed.known, read)
    except PersonNotFound as missing:
        subject = cells.words(read.raw("name"))[:20] or "?"
        return Line(file, sheet, read.row.number, REFUSED, subject, (), (missing.sentence,))
    labels, notes, remarks = _labels(listed, read)
    draft = Draft(file, sheet, read, person, labels, _said(listed, read), notes)
    draft.fault = _fault(listed, draft, remarks)
    read.taken("tags", (None, remarks))
    read.remarks += remarks_on_whereabouts(person)
    _add_note(listed, draft)
    _check_repeats(listed, draft)
    return draft


def _labels(listed: TagList, read: RowCells) -> tuple[list[str], list[str], list[str]]:
    """Known labels, words for the note, and sentences; what no tag may say is told to nobody."""
    vocabulary = read.layout.vocabulary
    taught = vocabulary.learnt.get(TAG, {})
    labels, unknown, remarks = cells.read_tags(read.raw("tags"), listed.tags.ids, taught)
    kept = []
    for word in unknown:
        try:
            refuse_forbidden("tags", [word])
        except Refused as refused:
            remarks = [remark for remark in remarks if word not in remark] + [refused.sentence]
        else:
            kept.append(word)
            if word not in taught:
                vocabulary.wonder(TAG, word, read.place)
    return labels, [_("类别：%(words)s", words="、".join(kept))] if kept else [], remarks


def _said(listed: TagList, read: RowCells) -> dict[str, Any]:
    return {
        "since": _since(listed, read),
        "source": _plain(read, "source", LONGEST),
        "carer": _plain(read, "carer", LONGEST),
    }


def _since(listed: TagList, read: RowCells) -> date | None:
    said = read_date(read.raw("since"))
    if said is None:
        return None
    if said.day is None or said.day > listed.today:
        why = _("“%(what)s”不是完整的日期，没有写入", what=cells.words(read.raw("since"))[:20])
        read.taken("since", (None, [_("%(day)s 还没到，没有写入", day=said.day) if said.day else why]))
        return None
    return said.day


def _plain(read: RowCells, name: str, longest: int) -> str | None:
    """Free words, unless they say what is nobody's business."""
    text: str | None = read.text(name, longest)
    try:
        refuse_forbidden(name, [text or ""])
    except Refused as refused:
        read.taken(name, (None, [_("%(why)s这一格没有写入", why=refused.sentence)]))
        return None
    return text


def _fault(listed: TagList, draft: Draft, remarks: list[str]) -> str | None:
    if draft.person.facts["died_on"]:
        return _("户档里这个人已经去世，不用加标签")
    if not draft.labels:
        return _no_label(draft, remarks)
    if not listed.may_restrict and listed.tags.restricted & set(draft.labels):
        return _("受限标签要先说明原因：打开“帮教谈话台账”写明原因，半小时内再导入")
    return None


def _no_label(draft: Draft, remarks: list[str]) -> str:
    words = cells.words(draft.read.raw("tags"))
    if not words:
        return _("没有写人员类别")
    if draft.notes:
        return _("没有“%(tag)s”这个人员类别。请先在“标签”里新增，再导入这一行", tag=words[:20])
    return _("登记册不设这一类人员类别，没有记录") if remarks else _("没有写人员类别")


def _add_note(listed: TagList, draft: Draft) -> None:
    """The person's note is read by all who see the file: beside a tag that is not for all nothing goes there."""
    note = _plain(draft.read, "note", 500)
    if note:
        draft.notes.insert(0, note)
    if draft.notes and not set(draft.labels) <= listed.tags.open:
        draft.notes.clear()
        draft.read.remarks.append(_("备注看户档的人都看得到：和不公开的标签写在一行的备注没有写入"))


def _check_repeats(listed: TagList, draft: Draft) -> None:
    """The same tag twice for one person: once is enough; a contradiction is for a human."""
    if draft.fault:
        return
    for label in draft.labels:
        first = listed.seen.setdefault((draft.person.id, label), draft)
        if first is not draft and first.said != draft.said:
            draft.fault = _("和第 %(n)s 行写的不一样，请只留一行", n=first.read.row.number)
