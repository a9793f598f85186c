"""Columns as the district asks for them are kept under a name, chosen, changed and deleted."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.exchange.models import ColumnSet
from tests.conftest import LogIn
from tests.exchange.exporting import fields
from tests.factories import Cast, Place


def sets() -> list[ColumnSet]:
    db.session.rollback()
    return list(db.session.scalars(select(ColumnSet).where(ColumnSet.deleted_at.is_(None)).order_by(ColumnSet.id)))


def keep(client: FlaskClient, name: str = "区民政局表", path: str = "/exports/columns", **more: Any) -> Any:
    return client.post(path, data=fields("residents", ["door", "name"], name=name, h_name="居民姓名", **more))


def test_saved_columns_are_offered_to_the_whole_community(cast: Cast, place: Place, log_in: LogIn) -> None:
    saved = keep(log_in("admin"), n_name="1", n_door="2", reason="")

    (row,) = sets()
    assert row.columns == [{"key": "name", "heading": "居民姓名"}, {"key": "door", "heading": ""}]
    assert saved.status_code == 303 and f"set={row.public_id}" in saved.location
    worker = log_in("worker")
    assert "区民政局表" in worker.get("/exports/new?subject=ledger:elderly").text
    assert "区民政局表" not in worker.get("/exports/new?subject=visits").text
    page = worker.get(f"/exports/new?subject=residents&set={row.public_id}").text
    assert page.index('value="name" checked') < page.index('value="door" checked') < page.index('value="sex"')
    assert 'value="居民姓名"' in page and 'value="sex" checked' not in page and "formaction" not in page


def test_a_change_made_meanwhile_is_told_and_nothing_typed_is_lost(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    keep(admin)
    path = f"/exports/columns/{sets()[0].public_id}"

    first = keep(admin, "区表（新）", path, version="1")
    second = keep(admin, "区表（又新）", path, version="1")

    assert first.status_code == 303 and (sets()[0].name, sets()[0].version) == ("区表（新）", 2)
    assert second.status_code == 422 and "刚刚被别人改过" in second.text and "区表（又新）" in second.text


def test_a_name_stands_for_one_set(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    keep(admin)

    again, nameless = keep(admin), keep(admin, " ")

    assert again.status_code == 422 and "已经有叫" in again.text
    assert nameless.status_code == 422 and "起个名字" in nameless.text and len(sets()) == 1


def test_a_deleted_set_is_gone_and_stands_in_the_log(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    keep(admin)
    public_id = sets()[0].public_id

    answer = admin.post(f"/exports/columns/{public_id}/remove", data={"subject": "residents"})

    assert answer.status_code == 303 and sets() == []
    assert "区民政局表" not in admin.get("/exports/new?subject=residents").text
    assert admin.post(f"/exports/columns/{public_id}/remove").status_code == 404
    told = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.contains("columns"))).all()
    assert told == ["save_columns", "remove_columns"]


def test_only_administrators_keep_columns(cast: Cast, place: Place, log_in: LogIn) -> None:
    keep(log_in("admin"))
    worker, path = log_in("worker"), f"/exports/columns/{sets()[0].public_id}"

    codes = [keep(worker, "我的").status_code, keep(worker, path=path).status_code]

    assert [*codes, worker.post(f"{path}/remove").status_code] == [403, 403, 403] and len(sets()) == 1


def test_the_set_of_another_community_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    columns = [{"key": "name", "heading": "外面的表头"}]
    facts = {"name": "外面的表", "subject": "residents", "columns": columns, "made_by": cast.admin.id}
    db.session.add(ColumnSet(community_id=place.other.id, **facts))
    db.session.commit()
    admin, public_id = log_in("admin"), sets()[0].public_id

    page = admin.get(f"/exports/new?subject=residents&set={public_id}").text

    assert "外面的表" not in page
    assert keep(admin, path=f"/exports/columns/{public_id}", version="1").status_code == 404
    assert admin.post(f"/exports/columns/{public_id}/remove").status_code == 404


def test_columns_of_one_list_are_not_put_into_a_set_of_another(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    keep(admin)
    path = f"/exports/columns/{sets()[0].public_id}"

    answer = admin.post(path, data=fields("visits", ["at", "content"], name="走访表", version="1"))

    assert answer.status_code == 404 and sets()[0].columns[0]["key"] == "door"
