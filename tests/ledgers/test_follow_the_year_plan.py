"""The year plan says what is done, due, late and still ahead, from the rows themselves."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.cases.models import Screening
from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.ledgers import duty_actions
from grid.ledgers.duty_counting import COUNTABLE
from grid.ledgers.duty_queries import Line, year_plan
from grid.ledgers.duty_template import before_holidays, shipped
from grid.ledgers.models import DutyTick, YearDuty
from grid.services.models import Activity, Inspection, Patrol, WorkPlan
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place

DAY = date(2026, 6, 17)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def activity(place: Place, cast: Cast, day: date, kind: str = "lecture", topic: str = "health", **more: Any) -> None:
    given = {"community_id": place.community.id, "recorded_by": cast.admin.id, "title": "高血压讲座"} | more
    db.session.add(Activity(kind=kind, topic=topic, at=at(day), **given))
    db.session.commit()


def plan(place: Place, day: date = DAY) -> dict[str, Line]:
    return {line.duty.title: line for line in year_plan(place.community.id, 2026, day)}


def states(line: Line) -> list[str]:
    return [turn.state for turn in line.turns]


def put_in(place: Place, cast: Cast) -> None:
    duty_actions.put_in_shipped(cast.admin, place.community.id, 2026)


def test_a_lecture_makes_exactly_its_month_done(place: Place, cast: Cast) -> None:
    put_in(place, cast)
    before = {title: states(line) for title, line in plan(place).items()}
    activity(place, cast, date(2026, 3, 31), deleted_at=at(DAY))
    activity(place, cast, date(2026, 3, 31), community_id=place.other.id)
    assert {title: states(line) for title, line in plan(place).items()} == before

    activity(place, cast, date(2026, 3, 31))

    after = {title: states(line) for title, line in plan(place).items()}
    changed = {(title, n) for title in after for n, state in enumerate(after[title]) if state != before[title][n]}
    assert changed == {("健康教育讲座", 2)}
    assert after["健康教育讲座"] == ["late", "late", "done", "late", "late", "due"] + ["ahead"] * 6
    assert plan(place)["健康教育讲座"].cells[2].count == "1/1"


def test_what_is_late_follows_from_the_day(place: Place, cast: Cast) -> None:
    put_in(place, cast)

    lines = {day: plan(place, day)["健康教育讲座"] for day in (date(2025, 12, 31), date(2026, 1, 31), date(2027, 1, 1))}

    assert [len(line.late) for line in lines.values()] == [0, 0, 12]
    assert states(lines[date(2026, 1, 31)])[:2] == ["due", "ahead"]


def test_a_week_is_screened_when_each_block_was(place: Place, cast: Cast) -> None:
    put_in(place, cast)
    week = date(2026, 6, 8)

    def screened(block_id: int | None, week_on: date) -> None:
        given = {"community_id": place.community.id, "by_id": cast.worker.id, "on": week_on}
        db.session.add(Screening(block_id=block_id, week_on=week_on, **given))
        db.session.commit()

    screened(place.blocks[0].id, week)
    screened(place.blocks[0].id, week)
    assert [(t.count, t.state) for t in plan(place)["周一矛盾纠纷和隐患排查"].turns if t.start == week] == [(1, "late")]

    screened(place.blocks[1].id, week)
    screened(None, week + timedelta(days=7))

    turns = {turn.start: (turn.count, turn.state) for turn in plan(place)["周一矛盾纠纷和隐患排查"].turns}
    assert turns[week] == turns[week + timedelta(days=7)] == (2, "done")
    assert turns[week + timedelta(days=14)] == (0, "ahead")


def test_an_inspection_counts_for_the_holiday_it_was_for(place: Place, cast: Cast) -> None:
    put_in(place, cast)
    given: dict[str, Any] = {"community_id": place.community.id, "recorded_by": cast.worker.id}
    # Both holidays are within ten days of it.
    db.session.add(Inspection(kind="holiday", holiday="national", at=at(date(2026, 9, 24)), **given))
    db.session.add(Inspection(kind="safety", at=at(date(2026, 9, 24)), **given))
    db.session.commit()

    found = {turn.name: turn.count for turn in plan(place)["节日安全检查"].turns}

    assert found == {name: int(name == "国庆节") for _start, _end, name in before_holidays(2026)}


def test_patrols_plans_talks_and_events_are_counted_from_their_rows(place: Place, cast: Cast) -> None:
    put_in(place, cast)
    community_id, worker = place.community.id, cast.worker.id
    given: dict[str, Any] = {"community_id": community_id}
    night = at(date(2026, 2, 3), 20)
    visit: dict[str, Any] = {"household_id": place.doors["1-1-101"].id, "worker_id": worker, "found": "home"}
    db.session.add_all(
        [
            Patrol(started_at=night - timedelta(hours=34), ended_at=night, recorded_by=worker, **given),
            Patrol(started_at=night, ended_at=night + timedelta(hours=2), recorded_by=worker, **given),
            WorkPlan(user_id=worker, week_on=date(2026, 2, 2), state="checked", **given),
            WorkPlan(user_id=worker, week_on=date(2026, 2, 9), state="submitted", **given),
            Visit(kind="talk", at=at(date(2026, 3, 31), 23), **visit, **given),
            Visit(kind="visit", at=at(date(2026, 1, 5)), **visit, **given),
        ]
    )
    for month in (1, 3, 5):
        activity(place, cast, date(2026, month, 10), "culture", "culture")

    found = plan(place)

    assert [turn.start for turn in found["夜间巡逻"].turns if turn.state == "done"] == [date(2026, 2, 3)]
    assert [turn.start for turn in found["周工作计划检查"].turns if turn.count] == [date(2026, 2, 2)]
    assert [turn.count for turn in found["谈话走访"].turns] == [1, 0, 0, 0]
    assert [(turn.count, turn.state) for turn in found["文体活动"].turns] == [(3, "due")]


def test_every_row_of_the_calendar_has_twelve_months(place: Place, cast: Cast) -> None:
    put_in(place, cast)

    for line in plan(place).values():
        assert sum(cell.span for cell in line.cells) == 12, line.duty.title
        assert sum(len(cell.turns) for cell in line.cells) == len(line.turns)
        assert [line.at(month) for month in range(1, 13)].count(None) == sum(not cell.turns for cell in line.cells)


def test_one_tap_puts_the_shipped_plan_in_once(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    assert "放入示例计划" in admin.get("/year-plan?year=2026").text
    words = {"community": place.community.public_id, "year": "2026"}

    first, second = (admin.post("/year-plan/template", data=words) for _n in range(2))

    assert first.status_code == second.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(YearDuty)) == len(shipped(2026))
    page = admin.get(first.location).text
    assert all(entry.title in page for entry in shipped(2026)) and "世界无烟日" in page
    assert db.session.scalar(select(AuditEntry.words).where(AuditEntry.action == "put_in_year_plan")) == "2026"


def duty(place: Place, title: str) -> YearDuty:
    db.session.rollback()
    return db.session.execute(select(YearDuty).where(YearDuty.title == title)).scalar_one()


def test_what_counts_is_linked_and_others_see_only_what_is_theirs(place: Place, cast: Cast, log_in: LogIn) -> None:
    put_in(place, cast)
    activity(place, cast, today().replace(day=1), title="老年健康讲座")
    duty_actions.put_in_shipped(cast.admin, place.community.id, today().year)
    page = f"/year-plan/{duty(place, '健康教育讲座').public_id}"

    seen = {login: log_in(login).get(page) for login in ("admin", "worker", "head", "street")}

    assert [answer.status_code for answer in seen.values()] == [200, 200, 403, 403]
    assert "老年健康讲座" in seen["admin"].text and "老年健康讲座" in seen["worker"].text
    assert "/edit" in seen["admin"].text and "/edit" not in seen["worker"].text


def words(**given: Any) -> dict[str, Any]:
    begun = {"key": str(uuid.uuid4()), "version": "1", "title": "消防演练", "rhythm": "quarter", "times": "1"}
    return begun | {"year": "2026", "counted": ""} | given


def add(admin: FlaskClient, place: Place, **given: Any) -> Any:
    return admin.post("/year-plan", data=words(community=place.community.public_id, **given))


def test_a_duty_is_added_changed_and_taken_away(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin, key = log_in("admin"), str(uuid.uuid4())
    assert admin.get("/year-plan/new?year=2026").status_code == 200
    answers = [add(admin, place, key=key, months=["1", "7"], counted="safety") for _n in range(2)]
    assert answers[0].location == answers[1].location
    made = duty(place, "消防演练")
    assert (made.months, made.counted) == ([1, 7], COUNTABLE["safety"][1])
    assert 'value="7" checked' in admin.get(f"/year-plan/{made.public_id}/edit").text

    admin.post(f"/year-plan/{made.public_id}", data=words(title="消防检查", rhythm="month", times="2"))
    changed = duty(place, "消防检查")
    assert (changed.rhythm, changed.times, changed.counted, changed.version) == ("month", 2, None, 2)

    assert admin.post(f"/year-plan/{made.public_id}/remove").status_code == 303
    assert plan(place) == {} and admin.get(f"/year-plan/{made.public_id}").status_code == 404


def test_a_change_over_somebody_elses_is_shown_first(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    add(admin, place)
    page = f"/year-plan/{duty(place, '消防演练').public_id}"
    admin.post(page, data=words(title="消防演练一"))

    refused = admin.post(page, data=words(title="消防演练二"))

    assert refused.status_code == 409 and "消防演练一" in refused.text and 'value="消防演练二"' in refused.text
    assert 'name="version" type="hidden" value="2"' in refused.text
    assert admin.post(page, data=words(title="消防演练二", version="2")).status_code == 303


def test_bad_words_are_kept_and_said(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    for given, sentence in (
        ({"title": ""}, "请填写这一项"),
        ({"rhythm": "dates", "dates": "五一"}, "每行写开始日期"),
        ({"rhythm": "dates", "dates": "2025-05-01 2025-05-02"}, "日期在这一年里"),
        ({"rhythm": "dates"}, "要写明日期"),
        ({"months": ["13"]}, "请从列表里选一项"),
        ({"times": "0"}, "请填"),
    ):
        answer = add(admin, place, plan="77", **given)
        assert answer.status_code == 422 and sentence in answer.text and 'value="77"' in answer.text, given
    assert plan(place) == {}


def test_dates_of_ones_own_are_kept(place: Place, cast: Cast, log_in: LogIn) -> None:
    add(log_in("admin"), place, rhythm="dates", dates="2026-05-03 2026-05-04 五四\n2025-12-28 2026-01-01")

    assert [(str(t.start), t.name) for t in plan(place)["消防演练"].turns] == [
        ("2025-12-28", ""),
        ("2026-05-03", "五四"),
    ]


def test_a_duty_without_rows_is_ticked_by_hand(place: Place, cast: Cast, log_in: LogIn) -> None:
    put_in(place, cast)
    worker, page = log_in("worker"), f"/year-plan/{duty(place, '志愿者登记核对').public_id}"
    tick = {"period_on": "2026-04-01", "on": "2026-05-08", "note": "核对 46 人"}

    assert worker.post(f"{page}/ticks", data=tick).status_code == 303

    assert states(plan(place)["志愿者登记核对"]) == ["late", "done", "ahead", "ahead"]
    assert "核对 46 人" in worker.get(page).text
    again = worker.post(f"{page}/ticks", data=tick | {"on": str(today() + timedelta(days=1))})
    assert again.status_code == 422 and "还没到" in again.text and "核对 46 人" in again.text
    assert worker.post(f"{page}/ticks", data=tick | {"period_on": "2026-04-02"}).status_code == 404
    assert log_in("other").post(f"{page}/ticks/remove", data={"period_on": "2026-04-01"}).status_code == 404
    assert worker.post(f"{page}/ticks/remove", data={"period_on": "2026-04-01"}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(DutyTick)) == 0


def test_what_is_counted_cannot_be_ticked(place: Place, cast: Cast, log_in: LogIn) -> None:
    put_in(place, cast)
    page = f"/year-plan/{duty(place, '健康教育讲座').public_id}/ticks"

    answer = log_in("worker").post(page, data={"period_on": "2026-04-01", "on": "2026-04-02"})

    assert answer.status_code == 422 and "按记录自动计数" in answer.text


def test_the_plan_asks_the_same_however_much_there_is(
    place: Place, cast: Cast, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    duty_actions.put_in_shipped(cast.admin, place.community.id, today().year)
    admin = log_in("admin")

    def counted() -> list[int]:
        found = []
        for page in ("/year-plan", "/workload", "/summaries?period=2026"):
            admin.get(page)
            count_queries()
            assert admin.get(page).status_code == 200
            found.append(count_queries())
        return found

    before = counted()
    for n in range(30):
        activity(place, cast, today() - timedelta(days=n))
        given: dict[str, Any] = {"community_id": place.community.id, "year": today().year}
        db.session.add(YearDuty(title=f"讲座{n}", rhythm="week", counted=COUNTABLE["lecture"][1], **given))
    db.session.commit()

    assert counted() == before
    # The session; the community and the choice of them; the duties; a statement for each of six kinds of row; ticks.
    assert before[0] <= 12
