"""Whatever a roster of visits holds: imported twice is once, and undone everything is as before."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.lines import NEW, SAME, SKIPPED
from grid.exchange.planning import Order, plan_files
from grid.register.finding import index_households
from grid.register.summaries import refresh_members
from grid.visits.models import Visit
from tests.exchange.books import book
from tests.exchange.test_import_visits import DAY, HEADINGS
from tests.factories import Cast, Place, make_person
from tests.rows import differences, snapshot

DOORS = ("1-1-101", "1-1-102", "2-1-201", "3-2-302", "9-1-101")
NAMES = ("王小明", "李芳", "欧阳娜", "孟林", "孟林、李芳", "李阿姨", "小王", "张三", "", None)
KINDS = ("走访", "上门", "电话", "家访", None)
DETAILS = ("一切都好。", "家中无人，留便条。", "拒绝入户", "老人家中无人照料。", None)


@st.composite
def addresses(draw: st.DrawFn) -> str | None:
    """A door in one of five notations, its building alone, or nothing."""
    no, unit, room = draw(st.sampled_from(DOORS)).split("-")
    return draw(
        st.sampled_from(
            (
                f"{no}-{unit}-{room}",
                f"{no}幢{unit}单元{room}室",
                f"桃园小区{no}号楼{unit}单元{room}室",
                f"{no}栋{unit}单元{room}",
                f"{no}#{unit}单元{room}",
                f"{no}幢",
                None,
            )
        )
    )


@st.composite
def moments(draw: st.DrawFn) -> Any:
    """Few days and hours, so that visits meet; as a cell or as text, with and without time or year."""
    at = datetime(2026, draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.sampled_from((0, 9, 20))))
    texts = ("%Y-%m-%d %H:%M", "%Y.%m.%d", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H时", "%m月%d日", "%m月")
    return draw(st.sampled_from((at, *(at.strftime(text) for text in texts), None)))


rows = st.tuples(
    st.sampled_from(NAMES),
    addresses(),
    st.sampled_from(KINDS),
    moments(),
    st.sampled_from(("孟网格", "孟网格、社长", "远同事", None)),
    st.sampled_from(DETAILS),
    st.sampled_from(("信息核对", "防汛", None)),
)


@pytest.fixture
def peopled(cast: Cast, place: Place) -> Place:
    """Two of one name behind one door, and a third elsewhere."""
    for code in ("1-1-101", "1-1-101", "2-1-201"):
        make_person(place.doors[code], "孟林")
    refresh_members(community_id=place.community.id)
    index_households(community_id=place.community.id)
    db.session.commit()
    return place


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roster=st.lists(rows, max_size=12), choices=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_twice_is_once_and_undone_is_as_before(
    peopled: Place, roster: list[tuple[Any, ...]], choices: list[int]
) -> None:
    """With all that is asked answered somehow, and then not answered again."""
    order = Order("visits", (("visits-2026.xlsx", book(("1月", [HEADINGS, *roster]))),), "桃园社区")
    asked = plan_files(order, DAY)
    answers = {
        line.key: line.options[choice % len(line.options)][0]
        for line, choice in zip(asked.lines, choices, strict=False)
        if line.options
    }
    answered = Order(order.kind, order.files, order.community, answers=answers)
    before, last = snapshot(), last_entry()

    done = apply_files(None, answered, DAY)

    assert db.session.scalar(select(func.count(Visit.id))) == done.counts[NEW]
    for again in (plan_files(answered, DAY), plan_files(order, DAY)):
        assert not again.changes_anything
        same = sum(line.outcome in (SAME, SKIPPED) for line in again.lines)
        assert same == sum(line.outcome in (NEW, SKIPPED) for line in done.lines)
    take_back(last)
    assert differences(before) == {}


def last_entry() -> int:
    return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def take_back(last: int) -> None:
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.id > last, AuditEntry.action == "import_visits"))
    if entry is not None:
        undo_import(None, entry)
