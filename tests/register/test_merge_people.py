"""Two entries of one person become one: field by field, everything follows, and it can be taken back."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import now, today
from grid.core.db import db
from grid.register import duplicate_actions, finding
from grid.register.models import Floating, Household, KnownApart, Person, PersonTag, Residency, TagAccess
from grid.register.summaries import refresh_members
from grid.visits.models import Visit, VisitPerson
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person, make_tag
from tests.register.move_pages import undone
from tests.rows import differences, snapshot

NUMBER = "990101198001011218"


@pytest.fixture
def twice(cast: Cast, place: Place) -> Person:
    """王小明 of 1-1-101 once more, at 1-2-101, with other words."""
    facts: dict[str, Any] = {"phone": "19900088888", "note": "会电工", "sex": "1", "education": "20"}
    person = make_person(place.doors["1-2-101"], "王晓明", is_head=True, **facts)
    place.people["王小明"].note = "左邻"
    db.session.commit()
    return person


def summed_up(place: Place) -> dict[str, Any]:
    """All rows, with the summaries of what was put there by hand."""
    refresh_members(community_id=place.community.id)
    finding.index_households(community_id=place.community.id)
    db.session.commit()
    return snapshot()


def address(place: Place, twice: Person) -> str:
    return f"/duplicates/{place.people['王小明'].public_id}/{twice.public_id}"


def form_of(client: FlaskClient, path: str, **chosen: str) -> dict[str, str]:
    """The page's form as a browser would send it."""
    page = client.get(path).get_data(as_text=True)
    words = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    words |= dict(re.findall(r'<input id="\w+" name="(key)" type="hidden" value="([^"]*)"', page))
    words |= dict(re.findall(r'<input type="radio" name="([\w-]+)" value="(\w+)" checked', page))
    return words | chosen


def stays(person: Person) -> list[tuple[str, date | None, date | None]]:
    rows = db.session.scalars(select(Residency).where(Residency.person_id == person.id).order_by(Residency.from_on))
    return [(row.household_id, row.from_on, row.to_on) for row in rows]  # type: ignore[misc]


def test_what_differs_is_chosen_and_what_is_missing_is_taken(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    words = form_of(client, path)
    assert (words["take-phone"], words["take-note"], words["take-sex"]) == ("both", "both", "other")

    answer = client.post(path, data=words | {"take-name": "kept", "take-education": "kept"})

    assert answer.status_code == 303, answer.get_data(as_text=True)
    person = place.people["王小明"]
    db.session.refresh(person)
    assert (person.name, person.phone, person.note) == ("王小明", "19900012345;19900088888", "左邻\n会电工")
    assert (person.sex, person.education, person.id_no) == ("1", None, NUMBER)
    db.session.refresh(twice)
    assert twice.deleted_at is not None and twice.merged_into_id == person.id
    assert twice.version == person.version == 2


def test_no_number_is_in_the_page(place: Place, twice: Person, log_in: LogIn) -> None:
    twice.id_no = "990101198001019995"
    db.session.commit()

    page = log_in("worker").get(address(place, twice)).get_data(as_text=True)

    assert "990101********9995" in page and "199****8888" in page
    for number in (NUMBER, "990101198001019995", "19900012345", "19900088888"):
        assert number not in page


def test_the_home_that_holds_is_asked_and_the_other_one_ends(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)

    client.post(path, data=form_of(client, path, home="other", since="2024-03-01"))

    first, second = place.doors["1-1-101"], place.doors["1-2-101"]
    assert stays(place.people["王小明"]) == [
        (first.id, date(2020, 1, 1), date(2024, 3, 1)),
        (second.id, date(2024, 3, 1), None),
    ]
    db.session.refresh(first)
    db.session.refresh(second)
    assert (first.n_members, second.n_members) == (1, 1)
    ended = db.session.scalars(select(Residency).where(Residency.to_on == date(2024, 3, 1))).one()
    assert (ended.went_to, ended.reason) == ("1-2-101", "moved")


@pytest.mark.parametrize("since", ["", str(today() + timedelta(days=1))])
def test_a_day_that_cannot_be_is_asked_again(place: Place, twice: Person, log_in: LogIn, since: str) -> None:
    for stay in db.session.scalars(select(Residency)):
        stay.from_on = None
    client, path = log_in("worker"), address(place, twice)

    answer = client.post(path, data=form_of(client, path, home="other", since=since))

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f'name="since" type="date" value="{since}"' in page and 'name="home" value="other" checked' in page
    assert len(stays(twice)) == 1


def test_behind_one_door_the_earlier_day_and_the_head_stay(place: Place, cast: Cast, log_in: LogIn) -> None:
    door = place.doors["1-1-102"]
    first = place.people["单雄信"]
    db.session.scalars(select(Residency).where(Residency.person_id == first.id)).one().is_head = False
    second = make_person(door, "单雄信", is_head=True, relation="02")
    db.session.scalars(select(Residency).where(Residency.person_id == second.id)).one().from_on = date(2011, 2, 3)
    db.session.commit()
    client, path = log_in("worker"), f"/duplicates/{first.public_id}/{second.public_id}"
    assert 'name="home"' not in client.get(path).get_data(as_text=True)

    client.post(path, data=form_of(client, path))

    stay = db.session.scalars(select(Residency).where(Residency.household_id == door.id)).one()
    assert (stay.person_id, stay.from_on, stay.to_on, stay.is_head) == (first.id, date(2011, 2, 3), None, True)


def test_everything_follows(place: Place, twice: Person, cast: Cast, log_in: LogIn) -> None:
    person, door = place.people["王小明"], place.doors["1-2-101"]
    visits = [
        Visit(community_id=door.community_id, household_id=door.id, worker_id=cast.worker.id, at=now(), found="home")
        for _n in (1, 2)
    ]
    db.session.add_all(visits)
    db.session.flush()
    met = [(visits[0], person), (visits[0], twice), (visits[1], twice)]
    db.session.add_all(VisitPerson(visit_id=visit.id, person_id=one.id) for visit, one in met)
    both = {"community_id": door.community_id}
    db.session.add_all(
        [
            Floating(person_id=person.id, registered_on=date(2020, 1, 1), **both),
            Floating(person_id=twice.id, registered_on=date(2025, 1, 1), **both),
            TagAccess(person_id=twice.id, user_id=cast.worker.id, reason="走访", ends_at=now(), **both),
            KnownApart(first_id=place.people["李芳"].id, second_id=twice.id, **both),
            KnownApart(first_id=person.id, second_id=place.people["李芳"].id, **both),
            KnownApart(first_id=person.id, second_id=twice.id, **both),
        ]
    )
    db.session.commit()
    client, path = log_in("worker"), address(place, twice)
    before = summed_up(place)

    assert client.post(path, data=form_of(client, path)).status_code == 303

    assert sorted(db.session.execute(select(VisitPerson.visit_id, VisitPerson.person_id)).all()) == [
        (visit.id, person.id) for visit in visits
    ]
    assert dict(db.session.execute(select(Floating.registered_on, Floating.left_on)).all()) == {  # type: ignore[arg-type]
        date(2020, 1, 1): date(2025, 1, 1),
        date(2025, 1, 1): None,
    }
    assert db.session.scalars(select(TagAccess.person_id)).one() == person.id
    assert db.session.execute(select(KnownApart.first_id, KnownApart.second_id)).all() == [
        (person.id, place.people["李芳"].id)
    ]
    assert undone(client, "merge_people").status_code == 303
    assert differences(before) == {}


def test_a_tag_carried_twice_is_carried_once_and_no_word_of_it_goes(place: Place, twice: Person, log_in: LogIn) -> None:
    person = place.people["王小明"]
    make_tag(person, since=date(2019, 1, 1))
    make_tag(twice, since=date(2022, 1, 1), attrs={"level": "一档"})
    db.session.commit()
    client, path = log_in("worker"), address(place, twice)

    client.post(path, data=form_of(client, path))

    rows = db.session.scalars(select(PersonTag).order_by(PersonTag.until.is_not(None))).all()
    assert [(row.person_id, row.since, row.until, row.attrs) for row in rows] == [
        (person.id, date(2019, 1, 1), None, {"level": "一档"}),
        (person.id, today(), today(), None),
    ]


def test_a_restricted_tag_is_neither_seen_nor_lost(place: Place, twice: Person, log_in: LogIn) -> None:
    tag, carrying = make_tag(twice, "drug_rehabilitation", attrs={"x": "y"})
    assert tag.restricted
    db.session.commit()
    client, path = log_in("worker"), address(place, twice)
    assert tag.label not in client.get(path).get_data(as_text=True)

    client.post(path, data=form_of(client, path))

    db.session.refresh(carrying)
    assert (carrying.person_id, carrying.until, carrying.attrs) == (place.people["王小明"].id, None, {"x": "y"})


def test_a_change_meanwhile_is_told_and_what_was_chosen_stays(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    words = form_of(client, path, home="other", since="2024-03-01") | {"take-name": "other"}
    twice.employer, twice.version = "花店", 2
    db.session.commit()

    answer = client.post(path, data=words)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "有人改了其中一个人" in page and "花店" in page
    assert 'name="take-name" value="other" checked' in page and 'value="2024-03-01"' in page
    assert 'name="other_version" value="2"' in page
    assert twice.merged_into_id is None


def test_a_move_meanwhile_is_told_too(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    words = form_of(client, path)
    db.session.scalars(select(Residency).where(Residency.person_id == twice.id)).one().to_on = today()
    db.session.commit()

    assert client.post(path, data=words).status_code == 409


def test_nobody_is_merged_behind_a_door_that_is_not_held(
    place: Place, twice: Person, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that was taken back when the doors were read, and is there again when they are held."""
    client, path = log_in("worker"), address(place, twice)
    words, real, read, person_id = form_of(client, path), duplicate_actions.stays_of, list[int](), twice.id

    def stays_of(*ids: int) -> list[Residency]:
        read.append(len(real(*ids)))
        return [stay for stay in real(*ids) if len(read) > 1 or stay.person_id != person_id]

    monkeypatch.setattr(duplicate_actions, "stays_of", stays_of)

    assert client.post(path, data=words).status_code == 409 and read == [2, 2]
    monkeypatch.undo()
    assert client.post(path, data=form_of(client, path)).status_code == 303


def test_two_taps_merge_once(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    words = form_of(client, path)

    answers = [client.post(path, data=words) for _tap in (1, 2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    told = select(AuditEntry).where(AuditEntry.action == "merge_people", AuditEntry.part_of_id.is_(None))
    assert len(db.session.scalars(told).all()) == 1


def test_both_doors_tell_it(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)

    client.post(path, data=form_of(client, path))

    for code in ("1-1-101", "1-2-101"):
        assert "合并重复人员" in client.get(f"/households/{place.doors[code].public_id}").get_data(as_text=True)


def test_an_old_link_leads_to_who_is_left(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    client.post(path, data=form_of(client, path))
    kept = place.people["王小明"].public_id

    for page in ("/people/{}/edit", "/people/{}/move-out", "/persons/{}/tags", "/persons/{}/floating"):
        answer = client.get(page.format(twice.public_id))
        assert (answer.status_code, answer.headers.get("Location")) == (302, page.format(kept))

    assert client.post(f"/people/{twice.public_id}", data={"name": "x"}).status_code == 409
    assert log_in("other").get(f"/people/{twice.public_id}/edit").status_code == 404
    assert log_in("head").get(f"/people/{twice.public_id}/edit").status_code == 403


def test_the_finder_finds_one(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    client.post(path, data=form_of(client, path) | {"take-name": "kept"})

    assert "1-2-101" not in client.post("/find", data={"words": "王晓明"}).get_data(as_text=True)
    assert "1-1-101" in client.post("/find", data={"words": "19900088888"}).get_data(as_text=True)


@pytest.mark.parametrize("home", ["kept", "other"])
@pytest.mark.parametrize("since", ["", "2019-01-01", "2025-01-01"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_it_is_taken_back_row_for_row(
    place: Place, twice: Person, log_in: LogIn, home: str, since: str, is_swapped: bool
) -> None:
    person = place.people["王小明"]
    make_tag(person)
    make_tag(twice)
    kept, other = (twice, person) if is_swapped else (person, twice)
    client, path = log_in("worker"), f"/duplicates/{kept.public_id}/{other.public_id}"
    before = summed_up(place)
    answer = client.post(path, data=form_of(client, path, home=home, since=since))
    assert differences(before)
    link = re.findall(r'href="/undo/([^"]+)"', client.get(answer.headers["Location"]).get_data(as_text=True))[0]
    assert "又是两个人" in client.get(f"/undo/{link}").get_data(as_text=True)

    assert client.post("/undo", data={"token": link}).status_code == 303

    assert differences(before) == {}


def test_it_is_not_taken_back_over_a_later_change(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    client.post(path, data=form_of(client, path))
    person = place.people["王小明"]
    db.session.refresh(person)
    person.phone = "19900077777"
    db.session.commit()

    answer = undone(client, "merge_people")

    assert answer.status_code == 422 and "又有人改过" in answer.get_data(as_text=True)
    db.session.refresh(twice)
    assert twice.merged_into_id == person.id


def test_only_who_merged_or_an_administrator_takes_it_back(place: Place, twice: Person, log_in: LogIn) -> None:
    admin, path = log_in("admin"), address(place, twice)
    admin.post(path, data=form_of(admin, path))

    assert undone(log_in("worker"), "merge_people").status_code == 422
    assert undone(log_in("street"), "merge_people").status_code == 403
    assert [undone(admin, "merge_people").status_code for _tap in (1, 2)] == [303, 303]
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.undoes_id > 0)).all()) == 1


def test_it_is_taken_back_from_the_history_of_either_door(place: Place, twice: Person, log_in: LogIn) -> None:
    client, path = log_in("worker"), address(place, twice)
    other_door = twice_lives_at(twice)
    before = summed_up(place)
    client.post(path, data=form_of(client, path))

    page = client.get(f"/households/{other_door}").get_data(as_text=True)
    link = re.findall(r'href="/undo/([^"]+)"', page)[0]

    assert client.post("/undo", data={"token": link}).status_code == 303 and differences(before) == {}


def twice_lives_at(twice: Person) -> str:
    wanted = select(Household.public_id).join(Residency, Residency.household_id == Household.id)
    return db.session.scalars(wanted.where(Residency.person_id == twice.id, Residency.to_on.is_(None))).one()


def test_the_dead_live_nowhere(place: Place, twice: Person, log_in: LogIn) -> None:
    twice.died_on = date(2025, 5, 5)
    db.session.scalars(select(Residency).where(Residency.person_id == twice.id)).one().to_on = date(2025, 5, 5)
    db.session.commit()
    client, path = log_in("worker"), address(place, twice)

    client.post(path, data=form_of(client, path))

    assert [to_on for _door, _from, to_on in stays(place.people["王小明"])] == [date(2025, 5, 5)]
