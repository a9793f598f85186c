"""Somebody writes down what was done for a household, and adds it up."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Household
from grid.services.models import ServiceRecord
from tests.conftest import LogIn
from tests.factories import Cast, Place


def service(door: Household, **given: str) -> dict[str, str]:
    return {
        "key": str(uuid.uuid4()),
        "household": door.public_id,
        "kind": "comfort",
        "content": "送米",
        "outcome": "done",
        "on": str(today()),
    } | given


def records() -> list[ServiceRecord]:
    db.session.rollback()
    return list(db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.id)))


def test_it_is_recorded_from_the_household_for_somebody(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    assert f"/service-records/new?household={door.public_id}" in worker.get(f"/households/{door.public_id}").text
    assert "王小明" in worker.get(f"/service-records/new?household={door.public_id}").text

    words = service(door, person=place.people["王小明"].public_id, amount="200.5", gift="大米 10 斤")
    first, again = worker.post("/service-records", data=words), worker.post("/service-records", data=words)

    assert first.location == again.location
    (kept,) = records()
    assert (kept.person_id, kept.amount, kept.gift) == (place.people["王小明"].id, 200.5, "大米 10 斤")
    assert "送米" in worker.get(f"/households/{door.public_id}").text
    assert all(words in worker.get(first.location).text for words in ("王小明", "200.50", "大米 10 斤"))


def test_an_address_leads_to_the_form_and_a_wrong_one_stays(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    right = worker.get("/service-records/new?address=1幢1单元101室")
    wrong, beyond = worker.get("/service-records/new?address=9-9-9"), worker.get("/service-records/new?address=3-1-101")

    assert right.location.endswith(f"household={place.doors['1-1-101'].public_id}")
    assert wrong.status_code == 422 and 'value="9-9-9"' in wrong.text
    assert beyond.status_code == 422


def test_the_list_is_narrowed_and_summed(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, first, second = log_in("admin"), place.doors["1-1-101"], place.doors["1-1-102"]
    admin.post("/service-records", data=service(first, amount="100", content="春节慰问"))
    admin.post("/service-records", data=service(first, amount="50.25", content="中秋 100% 慰问"))
    admin.post("/service-records", data=service(second, kind="job", content="推荐岗位"))
    long_ago = str(today() - timedelta(days=800))
    admin.post("/service-records", data=service(second, kind="job", content="旧事", on=long_ago))

    this_year, every = admin.get("/service-records").text, admin.get("/service-records?period=all").text
    of_kind, of_words = admin.get("/service-records?kind=job").text, admin.get("/service-records?words=100%25").text

    assert "<b>3</b> 次服务" in this_year and "<b>2</b> 户" in this_year and "150.25" in this_year
    assert "旧事" not in this_year and "旧事" in every
    assert "推荐岗位" in of_kind and "春节慰问" not in of_kind
    assert "中秋" in of_words and "春节慰问" not in of_words
    only = admin.get(f"/service-records?household={second.public_id}").text
    assert "推荐岗位" in only and "旧事" in only and "春节慰问" not in only


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": ""}, "请选一项"),
        ({"content": ""}, "做了什么"),
        ({"on": "2099-01-01"}, "还没到"),
        ({"on": ""}, "请选日期"),
        ({"amount": "很多"}, "请填数字"),
        ({"amount": "-1"}, "0 到"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("worker").post("/service-records", data=service(place.doors["1-1-101"], gift="大米", **given))

    assert answer.status_code == 422 and sentence in answer.text and 'value="大米"' in answer.text
    assert records() == []


def test_who_lives_elsewhere_is_passed_over(cast: Cast, place: Place, log_in: LogIn) -> None:
    stranger = place.people["欧阳娜"].public_id

    log_in("worker").post("/service-records", data=service(place.doors["1-1-101"], person=stranger))

    assert records()[0].person_id is None


def test_outside_the_patch_there_is_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, other, door = log_in("worker"), log_in("other"), place.doors["1-1-101"]
    url = worker.post("/service-records", data=service(door)).location.split("?")[0]

    assert other.get(url).status_code == other.post(f"{url}/withdraw").status_code == 404
    assert other.post("/service-records", data=service(door)).status_code == 404
    assert "送米" not in other.get("/service-records").text
    assert log_in("street").get("/service-records").status_code == 403


def test_a_wrong_one_is_taken_back_by_its_maker(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    url = log_in("admin").post("/service-records", data=service(door)).location.split("?")[0]
    assert worker.get(url).status_code == 200 and worker.post(f"{url}/withdraw").status_code == 404

    assert log_in("admin").post(f"{url}/withdraw").status_code == 303

    assert worker.get(url).status_code == 404 and "送米" not in worker.get("/service-records").text
