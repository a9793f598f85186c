"""A worker logs a visit from the household: three taps, once, for the past but not for the future."""

import contextvars
import threading
import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from grid.accounts.models import AuditChange, AuditEntry, Receipt
from grid.core.clock import local, now, today
from grid.core.db import db
from grid.visits.models import Visit, VisitPerson
from tests.conftest import LogIn
from tests.factories import Cast, Place


def visits() -> int:
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def test_three_taps_are_enough(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")

    answer = worker.post(
        f"/households/{door.public_id}/visits", data={"key": str(uuid.uuid4()), "found": "home", "topics": "safety"}
    )

    assert answer.status_code == 303
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.found, visit.topics, visit.kind, visit.worker_id) == ("home", ["safety"], "visit", cast.worker.id)
    db.session.refresh(door)
    assert door.last_visit_on == today()


def test_nobody_at_home_is_a_visit_but_does_not_count_as_having_met_them(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/visits", data={"key": "n" * 20, "found": "nobody"})

    db.session.refresh(door)
    assert visits() == 1 and door.last_visit_on is None


def test_the_same_entry_sent_again_is_stored_once_and_gets_the_same_answer(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    words = {"key": str(uuid.uuid4()), "found": "home", "content": "一切正常"}

    first = worker.post(f"/households/{door.public_id}/visits", data=words)
    again = worker.post(f"/households/{door.public_id}/visits", data=words)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Receipt-Visit"] == again.headers["Receipt-Visit"]
    assert visits() == 1
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1


def test_the_same_key_with_other_words_is_refused_and_can_be_mended(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    key = str(uuid.uuid4())
    worker.post(f"/households/{door.public_id}/visits", data={"key": key, "found": "home"})

    answer = worker.post(
        f"/households/{door.public_id}/visits", data={"key": key, "found": "nobody", "content": "改了"}
    )

    assert answer.status_code == 422 and visits() == 1
    page = answer.get_data(as_text=True)
    assert "改了" in page and key not in page


def test_the_same_key_at_another_door_is_not_taken_for_a_repeat(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, words = log_in("worker"), {"key": str(uuid.uuid4()), "found": "home"}
    worker.post(f"/households/{place.doors['1-1-101'].public_id}/visits", data=words)

    answer = worker.post(f"/households/{place.doors['1-1-102'].public_id}/visits", data=words)

    assert answer.status_code == 422 and visits() == 1


def test_twenty_phones_sending_the_same_entry_at_once_store_one(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    door = place.doors["1-1-101"].public_id
    clients = [log_in("worker") for _ in range(4)]
    words = {"key": str(uuid.uuid4()), "found": "home"}
    db.session.commit()
    answers: list[int] = []

    def send(n: int) -> None:
        for _ in range(5):
            # Past the test's own session: each thread is a phone of its own.
            answer = contextvars.Context().run(super(type(clients[n]), clients[n]).open, f"/households/{door}/visits",
                                               method="POST", data=words)  # fmt: skip
            answers.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 20 and visits() == 1


def test_the_past_may_be_logged_the_future_not(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    url = f"/households/{door.public_id}/visits"

    def at(days: int) -> str:
        return local(now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")

    yesterday = worker.post(url, data={"key": "y" * 20, "found": "home", "at": at(-1)})
    tomorrow = worker.post(url, data={"key": "t" * 20, "found": "home", "at": at(1), "content": "写好的话"})

    assert (yesterday.status_code, tomorrow.status_code) == (303, 422)
    assert "写好的话" in tomorrow.get_data(as_text=True)
    db.session.refresh(door)
    assert visits() == 1 and door.last_visit_on == today() - timedelta(days=1)


def test_only_people_who_live_there_can_have_been_met(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    met = [place.people["李芳"].public_id, place.people["曾志伟"].public_id]

    log_in("worker").post(f"/households/{door.public_id}/visits", data={"key": "m" * 20, "found": "home", "met": met})

    assert db.session.scalars(select(VisitPerson.person_id)).all() == [place.people["李芳"].id]


def test_a_promise_comes_back_on_its_day_and_a_visit_settles_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    url = f"/households/{door.public_id}/visits"
    last_week = local(now() - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    worker.post(url, data={"key": "a" * 20, "found": "home", "at": last_week, "due_on": today().isoformat()})
    db.session.refresh(door)
    before, promised = door.n_open, worker.get("/today").get_data(as_text=True)

    worker.post(url, data={"key": "b" * 20, "found": "home"})

    db.session.refresh(door)
    assert (before, door.n_open) == (1, 0)
    assert "约好回访" in promised and "约好回访" not in worker.get("/today").get_data(as_text=True)


def test_a_visit_is_written_down_with_who_and_when(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/visits", data={"key": "w" * 20, "found": "home"})

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "record_visit")).one()
    assert (entry.actor_id, entry.household_id) == (cast.worker.id, door.id)
    changes = db.session.scalars(select(AuditChange).where(AuditChange.entry_id == entry.id)).all()
    assert [(c.table_name, c.operation) for c in changes] == [("visit", "insert")]


def test_a_visit_logged_by_mistake_is_taken_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    worker.post(f"/households/{door.public_id}/visits", data={"key": "x" * 20, "found": "home"})
    visit = db.session.scalars(select(Visit)).one()

    worker.post(f"/visits/{visit.public_id}/withdraw")

    db.session.expire_all()
    assert door.last_visit_on is None and visit.deleted_at is not None
    assert worker.get(f"/visits/{visit.public_id}").status_code == 404


def test_text_longer_than_a_page_is_refused_with_its_limit(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    answer = log_in("worker").post(
        f"/households/{door.public_id}/visits", data={"key": "l" * 20, "found": "home", "content": "长" * 2001}
    )

    assert answer.status_code == 422 and "最多 2000 个字" in answer.get_data(as_text=True) and visits() == 0


def test_taking_back_a_visit_opens_the_promise_it_had_settled(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    url = f"/households/{door.public_id}/visits"

    def log(key: str, days_ago: int, **words: str) -> str:
        at = local(now() - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M")
        return str(
            worker.post(url, data={"key": key * 20, "found": "home", "at": at, **words}).headers["Receipt-Visit"]
        )

    def left_open() -> int:
        db.session.expire_all()
        return door.n_open

    log("a", 9, due_on=(today() - timedelta(days=5)).isoformat())
    # Kept twice; nobody at home does not keep it.
    kept, again = log("b", 3), log("c", 2)
    log("d", 1, found="nobody")
    settled = left_open()
    worker.post(f"/visits/{again}/withdraw")
    still_kept = left_open()
    worker.post(f"/visits/{kept}/withdraw")

    assert (settled, still_kept, left_open()) == (0, 0, 1)
    assert "约好回访" in worker.get("/today").get_data(as_text=True)


def test_a_promise_goes_with_the_visit_that_made_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    words = {"key": "p" * 20, "found": "home", "due_on": (today() + timedelta(days=3)).isoformat()}
    made = worker.post(f"/households/{door.public_id}/visits", data=words).headers["Receipt-Visit"]

    worker.post(f"/visits/{made}/withdraw")

    db.session.expire_all()
    assert db.session.scalars(select(Visit)).one().closed and door.n_open == 0
