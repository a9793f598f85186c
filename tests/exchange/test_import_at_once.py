"""A roster is written in the moment in which somebody moves: nobody ends up behind two doors."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditChange
from grid.core.clock import now, today
from grid.core.db import db
from grid.exchange import actions, resident_holding
from grid.exchange.lines import Plan
from grid.exchange.planning import Order
from grid.register import finding
from grid.register.id_numbers import check_digit
from grid.register.models import Household, Person, Residency
from tests.conftest import LogIn
from tests.exchange.books import book, order
from tests.factories import Cast, Place

HEADINGS = ("姓名", "身份证号", "居住地址", "联系电话", "是否已迁出", "迁出日期")
WANG = "990101198001011218"
LIU = "99010119700101123" + check_digit("99010119700101123")
LONG_AGO = date(2019, 1, 1)


def roster(*rows: tuple[Any, ...]) -> Order:
    return order("residents", book(("人员", [HEADINGS, *rows])))


def left(ago: int) -> Order:
    """Mr Wang left 1-1-101 some days ago."""
    return roster(("王小明", WANG, "1-1-101", None, "是", str(days_ago(ago))))


def days_ago(n: int) -> date:
    return today() - timedelta(days=n)


def moving(client: FlaskClient, door: Household, name: str, id_no: str, ago: int) -> Callable[[], int]:
    words = {"key": uuid.uuid4().hex, "name": name, "id_no": id_no, "from_on": str(days_ago(ago)), "move_here": "y"}
    path = f"/households/{door.public_id}/move-in"
    return lambda: FlaskClient.open(client, path, method="POST", data=words).status_code


@pytest.fixture
def crowd() -> Any:
    with ThreadPoolExecutor(2) as crowd:
        yield crowd


def begun(crowd: ThreadPoolExecutor, job: Callable[[], Any]) -> Future[Any]:
    """Somebody else begins, and has half a second for it."""
    begun = crowd.submit(Context().run, job)
    time.sleep(0.5)
    return begun


def meanwhile(monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor, job: Callable[[], Any]) -> list[Future[Any]]:
    """Somebody else begins once the plan is made and before it is written."""
    real, others = actions.apply, list[Future[Any]]()

    def apply(*given: Any) -> int:
        others.append(begun(crowd, job))
        return real(*given)

    monkeypatch.setattr(actions, "apply", apply)
    return others


def homes(name: str) -> list[tuple[date, date, str]]:
    """From, to and behind which door, of all who are called so."""
    db.session.rollback()
    found = db.session.execute(
        select(Residency.from_on, Residency.to_on, Household.code)
        .join(Household, Household.id == Residency.household_id)
        .join(Person, Person.id == Residency.person_id)
        .where(Person.name == name)
    )
    return sorted((came or date.min, gone or date.max, code) for came, gone, code in found)


def lives_twice(name: str) -> bool:
    return any(a[0] < b[1] and b[0] < a[1] for a, b in combinations(homes(name), 2))


@pytest.mark.parametrize("many", [0, 800])
def test_who_moves_while_a_roster_is_written_waits_for_it(
    place: Place, cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor, many: int
) -> None:
    monkeypatch.setattr(resident_holding, "MANY", many)
    monkeypatch.setattr(actions, "MANY", many)
    move = moving(log_in("admin"), place.doors["2-1-301"], "王小明", WANG, ago=5)
    others = meanwhile(monkeypatch, crowd, move)

    actions.apply_files(None, left(1), today())

    assert others[0].result() == 422 and not lives_twice("王小明")
    assert homes("王小明")[0][1:] == (days_ago(1), "1-1-101")


def test_a_new_number_of_a_roster_makes_one_person(
    place: Place, cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor
) -> None:
    move = moving(log_in("admin"), place.doors["2-1-301"], "刘备", LIU, ago=0)
    others = meanwhile(monkeypatch, crowd, move)

    actions.apply_files(None, roster(("刘备", LIU, "3-1-101", None, None, None)), today())

    assert others[0].result() in (303, 422) and not lives_twice("刘备")
    assert len(list(db.session.scalars(select(Person.id).where(Person.name == "刘备")))) == 1


def test_a_roster_waits_for_who_moves_and_looks_again(
    place: Place, cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor
) -> None:
    real = finding.index_households

    def slowly(*given: Any, **named: Any) -> None:
        time.sleep(1)
        real(*given, **named)

    monkeypatch.setattr(finding, "index_households", slowly)
    move = moving(log_in("admin"), place.doors["2-1-301"], "王小明", WANG, ago=5)
    db.session.commit()
    moved = begun(crowd, move)

    plan = actions.apply_files(None, left(1), today())

    assert moved.result() == 303 and not lives_twice("王小明")
    assert plan.counts["refused"] == 1 and homes("王小明")[-1][2] == "2-1-301"


def test_changes_that_were_begun_first_and_done_last_are_seen(place: Place, cast: Cast) -> None:
    """Numbers of changes are given when they are written, not when they are done."""
    last = db.session.scalars(select(AuditChange.id).order_by(AuditChange.id.desc())).first()

    before = actions._changes((last or 0) - actions.OVERTAKEN)
    late = AuditChange(id=(last or 0) - 5_000, at=now(), table_name="x", row_id=1, operation="update")
    db.session.add(late)

    assert actions._changes((last or 0) - actions.OVERTAKEN) == before + 1


def test_a_plan_that_touches_more_the_second_time_is_locked_anew(
    place: Place, cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor
) -> None:
    """He moved in between: where he lives now is locked too."""
    move = moving(log_in("admin"), place.doors["2-1-301"], "王小明", WANG, ago=5)
    real, real_hold, held = actions.plan_files, resident_holding.hold, list[frozenset[int]]()

    def plan_files(*given: Any) -> Plan:
        plan = real(*given)
        if not held:
            assert crowd.submit(Context().run, move).result() == 303
        return plan

    def hold(community_id: int, wanted: Any) -> None:
        held.append(wanted.doors)
        real_hold(community_id, wanted)

    monkeypatch.setattr(actions, "plan_files", plan_files)
    monkeypatch.setattr(resident_holding, "hold", hold)
    home, first, new = (place.doors[code].id for code in ("3-1-101", "1-1-101", "2-1-301"))

    actions.apply_files(None, roster(("王小明", WANG, "3-1-101", "19900077777", "是", str(LONG_AGO))), today())

    assert held == [{home, first}, {home, first, new}]
    assert [code for _came, _gone, code in homes("王小明")] == ["3-1-101", "1-1-101", "2-1-301"]
    assert db.session.scalars(select(Person.phone).where(Person.name == "王小明")).one() == "19900077777"
