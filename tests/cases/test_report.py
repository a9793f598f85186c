"""A building head reports in three taps: once, from the own building, and gone when its day comes."""

import hashlib
import json
import sqlite3
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from grid.accounts.models import AuditEntry, Receipt
from grid.cases import actions
from grid.cases.models import VisitorReport
from grid.core.clock import local, now, today
from grid.core.db import Base, db
from grid.core.serving import begin
from grid.register.models import Community, Person
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place

SAID = "穿红衣服的提着两个箱子"


def reports() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(VisitorReport)) or 0


def send(head: FlaskClient, place: Place, **given: str) -> Any:
    words = {"key": str(uuid.uuid4()), "kind": "visitor", "door": f"{place.buildings[0].public_id}:2-201"}
    return head.post("/report", data=words | given)


def test_three_taps_are_enough(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")
    assert 'href="/report/new?kind=tenant"' in head.get("/report").text
    form = head.get("/report/new?kind=tenant").text
    assert f'value="{place.buildings[0].public_id}:2-201"' in form
    assert 'name="kind" value="tenant"' in form

    answer = send(head, place, kind="tenant")

    assert (answer.status_code, answer.location) == (303, "/report?done=sent")
    report = db.session.scalars(select(VisitorReport)).one()
    assert (report.kind, report.household_id, report.reporter_id, report.state) == (
        "tenant",
        place.doors["1-2-201"].id,
        cast.head.id,
        "waiting",
    )
    assert report.purge_on == today() + timedelta(days=30)
    page = head.get("/report?done=sent").text
    assert "已送出" in page and "2 单元 201" in page and "待核" in page and "等社区核实" in page


def test_nothing_but_the_doors_is_said_of_the_house(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")
    send(head, place)

    pages = head.get("/report").text + head.get("/report/new?kind=odd").text

    for name in db.session.scalars(select(Person.name)):
        assert name not in pages
    for door in place.doors.values():
        assert door.public_id not in pages
    for building in place.buildings[1:]:
        assert building.public_id not in pages


def test_without_a_door_it_is_somewhere_in_the_first_building(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")
    building = place.buildings[0]
    page = head.get("/report/new?kind=visitor").text
    assert f'value="{building.public_id}:" checked' in page

    answer = send(head, place, door=f"{building.public_id}:", headcount="3", facts="在楼下")

    assert answer.status_code == 303
    report = db.session.scalars(select(VisitorReport)).one()
    assert (report.building_id, report.household_id, report.headcount, report.facts) == (building.id, None, 3, "在楼下")


def test_something_odd_is_something_else_until_it_is_said(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")

    page = head.get("/report/new?kind=odd").text

    assert 'value="other" checked' in page and 'value="peddler"' in page and 'value="stranger"' in page
    assert send(head, place, kind="peddler").status_code == 303


def test_a_head_of_two_houses_chooses_on_the_same_page(cast: Cast, place: Place, log_in: LogIn) -> None:
    user = db.session.get_one(factories.User, cast.head.id)
    factories.hand_out(user, place.community, building_id=place.buildings[1].id)
    head = log_in("head")

    page = head.get("/report/new?kind=visitor").text

    first, second = (f"{building.public_id}:" for building in place.buildings[:2])
    assert f'value="{first}" checked' in page and f'value="{second}1-101"' in page
    assert send(head, place, door=f"{second}1-101").status_code == 303
    assert db.session.scalars(select(VisitorReport)).one().building_id == place.buildings[1].id


def test_however_often_it_is_sent_it_is_stored_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    head, key = log_in("head"), str(uuid.uuid4())

    answers = [send(head, place, key=key, facts=SAID) for _n in range(3)]

    assert {(a.status_code, a.location) for a in answers} == {(303, "/report?done=sent")}
    assert reports() == 1 and db.session.scalar(select(func.count()).select_from(Receipt)) == 1


def test_the_same_key_with_other_words_is_refused_and_can_be_mended(cast: Cast, place: Place, log_in: LogIn) -> None:
    head, key = log_in("head"), str(uuid.uuid4())
    send(head, place, key=key)

    answer = send(head, place, key=key, facts=SAID)

    assert answer.status_code == 422 and reports() == 1
    assert SAID in answer.text and key not in answer.text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"headcount": "一大群"}, "请填整数"),
        ({"headcount": "0"}, "1 到 99"),
        ({"facts": "字" * 301}, "最多 300 个字"),
        ({"door": ""}, "请选一户"),
        ({"door": "什么"}, "请选一户"),
        ({"kind": "thief"}, "请从列表里选一项"),
        ({"key": "x"}, "请刷新页面"),
        ({"seen_at": "gestern"}, "这样的时间"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = send(log_in("head"), place, **({"facts": SAID} | given))

    assert answer.status_code == 422 and sentence in answer.text and reports() == 0
    assert given.get("facts", SAID) in answer.text
    assert "door" in given or ':2-201" checked' in answer.text


def test_the_past_may_be_reported_the_future_not(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")

    def at(**ahead: int) -> str:
        return local(now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")

    late, early = send(head, place, seen_at=at(hours=-5)), send(head, place, seen_at=at(hours=5))

    assert (late.status_code, early.status_code) == (303, 422) and "还没到" in early.text
    assert reports() == 1


def test_another_house_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")

    for building in (place.buildings[1].public_id, place.buildings[2].public_id, "nowhere"):
        assert send(head, place, door=f"{building}:1-101").status_code == 404
        assert send(head, place, door=f"{building}:").status_code == 404
    answer = send(head, place, door=f"{place.buildings[0].public_id}:9-999")
    assert answer.status_code == 422 and "没有这个门牌" in answer.text
    assert reports() == 0


def test_a_head_whose_patch_ended_reports_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")
    send(head, place, facts=SAID)
    patch = db.session.query(factories.accounts_actions.Patch).filter_by(user_id=cast.head.id).one()
    factories.accounts_actions.end_patch(cast.admin, patch, today() - timedelta(days=1))

    assert "现在没有楼栋分给您" in head.get("/report").text
    assert "2 单元 201" not in head.get("/report").text
    assert "现在没有楼栋分给您" in head.get("/report/new?kind=odd").text
    assert send(head, place).status_code == 404


@pytest.mark.parametrize("login", ["admin", "worker", "street"])
def test_only_a_head_reports(cast: Cast, place: Place, log_in: LogIn, login: str) -> None:
    client = log_in(login)

    assert client.get("/report").status_code == client.get("/report/new?kind=odd").status_code == 403
    assert send(client, place).status_code == 403


def test_a_head_sees_only_the_own_reports(cast: Cast, place: Place, log_in: LogIn) -> None:
    other = factories.make_user("head2", "building_head", "鲍楼长")
    db.session.commit()
    factories.hand_out(other, place.community, building_id=place.buildings[0].id)
    send(log_in("head"), place)

    assert "我报过的" not in log_in("head2").get("/report").text


def everything_kept() -> str:
    """Every row of every table, as text."""
    db.session.rollback()
    return "\n".join(
        str(kept)
        for table in Base.metadata.sorted_tables
        for kept in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
    )


def test_when_its_day_comes_it_is_gone_from_the_pages(cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)
    public_id = db.session.scalars(select(VisitorReport.public_id)).one()

    with time_machine.travel(now() + timedelta(days=30)):
        head, worker = log_in("head"), log_in("worker")
        assert "我报过的" not in head.get("/report").text
        assert SAID not in worker.get("/reports").text
        assert worker.get(f"/reports/{public_id}").status_code == 404
        assert worker.post(f"/reports/{public_id}/verify").status_code == 404
    with time_machine.travel(now() + timedelta(days=29)):
        assert SAID in log_in("worker").get("/reports").text


def test_the_next_report_deletes_what_has_expired_and_no_word_is_left(cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)
    worker = log_in("worker")
    public_id = db.session.scalars(select(VisitorReport.public_id)).one()
    worker.get(f"/reports/{public_id}")
    worker.post(f"/reports/{public_id}/verify")
    worker.post(f"/reports/{public_id}/case", data={"type": "security", "content": ""})
    worker.post(f"/reports/{public_id}/close", data={"result": "问过了，是亲戚来住几天"})
    assert SAID in everything_kept()

    with time_machine.travel(now() + timedelta(days=31)):
        send(log_in("head"), place)

    kept = everything_kept()
    assert reports() == 1
    assert SAID not in kept and "亲戚" not in kept
    assert "report_visitor" in kept and "close_report" in kept


def test_the_command_deletes_what_has_expired(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)
    db.session.get_one(Community, place.community.id).report_days = 60
    db.session.commit()
    send(log_in("head"), place, facts="后来的")

    said = []
    for days in (29, 30, 31):
        with time_machine.travel(now() + timedelta(days=days)):
            said.append(app.test_cli_runner().invoke(args=["reports", "purge"]).output)

    assert [line.rsplit("：", 1)[1].strip() for line in said] == ["0 条。", "1 条。", "0 条。"]
    kept = everything_kept()
    assert SAID not in kept and "后来的" in kept
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purge_reports")).one()
    assert (entry.community_id, entry.words) == (place.community.id, "1")


def test_the_log_tells_that_it_was_made_and_never_what_it_said(cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)

    log = log_in("admin").get("/audit").text

    assert "报告来访" in log and "邱楼长" in log and SAID not in log


def test_the_page_of_the_door_never_tells_that_somebody_reported(cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)
    url, worker = f"/reports/{db.session.scalars(select(VisitorReport.public_id)).one()}", log_in("worker")
    worker.get(url)
    worker.post(f"{url}/verify")
    worker.post(f"{url}/case", data={"type": "security"})
    worker.post(f"{url}/close", data={"result": "问过了"})

    page = worker.get(f"/households/{place.doors['1-2-201'].public_id}").text
    noted = select(AuditEntry.household_id).where(AuditEntry.action.endswith("_report", autoescape=True))

    assert "来访" not in page[page.index('id="history"') :]
    assert [*db.session.scalars(select(AuditEntry.household_id).where(AuditEntry.action == "report_visitor"))] == [None]
    assert set(db.session.scalars(noted)) == {None}


def test_its_receipt_does_not_tell_the_words_to_who_tries_them_all(cast: Cast, place: Place, log_in: LogIn) -> None:
    key = str(uuid.uuid4())
    send(log_in("head"), place, key=key)

    words = {"key": [key], "kind": ["visitor"], "door": [f"{place.buildings[0].public_id}:2-201"]}
    guessed = hashlib.sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    assert db.session.scalars(select(Receipt.fingerprint)).one() != guessed


def test_handling_another_deletes_what_has_expired(cast: Cast, place: Place, log_in: LogIn) -> None:
    head = log_in("head")
    send(head, place, facts=SAID)
    with time_machine.travel(now() + timedelta(days=29)):
        send(log_in("head"), place, facts="后来的")
        later = db.session.scalars(select(VisitorReport.public_id).order_by(VisitorReport.id.desc())).first()
    assert reports() == 2

    with time_machine.travel(now() + timedelta(days=31)):
        log_in("worker").post(f"/reports/{later}/verify")

    assert reports() == 1 and SAID not in everything_kept()


def test_serving_begins_with_it(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("head"), place, facts=SAID)
    begin(app)
    before = reports()
    db.session.rollback()

    with time_machine.travel(now() + timedelta(days=31)):
        begin(app)

    assert (before, reports()) == (1, 0)


def test_its_words_are_gone_from_the_file_too(cast: Cast, place: Place, log_in: LogIn) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's vacuum frees the rows, its files are not looked into")
    file, secret = Path(str(db.engine.url.database)), f"蓝色面包车{uuid.uuid4().hex}"
    for n in range(20):
        send(log_in("head"), place, facts=f"{secret}，第{n}次")
    there = secret.encode() in written(file)

    actions.purge_reports(today() + timedelta(days=31))

    assert there and secret.encode() not in written(file)


def written(file: Path) -> bytes:
    """The database file and its log, after a checkpoint."""
    db.session.remove()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    wal = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + (wal.read_bytes() if wal.exists() else b"")
