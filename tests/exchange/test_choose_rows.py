"""The preview: what was understood, filters, rows that somebody leaves out, questions that somebody answers."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.exchange import planning
from grid.exchange.actions import apply_files
from grid.exchange.lines import NEW, REFUSED, Line, Plan
from grid.exchange.planning import plan_files
from grid.exchange.resident_plan import ResidentWrites
from grid.register.models import Building, Person, Residency
from tests.conftest import LogIn
from tests.exchange.books import PERSON_HEADINGS, book, feature, geojson, order, people
from tests.exchange.test_import_residents import FIRST, LIU
from tests.exchange.test_upload import send
from tests.factories import Cast, Place

SON = ("刘禅", "儿子", None, "男", "20010506", None, None, None, None)
GUEST = ("关羽", "租户", "990101196001011110", "男", "19600101", None, "3-1-102", None, None)


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> FlaskClient:
    return log_in("admin")


def uploaded(admin: FlaskClient, place: Place, content: bytes, name: str = "名册.xlsx") -> str:
    answer = send(admin, "residents", (name, content), community=place.community.public_id)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def shown(admin: FlaskClient, where: str) -> str:
    return str(admin.get(where).get_data(as_text=True))


def keys(page: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page)


def names() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Person.name)))


def test_a_row_that_is_left_out_is_not_written_and_the_others_are(admin: FlaskClient, place: Place) -> None:
    where = uploaded(admin, place, people(FIRST, GUEST))
    first, second = keys(shown(admin, f"{where}?tab=new"))

    answer = admin.post(f"{where}/choose", data={"tab": "new", "shown": [first, second], "wanted": [first]})

    assert answer.status_code == 303 and answer.headers["Location"].endswith("tab=new")
    skipped = shown(admin, f"{where}?tab=skipped")
    assert "您选择不导入" in skipped and "3-1-102 关羽" in skipped
    assert "写入 1 行" in skipped
    assert admin.post(f"{where}/apply").status_code == 303
    assert "刘备" in names() and "关羽" not in names()


def test_a_row_can_be_taken_in_again(admin: FlaskClient, place: Place) -> None:
    where = uploaded(admin, place, people(FIRST, GUEST))
    both = keys(shown(admin, f"{where}?tab=new"))
    admin.post(f"{where}/choose", data={"tab": "new", "shown": both, "wanted": both, "set": "none"})
    assert "没有选中要写入的行" in shown(admin, where)

    assert keys(shown(admin, f"{where}?tab=skipped")) == both
    admin.post(f"{where}/choose", data={"tab": "skipped", "shown": both, "set": "all"})

    assert "写入 2 行" in shown(admin, where)
    admin.post(f"{where}/apply")
    assert {"刘备", "关羽"} <= names()


def test_rows_that_are_not_there_or_would_not_be_written_cannot_be_left_out(admin: FlaskClient, place: Place) -> None:
    where = uploaded(admin, place, people(FIRST, (None, *FIRST[1:])))

    admin.post(
        f"{where}/choose", data={"tab": "new", "shown": ["名册.xlsx|人员|3", "别的.xlsx|人员|2", "|"], "wanted": []}
    )

    assert "跳过 0" in shown(admin, where) and "写入 1 行" in shown(admin, where)


def test_the_family_below_a_head_who_is_left_out_still_lives_where_it_lives(place: Place) -> None:
    asked = order("residents", people(GUEST, FIRST, SON))
    head = next(line for line in plan_files(asked, today()).lines if "刘备" in line.subject)

    plan = apply_files(None, planning.replace(asked, left_out={head.key: head.subject}), today())

    assert [line.outcome for line in plan.lines] == ["new", "new", "skipped"]
    son = db.session.scalars(select(Person).where(Person.name == "刘禅")).one()
    lives = db.session.scalars(select(Residency.household_id).where(Residency.person_id == son.id)).one()
    assert lives == place.doors["3-1-101"].id
    assert "刘备" not in names()


def test_a_shape_of_a_map_can_be_left_out(place: Place) -> None:
    drawn = planning.Order("map", (("b.geojson", geojson(feature(no=1), feature(no=88))),), "桃园社区")
    line = next(line for line in plan_files(drawn, today()).lines if line.subject == "88幢")

    plan = apply_files(None, planning.replace(drawn, left_out={line.key: line.subject}), today())

    assert plan.counts["skipped"] == 1
    assert "88" not in db.session.scalars(select(Building.no)).all()


def test_what_was_understood_stands_on_top(admin: FlaskClient, place: Place) -> None:
    content = book(("人员", [("某社区名册",), (*PERSON_HEADINGS[:7], "血型"), (*FIRST[:7], "A")]))

    page = shown(admin, uploaded(admin, place, content))

    assert "第 2 行是表头" in page
    assert re.search(r"<b>C</b> 身份证号\s*</li>", page) and re.search(r"<b>G</b> 居住地址 → 住址", page)
    assert "没有用到的列：血型" in page


def test_lines_are_found_by_name_by_address_by_row_and_by_sheet(admin: FlaskClient, place: Place) -> None:
    guest = (PERSON_HEADINGS, GUEST)
    where = uploaded(admin, place, book(("甲", [PERSON_HEADINGS, FIRST]), ("乙", [*guest])))

    found = {
        asked: {name for name in ("刘备", "关羽") if name in shown(admin, f"{where}?tab=new&{asked}")}
        for asked in ("q=刘", "q=3-1-102", "q=2", "sheet=名册.xlsx|乙", "q=无此人")
    }

    assert found == {
        "q=刘": {"刘备"},
        "q=3-1-102": {"关羽"},
        "q=2": {"刘备", "关羽"},
        "sheet=名册.xlsx|乙": {"关羽"},
        "q=无此人": set(),
    }


def test_equal_remarks_are_one_group_that_can_be_looked_at_alone(admin: FlaskClient, place: Place) -> None:
    digits = [digit for digit in "0123456789X" if digit != LIU[-1]][:3]
    wrong = [(f"某{n}", None, LIU[:-1] + n, "男", None, None, "3-1-201", None, None) for n in digits]
    nowhere = ("夏侯", *GUEST[1:6], "77-7-777", None, None)
    where = uploaded(admin, place, people(FIRST, *wrong, (None, *GUEST[1:]), nowhere))

    kinds = re.findall(r'href="([^"]+)"><span>([^<]*)</span> <b>(\d+) 行</b>', shown(admin, f"{where}?tab=odd"))

    assert [(words, n) for _address, words, n in kinds if "校验" in words] == [(kinds[0][1], "3")]
    alone = shown(admin, f"{where}?tab=refused&remark=姓名（A 列）：没有姓名")
    assert "夏侯" in shown(admin, f"{where}?tab=refused")
    assert "夏侯" not in alone and 'class="line"' in alone


class Asking:
    """A planner whose every row asks which of two people is meant."""

    def __call__(self, order: planning.Order, tables: Any, there: Any, words: Any, day: Any) -> Plan:
        plan = Plan("residents", tuple(name for name, _s in tables), there.id, there.name, ResidentWrites())
        for name, sheets in tables:
            for row in sheets[0].rows[1:]:
                line = Line(name, sheets[0].name, row.number, REFUSED, "王小明", (), ("请选是哪一位",))
                line = planning.replace(line, options=(("a", "1-1-101 王小明"), ("b", "2-1-201 王小明")))
                answer = order.answers.get(line.key)
                plan.lines.append(planning.replace(line, outcome=NEW, remarks=()) if answer else line)
        return plan


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(planning, "_plan_kind", Asking())
    yield


def test_what_a_row_asks_is_answered_and_planned_again(admin: FlaskClient, place: Place, asking: None) -> None:
    where = uploaded(admin, place, people(FIRST))
    page = shown(admin, f"{where}?tab=refused")
    assert "请选是哪一位" in page and "2-1-201 王小明" in page
    (key,) = re.findall(r'name="asked" value="([^"]+)"', page)

    admin.post(f"{where}/choose", data={"tab": "refused", "asked": [key], "answer": ["b"]})

    page = shown(admin, f"{where}?tab=new")
    assert "拒收 0" in page and '<option value="b" selected>' in page
    admin.post(f"{where}/choose", data={"tab": "new", "shown": [key], "wanted": [key], "asked": [key], "answer": [""]})
    assert "拒收 1" in shown(admin, where)


def test_only_what_was_offered_is_an_answer(admin: FlaskClient, place: Place, asking: None) -> None:
    where = uploaded(admin, place, people(FIRST))
    (key,) = re.findall(r'name="asked" value="([^"]+)"', shown(admin, f"{where}?tab=refused"))

    admin.post(f"{where}/choose", data={"tab": "refused", "asked": [key, "x"], "answer": ["c", "a"]})

    assert "拒收 1" in shown(admin, where)
