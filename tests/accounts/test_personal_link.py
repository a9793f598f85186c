"""A building head comes in by a personal link: no password, until an administrator withdraws it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from grid.accounts.models import AuditChange, AuditEntry, FailedLogin, LoginSession, PersonalLink
from grid.core.clock import now
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import PASSWORD, Cast, Place


def give(admin: FlaskClient, cast: Cast) -> str:
    """The path of a fresh link of the head."""
    answer = admin.post(f"/staff/{cast.head.public_id}/link")
    assert answer.status_code == 200
    found = re.search(r"http://localhost(/r/[\w-]+)", answer.text)
    assert found, answer.text
    return found[1]


def sessions() -> int:
    return db.session.scalar(select(func.count()).select_from(LoginSession)) or 0


def test_it_is_shown_once_with_a_code_for_the_camera(cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    answer = admin.post(f"/staff/{cast.head.public_id}/link")

    assert "no-store" in answer.headers["Cache-Control"]
    assert "<svg" in answer.text and "添加到主屏幕" in answer.text
    token = re.findall(r"/r/([\w-]+)", answer.text)[0]
    assert len(token) >= 32
    assert token not in admin.get(f"/staff/{cast.head.public_id}").text


def test_only_a_hash_of_it_is_kept_anywhere(cast: Cast, log_in: LogIn) -> None:
    token = give(log_in("admin"), cast).split("/")[-1]

    for table in (PersonalLink, AuditEntry, AuditChange):
        for kept in db.session.execute(text(f"SELECT * FROM {table.__tablename__}")):
            assert token not in str(kept)


def test_looking_logs_nobody_in_and_entering_does(app: Flask, cast: Cast, log_in: LogIn) -> None:
    link, phone = give(log_in("admin"), cast), app.test_client()

    page = phone.get(link)

    assert page.status_code == 200 and "邱楼长" in page.text and "进入" in page.text
    assert phone.get("/report").status_code == 303
    entered = phone.post(link)
    assert (entered.status_code, entered.location) == (303, "/")
    assert phone.get("/report").status_code == 200
    assert db.session.scalars(select(PersonalLink)).one().used_at is not None
    assert phone.get("/households").status_code == 403


def test_it_lasts_half_a_year_however_long_the_phone_rests(app: Flask, cast: Cast, log_in: LogIn) -> None:
    link, phone = give(log_in("admin"), cast), app.test_client()
    cookie = phone.post(link).headers["Set-Cookie"]
    assert "Expires=" in cookie and "HttpOnly" in cookie

    with time_machine.travel(now() + timedelta(days=179)):
        late = phone.get("/report").status_code
    with time_machine.travel(now() + timedelta(days=181)):
        too_late = phone.get("/report").status_code

    assert (late, too_late) == (200, 303)


def test_withdrawn_it_opens_nothing_and_puts_the_phone_out(app: Flask, cast: Cast, log_in: LogIn) -> None:
    admin, phone = log_in("admin"), app.test_client()
    link = give(admin, cast)
    phone.post(link)

    assert admin.post(f"/staff/{cast.head.public_id}/link/withdraw").status_code == 303

    assert phone.get("/report").status_code == 303
    for answer in (phone.get(link), phone.post(link)):
        assert answer.status_code == 404 and "请找社区居委会" in answer.text and "邱楼长" not in answer.text


def test_a_new_one_ends_the_older(app: Flask, cast: Cast, log_in: LogIn) -> None:
    admin, phone = log_in("admin"), app.test_client()
    old = give(admin, cast)
    phone.post(old)

    new = give(admin, cast)

    assert phone.get("/report").status_code == 303
    assert (phone.get(old).status_code, phone.get(new).status_code) == (404, 200)


def test_a_closed_account_is_not_let_in_and_not_after_it_is_opened_again(app: Flask, cast: Cast, log_in: LogIn) -> None:
    admin, phone = log_in("admin"), app.test_client()
    link = give(admin, cast)
    phone.post(link)

    admin.post(f"/staff/{cast.head.public_id}/deactivate")

    assert (phone.get("/report").status_code, phone.get(link).status_code, phone.post(link).status_code) == (
        303,
        404,
        404,
    )
    assert admin.post(f"/staff/{cast.head.public_id}/link").status_code == 422
    admin.post(f"/staff/{cast.head.public_id}/activate")
    assert phone.post(link).status_code == 404


def test_the_password_works_as_before(app: Flask, cast: Cast, log_in: LogIn) -> None:
    give(log_in("admin"), cast)

    answer = app.test_client().post("/login", data={"login": "head", "password": PASSWORD})

    assert answer.status_code == 303


def test_guessing_is_slowed_down_per_address(app: Flask, cast: Cast, log_in: LogIn) -> None:
    link, stranger = give(log_in("admin"), cast), app.test_client()

    codes = [stranger.post(f"/r/guess{n}").status_code for n in range(31)]

    assert codes == [404] * 30 + [429]
    assert "十五分钟" in stranger.post(link).text
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert stranger.post(link).status_code == 303
    assert "guess" not in str(db.session.execute(select(FailedLogin.login, FailedLogin.address)).all())


@pytest.mark.parametrize("who", ["worker", "street"])
def test_only_heads_get_one(cast: Cast, log_in: LogIn, who: str) -> None:
    admin = log_in("admin")
    public_id = getattr(cast, who).public_id

    answer = admin.post(f"/staff/{public_id}/link")

    assert answer.status_code == 422 and "只发给楼栋长" in answer.text
    assert "个人链接</h2>" not in admin.get(f"/staff/{public_id}").text
    assert db.session.scalar(select(func.count()).select_from(PersonalLink)) == 0


@pytest.mark.parametrize("login", ["worker", "head", "street"])
def test_only_an_administrator_gives_one(cast: Cast, log_in: LogIn, login: str) -> None:
    client = log_in(login)

    assert client.post(f"/staff/{cast.head.public_id}/link").status_code == 403
    assert client.post(f"/staff/{cast.head.public_id}/link/withdraw").status_code == 403


def test_the_form_is_guarded_against_other_sites(app: Flask, cast: Cast, log_in: LogIn) -> None:
    link = give(log_in("admin"), cast)
    before = sessions()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        phone = app.test_client()
        bare = phone.post(link).status_code
        token = re.findall(r'name="csrf_token" value="([^"]+)"', phone.get(link).text)[0]
        entered = phone.post(link, data={"csrf_token": token}).status_code
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (bare, entered) == (400, 303) and sessions() == before + 1


def test_the_log_says_who_gave_and_who_withdrew(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    give(admin, cast)
    admin.post(f"/staff/{cast.head.public_id}/link/withdraw")

    log = admin.get("/audit").text

    assert "发放个人链接" in log and "作废个人链接" in log
    told: list[Any] = db.session.scalars(select(AuditChange.new).where(AuditChange.table_name == "personal_link")).all()
    assert told and "token_hash" not in str(told)
