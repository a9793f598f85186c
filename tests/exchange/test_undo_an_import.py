"""A whole import is taken back: the database is as before, row for row, or nothing happens and the reason is told."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from grid.accounts import audit
from grid.accounts.models import AuditEntry, User
from grid.core.clock import today
from grid.core.db import db
from grid.core.refusals import Refused
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.planning import Order, plan_files
from grid.register.finding import find
from grid.register.models import Community, Household, Person, SearchKey
from grid.register.undo_views import undo_token
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.exchange.books import doors, feature, geojson, order, people
from tests.exchange.test_import_a_map import FILES
from tests.exchange.test_import_residents import FIRST
from tests.exchange.test_upload import send
from tests.factories import Cast, Place
from tests.rows import differences, snapshot

FAMILY = people(
    FIRST,
    ("刘禅", "儿子", None, "男", "2001年5月6日", None, "3-1-101", None, "爱玩"),
    ("王小明", "户主", "990101198001011218", "男", None, "19900099999", "1-1-101", "党员", None),
)
LIST = doors(
    (1, 1, 101, 1, 6, "住宅", 92.5, "出租", "房东甲", "19900000009", None),
    (9, 1, 101, 1, 6, "住宅", None, "自住", None, None, "新楼"),
)
NEW_MAP = Order("map", FILES)
DRAWN = Order("map", (("b.geojson", geojson(feature(no=1, name="一号楼"), feature(no=8, block=1))),), "桃园社区")
KINDS = {"new map": NEW_MAP, "map": DRAWN, "doors": order("doors", LIST), "residents": order("residents", FAMILY)}


def last_import() -> AuditEntry:
    found = select(AuditEntry).where(AuditEntry.action.startswith("import_")).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalars(found).one()


@pytest.mark.parametrize("name", KINDS)
def test_the_database_is_as_before_row_for_row(place: Place, cast: Cast, name: str) -> None:
    before = snapshot()
    apply_files(cast.admin, KINDS[name], today())
    assert differences(before) != {}

    undo_import(cast.admin, last_import())

    assert differences(before) == {}


@pytest.mark.parametrize("name", KINDS)
def test_import_undo_import_is_the_same_as_import(place: Place, cast: Cast, name: str) -> None:
    plan = apply_files(cast.admin, KINDS[name], today())
    undo_import(cast.admin, last_import())
    before = snapshot()

    again = apply_files(cast.admin, KINDS[name], today())

    assert again.counts == plan.counts
    assert not plan_files(KINDS[name], today()).changes_anything
    undo_import(cast.admin, last_import())
    assert differences(before) == {}


def test_what_was_imported_is_no_longer_found_and_no_longer_counted(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, KINDS["residents"], today())
    assert find(cast.admin.scope, place.community.id, "刘备")

    undo_import(cast.admin, last_import())

    assert not find(cast.admin.scope, place.community.id, "刘备")
    assert db.session.get_one(Household, place.doors["3-1-101"].id).n_members == 0
    version = select(Person.version).where(Person.name == "王小明", Person.community_id == place.community.id)
    assert db.session.scalars(version).one() == 3


def test_a_community_that_a_map_began_goes_with_it(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, NEW_MAP, today())
    entry = last_import()
    seen = db.session.get_one(User, cast.admin.id).scope_version

    undo_import(cast.admin, entry)

    assert db.session.scalars(select(Community).where(Community.name == "杏林社区")).all() == []
    keys = select(func.count()).select_from(SearchKey).where(SearchKey.community_id == entry.community_id)
    assert db.session.scalar(keys) == 0
    assert db.session.get_one(User, cast.admin.id).scope_version > seen


def test_it_is_undone_once(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, KINDS["residents"], today())
    entry = last_import()
    undo_import(cast.admin, entry)
    before = snapshot()

    with pytest.raises(Refused, match="已经撤销过"):
        undo_import(cast.admin, entry)

    assert differences(before) == {}


def test_what_somebody_corrected_since_holds_it_and_is_named(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, KINDS["residents"], today())
    db.session.scalars(select(Person).where(Person.name == "刘备")).one().phone = "19911112222"
    db.session.commit()
    before = snapshot()

    with pytest.raises(Refused, match=r"改过.*刘备"):
        undo_import(cast.admin, last_import())

    assert differences(before) == {}


def test_a_visit_to_an_imported_door_holds_it_and_is_named(place: Place, cast: Cast) -> None:
    apply_files(cast.admin, KINDS["doors"], today())
    door = db.session.scalars(select(Household).where(Household.code == "9-1-101")).one()
    visit = {"community_id": place.community.id, "worker_id": cast.worker.id, "found": "home"}
    db.session.add(Visit(household_id=door.id, at=place.community.created_at, **visit))
    db.session.commit()

    with pytest.raises(Refused, match="走访 9-1-101"):
        undo_import(cast.admin, last_import())

    assert db.session.get(Household, door.id)


def undo_link(page: str) -> str:
    return re.findall(r'href="(/imports/[^"]+/undo)"', page)[0]


def test_an_administrator_takes_it_back_on_the_page(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    before = snapshot()
    where = send(admin, "residents", ("名册.xlsx", FAMILY), community=place.community.public_id).headers["Location"]
    admin.post(f"{where}/apply")
    assert undo_link(admin.get(where).get_data(as_text=True)) == undo_link(admin.get("/imports").get_data(as_text=True))
    link = undo_link(admin.get("/imports").get_data(as_text=True))

    page = admin.get(link).get_data(as_text=True)
    assert re.search("人员：删去导入的 2 条，改回原样 1 条", page) and "名册.xlsx (新增 2、变更 1)" in page
    assert admin.post(link).headers["Location"] == "/imports#recent"

    assert differences(before) == {}
    assert "已撤销" in admin.get("/imports").get_data(as_text=True)
    again = admin.post(link)
    assert again.status_code == 422 and "已经撤销过" in again.get_data(as_text=True)


def test_the_page_says_what_holds_it(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    apply_files(cast.admin, KINDS["residents"], today())
    db.session.scalars(select(Person).where(Person.name == "刘备")).one().note = "后来写的"
    db.session.commit()

    answer = admin.post(undo_link(admin.get("/imports").get_data(as_text=True)))

    assert answer.status_code == 422 and "人员 刘备" in answer.get_data(as_text=True)


def test_nobody_takes_back_what_lies_outside_the_patch(place: Place, cast: Cast, log_in: LogIn) -> None:
    elsewhere = Order("doors", (("d.xlsx", LIST),), "槐荫社区")
    apply_files(None, elsewhere, today())
    admin, worker = log_in("admin"), log_in("worker")
    before = snapshot()
    link = f"/imports/{undo_token(last_import().id)}/undo"

    assert "d.xlsx" not in admin.get("/imports").get_data(as_text=True)
    assert (admin.get(link).status_code, admin.post(link).status_code) == (404, 404)
    assert worker.post(link).status_code == 403
    assert admin.get(f"/imports/{undo_token(1)}/undo").status_code == 404
    assert admin.get("/imports/MQ.forged/undo").status_code == 404
    # What is named here is taken back here only, and what was done to a household there.
    token = undo_token(last_import().id)
    assert [one.get(f"/undo/{token}").status_code for one in (admin, worker)] == [404, 404]
    assert [one.post("/undo", data={"token": token}).status_code for one in (admin, worker)] == [404, 404]
    assert differences(before) == {}


def test_the_last_import_is_taken_back_from_the_command_line(app: Flask, place: Place) -> None:
    before = snapshot()
    apply_files(None, KINDS["doors"], today())
    apply_files(None, KINDS["residents"], today())

    answers = [app.test_cli_runner().invoke(args=["import", "undo"]) for _time in range(3)]

    assert [answer.exit_code for answer in answers] == [0, 0, 2]
    assert "residents.xlsx" in answers[0].output and "doors.xlsx" in answers[1].output
    assert differences(before) == {}


def test_what_was_done_to_a_household_is_no_import(place: Place, cast: Cast, log_in: LogIn) -> None:
    with audit.entry(cast.admin, "change_landlord", **about(place)) as line:
        place.doors["1-1-101"].owner_name = "新房东"

    assert log_in("admin").post(f"/imports/{undo_token(line.id)}/undo").status_code == 404


def test_an_import_of_ones_own_community_is_not_taken_back_as_a_move(place: Place, cast: Cast, log_in: LogIn) -> None:
    clients = [log_in("admin"), log_in("worker")]
    apply_files(cast.admin, KINDS["residents"], today())
    token, before = undo_token(last_import().id), snapshot()

    statuses = [client.post("/undo", data={"token": token}).status_code for client in clients]

    assert statuses == [404, 404] and differences(before) == {}


def about(place: Place) -> dict[str, int]:
    return {"community_id": place.community.id, "household_id": place.doors["1-1-101"].id}
