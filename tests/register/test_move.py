"""People move in and out; nobody lives behind two doors at once."""

import uuid
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from grid.core.db import db
from grid.register.models import Household, Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place


def current(person_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Residency.household_id).where(Residency.person_id == person_id, Residency.to_on.is_(None))
        )
    )


def move_in(client: FlaskClient, door: Household, **words: str) -> Any:
    """What the form sends, each time as an entry of its own unless a key is given."""
    given = {"key": str(uuid.uuid4()), "from_on": "2026-11-01", **words}
    return client.post(f"/households/{door.public_id}/move-in", data=given)


def tick_of(page: Any) -> Any:
    return BeautifulSoup(page.get_data(as_text=True), "html5lib").select_one("[name=move_here]")


def test_somebody_new_moves_in(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-2-101"]

    answer = move_in(log_in("worker"), door, name="赵新来", id_no="990101199001011233", live_kind="tenant")

    assert answer.status_code == 303
    person = db.session.scalars(select(Person).where(Person.name == "赵新来")).one()
    assert (person.birth, person.sex) == (date(1990, 1, 1), "1")
    db.session.refresh(door)
    assert current(person.id) == [door.id] and door.n_members == 1


def test_somebody_who_lives_elsewhere_is_moved_only_when_asked(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["2-1-101"], place.people["王小明"]
    worker = log_in("worker")
    words = {"key": "m" * 20, "name": "王小明", "id_no": "990101198001011218"}

    refused = move_in(worker, door, **words)
    still = current(person.id)
    moved = move_in(worker, door, **words, move_here="y")

    assert refused.status_code == 422 and "1-1-101" in refused.get_data(as_text=True)
    assert still == [place.doors["1-1-101"].id]
    assert moved.status_code == 303 and current(person.id) == [door.id]
    db.session.expire_all()
    assert (place.doors["1-1-101"].n_members, door.n_members) == (1, 1)


def test_where_a_person_outside_the_patch_lives_is_not_told(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["曾志伟"]
    log_in("other").post(
        f"/people/{person.public_id}",
        data={"key": "i" * 32, "version": "1", "name": "曾志伟", "id_no": "990101197505051239"},
    )

    words = {"id_no": "990101197505051239", "move_here": "y"}
    answer = move_in(log_in("worker"), place.doors["1-1-102"], name="曾志伟", **words)
    another = move_in(log_in("worker"), place.doors["1-1-102"], name="曾大伟", **words)

    assert (answer.status_code, another.status_code) == (422, 422)
    assert "3-2-302" not in answer.get_data(as_text=True)
    assert "曾志伟" not in another.get_data(as_text=True) and "另一个人" in another.get_data(as_text=True)
    # Nothing to tick: only an administrator can move this person.
    assert tick_of(answer) is None and tick_of(another) is None
    assert current(person.id) == [place.doors["3-2-302"].id]


def test_the_same_move_in_sent_again_makes_one_person(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["2-1-101"], log_in("worker")
    page = worker.get(f"/households/{door.public_id}/move-in").get_data(as_text=True)
    key = str(BeautifulSoup(page, "html5lib").select_one("[name=key]")["value"])  # type: ignore[index]

    first = move_in(worker, door, key=key, name="赵新来")
    again = move_in(worker, door, key=key, name="赵新来")

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.name == "赵新来")) == 1


def test_a_key_used_for_another_person_or_door_is_refused_and_can_be_mended(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    door, worker, key = place.doors["2-1-101"], log_in("worker"), str(uuid.uuid4())
    move_in(worker, door, key=key, name="赵新来")

    sister = move_in(worker, door, key=key, name="赵新妹")
    next_door = move_in(worker, place.doors["2-1-102"], key=key, name="赵新来")

    assert (sister.status_code, next_door.status_code) == (422, 422)
    page = sister.get_data(as_text=True)
    assert "赵新妹" in page and key not in page and "已经存过一次" in page
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.name.startswith("赵新"))) == 1


def test_a_known_number_with_another_name_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["2-1-101"], place.people["王小明"]

    answer = move_in(log_in("worker"), door, name="王大明", id_no="990101198001011218", move_here="y")

    assert answer.status_code == 422
    assert "这个号码登记的人叫王小明，请核对。" in answer.get_data(as_text=True)
    assert current(person.id) == [place.doors["1-1-101"].id]


@pytest.mark.parametrize(("login", "told"), [("worker", False), ("admin", True)])
def test_the_name_of_who_lives_nowhere_is_told_where_they_lived_last(
    cast: Cast, place: Place, log_in: LogIn, login: str, told: bool
) -> None:
    person, other = place.people["曾志伟"], log_in("other")
    url = f"/people/{person.public_id}"
    other.post(url, data={"key": "i" * 32, "version": "1", "name": "曾志伟", "id_no": "990101197505051239"})
    other.post(f"{url}/move-out", data={"to_on": "2026-06-30", "reason": "moved"})

    answer = move_in(log_in(login), place.doors["1-1-102"], name="曾大伟", id_no="990101197505051239")

    assert answer.status_code == 422 and ("曾志伟" in answer.get_data(as_text=True)) is told
    assert current(person.id) == []


def test_the_tick_stands_where_it_helps_and_has_the_words_of_the_message(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker, number = log_in("worker"), "990101198001011218"

    elsewhere = move_in(worker, place.doors["2-1-101"], name="王小明", id_no=number)
    here = move_in(worker, place.doors["1-1-101"], name="王小明", id_no=number)
    unreadable = move_in(worker, place.doors["2-1-101"], name="王小明", id_no="身份证")

    label = tick_of(elsewhere).find_parent("label").get_text(strip=True)
    assert f"请勾选“{label}”" in elsewhere.get_data(as_text=True)
    assert [a.status_code for a in (here, unreadable)] == [422, 422]
    assert tick_of(here) is None and tick_of(unreadable) is None


def test_a_ticked_form_with_another_mistake_keeps_its_tick(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = move_in(log_in("worker"), place.doors["2-1-101"], name="", id_no="990101198001011218", move_here="y")

    assert answer.status_code == 422 and tick_of(answer).has_attr("checked")


def test_the_same_move_out_sent_again_is_answered_like_the_first(cast: Cast, place: Place, log_in: LogIn) -> None:
    url, worker = f"/people/{place.people['李芳'].public_id}/move-out", log_in("worker")
    words = {"to_on": "2026-06-30", "reason": "sold", "went_to": "江夏区"}

    first, again = worker.post(url, data=words), worker.post(url, data=words)
    otherwise = worker.post(url, data={**words, "went_to": "洪山区"})

    assert [a.status_code for a in (first, again, otherwise)] == [303, 303, 422]
    assert first.headers["Location"] == again.headers["Location"]
    assert "请刷新户档" in otherwise.get_data(as_text=True)


def test_somebody_moves_out_and_stays_in_the_file_as_former(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["李芳"]
    worker = log_in("worker")

    worker.post(
        f"/people/{person.public_id}/move-out", data={"to_on": "2026-06-30", "reason": "sold", "went_to": "江夏区"}
    )

    page = worker.get(f"/households/{door.public_id}").get_data(as_text=True)
    db.session.refresh(door)
    assert door.n_members == 1 and "以前住过的 1 人" in page and "江夏区" in page


def test_who_lived_there_on_a_day_can_be_asked(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["李芳"]
    worker = log_in("worker")
    worker.post(f"/people/{person.public_id}/move-out", data={"to_on": "2026-06-30", "reason": "moved"})

    march = worker.get(f"/households/{door.public_id}?on=2026-03-01").get_data(as_text=True)
    long_ago = worker.get(f"/households/{door.public_id}?on=2019-03-01").get_data(as_text=True)

    assert "李芳" in march and "王小明" in march
    assert "王小明" not in long_ago


def test_a_death_is_dated_and_leaving_before_arriving_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["李芳"]
    worker = log_in("worker")
    url = f"/people/{person.public_id}/move-out"

    too_early = worker.post(url, data={"to_on": "2010-01-01", "reason": "moved"})
    died = worker.post(url, data={"to_on": "2026-05-05", "reason": "died"})
    twice = worker.post(url, data={"to_on": "2026-05-06", "reason": "moved"})

    assert [a.status_code for a in (too_early, died, twice)] == [422, 303, 422]
    db.session.refresh(person)
    assert person.died_on == date(2026, 5, 5)


def test_the_database_itself_refuses_two_current_residencies(cast: Cast, place: Place) -> None:
    person, door = place.people["李芳"], place.doors["2-1-101"]
    db.session.add(Residency(community_id=door.community_id, person_id=person.id, household_id=door.id))

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Residency).where(Residency.person_id == person.id)) == 1
