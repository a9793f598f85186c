"""The workbook handed back: exactly the bad cells are coloured and say why, and nothing in it runs."""

import io
import re
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from grid.exchange import hand_back, previewing, views
from tests.conftest import LogIn
from tests.exchange.books import PERSON_HEADINGS, people, saved
from tests.exchange.test_import_residents import FIRST, LIU
from tests.exchange.test_upload import send
from tests.factories import Cast, Place

pytestmark = pytest.mark.once

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


def test_what_looks_like_a_formula_is_text_and_of_formulas_the_value_is_left(admin: FlaskClient, place: Place) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "人员"
    for row in (PERSON_HEADINGS, FIRST, NAMELESS):
        sheet.append(list(row))
    sheet["I2"] = '=WEBSERVICE("http://example.invalid")'
    sheet["I3"] = '=HYPERLINK("http://example.invalid","x")'
    sheet["I3"].data_type = "s"

    content = with_value(saved(made), "=cmd|' /C calc'!A0")

    sheet = handed_back(admin, place, "名册.xlsx", content)["人员"]

    assert (sheet["I2"].value, sheet["I2"].data_type) == ("=cmd|' /C calc'!A0", "s")
    assert (sheet["I3"].value[:10], sheet["I3"].data_type) == ("=HYPERLINK", "s")


def with_value(content: bytes, value: str) -> bytes:
    """The workbook as Excel saves it: its one formula with what it came to."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(kept, "w") as made:
        for part in given.namelist():
            body = given.read(part)
            if part.endswith("sheet1.xml"):
                body = body.replace(b'<c r="I2">', b'<c r="I2" t="str">')
                body, n = re.subn(rb"</f><v>?(?: ?/>|</v>)", b"</f><v>" + value.encode() + b"</v>", body)
                assert n == 1
            made.writestr(part, body)
    return kept.getvalue()


def test_links_names_choices_and_pictures_do_not_come_back(admin: FlaskClient, place: Place) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "人员"
    for row in (PERSON_HEADINGS, FIRST, NAMELESS):
        sheet.append(list(row))
    made.defined_names["elsewhere"] = DefinedName("elsewhere", attr_text="'[1]人员'!$A$1")
    choices = DataValidation("list", formula1="[1]x!$A$1:$A$3")
    sheet.add_data_validation(choices)
    choices.add("B2")

    book = handed_back(admin, place, "名册.xlsx", saved(made))

    assert not book.defined_names
    assert not book["人员"].data_validations.dataValidation


@pytest.mark.parametrize("name", ["名册[1]:新?.csv", "'" * 40 + ".csv", "=cmd|x.csv", "a/../b\\c.csv"])
def test_odd_names_and_signs_that_excel_does_not_take(admin: FlaskClient, place: Place, name: str) -> None:
    lines = "姓名,居住地址,备注\n刘备,3-1-101,一\x0b二\n,3-1-102,+1\n"

    book = handed_back(admin, place, name, lines.encode())

    assert book.worksheets[0]["C2"].value == "一二"


def test_a_sheet_that_is_coloured_to_its_end_gets_its_result_beside_the_rows(admin: FlaskClient, place: Place) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "人员"
    for row in (PERSON_HEADINGS, FIRST, NAMELESS):
        sheet.append(list(row))
    sheet["XFD1"].fill = PatternFill("solid", fgColor="00FF00")

    found = handed_back(admin, place, "名册.xlsx", saved(made))["人员"]

    assert found.max_column <= 16_384
    assert "导入结果" in [cell.value for cell in found[1]]


def test_a_workbook_of_empty_cells_without_end_comes_back_as_values(
    admin: FlaskClient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_back, "MOST_UNPACKED", 100)
    monkeypatch.setattr(hand_back, "load_workbook", None)

    book = handed_back(admin, place, "名册.xlsx", people(FIRST, NAMELESS))

    assert marked(book["人员"]) == {"A3": "FFC7CE"}


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
