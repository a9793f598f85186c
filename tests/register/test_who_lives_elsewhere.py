"""Whoever has moved out of a worker's patch is outside it, whatever door they lived behind before."""

import uuid

import pytest

from grid.core.clock import today
from grid.core.db import db
from grid.core.personal import keyed_hash
from grid.register.models import Person
from tests.conftest import LogIn
from tests.factories import Cast, Place

ID_NO = "990101197505055671"


@pytest.fixture
def moved(cast: Cast, place: Place, log_in: LogIn) -> Person:
    """单雄信 lived in the worker's block and lives in the other one now."""
    person = place.people["单雄信"]
    person.id_no, person.id_hash, person.phone = ID_NO, keyed_hash("id", ID_NO), "19900001111"
    db.session.commit()
    words = {"key": uuid.uuid4().hex, "name": "单雄信", "from_on": str(today()), "id_no": ID_NO, "move_here": "y"}
    door = place.doors["3-1-102"].public_id
    assert log_in("admin").post(f"/households/{door}/move-in", data=words).status_code == 303
    return person


def test_their_former_worker_opens_edits_and_reveals_nothing(moved: Person, log_in: LogIn) -> None:
    worker, page = log_in("worker"), f"/people/{moved.public_id}"

    answers = [
        worker.get(f"{page}/edit"),
        worker.get(f"{page}/id"),
        worker.post(f"{page}/id", data={"reason": "x"}),
        worker.post(page, data={"key": "w" * 32, "version": "1", "name": "改了名"}),
        worker.post(f"{page}/move-out", data={"to_on": str(today()), "reason": "moved"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    db.session.refresh(moved)
    assert moved.name == "单雄信"


def test_a_new_name_is_found_at_the_door_where_they_live_now(moved: Person, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    words = {"key": "n" * 32, "version": "1", "name": "单二哥"}
    assert admin.post(f"/people/{moved.public_id}", data=words).status_code == 303

    here = place.doors["3-1-102"].public_id
    assert here in admin.post("/find", data={"words": "单二哥"}).get_data(as_text=True)
    assert here not in admin.post("/find", data={"words": "单雄信"}).get_data(as_text=True)


def test_a_day_in_the_past_tells_who_lived_there_and_not_how_to_reach_them(
    moved: Person, place: Place, log_in: LogIn
) -> None:
    door = place.doors["1-1-102"].public_id

    page = log_in("worker").get(f"/households/{door}?on=2021-01-01").get_data(as_text=True)

    assert "单雄信" in page
    for told in ("19900001111", f"/people/{moved.public_id}", "5671"):
        assert told not in page
