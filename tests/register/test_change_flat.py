"""People of one door come to live behind another."""

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from grid.accounts import receipts
from grid.core.db import db
from grid.core.refusals import Refused
from grid.register import move_actions as moves
from grid.register.models import Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person
from tests.register.move_pages import heads, history, home_of, of, relation, send, sentence


def test_a_family_moves_with_its_head_and_leaves_the_door_vacant(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, to = place.doors["1-1-101"], place.doors["2-1-101"]
    wang, li = place.people["王小明"], place.people["李芳"]
    worker = log_in("worker")

    answer = send(worker, of(door, "change-flat"), people=[wang.public_id, li.public_id], to="2幢1单元101室")

    assert answer.status_code == 303
    assert (home_of(wang), home_of(li)) == ("2-1-101", "2-1-101")
    assert heads(to) == ["王小明"] and relation(li) == "10"
    assert (door.occupancy, door.n_members, to.occupancy, to.n_members) == ("vacant", 0, "own", 2)
    for place_told in (door, to):
        assert any("换房" in line and "王小明、李芳 1-1-101 → 2-1-101" in line for line in history(worker, place_told))


def test_they_lived_behind_one_door_on_every_day(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, li = place.doors["1-1-101"], place.people["李芳"]

    send(log_in("worker"), of(door, "change-flat"), people=[li.public_id], to="2-1-101")

    lived = select(Residency.from_on, Residency.to_on, Residency.went_to, Residency.came_from)
    stays = db.session.execute(lived.where(Residency.person_id == li.id).order_by(Residency.id)).all()
    day = date(2026, 11, 1)
    assert stays == [(date(2020, 1, 1), day, "2-1-101", None), (day, None, None, "1-1-101")]


def test_whoever_comes_to_a_family_is_not_its_head(cast: Cast, place: Place, log_in: LogIn) -> None:
    to, wang = place.doors["1-1-102"], place.people["王小明"]

    send(log_in("worker"), of(place.doors["1-1-101"], "change-flat"), people=[wang.public_id], to="1-1-102")

    assert heads(to) == ["单雄信"] and relation(wang) is None


def test_the_new_head_and_how_others_stand_to_them_are_as_said(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, to, li, shan = place.doors["1-1-101"], place.doors["1-1-102"], place.people["李芳"], place.people["单雄信"]
    words = {"people": [li.public_id], "to": to.code, "head": li.public_id}

    refused = send(log_in("worker"), of(door, "change-flat"), **words, **{f"relations-{li.public_id}": "XX"})
    send(log_in("worker"), of(door, "change-flat"), **words)

    assert refused.status_code == 422 and "请从列表里选一项" in sentence(refused)
    assert heads(to) == ["李芳"] and relation(shan) is None and heads(door) == ["王小明"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"to": "9-9-999"}, "没有 9-9-999 这一户"),
        ({"to": "1-1-101"}, "就是这一户"),
        ({"to": ""}, "请填房号"),
        ({"people": []}, "请选是哪些人"),
        ({"on": "2030-01-01"}, "日期还没到"),
        ({"on": "2019-12-31"}, "2020-01-01 住进来的"),
        ({"on": ""}, "请填写日期"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(
    cast: Cast, place: Place, log_in: LogIn, words: dict[str, str], says: str
) -> None:
    door, wang = place.doors["1-1-101"], place.people["王小明"]
    given = {"people": [wang.public_id], "to": "2-1-101", **words}

    answer = send(log_in("worker"), of(door, "change-flat"), **given)

    assert answer.status_code == 422 and says in sentence(answer)
    assert home_of(wang) == "1-1-101"


def test_a_door_outside_the_patch_is_for_an_administrator(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang = place.doors["1-1-101"], place.people["王小明"]
    words = {"people": [wang.public_id], "to": "3-1-102"}

    refused = send(log_in("worker"), of(door, "change-flat"), **words)
    still = home_of(wang)
    done = send(log_in("admin"), of(door, "change-flat"), **words)

    assert refused.status_code == 422 and "请管理员办理" in sentence(refused) and still == "1-1-101"
    assert done.status_code == 303 and home_of(wang) == "3-1-102"


def test_sent_twice_it_is_done_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang, worker = place.doors["1-1-101"], place.people["王小明"], log_in("worker")
    words = {"people": [wang.public_id], "to": "2-1-101", "key": "k" * 20}

    answers = [send(worker, of(door, "change-flat"), **words) for _twice in range(2)]
    reused = send(worker, of(door, "change-flat"), **{**words, "to": "2-1-102"})

    assert [answer.status_code for answer in answers] == [303, 303]
    assert reused.status_code == 422 and "已经存过一次" in sentence(reused)
    assert db.session.query(Residency).filter_by(person_id=wang.id).count() == 2


def test_who_comes_second_is_told_that_they_left(cast: Cast, place: Place) -> None:
    door, wang = place.doors["1-1-101"], place.people["王小明"]

    def go(to: str) -> None:
        common = {"key": uuid.uuid4().hex, "said": "", "on": date(2026, 11, 1)}
        moves.change_flat(cast.worker, door, moves.ChangeFlatEntry(**common, people=(wang.public_id,), to=to))

    go("2-1-101")
    with pytest.raises(Refused, match="刚刚已经不住这里了"):
        go("2-1-102")

    assert home_of(wang) == "2-1-101"


def test_a_move_before_an_earlier_move_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, li, worker = place.doors["1-1-101"], place.people["李芳"], log_in("worker")
    send(worker, of(door, "change-flat"), people=[li.public_id], to="2-1-101", on="2026-11-05")

    answer = send(
        worker, of(place.doors["2-1-101"], "change-flat"), people=[li.public_id], to="2-1-102", on="2026-11-04"
    )

    assert answer.status_code == 422 and "2026-11-05" in sentence(answer)


def test_tenants_make_a_vacant_home_a_rented_one(cast: Cast, place: Place) -> None:
    door, to = place.doors["1-2-101"], place.doors["1-2-102"]
    tenant = make_person(door, "赵租客")
    residency = db.session.scalars(select(Residency).where(Residency.person_id == tenant.id)).one()
    residency.live_kind, to.occupancy = "tenant", "vacant"
    db.session.commit()

    common = {"key": uuid.uuid4().hex, "said": "", "on": date(2026, 11, 1)}
    moves.change_flat(cast.worker, door, moves.ChangeFlatEntry(**common, people=(tenant.public_id,), to=to.code))

    assert (to.occupancy, to.version) == ("rented", 2)


def test_a_repeat_is_known_by_its_key(cast: Cast, place: Place) -> None:
    door, wang = place.doors["1-1-101"], place.people["王小明"]
    common = {"key": "k" * 20, "said": "", "on": date(2026, 11, 1)}
    entry = moves.ChangeFlatEntry(**common, people=(wang.public_id,), to="2-1-101")
    moves.change_flat(cast.worker, door, entry)

    with pytest.raises(receipts.AlreadyDone):
        moves.change_flat(cast.worker, door, entry)
