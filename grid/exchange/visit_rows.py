"""Reads the rows of a visit roster: whom somebody went to see, where, when, how, with whom, and what was said."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from grid.core.clock import ZONE
from grid.core.codes import CODES
from grid.core.i18n import _
from grid.exchange import cells
from grid.exchange.columns import Fields, Layout, find_layout, rows_below
from grid.exchange.door_finding import address_in
from grid.exchange.fields import RESIDENTS
from grid.exchange.finding_tables import tables
from grid.exchange.rowcells import RowCells
from grid.exchange.vocabulary import IGNORED, Vocabulary
from grid.exchange.workbooks import Sheet
from grid.register.addresses import Address
from grid.register.dates import read_date

VISITS: Fields = {
    "name": ("走访对象", "被走访人", "被走访对象", "走访居民", "走访户", "姓名", "居民姓名", "户主", "户主姓名"),
    "address": (*RESIDENTS["address"], "走访地址", "走访地点"),
    "building": RESIDENTS["building"],
    "unit": RESIDENTS["unit"],
    "door": RESIDENTS["door"],
    "kind": ("走访方式", "方式", "走访形式", "走访类型"),
    "at": ("走访时间", "走访日期", "日期", "时间"),
    "workers": ("参与人员", "走访人", "走访人员", "走访干部", "走访网格员", "网格员", "参加人员"),
    "content": ("走访详情", "走访情况", "走访内容", "走访记录", "情况记录", "详情", "内容"),
    "topics": ("服务标签", "走访标签", "标签"),
}
KIND_WORDS = {
    "上门": "visit", "入户": "visit", "上门走访": "visit", "入户走访": "visit", "实地走访": "visit",
    "电话走访": "phone", "电话联系": "phone", "电访": "phone",
    "谈心": "talk", "约谈": "talk", "谈心谈话": "talk", "走访慰问": "comfort", "上门慰问": "comfort",
    "入户核查": "check", "上门核查": "check",
}  # fmt: skip
MOST_NAMES = 10
LONGEST_WORKER = 30
# Before it a visit was hardly written into a workbook; a slip of the year is likelier.
FIRST_YEAR, LAST_YEAR = 1990, 2100

# Nobody there: it must be said of the home or the door. 儿子不在家 and 家中无人照料 say something else.
_NOBODY = re.compile(
    r"(?:家中|家里|屋内|屋里|户内|房内|室内)(?:暂时|暂)?(?:无人|没人|没有人)(?=$|[\s，,。.；;、!！]|在|应|开)"
    r"|(?:敲门|按门铃|上门|入户)(?:时|多次|后|均)?(?:，|,)?(?:无人|没人|没有人)(?=$|[\s，,。.；;、!！]|在|应|开)"
    r"|(?:^|[\s，,。；;])(?:无人|没人|没有人)(?:在家|应答|应门|开门)"
    r"|(?:^|[\s，,。；;])(?:(?:住户|全家|家人|全家人|一家人|均|都)(?:均|都)?)?(?:不在家|未在家)(?=$|[\s，,。.；;、!！])"
    r"|未遇(?=$|[\s，,。.；;、!！])"
)
_REFUSED = re.compile(r"拒访|拒绝(?:走访|入户|开门|配合)|不(?:愿|肯)开门")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_SEVERAL = re.compile(r"[、,;/\n]+")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_CLOCK = re.compile(
    r"[T\s]*(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)?\s*"
    r"(?:(?P<hour>\d{1,2})(?:[:时点](?P<minute>[0-5]?\d|半)?)分?(?::\d\d(?:\.\d+)?)?(?:\s*[-—~至到].*)?)?$"
)
# The day must end where its last number does: 2026-1-63 is no sixth.
_DAY_THEN_TIME = re.compile(
    r"(\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}[-./月]\d{1,2}日?|\d{8})(?:(?<=日)|(?![\d:]))(.*)$"
)
_LATER = frozenset(("下午", "傍晚", "晚上"))
_MONTH_AND_DAY = re.compile(r"^\d{1,2}[-./月]\d{1,2}日?$")
_SERIALS = range(30_000, 80_000)


@dataclass(frozen=True)
class Moment:
    """When a cell says something happened; `day_words` is a day without a year, `fault` why it can't be read."""

    day: date | None = None
    clock: time | None = None
    day_words: str | None = None
    fault: str | None = None

    @property
    def at(self) -> datetime | None:
        """Midnight where only the day is known."""
        return datetime.combine(self.day, self.clock or time(), ZONE) if self.day else None


@dataclass
class VisitRow:
    """One row of a roster, not yet compared with anything. `said` are its first words about whom it is."""

    file: str
    sheet: str
    read: RowCells
    said: str
    names: tuple[str, ...]
    address: Address | None
    moment: Moment
    kind: str = "visit"
    found: str = "home"
    topics: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    details: str = ""
    # Words that no list knows; they go into the record beside the details.
    kept: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.read.row.number

    @property
    def at(self) -> datetime | None:
        return self.moment.at

    def remark(self, name: str, sentence: str) -> None:
        """Something to look at, and at which cell; there is none where the file has no such column."""
        self.read.remarks.append(sentence)
        if name in self.read.layout.columns:
            self.read.marks.append((self.read.layout.columns[name], sentence))


@dataclass
class VisitRoster:
    """All rows of some files with what is to be said of the files as a whole."""

    files: tuple[str, ...]
    rows: list[VisitRow]
    notes: list[str]

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """From the first moment to the last, the day around it included."""
        found = [row.at for row in self.rows if row.at]
        return (min(found) - timedelta(days=1), max(found) + timedelta(days=1)) if found else None


def read_visits(files: Sequence[tuple[str, Sequence[Sheet]]], vocabulary: Vocabulary) -> VisitRoster:
    """Pure. Raises Unreadable where no sheet has the columns of a visit roster."""
    roster = VisitRoster(tuple(file for file, _sheets in files), [], [])
    wanted = _("走访表要有“走访时间”一列，还要有“走访对象”或“居住地址”。")
    for file, sheet, layout in tables(
        files, lambda sheet: _layout_of(sheet, vocabulary), roster.notes, wanted, RESIDENTS
    ):
        roster.rows += _rows(file, sheet, layout)
    _complete_years(roster)
    return roster


def _layout_of(sheet: Sheet, vocabulary: Vocabulary) -> Layout | None:
    found = find_layout(sheet, VISITS, ("at",), "visits", vocabulary)
    return found if found and {"name", "address", "door"} & set(found.columns) else None


def _rows(file: str, sheet: Sheet, layout: Layout) -> Iterator[VisitRow]:
    subject = "name" if "name" in layout.columns else "at"
    for row, kind in rows_below(sheet, layout, subject):
        if kind == "data":
            yield _row(file, sheet.name, RowCells(row, layout))


def _row(file: str, sheet: str, read: RowCells) -> VisitRow:
    said = cells.words(read.raw("name"))[: cells.LONGEST_NAME]
    row = VisitRow(file, sheet, read, said, _names(said), address_in(read), read_moment(read.raw("at")))
    row.kind = _kind(row)
    row.topics = _topics(row)
    row.workers = _workers(row)
    row.details = read.text("content", cells.LONGEST_NOTE) or ""
    row.found = found_in(row.details)
    if read.row.hidden:
        read.remarks.append(_("这一行在表里是隐藏的，照常导入"))
    return row


def _names(said: str) -> tuple[str, ...]:
    parts = _SEVERAL.split(_IN_BRACKETS.sub("", said))[:MOST_NAMES]
    read = (cells.read_name(part)[0] for part in parts)
    return tuple(dict.fromkeys(name for name in read if name))


def _kind(row: VisitRow) -> str:
    word = cells.words(row.read.raw("kind"))
    known = KIND_WORDS.get(word) or CODES["visit_kind"].by_label.get(word)
    if word and known is None:
        learnt = row.read.meaning("visit_kind", word)
        if learnt in CODES["visit_kind"]:
            return str(learnt)
        if learnt != IGNORED:
            row.remark("kind", _("走访方式“%(what)s”不在列表里，按“走访”录入，原话记在情况记录里", what=word[:20]))
        row.kept.append(_("走访方式：%(what)s", what=word[:20]))
    return known or "visit"


def _topics(row: VisitRow) -> tuple[str, ...]:
    topics = CODES["topic"].by_label
    parts = [part for part in re.split(r"[,，、;；/\s]+", cells.words(row.read.raw("topics"))) if part]
    strange = [part[:20] for part in parts if part not in topics and part not in ("无", "没有")][:MOST_NAMES]
    learnt = {part: row.read.meaning("topic", part) for part in strange}
    kept = [part for part in strange if learnt[part] not in CODES["topic"]]
    unknown = [part for part in kept if learnt[part] != IGNORED]
    if unknown:
        row.remark("topics", _("没有“%(what)s”这个走访内容，记在情况记录里", what="、".join(unknown)))
    if kept:
        row.kept.append(_("标签：%(what)s", what="、".join(kept)))
    found = (topics.get(part) or learnt.get(part[:20]) for part in parts)
    return tuple(dict.fromkeys(code for code in found if code and code in CODES["topic"]))


def _workers(row: VisitRow) -> tuple[str, ...]:
    parts = re.split(r"[,，、;；/\s]+", cells.words(row.read.raw("workers")))
    names = (part[:LONGEST_WORKER] for part in parts if part)
    return tuple(dict.fromkeys(names))[:MOST_NAMES]


def found_in(details: str) -> str:
    """Nobody or refused where the words say so of the home; somebody was there otherwise."""
    words = unicodedata.normalize("NFKC", details)
    if _REFUSED.search(words):
        return "refused"
    return "nobody" if _NOBODY.search(words) else "home"


def read_moment(cell: Any) -> Moment:
    """Day and time in every spelling; the year may still be missing."""
    if cell is None or cell == "":
        return Moment(fault=_("没有走访时间"))
    if isinstance(cell, datetime):
        return _believed(Moment(cell.date(), _clock(cell.hour, cell.minute)))
    if isinstance(cell, date):
        return _believed(Moment(cell))
    if isinstance(cell, (int, float)):
        return _believed(_from_serial(float(cell)))
    return _believed(_from_text(str(cell)))


def _clock(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour or minute else None


def _from_serial(cell: float) -> Moment:
    if int(cell) in _SERIALS:
        at = datetime(1899, 12, 30) + timedelta(minutes=round(cell * 24 * 60))
        return Moment(at.date(), _clock(at.hour, at.minute))
    return _from_text(str(int(cell))) if cell.is_integer() else _unread(str(cell))


def _from_text(cell: str) -> Moment:
    text = unicodedata.normalize("NFKC", cell[:60]).strip().strip("'’").replace("号", "日").replace("：", ":")
    text = re.sub(r"(?<=[年月])\s+|\s+(?=[年月日])", "", text)
    text = re.sub(r"\(?(?:星期|周)[一二三四五六日天]\)?", " ", text)
    found = _DAY_THEN_TIME.match(text)
    rest = _CLOCK.match(found[2]) if found else None
    if found is None or rest is None:
        return _unread(cell)
    if int(rest["hour"] or 0) > 23:
        return _unread(cell)
    clock = _told(rest["part"], int(rest["hour"] or 0), rest["minute"])
    if _MONTH_AND_DAY.match(found[1]):
        return Moment(clock=clock, day_words=found[1])
    read = read_date(found[1])
    return Moment(read.day, clock) if read and read.day else _unread(cell)


def _told(part: str | None, hour: int, minute: str | None) -> time | None:
    if 0 < hour < 12 and (part in _LATER or (part == "中午" and hour < 3)):
        hour += 12
    return _clock(hour, 30 if minute == "半" else int(minute or 0))


def _unread(cell: str) -> Moment:
    return Moment(fault=_("看不懂走访时间“%(what)s”，请写成 2026-01-31 08:30", what=cell.strip()[:20]))


def _believed(moment: Moment) -> Moment:
    if moment.day and not FIRST_YEAR <= moment.day.year <= LAST_YEAR:
        return Moment(fault=_("走访时间 %(day)s 的年份不对，请改正", day=moment.day))
    return moment


def _complete_years(roster: VisitRoster) -> None:
    """1月26日 gets the year that its sheet, file and neighbours agree on, and that is said; else it is refused."""
    taken: Counter[tuple[str, int]] = Counter()
    for (file, sheet), rows in _by_sheet(roster.rows).items():
        short = [row for row in rows if row.moment.day_words]
        years = _years_of(file, sheet, rows, roster) if short else set()
        for row in short:
            row.moment = _in_year(row.moment, years)
        if len(years) == 1:
            taken[file, min(years)] += len(short)
    for (file, year), n in taken.items():
        roster.notes.append(_("%(file)s 里有 %(n)s 行没写年份，按 %(year)s 年录入。", file=file, n=n, year=year))


def _by_sheet(rows: Iterable[VisitRow]) -> dict[tuple[str, str], list[VisitRow]]:
    sheets: dict[tuple[str, str], list[VisitRow]] = defaultdict(list)
    for row in rows:
        sheets[row.file, row.sheet].append(row)
    return sheets


def _years_of(file: str, sheet: str, rows: Sequence[VisitRow], roster: VisitRoster) -> set[int]:
    """The years that the title (of the sheet, else of the file) and the other rows tell; those of the sheet first."""
    title = sheet if _YEAR.search(sheet) else file
    told = {int(year) for year in _YEAR.findall(title)}
    return told | (_years(rows) or _years(row for row in roster.rows if row.file == file))


def _years(rows: Iterable[VisitRow]) -> set[int]:
    return {row.moment.day.year for row in rows if row.moment.day}


def _in_year(moment: Moment, years: set[int]) -> Moment:
    if not years:
        return Moment(fault=_("走访时间没写年份，请补上"))
    if len(years) > 1:
        named = "、".join(str(year) for year in sorted(years))
        return Moment(fault=_("走访时间没写年份，而表里有 %(years)s 年，请补上", years=named))
    read = read_date(moment.day_words, min(years))
    if read is None or read.day is None:
        return Moment(fault=_("看不懂走访时间“%(what)s”，请写成 2026-01-31 08:30", what=moment.day_words))
    return replace(moment, day=read.day, day_words=None)
