"""Somebody from elsewhere is entered in the floating register; the list shows whose permit runs out."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.core.personal import mask_id
from grid.register.models import Floating, Person
from tests.conftest import LogIn
from tests.factories import Cast, Place


def at(person: Person) -> str:
    return f"/persons/{person.public_id}/floating"


def typed(**given: str) -> dict[str, str]:
    return {"version": "0", "direction": "in", "reason": "01", "permit_kind": "01", "permit_no": "990112345678"} | given


def rows() -> list[Floating]:
    db.session.rollback()
    return list(db.session.scalars(select(Floating).order_by(Floating.id)))


def add(person: Person, **given: object) -> None:
    db.session.add(Floating(community_id=person.community_id, person_id=person.id, **given))
    db.session.commit()


def test_it_is_entered_and_its_number_is_masked(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    person.population_kind = "floating"
    db.session.commit()
    assert at(person) in worker.get(f"/households/{place.doors['1-1-101'].public_id}").text

    answer = worker.post(at(person), data=typed(expires_on="2030-01-01", employed_by="建筑公司"))

    assert answer.status_code == 303
    (row,) = rows()
    assert (row.permit_no, row.version, row.expires_on) == ("990112345678", 1, date(2030, 1, 1))
    for page in (worker.get("/floating").text, worker.get(at(person)).text):
        assert "990112345678" not in page and mask_id("990112345678") in page
    assert "建筑公司" in worker.get(at(person)).text


def test_an_empty_number_keeps_it_and_a_stale_form_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    worker.post(at(person), data=typed())

    kept = worker.post(at(person), data=typed(version="1", permit_no=""))
    stale = worker.post(at(person), data=typed(version="1", employed_by="别的公司"))
    first = worker.post(at(person), data=typed(version="0"))
    gone = worker.post(at(person), data=typed(version="2", permit_no="", remove_permit_no="y"))

    assert [a.status_code for a in (kept, stale, first, gone)] == [303, 422, 422, 303]
    assert "别的公司" in stale.text and "刚刚有人改过" in stale.text
    (row,) = rows()
    assert (row.permit_no, row.version) == (None, 3)


def test_who_left_and_comes_again_gets_a_new_row(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    worker.post(at(person), data=typed())
    worker.post(at(person), data=typed(version="1", left_on=str(today())))
    assert "王小明" not in worker.get("/floating").text and "王小明" in worker.get("/floating?kind=left").text

    again = worker.post(at(person), data=typed())

    assert again.status_code == 303
    assert [row.left_on for row in rows()] == [today(), None]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"direction": "up"}, "请从列表里选一项"),
        ({"registered_on": "2099-01-01"}, "还没到"),
        ({"left_on": "2099-01-01"}, "还没到"),
        ({"left_reason": "21"}, "请把离开日期也填上"),
        ({"registered_on": "2026-01-02", "expires_on": "2026-01-01"}, "比登记日期还早"),
        ({"permit_no": "证号"}, "只有数字和字母"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    person = place.people["王小明"]

    answer = log_in("worker").post(at(person), data=typed(rented_by="张房东", **given))

    assert answer.status_code == 422 and sentence in answer.text and "张房东" in answer.text
    assert rows() == []


def test_the_list_begins_with_what_runs_out_and_ends_at_the_patch(cast: Cast, place: Place, log_in: LogIn) -> None:
    people, day = place.people, today()
    add(people["王小明"], expires_on=day + timedelta(days=300))
    add(people["李芳"], expires_on=day - timedelta(days=1))
    add(people["单雄信"], expires_on=day + timedelta(days=20))
    add(people["欧阳娜"], direction="out")
    add(people["曾志伟"], expires_on=day + timedelta(days=3))
    worker = log_in("worker")

    def names(kind: str) -> list[str]:
        return re.findall(r'<b class="name">(.*?)</b>', worker.get(f"/floating?kind={kind}").text)

    assert names("") == ["单雄信", "王小明", "李芳", "欧阳娜"]
    assert (names("in"), names("out"), names("expired")) == (["单雄信", "王小明", "李芳"], ["欧阳娜"], ["李芳"])
    assert "曾志伟" in log_in("admin").get("/floating").text
    assert log_in("other").get(at(people["王小明"])).status_code == 404
    assert log_in("head").get("/floating").status_code == 403
