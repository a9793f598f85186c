"""What the preview of an import shows: tabs, filters, a page of lines, what was understood of each sheet."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import request

from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.paging import SIZE, Page, offset
from grid.exchange import background, floating_plan, progress
from grid.exchange.fields import LABELS
from grid.exchange.lines import OUTCOMES, Line, SheetRead
from grid.exchange.planning import KINDS
from grid.exchange.sheets import letter
from grid.exchange.uploads import Asked, Upload, Uploads, first_tab

# Of longer files only the rows are handed back that something is to be said of.
MOST_WHOLE = 20_000
BEGINNING = N_("正在开始…")
PHASES = {
    progress.READING: N_("正在读文件"),
    progress.COMPARING: N_("正在和登记比对"),
    progress.WRITING: N_("正在写入"),
}
# What fields are that only files have: the register keeps them elsewhere.
_OF_FILES = {
    "address": N_("住址"),
    "building": N_("楼号"),
    "unit": N_("单元"),
    "door": N_("门牌"),
    "hukou_building": N_("户籍地址"),
    "apart": N_("人户一致"),
    "actual": N_("实际居住地"),
    "left": N_("是否迁出"),
    "left_on": N_("迁出日期"),
    "died": N_("是否去世"),
    "moved_in": N_("迁入日期"),
    "units": N_("单元数"),
    "doors": N_("户数"),
}


@dataclass(frozen=True)
class Question(Asked):
    """What is asked of the preview, and where that stands in the address bar."""

    def address(self, token: str, page: int = 1, **other: str) -> str:
        told = {"tab": self.tab, "q": self.words, "sheet": self.sheet, "remark": self.remark, **other}
        given = {name: value for name, value in told.items() if value}
        return f"/imports/{token}?" + urlencode(given | ({"page": str(page)} if page > 1 else {}))


@dataclass(frozen=True)
class Understood:
    """A sheet as somebody can check it: the letter of each column, its heading, what it was taken for."""

    file: str
    sheet: str
    heading_row: int
    rows: int
    columns: tuple[tuple[str, str, str], ...]
    unused: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    kind: str
    tabs: list[tuple[str, str, int]]
    asked: Question
    page: Page[Line]
    sheets: list[tuple[str, str]]
    remarks: list[list[Any]]
    understood: list[Understood]
    can_choose: bool


def asked_for(upload: Upload) -> Question:
    """Of the address, or of the form that was sent from there."""
    said = request.values
    tab = said.get("tab", "")
    words = said.get("q", "").strip()[:60]
    return Question(
        tab if tab in OUTCOMES else first_tab(upload.counts), words, said.get("sheet", ""), said.get("remark", "")
    )


def preview_of(uploads: Uploads, upload: Upload, asked: Question, number: int) -> Preview:
    lines, total = uploads.some_lines(upload, asked, offset(number), SIZE)
    return Preview(
        kind=_(KINDS[upload.kind]),
        tabs=[(name, _(word), upload.counts[name]) for name, word in OUTCOMES.items()],
        asked=asked,
        page=Page(lines, number, total),
        sheets=[(f"{one.file}|{one.sheet}", f"{one.file} {one.sheet}") for one in upload.sheets],
        remarks=upload.remarks.get(asked.tab, []),
        understood=[_understood(sheet, upload.kind) for sheet in upload.sheets],
        can_choose=not upload.is_applied and any(line.can_be_left_out or line.options for line in lines),
    )


def _understood(sheet: SheetRead, kind: str) -> Understood:
    columns = tuple((letter(at), heading, _field(name, heading, kind)) for at, heading, name in sheet.columns)
    return Understood(sheet.file, sheet.sheet, sheet.heading_row, sheet.rows, columns, sheet.unused)


def _field(name: str, heading: str, kind: str) -> str:
    """A list of floating people calls some fields otherwise: their reason is not one of moving out."""
    word = (floating_plan.LABELS.get(name) if kind == "floating" else "") or LABELS.get(name) or _OF_FILES.get(name)
    return _(word) if word else heading


@dataclass(frozen=True)
class Progress:
    words: str
    n: int
    of: int
    seconds_left: int | None

    @property
    def minutes_left(self) -> int:
        return round((self.seconds_left or 0) / 60)


def progress_of(folder: Path, token: str) -> Progress:
    told = background.state(folder, token) or background.State("")
    return Progress(_(PHASES.get(told.phase, BEGINNING)), told.n, told.of, told.seconds_left(time.time()))
