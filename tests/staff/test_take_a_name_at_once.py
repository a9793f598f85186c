"""Two administrators give one name at the same moment: one gets it, the other is told."""

import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import User
from grid.core.db import db
from grid.register.models import Community
from grid.staff import queries
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before one of them has written."""
    real = queries.name_taken

    def wait(*given: Any) -> bool:
        taken = real(*given)
        time.sleep(0.3)
        return taken

    monkeypatch.setattr(queries, "name_taken", wait)


def together(*jobs: Callable[[], Any]) -> list[int]:
    codes = [0] * len(jobs)

    def run(n: int) -> None:
        codes[n] = Context().run(jobs[n]).status_code

    db.session.commit()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return sorted(codes)


def sending(client: Any, path: str, **words: str) -> Callable[[], Any]:
    return lambda: FlaskClient.open(client, path, method="POST", data=words)


def test_two_new_communities(cast: Cast, log_in: LogIn) -> None:
    codes = together(*[sending(log_in("admin"), "/communities/new", name="同名社区") for _n in range(2)])

    assert codes == [303, 422]
    assert db.session.scalar(select(func.count()).where(Community.name == "同名社区")) == 1


def test_two_renamed_communities(cast: Cast, place: Place, log_in: LogIn) -> None:
    factories.hand_out(db.session.get_one(User, cast.admin.id), place.other)
    words = {"name": "同一个名", "visit_every_days": "30", "report_days": "30", "preset": "standard"}

    codes = together(
        *[
            sending(log_in("admin"), f"/settings?community={community.public_id}", **words)
            for community in (place.community, place.other)
        ]
    )

    assert codes == [303, 422]
