"""Reads an .xlsx out of its XML in one pass, with a limit on everything that a crafted file could make large.

openpyxl builds an object of every cell, takes the shared words and the styles whole, and says nothing of merged cells
and hidden rows when it streams. Here only values are made: several times as fast, and what is too much is noticed on
the way.
"""

import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from grid.core.i18n import N_, _
from grid.exchange.sheets import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Merged,
    Plain,
    Rows,
    Sheet,
    TooMuchMerged,
    Unreadable,
    filled,
    letter,
)

MOST_PARTS = 2000
MOST_UNPACKED = 256 * 1024 * 1024
# Sheets of real rosters pack 10 to 60 times; bombs a thousand times.
MOST_RATIO = 150
RATIO_COUNTS_FROM = 8 * 1024 * 1024
MOST_WORDS = 2_000_000
MOST_LETTERS = 40_000_000
MOST_STYLES = 100_000
DEEPEST = 64
# expat keeps a tag until its end has come; none of a workbook is a tenth as long.
LONGEST_TAG = 1024 * 1024
_CHUNK = 128 * 1024
_REMEMBERED = 20_000

ENCRYPTED = N_("%(name)s 有打开密码。请去掉密码，另存后再传。")
MACROS = N_("%(name)s 里有宏。请另存为不含宏的 .xlsx 后再传。")
NO_XLSX = N_("%(name)s 不是 Excel 的 .xlsx 文件。请用 Excel 打开，另存为 .xlsx 后再传。")
DAMAGED = N_("%(name)s 已损坏，读不出来。请用 Excel 打开看看，另存为 .xlsx 后再传。")
TOO_MANY_PARTS = N_("%(name)s 里的部件太多，不像一份名册。")
TOO_MUCH = N_("%(name)s 里的内容多得不正常，不像一份名册，没有读取。请分成几个文件。")
FAR = N_("%(name)s 的“%(sheet)s”在很远的地方（%(where)s）还有内容。请删掉多余的行列，另存后再传。")
DEFINITIONS = N_("%(name)s 里有不该有的定义，没有读取。")

_MERGED = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, ArithmeticError, EOFError, LookupError, NotImplementedError,
    OSError, RuntimeError, TypeError, ValueError,
)  # fmt: skip

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class _Refused(Exception):
    """A sentence that still wants the name of the file, and what else stands in it."""

    def __init__(self, sentence: str, said: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.said = sentence, said or {}


def read_xlsx(name: str, content: bytes) -> list[Sheet]:
    """Its sheets in their order; raises Unreadable."""
    with opened(name, content) as archive:
        return guarded(name, lambda: _Book(archive).sheets())


def guarded(name: str, read: Callable[[], list[Sheet]]) -> list[Sheet]:
    """A damaged part may fail anywhere; whoever brought the file is told one sentence."""
    try:
        return read()
    except _Refused as refused:
        raise Unreadable(_(refused.sentence, name=name, **refused.said)) from None
    except _DAMAGE as damage:
        raise Unreadable(_(DAMAGED, name=name)) from damage


def opened(name: str, content: bytes, needed: tuple[str, ...] = ("xl/workbook.xml", "[Content_Types].xml")) -> Any:
    """The archive, after a look at what it says of itself; raises Unreadable."""
    # Every part costs half a kilobyte before anybody can look at it: a directory of a million is not opened.
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        raise Unreadable(_(TOO_MANY_PARTS, name=name))
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except _DAMAGE as damage:
        raise Unreadable(_(DAMAGED, name=name)) from damage
    _check(name, archive.infolist(), needed)
    return archive


def _check(name: str, parts: list[zipfile.ZipInfo], needed: tuple[str, ...]) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_(ENCRYPTED, name=name))
    if any(part.lower().endswith(("vbaproject.bin", "/script-lb.xml")) for part in names):
        raise Unreadable(_(MACROS, name=name))
    if not names.issuperset(needed):
        raise Unreadable(_(NO_XLSX, name=name))
    unpacked = sum(part.file_size for part in parts)
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if unpacked > MOST_UNPACKED or (part.file_size > RATIO_COUNTS_FROM and ratio > MOST_RATIO):
            told = _("%(name)s 展开后大得不正常（约 %(n)s MB），没有读取。", name=name, n=unpacked // 1024 // 1024)
            raise Unreadable(told)


def feeding(stream: Any, start: Start, end: End, hear: Callable[[str], None]) -> Iterator[None]:
    """Feed a part to the handlers, a chunk at a time; tags come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_definitions
    parser.CharacterDataHandler = hear

    def root(tag: str, attributes: dict[str, str]) -> None:
        # Nobody prefixes a part but as a whole: only then is it worth a call more for every tag.
        bare = ":" not in tag
        parser.StartElementHandler = start if bare else lambda t, a: start(t.rpartition(":")[2], a)
        parser.EndElementHandler = end if bare else lambda t: end(t.rpartition(":")[2])
        parser.StartElementHandler(tag, attributes)

    parser.StartElementHandler = root
    fed = 0
    while chunk := stream.read(_CHUNK):
        if b"\x00" in chunk:
            raise _Refused(DAMAGED)
        parser.Parse(chunk, False)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > LONGEST_TAG:
            raise _Refused(DAMAGED)
        yield
    parser.Parse(b"", True)
    yield


def _no_definitions(*_what: Any) -> None:
    raise _Refused(DEFINITIONS)


class _Part:
    """Reads one part: `begin` and `finish` are told of each tag, and how deep it stands is watched."""

    def __init__(self) -> None:
        self.deep = 0
        self.said: list[str] | None = None
        self.length = 0

    def read(self, stream: Any) -> None:
        for _fed in feeding(stream, self._start, self._end, self._hear):
            pass

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag begins."""

    def finish(self, tag: str) -> None:
        """A tag ends."""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.deep += 1
        if self.deep > DEEPEST:
            raise _Refused(DAMAGED)
        self.begin(tag, attributes)

    def _end(self, tag: str) -> None:
        self.deep -= 1
        self.finish(tag)

    def _hear(self, text: str) -> None:
        if self.said is not None:
            self.length += len(text)
            if self.length > LONGEST_CELL:
                raise _Refused(DAMAGED)
            self.said.append(text)


class _Words(_Part):
    """The shared words; how a word is said (rPh) is no part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.parts: list[str] = []
        self.letters = 0
        self.spoken = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self.parts, self.length = [], 0
        elif tag == "rPh":
            self.spoken = True
        elif tag == "t" and not self.spoken:
            self.said = self.parts

    def finish(self, tag: str) -> None:
        if tag == "t":
            self.said = None
        elif tag == "rPh":
            self.spoken = False
        elif tag == "si":
            self.letters += self.length
            if len(self.words) >= MOST_WORDS or self.letters > MOST_LETTERS:
                raise _Refused(TOO_MUCH)
            self.words.append(unescaped("".join(self.parts)))


class _Styles(_Part):
    """Which styles show a number as a date, as a time span, or as so many digits."""

    def __init__(self) -> None:
        super().__init__()
        self.formats: dict[int, str] = {}
        self.used: list[int] = []
        self.in_cells = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt" and len(self.formats) < MOST_STYLES:
            self.formats[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")[:255]
        elif tag == "cellXfs":
            self.in_cells = True
        elif tag == "xf" and self.in_cells:
            self.used.append(int(attributes.get("numFmtId", 0)))
            if len(self.used) > MOST_STYLES:
                raise _Refused(TOO_MUCH)

    def finish(self, tag: str) -> None:
        if tag == "cellXfs":
            self.in_cells = False

    def readers(self, base: Any) -> list["_Shown"]:
        """By number of style."""
        known: dict[int, _Shown] = {}
        return [known.setdefault(n, _Shown(self._format(n), base)) for n in self.used]

    def _format(self, number: int) -> str:
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        return self.formats.get(number) or str(BUILTIN_FORMATS.get(number, "General"))


class _Shown:
    """How a number is shown: 43831 as a day, 11 as 0011. Keeps what it has turned: a column repeats itself."""

    def __init__(self, code: str, base: Any) -> None:
        from openpyxl.styles.numbers import is_date_format, is_timedelta_format

        self.base, self.is_span = base, is_timedelta_format(code)
        self.is_date = is_date_format(code) or self.is_span
        self.digits = len(code) if len(code) > 1 and set(code) == {"0"} else 0
        self.seen: dict[str, Any] = {}

    def value(self, text: str) -> Any:
        if text not in self.seen:
            if len(self.seen) > _REMEMBERED:
                self.seen.clear()
            self.seen[text] = self._turned(number(text))
        return self.seen[text]

    def _turned(self, value: Any) -> Any:
        from openpyxl.utils.datetime import from_excel

        if isinstance(value, str):
            return value
        if self.is_date:
            try:
                return from_excel(value, self.base, timedelta=self.is_span)
            except (OverflowError, ValueError):
                return "#VALUE!"
        if self.digits and value == int(value):
            return str(int(value)).zfill(self.digits)
        return value


def number(text: str) -> Any:
    """int or float; what is none of them, or too large for one, stays text."""
    try:
        value = float(text) if "." in text or "E" in text or "e" in text else int(text)
    except ValueError:
        return text[:LONGEST_CELL]
    return value if math.isfinite(value) else text


def unescaped(text: str) -> str:
    """_x000D_ is how a workbook writes what XML can't say."""
    if "_x" not in text:
        return text
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


class _Contents(_Part):
    """The sheets as the workbook lists them, and what day 0 is."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.from_1904 = attributes.get("date1904", "").lower() in ("1", "true")
        elif tag == "sheet":
            id_ = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), id_, hidden))


class _Relations(_Part):
    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, tuple[str, str]] = {}

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    def path(self, id_: str) -> str:
        return _beside(self.targets[id_][1])

    def of_kind(self, kind: str) -> str | None:
        return next((_beside(target) for found, target in self.targets.values() if found == kind), None)


def _beside(target: str) -> str:
    """A target is told from the workbook's folder, or from the root."""
    return normpath(target.lstrip("/")) if target.startswith("/") else normpath(join("xl", target))


class _Book:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def sheets(self) -> list[Sheet]:
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH  # Slow to import; only an import needs it.

        contents, relations, words, styles = _Contents(), _Relations(), _Words(), _Styles()
        self._read(contents, "xl/workbook.xml")
        self._read(relations, "xl/_rels/workbook.xml.rels")
        self._read(words, relations.of_kind("sharedStrings"))
        self._read(styles, relations.of_kind("styles"))
        shown = styles.readers(MAC_EPOCH if contents.from_1904 else WINDOWS_EPOCH)
        return [
            self._sheet(title, relations.path(id_), hidden, words.words, shown)
            for title, id_, hidden in contents.sheets
            # A page of charts has no rows.
            if relations.targets[id_][0] == "worksheet"
        ]

    def _read(self, part: _Part, path: str | None) -> None:
        if path and path in self.archive.NameToInfo:
            if isinstance(part, _Words):
                self._check_many(path, b"si>", 2 * MOST_WORDS)
            with self.archive.open(path) as stream:
                part.read(stream)

    def _check_many(self, path: str, end: bytes, most: int) -> None:
        """Counting ends of tags takes a tenth of the time of reading them: a part that holds too much is not begun."""
        if self.archive.getinfo(path).file_size < most * len(end):
            return
        with self.archive.open(path) as stream:
            found = 0
            while chunk := stream.read(_CHUNK):
                found += chunk.count(end)
                if found > most:
                    raise _Refused(TOO_MUCH)

    def _sheet(self, title: str, path: str, hidden: bool, words: list[str], shown: list[_Shown]) -> Sheet:
        self._check_many(path, b"c>", MOST_CELLS)
        read = _SheetPart(title, words, shown)
        with self.archive.open(path) as stream:
            rows = Rows(read.rows(stream))
        if read.merged and len(rows):
            try:
                rows = Rows(filled(rows.plain(), read.merged))
            except TooMuchMerged:
                raise _Refused(TOO_MUCH) from None
        return Sheet(title, rows, hidden)


class _SheetPart:
    """The rows of one sheet, as they are met; afterwards the cells merged downwards."""

    def __init__(self, title: str, words: list[str], shown: list[_Shown]) -> None:
        self.title, self.words, self.shown = title, words, shown
        self.merged: list[Merged] = []
        self.met: list[Plain] = []
        self.cells = 0

    def rows(self, stream: Any) -> Iterator[Plain]:
        """Rows that a sheet leaves out come empty, so that each stands at its number."""
        last = 0
        for _fed in feeding(stream, *self._handlers()):
            for row in self.met:
                if row[0] <= last:
                    raise _Refused(DAMAGED)
                for between in range(last + 1, row[0]):
                    yield between, (), False
                yield row
                last = row[0]
            self.met.clear()

    def _far(self, where: str) -> _Refused:
        return _Refused(FAR, {"sheet": self.title[:31], "where": where})

    def _merge(self, reference: str) -> None:
        found = _MERGED.fullmatch(reference)
        if found is None:
            return
        column, top, bottom = _column(found[1]), int(found[2]), int(found[4])
        if top < bottom and column < MOST_COLUMNS:
            self.merged.append(Merged(column, top, bottom))
        if len(self.merged) > MOST_ROWS:
            raise _Refused(TOO_MUCH)

    def _value(self, kind: str | None, style: str | None, text: str) -> Any:
        if kind == "s":
            return self.words[int(text)]
        if kind is None or kind == "n":
            shown = self.shown[int(style)] if style and int(style) < len(self.shown) else None
            return shown.value(text) if shown else number(text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "d":
            return datetime.fromisoformat(text)
        return unescaped(text)

    def _handlers(self) -> tuple[Start, End, Callable[[str], None]]:
        """Of the two million tags of a long sheet every one comes by here, so all is kept at hand."""
        columns: dict[str, int] = {}
        seen: dict[str, str] = {}
        values: list[Any] = []
        said: list[str] = []
        # Of the present row and cell. `length` counts the letters of the cell.
        row = at = length = deep = 0
        hidden = in_row = in_cell = listening = spoken = False
        kind = style = None

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, at, length, deep, hidden, in_row, in_cell, listening, spoken, kind, style
            if tag == "c":
                if in_cell or not in_row:
                    raise _Refused(DAMAGED)
                in_cell = True
                place = attributes.get("r")
                if place is None:
                    at += 1
                else:
                    letters = place.rstrip("0123456789")
                    if letters not in columns:
                        columns[letters] = _column(letters)
                    at = columns[letters]
                kind, style = attributes.get("t"), attributes.get("s")
            elif in_cell and (tag == "v" or (tag == "t" and not spoken)):
                if listening:
                    raise _Refused(DAMAGED)
                listening = True
            elif tag == "row":
                if in_row:
                    raise _Refused(DAMAGED)
                in_row, at = True, -1
                told = attributes.get("r")
                row = row + 1 if told is None else int(told)
                hidden = attributes.get("hidden") in ("1", "true")
                values.clear()
            else:
                deep += 1
                if deep > DEEPEST:
                    raise _Refused(DAMAGED)
                if tag == "rPh":
                    spoken = True
                elif tag == "mergeCell":
                    self._merge(attributes.get("ref", ""))

        def hear(text: str) -> None:
            nonlocal length
            if listening:
                length += len(text)
                if length > LONGEST_CELL:
                    raise _Refused(DAMAGED)
                said.append(text)

        def keep() -> None:
            nonlocal length
            text = said[0] if len(said) == 1 else "".join(said)
            said.clear()
            length = 0
            value = self._value(kind, style, text)
            if isinstance(value, str):
                if not value.strip():
                    return
                if kind != "s":
                    if len(seen) > _REMEMBERED:
                        seen.clear()
                    value = seen.setdefault(value, value)
            if at >= MOST_COLUMNS or row > MOST_ROWS:
                raise self._far(f"{letter(at)}{row}")
            self.cells += 1
            if self.cells > MOST_CELLS:
                raise _Refused(TOO_MUCH)
            missing = at - len(values)
            if missing >= 0:
                values.extend([None] * missing)
                values.append(value)
            else:
                values[at] = value

        def end(tag: str) -> None:
            nonlocal deep, in_row, in_cell, listening, spoken
            if tag == "c":
                in_cell = False
                if said:
                    keep()
            elif in_cell and (tag == "v" or (tag == "t" and not spoken)):
                listening = False
            elif tag == "row":
                in_row = False
                if values:
                    self.met.append((row, tuple(values), hidden))
            else:
                deep -= 1
                if tag == "rPh":
                    spoken = False

        return start, end, hear


def _column(letters: str) -> int:
    """A → 0, AA → 26."""
    column = 0
    for one in letters[:8]:
        if not "A" <= one <= "Z":
            raise _Refused(DAMAGED)
        column = column * 26 + ord(one) - 64
    return column - 1
