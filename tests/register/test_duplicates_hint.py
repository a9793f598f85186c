"""Whoever writes somebody down who looks like somebody already there is told so, and not held up."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.core.db import db
from grid.core.personal import keyed_hash
from grid.register.duplicate_queries import like, pairs
from grid.register.models import Household, KnownApart, Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person
from tests.register.test_edit import form_of
from tests.register.test_move import move_in

NUMBER, PHONE, BORN = "990101198001011218", "19900012345", date(1982, 3, 4)


def hint(client: FlaskClient, answer: Any) -> tuple[str, ...]:
    """The sentence on the page that a form led to, and where it leads."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    found = re.search(r'<p class="hint">([^<]*很像[^<]*)<br><a[^>]* href="([^"]+)">', page)
    return found.groups() if found else ()


def save(client: FlaskClient, person: Person, **words: str) -> Any:
    path = f"/people/{person.public_id}"
    return client.post(path, data={**form_of(client.get(f"{path}/edit")), **words})


def test_who_moves_in_and_looks_like_somebody_is_told_with_the_way_to_both(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker = log_in("worker")

    answer = move_in(worker, place.doors["1-2-301"], name="王小明", phone=PHONE)

    new = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
    path = f"/duplicates/{place.people['王小明'].public_id}/{new.public_id}"
    assert hint(worker, answer) == ("王小明（1-1-101）和王小明（1-2-301）很像，是不是同一个人？", path)
    assert worker.get(path).status_code == 200


def test_who_moves_in_and_looks_like_nobody_is_told_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    assert hint(worker, move_in(worker, place.doors["1-2-301"], name="赵新来", phone=PHONE)) == ()
    assert hint(worker, move_in(worker, place.doors["2-1-101"], name="王小明", phone=PHONE)) == ()
    assert hint(worker, move_in(worker, place.doors["1-2-301"], name="钱无名")) == ()


def test_a_second_tap_is_told_the_same(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-2-301"]
    words = {"key": "00000000-0000-4000-8000-000000000001", "name": "王小明", "phone": PHONE}

    first, again = (hint(worker, move_in(worker, door, **words)) for _tap in (1, 2))

    assert first and first == again


def test_an_edit_that_makes_somebody_look_like_another_is_told(cast: Cast, place: Place, log_in: LogIn) -> None:
    twice = make_person(place.doors["1-2-301"], "李方", sex="2")
    db.session.commit()
    worker = log_in("worker")

    assert hint(worker, save(worker, twice, employer="花店")) == ()
    assert hint(worker, save(worker, twice, birth=str(BORN)))[0].startswith("李方（1-2-301）和李芳（1-1-101）很像")


def test_a_number_is_compared_in_the_whole_community_within_the_scope(cast: Cast, place: Place, log_in: LogIn) -> None:
    near = make_person(place.doors["2-1-101"], "王晓明", id_no=NUMBER)
    place.people["曾志伟"].id_no = "990101197505055671"
    place.people["曾志伟"].id_hash = keyed_hash("id", "990101197505055671")
    far = make_person(place.doors["2-1-101"], "曾伟", id_no="990101197505055671")
    db.session.commit()

    assert like(cast.worker.scope, near.public_id)
    assert like(cast.worker.scope, far.public_id) is None
    assert like(cast.admin.scope, far.public_id)
    worker = log_in("worker")
    assert hint(worker, save(worker, far, employer="花店")) == ()


def test_who_moved_away_is_compared_where_they_live_now(cast: Cast, place: Place) -> None:
    here = make_person(place.doors["1-2-301"], "李方", birth=BORN)
    stay = db.session.scalars(select(Residency).where(Residency.person_id == place.people["李芳"].id)).one()
    stay.to_on = date(2024, 1, 1)
    db.session.commit()
    assert like(cast.worker.scope, here.public_id)

    again = {"person_id": stay.person_id, "household_id": place.doors["2-1-101"].id}
    db.session.add(Residency(community_id=stay.community_id, **again))
    db.session.commit()

    assert like(cast.worker.scope, here.public_id) is None


def test_who_is_known_apart_or_gone_is_not_spoken_of(cast: Cast, place: Place, log_in: LogIn) -> None:
    twice = make_person(place.doors["1-2-301"], "李方", birth=BORN)
    first, second = sorted((twice.id, place.people["李芳"].id))
    db.session.add(KnownApart(community_id=place.community.id, first_id=first, second_id=second))
    db.session.commit()

    assert like(cast.worker.scope, twice.public_id) is None
    assert log_in("worker").get(f"/households/{home(twice)}?done=saved&who=nobody").status_code == 200
    outside = log_in("other").get(f"/households/{place.doors['3-1-101'].public_id}?done=saved&who={twice.public_id}")
    assert outside.status_code == 200 and "李方" not in outside.get_data(as_text=True)


def home(person: Person) -> str:
    wanted = select(Household.public_id).join(Residency, Residency.household_id == Household.id)
    return db.session.scalars(wanted.where(Residency.person_id == person.id)).one()


@pytest.mark.parametrize("how", [{"birth": BORN}, {"phone": PHONE}, {"id_no": NUMBER}, {"birth": BORN, "phone": PHONE}])
def test_it_says_what_the_list_says(cast: Cast, place: Place, how: dict[str, Any]) -> None:
    for person in place.people.values():
        person.birth = BORN
    make_person(place.doors["1-2-301"], "王小明", **how)
    make_person(place.doors["2-1-101"], "王小明", **how)
    db.session.commit()

    listed = {
        frozenset((p.first.person.id, p.second.person.id)): p for p in pairs(cast.admin.scope, place.community.id)
    }
    everybody = db.session.scalars(select(Person).where(Person.community_id == place.community.id)).all()
    told = {person.id: like(cast.admin.scope, person.public_id) for person in everybody}

    assert {id_ for id_, pair in told.items() if pair} == {id_ for couple in listed for id_ in couple}
    for pair in filter(None, told.values()):
        assert pair == listed[frozenset((pair.first.person.id, pair.second.person.id))]


def test_it_takes_two_statements_of_the_page_it_is_on(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    twice = make_person(place.doors["1-2-301"], "李方", birth=BORN)
    db.session.commit()
    worker, page, who = log_in("worker"), f"/households/{home(twice)}?done=saved", twice.public_id
    worker.get(page)
    count_queries()

    worker.get(page)
    plain = count_queries()
    assert "很像" in worker.get(f"{page}&who={who}").get_data(as_text=True)

    assert count_queries() == plain + 2
