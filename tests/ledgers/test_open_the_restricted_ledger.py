"""帮教谈话: seen by whoever says why, for half an hour, in their own scope; nowhere else are restricted tags told."""

from datetime import timedelta

from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import now
from grid.core.db import db
from grid.documents.models import Print
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.shipped import SHIPPED
from grid.register.models import TagAccess
from tests.conftest import LogIn
from tests.exchange.exporting import export
from tests.factories import Cast, Place
from tests.ledgers.given import AT, PERIOD, everything, tag, visit

AT_TALKS = f"/ledgers/talks?period={PERIOD}"


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_whoever_says_why_sees_it_for_half_an_hour(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    worker, admin = log_in("worker"), log_in("admin")
    closed = worker.get(AT_TALKS)
    assert closed.status_code == 200 and "回归人" not in closed.text and "因为什么工作" in closed.text

    answer = worker.post("/ledgers/talks/access", data={"words": "季度谈话检查"})

    assert answer.status_code == 303
    opened = worker.get(AT_TALKS).text
    assert "回归人" in opened and "刑满释放" in opened and "谈话记录" in opened
    assert [(e.actor_id, e.words) for e in entries("open_restricted_ledger")] == [(cast.worker.id, "季度谈话检查")]
    assert [e.actor_id for e in entries("see_restricted_ledger")] == [cast.worker.id]
    assert "回归人" not in admin.get(AT_TALKS).text
    db.session.scalars(select(TagAccess)).one().ends_at = now() - timedelta(seconds=1)
    db.session.commit()
    assert "回归人" not in worker.get(AT_TALKS).text


def test_nothing_of_it_leaves_before_a_reason_is_given(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    worker = log_in("worker")

    paper, workbook = worker.post("/ledgers/talks/print", data={"period": PERIOD}), export(worker, "ledger:talks")
    assert paper.status_code == 422 and "因为什么工作" in paper.text
    assert workbook.status_code == 303 and workbook.location.startswith("/ledgers/talks?")
    assert worker.get("/exports/new?subject=ledger:talks").status_code == 303
    assert worker.get("/exports/new?subject=talks").status_code == export(worker, "talks").status_code == 404
    for words in (" ", "看", "看看嘛"):
        short = worker.post("/ledgers/talks/access", data={"words": words})
        assert short.status_code == 422 and "请写明原因，至少 4 个字" in short.text
    assert db.session.scalars(select(TagAccess)).all() == [] and db.session.scalars(select(Print)).all() == []
    assert worker.post("/ledgers/visits/access", data={"words": "看看"}).status_code == 400


def test_the_reason_stands_in_the_logs(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    worker = log_in("worker")
    worker.post("/ledgers/talks/access", data={"words": "季度谈话检查"})

    export(worker, "ledger:talks", ["at", "name"], period=PERIOD, reason="报司法所")
    worker.post("/ledgers/talks/print", data={"period": PERIOD})

    (taken,) = entries("export")
    assert taken.words == "帮教谈话台账 · 2026年11月 · 列：谈话时间、姓名 · 1 行 · 报司法所"
    assert taken.community_id == place.community.id
    assert [one.words for one in entries("see_restricted_ledger")] == ["季度谈话检查"] * 2
    kept = db.session.scalars(select(Print)).one()
    assert (kept.kind, kept.reason, kept.about) == ("ledger", "季度谈话检查", "帮教谈话台账 · 2026年11月")
    assert "台账" in log_in("admin").get("/print/log").text


def test_a_worker_sees_only_talks_in_their_scope_and_tags_for_their_role(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    given = everything(place, cast)
    visit(place, "3-2-302", cast.other_worker.id, AT, given.released, kind="talk", content="外片谈话")
    db.session.commit()
    worker, other = log_in("worker"), log_in("other")
    for client in (worker, other):
        client.post("/ledgers/talks/access", data={"words": "季度谈话检查"})
    assert "外片谈话" not in worker.get(AT_TALKS).text and "外片谈话" in other.get(AT_TALKS).text

    tag(place, "released").viewers = []
    db.session.commit()

    assert "谈话记录" not in worker.get(AT_TALKS).text


def test_no_other_ledger_tells_a_restricted_tag(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    admin = log_in("admin")
    admin.post("/ledgers/talks/access", data={"words": "季度谈话检查"})

    for key in set(SHIPPED) - {"talks"}:
        page = admin.get(f"/ledgers/{key}?period={PERIOD}&f_tag=released&f_tags=released").text
        assert "刑满释放" not in page and "released" not in page.split("<main")[1], key


def test_the_words_of_such_talks_stand_in_no_ledger_of_visits(cast: Cast, place: Place, log_in: LogIn) -> None:
    released = everything(place, cast).released
    visit(place, "2-1-201", cast.worker.id, AT, released, kind="talk", content="另一次谈话", needs="想找工作")
    visit(place, "2-1-201", cast.worker.id, AT, released, content="普通走访", needs="修水管")
    chosen = {
        "community_id": place.community.id,
        "title": "谈话",
        "columns": ["content", "needs"],
        "made_by": cast.admin.id,
    }
    db.session.add(LedgerDefinition(source="visits", filter={"kind": ["talk"]}, signatures=[], **chosen))
    db.session.commit()
    own, admin = db.session.scalars(select(LedgerDefinition)).one(), log_in("admin")

    pages = [admin.get(f"/ledgers/{key}?period={PERIOD}").text for key in ("visits", own.public_id)]

    assert all("另一次谈话" not in page and "谈话记录" not in page and "想找工作" not in page for page in pages)
    assert "普通走访" in pages[0] and "修水管" in pages[0]
    admin.post("/ledgers/talks/access", data={"words": "季度谈话检查"})
    assert "另一次谈话" in admin.get(AT_TALKS).text
