"""Days that can't be: refused with a sentence, and nothing is changed."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Household, Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place

WANG = {"name": "王小明", "id_no": "990101198001011218"}


@pytest.fixture
def worker(cast: Cast, log_in: LogIn) -> FlaskClient:
    return log_in("worker")


def move_in(client: FlaskClient, door: Household, **words: str) -> Any:
    given = {"key": uuid.uuid4().hex, "from_on": str(today()), **words}
    return client.post(f"/households/{door.public_id}/move-in", data=given)


def homes(person: Person) -> int | None:
    return db.session.scalar(select(func.count()).where(Residency.person_id == person.id))


def test_nobody_moves_before_they_came_to_where_they_live(worker: FlaskClient, place: Place) -> None:
    person = place.people["王小明"]

    answer = move_in(worker, place.doors["2-1-301"], **WANG, move_here="y", from_on="2010-01-01")

    assert answer.status_code == 422 and "2020-01-01" in answer.get_data(as_text=True)
    assert homes(person) == 1


def test_the_dead_do_not_move_in(worker: FlaskClient, place: Place) -> None:
    person = place.people["王小明"]
    died = {"to_on": str(today()), "reason": "died"}
    assert worker.post(f"/people/{person.public_id}/move-out", data=died).status_code == 303

    answer = move_in(worker, place.doors["2-1-301"], **WANG)

    assert answer.status_code == 422 and "去世" in answer.get_data(as_text=True)
    assert homes(person) == 1


def test_moves_to_come_are_not_written_down_yet(worker: FlaskClient, place: Place) -> None:
    tomorrow, person = str(today() + timedelta(days=1)), place.people["王小明"]

    out = worker.post(f"/people/{person.public_id}/move-out", data={"to_on": tomorrow, "reason": "moved"})
    into = move_in(worker, place.doors["2-1-301"], name="未来人", from_on=tomorrow)

    assert (out.status_code, into.status_code) == (422, 422)
    assert db.session.scalar(select(Residency.to_on).where(Residency.person_id == person.id)) is None
    assert db.session.scalar(select(func.count()).where(Person.name == "未来人")) == 0


def test_nobody_is_born_tomorrow(worker: FlaskClient, place: Place) -> None:
    tomorrow, person = str(today() + timedelta(days=1)), place.people["王小明"]

    into = move_in(worker, place.doors["2-1-301"], name="未生", birth=tomorrow)
    words = {"key": "b" * 32, "version": "1", "name": "王小明", "birth": tomorrow}
    edited = worker.post(f"/people/{person.public_id}", data=words)
    by_number = move_in(worker, place.doors["2-1-301"], name="未生二", id_no="990101209001011219")

    assert (into.status_code, edited.status_code, by_number.status_code) == (422, 422, 303)
    assert db.session.scalar(select(Person.birth).where(Person.name == "未生二")) is None


def test_what_is_typed_for_somebody_known_fills_what_is_empty(worker: FlaskClient, place: Place) -> None:
    person = place.people["王小明"]
    person.phone, person.population_kind = "19900012345", None
    before = person.version
    words = {**WANG, "move_here": "y", "phone": "19900099999", "population_kind": "floating"}

    assert move_in(worker, place.doors["2-1-301"], **words).status_code == 303

    db.session.refresh(person)
    assert (person.phone, person.population_kind) == ("19900012345", "floating")
    assert person.version > before
