"""A roster of people comes in, to the doors of tests/factories.py."""

import time
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from grid.accounts.models import AuditChange, AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.exchange import actions
from grid.exchange.actions import apply_files
from grid.exchange.lines import Line
from grid.exchange.planning import plan_files
from grid.register.finding import find
from grid.register.id_numbers import check_digit
from grid.register.models import Household, Person, PersonTag, Residency, Tag
from tests.exchange.books import book, order, people
from tests.factories import Cast, Place

LIU = "99010119700101123" + check_digit("99010119700101123")
NEIGHBOUR = "99010119800202124" + check_digit("99010119800202124")
FIRST = ("刘备", "户主", LIU, "男", "19700101", "19900000001", "3-1-101", "党员", None)


def line_of(*row: Any) -> Line:
    return plan_files(order("residents", people(row)), today()).lines[0]


def named(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def lives(person: Person) -> Residency | None:
    return db.session.scalars(
        select(Residency).where(Residency.person_id == person.id, Residency.to_on.is_(None))
    ).one_or_none()


def test_a_family_moves_in(place: Place, cast: Cast) -> None:
    content = people(FIRST, ("刘禅", "儿子", None, "男", "2001年5月6日", None, "3幢1单元101室", None, "爱玩"))

    plan = apply_files(cast.admin, order("residents", content), today())

    assert (plan.counts["new"], plan.counts["odd"], plan.counts["refused"]) == (2, 0, 0)
    head, son = named("刘备"), named("刘禅")
    assert (head.id_no, head.birth, head.sex, head.phone) == (LIU, date(1970, 1, 1), "1", "19900000001")
    assert (son.id_no, son.birth, son.note) == (None, date(2001, 5, 6), "爱玩")
    door = place.doors["3-1-101"]
    of_head, of_son = lives(head), lives(son)
    assert of_head and of_son
    assert (of_head.household_id, of_head.is_head, of_head.relation) == (door.id, True, "02")
    assert (of_son.household_id, of_son.is_head, of_son.relation) == (door.id, False, "20")
    assert db.session.get(Household, door.id).n_members == 2  # type: ignore[union-attr]
    assert {hit[6] for hit in find(cast.admin.scope, place.community.id, "liushan")} == set()
    assert {hit[6] for hit in find(cast.admin.scope, place.community.id, "刘")} == {"刘备", "刘禅"}
    tags = db.session.scalars(select(Tag.label).join(PersonTag).where(PersonTag.person_id == head.id)).all()
    assert tags == ["党员"]


def test_it_is_one_entry_in_the_audit_log_with_every_row_below(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, order("residents", people(FIRST)), today())

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_residents")).one()
    assert (entry.actor_id, entry.community_id) == (cast.admin.id, place.community.id)
    below = select(AuditChange.table_name, AuditChange.operation).where(AuditChange.entry_id == entry.id)
    told = {(table, operation) for table, operation in db.session.execute(below)}
    assert {("person", "insert"), ("residency", "insert"), ("person_tag", "insert")} <= told


def test_the_same_roster_again_changes_nothing(place: Place) -> None:
    content = people(
        FIRST,
        ("关羽", "租户", None, "男", "19600101", None, "3-1-102", "桃园十佳", None),
        ("关平", "子", None, "男", "19850101", None, "3-1-102", None, None),
        ("张飞", "结拜兄弟的朋友", None, "男", None, None, "3-1-201", None, None),
    )
    apply_files(None, order("residents", content), today())

    again = plan_files(order("residents", content), today())

    assert not again.changes_anything
    assert again.counts["same"] == 4


def test_a_dry_run_writes_nothing(place: Place) -> None:
    before = db.session.scalar(select(func.count()).select_from(Person))

    plan = plan_files(order("residents", people(FIRST)), today())
    db.session.commit()

    assert plan.counts["new"] == 1
    assert db.session.scalar(select(func.count()).select_from(Person)) == before


def test_a_failure_halfway_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [db.session.scalar(select(func.count()).select_from(t)) for t in (Person, Residency, AuditEntry)]

    def broken(*_given: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(actions, "_tidy", broken)
    with pytest.raises(OSError, match="disk full"):
        apply_files(None, order("residents", people(FIRST)), today())

    after = [db.session.scalar(select(func.count()).select_from(t)) for t in (Person, Residency, AuditEntry)]
    assert after == before


def test_a_tenant_s_family_are_tenants_without_a_head(place: Place) -> None:
    content = people(
        ("关羽", "租户", None, None, None, None, "3-1-102", None, None),
        ("关平", "子", None, None, None, None, "3-1-102", None, None),
    )
    plan = apply_files(None, order("residents", content), today())

    assert plan.counts["odd"] == 0
    for name in ("关羽", "关平"):
        residency = lives(named(name))
        assert residency
        assert (residency.live_kind, residency.is_head) == ("tenant", False)


def test_known_people_are_changed_not_doubled(place: Place) -> None:
    plan = apply_files(
        None,
        order(
            "residents",
            people(("王小明", "户主", "990101198001011218", None, None, "19900077777", "1-1-101", "党员", None)),
        ),
        today(),
    )

    (line,) = plan.lines
    assert line.outcome == "changed"
    told = {change.label: (change.old, change.new) for change in line.changes}
    assert told["电话"] == ("199****2345", "199****7777")
    assert told["人员类别"] == ("—", "党员")
    person = db.session.get(Person, place.people["王小明"].id)
    assert person is not None
    assert (person.phone, person.version) == ("19900077777", 2)


def test_somebody_without_an_id_is_found_by_name_and_door(place: Place) -> None:
    line = line_of("李芳", "配偶", NEIGHBOUR, None, None, None, "1-1-101", None, None)

    assert line.outcome == "new", "born on another day: somebody else of that name"
    line = line_of("李芳", "配偶", None, "女", "19820304", None, "1-1-101", None, None)
    assert line.outcome == "same"


def test_the_neighbouring_community_is_not_looked_into(place: Place) -> None:
    line = line_of("王外人", None, None, None, None, None, "1-1-101", None, None)

    assert line.outcome == "new"


def test_who_left_and_who_died_are_no_residents_but_stay_known(place: Place) -> None:
    headings = ("姓名", "身份证号", "居住地址", "是否已迁出", "迁出日期", "迁往地", "是否已死亡", "死亡日期")
    rows = [headings,
            ("王小明", "990101198001011218", "1-1-101", "1", "20260501", "外省", "0", None),
            ("刘备", LIU, "3-1-101", "0", None, None, "1", "20250607")]  # fmt: skip
    content = book(("人员", rows))

    plan = apply_files(None, order("residents", content), today())

    assert [line.outcome for line in plan.lines] == ["changed", "new"]
    assert lives(named("王小明")) is None
    assert lives(named("刘备")) is None
    left = db.session.scalars(select(Residency).where(Residency.person_id == place.people["王小明"].id)).one()
    assert (left.to_on, left.went_to, left.reason) == (date(2026, 5, 1), "外省", "moved")
    assert named("刘备").died_on == date(2025, 6, 7)
    assert db.session.get(Household, place.doors["1-1-101"].id).n_members == 1  # type: ignore[union-attr]
    assert not plan_files(order("residents", content), today()).changes_anything


def test_leaving_without_a_day_is_today_once(place: Place) -> None:
    content = book(("人员", [("姓名", "居住地址", "是否已迁出"), ("刘备", "3-1-101", "1")]))
    plan = apply_files(None, order("residents", content), date(2026, 11, 23))
    assert plan.counts["odd"] == 1

    assert not plan_files(order("residents", content), date(2026, 12, 24)).changes_anything


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ((None, "户主", LIU, None, None, None, "1-1-101", None, None), "姓名（A 列）"),
        (("张" * 300, "户主", None, None, None, None, "1-1-101", None, None), "300"),
        (("刘备", "户主", None, None, None, None, None, None, None), "没有住址"),
        (("刘备", "户主", None, None, None, None, "99-1-101", None, None), "99 幢"),
        (("刘备", "户主", None, None, None, None, "1-1-901", None, None), "没有 9 层"),
        (("刘备", "户主", None, None, None, None, "1-1-109", None, None), "房屋表里没有"),
        (("刘备", "户主", None, None, None, None, "1幢2单元", None, None), "没有房间号"),
        (("刘备", "户主", None, None, None, None, "1-101", None, None), "1-1-101、1-2-101"),
        (("刘备", "户主", None, None, None, None, "某处", None, None), "哪栋楼"),
        (("刘备", "户主", "990101198001011218", None, None, None, "1-1-101", None, None), "王小明"),
        (("王小明", "户主", "990101198001011218", None, None, None, "3-1-101", None, None), "先办迁移"),
    ],
)
def test_a_row_is_refused_and_says_why(place: Place, row: tuple[Any, ...], word: str) -> None:
    line = line_of(*row)

    assert line.outcome == "refused"
    assert word in line.remarks[0]
    assert line.place == "residents.xlsx “人员”第 2 行"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ((*FIRST[:2], 9.90226200005e17, *FIRST[3:]), "身份证号（C 列）"),
        ((*FIRST[:2], LIU[:17] + ("0" if LIU[17] != "0" else "1"), *FIRST[3:]), "校验位"),
        ((*FIRST[:3], "女", *FIRST[4:]), "性别（D 列）"),
        ((*FIRST[:5], "1990000123", *FIRST[6:]), "10 位"),
        ((*FIRST[:5], "无", *FIRST[6:]), "没有电话号码"),
        ((*FIRST[:7], "桃园十佳", None), "桃园十佳"),
        ((*FIRST[:7], "信访户", None), "不设这一类"),
        (("刘备😀", *FIRST[1:]), "表情"),
        ((*FIRST[:8], "长" * 5000), "5000"),
        ((*FIRST[:6], "教工新村3-1-101", None, None), "教工新村"),
        ((*FIRST[:6], "1-1-101", None, None), "已有户主"),
    ],
)
def test_a_row_is_odd_and_comes_in(place: Place, row: tuple[Any, ...], word: str) -> None:
    line = line_of(*row)

    assert line.outcome == "new"
    assert line.is_odd
    assert word in "".join(line.remarks)


def test_a_forbidden_category_is_stored_nowhere(place: Place) -> None:
    apply_files(None, order("residents", people((*FIRST[:7], "信教、桃园十佳", None))), today())

    assert named("刘备").note == "类别：桃园十佳"


def test_the_same_person_twice_is_one_person(place: Place) -> None:
    twice = (*FIRST[:6], "3幢1单元101室", None, None)

    plan = plan_files(order("residents", people(FIRST, twice)), today())

    assert [line.outcome for line in plan.lines] == ["new", "skipped"]


def test_one_id_for_two_names_or_two_doors_is_for_a_human(place: Place) -> None:
    other_name, other_door = ("关羽", *FIRST[1:]), (*FIRST[:6], "3-1-102", None, None)

    plan = plan_files(order("residents", people(FIRST, other_name, other_door)), today())

    assert [line.outcome for line in plan.lines] == ["new", "refused", "refused"]
    assert "第 2 行" in plan.lines[1].remarks[0]
    assert "3-1-101" in plan.lines[2].remarks[0]


def test_who_moved_out_since_does_not_come_back_by_an_old_file(place: Place) -> None:
    content = people(FIRST)
    apply_files(None, order("residents", content), today())
    residency = lives(named("刘备"))
    assert residency
    residency.to_on = date(2026, 11, 1)
    db.session.commit()

    plan = plan_files(order("residents", content), today())

    assert plan.lines[0].outcome == "refused"
    assert "2026-11-01" in plan.lines[0].remarks[0]


def test_a_person_moving_by_file_keeps_one_current_residency(place: Place) -> None:
    apply_files(None, order("residents", people(FIRST)), today())

    current = select(Residency.person_id).where(Residency.to_on.is_(None)).group_by(Residency.person_id)
    assert not db.session.execute(current.having(func.count() > 1)).all()


def test_a_whole_page_in_every_cell_is_told_and_takes_no_time(place: Place) -> None:
    began = time.perf_counter()
    for sign in ("一", "1", "、a", "(", "信访"):
        row = [sign * (30_000 // len(sign))] * 9
        assert line_of("刘备", *row[1:]).outcome == "refused"
        assert line_of("刘备", *row[1:6], "3-1-101", *row[7:]).is_odd

    assert time.perf_counter() - began < 5


STAYED = ("姓名", "身份证号", "居住地址", "迁入日期", "是否已迁出", "迁出日期")


@pytest.mark.parametrize(
    ("door", "came", "left", "outcome"),
    [
        ("3-1-101", "2021-01-01", "2022-05-01", "refused"),
        ("3-1-101", None, "2022-05-01", "refused"),
        ("3-1-101", "2015-01-01", "2020-01-01", "changed"),
        ("1-1-101", "2019-01-01", None, "changed"),
        ("3-1-101", None, "", "refused"),
        ("3-1-101", "2015-01-01", "", "refused"),
        ("1-1-101", None, "2019-01-01", "refused"),
        ("1-1-101", None, "", "changed"),
    ],
)
def test_nobody_is_written_behind_two_doors_on_one_day(
    place: Place, cast: Cast, door: str, came: str | None, left: str | None, outcome: str
) -> None:
    """王小明 lives behind 1-1-101 since 2020-01-01. Who left on '' left, and nobody wrote down when."""
    row = ("王小明", "990101198001011218", door, came, None if left is None else "是", left or None)
    given = order("residents", book(("人员", [STAYED, row])))

    plan = plan_files(given, today())
    apply_files(cast.admin, given, today())

    assert [line.outcome for line in plan.lines] == [outcome], plan.lines
    days = sorted((s.from_on or date.min, s.to_on or date.max) for s in stays(place.people["王小明"]))
    assert all(left <= came for (_came, left), (came, _left) in pairwise(days)), days


@pytest.mark.parametrize(
    ("first", "second", "outcomes", "word"),
    [
        (("2015-01-01", "2018-01-01"), ("2018-01-01", None), ["new", "changed"], ""),
        (("2018-01-01", None), ("2015-01-01", "2018-01-01"), ["new", "changed"], ""),
        (("2015-01-01", ""), ("2018-01-01", None), ["refused", "new"], "哪一天从这一户迁出"),
        (("2018-01-01", None), (None, ""), ["new", "refused"], "哪一天从这一户迁出"),
        (("2015-01-01", "2019-01-01"), ("2018-01-01", "2020-01-01"), ["new", "refused"], "请核对日期"),
        ((None, ""), (None, ""), ["new", "refused"], "哪一天从这一户迁出"),
    ],
)
def test_two_rows_of_one_person_are_one_person_with_one_home_at_a_time(
    place: Place,
    first: tuple[str | None, str | None],
    second: tuple[str | None, str | None],
    outcomes: list[str],
    word: str,
) -> None:
    rows = [
        ("刘备", LIU, door, came, None if left is None else "是", left or None)
        for door, (came, left) in (("3-1-101", first), ("3-1-102", second))
    ]
    given = order("residents", book(("人员", [STAYED, *rows])))

    plan = apply_files(None, given, today())

    assert [line.outcome for line in plan.lines] == outcomes, plan.lines
    assert word in "".join(remark for line in plan.lines if line.outcome == "refused" for remark in line.remarks)
    days = sorted((s.from_on or date.min, s.to_on or date.max) for s in stays(named("刘备")))
    assert len(days) == 2 - outcomes.count("refused")
    assert all(left <= came for (_came, left), (came, _left) in pairwise(days)), days
    assert not plan_files(given, today()).changes_anything


DIED = ("姓名", "身份证号", "居住地址", "联系电话", "是否已死亡", "死亡日期", "是否已迁出", "迁出日期")


@pytest.mark.parametrize("died_on", ["2019-06-01", "2021-06-01"])
def test_nobody_dies_behind_one_door_and_lives_on_behind_another(place: Place, died_on: str) -> None:
    """王小明 lives behind 1-1-101 since 2020-01-01."""
    row = ("王小明", "990101198001011218", "3-1-101", None, "是", died_on, None, None)

    (line,) = plan_files(order("residents", book(("人员", [DIED, row]))), today()).lines

    assert line.outcome == "refused"
    assert "死亡日期" in line.remarks[0]


def test_who_came_to_another_door_today_did_not_leave_some_day(place: Place) -> None:
    lives_since = lives(place.people["王小明"])
    assert lives_since
    lives_since.from_on = today()
    db.session.commit()
    row = ("王小明", "990101198001011218", "3-1-101", None, None, None, "是", None)

    (line,) = plan_files(order("residents", book(("人员", [DIED, row]))), today()).lines

    assert line.outcome == "refused"
    assert "哪一天从这一户迁出" in line.remarks[0]


def test_where_two_rows_of_one_person_differ_the_one_above_counts_and_the_other_says_so(place: Place) -> None:
    rows = [
        ("刘备", LIU, "3-1-101", "19900000001", None, None, "是", "2019-01-01"),
        ("刘备", LIU, "3-1-102", "19900000002", None, None, None, None),
    ]

    plan = apply_files(None, order("residents", book(("人员", [DIED, *rows]))), today())

    assert named("刘备").phone == "19900000001"
    assert "和第 2 行是同一个人而内容不同，以那一行为准" in plan.lines[1].remarks


def test_rows_of_a_number_one_of_which_is_found_by_name_are_that_person(place: Place) -> None:
    """李芳, born 1982-03-04, lives behind 1-1-101; nobody wrote down her number."""
    number = "99010119820304122" + check_digit("99010119820304122")
    rows = [
        ("李芳", number, "3-1-101", None, None, None, "是", "2015-01-01"),
        ("李芳", number, "1-1-101", None, None, None, None, None),
    ]

    apply_files(None, order("residents", book(("人员", [DIED, *rows]))), today())

    assert (named("李芳").id_no, len(stays(named("李芳")))) == (number, 2)


def stays(person: Person) -> list[Residency]:
    return list(db.session.scalars(select(Residency).where(Residency.person_id == person.id)))


def test_a_roster_of_people_gives_restricted_tags_only_by_whoever_said_why(place: Place) -> None:
    """Neither does it say who carries one already: the row is the same for both."""
    carried = db.session.scalars(
        select(Tag).where(Tag.label == "社区矫正", Tag.community_id == place.community.id)
    ).one()
    db.session.add(PersonTag(community_id=place.community.id, person_id=place.people["李芳"].id, tag_id=carried.id))
    db.session.commit()
    rows = [(name, None, None, None, None, None, "1-1-101", "社区矫正", None) for name in ("李芳", "王小明")]

    shut = plan_files(order("residents", people(*rows)), today())
    told = plan_files(replace(order("residents", people(*rows)), may_restrict=True), today())

    assert [line.outcome for line in shut.lines] == ["same", "same"]
    assert all("写明原因" in "".join(line.remarks) for line in shut.lines)
    assert [line.outcome for line in told.lines] == ["same", "changed"]
    assert "社区矫正" not in str(told.lines)
