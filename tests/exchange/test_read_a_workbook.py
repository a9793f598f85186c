"""Opening a file that may not be what it says."""

import csv
import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from grid.exchange.columns import find_layout, rows_below
from grid.exchange.workbooks import Unreadable, read_sheets
from tests.exchange.books import book, saved

NAMES = {"name": ("姓名",), "phone": ("联系方式",), "address": ("居住地址",)}


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return kept.getvalue()


def test_a_bomb_of_300_kib_is_refused_at_once() -> None:
    content = bomb()
    assert len(content) < 400_000

    began = time.perf_counter()
    with pytest.raises(Unreadable, match=r"bomb\.xlsx"):
        read_sheets("bomb.xlsx", content)

    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"", "空文件"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        ("a.xlsx", "姓名,地址\n王小明,1-1-101\n".encode(), "扩展名"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("a.xlsx", b"PK\x03\x04 and then nothing", "损坏"),
        ("a.csv", b"\x89PNG\r\n\x1a\n....", "图片"),
        ("a.csv", b"\x7fELF\x00\x01\x02" + b"\x00\x01" * 50 + b"\x00\x00", "不是表格"),
        ("a.csv", b'{"type": "FeatureCollection"}', "JSON"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_named_and_refused(name: str, content: bytes, word: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_sheets(name, content)

    assert name in str(refused.value)
    assert word in str(refused.value)


def test_a_workbook_called_csv_is_refused() -> None:
    with pytest.raises(Unreadable, match="扩展名"):
        read_sheets("a.csv", book(("人员", [("姓名",)])))


def test_a_workbook_cut_short_is_refused() -> None:
    whole = book(("人员", [("姓名", "居住地址")] * 50))

    for length in (len(whole) // 3, len(whole) - 30):
        with pytest.raises(Unreadable, match="损坏"):
            read_sheets("a.xlsx", whole[:length])


def test_a_damaged_sheet_inside_is_refused() -> None:
    whole, kept = io.BytesIO(book(("人员", [("姓名",)]))), io.BytesIO()
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(kept, "w") as written:
        for part in read.infolist():
            content = read.read(part)
            written.writestr(part, content[: len(content) // 2] if "sheet1" in part.filename else content)

    with pytest.raises(Unreadable, match="损坏"):
        read_sheets("a.xlsx", kept.getvalue())


@pytest.mark.parametrize(("extra", "word"), [("xl/vbaProject.bin", "宏"), ("doctype", "定义")])
def test_macros_and_definitions_are_refused(extra: str, word: str) -> None:
    whole, kept = io.BytesIO(book(("人员", [("姓名",)]))), io.BytesIO()
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(kept, "w") as written:
        for part in read.infolist():
            content = read.read(part)
            if extra == "doctype" and part.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            written.writestr(part, content)
        if extra != "doctype":
            written.writestr(extra, b"macro")

    with pytest.raises(Unreadable, match=word):
        read_sheets("a.xlsx", kept.getvalue())


@pytest.mark.parametrize("place", ["XFD5", "A1048576"])
def test_a_cell_far_away_is_named_and_refused_at_once(place: str) -> None:
    made = Workbook()
    made.active["A1"] = "姓名"
    made.active[place] = "?"

    began = time.perf_counter()
    with pytest.raises(Unreadable, match="很远"):
        read_sheets("a.xlsx", saved(made))

    assert time.perf_counter() - began < 1


def edited(content: bytes, before: bytes, after: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as written:
        for part in read.namelist():
            xml = read.read(part)
            written.writestr(part, xml.replace(before, after) if part.endswith("sheet1.xml") else xml)
    return kept.getvalue()


@pytest.mark.parametrize(
    "stuffed",
    [b"<row " * 40_000, b"<c " * 2_500_000, b"<mergeCell " * 40_000, b'<row hidden="1" ' * 40_000],
    ids=["rows", "cells", "merged", "hidden"],
)
def test_tags_that_never_end_cost_no_time(stuffed: bytes) -> None:
    content = edited(book(("人员", [("姓名",)])), b"<sheetData>", b"<sheetData><!--" + stuffed + b"-->")

    began = time.process_time()
    try:
        (read,) = read_sheets("a.xlsx", content)
        assert [row.cells for row in read.rows] == [("姓名",)]
    except Unreadable as refused:
        assert "损坏" in str(refused), "what stands in one tag for megabytes is no roster"

    assert time.process_time() - began < 4


def test_a_sheet_that_overstates_its_size_is_read_as_it_is() -> None:
    content = book(("人员", [("姓名", "电话")] * 1000))
    content = edited(content, b'<dimension ref="A1:B1000"', b'<dimension ref="A1:XFD1048576"')

    began = time.process_time()
    (read,) = read_sheets("a.xlsx", content)

    assert len(read.rows) == 1000
    assert time.process_time() - began < 1


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_csv_is_read_in_every_usual_coding(coding: str) -> None:
    words = "姓名,居住地址,备注\r\n单𠮷,3-2-501,长孙\r\n"

    (sheet,) = read_sheets("a.csv", words.encode(coding))

    assert sheet.rows[1].cells == ("单𠮷", "3-2-501", "长孙")


def test_a_csv_cell_too_long_to_read_is_told_with_its_row() -> None:
    kept = io.StringIO()
    csv.writer(kept).writerows([("姓名",), ("王" * 200_000,)])

    with pytest.raises(Unreadable, match="第 2 行"):
        read_sheets("a.csv", kept.getvalue().encode())


def test_cells_merged_downwards_hold_for_all_rows_and_titles_stay_one_cell() -> None:
    made = Workbook()
    sheet = made.active
    for row in (("登记表", None, None), ("楼号", "房间", "x"), (4, 101, 1), (None, 102, 1), (None, 103, 1)):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A5")

    (read,) = read_sheets("a.xlsx", saved(made))

    assert read.rows[0].cells == ("登记表",)
    assert [row.cells[0] for row in read.rows[2:]] == [4, 4, 4]


def test_a_room_shown_as_0011_is_read_as_0011() -> None:
    made = Workbook()
    made.active["A1"] = 11
    made.active["A1"].number_format = "0000"

    (read,) = read_sheets("a.xlsx", saved(made))

    assert read.rows[0].cells == ("0011",)


def test_hidden_rows_and_sheets_are_marked() -> None:
    made = Workbook()
    made.active.append(("姓名",))
    made.active.append(("王小明",))
    made.active.row_dimensions[2].hidden = True
    made.create_sheet("旧数据").sheet_state = "hidden"

    first, second = read_sheets("a.xlsx", saved(made))

    assert [row.hidden for row in first.rows] == [False, True]
    assert (first.hidden, second.hidden) == (False, True)


def test_the_heading_is_found_under_titles_and_told_from_hints_sections_and_totals() -> None:
    rows = [
        ("桃园社区居民登记表",),
        ("填表人：孟网格", None, None, "2026.9.30"),
        ("序号", "姓 名", "联系\n方式 ", "居住地址\n（楼栋房号）"),
        (None, "必填", "手机", "如3-2-501"),
        (1, "王小明", "19900012345", "1-1-101"),
        (),
        ("—— 以下为续页 ——",),
        ("序号", "姓 名", "联系\n方式 ", "居住地址\n（楼栋房号）"),
        (2, "空户", None, "1-1-102"),
        (3, "李芳", None, "1-1-101"),
        (None, "合计：3人"),
    ]
    (sheet,) = read_sheets("a.xlsx", book(("人员", rows)))

    layout = find_layout(sheet, NAMES, ("name",))

    assert layout is not None
    assert layout.heading_row == 3
    assert layout.place("address") == "居住地址（D 列）"
    kinds = [kind for _row, kind in rows_below(sheet, layout, "name")]
    assert kinds == ["hint", "data", "blank", "section", "heading", "empty-door", "data", "total"]
