"""Families, heads and volunteers are honoured by year; a family's file says so only with a tick."""

import uuid

import pytest
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Household
from grid.services.models import Award
from tests.conftest import LogIn
from tests.factories import Cast, Place


def honouring(**given: object) -> dict[str, object]:
    facts = {"key": str(uuid.uuid4()), "kind": "safe_family", "year": "2026", "on": "2026-06-28", "note": "邻里推荐"}
    return facts | given


def awards() -> list[Award]:
    db.session.rollback()
    return list(db.session.scalars(select(Award).order_by(Award.id)))


def test_a_family_is_found_and_its_file_is_left_alone(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, door = log_in("admin"), place.doors["1-1-101"]
    found = admin.post("/services/find", data={"words": "王小明", "wanted": "household"}).text
    assert f'value="{door.public_id}"' in found and "1-1-101" in found
    words = honouring(chosen=door.public_id)

    answers = [admin.post("/awards", data=words) for _ in range(2)]

    (award,) = awards()
    assert {answer.location.split("&", 1)[1] for answer in answers} == {"year=2026&done=added"}
    assert (award.name, award.household_id, award.building_id) == ("王小明家", door.id, door.building_id)
    assert db.session.get_one(Household, door.id).safe_family is None
    assert "王小明家" in admin.get("/awards?year=2026").text
    assert "王小明家" not in admin.get("/awards?year=2025").text


def test_with_the_tick_the_file_says_so_too(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, door = log_in("admin"), place.doors["1-1-101"]
    occupancy = door.occupancy

    admin.post("/awards", data=honouring(chosen=door.public_id, marks_file="y"))

    db.session.rollback()
    household = db.session.get_one(Household, door.id)
    assert (household.safe_family, household.version, household.occupancy) == (True, 2, occupancy)
    assert len(awards()) == 1


def test_the_tick_counts_only_for_a_safe_family(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    log_in("admin").post("/awards", data=honouring(kind="civilised_family", chosen=door.public_id, marks_file="y"))

    assert awards()[0].kind == "civilised_family"
    assert db.session.get_one(Household, door.id).safe_family is None


def test_a_head_goes_by_the_building_and_a_volunteer_by_name(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, house = log_in("admin"), place.buildings[0]
    house.head_name = "邱楼长"
    db.session.commit()

    admin.post("/awards", data=honouring(kind="good_head", building=house.public_id))
    admin.post("/awards", data=honouring(kind="good_volunteer", name="李芳"))

    assert [(a.name, a.building_id) for a in awards()] == [("邱楼长", house.id), ("李芳", None)]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "请先找到这一户"),
        ({"kind": "good_head"}, "请写姓名"),
        ({"kind": "other", "name": "x", "year": "abc"}, "请填整数"),
        ({"kind": "other", "name": "x", "year": "26"}, "请填年份"),
        ({"kind": "other", "name": "x", "on": "2099-01-01"}, "评选日期还没到"),
        ({"kind": "sainthood", "name": "x"}, "请从列表里选一项"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post("/awards", data=honouring(**given))

    assert answer.status_code == 422 and sentence in answer.text and "邻里推荐" in answer.text
    assert awards() == []


def test_a_family_is_honoured_once_a_year(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, door = log_in("admin"), place.doors["1-1-101"].public_id

    answers = [admin.post("/awards", data=honouring(chosen=door)) for _ in range(2)]
    year_before = admin.post("/awards", data=honouring(chosen=door, year="2025"))

    assert [answer.status_code for answer in answers] == [303, 422] and "已经评过了" in answers[1].text
    assert year_before.status_code == 303


def test_a_worker_sees_the_own_houses_and_names_of_no_house(cast: Cast, place: Place, log_in: LogIn) -> None:
    year, on = today().year, today()
    facts = {"community_id": place.community.id, "year": year, "on": on, "recorded_by": cast.admin.id}
    near, far = place.doors["1-1-101"], place.doors["3-2-302"]
    db.session.add_all(
        [
            Award(kind="safe_family", name="近处家", household_id=near.id, building_id=near.building_id, **facts),
            Award(kind="safe_family", name="远处家", household_id=far.id, building_id=far.building_id, **facts),
            Award(kind="good_volunteer", name="志愿者甲", **facts),
            Award(kind="good_volunteer", name="外面人", **facts | {"community_id": place.other.id}),
        ]
    )
    db.session.commit()

    page = log_in("worker").get("/awards").text

    assert "近处家" in page and "志愿者甲" in page and "远处家" not in page and "外面人" not in page
    assert f"{year}年 2 项" in log_in("worker").get("/services").text
    assert "远处家" in log_in("admin").get("/awards").text


def test_one_is_withdrawn_by_an_administrator_only(cast: Cast, log_in: LogIn) -> None:
    admin, worker = log_in("admin"), log_in("worker")
    admin.post("/awards", data=honouring(kind="other", name="李芳"))
    url = f"/awards/{awards()[0].public_id}/withdraw"

    refused, done = worker.post(url), admin.post(url)

    assert (refused.status_code, done.status_code) == (403, 303) and awards()[0].deleted_at
    assert "李芳" not in admin.get("/awards?year=2026").text


def test_no_household_outside_is_honoured(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("admin").post("/awards", data=honouring(chosen=place.other_door.public_id))

    assert answer.status_code == 404 and awards() == []


@pytest.mark.parametrize("year", ["0", "99999999999999999999", "去年"])
def test_a_year_that_is_none_is_this_one(cast: Cast, place: Place, log_in: LogIn, year: str) -> None:
    page = log_in("admin").get(f"/awards?year={year}")

    assert page.status_code == 200 and str(today().year) in page.text
