"""A roster of visits: a month per sheet; each row a visit to a door, matched by name, address and time."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grid.accounts.models import AuditEntry, User
from grid.core.clock import ZONE, local, today
from grid.core.db import db
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.lines import Line, Plan
from grid.exchange.planning import Order, plan_files
from grid.exchange.visit_rows import found_in, read_moment
from grid.exchange.workbooks import Unreadable
from grid.register.models import Household, Person
from grid.visits.actions import VisitEntry, record_visit
from grid.visits.models import Visit, VisitPerson, VisitWorker
from grid.visits.queries import people_along, people_met
from tests.conftest import LogIn
from tests.exchange.books import book
from tests.factories import Cast, Place, make_person, make_user
from tests.rows import differences, snapshot

HEADINGS = ("走访对象", "居住地址", "走访方式", "走访时间", "参与人员", "走访详情", "服务标签")
DAY = date(2026, 11, 23)
FIRST = ("王小明", "1-1-101", "上门", "2026-01-06 08:15", "孟网格", "一切都好。", "信息核对,政策宣传")


def visits(*rows: Sequence[Any], sheet: str = "1月", name: str = "visits-2026.xlsx") -> Order:
    return Order("visits", ((name, book((sheet, [HEADINGS, *rows]))),), "桃园社区")


def row(name: Any = "王小明", address: Any = "1-1-101", at: Any = "2026-01-06 08:15", **more: Any) -> tuple[Any, ...]:
    given = {"kind": "走访", "workers": "孟网格", "details": "一切都好。", "topics": None} | more
    return (name, address, given["kind"], at, given["workers"], given["details"], given["topics"])


def only(plan: Plan) -> Line:
    (line,) = plan.lines
    return line


def import_one(*given: Any, **more: Any) -> Visit:
    """The one visit that a row with these words becomes."""
    line = only(apply_files(None, visits(row(*given, **more)), DAY))
    assert line.outcome == "new", line
    return db.session.scalars(select(Visit)).one()


def door_of(visit: Visit) -> str:
    return db.session.scalars(select(Household.code).where(Household.id == visit.household_id)).one()


def test_a_row_becomes_a_visit_with_whom_it_met_and_who_went(cast: Cast, place: Place) -> None:
    make_user("chen", "grid_worker", "陈外地")

    line = only(apply_files(None, visits((*FIRST[:4], "孟网格、社长", *FIRST[5:])), DAY))

    assert (line.outcome, line.subject, line.remarks) == ("new", "1-1-101 王小明", ())
    visit = db.session.scalars(select(Visit)).one()
    assert (door_of(visit), visit.kind, visit.found, visit.content) == ("1-1-101", "visit", "home", "一切都好。")
    assert local(visit.at) == datetime(2026, 1, 6, 8, 15, tzinfo=ZONE)
    assert visit.topics == ["details", "policy"]
    assert people_met(visit.id) == ["王小明"]
    assert visit.worker_id == cast.worker.id and people_along(visit.id) == ["社长"]
    assert place.doors["1-1-101"].last_visit_on == date(2026, 1, 6)
    assert place.doors["1-1-101"].home_hours == "morning"


def test_the_same_roster_twice_is_once(cast: Cast, place: Place) -> None:
    order = visits(row(), row("李芳"), row(details="家中无人，留便条。", at="2026.1.9"), row(None, "1-1-102"))
    apply_files(None, order, DAY)
    before = snapshot()

    again = apply_files(None, order, DAY)

    assert [line.outcome for line in again.lines] == ["same"] * 4
    assert differences(before) == {}


def test_the_same_row_twice_in_a_file_goes_in_once(cast: Cast, place: Place) -> None:
    plan = apply_files(None, visits(row(), row(address="1幢1单元101室", at="2026年1月6日 8:15")), DAY)

    assert [line.outcome for line in plan.lines] == ["new", "skipped"]
    assert plan.lines[1].remarks == ("和“1月”第 2 行是同一次走访",)
    assert len(db.session.scalars(select(Visit)).all()) == 1


def test_a_visit_recorded_by_phone_is_not_doubled_though_it_met_others_too(cast: Cast, place: Place) -> None:
    met = tuple(place.people[name].public_id for name in ("王小明", "李芳"))
    at = datetime(2026, 1, 6, 8, 15, 42, tzinfo=ZONE)
    record_visit(cast.worker, place.doors["1-1-101"], VisitEntry("k" * 20, "said", at, "home", met=met))

    line = only(apply_files(None, visits(row()), DAY))

    assert line.outcome == "same"
    assert line.remarks == ("登记里这次走访的情况记录写法不同，没有改动",)
    assert db.session.scalars(select(Visit)).one().content is None


def test_another_minute_kind_or_person_is_another_visit(cast: Cast, place: Place) -> None:
    plan = apply_files(None, visits(row(), row(at="2026-01-06 08:16"), row(kind="电话"), row("李芳")), DAY)

    assert [line.outcome for line in plan.lines] == ["new"] * 4


def test_undone_everything_is_as_before_row_for_row(cast: Cast, place: Place) -> None:
    promised = datetime(2026, 1, 2, 9, tzinfo=ZONE)
    entry = VisitEntry("k" * 20, "said", promised, "home", due_on=date(2026, 1, 7))
    record_visit(cast.worker, place.doors["1-1-101"], entry)
    before = snapshot()
    apply_files(cast.admin, visits(row(workers="孟网格、社长"), row("单雄信", "1-1-102")), DAY)
    done = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_visits")).one()
    assert place.doors["1-1-101"].n_open == 0 and place.doors["1-1-102"].last_visit_on == date(2026, 1, 6)

    undo_import(cast.admin, done)

    assert differences(before) == {}
    assert place.doors["1-1-101"].n_open == 1 and place.doors["1-1-102"].last_visit_on is None


def test_a_dry_run_writes_nothing(cast: Cast, place: Place) -> None:
    before = snapshot()

    plan_files(visits(row()), DAY)

    assert differences(before) == {}


# Who is meant.


def two_of_a_name(place: Place) -> tuple[Person, Person]:
    first = make_person(place.doors["2-1-201"], "孟林", birth=date(1950, 1, 1))
    second = make_person(place.doors["3-2-302"], "孟林", birth=date(1980, 1, 1))
    db.session.commit()
    return first, second


def test_a_name_without_address_is_asked_where_two_bear_it(cast: Cast, place: Place) -> None:
    first, second = two_of_a_name(place)

    line = only(apply_files(None, visits(row("孟林", None)), DAY))

    assert line.outcome == "refused" and "请选是哪一位" in line.remarks[0]
    assert line.options == ((first.public_id, "孟林 2-1-201"), (second.public_id, "孟林 3-2-302"))
    assert line.marks == ((0, line.remarks[0]),)
    assert db.session.scalars(select(Visit)).all() == []


def test_an_answer_settles_it_and_next_time_nothing_is_asked(cast: Cast, place: Place) -> None:
    _first, second = two_of_a_name(place)
    order = visits(row("孟林", None))
    asked = only(plan_files(order, DAY))

    answered = only(apply_files(None, replace(order, answers={asked.key: second.public_id}), DAY))

    assert (answered.outcome, answered.subject) == ("new", "3-2-302 孟林")
    assert door_of(db.session.scalars(select(Visit)).one()) == "3-2-302"
    assert only(plan_files(order, DAY)).outcome == "same"


def test_an_answer_that_was_not_offered_is_none(cast: Cast, place: Place) -> None:
    two_of_a_name(place)
    order = visits(row("孟林", None))
    asked = only(plan_files(order, DAY))

    plan = plan_files(replace(order, answers={asked.key: place.people["王小明"].public_id}), DAY)

    assert only(plan).outcome == "refused"


def test_a_name_borne_once_is_found_without_an_address_and_that_is_said(cast: Cast, place: Place) -> None:
    line = only(apply_files(None, visits(row("欧阳娜", None)), DAY))

    assert line.is_odd and line.remarks == ("没写住址，按姓名记到 2-1-201",)


@pytest.mark.parametrize("address", ["2幢", "2幢1单元", "桃园小区2号楼"])
def test_an_address_that_ends_early_is_completed_by_the_name_inside_it(cast: Cast, place: Place, address: str) -> None:
    make_person(place.doors["3-2-302"], "欧阳娜")
    db.session.commit()

    line = only(apply_files(None, visits(row("欧阳娜", address)), DAY))

    assert line.is_odd and line.remarks[0].endswith("按姓名记到 2-1-201")
    assert door_of(db.session.scalars(select(Visit)).one()) == "2-1-201"


def test_two_of_a_name_behind_one_door_are_told_apart_by_birth(cast: Cast, place: Place) -> None:
    make_person(place.doors["1-1-101"], "李芳", birth=date(2010, 5, 5))
    db.session.commit()

    line = only(plan_files(visits(row("李芳")), DAY))

    assert line.outcome == "refused"
    assert [words for _value, words in line.options] == [
        "李芳 1-1-101（1982 年生）",
        "李芳 1-1-101（2010 年生）",
    ]


def test_who_had_left_before_the_day_was_not_met(cast: Cast, place: Place) -> None:
    gone = make_person(place.doors["1-1-101"], "李芳", birth=date(2010, 5, 5))
    db.session.execute(db.text("UPDATE residency SET to_on = '2025-01-01' WHERE person_id = :id"), {"id": gone.id})
    db.session.commit()

    line = only(apply_files(None, visits(row("李芳")), DAY))

    assert line.outcome == "new"
    met = db.session.scalars(select(VisitPerson.person_id)).one()
    assert met == place.people["李芳"].id


def test_an_unknown_name_at_a_known_door_asks_with_the_door_and_the_same_surname(cast: Cast, place: Place) -> None:
    line = only(plan_files(visits(row("李红")), DAY))

    assert line.outcome == "refused" and line.remarks == ("1-1-101 没有登记叫“李红”的人，请选怎么记",)
    assert line.options == (
        ("door", "记在 1-1-101，不写见到谁"),
        (place.people["李芳"].public_id, "李芳 1-1-101"),
    )


@pytest.mark.parametrize("said", ["李阿姨", "小李", "李师傅", "李大姐"])
def test_a_form_of_address_is_no_name(cast: Cast, place: Place, said: str) -> None:
    line = only(plan_files(visits(row(said)), DAY))

    assert line.remarks == (f"“{said}”是称呼，不是姓名，请选是 1-1-101 的哪一位",)
    assert place.people["李芳"].public_id in dict(line.options)


def test_the_door_as_answer_keeps_the_name_as_words(cast: Cast, place: Place) -> None:
    order = visits(row("李阿姨"))
    key = only(plan_files(order, DAY)).key

    apply_files(None, replace(order, answers={key: "door"}), DAY)

    visit = db.session.scalars(select(Visit)).one()
    assert (door_of(visit), visit.content) == ("1-1-101", "一切都好。\n走访对象：李阿姨")
    assert people_met(visit.id) == []
    assert only(plan_files(order, DAY)).outcome == "same"
    assert only(plan_files(visits(row("王阿姨")), DAY)).outcome == "refused"


def test_somebody_registered_elsewhere_asks_for_the_door(cast: Cast, place: Place) -> None:
    order = visits(row("欧阳娜", "1-1-102"))
    line = only(plan_files(order, DAY))

    assert line.remarks == ("“欧阳娜”没有登记在 1-1-102，登记在 2-1-201，请选记到哪里",)
    assert [words for _value, words in line.options] == ["记在 1-1-102，不写见到谁", "欧阳娜 2-1-201"]

    apply_files(None, replace(order, answers={line.key: line.options[1][0]}), DAY)

    assert door_of(db.session.scalars(select(Visit)).one()) == "2-1-201"


def test_an_unknown_building_is_refused_and_names_who_could_be_meant(cast: Cast, place: Place) -> None:
    line = only(plan_files(visits(row("欧阳娜", "925幢1单元101室")), DAY))

    assert line.outcome == "refused" and "925" in line.remarks[0]
    assert [words for _value, words in line.options] == ["欧阳娜 2-1-201"]


def test_people_of_another_community_are_never_offered(cast: Cast, place: Place) -> None:
    line = only(plan_files(visits(row("王外人", None)), DAY))

    assert (line.outcome, line.options) == ("refused", ())


def test_several_names_in_a_cell_were_all_met(cast: Cast, place: Place) -> None:
    line = only(apply_files(None, visits(row("王小明（户主）、李芳、张三")), DAY))

    visit = db.session.scalars(select(Visit)).one()
    assert people_met(visit.id) == ["王小明", "李芳"]
    assert line.remarks == ("没有对上：张三，姓名记在情况记录里",)
    assert visit.content == "一切都好。\n走访对象：张三"


# Who went.


def test_colleagues_without_an_account_stay_as_words_and_the_importer_stands_for_them(cast: Cast, place: Place) -> None:
    plan = apply_files(cast.admin, visits(row(workers="吴英珍、谭林明")), DAY)

    visit = db.session.scalars(select(Visit)).one()
    assert visit.worker_id == cast.admin.id
    assert visit.content == "一切都好。\n参与：吴英珍、谭林明"
    assert only(plan).remarks == () and "吴英珍、谭林明" in plan.notes[0]


def test_the_first_who_has_an_account_recorded_it(cast: Cast, place: Place) -> None:
    visit = import_one(workers="吴英珍、社长、孟网格")

    assert visit.worker_id == cast.admin.id and people_along(visit.id) == ["孟网格"]
    assert visit.content == "一切都好。\n参与：吴英珍"


def test_a_name_of_two_accounts_means_neither(cast: Cast, place: Place) -> None:
    db.session.execute(db.update(User).where(User.login == "other").values(name="孟网格"))
    db.session.commit()

    visit = import_one()

    assert visit.worker_id == cast.admin.id
    assert db.session.scalars(select(VisitWorker)).all() == []


def test_colleagues_of_another_community_stay_as_words(cast: Cast, place: Place) -> None:
    make_user("far", "grid_worker", "远同事")
    db.session.commit()

    assert import_one(workers="远同事").worker_id == cast.admin.id


def test_without_any_account_nothing_is_written(place: Place) -> None:
    with pytest.raises(Unreadable, match="管理员账号"):
        apply_files(None, visits(row()), DAY)

    assert db.session.scalars(select(Visit)).all() == []


# When.


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (datetime(2026, 1, 6, 8, 15), "2026-01-06 08:15"),
        (date(2026, 1, 6), "2026-01-06 00:00"),
        ("2026.01.06", "2026-01-06 00:00"),
        ("2026-1-6 08:15", "2026-01-06 08:15"),
        ("2026/01/06 08:15:30", "2026-01-06 08:15"),
        ("2026-01-06T08:15", "2026-01-06 08:15"),
        ("2026年1月6日8:15", "2026-01-06 08:15"),
        ("2026年1月6号 下午3点半", "2026-01-06 15:30"),
        ("2026年1月6日（星期二）上午9时", "2026-01-06 09:00"),
        ("2026-1-6 9：00-10：30", "2026-01-06 09:00"),
        ("20260106", "2026-01-06 00:00"),
        (46028.34375, "2026-01-06 08:15"),
        (46028, "2026-01-06 00:00"),
        (20260106, "2026-01-06 00:00"),
    ],
)
def test_times_are_read_in_every_spelling(cell: Any, said: str) -> None:
    at = read_moment(cell).at

    assert at and local(at).strftime("%Y-%m-%d %H:%M") == said


@pytest.mark.parametrize(
    "cell", [None, "", "上周", "1月", "2026年", "2026-02-30", "2026-1-6 25:00", 1.26, "0202-1-6", "2026-1-5至6日", True]
)
def test_what_is_no_time_is_refused_with_a_sentence(cast: Cast, place: Place, cell: Any) -> None:
    assert read_moment(cell).fault

    line = only(plan_files(visits(row(at=cell, name="王小明")), DAY)) if cell else None

    assert line is None or (line.outcome == "refused" and line.remarks)


def test_a_missing_year_comes_from_the_file_name_and_is_said(cast: Cast, place: Place) -> None:
    plan = apply_files(None, visits(row(at="1月26日")), DAY)

    assert local(db.session.scalars(select(Visit.at)).one()).date() == date(2026, 1, 26)
    assert "visits-2026.xlsx 里有 1 行没写年份，按 2026 年录入。" in plan.notes


def test_a_missing_year_comes_from_the_sheet_or_the_other_rows(cast: Cast, place: Place) -> None:
    by_sheet = plan_files(visits(row(at="1月26日 9:30"), sheet="2025年1月", name="走访.xlsx"), DAY)
    by_rows = plan_files(visits(row(at="1月26日"), row("李芳", at="2024-1-5"), name="走访.xlsx"), DAY)

    assert only(by_sheet).changes[0].new == "2025-01-26 09:30"
    assert by_rows.lines[0].changes[0].new == "2024-01-26"


def test_a_year_that_nobody_tells_or_that_two_tell_is_refused(cast: Cast, place: Place) -> None:
    nobody = plan_files(visits(row(at="1月26日"), name="走访.xlsx"), DAY)
    two = plan_files(visits(row(at="1月26日"), row("李芳", at="2025-12-5")), DAY)

    assert only(nobody).remarks == ("走访时间没写年份，请补上",)
    assert two.lines[0].outcome == "refused" and "2025、2026" in two.lines[0].remarks[0]


def test_a_visit_to_come_is_refused_until_its_day(cast: Cast, place: Place) -> None:
    order = visits(row(at="2026-12-04 10:20"))

    assert only(plan_files(order, date(2026, 12, 3))).outcome == "refused"
    assert only(plan_files(order, date(2026, 12, 5))).outcome == "new"


def test_later_today_has_not_come_either(cast: Cast, place: Place) -> None:
    in_an_hour = datetime.now(ZONE) + timedelta(hours=1)

    line = only(plan_files(visits(row(at=in_an_hour.strftime("%Y-%m-%d %H:%M"))), today()))

    assert line.outcome == "refused" and line.options == ()


# What was found.


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ("家中无人，留便条，约周末复访。", "nobody"),
        ("家里没人", "nobody"),
        ("敲门无人应答。", "nobody"),
        ("多次上门，无人在家", "nobody"),
        ("住户不在家，已电话联系", "nobody"),
        ("上门未遇。", "nobody"),
        ("老人家中无人照料，需要帮扶。", "home"),
        ("儿子不在家，老人独自生活。", "home"),
        ("楼道无人打扫。", "home"),
        ("核对家庭成员信息，均无变化。", "home"),
        ("拒绝入户", "refused"),
        ("", "home"),
    ],
)
def test_nobody_is_there_only_where_the_words_say_so_of_the_home(details: str, found: str) -> None:
    assert found_in(details) == found


def test_where_nobody_was_at_home_nobody_was_met(cast: Cast, place: Place) -> None:
    visit = import_one(details="家中无人，留便条。")

    assert (visit.found, visit.content) == ("nobody", "家中无人，留便条。\n走访对象：王小明")
    assert people_met(visit.id) == []
    assert place.doors["1-1-101"].last_visit_on is None


def test_unknown_ways_and_labels_stay_as_words(cast: Cast, place: Place) -> None:
    plan = apply_files(None, visits(row(kind="家访", topics="信息核对、防汛")), DAY)

    visit = db.session.scalars(select(Visit)).one()
    assert (visit.kind, visit.topics) == ("visit", ["details"])
    assert visit.content == "一切都好。\n走访方式：家访\n标签：防汛"
    assert len(only(plan).remarks) == 2 and [at for at, _why in only(plan).marks] == [2, 6]


# Files.


def test_several_sheets_are_one_import_and_one_line_in_the_log(cast: Cast, place: Place) -> None:
    months = book(("1月", [HEADINGS, row()]), ("2月", [HEADINGS, row(at="2026-02-06")]), ("说明", [("写在这里",)]))

    plan = apply_files(cast.admin, Order("visits", (("v.xlsx", months),), "桃园社区"), DAY)

    assert [line.sheet for line in plan.lines] == ["1月", "2月"]
    assert any("说明" in note for note in plan.notes)
    done = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_visits")).one()
    assert done.actor_id == cast.admin.id and done.words == "桃园社区: v.xlsx (新增 2)"


def test_a_file_without_the_columns_says_which_are_missing(cast: Cast, place: Place) -> None:
    order = Order("visits", (("a.xlsx", book(("1月", [("姓名", "电话"), ("王小明", "1")]))),), "桃园社区")

    with pytest.raises(Unreadable, match="走访时间"):
        plan_files(order, DAY)


def test_a_promise_that_the_roster_kept_is_closed(cast: Cast, place: Place) -> None:
    promised = datetime(2026, 1, 2, 9, tzinfo=ZONE)
    for door, key in (("1-1-101", "k" * 20), ("1-1-102", "m" * 20)):
        entry = VisitEntry(key, "said", promised, "home", due_on=date(2026, 1, 7))
        record_visit(cast.worker, place.doors[door], entry)

    apply_files(None, visits(row()), DAY)

    assert (place.doors["1-1-101"].n_open, place.doors["1-1-102"].n_open) == (0, 1)


def test_it_asks_the_database_no_more_for_a_hundred_rows(cast: Cast, place: Place, count_queries: Any) -> None:
    few, many = visits(row()), visits(*(row(at=f"2026-01-{n % 28 + 1:02} 1{n % 10}:0{n // 28}") for n in range(100)))
    plan_files(few, DAY)
    count_queries()
    plan_files(few, DAY)
    wanted = count_queries()

    plan = plan_files(many, DAY)

    assert count_queries() == wanted and plan.counts["new"] == 100


def test_from_the_command_line_it_stands_under_the_administrator(
    app: Flask, cast: Cast, place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "走访.csv"
    path.write_text("走访对象,走访时间,居住地址,走访详情\n王小明,2026-01-06,1-1-101,好\n张三,2026-01-06,1-1-101,好\n")

    told = app.test_cli_runner().invoke(args=["import", "visits", str(path), "--community", "桃园社区"])

    assert told.exit_code == 1, told.output
    assert "new 1  changed 0  odd 0  refused 1  same 0" in told.output
    assert "refused 走访.csv “走访”第 3 行 张三：1-1-101 没有登记叫“张三”的人" in told.output
    assert db.session.scalars(select(Visit)).one().worker_id == cast.admin.id


def test_by_upload_it_is_previewed_and_then_written(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")
    ((name, content),) = visits(row(), row("李阿姨")).files
    sent = {"kind": "visits", "files": [(io.BytesIO(content), name)], "community": place.community.public_id}

    where = client.post("/imports", data=sent).headers["Location"]

    page = client.get(where).get_data(as_text=True)
    assert "是称呼，不是姓名" in page and "李芳 1-1-101" in page
    assert client.post(f"{where}/apply").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Visit)).one().worker_id == cast.worker.id


def test_on_the_preview_a_question_is_answered_and_the_visit_goes_in(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")
    order = visits(row("李阿姨"))
    ((name, content),) = order.files
    sent = {"kind": "visits", "files": [(io.BytesIO(content), name)], "community": place.community.public_id}
    where = client.post("/imports", data=sent).headers["Location"]
    key, chosen = only(plan_files(order, today())).key, place.people["李芳"].public_id

    client.post(f"{where}/choose", data={"tab": "refused", "asked": [key], "answer": [chosen]})
    client.post(f"{where}/apply")

    db.session.rollback()
    assert people_met(db.session.scalars(select(Visit.id)).one()) == ["李芳"]
