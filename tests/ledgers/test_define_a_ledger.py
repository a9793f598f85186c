"""An administrator makes a ledger of their own: source, columns, filter, period, who signs."""

import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.tables import shown
from tests.conftest import LogIn
from tests.exchange.exporting import export
from tests.factories import Cast, Place
from tests.ledgers.given import PERIOD, everything
from tests.ledgers.test_read_a_ledger import in_workbook, on_paper, on_screen


def typed(**given: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "source": "visits",
        "title": "谈话登记",
        "columns": ["door", "worker", "content", "at"],
        "f_kind": ["talk"],
        "period": "month",
        "signatures": "填表人、书记，主任",
    } | given


def rows() -> list[LedgerDefinition]:
    db.session.rollback()
    return list(db.session.scalars(select(LedgerDefinition).order_by(LedgerDefinition.id)))


def make(client: FlaskClient, **given: Any) -> LedgerDefinition:
    answer = client.post("/ledgers/new", data=typed(**given))
    assert answer.status_code == 303, answer.text
    return rows()[-1]


def test_what_was_chosen_is_what_is_shown(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    admin, worker = log_in("admin"), log_in("worker")
    assert "走访，一次一行" in admin.get("/ledgers/new").text and "帮教" not in admin.get("/ledgers/new").text
    assert 'value="door"' in admin.get("/ledgers/new?source=visits").text

    row = make(admin)

    assert row.columns == ["at", "door", "worker", "content"] and row.filter == {"kind": ["talk"]}
    assert row.signatures == ["填表人", "书记", "主任"] and row.made_by == cast.admin.id
    assert f"/ledgers/{row.public_id}" in worker.get("/ledgers").text
    page = worker.get(f"/ledgers/{row.public_id}?period={PERIOD}").text
    screen = on_screen(page)
    # The words of a talk under a restricted tag stay out of a ledger of one's own too.
    assert screen == [["1", "2026-11-16 09:30", "2-1-201", "孟网格", ""], ["合计 1", "", "", "", ""]]
    sheet, below = in_workbook(export(worker, f"ledger:{row.public_id}", row.columns, period=PERIOD).data)
    paper = on_paper(worker.post(f"/ledgers/{row.public_id}/print", data={"period": PERIOD}).data)
    assert [[shown(cell) for cell in line] for line in sheet] == screen
    assert "书记" in below[0] and all(word in paper for word in ("书记", "主任", "2026年11月", "谈话登记"))


def test_it_is_changed_and_taken_away_and_its_rows_stay(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    admin = log_in("admin")
    row = make(admin)
    public_id = row.public_id
    form = admin.get(f"/ledgers/{public_id}/edit").text
    assert 'value="谈话登记"' in form and 'id="columns-content" value="content" checked' in form

    changed = typed(version="1", title="所有走访", f_kind=[], columns=["content"], period="")
    assert admin.post(f"/ledgers/{public_id}/edit", data=changed).status_code == 303
    stale = admin.post(f"/ledgers/{public_id}/edit", data=changed | {"title": "又改"})

    assert stale.status_code == 422 and "刚刚被别人改过" in stale.text and "又改" in stale.text
    assert (rows()[0].title, rows()[0].version, rows()[0].filter, rows()[0].period) == ("所有走访", 2, {}, None)
    assert "四十天前的走访" in admin.get(f"/ledgers/{public_id}").text
    assert admin.post(f"/ledgers/{public_id}/take-away").status_code == 303
    assert admin.get(f"/ledgers/{public_id}").status_code == 404
    assert public_id not in admin.get("/ledgers").text
    assert "2-1-201" in admin.get(f"/ledgers/visits?period={PERIOD}").text
    told = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)) if "ledger" in e.action]
    assert told == ["define_ledger", "redefine_ledger", "take_away_ledger"]


def test_sent_twice_it_is_made_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, words = log_in("admin"), typed()

    first, second = admin.post("/ledgers/new", data=words), admin.post("/ledgers/new", data=words)

    assert first.location == second.location and len(rows()) == 1
    reused = admin.post("/ledgers/new", data=words | {"title": "别的"})
    assert reused.status_code == 422 and "别的" in reused.text and len(rows()) == 1


def test_bad_input_keeps_what_was_chosen(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")

    nameless = admin.post("/ledgers/new", data=typed(title=" "))
    bare = admin.post("/ledgers/new", data=typed(columns=[], f_content="漏水", f_kind=["talk", "nonsense"]))
    odd = admin.post("/ledgers/new", data=typed(columns=["nonsense"]))

    assert nameless.status_code == bare.status_code == 422 and rows() == [] and odd.status_code == 422
    assert "请给台账起个名字" in nameless.text and 'value="talk" checked' in nameless.text
    assert "请至少选一列" in bare.text and 'value="漏水"' in bare.text and "谈话登记" in bare.text
    assert admin.get("/ledgers/new?source=talks").text.count("走访，一次一行") == 1


def test_only_an_administrator_of_the_community_makes_or_changes_one(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, worker = log_in("admin"), log_in("worker")
    row = make(admin)

    assert worker.get("/ledgers/new").status_code == 403
    assert worker.post(f"/ledgers/{row.public_id}/take-away").status_code == 403
    assert admin.post("/ledgers/new", data=typed(community=place.other.public_id)).status_code == 404
    row.community_id = place.other.id
    db.session.commit()
    for path in ("", "/edit"):
        assert admin.get(f"/ledgers/{row.public_id}{path}").status_code == 404
