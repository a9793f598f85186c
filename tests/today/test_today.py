"""今天: where to go next, and why, in the order of a walk."""

from dataclasses import replace
from datetime import date

import pytest

from grid.core.clock import today
from grid.core.db import db
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out, make_person, make_user, me_of
from tests.today.given import carry, codes, days_ago, visit, why


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        (22, []),
        (23, [("early", "unvisited", -7, None, 1)]),
        (29, [("early", "unvisited", -1, None, 1)]),
        (30, [("due", "unvisited", 0, None, 1)]),
        (31, [("overdue", "unvisited", 1, None, 1)]),
        (400, [("overdue", "unvisited", 370, None, 1)]),
    ],
)
def test_a_home_is_due_when_nobody_was_met_for_as_long_as_the_community_says(
    cast: Cast, place: Place, ago: int, found: list[object]
) -> None:
    visit(place.doors["1-1-101"], cast.worker, ago)

    assert why(cast.worker, "1-1-101") == found


def test_where_nobody_was_ever_met_it_is_overdue(cast: Cast, place: Place) -> None:
    visit(place.doors["1-1-102"], cast.worker, 1, found="nobody")

    assert why(cast.worker, "1-1-101") == why(cast.worker, "1-1-102") == [("overdue", "never", 0, None, 1)]


def test_empty_doors_and_shops_have_nobody_to_meet(cast: Cast, place: Place) -> None:
    place.doors["1-1-102"].use = "shop"
    db.session.commit()

    assert codes(cast.worker) == ["1-1-101", "2-1-201"]


def test_each_community_counts_by_its_own_rule(cast: Cast, place: Place) -> None:
    place.other.visit_every_days = 90
    both = replace(cast.admin, scope=replace(cast.admin.scope, communities=(place.community.id, place.other.id)))
    visit(place.doors["1-1-101"], cast.admin, 31)
    visit(place.other_door, cast.admin, 31)
    for code in ("1-1-102", "2-1-201", "3-2-302"):
        visit(place.doors[code], cast.admin, 0)
    early = codes(both)
    visit(place.other_door, cast.admin, 0, deleted_at=None, found="nobody")

    place.other.visit_every_days = 30
    db.session.commit()

    assert early == ["1-1-101"] and codes(both) == ["1-1-101", "1-1-101"]


def test_a_worker_sees_only_the_patch_and_a_mixed_scope_all_of_both(cast: Cast, place: Place) -> None:
    mixed = replace(cast.worker, scope=replace(cast.worker.scope, communities=(place.other.id,)))

    assert codes(cast.worker) == ["1-1-101", "1-1-102", "2-1-201"]
    assert codes(mixed) == ["1-1-101", "1-1-102", "2-1-201", "1-1-101"]
    assert codes(cast.admin) == ["1-1-101", "1-1-102", "2-1-201", "3-2-302"]


def test_the_patch_holds_for_rules_and_promises_too(cast: Cast, place: Place) -> None:
    door = place.doors["3-2-302"]
    visit(door, cast.other_worker, 0, due_on=today())
    carry(place.people["曾志伟"], 30, "talk", since=days_ago(40))

    assert "3-2-302" not in codes(cast.worker) and "3-2-302" in codes(cast.other_worker)


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (4, []),
        (3, [("early", "promise", -3, None, 1)]),
        (0, [("due", "promise", 0, None, 1)]),
        (-1, [("overdue", "promise", 1, None, 1)]),
    ],
)
def test_a_promise_is_shown_three_days_before_and_overdue_the_day_after(
    cast: Cast, place: Place, ahead: int, found: list[object]
) -> None:
    visit(place.doors["1-1-101"], cast.worker, 9, due_on=days_ago(-ahead))

    assert why(cast.worker, "1-1-101") == found


def test_of_several_promises_the_earliest_counts(cast: Cast, place: Place) -> None:
    for due in (2, -2, 1):
        visit(place.doors["1-1-101"], cast.worker, 9, due_on=days_ago(due))

    assert why(cast.worker, "1-1-101") == [("overdue", "promise", 2, None, 1)]


def test_a_successor_sees_what_others_promised(cast: Cast, place: Place) -> None:
    visit(place.doors["1-1-101"], cast.worker, 9, due_on=today())
    successor = make_user("new", "grid_worker", "新网格")
    db.session.commit()
    hand_out(successor, place.community, block_id=place.blocks[0].id)

    assert why(me_of(successor), "1-1-101") == [("due", "promise", 0, None, 1)]
    assert why(cast.other_worker, "1-1-101") == []


def test_a_household_stands_once_with_every_reason_the_most_urgent_first(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    visit(place.doors["1-1-101"], cast.worker, 25, due_on=days_ago(2))
    carry(place.people["王小明"], 20, "talk", grace=10)

    page = log_in("worker").get("/today").get_data(as_text=True)

    assert [reason[:3] for reason in why(cast.worker, "1-1-101")] == [
        ("overdue", "contact", (today() - date(2020, 1, 1)).days - 20),
        ("overdue", "promise", 2),
        ("early", "unvisited", -5),
    ]
    assert page.count("<b>1-1-101</b>") == 1 and "约好回访 · 逾期 2 天" in page and "常规走访 · 还有 5 天" in page


def test_the_climb_goes_floor_by_floor_and_in_each_by_the_hours_somebody_is_found(cast: Cast, place: Place) -> None:
    for code in ("1-1-202", "1-1-201", "1-2-301"):
        make_person(place.doors[code], f"人{code}", is_head=True)
    refresh_members(community_id=place.community.id)
    place.doors["1-1-101"].home_hours, place.doors["1-1-102"].home_hours = "evening", "morning"
    place.doors["1-1-202"].home_hours = "afternoon"
    db.session.commit()

    assert codes(cast.worker) == ["1-1-102", "1-1-101", "1-1-202", "1-1-201", "1-2-301", "2-1-201"]


def test_the_page_names_the_building_the_door_its_head_and_the_way_to_log(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    place.doors["1-1-101"].home_hours = "evening"
    page = log_in("worker").get("/today").get_data(as_text=True)

    assert "王小明" in page and f"/households/{place.doors['1-1-101'].public_id}/visits/new" in page
    assert "第1片区 · 1幢 <small>桃园小区</small> <small>2 户</small>" in page and "晚上常在家" in page
    assert "曾志伟" not in page and "王外人" not in page and "桃园社区 ·" not in page


def test_the_strip_counts_households(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place.doors["1-1-102"], cast.worker, 30)
    visit(place.doors["2-1-201"], cast.worker, 25)
    worker = log_in("worker")
    worker.post(f"/households/{place.doors['1-2-301'].public_id}/visits", data={"key": "k" * 20, "found": "nobody"})

    page = worker.get("/today").get_data(as_text=True)

    assert '逾期 <b class="bad">1</b>' in page and "到期 <b>1</b>" in page and "未来 7 天</a> <b>1</b>" in page
    assert '<li data-reckoning>今天已记 <b id="recorded">1</b></li>' in page


def test_where_everything_is_done_it_says_what_to_do_next(cast: Cast, place: Place, log_in: LogIn) -> None:
    for door in place.doors.values():
        door.last_visit_on = today()
    db.session.commit()

    assert "都走到了" in log_in("worker").get("/today").get_data(as_text=True)


def test_what_lies_ahead_is_folded_below_the_climb(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place.doors["1-1-102"], cast.worker, 25)

    page = log_in("worker").get("/today").get_data(as_text=True)
    climb, ahead = page.split('<section id="ahead"><details>')

    assert "<b>1-1-101</b>" in climb and "<b>1-1-102</b>" in ahead and "<b>1-1-101</b>" not in ahead


def test_a_building_can_be_chosen_but_none_outside_the_patch(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    page = worker.get(f"/today?building={place.buildings[1].public_id}").get_data(as_text=True)

    assert "<b>2-1-201</b>" in page and "<b>1-1-101</b>" not in page and "1幢 <small>2</small></a>" in page
    assert worker.get(f"/today?building={place.buildings[2].public_id}").status_code == 404


def test_in_english_it_says_the_same(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place.doors["1-1-101"], cast.worker, 33)
    worker = log_in("worker")
    chinese = worker.get("/today").get_data(as_text=True)
    worker.post("/me/language", data={"language": "en"})

    page = worker.get("/today", headers={"Accept-Language": "en"}).get_data(as_text=True)

    assert "常规走访 · 逾期 3 天" in chinese
    assert "Routine visit · 3 days overdue" in page and "常规走访" not in page
