"""A worker writes the plan of a week, hands it in and ticks it off; an administrator checks and archives it."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.core.periods import period_of
from grid.services import plan_actions, plan_queries
from grid.services.models import WorkPlan, WorkPlanItem
from tests.conftest import LogIn
from tests.factories import Cast, Place

WEEK = "2026-W23"
MONDAY = date(2026, 6, 1)


def plans() -> list[WorkPlan]:
    db.session.rollback()
    return list(db.session.scalars(select(WorkPlan).order_by(WorkPlan.week_on, WorkPlan.id)))


def lines(plan: WorkPlan) -> list[tuple[str, bool, str | None]]:
    found = db.session.scalars(select(WorkPlanItem).where(WorkPlanItem.work_plan_id == plan.id))
    return [(item.words, item.is_done, item.note) for item in sorted(found, key=lambda item: item.seq)]


def write(worker: FlaskClient, version: int = 0, **given: str) -> int:
    words = {"week": WEEK, "version": str(version), "more": "走访独居老人\n2. 检查消防通道\n\n"} | given
    return worker.post("/work-plans/mine", data=words).status_code


def test_it_is_written_line_by_line(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    assert write(worker) == 303

    (plan,) = plans()
    assert (plan.user_id, plan.community_id, plan.week_on) == (cast.worker.id, place.community.id, MONDAY)
    assert (plan.state, plan.version) == ("draft", 1)
    assert lines(plan) == [("走访独居老人", False, None), ("检查消防通道", False, None)]
    page = worker.get(f"/work-plans/mine?week={WEEK}").text
    assert 'value="走访独居老人"' in page and "交上去" in page


def test_lines_are_changed_dropped_and_added_while_it_is_a_draft(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    write(worker)
    given = {"lines-0-words": "", "lines-0-note": "", "lines-1-words": "检查车棚", "lines-1-is_done": "y"}

    write(worker, 1, more="开例会", **given, **{"lines-1-note": "已谈"})

    assert lines(plans()[0]) == [("检查车棚", True, "已谈"), ("开例会", False, None)]


def test_after_it_was_handed_in_only_what_was_done_changes(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    write(worker, hand_in="1")
    page = worker.get(f"/work-plans/mine?week={WEEK}").text
    assert "已交" in page and "lines-0-words" not in page
    given = {"lines-0-is_done": "y", "lines-0-note": "都在家", "lines-0-words": "改掉", "lines-1-note": ""}

    write(worker, 1, more="多一件", **given)

    (plan,) = plans()
    assert plan.state == "submitted" and plan.submitted_at
    assert lines(plan) == [("走访独居老人", True, "都在家"), ("检查消防通道", False, None)]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"more": "", "hand_in": "1"}, "先写再交"),
        ({"more": "很长" * 120}, "有一行太长了"),
        ({"more": "\n".join(f"走访{n}号" for n in "一" * 31)}, "一周最多 30 件"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    cast: Cast, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("worker").post("/work-plans/mine", data={"week": WEEK, "version": "0"} | given)

    assert answer.status_code == 422 and sentence in answer.text and given["more"][:8] in answer.text
    assert plans() == []


def test_the_second_of_two_windows_is_told(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    write(worker)

    answer = worker.post("/work-plans/mine", data={"week": WEEK, "version": "0", "more": "另一个窗口写的"})

    assert answer.status_code == 422 and "在别处改过了" in answer.text and "另一个窗口写的" in answer.text
    assert len(lines(plans()[0])) == 2


def test_an_administrator_sees_who_has_one_checks_and_archives(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, worker = log_in("admin"), log_in("worker")
    write(worker, hand_in="1")
    overview = f"/work-plans?week={WEEK}"
    page = admin.get(overview).text
    assert "孟网格" in page and "已交" in page and "傅外人" in page and "还没写" in page and "邱楼长" not in page
    url = f"/work-plans/{plans()[0].public_id}"
    assert "走访独居老人" in admin.get(url).text

    checked = admin.post(f"{url}/check", data={"remark": "写得清楚"})
    again = admin.post(f"{url}/check", data={"remark": "再批一次"})
    seen = worker.get(f"/work-plans/mine?week={WEEK}").text
    archived = admin.post("/work-plans/archive", data={"week": WEEK})

    assert (checked.status_code, again.status_code, archived.status_code) == (303, 422, 303)
    assert "已经检查过了" in again.text and "再批一次" in again.text
    assert "写得清楚" in seen and "社长" in seen and "lines-0" not in seen
    (plan,) = plans()
    assert (plan.state, plan.checked_by, plan.remark) == ("archived", cast.admin.id, "写得清楚")
    assert write(worker, plan.version) == 422


def test_what_was_left_undone_goes_into_the_following_week_once(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    write(worker)
    write(worker, 1, more="", **{"lines-0-words": "走访独居老人", "lines-0-is_done": "y", "lines-1-words": "查消防"})

    answers = [worker.post("/work-plans/mine/take-over", data={"week": WEEK}) for _ in range(2)]

    assert answers[0].location == "/work-plans/mine?week=2026-W24&done=taken_over"
    first, second = plans()
    assert second.week_on == MONDAY + timedelta(days=7) and lines(second) == [("查消防", False, None)]
    plan_actions.save_plan(cast.worker, first.community_id, plan_actions.PlanEntry(second.week_on, 2, (), (), True))
    late = worker.post("/work-plans/mine/take-over", data={"week": WEEK})
    assert late.location.endswith("done=too_late")


def test_a_worker_reads_only_the_own_one(cast: Cast, log_in: LogIn) -> None:
    worker, other = log_in("worker"), log_in("other")
    write(worker, hand_in="1")
    url = f"/work-plans/{plans()[0].public_id}"

    assert worker.get(url).status_code == 200 and other.get(url).status_code == 404
    assert other.post(f"{url}/check").status_code == 403
    assert other.get(f"/work-plans?week={WEEK}").status_code == 303
    assert "走访独居老人" not in other.get(f"/work-plans/mine?week={WEEK}").text
    for login in ("head", "street"):
        assert log_in(login).get("/work-plans/mine").status_code == 403


def test_the_page_of_all_duties_says_what_waits(cast: Cast, place: Place, log_in: LogIn) -> None:
    week = period_of("week", today())
    here = {"community_id": place.community.id, "state": "submitted"}
    db.session.add(WorkPlan(user_id=cast.worker.id, week_on=week.before.start, **here))
    db.session.add(WorkPlan(user_id=cast.worker.id, week_on=week.start, **here))
    db.session.commit()

    assert "以前几周有 1 份待检查" in log_in("admin").get("/services").text
    assert "本周：已交" in log_in("worker").get("/services").text
    assert "本周的还没写" in log_in("other").get("/services").text


def test_a_week_lists_every_worker_with_two_statements(cast: Cast, place: Place, log_in: LogIn) -> None:
    write(log_in("worker"))
    db.session.rollback()

    found = plan_queries.plans_of_week(place.community.id, MONDAY, MONDAY + timedelta(days=6))

    assert [(row.name, row.state, row.n, row.done) for row in found] == [
        ("孟网格", "draft", 2, 0),
        ("傅外人", None, 0, 0),
    ]
