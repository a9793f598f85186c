"""A long file is read and written beside the server: how far it is, 停下, and what a crash leaves."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.models import Patch, User
from grid.core.clock import today
from grid.core.db import db
from grid.exchange import background, planning, progress
from grid.exchange.actions import apply_files
from grid.exchange.long_work import carry_on
from grid.exchange.uploads import Uploads
from grid.register.models import Person
from tests.conftest import LogIn
from tests.exchange.books import order, people
from tests.exchange.test_import_residents import FIRST
from tests.exchange.test_upload import send
from tests.factories import Cast, Place

MANY = people(FIRST, *((f"客{n}", "租户", None, "男", None, None, "3-1-102", None, None) for n in range(400)))


@pytest.fixture
def admin(cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Every file is a long one, and the process beside the server has the keys of the tests."""
    monkeypatch.setattr(background, "LONG_BYTES", 1000)
    monkeypatch.setenv("GRID_PERSONAL_KEY", "5a" * 64)
    monkeypatch.setenv("GRID_SECRET_KEY", "for tests")
    return log_in("admin")


@pytest.fixture
def uploads(app: Flask) -> Iterator[Path]:
    folder: Path = app.config["INSTANCE"] / "uploads"
    yield folder
    for path in folder.iterdir():
        background.stop(folder, path.name)


def sent(admin: FlaskClient, place: Place, content: bytes = MANY) -> str:
    answer = send(admin, "residents", ("名册.xlsx", content), community=place.community.public_id)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def page(admin: FlaskClient, where: str) -> str:
    return str(admin.get(where).get_data(as_text=True))


def token_of(where: str) -> str:
    return where.rsplit("/", 1)[1]


def finished(admin: FlaskClient, where: str, uploads: Path) -> str:
    until = time.monotonic() + 60
    while background.is_running(uploads, token_of(where)):
        assert time.monotonic() < until
        time.sleep(0.1)
    return page(admin, where)


def how_many() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def kill(uploads: Path, where: str) -> None:
    """What a power cut does, or a machine without memory."""
    os.kill(int((uploads / token_of(where) / "pid").read_text()), signal.SIGKILL)
    while background.is_running(uploads, token_of(where)):
        time.sleep(0.02)


def test_it_is_read_and_written_beside_the_server(admin: FlaskClient, place: Place, uploads: Path) -> None:
    before = how_many()
    where = sent(admin, place)
    assert "文件较长" in page(admin, where) and "停下" in page(admin, where)

    assert "写入 401 行" in finished(admin, where, uploads)
    assert how_many() == before
    assert admin.post(f"{where}/apply").status_code == 303

    done = finished(admin, where, uploads)
    assert "已经写入：新增 401" in done and "撤销这次导入" in done
    assert how_many() == before + 401


def test_the_page_asks_again_and_moves_on_when_it_is_done(admin: FlaskClient, place: Place, uploads: Path) -> None:
    where = sent(admin, place)
    as_htmx = {"HX-Request": "true", "HX-Request-Type": "partial"}

    part = admin.get(where, headers=as_htmx).get_data(as_text=True)
    finished(admin, where, uploads)
    moved = admin.get(where, headers=as_htmx)

    assert "every 1s" in part and "<html" not in part
    assert (moved.status_code, moved.headers["HX-Redirect"]) == (204, where)


def test_it_is_stopped_and_nothing_is_written(admin: FlaskClient, place: Place, uploads: Path) -> None:
    before = how_many()
    where = sent(admin, place)
    admin.post(f"{where}/stop")
    assert "已停下" in page(admin, where)

    admin.post(f"{where}/again")
    assert "写入 401 行" in finished(admin, where, uploads)
    admin.post(f"{where}/apply")
    admin.post(f"{where}/stop")

    assert "已停下" in page(admin, where) and how_many() == before
    assert "写入 401 行" in page(admin, where)


@pytest.mark.once
@pytest.mark.parametrize("task", ["reading", "writing"])
def test_a_process_that_is_gone_is_told_and_one_can_try_again(
    admin: FlaskClient, place: Place, uploads: Path, task: str
) -> None:
    before = how_many()
    where = sent(admin, place)
    if task == "writing":
        finished(admin, where, uploads)
        admin.post(f"{where}/apply")
    kill(uploads, where)

    assert "中途断了" in page(admin, where)
    assert how_many() == before
    admin.post(f"{where}/{'apply' if task == 'writing' else 'again'}")
    again = finished(admin, where, uploads)
    assert ("已经写入" if task == "writing" else "写入 401 行") in again


def test_what_cannot_be_read_is_told_on_its_page(admin: FlaskClient, place: Place, uploads: Path) -> None:
    content = ("甲,乙\n" + "1,2\n" * 500).encode()
    answer = send(admin, "residents", ("a.csv", content), community=place.community.public_id)

    assert "没有找到表头" in finished(admin, answer.headers["Location"], uploads)


def test_when_the_register_moved_meanwhile_it_is_shown_again(admin: FlaskClient, place: Place, uploads: Path) -> None:
    where = sent(admin, place)
    finished(admin, where, uploads)
    apply_files(None, order("residents", people(FIRST)), today())
    before = how_many()

    admin.post(f"{where}/apply")

    assert "重新比对" in finished(admin, where, uploads)
    assert how_many() == before


@pytest.mark.once
def test_two_presses_begin_one_process(admin: FlaskClient, place: Place, uploads: Path) -> None:
    before = how_many()
    where = sent(admin, place)
    finished(admin, where, uploads)

    admin.post(f"{where}/apply")
    first = (uploads / token_of(where) / "pid").read_text()
    admin.post(f"{where}/apply")

    assert (uploads / token_of(where) / "pid").read_text() == first
    finished(admin, where, uploads)
    assert how_many() == before + 401


@pytest.mark.once
def test_a_name_that_begins_like_an_option_is_none(
    admin: FlaskClient, place: Place, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda n: "-l" + "x" * 28)

    where = sent(admin, place)

    finished(admin, where, uploads)
    assert "写入 401 行" in page(admin, where)


@pytest.mark.parametrize("press", ["", "/stop", "/discard", "/apply"])
def test_what_was_written_just_before_the_process_ended_is_told_as_written(
    admin: FlaskClient, place: Place, cast: Cast, uploads: Path, press: str
) -> None:
    """The moment between the commit and what lies beside the files: another process works, ours was ended there."""
    where = sent(admin, place)
    finished(admin, where, uploads)
    upload = Uploads(uploads).read(token_of(where))
    assert upload
    apply_files(cast.admin, Uploads(uploads).order(upload), today(), expected=upload.digest)
    before = how_many()
    (uploads / token_of(where) / "progress.json").write_text('{"task": "apply"}')
    with (uploads / token_of(where) / "running").open("w") as lock:
        waiting = subprocess.Popen(["sleep", "60"], pass_fds=(lock.fileno(),), start_new_session=True)
        if press != "/apply":
            fcntl.flock(lock, fcntl.LOCK_EX)
    (uploads / token_of(where) / "pid").write_text(str(waiting.pid))

    if press in ("", "/apply"):
        waiting.kill()
        waiting.wait()
    if press:
        admin.post(where + press)
    waiting.wait(5)
    finished(admin, where, uploads)

    assert "已经写入：新增 401" in page(admin, where) and "没有写入" not in page(admin, where)
    assert how_many() == before
    assert not list((uploads / token_of(where)).glob("*.file"))


def test_a_planner_tells_how_far_it_is(place: Place) -> None:
    told: list[tuple[str, int, int]] = []

    def hear(work: Any) -> None:
        told.append((work.phase, work.n, work.of))

    with progress.heard(progress.Work(hear)):
        apply_files(None, order("residents", MANY), today())

    assert [phase for phase, n, _of in told if n == 0] == ["reading", "comparing", "writing"]
    assert ("comparing", 401, 402) in told
    assert max(n for phase, n, _of in told if phase == "writing") > 401


def test_the_time_left_follows_from_the_time_taken() -> None:
    half = background.State("plan", "comparing", 50, 100, since=1000.0)

    assert half.seconds_left(1010.0) == 10
    assert background.State("plan", "comparing", 0, 100, since=1000.0).seconds_left(1010.0) is None


@pytest.mark.parametrize("change", ["deactivated", "no administrator", "patch taken"])
@pytest.mark.parametrize("task", [background.PLAN, background.APPLY])
def test_who_may_no_longer_import_there_writes_nothing(
    app: Flask, place: Place, cast: Cast, tmp_path: Path, change: str, task: str
) -> None:
    """Between the upload and its process."""
    kept = Uploads(tmp_path / "uploads")
    asked = planning.replace(order("residents", people(FIRST)), community_id=place.community.id)
    upload = kept.keep(cast.admin.id, asked, planning.plan_files(asked, today()))
    owner = db.session.get_one(User, cast.admin.id)
    if change == "patch taken":
        for patch in db.session.scalars(select(Patch).where(Patch.user_id == owner.id)):
            db.session.delete(patch)
        owner.scope_version += 1
    elif change == "deactivated":
        owner.is_active = False
    else:
        owner.role = "street_viewer"
    db.session.commit()
    before = how_many()

    carry_on(kept, upload.token, task)

    told = kept.read(upload.token)
    assert told and "不负责" in told.trouble and not told.is_applied
    assert how_many() == before
