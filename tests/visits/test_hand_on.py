"""住户需要什么 → 事件: a need is handed on in the visit's own transaction."""

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry, Receipt
from grid.core.db import db
from grid.visits import actions
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place


def words(**more: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "found": "home", **more}


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the visits handed on, in place of the cases."""
    taken: list[tuple[Any, ...]] = []
    monkeypatch.setattr(actions, "handed_on", [lambda *given: taken.append(given)])
    return taken


def test_a_need_that_is_to_become_a_case_is_handed_on(
    cast: Cast, place: Place, log_in: LogIn, handed: list[tuple[Any, ...]]
) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/visits", data=words(needs="楼道灯坏了", case="facility"))

    ((who, household, visit_id, entry),) = handed
    assert (who.id, household.id) == (cast.worker.id, door.id)
    assert visit_id == db.session.scalar(select(Visit.id))
    assert (entry.case, entry.needs) == ("facility", "楼道灯坏了")


def test_without_a_kind_nothing_is_handed_on_and_sent_twice_it_is_once(
    cast: Cast, place: Place, log_in: LogIn, handed: list[tuple[Any, ...]]
) -> None:
    worker, url = log_in("worker"), f"/households/{place.doors['1-1-101'].public_id}/visits"
    again = words(content="和邻居吵架", case="dispute")

    worker.post(url, data=words(needs="想要一份政策单", case=""))
    worker.post(url, data=again)
    worker.post(url, data=again)

    assert [entry.case for _who, _door, _visit, entry in handed] == ["dispute"]


def test_where_nobody_takes_cases_the_visit_is_stored_all_the_same(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "handed_on", [])

    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(needs="修水管", case="facility")
    )

    assert answer.status_code == 303 and db.session.scalar(select(Visit.needs)) == "修水管"


def test_a_case_about_nothing_is_refused_with_what_to_do(
    cast: Cast, place: Place, log_in: LogIn, handed: list[tuple[Any, ...]]
) -> None:
    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(case="hazard", topics="safety")
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "转为事件要先写清楚" in page and handed == []
    assert 'id="case-hazard" value="hazard" checked' in page and 'id="topics-safety" value="safety" checked' in page


def test_an_unknown_kind_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(needs="修", case="nonsense")
    )

    assert answer.status_code == 422


def test_if_no_case_can_be_made_there_is_no_visit_either(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> None:
        raise RuntimeError("no case")

    monkeypatch.setattr(actions, "handed_on", [fail])

    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(needs="修", case="facility")
    )

    written = select(func.count()).where(AuditEntry.action == "record_visit")
    assert answer.status_code == 500
    assert [db.session.scalar(select(func.count()).select_from(model)) for model in (Visit, Receipt)] == [0, 0]
    assert db.session.scalar(written) == 0
