"""A choice sent many times is one choice."""

from sqlalchemy import select

from grid.core.db import db
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place


def test_a_topic_repeated_is_kept_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"].public_id
    words = {"key": "a" * 32, "found": "home", "kind": "visit", "topics": ["safety"] * 1000, "met": ["x"] * 1000}

    assert log_in("worker").post(f"/households/{door}/visits", data=words).status_code == 303

    assert db.session.scalar(select(Visit.topics)) == ["safety"]
