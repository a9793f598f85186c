"""A list of tags gives known people what they carry; restricted ones only by whoever said why."""

import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.exchange.actions import apply_files
from grid.exchange.lines import Line, Plan
from grid.exchange.planning import Order, plan_files
from grid.exchange.workbooks import Unreadable
from grid.register import undo_actions
from grid.register.models import Household, Person, PersonTag, Tag
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.exchange.books import book
from tests.factories import Cast, Place, make_tag
from tests.rows import differences, snapshot

DAY = date(2026, 11, 23)
HEADINGS = ("姓名", "住址", "人员类别", "起始日期", "来源", "帮扶人", "备注")
LI = ("李芳", "1-1-101", "低保、残疾人", "2026-01-05", "民政", "孟网格", "每月上门")


def asked(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS, may_restrict: bool = False) -> Order:
    content = book(("标签", [headings, *rows]))
    return Order("tags", (("tags.xlsx", content),), "桃园社区", may_restrict=may_restrict)


def brought(*rows: Sequence[Any], **more: Any) -> Plan:
    return apply_files(None, asked(*rows, **more), DAY)


def only(plan: Plan) -> Line:
    (line,) = plan.lines
    return line


def carried(name: str) -> dict[str, PersonTag]:
    db.session.expire_all()
    found = db.session.execute(
        select(Tag.label, PersonTag)
        .join(PersonTag, PersonTag.tag_id == Tag.id)
        .join(Person, Person.id == PersonTag.person_id)
        .where(Person.name == name, PersonTag.until.is_(None))
    )
    return {label: carrying for label, carrying in found}


def note_of(name: str) -> str | None:
    db.session.expire_all()
    return db.session.scalars(select(Person.note).where(Person.name == name)).one()


def test_several_tags_of_a_cell_are_given_once(place: Place) -> None:
    version = place.people["李芳"].version

    plan = brought(LI)

    assert only(plan).outcome == "new" and not only(plan).remarks
    assert only(brought(LI)).outcome == "same" and not brought(LI).changes_anything
    found = carried("李芳")
    assert sorted(found) == ["低保", "残疾"]
    assert {(c.since, c.source, c.carer) for c in found.values()} == {(date(2026, 1, 5), "民政", "孟网格")}
    assert note_of("李芳") == "每月上门"
    person = db.session.get_one(Person, place.people["李芳"].id)
    assert person.version == version + 1
    assert db.session.get_one(Household, place.doors["1-1-101"].id).n_tags == 2


def test_without_a_day_it_begins_on_the_day_of_the_import(place: Place) -> None:
    brought(("李芳", "1-1-101", "低保", None, None, None, None))

    assert carried("李芳")["低保"].since == DAY


def test_what_differs_is_changed_and_an_empty_cell_changes_nothing(place: Place) -> None:
    brought(LI)

    plan = brought(("李芳", "1-1-101", "低保", None, None, "傅外人", "另一句"))

    assert only(plan).outcome == "changed"
    found = carried("李芳")
    assert (found["低保"].carer, found["低保"].source, found["残疾"].carer) == ("傅外人", "民政", "孟网格")
    assert note_of("李芳") == "每月上门；另一句"


def test_a_person_is_found_by_the_number_alone(place: Place) -> None:
    headings = ("姓名", "身份证号", "标签")

    assert only(brought(("王小明", "990101198001011218", "党员"), headings=headings)).outcome == "new"

    assert set(carried("王小明")) == {"党员"}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("李芳", "1-1-101", "爱好者"), "请先在“标签”里新增"),
        (("李芳", "1-1-101", None), "没有写人员类别"),
        (("李芳", "1-1-101", "无"), "没有写人员类别"),
        (("张三", "1-1-101", "低保"), "请先导入人员表或办迁入"),
        (("李芳", None, "低保"), "认不出是谁"),
        (("李芳", "1-1-101", "社区矫正"), "受限标签要先说明原因"),
    ],
)
def test_a_row_that_can_not_be_is_refused_with_what_to_do(place: Place, row: tuple[Any, ...], sentence: str) -> None:
    line = only(brought((*row, None, None, None, None)))

    assert line.outcome == "refused" and sentence in line.remarks[0]
    assert carried("李芳") == {} and note_of("李芳") is None


@pytest.mark.parametrize("word", ["信访户", "黑名单户", "信教家庭", "孕妇户", "艾滋户"])
def test_what_no_tag_may_say_is_stored_nowhere(place: Place, word: str) -> None:
    before = snapshot()

    plan = brought(
        ("李芳", "1-1-101", word, None, None, None, None), ("王小明", "1-1-101", f"党员 {word}", None, word, word, word)
    )

    assert [line.outcome for line in plan.lines] == ["refused", "new"]
    assert word not in str([(line.changes, line.remarks) for line in plan.lines])
    assert plan.lines[1].remarks
    assert word not in str(differences(before))
    assert set(carried("王小明")) == {"党员"}


def test_words_that_are_no_tag_go_into_the_note_beside_one_that_is(place: Place) -> None:
    assert "记在备注里" in only(brought(("李芳", "1-1-101", "低保 爱好者", None, None, None, None))).remarks[0]

    assert note_of("李芳") == "类别：爱好者"
    assert only(brought(("李芳", "1-1-101", "低保 爱好者", None, None, None, None))).outcome == "same"


def test_the_same_tag_twice_in_a_file(place: Place) -> None:
    other = ("李芳", "1-1-101", "残疾", "2020-01-01", None, None, None)

    plan = brought(LI, LI, other)

    assert [line.outcome for line in plan.lines] == ["new", "same", "refused"]
    assert "第 2 行" in plan.lines[2].remarks[0]
    assert sorted(carried("李芳")) == ["低保", "残疾"]


def test_restricted_tags_go_in_by_whoever_said_why_and_leave_no_trace_where_all_read(place: Place) -> None:
    row = ("李芳", "1-1-101", "社区矫正", "2026-01-05", "司法所", "孟网格", "每周报到")
    version = place.people["李芳"].version

    line = only(brought(row, may_restrict=True))

    assert line.outcome == "new" and "社区矫正" not in str(line)
    assert carried("李芳")["社区矫正"].source == "司法所"
    assert note_of("李芳") is None and any("没有写入" in remark for remark in line.remarks)
    assert db.session.get_one(Household, place.doors["1-1-101"].id).n_tags == 0
    assert db.session.get_one(Person, place.people["李芳"].id).version == version
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_tags")).one()
    assert entry.household_id is None and "社区矫正" not in (entry.words or "")


def test_on_the_page_the_reason_comes_first(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, community = log_in("admin"), place.community.public_id
    row = ("李芳", "1-1-101", "社区矫正", None, None, None, None)

    def preview() -> str:
        content = asked(row).files[0][1]
        given = {"kind": "tags", "community": community, "files": (BytesIO(content), "tags.xlsx")}
        answer = admin.post("/imports", data=given, content_type="multipart/form-data")
        return admin.get(answer.headers["Location"]).text

    assert "受限标签要先说明原因" in preview()
    asking = {"community": community, "reason": "核对帮教名单", "why": "work"}
    page = admin.get(f"/ledgers/talks?community={community}").text
    answer = admin.post("/ledgers/talks/access", data=asking | reasons(page))

    assert answer.status_code == 303
    assert "受限标签要先说明原因" not in preview()


def reasons(page: str) -> dict[str, str]:
    """The first reason that the page offers."""
    found = re.search(r'name="why"[^>]*value="([^"]+)"', page)
    return {"why": found[1]} if found else {}


def test_undone_the_database_is_as_before_row_for_row(place: Place) -> None:
    make_tag(place.people["李芳"], "low_income")
    refresh_members(community_id=place.community.id)
    db.session.commit()
    before = snapshot()
    brought(LI, ("王小明", "1-1-101", "党员", None, None, None, "好人"))
    db.session.commit()
    assert {"person_tag", "person"} <= set(differences(before))

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_tags")).one()
    undo_actions.undo(None, entry)
    db.session.commit()

    assert differences(before) == {}


def test_a_list_without_tags_is_not_read(place: Place) -> None:
    with pytest.raises(Unreadable, match="标签表要有“姓名”和“人员类别”两列"):
        plan_files(asked(("李芳", "1-1-101"), headings=("姓名", "住址")), DAY)


def test_the_command_line_says_what_went_in(app: Flask, place: Place, tmp_path: Any) -> None:
    path = tmp_path / "标签.xlsx"
    path.write_bytes(asked(LI).files[0][1])

    told = app.test_cli_runner().invoke(args=["import", "tags", str(path), "--community", "桃园社区"])

    assert told.exit_code == 0 and "new 1  changed 0  odd 0  refused 0" in told.output
