"""Somebody scans the code on a sheet: the household opens, and it is said what is not so any more."""

import re
import uuid
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import now
from grid.core.db import db
from grid.documents.models import Edition
from grid.register.models import Household
from tests.conftest import LogIn
from tests.factories import Cast, Place


def printed(client: FlaskClient, door: Household) -> str:
    """Print the sheet, and read what its code says."""
    assert client.post(f"/households/{door.public_id}/sheet").status_code == 200
    db.session.commit()
    return db.session.scalars(select(Edition.token).order_by(Edition.id.desc())).first() or ""


def banner(page: str) -> str:
    found = re.search(r'<div class="notice (?:warn|good) edition".*?</div></div>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", "", found.group()) if found else ""


def test_it_says_who_printed_it_and_that_it_still_holds(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    token = printed(worker, door)

    page = worker.get(f"/p/{token}").get_data(as_text=True)

    said = banner(page)
    assert "这张表由孟网格于" in said and "编号YH-" in said and "与现在的档案一致" in said and "重新打印" not in said
    assert "<h1>1-1-101</h1>" in page and "王小明" in page


def test_it_names_what_has_changed_since(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    token = printed(worker, door)
    door.note = "换了门锁"
    place.people["王小明"].phone = "19900092345"
    for _n in range(2):
        worker.post(f"/households/{door.public_id}/visits", data={"key": str(uuid.uuid4()), "found": "home"})

    said = banner(worker.get(f"/p/{token}").get_data(as_text=True))

    assert "之后有3处变动：备注、王小明：电话、走访记录：新增2次。" in said and "重新打印" in said
    assert "又打印过" not in said


def test_an_older_sheet_is_told_that_there_is_a_newer(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    older = printed(worker, door)
    db.session.scalars(select(Edition)).one().at = now() - timedelta(days=3)
    newer = printed(worker, door)

    assert "又打印过，请用新的那张" in banner(worker.get(f"/p/{older}").get_data(as_text=True))
    assert "又打印过" not in banner(worker.get(f"/p/{newer}").get_data(as_text=True))


def test_whoever_is_not_logged_in_logs_in_first_and_comes_back(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    token = printed(log_in("worker"), place.doors["1-1-101"])

    answer = app.test_client().get(f"/p/{token}")

    assert answer.status_code == 303 and answer.headers["Location"] == f"/login?next=/p/{token}"


def test_outside_the_patch_and_for_other_roles_the_code_opens_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    token = printed(log_in("admin"), place.doors["3-2-302"])

    assert log_in("worker").get(f"/p/{token}").status_code == 404
    assert log_in("worker").get(f"/p/{'x' * 22}").status_code == 404
    assert log_in("head").get(f"/p/{token}").status_code == log_in("street").get(f"/p/{token}").status_code == 403


def test_following_a_code_is_written_down_as_opening_the_file_is(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    token = printed(worker, door)

    worker.get(f"/p/{token}")

    seen = select(AuditEntry).where(AuditEntry.action == "open_file", AuditEntry.household_id == door.id)
    assert [entry.actor_id for entry in db.session.scalars(seen)] == [cast.worker.id]


def test_the_pack_knows_the_newest_sheets_of_the_patch(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"]
    tokens = [printed(worker, door) for _n in range(4)]
    printed(log_in("admin"), place.doors["3-2-302"])

    pack = worker.get("/m/pack").get_json()

    assert pack["editions"] == dict.fromkeys(tokens[1:], door.public_id)


def test_the_code_leads_to_the_sites_own_address(cast: Cast, place: Place, log_in: LogIn) -> None:
    from grid.core.qr import qr
    from grid.documents.sheet import MASK, Printed
    from grid.documents.sheet_paper import SHEET

    (drawn,) = SHEET.write(
        cast.worker.scope,
        [place.doors["1-1-101"].id],
        lambda n: Printed("孟网格", "2026-11-24 10:00", "YH"),
        {"root": "https://yihu.office/"},
    )

    assert qr(f"https://yihu.office/p/{drawn.rows[0].token}", mask=MASK) in drawn.html
