""".xls, .et and .ods are read by a process that may die of them; whoever brought one gets an answer or a sentence."""

import io
import shutil
import subprocess
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from grid.core.clock import today
from grid.exchange import confined
from grid.exchange.planning import plan_files
from grid.exchange.workbooks import Unreadable, read_sheets
from tests.exchange.books import PERSON_HEADINGS, order, people
from tests.exchange.test_import_residents import FIRST
from tests.exchange.test_refuse_a_file import ole
from tests.factories import Place

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def ods(rows: list[tuple[str | None, ...]], **more: bytes) -> bytes:
    """The least that is an OpenDocument sheet."""
    cells = "".join(f"<table:table-row>{''.join(_cell(cell) for cell in row)}</table:table-row>" for row in rows)
    return ods_of(f'<table:table table:name="人员">{cells}</table:table>', **more)


def _cell(cell: str | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'


def ods_of(tables: str, **more: bytes) -> bytes:
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as written:
        kind = zipfile.ZipInfo("mimetype")
        written.writestr(kind, "application/vnd.oasis.opendocument.spreadsheet")
        body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        written.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")
        manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        written.writestr("META-INF/manifest.xml", manifest)
        for name, content in more.items():
            written.writestr(name.replace("__", "/"), content)
    return kept.getvalue()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice: .xls and .et are not tried (apt-get install libreoffice-calc)")
    return tmp_path


def converted(folder: Path, content: bytes, kind: str) -> bytes:
    given = folder / "roster.xlsx"
    given.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(given)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return (folder / f"roster.{kind}").read_bytes()


def test_a_sheet_of_libreoffice_is_read() -> None:
    content = ods([("姓名", "居住地址"), ("单𠮷", "3-2-501"), (None, None), ("李芳", None)])

    (sheet,) = read_sheets("a.ods", content)

    assert sheet.name == "人员"
    assert [row.cells for row in sheet.rows] == [("姓名", "居住地址"), ("单𠮷", "3-2-501"), (), ("李芳",)]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_roster_of_an_old_program_comes_in_like_any_other(office: Path, place: Place, kind: str) -> None:
    content = converted(office, people(FIRST, ("刘禅", "儿子", None, "男", date(2001, 5, 6), None, "3-1-101")), kind)

    plan = plan_files(order("residents", content, f"名册.{kind}"), today())

    assert plan.counts["new"] == 2
    assert [fields["birth"] for _id, fields in plan.writes.people] == [date(1970, 1, 1), date(2001, 5, 6)]
    if kind == "xls":
        sheets = read_sheets("名册.et", content)
        assert sheets[0].rows[0].cells == PERSON_HEADINGS


def test_days_numbers_and_merged_cells_keep_what_they_are(office: Path) -> None:
    from openpyxl import Workbook

    from tests.exchange.books import saved

    made = Workbook()
    for row in (("楼号", "面积", "日期"), (4, 88.5, date(2021, 3, 1)), (None, 90, datetime(2021, 3, 1, 8, 30))):
        made.active.append(row)
    made.active.merge_cells("A2:A3")

    (sheet, *_more) = read_sheets("a.xls", converted(office, saved(made), "xls"))

    assert [row.cells[:2] for row in sheet.rows] == [("楼号", "面积"), (4, 88.5), (4, 90)]
    days = [row.cells[2] for row in sheet.rows[1:]]
    assert [day.date() if isinstance(day, datetime) else day for day in days] == [date(2021, 3, 1)] * 2


DYING = {
    "it aborts": "import os; os.abort()",
    "it stops halfway": 'print(\'{"sheet": "a", "hidden": false, "merged": []}\'); print(\'["x"]\')',
    "it says nonsense": "print('Segmentation fault')",
    "it never ends": "while True: pass",
    "it takes all memory": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
    "kept = []\nwhile True: kept.append(bytearray(10_000_000))",
    "it talks without end": "while True: print('[1]')",
}


@pytest.mark.parametrize("how", DYING)
def test_the_child_dies_and_the_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    child = tmp_path / "child.py"
    child.write_text(DYING[how])
    monkeypatch.setattr(confined, "CHILD", child)
    monkeypatch.setattr(confined, "SECONDS", 2)
    began = time.perf_counter()

    with pytest.raises(Unreadable, match=r"a\.xls 读不出来.*另存为 \.xlsx"):
        read_sheets("a.xls", ole("Workbook"))

    assert time.perf_counter() - began < 20


def test_the_child_has_nothing_of_ours_and_may_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    child = tmp_path / "child.py"
    told = confined.CHILD.read_text().replace(
        "read(sys.stdin.buffer.read())",
        "import os\n        say({'sheet': '|'.join(sorted(os.environ)) + os.getcwd(), 'hidden': False, 'merged': []})\n"
        "        try:\n            with open('out', 'w') as out: out.write('x')\n            say(['wrote'])\n"
        "        except OSError as no: say([type(no).__name__])\n        say({'end': True})",
    )
    child.write_text(told)
    monkeypatch.setattr(confined, "CHILD", child)

    (sheet,) = read_sheets("a.xls", ole("Workbook"))

    assert "SECRET" not in sheet.name and "reading-" in sheet.name
    assert [row.cells for row in sheet.rows] == [("OSError",)]


def test_a_server_without_limits_refuses_these_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "find_spec", lambda _name: None)

    with pytest.raises(Unreadable, match=r"另存为 \.xlsx"):
        read_sheets("a.ods", ods([("姓名",)]))


def test_rows_repeated_a_million_times_are_refused_at_once() -> None:
    row = '<table:table-row table:number-rows-repeated="1048576">' + _cell("x") + "</table:table-row>"
    wide = '<table:table-row><table:table-cell table:number-columns-repeated="16000" office:value-type="string">'
    wide += "<text:p>x</text:p></table:table-cell></table:table-row>"
    began = time.perf_counter()

    for rows in (row, wide, f"<table:table-row>{_cell('x')}</table:table-row>" + row * 20):
        with pytest.raises(Unreadable):
            read_sheets("a.ods", ods_of(f'<table:table table:name="a">{rows}</table:table>'))

    assert time.perf_counter() - began < 30


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"Basic__Standard__Module1.xml": b"Sub Main"}, "宏"),
        ({"Scripts__python__a.py": b"x"}, "宏"),
        ({"Pictures__a.png": b"0" * 200_000_000}, "展开后"),
    ],
)
def test_macros_and_bombs_are_refused_before_the_child_begins(more: dict[str, bytes], word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read_sheets("a.ods", ods([("姓名",)], **more))
