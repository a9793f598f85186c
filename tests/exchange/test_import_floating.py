"""A list of floating people goes into the floating register: by ID number, else by name and door."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.personal import keyed_hash
from grid.exchange.actions import apply_files
from grid.exchange.lines import Line, Plan
from grid.exchange.planning import Order
from grid.exchange.workbooks import Unreadable
from grid.register import finding, undo_actions
from grid.register.models import Floating, Person, Residency
from tests.conftest import LogIn
from tests.exchange.books import book, order
from tests.factories import Cast, Place
from tests.rows import differences, snapshot

DAY = date(2026, 11, 23)
HEADINGS = (
    "姓名", "身份证号", "流入原因", "办证类型", "证件号码", "登记日期", "证件到期日期", "住所类型", "房东", "用工单位",
    "现住址",
)  # fmt: skip
WANG = ("王小明", "99010119800101121X", "务工", "居住证", "JZ99100001", "2026-03-01", "2027-03-01", "租赁房屋", "蒋明",
        "解放建材市场", "1幢1单元101室")  # fmt: skip


@pytest.fixture
def place(place: Place) -> Place:
    """王小明 has a number whose check digit is right."""
    person = place.people["王小明"]
    person.id_no, person.id_hash = str(WANG[1]), keyed_hash("id", str(WANG[1]))
    finding.index_households(community_id=place.community.id)
    db.session.commit()
    return place


def brought(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS, day: date = DAY) -> Plan:
    return apply_files(None, order("floating", book(("流动人口", [headings, *rows]))), day)


def only(plan: Plan) -> Line:
    (line,) = plan.lines
    return line


def with_(row: tuple[Any, ...], **given: Any) -> tuple[Any, ...]:
    return tuple(given.get(name, value) for name, value in zip(HEADINGS, row, strict=True))


def rows() -> list[Floating]:
    db.session.expire_all()
    return list(db.session.scalars(select(Floating).order_by(Floating.id)))


def counted(plan: Plan) -> dict[str, int]:
    return {outcome: n for outcome, n in plan.counts.items() if n}


def undo_last(action: str) -> None:
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()[-1]
    undo_actions.undo(None, entry)
    db.session.commit()


def test_a_row_is_registered_and_twice_is_once(place: Place) -> None:
    assert counted(brought(WANG)) == {"new": 1}

    again = brought(WANG)

    assert counted(again) == {"same": 1} and not again.changes_anything
    (row,) = rows()
    assert (row.person_id, row.direction, row.reason, row.permit_kind, row.permit_no) == (
        place.people["王小明"].id, "in", "01", "01", "JZ99100001",
    )  # fmt: skip
    assert (row.registered_on, row.expires_on) == (date(2026, 3, 1), date(2027, 3, 1))
    assert (row.dwelling_kind, row.rented_by, row.employed_by) == ("02", "蒋明", "解放建材市场")


def test_other_headings_and_words_mean_the_same(place: Place) -> None:
    headings = ("人员姓名", "来本地原因", "是否办证", "有效期至", "居住方式", "出租人", "楼号", "单元号", "室号")

    plan = brought(("李芳", "打工", "已办", "2027年3月1日", "租房", "蒋明", "1", "1", "101"), headings=headings)

    assert counted(plan) == {"new": 1}
    (row,) = rows()
    assert row.person_id == place.people["李芳"].id
    assert (row.reason, row.permit_kind, row.dwelling_kind, row.expires_on) == ("01", "01", "02", date(2027, 3, 1))


def test_what_differs_is_changed_and_an_empty_cell_changes_nothing(place: Place) -> None:
    brought(WANG)

    plan = brought(with_(WANG, 证件号码="JZ99100002", 证件到期日期="2028-03-01", 用工单位=None))

    line = only(plan)
    assert line.outcome == "changed"
    assert [(c.label, c.new) for c in line.changes] == [("证件编号", "JZ******02"), ("有效期到", "2028-03-01")]
    (row,) = rows()
    assert (row.permit_no, row.employed_by, row.version) == ("JZ99100002", "解放建材市场", 2)


def test_the_word_that_there_is_no_permit_takes_one_away(place: Place) -> None:
    brought(WANG)

    assert counted(brought(with_(WANG, 办证类型="未办", 证件号码=None, 证件到期日期=None))) == {"changed": 1}

    (row,) = rows()
    assert (row.permit_kind, row.permit_no, row.expires_on) == (None, None, None)
    assert counted(brought(with_(WANG, 办证类型="未办", 证件号码=None, 证件到期日期=None))) == {"same": 1}


def test_a_column_of_direction_says_who_went_elsewhere(place: Place) -> None:
    headings = ("姓名", "现住址", "流动方向", "流出原因", "流往地", "流出日期")

    plan = brought(("李芳", "1-1-101", "流出", "打工", "广东深圳", "2026-02-01"), headings=headings)

    assert counted(plan) == {"new": 1}
    (row,) = rows()
    assert (row.direction, row.reason, row.went_to, row.permit_kind) == ("out", "01", "广东深圳", None)
    assert row.employed_by is None


def test_who_left_is_closed_and_an_old_list_does_not_open_it_again(place: Place) -> None:
    brought(WANG)
    headings = (*HEADINGS, "离开日期")

    assert counted(brought((*WANG, "2026-10-01"), headings=headings)) == {"changed": 1}

    assert counted(brought((*WANG, "2026-10-01"), headings=headings)) == {"same": 1}
    late = only(brought(WANG))
    assert late.outcome == "skipped" and "2026-10-01" in late.remarks[0]
    assert [row.left_on for row in rows()] == [date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"姓名": "王大明"}, "登记里这个身份证号的人叫“王小明”"),
        ({"姓名": "李芳"}, "登记里这个身份证号的人叫“王小明”"),
        ({"姓名": "张三", "身份证号": "990101199001011230"}, "请先导入人员表或办迁入"),
        ({"姓名": "王小明", "身份证号": "990101199001011230"}, "登记的是另一个身份证号"),
        ({"身份证号": None, "现住址": None}, "认不出是谁"),
        ({"身份证号": "990101199001011230", "现住址": None}, "请先导入人员表或办迁入"),
        ({"身份证号": None, "现住址": "9-1-101"}, "没有 9 幢"),
        ({"证件到期日期": "2026-02-01"}, "比登记日期还早"),
        ({"姓名": None}, "没有姓名"),
    ],
)
def test_a_row_that_can_not_be_is_refused_with_what_to_do(place: Place, changed: dict[str, Any], sentence: str) -> None:
    line = only(brought(with_(WANG, **changed)))

    assert line.outcome == "refused" and sentence in line.remarks[0]
    assert rows() == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"住所类型": "桥洞"}, "“桥洞”不在列表里，这一项没有写入"),
        ({"流入原因": "看世界"}, "“看世界”不在列表里，这一项没有写入"),
        ({"办证类型": "绿卡"}, "“绿卡”不在列表里"),
        ({"登记日期": "2030-01-01", "证件到期日期": None}, "还没到，没有写入"),
        ({"证件到期日期": "明年"}, "“明年”不是完整的日期，没有写入"),
        ({"证件号码": "看不清？"}, "没有写入"),
        ({"现住址": "2幢1单元201室"}, "表里写住 2-1-201，户档里住 1-1-101"),
        ({"办证类型": "未办"}, "写的是没有办证"),
    ],
)
def test_what_is_odd_goes_in_and_is_said(place: Place, changed: dict[str, Any], sentence: str) -> None:
    line = only(brought(with_(WANG, **changed)))

    assert line.outcome == "new" and any(sentence in remark for remark in line.remarks)
    assert len(rows()) == 1


def test_a_registered_local_and_somebody_who_moved_out_are_odd(place: Place) -> None:
    place.people["王小明"].population_kind = "registered"
    stay = db.session.scalars(select(Residency).where(Residency.person_id == place.people["王小明"].id)).one()
    stay.to_on = date(2026, 1, 2)
    db.session.commit()

    said = "；".join(only(brought(WANG)).remarks)

    assert "2026-01-02 迁出" in said and "户籍人口" in said


def test_the_dead_are_not_registered(place: Place) -> None:
    place.people["王小明"].died_on = date(2026, 1, 2)
    db.session.commit()

    assert "已经去世" in only(brought(WANG)).remarks[0] and rows() == []


def test_the_same_person_twice_in_a_file(place: Place) -> None:
    plan = brought(WANG, WANG, with_(WANG, 房东="别人"))

    assert [line.outcome for line in plan.lines] == ["new", "skipped", "refused"]
    assert "第 2 行" in plan.lines[1].remarks[0] and "内容不一样" in plan.lines[2].remarks[0]


def test_a_file_that_is_no_register_of_floating_people_is_not_read(place: Place) -> None:
    with pytest.raises(Unreadable, match="流动人口表要有“姓名”一列"):
        apply_files(None, order("floating", book(("名册", [("姓名", "身份证号"), ("王小明", "1")]))), DAY)


def test_undone_the_database_is_as_before_row_for_row(place: Place) -> None:
    brought(WANG)
    db.session.commit()
    before = snapshot()
    brought(
        with_(WANG, 房东="别人", 办证类型="未办", 证件号码=None, 证件到期日期=None),
        ("李芳", None, *[None] * 8, "1-1-101"),
    )
    db.session.commit()
    assert set(differences(before)) == {"floating"}

    undo_last("import_floating")

    assert differences(before) == {}


def test_it_can_be_chosen_on_the_page_and_on_the_command_line(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, tmp_path: Path
) -> None:
    path = tmp_path / "流动.xlsx"
    path.write_bytes(book(("流动人口", [HEADINGS, WANG])))

    page = log_in("admin").get("/imports?kind=floating").text
    told = app.test_cli_runner().invoke(args=["import", "floating", str(path), "--community", "桃园社区"])

    assert 'value="floating" checked' in page
    assert told.exit_code == 0 and "new 1  changed 0  odd 0  refused 0" in told.output


def test_who_went_has_reasons_of_their_own(app: Flask, place: Place) -> None:
    headings = ("姓名", "现住址", "流入原因", "流出原因", "流往地")
    rows_ = [
        ("王小明", "1-1-101", None, "带孙子", "武汉"),
        ("李芳", "1-1-101", "经商", None, None),
    ]
    plan = brought(*rows_, headings=headings)
    db.session.commit()

    assert [line.outcome for line in plan.lines] == ["new", "new"] and not any(line.remarks for line in plan.lines)
    assert {row.direction: row.reason for row in rows()} == {"out": "23", "in": "03"}
    assert "照料孙子女" in str(plan.lines[0].changes)
    unknown = brought(("王小明", "1-1-101", "返乡", None, None), headings=headings)
    assert "“返乡”不在列表里，这一项没有写入" in str(only(unknown).remarks)


def test_why_somebody_left_stands_with_the_day_of_it(app: Flask, place: Place) -> None:
    """Under its own heading, or under 流出原因 in a row that says when they came or left."""
    headings = ("姓名", "现住址", "流入原因", "离开日期", "离开原因", "流出原因")
    came = ("王小明", "1-1-101", "务工")
    brought((*came, None, None, None), headings=headings)

    early = only(brought((*came, None, "返乡", None), headings=headings))
    left = only(brought((*came, "2026-10-01", "回老家", None), headings=headings))
    db.session.commit()

    assert (early.outcome, early.remarks) == ("same", ("离开原因（E 列）：没有离开日期，没有写入",))
    assert {change.label: change.new for change in left.changes} == {"离开日期": "2026-10-01", "离开原因": "返乡"}
    assert [(row.direction, row.reason, row.left_reason) for row in rows()] == [("in", "01", "21")]
    other = only(brought((*came, "2026-10-01", None, "换房"), headings=headings))
    assert [(change.label, change.old, change.new) for change in other.changes] == [("离开原因", "返乡", "拆迁/搬家")]
    alone = brought(("李芳", "1-1-101", None, "2026-10-01", None, "陪读"), headings=headings)
    assert counted(alone) == {"new": 1} and rows()[-1].direction == "in" and rows()[-1].left_reason == "24"


def test_every_reason_of_coming_is_one_of_going() -> None:
    """Pages and ledgers that list both read them from the longer list."""
    going = CODES["outflow_reason"].by_code

    assert CODES["inflow_reason"].by_code.items() < going.items()


def test_the_preview_keeps_each_door_on_one_line(cast: Cast, place: Place, log_in: LogIn) -> None:
    """Where a line ends on a hyphen, 1-1- and 101 are read as two doors; what a cell says is not markup."""
    admin, file = log_in("admin"), book(("流动人口", [HEADINGS, with_(WANG, 房东="<b>1-2-302</b>")]))
    given = {"kind": "floating", "files": [(io.BytesIO(file), "流动.xlsx")], "community": place.community.public_id}

    page = admin.get(admin.post("/imports", data=given).headers["Location"] + "?tab=new").text

    assert '<span class="name"><span class="unbroken">1-1-101</span> 王小明</span>' in page
    assert '&lt;b&gt;<span class="unbroken">1-2-302</span>&lt;/b&gt;' in page


def test_the_committees_own_list_goes_in_whole_and_out_again(app: Flask, shared: Path) -> None:
    """With the doors, and of the roster the rows of these 400 people alone: reading all of it takes half a minute."""
    given = (shared / "rosters/floating.csv").read_bytes()
    make_people_of(shared, given)
    db.session.commit()
    before = snapshot()

    plan = apply_files(None, Order("floating", (("floating.csv", given),)), DAY)
    db.session.commit()

    assert counted(plan) == {"new": 400, "odd": 41}
    assert sum("户档里写的是户籍人口，请核对" in line.remarks for line in plan.lines) == 39
    assert sorted(line.subject for line in plan.lines if any("迁出" in remark for remark in line.remarks)) == [
        "解𠮷",
        "黎琳兰",
    ]
    assert (len(rows()), sum(1 for row in rows() if row.permit_kind is None)) == (400, 48)
    assert counted(apply_files(None, Order("floating", (("floating.csv", given),)), DAY)) == {"same": 400, "odd": 41}
    undo_last("import_floating")
    assert differences(before) == {}


def make_people_of(shared: Path, given: bytes) -> None:
    """Doors from the committee's own list, and the people of another of its lists behind them."""
    files = {
        "map": ("map/boundary.geojson", "map/blocks.geojson", "map/buildings.geojson"),
        "doors": ("rosters/taoyuan-doors.xlsx",),
    }
    for kind, names in files.items():
        apply_files(None, Order(kind, tuple((Path(n).name, (shared / n).read_bytes()) for n in names)), DAY)
    listed = list(csv.DictReader(io.StringIO(given.decode("gb18030"))))
    numbers = {row["身份证号"] for row in listed}
    roster = picked(shared / "rosters/taoyuan-residents.xlsx", numbers)
    apply_files(None, order("residents", roster), DAY)
    assert len(db.session.scalars(select(Person.id)).all()) == len(numbers) == 400


def picked(path: Path, numbers: set[str]) -> bytes:
    """The rows of a roster whose ID number is wanted, as a workbook of its own."""
    sheet = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    headings = next(sheet)
    return book(("人员", [headings, *(row for row in sheet if str(row[2]) in numbers)]))
