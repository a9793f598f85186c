"""Some of a family leave to be a household of their own; or two become one."""

from typing import Any

import pytest
from sqlalchemy import select

from grid.core.db import db
from grid.register.models import Household
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.register.move_pages import heads, history, home_of, of, relation, send, sentence


def test_a_split_makes_a_door_beside_with_its_own_head(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, li, worker = place.doors["1-1-101"], place.people["李芳"], log_in("worker")

    answer = send(worker, of(door, "split"), people=[li.public_id], head=li.public_id)

    assert answer.status_code == 303 and home_of(li) == "1-1-101-1"
    made = db.session.scalars(select(Household).where(Household.code == "1-1-101-1")).one()
    assert (made.room, made.floor, made.unit_id, made.occupancy) == ("101-1", door.floor, door.unit_id, "own")
    assert (heads(made), heads(door), relation(li)) == (["李芳"], ["王小明"], "02")
    assert any("分户" in line and "1-1-101 → 1-1-101-1" in line for line in history(worker, made))
    found = worker.post("/find", data={"words": "李芳"}).get_data(as_text=True)
    assert "1-1-101-1" in found


def test_the_next_split_makes_the_next_door(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    worker.post(of(door, "move-in"), data={"key": "n" * 20, "from_on": "2026-10-01", "name": "赵新来"})
    for name in ("李芳", "赵新来"):
        person = place.people.get(name) or db.session.query(type(place.people["李芳"])).filter_by(name=name).one()
        send(worker, of(door, "split"), people=[person.public_id], head=person.public_id)

    here = (Household.community_id == door.community_id, Household.code.startswith("1-1-101"))
    rooms = db.session.scalars(select(Household.code).where(*here).order_by(Household.code))

    assert rooms.all() == ["1-1-101", "1-1-101-1", "1-1-101-2"]


def test_where_the_head_leaves_somebody_else_is_head_of_the_rest(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang, li = place.doors["1-1-101"], place.people["王小明"], place.people["李芳"]
    words = {"people": [wang.public_id], "head": wang.public_id, "head_of_rest": li.public_id, "to": "2-1-101"}

    send(log_in("worker"), of(door, "split"), **words)

    assert (heads(door), heads(place.doors["2-1-101"])) == (["李芳"], ["王小明"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"people": ["王小明", "李芳"]}, "全家都走就不是分户"),
        ({"head": "王小明"}, "请从分出去的人里选新户主"),
        ({"head": ""}, "请选一个人"),
        ({"to": "1-1-102"}, "1-1-102 已经住着人"),
        ({"to": "3-1-101"}, "请管理员办理"),
    ],
)
def test_what_is_no_split_is_refused(cast: Cast, place: Place, log_in: LogIn, words: dict[str, Any], says: str) -> None:
    named: dict[str, Any] = {"people": ["李芳"], "head": "李芳", **words}
    ids = {name: person.public_id for name, person in place.people.items()} | {"": ""}
    given = {**named, "people": [ids[name] for name in named["people"]], "head": ids[named["head"]]}

    answer = send(log_in("worker"), of(place.doors["1-1-101"], "split"), **given)

    assert answer.status_code == 422 and says in sentence(answer)
    assert home_of(place.people["李芳"]) == "1-1-101"


def test_a_merger_brings_all_of_the_other_door(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, other, worker = place.doors["1-1-102"], place.doors["1-1-101"], log_in("worker")
    page = worker.get(of(door, "merge") + "?other=1-1-101").get_data(as_text=True)

    answer = send(worker, of(door, "merge"), other="1-1-101", **{f"relations-{place.people['李芳'].public_id}": "80"})

    assert all(name in page for name in ("单雄信", "王小明", "李芳"))
    assert answer.status_code == 303 and home_of(place.people["李芳"]) == "1-1-102"
    assert heads(door) == ["单雄信"] and relation(place.people["李芳"]) == "80"
    assert (door.n_members, other.n_members, other.occupancy) == (3, 0, "vacant")
    assert any("并户" in line for line in history(worker, other))


def test_the_head_of_a_merged_household_can_be_one_who_came(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang = place.doors["1-1-102"], place.people["王小明"]

    send(log_in("worker"), of(door, "merge"), other="1-1-101", head=wang.public_id)

    assert heads(door) == ["王小明"] and relation(place.people["单雄信"]) is None
    assert relation(place.people["李芳"]) == "10"


@pytest.mark.parametrize(
    ("other", "says"), [("3-2-302", "请管理员办理"), ("1-2-101", "没有人住"), ("1-1-102", "这一户")]
)
def test_a_merger_with_nobody_or_with_a_door_outside_is_refused(
    cast: Cast, place: Place, log_in: LogIn, other: str, says: str
) -> None:
    answer = send(log_in("worker"), of(place.doors["1-1-102"], "merge"), other=other)

    assert answer.status_code == 422 and says in sentence(answer)
    assert "曾志伟" not in answer.get_data(as_text=True)
    assert home_of(place.people["曾志伟"]) == "3-2-302"
