"""Two people save at the same moment: nothing is lost, nobody is there twice, nobody sees an error page."""

import threading
import time
import uuid
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.core.clock import today
from grid.core.db import db
from grid.core.personal import keyed_hash
from grid.register import finding
from grid.register.models import Household, Person, PersonTag, Residency, Tag
from tests.conftest import LogIn
from tests.factories import Cast, Place

ID_NO = "990101199003071231"


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every change open a little before its end, so that the other one comes in between."""
    real = finding.index_households

    def wait(*given: Any, **named: Any) -> None:
        time.sleep(0.3)
        real(*given, **named)

    monkeypatch.setattr(finding, "index_households", wait)


def together(*jobs: Callable[[], Any]) -> list[int]:
    codes = [0] * len(jobs)

    def run(n: int) -> None:
        time.sleep(n * 0.1)
        codes[n] = Context().run(jobs[n]).status_code

    db.session.commit()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return codes


def moving(client: Any, door: Household, **words: str) -> Callable[[], Any]:
    given = {"key": uuid.uuid4().hex, "from_on": str(today()), **words}
    path = f"/households/{door.public_id}/move-in"
    return lambda: FlaskClient.open(client, path, method="POST", data=given)


def saving(client: Any, person: Person, **words: str) -> Callable[[], Any]:
    given = {"key": uuid.uuid4().hex, "version": "1", "name": person.name, **words}
    path = f"/people/{person.public_id}"
    return lambda: FlaskClient.open(client, path, method="POST", data=given)


def test_one_person_moved_to_two_doors_ends_behind_one(cast: Cast, place: Place, log_in: LogIn) -> None:
    words = {"name": "王小明", "id_no": "990101198001011218", "move_here": "y"}
    person_id = place.people["王小明"].id

    codes = together(
        moving(log_in("admin"), place.doors["2-1-301"], **words),
        moving(log_in("admin"), place.doors["3-1-302"], **words),
    )

    assert set(codes) <= {303, 422} and 303 in codes
    present = select(func.count()).where(Residency.person_id == person_id, Residency.to_on.is_(None))
    assert db.session.scalar(present) == 1


def test_one_new_number_makes_one_new_person(cast: Cast, place: Place, log_in: LogIn) -> None:
    words = {"name": "新同号", "id_no": ID_NO}

    codes = together(
        moving(log_in("admin"), place.doors["2-1-301"], **words),
        moving(log_in("admin"), place.doors["3-1-302"], **words),
    )

    assert sorted(codes) == [303, 422]
    assert db.session.scalar(select(func.count()).where(Person.name == "新同号")) == 1


def test_one_number_saved_for_two_people_stays_with_the_first(cast: Cast, place: Place, log_in: LogIn) -> None:
    codes = together(
        saving(log_in("admin"), place.people["李芳"], id_no=ID_NO),
        saving(log_in("admin"), place.people["曾志伟"], id_no=ID_NO),
    )

    assert sorted(codes) == [303, 422]
    assert db.session.scalar(select(func.count()).where(Person.id_hash == keyed_hash("id", ID_NO))) == 1


def test_two_who_move_in_behind_one_door_are_both_counted(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["2-1-301"]
    door_id = door.id

    codes = together(
        moving(log_in("admin"), door, name="甲某", is_head="y"), moving(log_in("admin"), door, name="乙某", is_head="y")
    )

    assert codes == [303, 303]
    heads = select(func.count()).where(Residency.household_id == door_id, Residency.is_head, Residency.to_on.is_(None))
    assert db.session.scalar(select(Household.n_members).where(Household.id == door_id)) == 2
    assert db.session.scalar(heads) == 1


def test_two_who_swap_doors_do_not_wait_for_each_other_forever(cast: Cast, place: Place, log_in: LogIn) -> None:
    numbers = {"王小明": "990101198001011218", "曾志伟": "990101197505055671"}
    for name, number in numbers.items():
        place.people[name].id_no, place.people[name].id_hash = number, keyed_hash("id", number)

    codes = together(
        moving(log_in("admin"), place.doors["3-2-302"], name="王小明", id_no=numbers["王小明"], move_here="y"),
        moving(log_in("admin"), place.doors["1-1-101"], name="曾志伟", id_no=numbers["曾志伟"], move_here="y"),
    )

    assert codes == [303, 303]


def test_two_people_of_one_door_are_both_saved(cast: Cast, place: Place, log_in: LogIn) -> None:
    codes = together(
        saving(log_in("admin"), place.people["李芳"], phone="19900002222"),
        saving(log_in("admin"), place.people["王小明"], phone="19900003333"),
    )

    assert codes == [303, 303]


def test_a_page_opened_before_the_tags_changed_does_not_take_them_away(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["王小明"]
    tag = db.session.scalar(select(Tag.id).where(Tag.community_id == place.community.id, Tag.code == "party_member"))
    words = {"name": "王小明", "phone": "19900012345", "sex": "1", "birth": "1980-01-01"}
    page, worker = f"/people/{person.public_id}", log_in("worker")
    worker.post(page, data={**words, "key": "a" * 32, "version": "1"})
    db.session.refresh(person)
    opened = str(person.version)

    tagged = worker.post(page, data={**words, "key": "b" * 32, "version": opened, "tags": [str(tag)]})
    late = log_in("admin").post(page, data={**words, "key": "c" * 32, "version": opened, "occupation": "教师"})

    assert (tagged.status_code, late.status_code) == (303, 409)
    carried = select(PersonTag.tag_id).where(PersonTag.person_id == person.id, PersonTag.until.is_(None))
    assert list(db.session.scalars(carried)) == [tag]
