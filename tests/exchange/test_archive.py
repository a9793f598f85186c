"""A whole community goes into a file and comes into an empty install, of either database, the same."""

import json
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import AuditChange, AuditEntry, LoginSession, Patch, User
from grid.accounts.passwords import matches
from grid.accounts.queries import token_hash
from grid.core.clock import now, today
from grid.core.db import Base, db
from grid.core.personal import keyed_hash, vault
from grid.core.refusals import Refused
from grid.demo.actions import load_demo
from grid.documents.models import Print
from grid.exchange.archive import LEFT_OUT, UNTOLD, columns, tables
from grid.exchange.archive_reading import import_community
from grid.exchange.archive_values import kind_of
from grid.exchange.archive_writing import ArchiveEntry, export_community
from grid.exchange.models import ColumnSet, ExportRequest, LearntWord
from grid.register.finding import find
from grid.register.models import Community, Household, KnownApart, Person, SearchKey, Tag, TagAccess
from grid.register.summaries import refresh_members
from grid.register.undo_actions import undo
from grid.services.models import Activity, ActivityPhoto
from grid.visits import album
from grid.visits.models import Visit, VisitPerson, VisitPhoto
from grid.visits.summaries import refresh_visits
from tests.exchange import installs
from tests.exchange.installs import Install, empty_install
from tests.factories import make_photo, me_of, small_picture

DAY = date(2026, 11, 23)
# What may differ between the two: everything else must be the same, row for row.
MAY_DIFFER = {
    ("user_account", "password_hash"): "nobody's password travels",
    ("person", "id_hash"): "keyed by the install; compared with the key of each",
}
ADDED_BY_THE_IMPORT = 1


@pytest.fixture
def here(app: Flask) -> Iterator[Install]:
    yield installs.of(app)


def test_a_community_is_the_same_in_the_other_database_and_back_again(here: Install, tmp_path: Path) -> None:
    load_demo(200, DAY, here.instance)
    community_id = db.session.scalars(select(Community.id).order_by(Community.id)).all()[-2]
    entry_id = _live_a_little(community_id)
    _fill_what_a_demo_leaves_empty(community_id)
    began, door = _rows(community_id), _a_door(community_id)
    # An empty table would prove nothing.
    assert [name for name, rows in began.items() if not rows] == []
    assert any(row["went_to"] for row in began["floating"]) and any(row["attrs"] for row in began["person_tag"])
    assert any(row["merged_into_id"] for row in began["person"]) and any(r["undoes_id"] for r in began["audit_entry"])
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    export_community(None, ArchiveEntry(community_id, "", "搬家"), first, here.instance)
    page = _page(here, door)

    # Without PostgreSQL the other database is another file of SQLite.
    one = db.engine.dialect.name
    other = "sqlite" if one == "postgresql" else "postgresql" if installs.SERVER else "sqlite"
    with empty_install(tmp_path / "other", other) as there, empty_install(tmp_path / "again", one) as again:
        with there.entered():
            done = import_community(None, first, "", there.instance)
            _same_rows(began, _rows(done.community_id))
            _same_hashes_and_no_passwords()
            _same_pictures(here, there)
            assert _page(there, door) == page
            assert done.content.rows["household"] == len(began["household"]) > 150
            export_community(None, ArchiveEntry(done.community_id, "", "再搬"), second, there.instance)
        with again.entered():
            import_community(None, second, "", again.instance)
            _same_rows(began, _rows(community_id), added=2 * ADDED_BY_THE_IMPORT + 1)
            _live_on(community_id, entry_id, began)


def _live_a_little(community_id: int) -> int:
    """Changes of every kind of value under one entry, with a photo and restricted words; its id."""
    person = db.session.scalars(select(Person).where(Person.community_id == community_id, Person.id_no > "")).first()
    door = db.session.scalars(select(Household).where(Household.community_id == community_id)).first()
    visit = db.session.scalars(select(Visit).where(Visit.community_id == community_id)).first()
    tag = db.session.scalars(select(Tag).where(Tag.community_id == community_id)).first()
    assert person and door and visit and tag
    tag.viewers = ["administrator"]
    make_photo(visit)
    db.session.commit()
    with audit.entry(None, "edit_person", community_id=community_id, person_id=person.id, household_id=door.id) as line:
        person.id_no, person.phone, person.birth = "990101198001011218", "19900012345;02788880000", date(1980, 1, 1)
        person.id_hash = keyed_hash("id", person.id_no)
        person.note = "换行\n和“引号”𠮷"
        door.area, door.landlord_duty = 90.25, not door.landlord_duty
        visit.at, visit.closed = visit.at - timedelta(hours=1, microseconds=5), not visit.closed
        tag.viewers, tag.fields = ["grid_worker"], [{"key": "a", "label": "甲"}]
        refresh_members(community_id=community_id)
        refresh_visits(community_id=community_id)
    return line.id


def _fill_what_a_demo_leaves_empty(community_id: int) -> None:
    """Also somebody who was merged into another, and something that was taken back."""
    here: dict[str, Any] = {"community_id": community_id}
    of_here = select(Person).where(Person.community_id == community_id).order_by(Person.id.desc())
    first, other, gone = db.session.scalars(of_here.limit(3)).all()
    user_id = db.session.scalars(select(User.id).where(User.role == "administrator")).one()
    activity = db.session.scalars(select(Activity).where(Activity.community_id == community_id)).first()
    assert activity
    picture = small_picture()
    size = {"sha256": picture.sha256, "width": picture.width, "height": picture.height, "size": len(picture.jpeg)}
    asked = {"columns": [{"key": "door", "heading": "房号"}], "filter": {"live_kind": ["tenant"]}, "is_whole": False}
    with audit.entry(None, "edit_person", **here):
        gone.merged_into_id, gone.deleted_at = first.id, now()
        db.session.add_all(
            (
                ActivityPhoto(activity_id=activity.id, **size, **here),
                ColumnSet(name="区表", subject="residents", columns=asked["columns"], made_by=user_id, **here),
                ExportRequest(subject="residents", asked=asked, n_rows=7, reason="统计", asked_by=user_id, **here),
                KnownApart(first_id=other.id, second_id=first.id, **here),
                LearntWord(kind="code:relation", said="伢子", means="20", **here),
                Print(number="P-1", kind="sheet", user_id=user_id, **here),
                TagAccess(user_id=user_id, person_id=first.id, reason="季度谈话", ends_at=now(), **here),
            )
        )
    with audit.entry(None, "edit_person", person_id=other.id, **here) as line:
        other.occupation = "要撤销的职业"
    undo(None, db.session.get_one(AuditEntry, line.id))


def _rows(community_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row of a community as Python has it, asked for without what is under test."""
    db.session.expire_all()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        asked = select(*table.c).order_by(table.c.id)
        if table.name in ("visit_person", "visit_worker"):
            asked = asked.where(table.c.visit_id.in_(select(Visit.id).where(Visit.community_id == community_id)))
        elif table.name == "community":
            asked = asked.where(table.c.id == community_id)
        elif table.name == "audit_change":
            entries = select(AuditEntry.id).where(AuditEntry.community_id == community_id)
            asked = asked.where(table.c.entry_id.in_(entries))
        elif table.name != "user_account":
            asked = asked.where(table.c.community_id == community_id)
        found[table.name] = [dict(row._mapping) for row in db.session.execute(asked)]
    for change in found["audit_change"]:
        for side in ("old", "new"):
            change[side] = _alike(Base.metadata.tables[change["table_name"]], change[side])
    return found


def _alike(table: Any, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values of the log in one spelling: the two databases store moments, booleans and JSON differently."""
    if values is None:
        return None
    found = {}
    for name, value in values.items():
        kind = kind_of(table.c[name])
        if (table.name, name) in UNTOLD:
            value = bool(value)
        elif value is None:
            pass
        elif kind == "personal":
            value = vault().open(value)
        elif kind == "moment":
            moment = datetime.fromisoformat(value)
            value = moment.replace(tzinfo=moment.tzinfo or UTC)
        elif kind == "yes_no":
            value = bool(value)
        elif kind == "json" and isinstance(value, str):
            value = json.loads(value)
        found[name] = value
    return found


def _same_rows(began: dict[str, list[Any]], now_: dict[str, list[Any]], added: int = ADDED_BY_THE_IMPORT) -> None:
    # Accounts that have nothing to do with the community stay; the import's own lines are new.
    known = {row["id"] for row in now_["user_account"]}
    began = {**began, "user_account": [row for row in began["user_account"] if row["id"] in known]}
    now_ = {**now_, "audit_entry": now_["audit_entry"][:-added]}
    assert len(began["user_account"]) > 8
    assert now_.keys() == began.keys()
    for name, rows in began.items():
        plain = [{k: v for k, v in row.items() if (name, k) not in MAY_DIFFER} for row in rows]
        assert [{k: v for k, v in row.items() if (name, k) not in MAY_DIFFER} for row in now_[name]] == plain, name


def _same_hashes_and_no_passwords() -> None:
    for person in db.session.scalars(select(Person)):
        assert person.id_hash == (keyed_hash("id", person.id_no) if person.id_no else None)
    user = db.session.scalars(select(User)).first()
    assert user and not matches(user.password_hash, "nobody has this password")
    assert len(set(db.session.scalars(select(User.password_hash)))) == 1


def _same_pictures(here: Install, there: Install) -> None:
    names = db.session.scalars(select(VisitPhoto.sha256)).all()
    assert names
    for name in names:
        assert album.picture(there.instance, name) == album.picture(here.instance, name) is not None


def _a_door(community_id: int) -> str:
    """One with people and visits."""
    found = db.session.scalars(
        select(Household.public_id)
        .join(Visit, Visit.household_id == Household.id)
        .join(VisitPerson, VisitPerson.visit_id == Visit.id)
        .where(Household.community_id == community_id, Household.n_members > 2)
        .order_by(Household.id)
    ).first()
    assert found
    return found


def _page(install: Install, door: str) -> str:
    """The words of a household's page as the administrator reads them."""
    admin = db.session.scalars(select(User).where(User.role == "administrator")).one()
    token = secrets.token_urlsafe(16)
    ends_at = now() + timedelta(hours=1)
    db.session.add(LoginSession(token_hash=token_hash(token), user_id=admin.id, ends_at=ends_at, seen_at=now()))
    db.session.commit()
    client = install.app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    answer = client.get(f"/households/{door}")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert "档案编号" in page or door in page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _live_on(community_id: int, entry_id: int, began: dict[str, list[Any]]) -> None:
    """New rows get new numbers, the finder finds, and what was done before the move can still be taken back."""
    (change,) = [c for c in began["audit_change"] if c["table_name"] == "person" and c["entry_id"] == entry_id]
    person = db.session.get_one(Person, change["row_id"])
    assert person.phone == "19900012345;02788880000"
    admin = me_of(db.session.scalars(select(User).where(User.role == "administrator")).one())
    assert any(person.public_id in hit for hit in find(admin.scope, community_id, "990101198001011218"))
    assert db.session.scalar(select(SearchKey.key).limit(1))

    undo(None, db.session.get_one(AuditEntry, entry_id))

    db.session.expire_all()
    assert (person.phone, person.id_no) == (change["old"].get("phone"), change["old"]["id_no"])
    assert person.id_hash == keyed_hash("id", str(person.id_no))
    past = {(c["table_name"], c["row_id"]): c["old"] for c in began["audit_change"] if c["entry_id"] == entry_id}
    for table, model in (("household", Household), ("visit", Visit), ("tag", Tag)):
        ((row_id, old),) = [(of, old) for (name, of), old in past.items() if name == table]
        row = db.session.get_one(model, row_id)
        if table == "tag":
            assert row.viewers == ["administrator"]
        if table == "visit":
            assert row.at == old["at"] and row.closed == old["closed"]
    with audit.entry(None, "add_tag", community_id=community_id):
        db.session.add(Tag(community_id=community_id, code="new", label="新", group="care"))
    assert db.session.scalars(select(AuditChange.table_name).order_by(AuditChange.id.desc())).first() == "tag"


def test_every_table_goes_or_says_why_not(app: Flask) -> None:
    going = {table.name for table in tables()}

    assert going | set(LEFT_OUT) == {table.name for table in Base.metadata.sorted_tables}
    assert not going & set(LEFT_OUT)
    assert all(len(why) > 20 for why in LEFT_OUT.values())
    for table in tables():
        assert not {key.column.table.name for key in table.foreign_keys} & set(LEFT_OUT), table
        for column in columns(table):
            assert kind_of(column)


def test_where_there_is_a_community_nothing_comes_in(here: Install, tmp_path: Path) -> None:
    load_demo(60, DAY, here.instance)
    community_id = db.session.scalars(select(Community.id)).first()
    path = tmp_path / "a.zip"
    export_community(None, ArchiveEntry(community_id or 0, "", "试"), path, here.instance)
    before = db.session.scalars(select(Household.id)).all()

    with pytest.raises(Refused, match="只能导入空的系统"):
        import_community(None, path, "", here.instance)

    assert db.session.scalars(select(Household.id)).all() == before


def test_an_administrator_who_is_there_already_gets_the_community(here: Install, tmp_path: Path) -> None:
    """Numbers and logins that are taken are not given twice."""
    load_demo(60, DAY, here.instance)
    community = db.session.scalars(select(Community).order_by(Community.id)).all()[0]
    path = tmp_path / "a.zip"
    export_community(None, ArchiveEntry(community.id, "", "试"), path, here.instance)
    with empty_install(tmp_path / "there", "sqlite") as there, there.entered():
        made = there.app.test_cli_runner().invoke(
            args=["user", "add", "--login", "admin", "--name", "新主任", "--role", "administrator"]
        )
        assert made.exit_code == 0

        told = there.app.test_cli_runner().invoke(args=["import", "community", str(path)])

        assert told.exit_code == 0, told.output
        assert "改成：admin2" in told.output
        names = {user.login: user.name for user in db.session.scalars(select(User))}
        assert names["admin"] == "新主任" and names["admin2"] == "沈书宁"
        mine = select(Patch).join(User).where(User.login == "admin")
        assert [patch.from_on for patch in db.session.scalars(mine)] == [today()]
        came = db.session.scalars(select(User.name).join(Visit, Visit.worker_id == User.id).distinct()).all()
        assert "新主任" not in came and "王秀兰" in came
