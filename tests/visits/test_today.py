"""今天: where to go next, in the order of a walk."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from grid.core.clock import now, today
from grid.core.db import db
from grid.visits import views
from grid.visits.models import Visit
from grid.visits.queries import long_unvisited
from tests.conftest import LogIn
from tests.factories import Cast, Place


def codes(cast_scope: object, since: date) -> list[str]:
    return [door[1] for door in long_unvisited(cast_scope, since)]  # type: ignore[arg-type]


def test_who_was_not_met_for_long_comes_as_a_climb(cast: Cast, place: Place) -> None:
    place.doors["1-1-102"].last_visit_on = today() - timedelta(days=3)
    place.doors["2-1-201"].last_visit_on = today() - timedelta(days=40)
    db.session.commit()

    found = codes(cast.admin.scope, today() - timedelta(days=30))

    # 1-1-102 was met lately, empty doors have nobody to meet, 槐荫社区 is not in scope.
    assert found == ["1-1-101", "2-1-201", "3-2-302"]


def test_a_worker_sees_only_the_patch_and_a_mixed_scope_all_of_both(cast: Cast, place: Place) -> None:
    mixed = replace(cast.worker.scope, communities=(place.other.id,))

    assert codes(cast.worker.scope, today()) == ["1-1-101", "1-1-102", "2-1-201"]
    assert codes(mixed, today()) == ["1-1-101", "1-1-102", "2-1-201", "1-1-101"]


def test_the_page_names_the_door_its_head_and_the_way_to_log(cast: Cast, place: Place, log_in: LogIn) -> None:
    page = log_in("worker").get("/today").get_data(as_text=True)

    assert "王小明" in page and f"/households/{place.doors['1-1-101'].public_id}/visits/new" in page
    assert "曾志伟" not in page and "王外人" not in page


def test_where_everything_is_done_it_says_what_to_do_next(cast: Cast, place: Place, log_in: LogIn) -> None:
    for door in place.doors.values():
        door.last_visit_on = today()
    db.session.commit()

    assert "都走到了" in log_in("worker").get("/today").get_data(as_text=True)


def test_a_door_where_nobody_was_met_is_not_called_unvisited(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    worker.post(f"/households/{door.public_id}/visits", data={"key": "t" * 20, "found": "nobody"})
    place.doors["1-1-102"].last_visit_on = today() - timedelta(days=40)
    db.session.commit()

    page = worker.get("/today").get_data(as_text=True)

    assert "还没见到人" in page and f"上次见到人 {today() - timedelta(days=40)}" in page
    assert "走访</span>" not in page and "从未走访" not in page and "上次走访" not in page


def test_both_lists_say_when_there_are_more_doors_than_they_show(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("1-1-101", "1-1-102", "2-1-201"):
        door = place.doors[code]
        long_ago = {"at": now() - timedelta(days=9), "recorded_at": now() - timedelta(days=9)}
        facts = {"worker_id": cast.worker.id, "found": "home", "due_on": today(), **long_ago}
        db.session.add(Visit(community_id=door.community_id, household_id=door.id, **facts))
    db.session.commit()
    worker = log_in("worker")

    monkeypatch.setattr(views, "MOST_DUE", 3)
    all_of_them = worker.get("/today").get_data(as_text=True)
    monkeypatch.setattr(views, "MOST_DUE", 2)
    first_two = worker.get("/today").get_data(as_text=True)

    assert all_of_them.count("<b>3</b>") == 2 and "+</b>" not in all_of_them
    assert first_two.count("<b>2+</b>") == 2 and first_two.count("/visits/new") == 4
