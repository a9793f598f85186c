"""A worker takes the own patch along: all of it, and nothing else."""

import gzip
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import now, today
from grid.core.db import db
from grid.register.models import PersonTag, Tag
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person


def test_it_holds_every_door_of_the_patch_and_no_other(cast: Cast, place: Place, log_in: LogIn) -> None:
    pack = log_in("worker").get("/m/pack").get_json()

    mine = {door.public_id for code, door in place.doors.items() if code[0] in "12"}
    assert set(pack["households"]) == mine
    assert {f"/buildings/{building.public_id}" for building in place.buildings[:2]} <= set(pack["pages"])
    assert (pack["user"], pack["name"]) == (cast.worker.public_id, "孟网格")
    everything = str(pack)
    assert "王小明" in everything and "曾志伟" not in everything and "王外人" not in everything


def test_a_household_shows_who_lives_there_and_whom_to_call(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    facts = {"worker_id": cast.worker.id, "found": "home", "content": "灯坏了", "at": now() - timedelta(days=1)}
    db.session.add(Visit(community_id=door.community_id, household_id=door.id, **facts))
    db.session.commit()

    household = log_in("worker").get("/m/pack").get_json()["households"][door.public_id]

    assert "王小明" in household["page"] and "tel:19900012345" in household["page"] and "灯坏了" in household["page"]
    assert "990101********1218" in household["page"] and "990101198001011218" not in str(household)
    assert household["residents"] == [[place.people[name].public_id, name] for name in ("王小明", "李芳")]
    assert (household["code"], household["version"]) == ("1-1-101", 1)
    assert household["fields"] == {"use": "dwelling", "occupancy": "own"}


def test_restricted_tags_stay_behind(cast: Cast, place: Place, log_in: LogIn) -> None:
    for code in ("released", "living_alone"):
        tag = db.session.scalars(select(Tag).where(Tag.community_id == place.community.id, Tag.code == code)).one()
        person = place.people["王小明"]
        since = today() - timedelta(days=400)
        db.session.add(PersonTag(community_id=place.community.id, person_id=person.id, tag_id=tag.id, since=since))
    db.session.commit()

    everything = log_in("worker").get("/m/pack").text

    assert "独居" in everything and "刑满释放" not in everything
    # Nor what its rule asks for: overdue like the other's, which is a visit.
    assert "走访 · 逾期" in everything and "谈话 · 逾期" not in everything


def test_the_forms_are_drawn_once_for_any_door(cast: Cast, place: Place, log_in: LogIn) -> None:
    forms = log_in("worker").get("/m/pack").get_json()["forms"]

    assert 'action="/households/@/visits"' in forms["visit"] and "@code" in forms["visit"]
    assert "<div data-residents></div>" in forms["visit"] and "data-outbox" in forms["visit"]
    assert "傅外人" in forms["visit"] and 'data-template="daily"' in forms["visit"]
    assert 'action="/households/@"' in forms["household"] and 'name="version"' in forms["household"]


def test_it_is_sent_again_only_when_something_changed(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    first = worker.get("/m/pack")
    again = worker.get("/m/pack", headers={"If-None-Match": first.headers["ETag"]})
    make_person(place.doors["1-1-102"], "新来的")
    db.session.commit()
    later = worker.get("/m/pack", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert later.status_code == 200 and "新来的" in later.text


def test_it_travels_zipped(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("worker").get("/m/pack", headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    assert b'"households":' in gzip.decompress(answer.data)


def test_taking_it_is_written_down(cast: Cast, place: Place, log_in: LogIn) -> None:
    log_in("worker").get("/m/pack")

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "take_pack")).one()
    assert (entry.actor_id, entry.community_id) == (cast.worker.id, place.community.id)


def test_it_asks_the_same_number_of_questions_however_many_live_there(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    worker = log_in("worker")
    worker.get("/m/pack")
    count_queries()
    worker.get("/m/pack")
    few = count_queries()
    for door in place.doors.values():
        make_person(door, "又一个人")
    db.session.commit()
    count_queries()
    worker.get("/m/pack")

    assert count_queries() == few
