"""A promise is settled by meeting somebody from three days before its day on, in whatever order the entries arrive."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from grid.core.clock import local, now, today
from grid.core.db import db
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place


@pytest.fixture
def log(cast: Cast, place: Place, log_in: LogIn) -> "Log":
    return Log(place, log_in)


class Log:
    """Logs visits to one door, by how many days ago they were."""

    def __init__(self, place: Place, log_in: LogIn) -> None:
        self.door, self.worker = place.doors["1-1-101"], log_in("worker")
        self.n = 0

    def __call__(self, days_ago: int, due_ago: int | None = None, found: str = "home") -> str:
        self.n += 1
        at = local(now() - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M")
        words = {"key": f"{self.n:020d}", "found": found, "at": at}
        if due_ago is not None:
            words["due_on"] = day(due_ago).isoformat()
        answer = self.worker.post(f"/households/{self.door.public_id}/visits", data=words)
        assert answer.status_code == 303
        return answer.headers["Receipt-Visit"]

    def withdraw(self, public_id: str) -> None:
        assert self.worker.post(f"/visits/{public_id}/withdraw").status_code == 303

    def is_open(self, public_id: str) -> bool:
        db.session.rollback()
        db.session.refresh(self.door)
        closed = db.session.scalars(select(Visit.closed).where(Visit.public_id == public_id)).one()
        left = select(func.count()).where(Visit.due_on.is_not(None), Visit.deleted_at.is_(None), ~Visit.closed)
        assert self.door.n_open == db.session.scalar(left)
        return not closed


def day(ago: int) -> date:
    return today() - timedelta(days=ago)


def test_what_arrives_late_and_was_kept_already_is_not_open(log: Log) -> None:
    log(2)

    promise = log(9, due_ago=5)

    assert not log.is_open(promise)
    assert "约好回访" not in log.worker.get("/today").text


def test_what_arrives_late_and_was_not_kept_is_open(log: Log) -> None:
    log(8)
    log(2, found="nobody")
    log.withdraw(log(1))

    assert log.is_open(log(9, due_ago=4))


@pytest.mark.parametrize(("due_in", "is_open"), [(1, False), (3, False), (4, True)])
def test_meeting_somebody_while_it_is_shown_settles_it(log: Log, due_in: int, is_open: bool) -> None:
    promise = log(9, due_ago=-due_in)
    log(0)
    settled = log.is_open(promise)
    # The same whichever comes first, and when all is counted anew.
    late = log(8, due_ago=-due_in)
    log.withdraw(log(0, found="nobody"))

    assert (settled, log.is_open(late), log.is_open(promise)) == (is_open, is_open, is_open)


def test_a_visit_before_it_was_made_settles_nothing(log: Log) -> None:
    promise = log(1, due_ago=-1)

    log(2)
    before = log.is_open(promise)
    log.withdraw(log(0, found="nobody"))

    assert before and log.is_open(promise)


def test_a_promise_does_not_settle_itself(log: Log) -> None:
    promise = log(0, due_ago=-1)
    log.withdraw(log(0, found="nobody"))

    assert log.is_open(promise)
