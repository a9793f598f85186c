"""What an import would do, row by row: the part of a plan that people read."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grid.core.i18n import N_, _
from grid.exchange.packing import Packed
from grid.exchange.vocabulary import Unknown

NEW, CHANGED, SAME, REFUSED, SKIPPED = "new", "changed", "same", "refused", "skipped"
ODD = "odd"
OUTCOMES = {
    NEW: N_("新增"),
    CHANGED: N_("变更"),
    ODD: N_("有疑问"),
    REFUSED: N_("拒收"),
    SAME: N_("不变"),
    SKIPPED: N_("跳过"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field: the words of its old and new value, masked where they identify somebody."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file, or row 0 for the file as a whole.

    `remarks` are sentences: why it is refused or skipped, or what to check.
    """

    file: str
    sheet: str
    row: int
    outcome: str
    subject: str
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()
    # Of a row that must be asked about: what can be answered, as value and words.
    options: tuple[tuple[str, str], ...] = ()
    # The cells that remarks are about: column from 0, sentence.
    marks: tuple[tuple[int, str], ...] = ()

    @property
    def key(self) -> str:
        """What names the row among those of an import: for leaving it out, and for answering what it asks."""
        return f"{self.file}|{self.sheet}|{self.row}"

    @property
    def plain(self) -> tuple[Any, ...]:
        """All it says, as what has no names: quickly packed and compared."""
        changes = tuple((change.label, change.old, change.new) for change in self.changes)
        about = (self.file, self.sheet, self.row, self.outcome, self.subject)
        return (*about, changes, self.remarks, self.options, self.marks)

    @property
    def is_odd(self) -> bool:
        """It goes in, but somebody should look at it."""
        return bool(self.remarks) and self.outcome in (NEW, CHANGED, SAME)

    @property
    def place(self) -> str:
        """File, sheet and row, as a message names them."""
        if not self.row:
            return self.file
        sheet = f"“{self.sheet}”" if self.sheet else ""
        return _("%(file)s %(sheet)s第 %(row)s 行", file=self.file, sheet=sheet, row=self.row)

    @property
    def can_be_left_out(self) -> bool:
        """A row of the file that would be written, or that somebody left out."""
        return bool(self.row) and (self.outcome in (NEW, CHANGED) or self.is_left_out)

    @property
    def is_left_out(self) -> bool:
        return self.outcome == SKIPPED and self.remarks == (left_out_words(),)

    def shown_under(self, tab: str) -> bool:
        return self.is_odd if tab == ODD else self.outcome == tab


class Lines:
    """Of a whole import, in order; packed, as a long roster has a hundred thousand."""

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.plain: Packed[tuple[Any, ...]] = Packed()
        self.extend(lines)

    def append(self, line: Line) -> None:
        self.plain.append(line.plain)

    def extend(self, lines: Iterable[Line]) -> None:
        self.plain.extend(line.plain for line in lines)

    def __len__(self) -> int:
        return len(self.plain)

    def __iter__(self) -> Iterator[Line]:
        return map(_line_of, self.plain)

    def __getitem__(self, index: int) -> Line:
        return _line_of(self.plain[index])


def _line_of(plain: tuple[Any, ...]) -> Line:
    file, sheet, row, outcome, subject, changes, *said = plain
    return Line(file, sheet, row, outcome, subject, tuple(Change(*change) for change in changes), *said)


def left_out_words() -> str:
    return _("您选择不导入")


def kind_of(remark: str) -> str:
    """What remarks of one kind have in common: numbers and quoted words differ from row to row."""
    return _OF_THIS_ROW.sub("…", remark)


_OF_THIS_ROW = re.compile(r"“[^”]*”|\"[^\"]*\"|\d[\d.,:/-]*")


@dataclass(frozen=True)
class SheetRead:
    """What was understood of one sheet. `columns`: number from 0, heading in the file, field."""

    file: str
    sheet: str
    heading_row: int
    columns: tuple[tuple[int, str, str], ...]
    unused: tuple[str, ...]
    rows: int


@dataclass
class Plan:
    """A whole import before it is applied. `writes` is what its kind of action understands."""

    kind: str
    files: tuple[str, ...]
    community_id: int | None
    community: str
    # Neither is in a log where a plan is printed with an error: both hold who lives where.
    writes: Any = field(repr=False)
    lines: Lines = field(default_factory=Lines, repr=False)
    # Sentences about a whole file: its credit, columns nobody reads, hidden sheets.
    notes: list[str] = field(default_factory=list)
    sheets: list[SheetRead] = field(default_factory=list)
    # Of the log, once it is applied.
    entry_id: int | None = None
    # Words that nobody has taught: headings, relations, categories.
    unknown: list[Unknown] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return counts(self.lines)

    @property
    def changes_anything(self) -> bool:
        found = self.counts
        return bool(found[NEW] or found[CHANGED])

    @property
    def digest(self) -> str:
        """The same for the same outcome: what was previewed is what is applied."""
        found = hashlib.sha256(self.community.encode())
        for plain in self.lines.plain:
            found.update(json.dumps(plain, ensure_ascii=False).encode())
        return found.hexdigest()


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines have each outcome; odd ones count twice, under odd and under what becomes of them."""
    found = Counter(line.outcome for line in lines)
    odd = sum(line.is_odd for line in lines)
    return {outcome: odd if outcome == ODD else found[outcome] for outcome in OUTCOMES}


def line_from(told: Mapping[str, Any]) -> Line:
    """A line as it was kept in JSON."""
    changes = tuple(Change(**change) for change in told["changes"])
    pairs = {name: tuple(tuple(pair) for pair in told[name]) for name in ("options", "marks")}
    return Line(**{**told, **pairs, "changes": changes, "remarks": tuple(told["remarks"])})


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `new` that say something else than `old`; an empty cell says nothing."""
    return {name: value for name, value in new.items() if value is not None and old.get(name) != value}
