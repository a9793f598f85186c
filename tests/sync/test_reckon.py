"""对账: a phone tells what it made; the server says whether it has the same, and which one it has not."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grid.accounts.models import Phone, Receipt
from grid.core.clock import now
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.sync.test_answer_an_outbox import outbox, send

DEVICE = "phone-1234"


def told(*entries: tuple[str, str], device: str = DEVICE, **more: Any) -> dict[str, Any]:
    at = (now() - timedelta(minutes=5)).isoformat()
    delivered = sorted(key for key, state in entries if state == "delivered")
    return {
        "device": device,
        "name": "安卓手机",
        "entries": [[key, state, f"走访 {key[:4]}", at] for key, state in entries],
        "hash": hashlib.sha256("\n".join(delivered).encode()).hexdigest(),
        **more,
    }


def sent(worker: FlaskClient, cast: Cast, place: Place, n: int) -> list[str]:
    keys = [str(uuid.uuid4()) for _ in range(n)]
    for key in keys:
        assert send(worker, cast.worker, place, key).status_code == 201
    return keys


def test_nine_are_nine(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    keys = sent(worker, cast, place, 9)
    words = told(*((key, "delivered") for key in keys))

    answer = worker.post("/m/reckoning", json=words).get_json()

    assert answer["agree"] and sorted(answer["held"]) == sorted(keys) and answer["hash"] == words["hash"]
    phone = db.session.scalars(select(Phone)).one()
    assert (phone.made, phone.delivered, phone.waiting, phone.returned, phone.differ) == (9, 9, 0, 0, [])
    assert phone.phone_hash == phone.server_hash and phone.stuck_since is None


def test_what_only_the_phone_has_is_named(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    (key,) = sent(worker, cast, place, 1)
    lost = str(uuid.uuid4())

    answer = worker.post("/m/reckoning", json=told((key, "delivered"), (lost, "delivered"))).get_json()

    assert not answer["agree"] and answer["only_phone"] == [lost]
    phone = db.session.scalars(select(Phone)).one()
    assert phone.differ == [{"key": lost, "label": f"走访 {lost[:4]}", "state": "only_phone"}]


def test_what_only_the_server_has_is_named(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    first, forgotten = sent(worker, cast, place, 2)

    answer = worker.post("/m/reckoning", json=told((first, "delivered"))).get_json()

    assert not answer["agree"] and answer["only_server"] == [forgotten]


def test_a_lost_acknowledgement_is_told_by_what_is_held(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    stored, unsent = *sent(worker, cast, place, 1), str(uuid.uuid4())

    answer = worker.post("/m/reckoning", json=told((stored, "waiting"), (unsent, "waiting"))).get_json()

    assert (answer["held"], answer["only_server"], answer["only_phone"]) == ([stored], [stored], [])
    assert not answer["agree"]
    phone = db.session.scalars(select(Phone)).one()
    assert (phone.made, phone.waiting) == (2, 2) and phone.stuck_since is not None


def test_other_people_other_phones_and_what_was_before_do_not_count(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")
    (mine, before) = sent(worker, cast, place, 2)
    db.session.execute(update(Receipt).where(Receipt.key == before).values(at=now() - timedelta(days=1)))
    send(admin, cast.admin, place)
    other = str(uuid.uuid4())
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"
    headers = {**outbox(cast.worker, other), "Outbox-Device": "tablet-999"}
    worker.post(url, data={"key": other, "found": "home"}, headers=headers)

    answer = worker.post("/m/reckoning", json=told((mine, "delivered"))).get_json()

    assert answer["agree"]
    # Somebody else's entry is not held by me, whatever its key.
    assert admin.post("/m/reckoning", json=told((mine, "delivered"))).get_json()["only_phone"] == [mine]


def test_the_last_word_of_a_phone_counts(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, key = log_in("worker"), str(uuid.uuid4())
    worker.post("/m/reckoning", json=told((key, "waiting")))
    send(worker, cast.worker, place, key)
    worker.post("/m/reckoning", json=told((key, "delivered")))
    worker.post("/m/reckoning", json=told(device="tablet-999"))

    found = db.session.execute(select(Phone.device, Phone.made, Phone.waiting).order_by(Phone.id)).all()
    assert [tuple(row) for row in found] == [(DEVICE, 1, 0), ("tablet-999", 0, 0)]


def test_a_phone_that_logs_out_is_forgotten(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    worker.post("/m/reckoning", json=told())
    worker.post("/m/reckoning", json=told(device="tablet-999"))

    worker.post("/logout", headers={"Outbox-Device": DEVICE})

    assert db.session.scalars(select(Phone.device)).all() == ["tablet-999"]


@pytest.mark.parametrize(
    "words",
    [
        None,
        [],
        "x",
        {"device": DEVICE},
        {"device": "<script>", "entries": []},
        {"device": 5, "entries": []},
        {"device": DEVICE, "entries": [["short"]]},
        {"device": DEVICE, "entries": [["k" * 20, "eaten", "", "2026-01-01T00:00:00+08:00"]]},
        {"device": DEVICE, "entries": [["k" * 20, "waiting", "", "yesterday"]]},
        {"device": DEVICE, "entries": [["k'; DROP TABLE", "waiting", "", "2026-01-01T00:00:00+08:00"]]},
    ],
)
def test_what_no_phone_says_is_refused(cast: Cast, log_in: LogIn, words: Any) -> None:
    assert log_in("worker").post("/m/reckoning", json=words).status_code == 422
    assert db.session.scalars(select(Phone)).all() == []
