"""Whatever rosters say of who lives where since when: nobody lives twice, twice is once, and undone is as before."""

from collections import Counter
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.planning import Order, plan_files
from grid.register.id_numbers import check_digit
from grid.register.models import Residency
from tests.exchange.books import book, order
from tests.factories import make_place
from tests.keeping import empty_database
from tests.rows import differences, snapshot

# 王小明 of the register, by his number or by name and birth; 刘备, who may be nowhere yet; two without a number.
NUMBERS = {"王小明": "990101198001011218", "刘备": "99010119700101123" + check_digit("99010119700101123")}
BIRTHS = {"王小明": "1980-01-01", "刘备": "1970-01-01", "李芳": "1982-03-04", "关羽": "1960-05-06"}
DOORS = ("1-1-101", "1-1-102", "3-1-101")
DAYS = ("2018-03-01", "2020-01-01", "2022-07-15", "2024-02-29")
HEADINGS = (
    "姓名", "身份证号", "出生日期", "居住地址", "与户主关系",
    "入住时间", "是否已迁出", "迁出日期", "是否已死亡", "死亡日期",
)  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """One row; a day that nobody wrote down is None."""

    name: str
    number: str | None
    birth: str | None
    door: str
    relation: str | None
    came: str | None
    left: str | None
    left_on: str | None
    died: str | None
    died_on: str | None


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    name = draw(st.sampled_from(sorted(BIRTHS)))
    fate = draw(st.sampled_from(["", "", "", "left", "left", "died"]))
    some_day = st.sampled_from((None, *DAYS))
    return Stay(
        name,
        draw(st.sampled_from([NUMBERS.get(name), NUMBERS.get(name), None])),
        draw(st.sampled_from([BIRTHS[name], None])),
        draw(st.sampled_from(DOORS)),
        draw(st.sampled_from(["户主", "配偶", "子", "租户", None])),
        draw(some_day),
        "是" if fate == "left" else None,
        draw(some_day) if fate == "left" else None,
        "是" if fate == "died" else None,
        draw(some_day) if fate == "died" else None,
    )


def roster(rows: list[Stay]) -> Order:
    assert len(fields(Stay)) == len(HEADINGS)
    return order("residents", book(("人员", [HEADINGS, *map(astuple, rows)])))


def assert_nobody_lives_twice() -> None:
    """Of a stay whose beginning nobody knows, its last day counts."""
    db.session.expire_all()
    lived: dict[int, list[tuple[date, date]]] = {}
    for person_id, came, left in db.session.execute(select(Residency.person_id, Residency.from_on, Residency.to_on)):
        end = left or date.max
        lived.setdefault(person_id, []).append((came or end - timedelta(1), end))
    for days in lived.values():
        assert all(begin <= end for begin, end in days), days
        assert all(end <= begin for (_begin, end), (begin, _end) in pairwise(sorted(days))), days


def assert_doors_have_one_head() -> None:
    headed = select(Residency.household_id).where(Residency.is_head, Residency.to_on.is_(None))
    assert [door for door, n in Counter(db.session.scalars(headed)).items() if n > 1] == []


def goes_in(rows: list[Stay]) -> None:
    given: Any = roster(rows)
    before = snapshot()
    applied = apply_files(None, given, today())
    assert_nobody_lives_twice()
    assert_doors_have_one_head()

    again = plan_files(given, today())
    told = [(line.row, line.outcome, line.changes, line.remarks) for line in again.lines]
    assert not again.changes_anything, told
    if applied.entry_id is not None:
        undo_import(None, db.session.get_one(AuditEntry, applied.entry_id))
        assert differences(before) == {}
        apply_files(None, given, today())


def stay(name: str, door: str, **said: Any) -> Stay:
    nothing = dict.fromkeys(("number", "birth", "relation", "came", "left", "left_on", "died", "died_on"))
    return Stay(name=name, door=door, **{**nothing, **said})


def wang(door: str, **said: Any) -> Stay:
    return stay("王小明", door, number=NUMBERS["王小明"], **said)


# What a roster broke once: one man in two rows of which one knows his birthday; the head who leaves or of whom nothing
# is said, and the next one; a stay elsewhere that another row of the file makes possible.
GUAN = stay("关羽", "1-1-101", birth=BIRTHS["关羽"], relation="户主")
ELSEWHERE = wang("1-1-102", relation="户主", left="是", left_on="2022-07-15")


@pytest.mark.once
@example(first=[stay("关羽", "1-1-101", relation="户主"), GUAN], second=[GUAN])
@example(first=[GUAN], second=[GUAN, wang("1-1-101", relation="户主", left="是")])
@example(first=[GUAN], second=[GUAN, wang("1-1-101")])
@example(first=[GUAN], second=[GUAN, ELSEWHERE, wang("1-1-101", relation="户主", came="2022-07-15")])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(stays(), min_size=1, max_size=4), second=st.lists(stays(), min_size=1, max_size=4))
def test_no_roster_breaks_a_promise(app: Flask, first: list[Stay], second: list[Stay]) -> None:
    empty_database()
    make_place()

    goes_in(first)
    goes_in(second)
