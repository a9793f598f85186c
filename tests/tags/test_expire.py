"""What was taken off is deleted when its days are over; who looked stays in the log."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from grid.accounts.models import AuditChange, AuditEntry
from grid.core.clock import now, today
from grid.core.db import db
from grid.register.models import PersonTag, TagAccess
from grid.tags.access_actions import ask_access
from grid.tags.carrying_actions import purge_tags
from grid.tags.purge_queries import SPENT
from grid.visits.models import Visit, VisitPerson
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_tag


def test_it_goes_on_its_day_and_not_before(app: Flask, cast: Cast, place: Place) -> None:
    person, day = place.people["王小明"], today()
    ago = [timedelta(days=n) for n in (365, 364)]
    for until in [day - days for days in ago] + [None]:
        make_tag(person, "released", since=day - timedelta(days=900), until=until, attrs={"f1": "机密"})
    make_tag(person, "low_income", until=day - timedelta(days=2000))
    ask_access(cast.worker, place.community.id, "按期联系", now() - timedelta(days=500), person.id)
    db.session.commit()

    said = app.test_cli_runner().invoke(args=["tags", "purge"])

    assert "1" in said.output and said.exit_code == 0
    left = db.session.scalars(select(PersonTag.until).order_by(PersonTag.id)).all()
    assert left == [SPENT, day - ago[1], None, day - timedelta(days=2000)]
    assert db.session.scalar(select(func.count()).select_from(TagAccess)) == 1
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purge_tags")).one()
    assert (line.community_id, line.words, line.actor_id) == (place.community.id, "1", None)
    # What was filled in is not told to the log, which never lets go.
    assert all("机密" not in f"{change.old} {change.new}" for change in db.session.scalars(select(AuditChange)))


def test_a_second_time_there_is_nothing_to_do(cast: Cast, place: Place) -> None:
    make_tag(place.people["王小明"], "released", until=today() - timedelta(days=400))
    db.session.commit()

    assert [purge_tags(today()), purge_tags(today())] == [1, 0]
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "purge_tags")) == 1


def test_talks_stay_closed_and_nothing_else_is_left_of_a_restricted_one(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    person, door = place.people["王小明"], place.doors["1-1-101"]
    long_ago = today() - timedelta(days=400)
    said = {"until": long_ago, "source": "司法所", "carer": "联系人甲", "attrs": {"f1": "机密"}}
    _tag, row = make_tag(person, "released", since=long_ago, **said)
    _tag, ordinary = make_tag(person, "low_income", since=long_ago, until=long_ago)
    ordinary_id, _tag.retention_days = ordinary.id, 30
    here = {"community_id": place.community.id, "household_id": door.id, "worker_id": cast.worker.id}
    talk = Visit(**here, at=now() - timedelta(days=500), kind="talk", found="home", content="谈了就业")
    db.session.add(talk)
    db.session.flush()
    db.session.add(VisitPerson(visit_id=talk.id, person_id=person.id))
    db.session.commit()

    assert purge_tags(today()) == 2

    db.session.expire_all()
    assert db.session.get(PersonTag, ordinary_id) is None
    assert (row.since, row.until, row.source, row.carer, row.attrs) == (None, SPENT, None, None, None)
    worker, at = log_in("worker"), f"/persons/{person.public_id}/restricted"
    assert "谈了就业" not in worker.get(f"/households/{door.public_id}").text
    worker.post(at, data={"why": "contact"})
    assert "没有受限标签" in worker.get(at).text
    assert worker.get(f"/persons/{person.public_id}/tags/{row.public_id}").status_code == 404
