"""Reads a table file (xlsx, xls, et, ods, csv) as rows, if it is what it says and can't hurt the server."""

import csv
from collections.abc import Callable, Iterator

from grid.core.i18n import N_, _
from grid.exchange.confined import read_confined
from grid.exchange.sheets import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Row, Rows, Sheet, Unreadable, numbered
from grid.exchange.xlsx import ENCRYPTED, MACROS, opened, read_xlsx

__all__ = ["MOST_BYTES", "Row", "Sheet", "Unreadable", "read_sheets"]

MOST_BYTES = 20 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
# What a name promises, by its ending; an ending that is not here promises nothing.
_PROMISED = {
    "xlsx": {"zip"}, "xlsm": {"zip"}, "xls": {"ole"}, "et": {"ole", "zip"}, "ods": {"ods"}, "csv": {"text"},
    "txt": {"text"},
}  # fmt: skip


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx, .xls, .et or .ods, or the one table of a .csv; raises Unreadable."""
    if not content:
        raise Unreadable(_("%(name)s 是空文件。", name=name))
    if len(content) > MOST_BYTES:
        raise Unreadable(_("%(name)s 太大，最多 %(n)s MB。请分成几个文件。", name=name, n=MOST_BYTES // 1024 // 1024))
    found = kind_of(content)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if found in _REFUSED:
        raise Unreadable(_(_REFUSED[found], name=name))
    if found not in _PROMISED.get(ending, {found}):
        raise Unreadable(_("%(name)s 的内容和它的扩展名不符。请用 Excel 打开，另存为 .xlsx 后再传。", name=name))
    return _READERS[found](name, content)


_REFUSED = {
    "macros": MACROS,
    "encrypted": ENCRYPTED,
    "document": N_("%(name)s 是 Word、PPT 一类的文档，不是表格。请传 .xlsx 或 .csv。"),
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
        return "ods" if _OPEN_DOCUMENT in head else "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_ole(content)
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


# Streams of an OLE file by their names in its directory: what each makes of the file.
_OLE = {"EncryptedPackage": "encrypted", "_VBA_PROJECT": "macros", "Workbook": "ole", "Book\x00": "ole"}
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_ODS_PARTS = ("mimetype", "content.xml")


def _kind_of_ole(content: bytes) -> str:
    found = (kind for stream, kind in _OLE.items() if stream.encode("utf-16-le") in content)
    return next(found, "document")


def _read_ods(name: str, content: bytes) -> list[Sheet]:
    with opened(name, content, _ODS_PARTS) as archive:
        if any(part.lower().startswith(("basic/", "scripts/")) for part in archive.namelist()):
            raise Unreadable(_(MACROS, name=name))
        if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml")[:65536]:
            raise Unreadable(_(ENCRYPTED, name=name))
    return read_confined(name, content)


def _read_csv(name: str, content: bytes) -> list[Sheet]:
    words = decode(name, content)
    delimiter = max(",\t;", key=words.split("\n", 1)[0].count)
    lines = csv.reader(_lines(name, words), delimiter=delimiter)
    return [Sheet(name.rsplit(".", 1)[0], Rows(numbered(_values(name, lines))))]


def _lines(name: str, words: str) -> Iterator[str]:
    """One after the other: all of them as a list, or a file of them, would take four times the memory."""
    sign = "\n" if "\n" in words else "\r"
    start = number = 0
    while start < len(words):
        end = words.find(sign, start) + 1 or len(words)
        number += 1
        if end - start > LONGEST_LINE:
            raise Unreadable(_("%(name)s 第 %(n)s 行起太长或太宽，不像一份名册。", name=name, n=number))
        yield words[start:end] if sign == "\n" else words[start:end].replace("\r", "\n")
        start = end


def _values(name: str, lines: Iterator[list[str]]) -> Iterator[list[str | None]]:
    number = cells = 0
    try:
        for number, values in enumerate(lines, 1):
            cells += len(values)
            if number > MOST_ROWS or len(values) > MOST_COLUMNS or cells > MOST_CELLS:
                raise Unreadable(_("%(name)s 第 %(n)s 行起太长或太宽，不像一份名册。", name=name, n=number))
            yield [value if value.strip() else None for value in values]
    except csv.Error as damage:
        told = _("%(name)s 第 %(n)s 行有一格太长或引号不成对，读不下去。", name=name, n=number + 1)
        raise Unreadable(told) from damage


_READERS: dict[str, Callable[[str, bytes], list[Sheet]]] = {
    "zip": read_xlsx,
    "ole": read_confined,
    "ods": _read_ods,
    "text": _read_csv,
}


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
