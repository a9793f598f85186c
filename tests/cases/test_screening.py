"""每周排查: told once for each block and week, also when there is nothing."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.cases.models import Case, Screening
from grid.core.clock import today
from grid.core.db import db
from grid.core.periods import period_of
from grid.register.models import Block
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.staff.test_take_a_name_at_once import sending, together

WEEK = period_of("week", today())


def telling(block: Block | None, week: str = WEEK.key, **given: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "block": block.public_id if block else "", "week": week} | given


def told() -> list[Screening]:
    db.session.rollback()
    return list(db.session.scalars(select(Screening).order_by(Screening.id)))


def test_nothing_found_is_one_tap(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, block = log_in("worker"), place.blocks[0]
    page = worker.get("/screenings").text
    assert block.name in page and place.blocks[1].name not in page and "孟网格" in page and "还没报" in page
    words = telling(block, is_zero="y")

    first, again = worker.post("/screenings", data=words), worker.post("/screenings", data=words)

    assert first.status_code == 303 and first.location == again.location
    (one,) = told()
    assert (one.is_zero, one.week_on, one.on, one.by_id) == (True, WEEK.start, today(), cast.worker.id)
    after = worker.get(first.location).text
    assert "零报告" in after and "还没报" not in after and 'name="is_zero"' not in after
    assert "record_screening" in db.session.scalars(select(AuditEntry.action)).all()


def test_a_block_tells_of_a_week_only_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, admin, block = log_in("worker"), log_in("admin"), place.blocks[0]

    codes = together(*[sending(client, "/screenings", **telling(block, is_zero="y")) for client in (worker, admin)])
    found = worker.post("/screenings", data=telling(block, content="楼道堆物"))

    assert codes == [303, 422] and len(told()) == 1
    assert found.status_code == 422 and "已经报过" in found.text and "楼道堆物" in found.text


def test_what_was_found_becomes_cases(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, block = log_in("worker"), place.blocks[0]
    empty = worker.post("/screenings", data=telling(block, content=" "))
    answer = worker.post("/screenings", data=telling(block, content="两处飞线充电"))
    (one,) = told()
    form = worker.get(f"/cases/new?screening={one.public_id}").text
    assert place.buildings[0].public_id in form and place.buildings[2].public_id not in form

    for building in place.buildings[:2]:
        words = {"type": "hazard", "content": "飞线充电", "building": building.public_id, "source": "phone"}
        ids = {"key": str(uuid.uuid4()), "community": place.community.public_id, "screening": one.public_id}
        assert worker.post("/cases", data=words | ids).status_code == 303

    assert empty.status_code == 422 and "就按零报告" in empty.text
    assert answer.location == f"/screenings/{one.public_id}?done=found"
    opened = db.session.scalars(select(Case).order_by(Case.id)).all()
    assert [(case.source, case.screening_id, case.building_id) for case in opened] == [
        ("screening", one.id, building.id) for building in place.buildings[:2]
    ]
    assert "事件 2 件" in worker.get("/screenings").text
    assert worker.get(f"/screenings/{one.public_id}").text.count("飞线充电</span>") == 2


def test_another_block_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, other = log_in("worker"), log_in("other")
    worker.post("/screenings", data=telling(place.blocks[0], content="有一处"))
    (one,) = told()

    assert other.get(f"/screenings/{one.public_id}").status_code == 404
    assert other.get(f"/cases/new?screening={one.public_id}").status_code == 404
    assert other.post("/screenings", data=telling(place.blocks[0], is_zero="y")).status_code == 404
    assert other.post("/screenings", data=telling(None, is_zero="y")).status_code == 400
    assert other.get("/screenings/new").status_code == 303
    assert "有一处" not in other.get("/screenings").text and "有一处" in log_in("admin").get("/screenings").text
    assert log_in("head").get("/screenings").status_code == log_in("street").get("/screenings").status_code == 403


def test_weeks_that_are_missing_are_seen_and_made_up_for(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, before = log_in("admin"), WEEK.before
    first = before.before
    for block in place.blocks:
        db.session.add(
            Screening(
                community_id=place.community.id,
                block_id=block.id,
                week_on=first.start,
                on=first.end,
                by_id=cast.worker.id,
            )
        )
    db.session.commit()
    assert "缺 2 个片区" in admin.get("/screenings").text
    assert first.title not in admin.get("/screenings").text

    admin.post("/screenings", data=telling(place.blocks[0], before.key, is_zero="y"))
    ahead = admin.post("/screenings", data=telling(place.blocks[0], WEEK.after.key, is_zero="y"))

    assert ahead.status_code == 422 and "还没到" in ahead.text
    page = admin.get(f"/screenings?week={before.key}").text
    assert "缺 1 个片区" in page and "补报" in page and '<span class="tag bad">缺</span>' in page
    assert admin.get("/screenings?week=2026-11").status_code == 200


def test_the_administrator_takes_one_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, admin, block = log_in("worker"), log_in("admin"), place.blocks[0]
    worker.post("/screenings", data=telling(block, is_zero="y"))
    (one,) = told()
    url = f"/screenings/{one.public_id}/withdraw"
    assert worker.post(url).status_code == 403

    assert admin.post(url).status_code == 303

    assert told()[0].deleted_at is not None and admin.post(url).status_code == 404
    assert worker.post("/screenings", data=telling(block, content="看漏了一处")).status_code == 303


def test_a_community_without_blocks_is_screened_whole(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    answer = admin.post("/screenings", data=telling(None, is_zero="y"))

    assert answer.status_code == 303 and told()[0].block_id is None
    assert "全社区" in admin.get("/screenings").text


def test_a_late_look_at_the_week_asks_as_much(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    admin = log_in("admin")
    admin.get("/screenings")
    count_queries()
    admin.get("/screenings")
    few = count_queries()
    for n in range(1, 9):
        week = period_of("week", today() - timedelta(weeks=n))
        for block in place.blocks:
            admin.post("/screenings", data=telling(block, week.key, is_zero="y"))
    admin.post("/screenings", data=telling(place.blocks[0], content="有"))
    admin.get("/screenings")
    count_queries()

    admin.get("/screenings")

    assert count_queries() == few
