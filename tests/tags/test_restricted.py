"""Restricted tags open to whoever is in charge and says why, for half an hour, and every look is written down."""

import uuid
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.core.clock import now, today
from grid.core.db import db
from grid.register.models import Person, PersonTag, Tag, TagAccess
from grid.tags.access_actions import ask_access
from grid.tags.queries import has_access, has_ledger_access
from grid.visits.models import Visit, VisitPerson
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_tag

LABEL = "社区矫正"


@pytest.fixture
def person(place: Place) -> Person:
    """Carries a restricted tag."""
    make_tag(place.people["王小明"], "community_correction", source="司法所")
    db.session.commit()
    return place.people["王小明"]


def at(person: Person) -> str:
    return f"/persons/{person.public_id}/restricted"


def opened(client: FlaskClient, person: Person) -> str:
    assert client.post(at(person), data={"why": "contact"}).status_code == 303
    return client.get(at(person)).text


def looks(action: str = "open_restricted") -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def test_a_reason_opens_it_for_half_an_hour(cast: Cast, person: Person, log_in: LogIn) -> None:
    worker = log_in("worker")
    asked = worker.get(at(person)).text
    assert LABEL not in asked.split("<main")[1] and "说明原因" in asked

    page = opened(worker, person)

    assert LABEL in page and "司法所" in page
    access = db.session.scalars(select(TagAccess)).one()
    assert access.ends_at - access.at == timedelta(minutes=30) and access.reason == "按期联系走访"
    assert (looks("ask_restricted"), looks()) == (1, 1)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({}, 422),
        ({"words": "看看"}, 422),
        ({"why": "other"}, 422),
        ({"why": "other", "words": "看"}, 422),
        ({"why": "curious"}, 422),
        ({"why": "other", "words": "街道要核实"}, 303),
        ({"words": "街道要核实"}, 303),
        ({"why": "urgent"}, 303),
    ],
)
def test_the_reason_has_to_say_something(
    cast: Cast, person: Person, log_in: LogIn, words: dict[str, str], status: int
) -> None:
    answer = log_in("worker").post(at(person), data=words)

    assert answer.status_code == status
    assert db.session.scalar(select(func.count()).select_from(TagAccess)) == (1 if status == 303 else 0)
    assert status == 303 or words.get("words", "") in answer.text


def test_it_closes_again_and_opens_to_nobody_else(cast: Cast, place: Place, person: Person, log_in: LogIn) -> None:
    worker = log_in("worker")
    opened(worker, person)
    assert LABEL not in log_in("admin").get(at(person)).text
    assert LABEL not in worker.get(f"/persons/{place.people['李芳'].public_id}/restricted").text

    access = db.session.scalars(select(TagAccess)).one()
    access.ends_at = now() - timedelta(seconds=1)
    db.session.commit()

    assert LABEL not in worker.get(at(person)).text
    row = db.session.scalars(select(PersonTag)).one()
    again = worker.get(f"/persons/{person.public_id}/tags/{row.public_id}")
    assert (again.status_code, again.location) == (303, at(person))
    assert LABEL in opened(worker, person)
    assert db.session.scalar(select(func.count()).select_from(TagAccess)) == 2


def test_it_is_given_changed_and_taken_off_only_while_it_is_open(
    cast: Cast, place: Place, person: Person, log_in: LogIn
) -> None:
    worker = log_in("worker")
    other = db.session.scalars(
        select(Tag).where(Tag.code == "drug_rehabilitation", Tag.community_id == place.community.id)
    ).one()
    row = db.session.scalars(select(PersonTag)).one()
    tags = f"/persons/{person.public_id}/tags"
    words = {"key": str(uuid.uuid4()), "tag": other.public_id, "since": str(today())}
    posts = [(tags, words), (f"{tags}/{row.public_id}/take-off", {"until": str(today())})]
    closed = [worker.post(url, data=data) for url, data in posts]
    assert [answer.location for answer in closed] == [at(person)] * 2
    assert db.session.scalar(select(func.count()).select_from(PersonTag)) == 1

    opened(worker, person)
    answers = [worker.post(url, data=data) for url, data in posts]

    assert [answer.status_code for answer in answers] == [303, 303]
    db.session.expire_all()
    assert row.until == today()
    assert worker.get(at(person)).text.count("戒毒康复") == 1
    history = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("%restricted_tag"))).all()
    assert len(history) == 2 and all(line.household_id is None and not line.words for line in history)
    place_page = worker.get(f"/households/{place.doors['1-1-101'].public_id}").text
    assert "受限标签" not in place_page.split("<main")[1]


def test_talks_that_belong_to_it_open_with_it(cast: Cast, place: Place, person: Person, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    for met, words in ((person, "谈了矫正期满的打算"), (place.people["李芳"], "谈了孩子上学")):
        visit = Visit(
            community_id=door.community_id, household_id=door.id, worker_id=cast.worker.id, at=now(), kind="talk",
            found="home", content=words,
        )  # fmt: skip
        db.session.add(visit)
        db.session.flush()
        db.session.add(VisitPerson(visit_id=visit.id, person_id=met.id))
    db.session.commit()
    ids = [visit.public_id for visit in db.session.scalars(select(Visit).order_by(Visit.id))]

    household = worker.get(f"/households/{door.public_id}").text
    closed = worker.get(f"/visits/{ids[0]}").text
    page = opened(worker, person)

    assert "矫正期满" not in household and "孩子上学" in household
    assert "矫正期满" not in closed and "矫正期满" in page and "孩子上学" not in page
    assert "矫正期满" in worker.get(f"/visits/{ids[0]}").text
    assert "孩子上学" in worker.get(f"/visits/{ids[1]}").text


def test_only_whom_the_definition_names_may_see_it(cast: Cast, person: Person, log_in: LogIn) -> None:
    tag = db.session.scalars(select(Tag).join(PersonTag, PersonTag.tag_id == Tag.id)).one()
    tag.viewers = []
    db.session.commit()

    assert LABEL not in opened(log_in("worker"), person)
    assert LABEL in opened(log_in("admin"), person)
    assert log_in("head").get(at(person)).status_code == 403
    assert log_in("street").post(at(person), data={"why": "urgent"}).status_code == 403
    assert log_in("other").post(at(person), data={"why": "urgent"}).status_code == 404


def test_a_ledger_has_an_access_of_its_own(cast: Cast, place: Place, person: Person) -> None:
    at, community_id = now(), place.community.id

    ask_access(cast.admin, community_id, "每月帮教例会", at)

    assert has_ledger_access(cast.admin.id, community_id, at)
    assert not has_ledger_access(cast.admin.id, community_id, at + timedelta(minutes=31))
    assert not has_ledger_access(cast.worker.id, community_id, at)
    assert not has_ledger_access(cast.admin.id, place.other.id, at)
    assert not has_access(cast.admin.id, person.id, at)
