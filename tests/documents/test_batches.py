"""Somebody prints many sheets at once: each is there once and in order, whatever happens on the way."""

import io
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.exc import OperationalError

from grid.accounts.actions import bump_scope
from grid.accounts.models import AuditEntry, Me, Patch, Scope, User
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.refusals import Missing, Refused
from grid.documents import answers, attendant, choosing, files, jobs, keeping, worker
from grid.documents.models import Edition, Print, PrintJob, PrintPart
from grid.documents.printing import Document, PrintingFailed, Renderer
from grid.documents.worker import Worker
from grid.register.models import Household
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_user


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf))]


def order(actor: Me | None, place: Place, per_part: int = 4, **more: Any) -> PrintJob:
    scope = actor.scope if actor else Scope(communities=(place.community.id,))
    items = choosing.chosen_doors(scope, choosing.Choice(place.community.id), today())
    return jobs.order(actor, jobs.BatchEntry("sheet", place.community.id, items, per_part=per_part, **more))


def work(app: Flask, job: PrintJob, processes: int = 1) -> None:
    """A worker until the job has ended, as `flask worker` would."""
    job_id = job.id
    db.session.commit()
    Worker(app, processes).run(done=lambda: has_ended(job_id))
    db.session.expire_all()


def has_ended(job_id: int) -> bool:
    state = db.session.scalar(select(PrintJob.state).where(PrintJob.id == job_id))
    db.session.rollback()
    return state != "open"


def whole(job: PrintJob) -> list[str]:
    return pages(files.file_of(job).read_bytes())


def test_every_household_of_a_community_is_printed_once_and_in_order(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.admin, place, options={"root": "http://yihu.test/"})

    work(app, job, processes=2)

    assert job.state == "done"
    printed = db.session.get(Print, job.print_id)
    editions = list(db.session.scalars(select(Edition).order_by(Edition.serial)))
    wanted = db.session.scalars(
        select(Household.id)
        .where(Household.community_id == place.community.id)
        .order_by(Household.building_id, Household.unit_no, Household.floor, Household.room)
    )
    assert [edition.household_id for edition in editions] == list(wanted)
    assert [edition.serial for edition in editions] == list(range(1, 37))
    assert printed and (printed.sheets, printed.pages, printed.user_id) == (36, 36, cast.admin.id)
    texts = whole(job)
    assert len(texts) == 36
    assert all(f"{printed.number} · {n}/36" in text and "社长" in text for n, text in enumerate(texts, 1))


def test_each_household_printed_says_so_in_its_history(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.worker, place)

    work(app, job)

    entries = list(db.session.scalars(select(AuditEntry).where(AuditEntry.household_id.is_not(None))))
    assert len(entries) == 24 and {entry.action for entry in entries} == {"print_sheet"}
    assert {entry.actor_id for entry in entries} == {cast.worker.id}


def test_a_part_whose_worker_was_killed_is_taken_by_another_and_nothing_is_doubled(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(cast.admin, place, per_part=12)
    lost = jobs.take("killed")
    assert lost and jobs.take("other") and jobs.take("third") and jobs.take("fourth") is None

    later = now() + jobs.LEASE * 2
    monkeypatch.setattr(jobs, "now", lambda: later)
    again = jobs.take("fourth")

    assert again and again.part_id == lost.part_id and again.tries == 2
    # The first one was only slow: what it brings now is not wanted any more.
    delivery = jobs.Delivery(b"%PDF", 1, [(edition(place),)])
    assert not jobs.deliver("killed", lost, delivery)
    assert jobs.deliver("fourth", again, delivery)
    assert not jobs.deliver("fourth", again, delivery)
    assert db.session.scalar(select(func.count()).select_from(Edition)) == 1
    assert job.state == "open"


def edition(place: Place) -> Edition:
    door = place.doors["1-1-101"]
    return Edition(community_id=door.community_id, token="t" * 22, household_id=door.id, facts={})


def test_a_worker_that_lives_keeps_its_part(app: Flask, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    order(None, place, per_part=100)
    held = jobs.take("alive")
    assert held
    later = now() + jobs.LEASE - timedelta(seconds=1)
    monkeypatch.setattr(jobs, "now", lambda: later)

    jobs.renew("alive", held.part_id)

    monkeypatch.setattr(jobs, "now", lambda: later + timedelta(seconds=5))
    assert jobs.take("other") is None


def test_small_jobs_are_not_kept_waiting_by_large_ones(app: Flask, place: Place) -> None:
    large = order(None, place, per_part=2)
    assert (first := jobs.take("w")) and first.job_id == large.id
    small = order(None, place, per_part=50)

    taken = jobs.take("w")

    assert taken and taken.job_id == small.id


def test_one_file_per_building_beside_the_whole(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.admin, place, per_part=7, split=True)

    work(app, job)

    each = [pages(files.file_of(job, building.id).read_bytes()) for building in place.buildings]
    assert [len(texts) for texts in each] == [12, 12, 12]
    assert each[0] + each[1] + each[2] == whole(job)
    assert all(f"{no}幢" in text for no, texts in enumerate(each, 1) for text in texts)


def test_stopping_throws_away_what_was_drawn_and_no_sheet_counts_as_printed(
    app: Flask, cast: Cast, place: Place
) -> None:
    job = order(cast.admin, place)
    taken = jobs.take("w")
    assert taken and jobs.deliver("w", taken, jobs.Delivery(b"%PDF", 4, [(edition(place),)]))

    jobs.stop(cast.admin, job)

    late = jobs.take("w")
    printed = db.session.get(Print, job.print_id)
    assert late is None and job.state == "cancelled"
    assert printed and (printed.sheets, printed.pages) == (0, 0)
    assert not list(db.session.scalars(select(PrintPart))) and not list(db.session.scalars(select(Edition)))


def test_after_a_day_the_sheets_are_gone(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(cast.admin, place)
    work(app, job)
    path, public_id = files.file_of(job), job.public_id
    later = now() + timedelta(hours=25)
    monkeypatch.setattr(keeping, "now", lambda: later)

    keeping.tidy()

    browser = log_in("admin")
    assert not path.exists() and not list(db.session.scalars(select(PrintPart)))
    assert browser.get(f"/print/jobs/{public_id}/pdf").status_code == 404
    assert "已经过了一天" in browser.get(f"/print/jobs/{public_id}").text


def test_a_sheet_that_cannot_be_drawn_is_replaced_by_one_that_says_so(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Renderer.render

    def render(self: Renderer, html: list[str], *rest: Any, **more: Any) -> Document:
        if any("王小明" in page for page in html):
            raise PrintingFailed("排版时间太长", "late")
        return real(self, html, *rest, **more)

    monkeypatch.setattr(Renderer, "render", render)
    job = order(cast.worker, place, per_part=6)

    work(app, job)

    texts = whole(job)
    assert job.state == "done" and len(texts) == 24
    assert "这一份没有印出来" in texts[0] and "1-1-101" in texts[0] and "排版时间太长" in texts[0]
    assert not any("没有印出来" in text for text in texts[1:])


def test_hostile_words_in_one_note_neither_fetch_nor_hold_up_the_batch(app: Flask, cast: Cast, place: Place) -> None:
    hostile = '<img src="file:///etc/passwd"> http://example.com/x.png \u202e反过来 ' + "长" * 20 + "x" * 200_000
    place.doors["1-1-102"].note = hostile
    job = order(cast.worker, place, per_part=24)
    began = now()

    work(app, job)

    texts = whole(job)
    assert job.state == "done" and (now() - began).total_seconds() < 60
    assert any('<img src="file:///etc/passwd">' in text for text in texts)
    assert not any("没有印出来" in text for text in texts)


def test_a_full_disk_is_said_and_the_job_goes_on_by_itself(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite the database really is full; elsewhere its answer is put in its mouth."""
    job = order(cast.worker, place)
    said: list[str] = []
    full = FullDisk()
    monkeypatch.setattr(worker, "PATIENCE", 0.3)
    real = jobs.say

    def say(job_id: int, message: str) -> None:
        said.append(message)
        full.empty()
        real(job_id, message)

    monkeypatch.setattr(jobs, "say", say)
    full.fill()

    work(app, job)

    assert said and "磁盘满了" in said[0]
    assert (job.state, job.message) == ("done", "") and len(whole(job)) == 24


class FullDisk:
    """Refuses every PDF until it is emptied."""

    def __init__(self) -> None:
        self.is_full = False
        event.listen(db.engine, "before_cursor_execute", self._look)

    def fill(self) -> None:
        self.is_full = True

    def empty(self) -> None:
        self.is_full = False

    def _look(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not self.is_full or "UPDATE print_part" not in statement or "pdf" not in statement:
            return
        if connection.dialect.name == "sqlite":
            import sqlite3

            raise sqlite3.OperationalError("database or disk is full")
        import psycopg

        raise psycopg.errors.DiskFull("could not extend file: No space left on device")


def test_whoever_lost_the_right_gets_no_more_sheets(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.worker, place)
    db.session.execute(update(User).where(User.id == cast.worker.id).values(is_active=False))
    db.session.commit()

    work(app, job)

    assert job.state == "failed" and "看不到这些户" in job.message


def test_a_household_that_left_the_patch_meanwhile_is_not_printed_but_told(
    app: Flask, cast: Cast, place: Place
) -> None:
    job = order(cast.worker, place, per_part=24)
    db.session.execute(update(Patch).where(Patch.user_id == cast.worker.id).values(to_on=today() - timedelta(days=1)))
    bump_scope(cast.worker.id)
    db.session.commit()

    work(app, job)

    texts = whole(job)
    assert job.state == "done" and len(texts) == 24
    assert all("没有印出来" in text and "王小明" not in text for text in texts)


def test_characters_no_font_has_are_told_with_the_door(app: Flask, cast: Cast, place: Place) -> None:
    place.people["单雄信"].name = "单\U000323af雄"
    job = order(cast.worker, place)

    work(app, job)

    found = [line for part in db.session.scalars(select(PrintPart)) for line in part.missing or []]
    assert found == [["1-1-102", "\U000323af"]]


def test_what_gives_no_sheet_or_too_many_is_refused_with_the_next_step(
    app: Flask, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="放宽"):
        jobs.order(None, jobs.BatchEntry("sheet", place.community.id, []))
    monkeypatch.setattr(jobs, "MOST", 10)
    with pytest.raises(Refused, match="分几次"):
        order(None, place)


def ask(log_in: LogIn, who: str, place: Place, **more: Any) -> Any:
    fields = {"kind": "sheet", "community": place.community.public_id, "which": "all", "key": "k" * 20} | more
    return log_in(who).post("/print/jobs", data=fields)


def items(app: Flask) -> list[list[int]]:
    return [part.items for part in db.session.scalars(select(PrintPart).order_by(PrintPart.seq))]


def test_choosing_by_block_building_and_tag(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    block = choosing.Choice(place.community.id, blocks=(place.blocks[1].id,))
    both = choosing.Choice(place.community.id, blocks=(place.blocks[1].id,), buildings=(place.buildings[0].id,))
    of_worker = choosing.chosen_doors(cast.worker.scope, both, today())

    assert len(choosing.chosen_doors(cast.admin.scope, block, today())) == 12
    assert len(choosing.chosen_doors(cast.admin.scope, both, today())) == 24
    assert len(of_worker) == 12 and {building for _door, building in of_worker} == {place.buildings[0].id}


def test_changed_since_print_and_never_printed(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    here = choosing.Choice(place.community.id, buildings=(place.buildings[0].id,))
    items_here = choosing.chosen_doors(cast.admin.scope, here, today())
    job = jobs.order(cast.admin, jobs.BatchEntry("sheet", place.community.id, items_here))
    work(app, job)

    def chosen(which: str) -> list[int]:
        choice = choosing.Choice(place.community.id, which=which)
        return [door for door, _building in choosing.chosen_doors(cast.admin.scope, choice, today())]

    assert chosen("changed") == [] and len(chosen("never")) == 24
    place.doors["1-1-102"].note = "换了锁"
    db.session.commit()
    assert chosen("changed") == [place.doors["1-1-102"].id]


def test_ordering_twice_with_one_key_is_one_job(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    first = ask(log_in, "worker", place)
    second = ask(log_in, "worker", place)

    assert first.status_code == second.status_code == 303 and first.location == second.location
    assert sum(map(len, items(app))) == 24


def test_a_building_outside_the_patch_cannot_be_chosen(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = ask(log_in, "worker", place, buildings=place.buildings[2].public_id)

    assert answer.status_code == 422 and not items(app)


def test_a_job_is_its_owners_alone(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    job = order(cast.worker, place)
    here = f"/print/jobs/{job.public_id}"

    assert log_in("worker").get(here).status_code == 200
    for path in (here, f"{here}/pdf"):
        assert log_in("admin").get(path).status_code == 404
    assert log_in("admin").post(f"{here}/stop").status_code == 404
    assert db.session.scalar(select(PrintJob.state)) == "open"


def test_how_far_it_is_and_how_long_it_takes(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    job = order(cast.worker, place, per_part=6)
    browser, here = log_in("worker"), f"/print/jobs/{job.public_id}"
    assert "正在开始" in browser.get(here).text
    taken = jobs.take("w")
    assert taken and jobs.deliver("w", taken, jobs.Delivery(b"%PDF", 6))

    text = browser.get(here, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text

    assert "<b>6</b> / 24" in text and "大约还要" in text and "<html" not in text
    assert browser.post(f"{here}/stop").status_code == 303
    assert "停下了" in browser.get(here).text


def test_the_log_says_who_printed_what_why_and_how_much(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    ask(log_in, "worker", place, reason="入户核对", buildings=place.buildings[0].public_id)
    job = db.session.scalars(select(PrintJob)).one()
    work(app, job)
    number = jobs.number_of(job)

    text = log_in("admin").get(f"/print/log?number={number}").text

    assert all(word in text for word in ("孟网格", "入户核对", "1幢", "12 份，12 页", number))
    assert number not in log_in("admin").get("/print/log?number=YH-1").text
    assert log_in("worker").get("/print/log").status_code == 403


def test_the_count_follows_the_choice(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    fields = {"kind": "sheet", "community": place.community.public_id, "which": "all", "key": "k" * 20}

    assert "共 36 份" in log_in("admin").post("/print/count", data=fields).text
    one = fields | {"buildings": place.buildings[1].public_id}
    assert "共 12 份" in log_in("admin").post("/print/count", data=one).text


@pytest.mark.parametrize("kind", ["contacts", "elevation", "notice"])
def test_papers_of_buildings_by_the_dozen(app: Flask, cast: Cast, place: Place, log_in: LogIn, kind: str) -> None:
    ask(log_in, "admin", place, kind=kind, layer="visits", size="A4")
    job = db.session.scalars(select(PrintJob)).one()

    work(app, job)

    texts = whole(job)
    assert job.state == "done" and job.total == 3
    assert all(any(f"{no}幢" in text or f"{no} 幢" in text for text in texts) for no in (1, 2, 3))
    assert not any("没有印出来" in text for text in texts)


def test_a_worker_process_attached_to_a_server_prints_and_ends_with_it(
    app: Flask, cast: Cast, place: Place, tmp_path: Path
) -> None:
    import os
    import subprocess
    import sys

    job = order(cast.worker, place)
    db.session.commit()
    env = os.environ | {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", ""),
        "GRID_INSTANCE": str(tmp_path),
    }
    (tmp_path / "secrets.json").write_text(
        json.dumps({"SECRET_KEY": "for tests", "PERSONAL_KEY": app.config["PERSONAL_KEY"]})
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app.py", "worker", "--attached"], stdin=subprocess.PIPE, env=env
    )
    assert child.stdin
    for _ in range(120):
        if has_ended(job.id):
            break
        try:
            child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
        break

    child.stdin.close()

    assert child.wait(timeout=10) == 0
    assert db.session.scalar(select(PrintJob.state)) == "done"


def test_a_part_that_failed_in_the_database_is_given_back_and_drawn(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement fails while a part is read: it is neither kept for ever nor lost."""
    job = order(cast.worker, place, per_part=8)
    real, failed = worker.draw, []

    def draw(*words: Any) -> jobs.Delivery:
        if not failed:
            failed.append(True)
            raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))
        return real(*words)

    monkeypatch.setattr(worker, "draw", draw)
    monkeypatch.setattr(worker, "POLL", 0.1)

    work(app, job)

    assert failed and job.state == "done" and len(whole(job)) == 24


def test_only_what_is_in_hand_is_kept_from_others(app: Flask, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    order(None, place, per_part=100)
    lazy = Worker(app, 1)
    taken = jobs.take(f"{lazy.name}-0")
    later = now() + jobs.LEASE * 2
    monkeypatch.setattr(jobs, "now", lambda: later)

    lazy._renew()

    again = jobs.take("other")
    assert taken and again and again.part_id == taken.part_id


def test_a_worker_with_a_part_in_hand_is_not_idle(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(cast.worker, place, per_part=24)
    real = worker.draw

    def slow(*words: Any) -> jobs.Delivery:
        time.sleep(2.5)
        return real(*words)

    monkeypatch.setattr(worker, "draw", slow)
    job_id = job.id
    db.session.commit()

    Worker(app, 1).run(idle=1.0)

    assert has_ended(job_id)


def test_a_worker_told_to_go_delivers_what_it_has_drawn(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(cast.worker, place, per_part=12)
    going, real = Worker(app, 1), worker.draw

    def last(*words: Any) -> jobs.Delivery:
        going.stopping.set()
        return real(*words)

    monkeypatch.setattr(worker, "draw", last)
    db.session.commit()

    going.run()

    states = sorted(db.session.scalars(select(PrintPart.state)))
    assert states == ["done", "waiting"]


def test_what_was_interrupted_goes_on_at_the_start_even_while_it_is_held(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(cast.worker, place, per_part=100)
    assert jobs.take("killed a moment ago")
    woken: list[bool] = []
    monkeypatch.setattr(attendant.Attendant, "wake", lambda self: woken.append(True))
    monkeypatch.setattr(
        attendant.Attendant, "come_back", lambda self, after: woken.append(after == attendant.WHILE_OPEN)
    )

    attendant.begin()

    assert woken == [True, True]


def test_a_busy_database_does_not_end_the_looking_after(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = attendant.Attendant(app)
    again: list[float] = []
    monkeypatch.setattr(looking, "come_back", again.append)

    def locked() -> None:
        raise OperationalError("DELETE", {}, Exception("database is locked"))

    monkeypatch.setattr(keeping, "tidy", locked)

    looking._look()

    assert again == [attendant.WHILE_OPEN]


def test_one_worker_beside_however_many_servers(tmp_path: Path) -> None:
    path = tmp_path / "paper" / "worker.lock"

    assert not attendant.is_held(path)
    assert attendant.hold(path)
    assert attendant.is_held(path) and not attendant.hold(path)
    attendant._held.clear()
    assert not attendant.is_held(path)


def test_stopping_while_a_part_is_delivered_leaves_no_edition(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.admin, place)
    taken = jobs.take("w")
    assert taken
    jobs.stop(cast.admin, job)

    assert not jobs.deliver("w", taken, jobs.Delivery(b"%PDF", 4, [(edition(place),)]))
    assert not list(db.session.scalars(select(Edition)))


def test_stopping_what_has_ended_changes_and_logs_nothing(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.worker, place, per_part=24)
    work(app, job)

    jobs.stop(cast.worker, job)

    assert job.state == "done" and len(whole(job)) == 24
    assert not list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "stop_print")))


def test_no_file_is_made_of_what_is_being_thrown_away(app: Flask, cast: Cast, place: Place) -> None:
    job = order(cast.worker, place, per_part=6)
    work(app, job)
    db.session.execute(delete(PrintPart).where(PrintPart.seq == 0))
    db.session.commit()

    with pytest.raises(Missing):
        files.file_of(job)


def test_a_file_joined_late_goes_with_its_parts(
    app: Flask, cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(cast.worker, place)
    work(app, job)
    job.ended_at = now() - timedelta(hours=25)
    db.session.commit()
    path = files.folder_of(job.public_id)
    path.mkdir(parents=True, exist_ok=True)

    with pytest.raises(Missing):
        files.file_of(job)
    keeping.tidy()

    assert not path.exists() and not list(db.session.scalars(select(PrintPart)))


def test_whoever_handed_the_patch_over_downloads_no_more(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    job = order(cast.worker, place)
    work(app, job)
    here = f"/print/jobs/{job.public_id}/pdf"
    assert log_in("worker").get(here).status_code == 200
    db.session.execute(
        update(Patch).where(Patch.user_id == cast.worker.id).values(block_id=None, building_id=place.buildings[2].id)
    )
    bump_scope(cast.worker.id)
    db.session.commit()

    assert log_in("worker").get(here).status_code == 404


def test_codes_on_paper_lead_a_phone_to_this_machine(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "lan_address", lambda: "192.168.1.5")
    for asked, root in (
        ("http://127.0.0.1:5000", "http://192.168.1.5:5000/"),
        ("https://yihu.lan", "https://yihu.lan/"),
    ):
        with app.test_request_context("/print", base_url=asked):
            assert answers.root_url() == root
    monkeypatch.setitem(app.config, "ROOT_URL", "https://yihu.example/")
    with app.test_request_context("/print", base_url="http://127.0.0.1:5000"):
        assert answers.root_url() == "https://yihu.example/"


def test_who_has_no_patch_yet_is_told_whom_to_ask(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    make_user("new", "grid_worker", "新网格员")
    db.session.commit()

    answer = log_in("new").get("/print")

    assert answer.status_code == 200 and "请找管理员" in answer.text


def test_a_block_of_which_only_a_part_is_mine_is_not_offered_whole(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    db.session.execute(
        update(Patch).where(Patch.user_id == cast.worker.id).values(block_id=None, building_id=place.buildings[0].id)
    )
    bump_scope(cast.worker.id)
    db.session.commit()

    assert place.blocks[0].public_id not in log_in("worker").get("/print").text
    assert place.blocks[0].public_id in log_in("admin").get("/print").text
