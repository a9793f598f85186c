"""What strangers, a broken database and a cross-site form get."""

import io
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from grid import create_app
from grid.core.db import db, is_unavailable
from grid.core.personal import mask_id, mask_phone
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import PASSWORD, Cast, Place


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    answer = app.test_client().get("/login")

    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-cache" in answer.headers["Cache-Control"]


def test_a_stranger_is_asked_to_log_in_and_led_back(app: Flask) -> None:
    answer = app.test_client().get("/find")

    assert answer.status_code == 303 and answer.headers["Location"] == "/login?next=/find"


def test_the_way_back_keeps_the_whole_address(app: Flask) -> None:
    answer = app.test_client().get("/audit?who=x&from=2026-01-01&page=2")

    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query == {"next": ["/audit?who=x&from=2026-01-01&page=2"]}


def test_a_page_that_is_not_there_speaks_the_browsers_language(app: Flask) -> None:
    def title(language: str) -> str:
        return app.test_client().get("/nowhere", headers={"Accept-Language": language}).text

    assert "没有找到" in title("zh-CN") and "没有找到" not in title("en")


def test_a_failing_database_never_writes_a_password_back(
    cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = log_in("worker")

    def away(*_args: Any) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("grid.accounts.actions.hash_password", away)
    answer = worker.post(
        "/me/password", data={"present": PASSWORD, "new": "a brand new secret", "again": "a brand new secret"}
    )

    assert answer.status_code == 503
    assert PASSWORD not in answer.text and "brand new secret" not in answer.text


def test_a_reader_who_only_looks_is_told_to_look_again(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = log_in("worker")

    def away(*_args: Any, **_given: Any) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("unable to open database file"))

    monkeypatch.setattr("grid.dossier.views.queries.household_file", away)
    answer = worker.get(f"/households/{place.doors['1-1-101'].public_id}")

    assert answer.status_code == 503 and "刷新这一页" in answer.text and "还在下面" not in answer.text


def test_behind_a_proxy_the_readers_own_address_counts(app: Flask, tmp_path: Path) -> None:
    trusting = create_app({**app.config, "PROXIES": 1}, tmp_path)

    @trusting.get("/who-asks", endpoint="who_asks")
    def who_asks() -> str:
        return f"{request.remote_addr} {request.is_secure}"

    who_asks.allowed = frozenset({"anyone"})  # type: ignore[attr-defined]
    told = {"X-Forwarded-For": "10.0.0.7", "X-Forwarded-Proto": "https"}

    assert trusting.test_client().get("/who-asks", headers=told).text == "10.0.0.7 True"


def test_a_post_without_its_token_is_refused_with_a_sentence(
    cast: Cast, place: Place, log_in: LogIn, app: Flask
) -> None:
    worker = log_in("worker")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = worker.post(f"/households/{place.doors['1-1-101'].public_id}", data={"use": "dwelling"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 400 and "刷新" in answer.get_data(as_text=True)
    assert place.doors["1-1-101"].version == 1


def test_a_token_once_accepted_opens_nothing_for_others(app: Flask, cast: Cast, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        mine = token_of(worker.get("/find").get_data(as_text=True))
        theirs = token_of(admin.get("/find").get_data(as_text=True))
        sent = [mine, mine, "", mine[:-1] + "~", theirs]

        answers = [worker.post("/find", data={"words": "王", "csrf_token": token}).status_code for token in sent]

        assert answers == [200, 200, 400, 400, 400]
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_a_locked_database_is_a_503_with_the_form_still_there(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = log_in("worker")

    def locked(*_args: Any) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    # The last step of the action: everything before it must be undone.
    monkeypatch.setattr("grid.visits.actions.refresh_visits_to", locked)
    answer = worker.post(
        f"/households/{place.doors['1-1-101'].public_id}/visits",
        data={"key": "k" * 32, "found": "home", "content": "楼道灯坏了"},
    )

    assert answer.status_code == 503
    page = answer.get_data(as_text=True)
    assert "楼道灯坏了" in page and "再试一次" in page
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_a_mistake_in_our_sql_is_not_called_a_busy_database(cast: Cast, log_in: LogIn) -> None:
    assert is_unavailable(OperationalError("", {}, sqlite3.OperationalError("database is locked")))
    assert not is_unavailable(OperationalError("", {}, sqlite3.OperationalError("no such column: x")))


def test_health(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").get_json() == {"database": True, "migrations": True, "disk": True}


def test_what_cannot_be_written_down_is_not_shown(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = log_in("worker")

    def locked(*_args: Any) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("grid.accounts.audit.note_readings", locked)
    answer = worker.get(f"/households/{place.doors['1-1-101'].public_id}")

    assert answer.status_code == 503 and "王小明" not in answer.text and answer.headers["Retry-After"]


@pytest.mark.parametrize(
    "path",
    ["/households/%00", "/households?occupancy=%00", "/audit?from=0001-01-01", "/audit?to=9999-12-31", "/map/a%00b"],
)
def test_an_address_nobody_types_is_refused_not_an_error(cast: Cast, log_in: LogIn, path: str) -> None:
    assert log_in("admin").get(path).status_code in (200, 400, 404, 422)


@pytest.mark.parametrize("target", ["//[", "http://[x", "/find\r\nX-Evil: 1"])
def test_a_broken_way_back_leads_home(app: Flask, cast: Cast, target: str) -> None:
    answer = app.test_client().post("/login", data={"login": "worker", "password": PASSWORD, "next": target})

    assert answer.status_code == 303 and answer.headers["Location"] == "/"


def test_an_absurd_moment_and_a_file_in_place_of_words_are_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"
    worker = log_in("worker")

    moment = worker.post(url, data={"key": "k" * 20, "found": "home", "at": "0001-01-01T00:00", "content": "写好的"})
    file = worker.post(url, data={"key": "f" * 20, "found": "home", "content": (io.BytesIO(b"x"), "x.txt")})

    assert moment.status_code == 422 and "写好的" in moment.text
    assert file.status_code == 303


def test_numbers_show_less_than_half_of_themselves() -> None:
    shown = [mask_id(n) for n in ("990101198001011218", "H1234567890", "87654321")] + [mask_phone("87654321")]

    assert shown == ["990101********1218", "H1*******90", "87****21", "87****21"]
