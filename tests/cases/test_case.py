"""A case is opened, counted, found and closed."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry, Me, Patch, User
from grid.cases import actions, queries
from grid.cases.models import Case, VisitorReport
from grid.core.clock import now, today
from grid.core.db import db
from grid.register.models import Household
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out, make_tag, make_user, me_of
from tests.staff.test_take_a_name_at_once import sending, together


def opening(door: Household, **given: str) -> dict[str, str]:
    return {
        "key": str(uuid.uuid4()),
        "household": door.public_id,
        "type": "dispute",
        "source": "counter",
        "content": "楼上漏水",
    } | given


def cases() -> list[Case]:
    db.session.rollback()
    return list(db.session.scalars(select(Case).order_by(Case.id)))


def entry(door: Household, **given: Any) -> actions.CaseEntry:
    return actions.CaseEntry(
        "hazard", "phone", "楼道堵了", door.community_id, door.building_id, door.id, now(), **given
    )


def test_it_is_opened_from_the_household_and_belongs_to_its_maker(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    assert f"/cases/new?household={door.public_id}" in worker.get(f"/households/{door.public_id}").text
    assert "1-1-101" in worker.get(f"/cases/new?household={door.public_id}").text

    answer = worker.post("/cases", data=opening(door, due_on=str(today() + timedelta(days=3))))

    (case,) = cases()
    assert answer.location == f"/cases/{case.public_id}?done=opened"
    assert (case.no, case.owner_id, case.household_id) == (f"{today().year}-0001", cast.worker.id, door.id)
    assert case.no in worker.get("/cases").text
    assert "楼上漏水" in worker.get(answer.location).text


def test_it_may_be_about_a_building(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, building = log_in("worker"), place.buildings[0]
    assert worker.get(f"/cases/new?building={building.public_id}").status_code == 200
    words = opening(place.doors["1-1-101"], household="", building=building.public_id)

    assert worker.post("/cases", data=words).status_code == 303
    assert (cases()[0].household_id, cases()[0].building_id) == (None, building.id)


def test_the_same_entry_sent_again_is_one_case(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, words = log_in("worker"), opening(place.doors["1-1-101"])

    first, again = worker.post("/cases", data=words), worker.post("/cases", data=words)
    other = worker.post("/cases", data=words | {"content": "别的事"})

    assert first.location == again.location
    assert other.status_code == 422 and "别的事" in other.text and words["key"] not in other.text
    assert len(cases()) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"content": " "}, "请写明是什么事"),
        ({"type": ""}, "请选一项"),
        ({"type": "murder"}, "请从列表里选一项"),
        ({"at": "2099-01-01 08:00"}, "还没到"),
        ({"due_on": "2020-01-01"}, "比发生的那天还早"),
        ({"due_on": "bald"}, "这样的日期"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("worker").post("/cases", data=opening(place.doors["1-1-101"], **given))

    assert answer.status_code == 422 and sentence in answer.text and cases() == []
    assert given.get("content", "楼上漏水") in answer.text


def test_outside_the_patch_there_is_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    log_in("worker").post("/cases", data=opening(place.doors["1-1-101"]))
    public_id, other = cases()[0].public_id, log_in("other")

    assert other.get(f"/cases/{public_id}").status_code == 404
    assert other.post(f"/cases/{public_id}/steps", data={"kind": "note", "version": "1"}).status_code == 404
    assert other.post("/cases", data=opening(place.doors["1-1-101"])).status_code == 404
    assert "楼上漏水" not in other.get("/cases").text
    assert "楼上漏水" in log_in("admin").get("/cases").text


def test_numbers_count_on_without_a_gap_under_threads(cast: Cast, place: Place, log_in: LogIn) -> None:
    doors = list(place.doors.values())
    clients: list[FlaskClient] = [log_in("worker"), log_in("admin")]

    for n in range(3):
        jobs = [sending(client, "/cases", **opening(doors[n * 2 + i])) for i, client in enumerate(clients)]
        assert together(*jobs, sending(clients[0], "/cases", **opening(doors[0]))) == [303, 303, 303]

    assert sorted(case.no for case in cases()) == [f"{today().year}-{n:04d}" for n in range(1, 10)]


def test_each_community_and_year_counts_for_itself(cast: Cast, place: Place) -> None:
    door, year = place.doors["1-1-101"], today().year
    actions.open_case(cast.admin, entry(door))
    cases()[0].no = f"{year - 1}-0044"
    db.session.commit()
    actions.open_case(cast.admin, entry(place.other_door))
    actions.open_case(cast.admin, entry(door))
    db.session.execute(Case.__table__.update().where(Case.no == f"{year}-0001").values(no=f"{year}-9999"))
    db.session.commit()
    actions.open_case(cast.admin, entry(door))

    assert [case.no for case in cases()] == [f"{year - 1}-0044", f"{year}-9999", f"{year}-9999", f"{year}-10000"]


def test_the_own_come_first_and_the_overdue_before_the_rest(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, day = place.doors["1-1-101"], today()
    early = {"at": now() - timedelta(days=9)}
    for due_on in (None, day + timedelta(days=5), day - timedelta(days=1)):
        given = {**entry(door).__dict__, **early, "due_on": due_on, "content": f"期限 {due_on}"}
        actions.open_case(cast.worker, actions.CaseEntry(**given))
    actions.open_case(cast.admin, entry(door))

    mine = queries.open_cases_of(cast.worker.scope, cast.worker.id)

    assert [row[4] for row in mine] == [day - timedelta(days=1), day + timedelta(days=5), None]
    assert mine[0][5:8] == (door.public_id, "1-1-101", "1")
    page = log_in("worker").get("/cases").text
    order = re.findall(r"期限 (?:None|\d{4}-\d\d-\d\d)<br>|楼道堵了", page)
    assert len(order) == 4 and order[-1] == "楼道堵了" and str(day - timedelta(days=1)) in order[0]


def test_what_a_visit_found_is_handed_on_in_the_same_action(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    due_on = today() + timedelta(days=7)
    url, words = f"/households/{door.public_id}/visits", {"found": "home", "needs": "要修灯", "due_on": str(due_on)}

    worker.post(url, data={**words, "key": "n" * 20})
    answers = [worker.post(url, data={**words, "key": "k" * 20, "case": "facility"}).status_code for _ in range(2)]

    (case,) = cases()
    assert answers == [303, 303]
    assert case.visit_id == db.session.scalar(select(func.max(Visit.id)))
    assert (case.type, case.source, case.content) == ("facility", "visit", "要修灯")
    assert (case.due_on, case.household_id, case.owner_id) == (due_on, door.id, cast.worker.id)
    lines = db.session.scalar(select(func.count()).where(AuditEntry.action == "open_case"))
    assert lines == 0


def test_the_words_of_a_talk_under_a_restricted_tag_stay_with_the_talk(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, url = place.people["王小明"], f"/households/{place.doors['1-1-101'].public_id}/visits"
    words = {"found": "home", "kind": "talk", "needs": "出来后想找工作", "case": "request", "met": person.public_id}
    worker = log_in("worker")

    codes = [worker.post(url, data={**words, "key": "o" * 20}).status_code]
    make_tag(person, "released")
    db.session.commit()
    codes += [worker.post(url, data={**words, "key": "r" * 20}).status_code]

    assert codes == [303, 303]
    assert [case.content for case in cases()] == ["出来后想找工作", "走访中发现的需求，详见走访记录"]


def shown(person: Me) -> tuple[int, int]:
    """How many cases on 今天, and how many of them in the climb."""
    db.session.rollback()
    return len(queries.open_cases_of(person.scope, person.id)), len(queries.cases_due(person.scope, person.id, today()))


def test_what_has_lost_its_owner_is_shown_to_all_who_look_after_the_house(cast: Cast, place: Place) -> None:
    door, whole = place.doors["1-1-101"], make_user("second", "grid_worker", "齐补位")
    db.session.commit()
    hand_out(whole, place.community, building_id=place.buildings[0].id)
    successor = me_of(whole)
    actions.open_case(cast.worker, entry(door, due_on=today()))
    actions.open_case(cast.admin, entry(door, due_on=today()))
    before = [shown(person) for person in (cast.worker, successor, cast.admin, cast.other_worker)]

    patch = db.session.scalars(select(Patch).where(Patch.user_id == cast.worker.id)).one()
    patch.to_on = today() - timedelta(days=1)
    db.session.commit()
    after = [shown(person) for person in (successor, cast.admin, cast.other_worker)]

    assert before == [(1, 1), (0, 0), (1, 1), (0, 0)]
    assert after == [(1, 1), (2, 2), (0, 0)]


@pytest.mark.parametrize("moved_to", ["block", "building", "community", "nothing", "gone"])
def test_an_owner_holds_a_case_by_a_patch_that_covers_it(cast: Cast, place: Place, moved_to: str) -> None:
    actions.open_case(cast.worker, entry(place.doors["1-1-101"], due_on=today()))
    user = db.session.get_one(User, cast.worker.id)
    patch = db.session.scalars(select(Patch).where(Patch.user_id == user.id)).one()
    places = {"block": (place.blocks[1].id, None), "building": (None, place.buildings[0].id)}
    patch.block_id, patch.building_id = places.get(moved_to, (None, None))
    patch.community_id = place.other.id if moved_to == "nothing" else place.community.id
    user.is_active = moved_to != "gone"
    db.session.commit()

    assert shown(cast.admin) == ((0, 0) if moved_to in ("building", "community") else (1, 1))


def test_more_than_fifty_are_said_to_be_more(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, building = place.doors["1-1-101"], place.buildings[0]
    for _n in range(50):
        actions.open_case(cast.worker, entry(door))
        given = {"kind": "tenant", "seen_at": now(), "purge_on": today() + timedelta(days=9)}
        db.session.add(
            VisitorReport(community_id=door.community_id, building_id=building.id, reporter_id=cast.head.id, **given)
        )
    db.session.commit()
    worker = log_in("worker")
    fifty = worker.get("/today").text
    actions.open_case(cast.worker, entry(door))
    db.session.add(
        VisitorReport(community_id=door.community_id, building_id=building.id, reporter_id=cast.head.id, **given)
    )
    db.session.commit()

    more = worker.get("/today").text

    assert fifty.count("<small>50</small>") == 2 and "50+" not in fifty
    assert more.count("<small>50+</small>") == 2
