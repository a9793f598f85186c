"""Turns are planned, patrols recorded with what they found, and the month shows the nights that are missing."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.cases.models import Case
from grid.core.clock import ZONE, local, now, today
from grid.core.db import db
from grid.core.periods import period_of
from grid.register.models import PatrolRoute
from grid.services import patrol_queries
from grid.services.models import Patrol, PatrolFinding, Shift, Team
from tests.conftest import LogIn
from tests.factories import Cast, Place


@pytest.fixture
def team(place: Place) -> Team:
    """The party's team; another community's stands beside it."""
    made = Team(community_id=place.community.id, kind="party_patrol", name="党员巡逻队")
    db.session.add_all([made, Team(community_id=place.other.id, kind="patrol", name="外面巡逻队")])
    db.session.add(PatrolRoute(community_id=place.community.id, name="一号路线", line=[[1, 1], [2, 2]]))
    db.session.commit()
    return made


def planning(team: Team, /, **given: object) -> dict[str, object]:
    first = today() + timedelta(days=1)
    return {
        "key": str(uuid.uuid4()),
        "team": team.public_id,
        "weekdays": ["0", "2"],
        "from_on": str(first),
        "to_on": str(first + timedelta(days=13)),
        "starts": "19:00",
        "ends": "21:00",
        "who": "王小明、李芳",
    } | given


def walking(**given: object) -> dict[str, object]:
    yesterday = today() - timedelta(days=1)
    return {
        "key": str(uuid.uuid4()),
        "on": str(yesterday),
        "starts": "19:00",
        "ends": "20:30",
        "headcount": "4",
        "content": "各楼栋走了一遍",
    } | given


def patrols() -> list[Patrol]:
    db.session.rollback()
    return list(db.session.scalars(select(Patrol).order_by(Patrol.id)))


def shifts() -> list[Shift]:
    db.session.rollback()
    return list(db.session.scalars(select(Shift).order_by(Shift.on)))


def test_two_weeks_of_turns_are_planned_in_one_go(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin, words = log_in("admin"), planning(team)

    answer = admin.post("/shifts", data=words)
    again = admin.post("/shifts", data=words)
    overlapping = admin.post("/shifts", data=planning(team, weekdays=["0", "1"]))

    assert answer.location.endswith("done=planned&n=4") and again.location == answer.location
    assert overlapping.location.endswith("done=planned&n=2")
    assert sorted(s.on.weekday() for s in shifts()) == [0, 0, 1, 1, 2, 2]
    page = log_in("worker").get("/shifts").text
    assert page.count("党员巡逻队") == 6 and "外面巡逻队" not in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"weekdays": []}, "请至少选一天"),
        ({"team": ""}, "请选一项"),
        ({"team": "nothing"}, "请从列表里选一项"),
        ({"to_on": "2020-01-01"}, "比开始日期还早"),
        ({"to_on": "2099-01-01"}, "一次最多排"),
        ({"starts": "25:00"}, "19:00 这样的时间"),
    ],
)
def test_turns_that_cannot_be_are_refused(
    cast: Cast, team: Team, log_in: LogIn, given: dict[str, object], sentence: str
) -> None:
    answer = log_in("admin").post("/shifts", data=planning(team, **given))

    assert answer.status_code == 422 and sentence in answer.text and "王小明、李芳" in answer.text
    assert shifts() == []


def test_a_turn_is_deleted_unless_somebody_walked_it(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin = log_in("admin")
    facts = {"community_id": team.community_id, "team_id": team.id, "starts": "19:00", "ends": "21:00"}
    db.session.add_all([Shift(on=today() - timedelta(days=1), **facts), Shift(on=today(), **facts)])
    db.session.commit()
    walked, planned = (shift.public_id for shift in shifts())
    admin.post("/patrols", data=walking(shift=walked))

    kept, gone = (admin.post(f"/shifts/{public_id}/remove").location for public_id in (walked, planned))

    assert kept.endswith("done=walked") and gone.endswith("done=removed")
    assert [shift.public_id for shift in shifts()] == [walked]


def test_a_planned_turn_is_recorded_with_what_is_known_of_it(cast: Cast, team: Team, log_in: LogIn) -> None:
    worker, route = log_in("worker"), db.session.scalars(select(PatrolRoute)).one()
    yesterday = today() - timedelta(days=1)
    shift = Shift(
        community_id=team.community_id, team_id=team.id, route_id=route.id, on=yesterday,
        starts="22:00", ends="01:00", who="王小明、李芳、单雄信",
    )  # fmt: skip
    db.session.add(shift)
    db.session.commit()
    page = worker.get(f"/patrols/new?shift={shift.public_id}").text
    assert 'value="3"' in page and "王小明、李芳、单雄信" in page and "22:00" in page and team.public_id in page

    words = walking(shift=shift.public_id, starts="22:00", ends="01:00", team=team.public_id, route=route.public_id)
    answer = worker.post("/patrols", data=words)

    (patrol,) = patrols()
    assert answer.location == f"/patrols/{patrol.public_id}?done=recorded"
    assert (patrol.shift_id, patrol.team_id, patrol.route_id) == (shift.id, team.id, route.id)
    assert local(patrol.started_at) == datetime.combine(yesterday, datetime.min.time(), ZONE) + timedelta(hours=22)
    assert patrol.ended_at - patrol.started_at == timedelta(hours=3)
    shown = worker.get(answer.location).text
    assert "党员巡逻队" in shown and "一号路线" in shown and "孟网格" in shown


def test_what_was_found_becomes_a_case_where_somebody_must_follow_up(
    cast: Cast, place: Place, team: Team, log_in: LogIn
) -> None:
    worker, house = log_in("worker"), place.buildings[0]
    found = {
        "findings-0-content": "井盖松动",
        "findings-0-place": "楼前",
        "findings-0-building": house.public_id,
        "findings-0-is_case": "y",
        "findings-0-type": "hazard",
        "findings-0-due_on": str(today() + timedelta(days=5)),
        "findings-1-content": "单元门没关好",
        "findings-1-type": "hazard",
    }
    words = walking(**found)

    answers = [worker.post("/patrols", data=words) for _ in range(2)]

    assert answers[0].location == answers[1].location and len(patrols()) == 1
    first, second = db.session.scalars(select(PatrolFinding).order_by(PatrolFinding.id))
    case = db.session.scalars(select(Case)).one()
    assert (first.case_id, second.case_id) == (case.id, None)
    assert (case.source, case.type, case.content) == ("patrol", "hazard", "楼前：井盖松动")
    assert (case.building_id, case.owner_id) == (house.id, cast.worker.id)
    page = worker.get(answers[0].location).text
    assert f"/cases/{case.public_id}" in page and "单元门没关好" in page
    lines = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(("record_patrol", "open_case"))))
    assert list(lines) == ["record_patrol"]


def test_what_was_found_at_other_houses_is_not_shown_to_those_who_do_not_look_after_them(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker, other = log_in("worker"), log_in("other")
    here, beyond = place.buildings[0].public_id, place.buildings[2].public_id

    worker.post("/patrols", data=walking(**{"findings-0-content": "一楼吵闹", "findings-0-building": here}))
    refused = worker.post("/patrols", data=walking(**{"findings-0-content": "x", "findings-0-building": beyond}))

    url = f"/patrols/{patrols()[0].public_id}"
    assert refused.status_code == 422 and len(patrols()) == 1
    assert "一楼吵闹" in worker.get(url).text and "一楼吵闹" in log_in("admin").get(url).text
    assert other.get(url).status_code == 200 and "一楼吵闹" not in other.get(url).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"headcount": "0"}, "1 到 99"),
        ({"headcount": ""}, "1 到 99"),
        ({"on": "2099-01-01"}, "还没到这个时间"),
        ({"starts": ""}, "请填时间"),
        ({"findings-2-place": "楼前"}, "请写发现了什么"),
        ({"findings-0-content": "井盖", "findings-0-is_case": "y", "findings-0-type": "murder"}, "请从列表里选一项"),
        (
            {
                "findings-0-content": "井盖", "findings-0-is_case": "y", "findings-0-type": "hazard",
                "findings-0-due_on": "2020-01-01", "findings-0-building": "HOUSE",
            },
            "比发生的那天还早",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    given = {k: place.buildings[0].public_id if v == "HOUSE" else v for k, v in given.items()}

    answer = log_in("worker").post("/patrols", data=walking(**given))

    assert answer.status_code == 422 and sentence in answer.text and "各楼栋走了一遍" in answer.text
    assert patrols() == [] and db.session.scalar(select(Case.id)) is None


def test_the_month_shows_which_nights_are_missing(cast: Cast, place: Place, team: Team) -> None:
    month = period_of("month", date(2026, 6, 15))
    evening = datetime(2026, 6, 10, 19, tzinfo=ZONE)
    facts = {"recorded_by": cast.worker.id, "ended_at": evening + timedelta(hours=2)}
    here = {"community_id": place.community.id}
    db.session.add_all(
        [
            Patrol(started_at=evening, **facts, **here),
            Patrol(started_at=evening - timedelta(days=1), deleted_at=now(), **facts, **here),
            Patrol(started_at=evening - timedelta(days=2), community_id=place.other.id, **facts),
            Shift(team_id=team.id, on=date(2026, 6, 20), starts="19:00", ends="21:00", **here),
        ]
    )
    db.session.commit()

    nights = patrol_queries.nights(place.community.id, month)

    states = {night.on.day: night.state(date(2026, 6, 12)) for night in nights}
    assert len(states) == 30
    assert [day for day, state in states.items() if state == "walked"] == [10]
    assert [day for day, state in states.items() if state == "missing"] == [*range(1, 10), 11]
    assert [day for day, state in states.items() if state == "planned"] == [20]
    assert states[12] == "open"


def test_a_missing_night_is_shown_and_may_be_recorded_late(cast: Cast, team: Team, log_in: LogIn) -> None:
    worker = log_in("worker")
    page = worker.get("/patrols?month=2026-05").text
    assert "缺 31 天" in page and "on=2026-05-03" in page

    late = worker.get("/patrols/new?on=2026-05-03").text
    worker.post("/patrols", data=walking(on="2026-05-03", team=team.public_id))

    assert 'value="2026-05-03"' in late
    page = worker.get("/patrols?month=2026-05").text
    assert "缺 30 天" in page and "党员巡逻队" in page


def test_one_recorded_by_mistake_is_withdrawn_by_who_wrote_it_or_an_administrator(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    for _n in range(2):
        worker.post("/patrols", data=walking())
    first, second = (f"/patrols/{patrol.public_id}" for patrol in patrols())

    assert log_in("other").post(f"{first}/withdraw").status_code == 404
    assert worker.post(f"{first}/withdraw").status_code == 303
    assert log_in("admin").post(f"{second}/withdraw").status_code == 303

    assert worker.get(first).status_code == worker.get(second).status_code == 404
    assert all(patrol.deleted_at for patrol in patrols())


def test_tonight_stands_on_the_page_of_all_duties(cast: Cast, team: Team, log_in: LogIn) -> None:
    worker = log_in("worker")
    assert "今晚还没有排班" in worker.get("/services").text
    db.session.add(Shift(community_id=team.community_id, team_id=team.id, on=today(), starts="19:30", ends="21:00"))
    db.session.commit()

    page = worker.get("/services").text

    assert "今晚 19:30 党员巡逻队" in page
    for path in ("/patrols", "/inspections", "/service-records", "/activities", "/teams", "/sites", "/awards"):
        assert f'href="{path}"' in page
    for login in ("head", "street"):
        assert log_in(login).get("/services").status_code == 403


# Reader's session, the community, and what the page shows.
STATEMENTS = {"/patrols": 5, "/shifts": 6, "/services": 9}


@pytest.mark.parametrize("path", STATEMENTS)
def test_its_number_of_statements_is_constant(
    cast: Cast, team: Team, log_in: LogIn, count_queries: Callable[[], int], path: str
) -> None:
    worker = log_in("worker")
    worker.get(path)
    count_queries()
    few = (worker.get(path).status_code, count_queries())
    for _n in range(4):
        worker.post("/patrols", data=walking(**{"findings-0-content": "井盖"}))
    log_in("admin").post("/shifts", data=planning(team))
    count_queries()

    many = (worker.get(path).status_code, count_queries())

    assert few == many == (200, STATEMENTS[path])
