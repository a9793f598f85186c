"""The floating register is narrowed, renewed and ended; it says who is missing, and how many have a permit."""

import html
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.core.periods import period_of
from grid.ledgers import figures
from grid.ledgers.indicators import INDICATORS
from grid.ledgers.models import Target
from grid.register.models import Floating, Household, Person, Residency
from grid.tags.floating_queries import FloatingFilter, permit_rate
from tests.conftest import LogIn
from tests.exchange.exporting import export, rows_of
from tests.factories import Cast, Place

DAY = timedelta(days=1)


def at(person: Person, page: str = "") -> str:
    return f"/persons/{person.public_id}/floating{page}"


def add(person: Person, **given: Any) -> Floating:
    row = Floating(community_id=person.community_id, person_id=person.id, **given)
    db.session.add(row)
    db.session.commit()
    return row


def rows() -> list[Floating]:
    db.session.rollback()
    return list(db.session.scalars(select(Floating).order_by(Floating.id)))


def names(client: FlaskClient, asked: str) -> list[str]:
    return re.findall(r'<b class="name">(.*?)</b>', client.get(f"/floating?{asked}").text)


def stay_of(person: Person) -> Residency:
    return db.session.scalars(select(Residency).where(Residency.person_id == person.id)).one()


@pytest.fixture
def registered(place: Place) -> dict[str, Person]:
    people, day = place.people, today()
    add(people["王小明"], permit_kind="01", expires_on=day + 300 * DAY, employed_by="建筑公司", rented_by="赵房东")
    add(people["李芳"], permit_kind="01", expires_on=day - DAY)
    add(people["单雄信"], permit_kind="01", expires_on=day + 30 * DAY)
    add(people["欧阳娜"], direction="out", went_to="广东深圳")
    add(people["曾志伟"])
    return people


@pytest.mark.parametrize("asked", ["kind=in", "kind=out", "kind=none", "kind=missing", "kind=in&name=李芳"])
def test_the_button_exports_what_the_page_shows(
    cast: Cast, registered: dict[str, Person], log_in: LogIn, asked: str
) -> None:
    admin = log_in("admin")
    registered["欧阳娜"].population_kind = "floating"
    if asked == "kind=missing":
        db.session.query(Floating).filter_by(person_id=registered["欧阳娜"].id).delete()
    db.session.commit()

    page = admin.get(f"/floating?{asked}").text
    link = html.unescape(page.partition('href="/exports/new?')[2].partition('"')[0])
    book = export(admin, "floating", ["name"], **dict(parse_qsl(link.partition("&")[2])))

    shown = re.findall(r'<b class="name">(.*?)</b>', page)
    assert shown and sorted(row[1] for row in rows_of(book.data)) == sorted(shown)


def test_it_is_narrowed_by_what_is_to_be_done(cast: Cast, registered: dict[str, Person], log_in: LogIn) -> None:
    admin = log_in("admin")

    found = {kind: names(admin, f"kind={kind}") for kind in ("in", "out", "expired", "soon", "none", "left", "missing")}

    assert found == {
        "in": ["单雄信", "王小明", "李芳", "曾志伟"],
        "out": ["欧阳娜"],
        "expired": ["李芳"],
        "soon": ["单雄信"],
        "none": ["曾志伟"],
        "left": [],
        "missing": [],
    }


def test_it_is_narrowed_by_block_building_and_name(
    cast: Cast, place: Place, registered: dict[str, Person], log_in: LogIn
) -> None:
    admin = log_in("admin")
    first, second = place.blocks
    building = place.buildings[1]

    assert names(admin, f"block={second.public_id}") == ["曾志伟"]
    assert names(admin, f"block={first.public_id}&kind=out") == ["欧阳娜"]
    assert names(admin, f"building={building.public_id}") == ["欧阳娜"]
    assert names(admin, "name=雄") == ["单雄信"] and names(admin, "name=%25") == []
    assert log_in("worker").get(f"/floating?building={place.buildings[2].public_id}").status_code == 404
    assert "曾志伟" not in names(log_in("worker"), f"block={second.public_id}")


def test_it_says_who_employs_who_rents_out_and_whether_the_duty_is_signed(
    cast: Cast, place: Place, registered: dict[str, Person], log_in: LogIn
) -> None:
    worker = log_in("worker")
    assert "责任书没签" not in worker.get("/floating").text

    for code, signed in (("1-1-101", True), ("1-1-102", False)):
        db.session.get_one(Household, place.doors[code].id).landlord_duty = signed
    db.session.commit()

    page = worker.get("/floating").text
    assert "谁用工：建筑公司" in page and "谁出租：赵房东" in page and "去了：广东深圳" in page
    assert page.count("责任书已签") == 2 and page.count("责任书没签") == 1


def test_who_lives_here_without_a_registration_is_missing_until_registered(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    people, worker = place.people, log_in("worker")
    people["王小明"].population_kind = "floating"
    stay_of(people["单雄信"]).live_kind = "tenant"
    # A tenant who is a registered resident, one who has died, and one who moved out are not missing.
    people["李芳"].population_kind, stay_of(people["李芳"]).live_kind = "registered", "tenant"
    people["欧阳娜"].population_kind, stay_of(people["欧阳娜"]).to_on = "floating", today()
    people["曾志伟"].population_kind, people["曾志伟"].died_on = "floating", today()
    add(people["单雄信"], left_on=today() - DAY)

    assert names(worker, "kind=missing") == ["王小明", "单雄信"]
    assert names(log_in("admin"), "kind=missing") == ["王小明", "单雄信"]
    assert f'href="{at(people["王小明"])}"' in worker.get("/floating?kind=missing").text

    worker.post(at(people["王小明"]), data={"version": "0", "direction": "in"})

    assert names(worker, "kind=missing") == ["单雄信"]


def test_a_new_registration_begins_with_what_the_register_knows(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["单雄信"]
    person.employer, place.doors["1-1-102"].owner_name = "汽车厂", "赵房东"
    db.session.commit()

    page = log_in("worker").get(at(person)).text

    assert 'value="汽车厂"' in page and 'value="赵房东"' in page and f'value="{today()}"' in page


def test_a_renewal_ends_the_old_registration_and_keeps_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person, day = log_in("worker"), place.people["王小明"], today()
    given = {"reason": "01", "dwelling_kind": "02", "employed_by": "建筑公司", "rented_by": "赵房东"}
    add(person, permit_kind="02", permit_no="OLD1234", registered_on=day - 300 * DAY, expires_on=day + 5 * DAY, **given)
    assert worker.get(at(person, "/renewal")).status_code == 200

    asked = {"version": "1", "permit_kind": "01", "permit_no": "NEW5678", "registered_on": str(day)}
    answer = worker.post(at(person, "/renewal"), data=asked | {"expires_on": str(day + 365 * DAY)})

    assert answer.status_code == 303
    old, new = rows()
    assert (old.permit_no, old.left_on, old.expires_on) == ("OLD1234", day, day + 5 * DAY)
    assert (new.permit_kind, new.permit_no, new.registered_on, new.left_on) == ("01", "NEW5678", day, None)
    assert {name: getattr(new, name) for name in given} == given
    page = worker.get(at(person)).text
    assert "以前的登记" in page and f"{day} 续办" in page and "OLD1234" not in page
    assert names(worker, "") == ["王小明"] and names(worker, "kind=left") == []
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-2:].count("renew_permit") == 1


def test_a_renewal_without_a_number_keeps_the_old_one(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, day = place.people["王小明"], today()
    add(person, permit_kind="01", permit_no="OLD1234", registered_on=day - 300 * DAY)

    asked = {"version": "1", "permit_kind": "01", "registered_on": str(day), "expires_on": str(day + DAY)}
    log_in("worker").post(at(person, "/renewal"), data=asked)

    assert [row.permit_no for row in rows()] == ["OLD1234", "OLD1234"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"registered_on": "2099-01-01"}, "登记日期还没到"),
        ({"registered_on": ""}, "请填写续办的日期"),
        ({"expires_on": ""}, "请填写新的有效期"),
        ({"expires_on": "2020-01-01"}, "有效期比登记日期还早"),
        ({"registered_on": "2020-01-01"}, "续办要晚于上次登记"),
        ({"version": "7"}, "刚刚有人改过"),
        ({"permit_no": "号码"}, "只有数字和字母"),
    ],
)
def test_a_renewal_that_can_not_be_says_why_and_changes_nothing(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    person, day = place.people["王小明"], today()
    add(person, permit_kind="01", registered_on=day - 10 * DAY)
    asked = {"version": "1", "permit_kind": "01", "registered_on": str(day), "expires_on": str(day + 365 * DAY)}

    answer = log_in("worker").post(at(person, "/renewal"), data=asked | given)

    assert answer.status_code == 422 and sentence in answer.text
    assert [row.left_on for row in rows()] == [None]


def test_who_left_is_under_those_who_left(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    add(person, registered_on=today() - 10 * DAY)
    assert worker.get(at(person, "/leaving")).status_code == 200

    assert worker.post(at(person, "/leaving"), data={"version": "1", "left_on": "2099-01-01"}).status_code == 422
    assert worker.post(at(person, "/leaving"), data={"version": "2", "left_on": str(today())}).status_code == 422
    gone = {"version": "1", "left_on": str(today()), "left_reason": "21"}
    assert worker.post(at(person, "/leaving"), data=gone).status_code == 303

    assert names(worker, "") == [] and names(worker, "kind=left") == ["王小明"]
    assert all(f"{today()} 离开 · 返乡" in worker.get(page).text for page in (at(person), "/floating?kind=left"))
    home = worker.get(f"/households/{place.doors['1-1-101'].public_id}").text
    assert f"王小明 {today()}，返乡" in home
    assert worker.get(at(person, "/leaving")).status_code == worker.get(at(person, "/renewal")).status_code == 404


def test_who_goes_has_other_reasons_than_who_comes(cast: Cast, place: Place, log_in: LogIn) -> None:
    """Both are on the form; the one that goes with the direction is kept."""
    worker, person = log_in("worker"), place.people["王小明"]
    asked = {"version": "0", "direction": "out", "reason": "03", "outflow": "23"}
    assert worker.post(at(person), data=asked).status_code == 303

    assert [row.reason for row in rows()] == ["23"]
    assert "照料孙子女" in worker.get("/floating?kind=out").text
    page = worker.get(at(person)).text
    assert '<option selected value="23">照料孙子女' in page and '<option selected value="03">' not in page

    assert worker.post(at(person), data=asked | {"version": "1", "direction": "in"}).status_code == 303
    assert [row.reason for row in rows()] == ["03"]
    wrong = worker.post(at(person), data=asked | {"version": "2", "direction": "in", "reason": "23"})
    assert wrong.status_code == 422 and "请从列表里选一项" in wrong.text


def test_who_went_elsewhere_is_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    asked = {"version": "0", "direction": "out", "outflow": "01", "went_to": "广东深圳"}
    worker.post(at(person), data=asked)
    page = worker.get(at(person)).text
    assert "回来了" in page and "续办证件" not in page
    assert "离开原因" not in worker.get(at(person, "/leaving")).text

    renewed = {"version": "1", "permit_kind": "01", "registered_on": str(today()), "expires_on": "2099-01-01"}
    assert worker.post(at(person, "/renewal"), data=renewed).status_code == 422
    assert worker.post(at(person, "/leaving"), data={"version": "1", "left_on": str(today())}).status_code == 303

    assert [(row.direction, row.went_to, row.employed_by, row.left_on) for row in rows()] == [
        ("out", "广东深圳", None, today())
    ]
    assert "去了：广东深圳" in worker.get(at(person)).text and "没有办证" not in worker.get(at(person)).text


def test_the_rate_is_that_of_the_indicator(cast: Cast, place: Place, registered: dict[str, Person]) -> None:
    day = today()
    add(place.people["王小明"], permit_kind="01", registered_on=date(2020, 1, 1), left_on=day)
    year = period_of("year", day)

    for reader in (cast.admin, cast.worker):
        rate = permit_rate(reader.scope, FloatingFilter(place.community.id), day)
        figure = figures.figure(reader.scope, INDICATORS["permits"], year, day, place.community.id)
        assert (rate.n, rate.m) == (figure.numerator, figure.denominator)
    assert (rate.n, rate.m) == (2, 3)


def test_the_page_says_the_rate_and_what_the_plans_ask_for(
    cast: Cast, place: Place, registered: dict[str, Person], log_in: LogIn
) -> None:
    admin = log_in("admin")
    assert "计划要求" not in admin.get("/floating").text

    for value in (0.8, 0.9):
        facts = {"community_id": place.community.id, "year": today().year, "indicator": "permits", "plan": "2"}
        db.session.add(Target(value=value, **facts))
    db.session.commit()

    page = admin.get("/floating").text
    assert "办卡率 50.0 %" in page and "流入 4 人，2 人的证件有效" in page and "不低于 90 %" in page
    assert '<b class="bad">' in page
    assert "流入 1 人，0 人" in admin.get(f"/floating?block={place.blocks[1].public_id}").text
