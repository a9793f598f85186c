"""The button 撤销: who may take back what, and how it is told."""

from datetime import date
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.register.models import Household, Residency
from grid.register.undo_views import undo_token
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.register.move_pages import home_of, of, send
from tests.rows import differences, snapshot


def offered(client: FlaskClient, door: Household, done: str = "") -> list[str]:
    """Where the links for taking something back lead."""
    page = client.get(f"/households/{door.public_id}?done={done}").get_data(as_text=True)
    return [str(one["href"]) for one in BeautifulSoup(page, "html5lib").select("main a[href^='/undo/']")]


def take_back(client: FlaskClient, link: str) -> Any:
    return client.post("/undo", data={"token": link.removeprefix("/undo/")})


def split(client: FlaskClient, place: Place, to: str = "") -> Any:
    li = place.people["李芳"].public_id
    return send(client, of(place.doors["1-1-101"], "split"), people=[li], head=li, to=to)


def test_a_move_just_made_is_taken_back_from_the_notice(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    before = snapshot()
    split(worker, place)
    notice, line = offered(worker, door, "split_household")

    asked = worker.get(notice).get_data(as_text=True)
    answer = take_back(worker, notice)

    assert notice == line and "1-1-101、1-1-101-1" in asked and "李芳" in asked
    assert answer.status_code == 303 and answer.headers["Location"].endswith("?done=undone")
    assert differences(before) == {} and offered(worker, door) == []


def test_what_was_undone_is_struck_and_told_behind_both_doors(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door, other = log_in("worker"), place.doors["1-1-101"], place.doors["2-1-101"]
    split(worker, place, "2-1-101")

    take_back(worker, offered(worker, other)[0])

    for one in (door, other):
        page = BeautifulSoup(worker.get(f"/households/{one.public_id}").get_data(as_text=True), "html5lib")
        struck = page.select("section[aria-labelledby=history] s")
        assert len(struck) == 1 and "分户" in struck[0].get_text()
        lines = [li.get_text(" ", strip=True) for li in page.select("section[aria-labelledby=history] li")]
        assert any("已撤销" in line for line in lines) and any(" 撤销 李芳" in line for line in lines)
    assert home_of(place.people["李芳"]) == "1-1-101"


def test_what_others_did_only_an_administrator_takes_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker, admin = place.doors["1-1-101"], log_in("worker"), log_in("admin")
    split(admin, place, "2-1-101")
    link = offered(admin, door)[0]

    of_worker = offered(worker, door)
    refused = take_back(worker, link)
    still = home_of(place.people["李芳"])
    done = take_back(admin, link)

    assert of_worker == [] and refused.status_code == 422 and "请管理员撤销" in refused.get_data(as_text=True)
    assert still == "2-1-101" and done.status_code == 303 and home_of(place.people["李芳"]) == "1-1-101"


def test_where_one_of_the_doors_lies_outside_there_is_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, worker = log_in("admin"), log_in("worker")
    split(admin, place, "3-1-102")
    link = offered(admin, place.doors["1-1-101"])[0]

    assert worker.get(link).status_code == 404 and take_back(worker, link).status_code == 404
    assert home_of(place.people["李芳"]) == "3-1-102"


def test_what_stands_on_it_holds_it_with_a_sentence(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    split(worker, place, "2-1-101")
    link = offered(worker, door)[0]
    li = place.people["李芳"]
    send(worker, of(place.doors["2-1-101"], "change-flat"), people=[li.public_id], to="2-1-102", on="2026-11-02")

    answer = take_back(worker, link)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "没有撤销" in page and f"/households/{door.public_id}" in page
    assert home_of(li) == "2-1-102"


def test_twice_is_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    split(worker, place)
    link = offered(worker, place.doors["1-1-101"])[0]

    answers = [take_back(worker, link) for _twice in range(2)]

    assert [answer.headers.get("Location", "")[-12:] for answer in answers] == ["?done=undone"] * 2
    assert "已经撤销过了" in worker.get(link).get_data(as_text=True)


def test_where_somebody_lived_long_ago_is_nothing_to_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    """Outside the worker's patch; the move was in it."""
    worker, li = log_in("worker"), place.people["李芳"]
    before = {"from_on": date(2001, 1, 1), "to_on": date(2019, 1, 1), "community_id": li.community_id}
    db.session.add(Residency(person_id=li.id, household_id=place.doors["3-1-102"].id, **before))
    db.session.commit()
    split(worker, place, "2-1-101")
    link = offered(worker, place.doors["1-1-101"])[0]

    asked, done = worker.get(link), take_back(worker, link)

    assert (asked.status_code, done.status_code) == (200, 303) and "3-1-102" not in asked.get_data(as_text=True)
    assert home_of(li) == "1-1-101"


def test_a_token_can_not_be_made_up(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    split(worker, place)

    statuses = [take_back(worker, token).status_code for token in ("1", "1.abc", "MQ.xyz")]

    assert statuses == [404, 404, 404] and worker.post("/undo").status_code == 400


def test_only_what_is_offered_is_taken_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    """Whatever else is named by a token: a correction, or the taking back itself."""
    worker, door = log_in("worker"), place.doors["1-1-101"]
    split(worker, place)
    take_back(worker, offered(worker, door)[0])
    with audit.entry(cast.worker, "edit_household", community_id=door.community_id, household_id=door.id) as line:
        """Nothing changed."""
    undone = db.session.scalars(select(AuditEntry.id).where(AuditEntry.undoes_id > 0)).one()

    for entry_id in (line.id, undone, line.id + 1000):
        token = undo_token(entry_id)
        assert (worker.get(f"/undo/{token}").status_code, take_back(worker, token).status_code) == (404, 404)


def test_a_visit_is_not_offered(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    worker.post(f"/households/{door.public_id}/visits", data={"key": "v" * 20, "found": "home"})

    assert offered(worker, door) == []
    db.session.rollback()
