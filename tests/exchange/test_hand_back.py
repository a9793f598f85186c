"""The workbook handed back: exactly the bad cells are coloured and say why, and nothing in it runs."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from grid.exchange import previewing, views
from tests.conftest import LogIn
from tests.exchange.books import PERSON_HEADINGS, people, saved
from tests.exchange.test_import_residents import FIRST, LIU
from tests.exchange.test_upload import send
from tests.factories import Cast, Place

WRONG_ID = LIU[:-1] + next(digit for digit in "0123456789X" if digit != LIU[-1])
ODD = ("张飞", "户主", WRONG_ID, "男", None, None, "3-1-201", None, None)
NAMELESS = (None, "户主", None, "男", None, None, "3-1-102", None, None)
GUEST = ("曹操", "租户", None, "男", None, None, "3-1-102", None, None)
NOWHERE = ("关羽", "户主", None, "男", None, None, "77-7-777", None, None)


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> FlaskClient:
    return log_in("admin")


def handed_back(admin: FlaskClient, place: Place, name: str, content: bytes) -> Workbook:
    where = send(admin, "residents", (name, content), community=place.community.public_id).headers["Location"]
    assert f"{where}/marked/0" in admin.get(where).get_data(as_text=True)
    answer = admin.get(f"{where}/marked/0")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return load_workbook(io.BytesIO(answer.data))


def marked(sheet: Any) -> dict[str, str]:
    """Colour of each cell that is filled; a filled cell has its comment and no other has."""
    cells = [cell for row in sheet.iter_rows() for cell in row]
    filled = {cell.coordinate: cell.fill.fgColor.rgb[-6:] for cell in cells if cell.fill.fill_type}
    assert {cell.coordinate for cell in cells if cell.comment} == set(filled)
    return filled


def test_exactly_the_bad_cells_are_coloured_and_say_why(admin: FlaskClient, place: Place) -> None:
    book = handed_back(admin, place, "名册.xlsx", people(FIRST, ODD, NAMELESS, NOWHERE))

    sheet = book["人员"]
    assert marked(sheet) == {"C3": "FFEB9C", "A4": "FFC7CE", "A5": "FFC7CE"}
    assert "校验" in sheet["C3"].comment.text and "没有姓名" in sheet["A4"].comment.text
    results = [cell.value for cell in sheet["J"]]
    assert results[:2] == ["导入结果", "新增"]
    assert results[2].startswith("新增（有疑问）：") and results[3].startswith("拒收：") and "77" in results[4]
    assert [cell.value for cell in sheet[2]][:9] == list(FIRST)
    assert "红色" in book["说明"]["A1"].value


def test_what_looks_like_a_formula_stays_what_it_was(admin: FlaskClient, place: Place) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "人员"
    for row in (PERSON_HEADINGS, FIRST, NAMELESS):
        sheet.append(list(row))
    sheet["I2"] = "=1+1"
    sheet["I3"] = '=HYPERLINK("http://example.invalid","x")'
    sheet["I3"].data_type = "s"

    sheet = handed_back(admin, place, "名册.xlsx", saved(made))["人员"]

    assert (sheet["I2"].value, sheet["I2"].data_type) == ("=1+1", "f")
    assert (sheet["I3"].value[:10], sheet["I3"].data_type) == ("=HYPERLINK", "s")


def test_a_csv_comes_back_as_a_workbook_and_its_formulas_are_text(admin: FlaskClient, place: Place) -> None:
    lines = "姓名,居住地址,备注\n刘备,3-1-101,=cmd|' /C calc'!A0\n,3-1-102,+1\n"

    book = handed_back(admin, place, "名册.csv", lines.encode("gb18030"))

    sheet = book["名册"]
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=cmd|' /C calc'!A0", "s")
    assert marked(sheet) == {"A3": "FFC7CE"}
    assert sheet["D1"].value == "导入结果"


def test_of_a_very_long_file_only_the_rows_that_matter_come_back(
    admin: FlaskClient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (previewing, views):
        monkeypatch.setattr(module, "MOST_WHOLE", 3)

    book = handed_back(admin, place, "名册.xlsx", people(FIRST, ODD, GUEST, NAMELESS))

    sheet = book["人员"]
    assert [row[0].value for row in sheet.iter_rows()] == ["姓名", "张飞", None]
    assert marked(sheet) == {"C2": "FFEB9C", "A3": "FFC7CE"}
    assert any("只有要看的行" in str(cell.value) for cell in book["说明"]["A"])


def test_a_merged_cell_and_a_comment_that_was_there_do_no_harm(admin: FlaskClient, place: Place) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "人员"
    sheet.append(["桃园社区人员名册"])
    for row in (PERSON_HEADINGS, FIRST, NOWHERE, NOWHERE):
        sheet.append(list(row))
    sheet.merge_cells("A1:I1")
    sheet.merge_cells("A4:A5")
    sheet["B4"].comment = Comment("原来的批注", "某人")

    sheet = handed_back(admin, place, "名册.xlsx", saved(made))["人员"]

    assert sheet["B4"].comment.text == "原来的批注"
    assert sheet["A4"].comment is not None


def test_it_is_private_and_gone_when_the_import_is_written(
    admin: FlaskClient, place: Place, cast: Cast, log_in: LogIn
) -> None:
    answer = send(admin, "residents", ("名册.xlsx", people(FIRST, NAMELESS)), community=place.community.public_id)
    where = answer.headers["Location"]
    assert admin.get(f"{where}/marked/1").status_code == 404
    assert log_in("worker").get(f"{where}/marked/0").status_code == 403

    admin.post(f"{where}/apply")

    assert admin.get(f"{where}/marked/0").status_code == 404
    assert "/marked/" not in admin.get(where).get_data(as_text=True)
