"""More than one person may take alone: a second one agrees, and whoever asked takes it once."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grid.accounts.models import AuditEntry, Patch, User
from grid.core.clock import now, today
from grid.core.db import db
from grid.exchange import export_actions
from grid.exchange.export_actions import MOST_ALONE, MOST_WHOLE_ALONE
from grid.exchange.export_queries import at_once
from grid.exchange.models import ExportRequest
from grid.register.models import Household
from tests.conftest import LogIn
from tests.exchange.exporting import REASON, export, fields, rows_of, sheet_of
from tests.factories import Cast, Place, hand_out, make_person, make_user


def many_doors(place: Place, n: int) -> None:
    """Doors of the worker's first building."""
    home = place.doors["1-1-101"]
    facts = {"community_id": home.community_id, "building_id": home.building_id, "unit_id": home.unit_id}
    doors = [Household(unit_no=1, floor=9, room=f"9{i:04d}", code=f"1-1-9{i:04d}", **facts) for i in range(n)]
    db.session.add_all(doors)
    db.session.commit()


@pytest.fixture
def second(place: Place, cast: Cast) -> None:
    """Another administrator, and more doors than one person may take alone."""
    user = make_user("admin2", "administrator", "副社长")
    db.session.commit()
    hand_out(user, place.community)
    many_doors(place, MOST_ALONE)


def asked() -> ExportRequest:
    db.session.rollback()
    return db.session.scalars(select(ExportRequest).where(~at_once)).one()


def at(what: str) -> str:
    return f"/exports/{asked().public_id}/{what}"


def actions() -> list[str]:
    found = select(AuditEntry.action).where(AuditEntry.action.contains("export")).order_by(AuditEntry.id)
    return list(db.session.scalars(found))


def test_many_rows_wait_for_a_second_person(second: None, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")

    answer = export(admin, "households", ["door"], h_door="房号")

    assert answer.status_code == 303 and answer.location.startswith("/exports?")
    assert "等人同意" in admin.get("/exports").text and "申请等您同意" not in admin.get("/exports").text
    page = other.get("/exports").text
    assert "1 份申请等您同意" in page and "社长" in page and REASON in page and f"{MOST_ALONE + 36} 行" in page
    assert other.post(at("agree")).status_code == 303
    taken = admin.post(at("take"))
    assert len(rows_of(taken.data)) == MOST_ALONE + 36 and sheet_of(taken.data)[0] == ["序号", "房号"]
    assert f"用途：{REASON}" in sheet_of(taken.data)[-1][0] and asked().taken_at is not None
    assert actions() == ["ask_export", "agree_export", "take_export"]
    told = db.session.scalars(select(AuditEntry.words).where(AuditEntry.action == "take_export")).one()
    assert told == f"住户和房屋 · 列：房号 · {MOST_ALONE + 36} 行 · {REASON}"


def test_today_tells_whoever_may_agree(
    second: None, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    admin, other, worker = log_in("admin"), log_in("admin2"), log_in("worker")
    pages = {}
    for client in (admin, other, worker):
        client.get("/today")
        count_queries()
        client.get("/today")
        pages[client] = count_queries()
    export(admin, "households", ["door"])
    export(worker, "households", ["door"])
    there = f"/exports?community={place.community.public_id}"

    told = [client.get("/today").text for client in (other, admin, worker)]

    assert f'href="{there}"' in told[0] and "2 份导出等您同意" in told[0] and place.community.name not in told[0]
    assert "1 份导出等您同意" in told[1] and "等您同意" not in told[2]
    assert "2 份申请等您同意" in other.get(there).text
    count_queries()
    other.get("/today")
    assert count_queries() == pages[other] == pages[admin] and pages[worker] == pages[admin] - 1


def test_today_tells_by_community_and_of_nothing_elsewhere(
    second: None, place: Place, cast: Cast, log_in: LogIn
) -> None:
    elsewhere = {"asked": {"words": ""}, "n_rows": 600, "reason": REASON, "subject": "households"}
    db.session.add(ExportRequest(community_id=place.other.id, asked_by=cast.worker.id, **elsewhere))
    db.session.commit()
    assert "等您同意" not in log_in("admin").get("/today").text
    hand_out(db.session.get_one(User, cast.admin.id), place.other)

    page = log_in("admin").get("/today").text

    assert f'<b class="name">1 份导出等您同意</b> <span class="soft">{place.other.name}</span>' in page
    assert f"/exports?community={place.other.public_id}" in page
    db.session.execute(update(ExportRequest).values(answered_at=now(), answered_by=cast.worker.id, is_agreed=False))
    assert "等您同意" not in log_in("admin").get("/today").text


def test_as_many_as_the_limit_leave_at_once(place: Place, cast: Cast, log_in: LogIn) -> None:
    many_doors(place, MOST_ALONE - 36)

    answer = export(log_in("admin"), "households", ["door"])

    assert answer.status_code == 200 and len(rows_of(answer.data)) == MOST_ALONE


def test_fewer_whole_numbers_wait_already(place: Place, cast: Cast, log_in: LogIn) -> None:
    for n in range(MOST_WHOLE_ALONE):
        make_person(place.doors["1-1-102"], f"居民{n}")
    admin = log_in("admin")

    whole = export(admin, "residents", ["name", "id_no"], whole="y")
    masked = export(admin, "residents", ["name", "id_no"])
    nameless = export(admin, "residents", ["name", "sex"], whole="y")

    assert (whole.status_code, masked.status_code, nameless.status_code) == (303, 200, 200)
    assert asked().asked["is_whole"] and "完整号码" in asked().asked["words"]


def test_parts_of_a_list_add_up_in_a_day(place: Place, cast: Cast, log_in: LogIn) -> None:
    """By estate, or by a ledger of the same people: 400 and 400 are 800."""
    many_doors(place, MOST_ALONE - 36)
    few = db.session.scalars(select(Household).where(Household.floor == 9)).all()
    for door in few[: MOST_ALONE // 3]:
        door.occupancy = "vacant"
    place.doors["1-1-101"].occupancy = "rented"
    db.session.commit()
    admin = log_in("admin")

    first = export(admin, "households", ["door"], f_occupancy="vacant")
    again = export(admin, "households", ["door"], f_occupancy="vacant")
    rest = export(admin, "households", ["door"])
    other = export(log_in("worker"), "households", ["door"])

    assert [answer.status_code for answer in (first, again, rest, other)] == [200, 200, 303, 200]
    assert "一天导出的同一类内容" in admin.get("/exports/new?subject=ledger:households").text
    assert "一天导出的同一类内容" not in admin.get("/exports/new?subject=residents").text
    assert "已取走" not in admin.get("/exports").text
    before = {"asked_at": now() - timedelta(days=1)}
    db.session.execute(update(ExportRequest).values(**before))
    db.session.commit()
    assert export(admin, "households", ["door"]).status_code == 200


def test_whole_numbers_add_up_in_a_day(place: Place, cast: Cast, log_in: LogIn) -> None:
    for n in range(MOST_WHOLE_ALONE - 4):
        make_person(place.doors["1-1-102"], f"居民{n}")
    db.session.commit()
    admin = log_in("admin")

    codes = [
        export(admin, "residents", ["id_no"], whole="y", f_name=name).status_code for name in ("居民", "居民1", "王")
    ]

    assert codes == [200, 303, 200] and asked_whole() == ["居民1"]


def asked_whole() -> list[str]:
    found = db.session.scalars(select(ExportRequest).where(ExportRequest.answered_at.is_(None)))
    return [row.asked["filter"]["name"] for row in found]


def test_many_more_rows_than_were_agreed_to_are_not_taken(second: None, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    other.post(at("agree"))
    take = at("take")
    agreed = asked().n_rows
    db.session.execute(update(ExportRequest).values(n_rows=agreed * 10 // 11 + 1))
    db.session.commit()
    assert admin.post(take).status_code == 200, "a few moved in"
    db.session.execute(update(ExportRequest).values(n_rows=agreed * 10 // 11 - 1, taken_at=None))
    db.session.commit()

    refused = admin.post(take)

    assert refused.status_code == 422 and f"现在有 {agreed} 行" in refused.text
    assert asked().taken_at is None and actions().count("take_export") == 1


def test_a_yes_to_a_list_is_none_to_the_whole_community(second: None, place: Place, cast: Cast, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    other.post(at("agree"))
    word = {"passphrase": "换电脑的口令八个字", "again": "换电脑的口令八个字", "reason": "换电脑搬家"}

    answer = admin.post("/exports/community", data=word)

    assert answer.status_code == 303 and "export_community" not in actions()


def test_nobody_agrees_to_the_own_request(second: None, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    export(admin, "households", ["door"])

    answers = [admin.post(at("agree")), admin.post(at("decline")), admin.post(at("take"))]

    assert [answer.status_code for answer in answers] == [422] * 3 and "另一位管理员" in answers[0].text
    assert asked().answered_at is None and asked().taken_at is None


def test_the_only_administrator_is_told_what_is_missing(place: Place, cast: Cast, log_in: LogIn) -> None:
    many_doors(place, MOST_ALONE)
    admin = log_in("admin")

    export(admin, "households", ["door"])

    assert "开管理员账号" in admin.get("/exports").text


def test_what_was_declined_or_withdrawn_is_not_taken(second: None, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    assert admin.post(at("withdraw")).status_code == 303

    late = other.post(at("agree"))

    assert late.status_code == 422 and "已经答复或撤回" in late.text and admin.post(at("take")).status_code == 422
    assert "已撤回" in admin.get("/exports").text
    db.session.execute(update(ExportRequest).values(answered_by=None, answered_at=None, is_agreed=None))
    db.session.commit()
    assert other.post(at("decline")).status_code == 303
    assert admin.post(at("take")).status_code == 422 and "没有同意" in admin.get("/exports").text
    assert actions() == ["ask_export", "withdraw_export", "decline_export"]


def test_it_is_taken_once_and_within_a_week(second: None, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    other.post(at("agree"))

    assert other.post(at("take")).status_code == 422
    assert [admin.post(at("take")).status_code for _time in range(2)] == [200, 422]
    week = {"taken_at": None, "answered_at": now() - timedelta(days=7, seconds=1)}
    db.session.execute(update(ExportRequest).values(**week))
    db.session.commit()
    lapsed = admin.post(at("take"))
    assert lapsed.status_code == 422 and "已经过期" in lapsed.text


def test_the_rows_are_those_of_the_day_and_of_the_scope_of_the_day(
    second: None, place: Place, cast: Cast, log_in: LogIn
) -> None:
    worker, other = log_in("worker"), log_in("admin2")
    export(worker, "households", ["door"])
    assert asked().n_rows == MOST_ALONE + 24
    other.post(at("agree"))
    many = db.session.scalars(select(Household).where(Household.floor == 9)).all()
    many[0].deleted_at = now()
    db.session.commit()

    taken = worker.post(at("take"))

    assert len(rows_of(taken.data)) == MOST_ALONE + 23 and "3-2-302" not in str(rows_of(taken.data))


def test_whoever_lost_the_community_takes_nothing_of_it(second: None, place: Place, cast: Cast, log_in: LogIn) -> None:
    worker, other = log_in("worker"), log_in("admin2")
    export(worker, "households", ["door"])
    other.post(at("agree"))
    take = at("take")
    mine = Patch.user_id == cast.worker.id
    db.session.execute(update(Patch).where(mine).values(to_on=today() - timedelta(days=1)))
    db.session.execute(update(User).where(User.id == cast.worker.id).values(scope_version=User.scope_version + 1))
    db.session.commit()

    assert worker.post(take).status_code == 404


def test_whole_numbers_are_not_taken_by_who_is_no_administrator_any_more(
    place: Place, cast: Cast, log_in: LogIn
) -> None:
    said = {"columns": [{"key": "id_no", "heading": ""}], "period": "", "filter": {}, "is_whole": True, "words": "人"}
    facts = {"asked_by": cast.worker.id, "answered_by": cast.admin.id, "answered_at": now(), "is_agreed": True}
    db.session.add(
        ExportRequest(
            community_id=place.community.id, subject="residents", asked=said, n_rows=60, reason=REASON, **facts
        )
    )
    db.session.commit()

    answer = log_in("worker").post(at("take"))

    assert answer.status_code == 422 and "只有管理员" in answer.text


def test_a_restricted_ledger_is_taken_by_who_said_why_today(place: Place, cast: Cast, log_in: LogIn) -> None:
    said = {"columns": [{"key": "name", "heading": ""}], "period": "", "filter": {}, "is_whole": False, "words": "谈话"}
    facts = {"asked_by": cast.admin.id, "answered_by": cast.worker.id, "answered_at": now(), "is_agreed": True}
    here = {"community_id": place.community.id, "subject": "ledger:talks", "reason": REASON}
    db.session.add(ExportRequest(asked=said, n_rows=600, **here, **facts))
    db.session.commit()
    admin = log_in("admin")

    shut = admin.post(at("take"))
    admin.post("/ledgers/talks/access", data={"words": "季度谈话检查"})
    opened = admin.post(at("take"))

    assert shut.status_code == 303 and "/ledgers/talks" in shut.location
    assert opened.status_code == 200 and asked().taken_at is not None


def test_others_do_not_see_a_request(second: None, place: Place, log_in: LogIn) -> None:
    export(log_in("worker"), "households", ["door"])
    colleague = log_in("other")

    assert REASON not in colleague.get("/exports").text
    assert [colleague.post(at(what)).status_code for what in ("withdraw", "take")] == [404, 404]


def test_a_request_sent_twice_is_one(second: None, place: Place, log_in: LogIn) -> None:
    admin, words = log_in("admin"), fields("households", ["door"])

    answers = [admin.post("/exports/new", data=words).status_code for _time in range(2)]

    assert answers == [303, 303] and asked().n_rows == MOST_ALONE + 36


def together(app: Flask, *presses: tuple[FlaskClient, str], data: Sequence[dict[str, Any]] = ({}, {})) -> list[int]:
    """Two people press their buttons in the same moment."""
    begin = Barrier(len(presses))

    def press(client: FlaskClient, path: str, words: dict[str, Any]) -> int:
        begin.wait()
        with app.app_context():
            return client.post(path, data=words).status_code

    db.session.commit()
    with ThreadPoolExecutor(len(presses)) as crowd:
        pressed = [crowd.submit(press, *one, words) for one, words in zip(presses, data, strict=True)]
        return sorted(found.result() for found in pressed)


@pytest.mark.parametrize("answer", ["agree", "decline", "withdraw"])
def test_of_two_answers_at_once_one_holds(app: Flask, second: None, place: Place, log_in: LogIn, answer: str) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    answers: Callable[[str], tuple[FlaskClient, str]] = lambda what: (  # noqa: E731
        admin if what == "withdraw" else other,
        at(what),
    )

    codes = together(app, answers(answer), (other, at("decline")))

    assert codes == [303, 422] and len(actions()) == 2 and asked().answered_at is not None


def test_of_two_that_take_at_once_one_gets_it(app: Flask, second: None, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), log_in("admin2")
    export(admin, "households", ["door"])
    other.post(at("agree"))

    codes = together(app, (admin, at("take")), (admin, at("take")))

    assert codes == [200, 422] and actions().count("take_export") == 1


def test_two_parts_at_once_do_not_both_pass_the_limit(
    app: Flask, second: None, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look before one of them has noted anything."""
    real = export_actions.needs_second

    def slowly(*given: Any) -> bool:
        needed = real(*given)
        time.sleep(0.5)
        return needed

    monkeypatch.setattr(export_actions, "needs_second", slowly)
    for nth, door in enumerate(db.session.scalars(select(Household).where(Household.floor == 9))):
        door.occupancy = "vacant" if nth % 2 else "rented"
    new = "/exports/new"

    codes = together(
        app,
        *((log_in("admin"), new) for _time in range(2)),
        data=[fields("households", ["door"], f_occupancy=part) for part in ("vacant", "rented")],
    )

    assert codes == [200, 303] and sorted(actions()) == ["ask_export", "export"]
    assert asked().answered_at is None and MOST_ALONE // 2 <= asked().n_rows < MOST_ALONE
