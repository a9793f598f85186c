"""Reads a table file (xlsx, csv) as rows, after making sure it is what it says and can't hurt the server."""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import ParseError

from grid.core.i18n import N_, _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 256 * 1024 * 1024
# Sheets of real rosters pack 10 to 60 times; bombs a thousand times.
MOST_RATIO = 150
RATIO_COUNTS_FROM = 8 * 1024 * 1024
MOST_ROWS = 150_000
MOST_COLUMNS = 200
MOST_CELLS = 6_000_000

# None of these looks past the next "<": a search that starts again at every tag must not read on to the end.
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_ROW_NUMBER = re.compile(rb"\br\s*=\s*[\"'](\d{1,20})[\"']")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^<>]*?\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_LAST_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br\s*=\s*[\"'](\d{1,20})[\"']")
_FAR_CELL = re.compile(rb"<(?:\w+:)?c\b[^<>]*?\br\s*=\s*[\"']([A-Z]{3,9}\d+|[A-Z]{1,9}\d{7,})[\"']")


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)


class Unreadable(Exception):
    """The file can't be read; the text is a sentence for the person who brought it."""


@dataclass(frozen=True)
class Row:
    """One row as a person counts them, from 1."""

    number: int
    cells: tuple[Any, ...]
    hidden: bool = False
    # Somebody chose not to import it; it still tells where the rows under it live.
    left_out: bool = False


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx or the one table of a .csv; raises Unreadable."""
    if not content:
        raise Unreadable(_("%(name)s 是空文件。", name=name))
    if len(content) > MOST_BYTES:
        raise Unreadable(_("%(name)s 太大，最多 %(n)s MB。请分成几个文件。", name=name, n=MOST_BYTES // 1024 // 1024))
    found = kind_of(content)
    wanted = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if found in _REFUSED:
        raise Unreadable(_(_REFUSED[found], name=name))
    if (found == "zip") != (wanted in ("xlsx", "xlsm")) and wanted in ("xlsx", "xlsm", "xls", "csv", "txt"):
        raise Unreadable(_("%(name)s 的内容和它的扩展名不符。请用 Excel 打开，另存为 .xlsx 后再传。", name=name))
    return _read_xlsx(name, content) if found == "zip" else [_read_csv(name, content)]


_REFUSED = {
    "ole": N_("%(name)s 是旧版 .xls 文件。请用 Excel 打开，另存为 .xlsx 后再传。"),
    "encrypted": N_("%(name)s 有打开密码。请去掉密码，另存后再传。"),
    "pdf": N_("%(name)s 是 PDF，不是表格。请传 .xlsx 或 .csv。"),
    "html": N_("%(name)s 其实是网页。请用 Excel 打开，另存为 .xlsx 后再传。"),
    "image": N_("%(name)s 是图片，不是表格。请传 .xlsx 或 .csv。"),
    "packed": N_("%(name)s 是压缩包。请解压后传里面的 .xlsx 或 .csv。"),
    "json": N_("%(name)s 是 JSON 数据，不是表格。地图请用“地图”导入。"),
    "binary": N_("%(name)s 不是表格。请传 .xlsx 或 .csv。"),
}


def kind_of(content: bytes) -> str:
    """What the bytes are, whatever the name says."""
    head = content[:2048]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "ole"
    if start.startswith(b"%pdf"):
        return "pdf"
    if start.startswith((b"<", b"mime-version:")):
        return "html"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")):
        return "image"
    if head.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")):
        return "packed"
    if start.startswith((b"{", b"[{")):
        return "json"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    return "binary" if b"\x00" in head and not _utf16_order(head) else "text"


def _read_xlsx(name: str, content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(name, archive)
            return _sheets(name, content, archive)
    except Unreadable:
        raise
    # openpyxl raises nearly anything on a damaged part.
    except _DAMAGE as damage:
        raise Unreadable(
            _("%(name)s 已损坏，读不出来。请用 Excel 打开看看，另存为 .xlsx 后再传。", name=name)
        ) from damage


def _check_archive(name: str, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_(_REFUSED["encrypted"], name=name))
    if any(part.endswith("vbaProject.bin") for part in names):
        raise Unreadable(_("%(name)s 里有宏。请另存为不含宏的 .xlsx 后再传。", name=name))
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise Unreadable(_("%(name)s 不是 Excel 的 .xlsx 文件。请用 Excel 打开，另存为 .xlsx 后再传。", name=name))
    if len(parts) > 2000:
        raise Unreadable(_("%(name)s 里的部件太多，不像一份名册。", name=name))
    unpacked = sum(part.file_size for part in parts)
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if unpacked > MOST_UNPACKED or (part.file_size > RATIO_COUNTS_FROM and ratio > MOST_RATIO):
            raise Unreadable(
                _(
                    "%(name)s 展开后大得不正常（约 %(n)s MB），没有读取。",
                    name=name,
                    n=unpacked // 1024 // 1024,
                )
            )
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as text:
                if b"<!DOCTYPE" in text.read(4096).replace(b"\x00", b""):
                    raise Unreadable(_("%(name)s 里有不该有的定义，没有读取。", name=name))


def _sheets(name: str, content: bytes, archive: zipfile.ZipFile) -> list[Sheet]:
    from openpyxl import load_workbook  # Slow to import; only an import needs it.

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        return [_sheet(name, sheet, archive) for sheet in book.worksheets]
    finally:
        book.close()


def _sheet(name: str, sheet: Any, archive: zipfile.ZipFile) -> Sheet:
    """Streamed reading is twice as fast as openpyxl's full model but says nothing of merged cells and
    hidden rows: those two are taken from the XML."""
    xml = archive.read(sheet._worksheet_path)
    _check_extent(name, sheet.title, xml)
    hidden_rows = _hidden_rows(xml)
    # What the sheet says of its own size would pad every row to it.
    sheet.reset_dimensions()
    rows, cells = [], 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        values = _trimmed([_value(cell) for cell in row])
        cells += len(values)
        if len(values) > MOST_COLUMNS or cells > MOST_CELLS or number > MOST_ROWS:
            raise Unreadable(
                _(
                    "%(name)s 的“%(sheet)s”第 %(n)s 行太宽，不像一份名册。",
                    name=name,
                    sheet=sheet.title,
                    n=number,
                )
            )
        rows.append(Row(number, values, number in hidden_rows))
    return Sheet(sheet.title, _fill_merged(rows, xml), sheet.sheet_state != "visible")


def _hidden_rows(xml: bytes) -> set[int]:
    tags = (tag[0] for tag in _ROW.finditer(xml))
    return {int(number[1]) for tag in tags if _HIDDEN.search(tag) and (number := _ROW_NUMBER.search(tag))}


def _check_extent(name: str, title: str, xml: bytes) -> None:
    far = _FAR_CELL.search(xml)
    last = max((int(found[1]) for found in _LAST_ROW.finditer(xml)), default=0)
    if far or last > MOST_ROWS:
        where = far[1].decode() if far else str(last)
        raise Unreadable(
            _(
                "%(name)s 的“%(sheet)s”在很远的地方（%(where)s）还有内容。请删掉多余的行列，另存后再传。",
                name=name,
                sheet=title,
                where=where,
            )
        )


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # '0000' is how a sheet shows room 0011 that it keeps as 11.
        shown = cell.number_format
        if shown and set(shown) == {"0"} and len(shown) > 1 and value == int(value):
            return str(int(value)).zfill(len(shown))
    return value


def _trimmed(values: list[Any]) -> tuple[Any, ...]:
    while values and values[-1] is None:
        values.pop()
    return tuple(values)


def _fill_merged(rows: list[Row], xml: bytes) -> list[Row]:
    """A cell merged downwards holds for all its rows; one merged sideways is a title and stays one cell."""
    for first, top, _last, bottom in (found.groups() for found in _MERGED.finditer(xml)):
        column, start, end = _column(first), int(top), min(int(bottom), len(rows))
        if start >= end or column >= MOST_COLUMNS:
            continue
        above = rows[start - 1].cells
        value = above[column] if column < len(above) else None
        if value is None:
            continue
        for at in range(start, end):
            rows[at] = _with(rows[at], column, value)
    return rows


def _with(row: Row, column: int, value: Any) -> Row:
    cells = list(row.cells) + [None] * (column + 1 - len(row.cells))
    cells[column] = value
    return replace(row, cells=tuple(cells))


def _column(letters: bytes) -> int:
    """A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _read_csv(name: str, content: bytes) -> Sheet:
    words = decode(name, content)
    delimiter = max(",\t;", key=words.split("\n", 1)[0].count)
    rows = []
    try:
        for number, values in enumerate(csv.reader(io.StringIO(words, newline=""), delimiter=delimiter), 1):
            if number > MOST_ROWS or len(values) > MOST_COLUMNS:
                raise Unreadable(_("%(name)s 第 %(n)s 行起太长或太宽，不像一份名册。", name=name, n=number))
            rows.append(Row(number, _trimmed([value if value.strip() else None for value in values])))
    except csv.Error as damage:
        raise Unreadable(
            _("%(name)s 第 %(n)s 行有一格太长或引号不成对，读不下去。", name=name, n=len(rows) + 1)
        ) from damage
    return Sheet(name.rsplit(".", 1)[0], rows)


def decode(name: str, content: bytes) -> str:
    """Byte order mark, then strict UTF-8, then GB 18030: guessing goes wrong on short names."""
    for mark, coding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(name, content, coding)
    order = _utf16_order(content[:2048])
    if order:
        return _decoded(name, content, order)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(name, content, "gb18030")


def _decoded(name: str, content: bytes, coding: str) -> str:
    try:
        return content.decode(coding)
    except UnicodeDecodeError as damage:
        raise Unreadable(_("%(name)s 的文字编码认不出来。请另存为“CSV UTF-8”或 .xlsx 后再传。", name=name)) from damage


def _utf16_order(head: bytes) -> str | None:
    """UTF-16 without a mark: the commas and line ends have their zero byte on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even == odd or max(even, odd) < len(head) // 40 + 1 or min(even, odd):
        return None
    return "utf-16-be" if even else "utf-16-le"
