"""People move in and out; nobody lives behind two doors at once."""

from datetime import date

from sqlalchemy import func, select

from grid.core.db import db
from grid.register.models import Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place


def current(person_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Residency.household_id).where(Residency.person_id == person_id, Residency.to_on.is_(None))
        )
    )


def test_somebody_new_moves_in(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-2-101"]

    answer = log_in("worker").post(
        f"/households/{door.public_id}/move-in",
        data={"name": "赵新来", "from_on": "2026-11-01", "id_no": "990101199001011233", "live_kind": "tenant"},
    )

    assert answer.status_code == 303
    person = db.session.scalars(select(Person).where(Person.name == "赵新来")).one()
    assert (person.birth, person.sex) == (date(1990, 1, 1), "1")
    db.session.refresh(door)
    assert current(person.id) == [door.id] and door.n_members == 1


def test_somebody_who_lives_elsewhere_is_moved_only_when_asked(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["2-1-101"], place.people["王小明"]
    worker = log_in("worker")
    words = {"name": "王小明", "from_on": "2026-11-01", "id_no": "990101198001011218"}

    refused = worker.post(f"/households/{door.public_id}/move-in", data=words)
    still = current(person.id)
    moved = worker.post(f"/households/{door.public_id}/move-in", data={**words, "move_here": "y"})

    assert refused.status_code == 422 and "1-1-101" in refused.get_data(as_text=True)
    assert still == [place.doors["1-1-101"].id]
    assert moved.status_code == 303 and current(person.id) == [door.id]
    db.session.expire_all()
    assert (place.doors["1-1-101"].n_members, door.n_members) == (1, 1)


def test_where_a_person_outside_the_patch_lives_is_not_told(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["曾志伟"]
    log_in("other").post(
        f"/people/{person.public_id}",
        data={"version": "1", "name": "曾志伟", "id_no": "990101197505051239"},
    )

    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-102'].public_id}/move-in",
        data={"name": "曾志伟", "from_on": "2026-11-01", "id_no": "990101197505051239", "move_here": "y"},
    )

    assert answer.status_code == 422
    assert "3-2-302" not in answer.get_data(as_text=True)
    assert current(person.id) == [place.doors["3-2-302"].id]


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
    import pytest
    from sqlalchemy.exc import IntegrityError

    person, door = place.people["李芳"], place.doors["2-1-101"]
    db.session.add(Residency(community_id=door.community_id, person_id=person.id, household_id=door.id))

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Residency).where(Residency.person_id == person.id)) == 1
