"""Files made to hurt: each is refused with a reason, at once and in little memory, measured in a process of its own."""

import io
import json
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.exchange.books import book, saved

# Of the processor: what else the machine does is not the file's.
SECONDS, MEGABYTES = 1.0, 200.0
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
TRIED = r"""
import json, re, sys, time
import openpyxl
from grid.exchange.workbooks import Unreadable, read_sheets
def highest():
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
content = sys.stdin.buffer.read()
before = highest()
began, spent = time.perf_counter(), time.process_time()
try:
    said = f"read {[len(sheet.rows) for sheet in read_sheets(sys.argv[1], content)]}"
except Unreadable as refused:
    said = str(refused)
seconds, cpu = time.perf_counter() - began, time.process_time() - spent
print(json.dumps({"said": said, "seconds": seconds, "cpu": cpu, "grown": (highest() - before) / 1024}))
"""


def tried(name: str, content: bytes) -> dict[str, Any]:
    """What becomes of the file in a fresh process, with the seconds and the megabytes it took."""
    ran = subprocess.run(
        [sys.executable, "-c", TRIED, name],
        input=content,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    took = f"{said['seconds']:.3f} s, of the processor {said['cpu']:.3f} s, {said['grown']:.0f} MB more"
    sys.stdout.write(f"{name}: {took}, {said['said']}\n")
    return said


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        return {name: read.read(name) for name in read.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return kept.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(book(("人员", [("姓名",), ("刘备",)])))
    return packed(parts | {name: change(parts.get(name, b""))})


def sheet_of(rows: bytes) -> bytes:
    whole = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    return with_part("xl/worksheets/sheet1.xml", lambda _was: whole)


def noise(n: int) -> bytes:
    """Bytes that pack badly, so that the ratio tells nothing."""
    return random.Random(7).randbytes(n // 2).hex().encode()


def bomb() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", lambda was: was + b" " * 250_000_000)


def lying_bomb() -> bytes:
    """The directory says of 250 MB that they are 5 KB."""
    content = bytearray(bomb())
    name = b"xl/worksheets/sheet1.xml"
    at = content.rindex(name)
    content[at - 46 + 24 : at - 46 + 28] = struct.pack("<I", 5000)
    at = content.index(name)
    content[at - 30 + 22 : at - 30 + 26] = struct.pack("<I", 5000)
    return bytes(content)


def shared_words(many: bytes) -> bytes:
    parts = parts_of(book(("人员", [("姓名",)])))
    parts["xl/sharedStrings.xml"] = b"<sst>" + many + b"</sst>"
    there = "xl/_rels/workbook.xml.rels"
    told = b'<Relationship Id="rId9" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    parts[there] = parts[there].replace(b"</Relationships>", told)
    return packed(parts)


def far(place: str) -> bytes:
    made = Workbook()
    made.active["A1"], made.active[place] = "姓名", "?"
    return saved(made)


def million_parts() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as written:
        for n in range(60_000):
            written.writestr(str(n), b"")
    return kept.getvalue()


def utf16(content: bytes) -> bytes:
    return content.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def ole(*streams: str) -> bytes:
    return OLE + b"".join(f"{name}\0".encode("utf-16-le") for name in streams)


SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
CELL = b"<c><v>1</v></c>"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
MACROS = packed({**parts_of(book(("人员", [("姓名",)]))), "xl/vbaProject.bin": b"Sub Auto_Open"})


def many_words() -> bytes:
    return shared_words(b"".join(b"<si><t>%d</t></si>" % n for n in range(2_500_000)))


def many_cells() -> bytes:
    """Seven million, and enough noise among them that they pack no better than a roster."""
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"<!--%s--></row>"
    between = noise(40 * 70_000)
    return sheet_of(b"".join(row % between[at : at + 40] for at in range(0, len(between), 40)))


def many_styles() -> bytes:
    xf = b"".join(b'<xf numFmtId="%d"/>' % (n * 7919 % 9973) for n in range(200_000))
    return with_part(STYLES, lambda _was: b"<styleSheet><cellXfs>" + xf + b"</cellXfs></styleSheet>")


def merged_over_all() -> bytes:
    columns = [bytes([65 + n // 26 - 1, 65 + n % 26]) for n in range(26, 150)]
    merged = b"".join(b'<mergeCell ref="%s1:%s149999"/>' % (column, column) for column in columns)
    rows = b'<row r="1">' + CELL * 150 + b'</row><row r="149999">' + CELL + b"</row>"
    whole = b"<worksheet><sheetData>" + rows + b"</sheetData><mergeCells>" + merged + b"</mergeCells></worksheet>"
    return with_part(SHEET, lambda _was: whole)


XLSX: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (bomb, "展开后"),
    "bomb whose directory lies": (lying_bomb, "损坏"),
    "bomb beside the sheets": (lambda: with_part("xl/media/a.png", lambda _was: b"0" * 250_000_000), "展开后"),
    "sixty thousand parts": (million_parts, "部件太多"),
    "far cell": (lambda: far("XFD1048576"), "很远"),
    "far row": (lambda: far("A1048576"), "很远"),
    "far row in character references": (lambda: sheet_of(b'<row r="&#49;048576">' + CELL + b"</row>"), "很远"),
    "column beyond all": (lambda: sheet_of(b'<row><c r="ZZZZZZZZZ1"><v>1</v></c></row>'), "很远"),
    "rows that go back": (lambda: sheet_of(b'<row r="9">' + CELL + b'</row><row r="1">' + CELL + b"</row>"), "损坏"),
    "a million digits": (lambda: sheet_of(b"<row><c><v>" + b"9" * 1_000_000 + b"</v></c></row>"), "损坏"),
    "tags in tags": (lambda: sheet_of(noise(2_000_000).replace(b"a", b"<a>")), "损坏"),
    "one tag of megabytes": (lambda: sheet_of(b'<row x="' + noise(30_000_000) + b'">'), "损坏"),
    "cells without end": (many_cells, "多得不正常"),
    "shared words without end": (many_words, "多得不正常"),
    "one shared word of megabytes": (lambda: shared_words(b"<si><t>" + noise(30_000_000) + b"</t></si>"), "损坏"),
    "styles without end": (many_styles, "多得不正常"),
    "merged cells over all": (merged_over_all, "多得不正常"),
    "external entity": (lambda: with_part(BOOK, lambda was: DOCTYPE + was), "定义"),
    "entity far below": (lambda: with_part(BOOK, lambda was: b"<!--" + b" " * 9000 + b"-->" + DOCTYPE + was), "定义"),
    "entity in the sheet": (lambda: with_part(SHEET, lambda was: DOCTYPE + was), "定义"),
    "a part in UTF-16": (lambda: with_part(SHEET, utf16), "损坏"),
    "macros called xlsx": (lambda: MACROS, "宏"),
    "password": (lambda: ole("EncryptedPackage"), "密码"),
    "a csv called xlsx": (lambda: "姓名,住址\n刘备,3-1-101\n".encode(), "扩展名"),
}
OTHERS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "macros": ("a.xlsm", lambda: MACROS, "宏"),
    "macros in an xls": ("a.xls", lambda: ole("Workbook", "_VBA_PROJECT"), "宏"),
    "a letter called xls": ("a.xls", lambda: ole("WordDocument"), "文档"),
    "a page called xls": ("a.xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "an xlsx called csv": ("a.csv", lambda: book(("人员", [("姓名",)])), "扩展名"),
    "an xlsx called ods": ("a.ods", lambda: book(("人员", [("姓名",)])), "扩展名"),
    "an xls that is none": ("a.xls", lambda: ole("Workbook") + noise(2_000_000), "读不出来"),
    "a csv of one endless line": ("a.csv", lambda: b"a," * 9_000_000, "太宽"),
    "a csv of endless lines": ("a.csv", lambda: b"a\n" * 9_000_000, "太长"),
}
CASES = {case: ("a.xlsx", *what) for case, what in XLSX.items()} | OTHERS


@pytest.mark.parametrize("case", CASES)
def test_a_file_made_to_hurt_is_refused_at_once_in_little_memory(case: str) -> None:
    name, make, word = CASES[case]

    said = tried(name, make())

    assert word in said["said"] and name in said["said"]
    assert said["cpu"] < SECONDS, f"{case}: {said}"
    assert said["grown"] < MEGABYTES, f"{case}: {said}"


def test_rows_that_are_only_styled_are_no_rows() -> None:
    styled = b"".join(b'<row r="%d" s="1">' % n + b'<c s="1"/>' * 20 + b"</row>" for n in range(3, 50_003))
    first = b'<row r="1"><c t="inlineStr"><is><t>x</t></is></c></row>'

    said = tried("a.xlsx", sheet_of(first + styled + b'<row r="1048576" hidden="1"><c r="XFD1048576" s="1"/></row>'))

    assert said["said"] == "read [1]"
    assert said["grown"] < MEGABYTES
