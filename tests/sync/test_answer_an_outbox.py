"""An outbox sends an entry: what the server says about it, and what it never says."""

import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import Me, Receipt
from grid.core.clock import now
from grid.core.db import db
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place


def outbox(person: Me, key: str, **more: str) -> dict[str, str]:
    return {"Outbox-Key": key, "Outbox-Owner": person.public_id, "Outbox-Device": "phone-1234", **more}


def send(client: FlaskClient, person: Me, place: Place, key: str = "", **words: Any) -> Any:
    key = key or str(uuid.uuid4())
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"
    return client.post(url, data={"key": key, "found": "home", **words}, headers=outbox(person, key))


def visits() -> int:
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def test_what_is_stored_is_acknowledged_by_its_key(cast: Cast, place: Place, log_in: LogIn) -> None:
    key = str(uuid.uuid4())

    answer = send(log_in("worker"), cast.worker, place, key)

    assert answer.status_code == 201 and answer.headers["Receipt-Key"] == answer.headers["Outbox-Key"] == key
    assert answer.get_json()["next"] == f"/households/{place.doors['1-1-101'].public_id}?done=visit"
    receipt = db.session.scalars(select(Receipt)).one()
    assert (receipt.key, receipt.user_id, receipt.device) == (key, cast.worker.id, "phone-1234")


def test_the_same_entry_again_is_acknowledged_again_and_stored_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, key = log_in("worker"), str(uuid.uuid4())

    answers = [send(worker, cast.worker, place, key) for _ in range(3)]

    assert [(a.status_code, a.headers["Receipt-Key"]) for a in answers] == [(201, key)] * 3 and visits() == 1


def test_what_is_refused_is_said_about_but_not_acknowledged(cast: Cast, place: Place, log_in: LogIn) -> None:
    key = str(uuid.uuid4())

    answer = send(log_in("worker"), cast.worker, place, key, content="长" * 2001)

    assert answer.status_code == 422 and "最多 2000 个字" in answer.text
    assert answer.headers["Outbox-Key"] == key and "Receipt-Key" not in answer.headers


def test_outside_the_patch_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    key = str(uuid.uuid4())
    url = f"/households/{place.doors['3-2-302'].public_id}/visits"

    answer = log_in("worker").post(url, data={"key": key, "found": "home"}, headers=outbox(cast.worker, key))

    assert answer.status_code == 404 and answer.headers["Outbox-Key"] == key and visits() == 0


def test_an_entry_of_somebody_else_is_not_taken(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = send(log_in("admin"), cast.worker, place)
    unbound = log_in("admin").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits",
        data={"key": "u" * 20, "found": "home"},
        headers={"Outbox-Key": "u" * 20, "Outbox-Device": "phone-1234"},
    )

    assert (answer.status_code, unbound.status_code, visits()) == (423, 423, 0)
    assert answer.get_json() == {"here": "社长"}


def test_without_a_login_it_is_kept(app: Flask, cast: Cast, place: Place) -> None:
    answer = send(app.test_client(), cast.worker, place)

    assert answer.status_code == 401 and answer.headers["Outbox-Key"] and "Receipt-Key" not in answer.headers


def test_a_header_that_does_not_belong_to_the_entry_acknowledges_nothing(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"

    answer = log_in("worker").post(url, data={"key": "a" * 20, "found": "home"}, headers=outbox(cast.worker, "b" * 20))

    assert answer.status_code == 303 and "Receipt-Key" not in answer.headers


@pytest.mark.parametrize("key", ["x\r\nSet-Cookie: a=b", "<script>", "短", "k" * 65])
def test_nothing_made_up_badly_is_echoed(cast: Cast, place: Place, log_in: LogIn, key: str) -> None:
    client = log_in("worker")
    headers = {**outbox(cast.worker, ""), "Outbox-Key": key.replace("\r\n", "").encode("utf-8").decode("latin-1")}

    answer = client.post("/find", data={"words": "王"}, headers=headers)

    assert "Outbox-Key" not in answer.headers


def test_an_edit_goes_through_it_and_a_clash_comes_back_with_a_new_key(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker, admin = place.doors["1-1-101"], log_in("worker"), log_in("admin")
    url, words = f"/households/{door.public_id}", {"version": "1", "use": "dwelling"}
    stored = admin.post(url, data={**words, "key": "a" * 20, "note": "他写的"}, headers=outbox(cast.admin, "a" * 20))

    clash = worker.post(url, data={**words, "key": "b" * 20, "note": "我写的"}, headers=outbox(cast.worker, "b" * 20))

    assert (stored.status_code, clash.status_code) == (201, 409)
    assert stored.get_json()["version"] == "2"
    assert clash.headers["Outbox-Key"] == "b" * 20 and "Receipt-Key" not in clash.headers
    assert "他写的" in clash.text and "我写的" in clash.text and 'name="key" value="' in clash.text
    assert f'value="{"b" * 20}"' not in clash.text


# The form's token is long gone when an entry is sent: what counts is where the browser says it comes from.
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "none"}, 400),
        ({"Origin": "http://localhost"}, 201),
        ({"Origin": "http://localhost:81"}, 400),
        ({"Origin": "http://evil.example"}, 400),
        ({"Origin": "null"}, 400),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 400),
        ({}, 400),
    ],
)
def test_only_ones_own_pages_can_send_without_a_token(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, told: dict[str, str], status: int
) -> None:
    worker, key = log_in("worker"), str(uuid.uuid4())
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        url = f"/households/{place.doors['1-1-101'].public_id}/visits"
        answer = worker.post(url, data={"key": key, "found": "home"}, headers=outbox(cast.worker, key, **told))
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (answer.status_code, visits()) == (status, int(status == 201))


def test_a_page_without_an_outbox_is_answered_as_ever(cast: Cast, place: Place, log_in: LogIn) -> None:
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"

    answer = log_in("worker").post(url, data={"key": "p" * 20, "found": "home"})

    assert answer.status_code == 303 and "Outbox-Key" not in answer.headers
    assert db.session.scalars(select(Receipt.device)).one() == ""


def test_an_entry_kept_for_two_hours_was_made_two_hours_ago(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, keys = log_in("worker"), [str(uuid.uuid4()) for _ in range(3)]
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"
    for key, age in zip(keys, ("7200", "", "-5"), strict=True):
        worker.post(url, data={"key": key, "found": "home"}, headers=outbox(cast.worker, key, **{"Outbox-Age": age}))
    # The next page on the same thread knows nothing of it.
    worker.post(url, data={"key": "n" * 20, "found": "home"})

    ago = [
        round((now() - visit.at).total_seconds() / 600)
        for visit in db.session.scalars(select(Visit).order_by(Visit.id))
    ]
    assert ago == [12, 0, 0, 0]
