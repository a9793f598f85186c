"""Logging in, being put out, and what the limiter does."""

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select, update

from grid.accounts.models import LoginSession, User
from grid.core.clock import now
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import PASSWORD, Cast


def try_login(app: Flask, login: str, password: str, target: str = "") -> tuple[int, str, str]:
    answer = app.test_client().post("/login", data={"login": login, "password": password, "next": target})
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def test_each_role_begins_on_its_own_page(cast: Cast, log_in: LogIn) -> None:
    first = {login: log_in(login).get("/").headers["Location"] for login in ("admin", "worker", "head", "street")}

    assert first == {"admin": "/today", "worker": "/today", "head": "/report", "street": "/street"}


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(app: Flask, cast: Cast) -> None:
    known, unknown = try_login(app, "worker", "wrong"), try_login(app, "nobody", "wrong")

    assert known[0] == unknown[0] == 422
    assert "账号或密码不对" in known[2] and "账号或密码不对" in unknown[2]


def test_after_five_failures_even_the_right_password_waits(app: Flask, cast: Cast) -> None:
    for _ in range(5):
        try_login(app, "worker", "wrong")

    blocked, other = try_login(app, "worker", PASSWORD), try_login(app, "admin", PASSWORD)
    with time_machine.travel(now() + timedelta(minutes=16)):
        later = try_login(app, "worker", PASSWORD)

    assert blocked[0] == 429 and "十五分钟" in blocked[2]
    assert other[0] == 303 and later[0] == 303


def test_login_leads_back_but_never_to_another_site(app: Flask, cast: Cast) -> None:
    targets = ("/find", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")

    led = [try_login(app, "worker", PASSWORD, target)[1] for target in targets]

    assert led == ["/find", "/", "/", "/", "/"]


def test_a_copied_cookie_is_worthless_after_logout(app: Flask, cast: Cast, log_in: LogIn) -> None:
    mine = log_in("worker")
    copied = app.test_client()
    cookie = mine.get_cookie("yihu")
    assert cookie
    copied.set_cookie("yihu", cookie.value)
    before = copied.get("/me").status_code

    mine.post("/logout")

    assert (before, copied.get("/me").status_code) == (200, 303)


def test_the_cookie_tells_nothing_to_scripts_or_other_sites(cast: Cast, app: Flask) -> None:
    answer = app.test_client().post("/login", data={"login": "worker", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_token_is_kept_only_as_a_hash(cast: Cast, log_in: LogIn) -> None:
    with log_in("worker").session_transaction() as cookie:
        token = cookie["_user_id"]

    kept = db.session.scalars(select(LoginSession.token_hash)).all()
    assert token not in kept and len(kept) == 1


def test_a_session_ends_when_idle_and_when_the_account_is_closed(cast: Cast, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")

    with time_machine.travel(now() + timedelta(hours=13)):
        idle = worker.get("/me").status_code
    db.session.execute(update(User).where(User.login == "admin").values(is_active=False))
    db.session.commit()

    assert (idle, admin.get("/me").status_code) == (303, 303)


def test_a_heads_session_outlasts_a_rest_but_not_its_last_day(cast: Cast, log_in: LogIn) -> None:
    head, worker = log_in("head"), log_in("worker")

    with time_machine.travel(now() + timedelta(days=2)):
        rested = (head.get("/report").status_code, worker.get("/me").status_code)
    with time_machine.travel(now() + timedelta(days=8)):
        ended = head.get("/report").status_code

    assert (rested, ended) == ((200, 303), 303)


def test_a_new_password_puts_the_other_devices_out(cast: Cast, log_in: LogIn) -> None:
    here, there = log_in("worker"), log_in("worker")

    answer = here.post(
        "/me/password", data={"present": PASSWORD, "new": "another long password", "again": "another long password"}
    )

    assert answer.status_code == 303
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)


def test_the_language_is_kept_with_the_account(cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")

    worker.post("/me/language", data={"language": "en"})

    assert '<html lang="en"' in worker.get("/me").get_data(as_text=True)


def test_a_strangers_browser_language_is_understood(app: Flask) -> None:
    def lang(header: str) -> str:
        page = app.test_client().get("/login", headers={"Accept-Language": header}).get_data(as_text=True)
        return page.split('<html lang="')[1].split('"')[0]

    assert [lang(h) for h in ("zh-CN,zh;q=0.9", "en-US,en", "fr", "")] == ["zh-Hans", "en", "zh-Hans", "zh-Hans"]
