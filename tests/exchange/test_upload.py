"""The same by upload: preview, then apply, by an administrator."""

import io
import os
import stat
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grid.accounts.actions import end_patch
from grid.accounts.models import Patch, User
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Building, Community, Person
from tests.conftest import LogIn
from tests.exchange.books import feature, geojson, people
from tests.exchange.test_import_residents import FIRST
from tests.factories import Cast, Place, hand_out, make_user


def send(client: FlaskClient, kind: str, *files: tuple[str, bytes], **more: Any) -> Any:
    given = [(io.BytesIO(content), name) for name, content in files]
    return client.post("/imports", data={"kind": kind, "files": given, **more})


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> FlaskClient:
    return log_in("admin")


@pytest.fixture
def uploads(app: Flask) -> Path:
    folder: Path = app.config["INSTANCE"] / "uploads"
    return folder


def how_many() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_the_preview_writes_nothing_and_apply_writes_all(admin: FlaskClient, place: Place) -> None:
    before = how_many()
    refused = (None, *FIRST[1:])

    answer = send(admin, "residents", ("名册.xlsx", people(FIRST, refused)), community=place.community.public_id)

    assert answer.status_code == 303
    where = answer.headers["Location"]
    page = admin.get(where).get_data(as_text=True)
    assert "拒收 1" in page and "名册.xlsx “人员”第 3 行" in page and "没有姓名" in page
    assert "刘备" in admin.get(f"{where}?tab=new").get_data(as_text=True)
    assert how_many() == before

    assert admin.post(f"{where}/apply").status_code == 303

    assert how_many() == before + 1
    assert "已经写入" in admin.get(where).get_data(as_text=True)


def test_applying_twice_writes_once(admin: FlaskClient, place: Place) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]
    before = how_many()

    for _time in range(2):
        assert admin.post(f"{where}/apply").status_code == 303

    assert how_many() == before + 1


def test_id_numbers_and_phones_are_masked_in_the_preview(admin: FlaskClient, place: Place) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]

    page = admin.get(f"{where}?tab=new").get_data(as_text=True)

    assert FIRST[2] not in page and FIRST[5] not in page
    assert "199****0001" in page


def test_when_the_register_moved_meanwhile_the_preview_is_shown_again(admin: FlaskClient, place: Place) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]
    place.doors["3-1-101"].deleted_at = place.community.created_at
    db.session.commit()

    answer = admin.post(f"{where}/apply")

    assert answer.status_code == 409
    assert "重新比对" in answer.get_data(as_text=True)
    assert db.session.scalars(select(Person).where(Person.name == "刘备")).all() == []


def test_a_kept_file_that_was_altered_is_not_applied(admin: FlaskClient, place: Place, uploads: Path) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]
    kept = uploads / where.rsplit("/", 1)[1] / "0.file"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_bytes(people(FIRST, ("关羽", *FIRST[1:])))
    before = how_many()

    assert admin.post(f"{where}/apply").status_code == 409
    assert how_many() == before


def test_the_files_go_when_they_are_applied_or_discarded(admin: FlaskClient, place: Place, uploads: Path) -> None:
    for step in ("apply", "discard"):
        content = people((step, *FIRST[1:2], None, *FIRST[3:]))
        where = send(admin, "residents", ("a.xlsx", content), community=place.community.public_id).headers["Location"]
        folder = uploads / where.rsplit("/", 1)[1]
        assert (folder / "0.file").exists()

        admin.post(f"{where}/{step}")

        assert not (folder / "0.file").exists()


def test_nobody_else_opens_an_upload(admin: FlaskClient, place: Place, cast: Cast, log_in: LogIn) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]

    assert log_in("worker").get(where).status_code == 403
    assert admin.get("/imports/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert admin.get("/imports/..%2f..%2fyihu.db").status_code == 404


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ((), "请选文件"),
        ((("a.xlsx", b"%PDF-1.7"),), "a.xlsx 是 PDF"),
        ((("a.csv", "甲,乙\n1,2\n".encode()),), "没有找到表头"),
    ],
)
def test_what_cannot_be_read_comes_back_with_the_form(
    admin: FlaskClient, place: Place, files: tuple[tuple[str, bytes], ...], word: str
) -> None:
    answer = send(admin, "residents", *files, community=place.community.public_id)

    assert answer.status_code == 422
    assert word in answer.get_data(as_text=True)


def test_a_community_outside_the_patch_is_not_offered_and_not_taken(admin: FlaskClient, place: Place) -> None:
    assert "槐荫社区" not in admin.get("/imports").get_data(as_text=True)
    content = people(("王外人", *FIRST[1:2], None, *FIRST[3:6], "1-1-101", None, None))

    assert send(admin, "residents", ("a.xlsx", content), community=place.other.public_id).status_code == 422
    squatting = send(admin, "map", ("b.geojson", geojson(feature(no=1))), community="", new_community="槐荫社区")
    assert squatting.status_code == 422


def test_a_map_begins_a_community_that_its_maker_may_see(admin: FlaskClient, place: Place) -> None:
    files = [("b.geojson", geojson(feature(no=1), name="buildings"))]
    where = send(admin, "map", *files, community="", new_community="杏林社区").headers["Location"]
    assert "会新建社区" in admin.get(where).get_data(as_text=True)

    assert admin.post(f"{where}/apply").status_code == 303

    assert db.session.scalars(select(Community).where(Community.name == "杏林社区")).one()
    assert "杏林社区" in admin.get("/imports").get_data(as_text=True)


def test_a_name_that_somebody_took_meanwhile_is_not_written_into(
    admin: FlaskClient, place: Place, log_in: LogIn
) -> None:
    hand_out(make_user("second", "administrator", "乙社长"), place.other)
    files = [("b.geojson", geojson(feature(no=1), name="buildings"))]
    where = send(admin, "map", *files, community="", new_community="杏林社区").headers["Location"]
    assert log_in("second").post("/communities/new", data={"name": "杏林社区"}).status_code == 303

    answer = admin.post(f"{where}/apply")

    assert answer.status_code == 422
    assert "已经有了" in answer.get_data(as_text=True)
    theirs = db.session.scalars(select(Community).where(Community.name == "杏林社区")).one()
    assert db.session.scalars(select(Building).where(Building.community_id == theirs.id)).all() == []


def test_the_log_tells_of_a_new_community_only_to_those_who_hold_it(
    admin: FlaskClient, place: Place, log_in: LogIn
) -> None:
    hand_out(make_user("second", "administrator", "乙社长"), place.community)
    files = [("b.geojson", geojson(feature(no=1, name="新楼名"), name="buildings"))]
    where = send(admin, "map", *files, community="", new_community="杏林社区").headers["Location"]

    assert admin.post(f"{where}/apply").status_code == 303

    own, others = (client.get("/audit").get_data(as_text=True) for client in (admin, log_in("second")))
    assert "杏林社区: b.geojson" in own
    assert "杏林社区" not in others and "新楼名" not in others


def test_a_preview_ends_with_the_patch_it_was_made_in(admin: FlaskClient, place: Place, cast: Cast) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]
    hand_out(db.session.get_one(User, cast.admin.id), place.other)
    for patch in db.session.scalars(select(Patch).where(Patch.user_id == cast.admin.id)):
        if patch.community_id == place.community.id:
            end_patch(cast.admin, patch, today() - timedelta(days=1))
    # Whoever holds another community of that name by now holds another community.
    place.community.name, place.other.name = "旧桃园社区", place.community.name
    db.session.commit()
    before = how_many()

    assert admin.post(f"{where}/apply").status_code == 404
    assert how_many() == before


@pytest.mark.parametrize("path", ["/imports", "/imports/{token}"])
def test_a_file_left_lying_is_gone_after_a_day(admin: FlaskClient, place: Place, uploads: Path, path: str) -> None:
    where = send(admin, "residents", ("a.xlsx", people(FIRST)), community=place.community.public_id).headers["Location"]
    token = where.rsplit("/", 1)[1]
    yesterday = time.time() - 25 * 60 * 60
    os.utime(uploads / token / "upload.json", (yesterday, yesterday))

    admin.get(path.format(token=token))

    assert not (uploads / token).exists()


def test_a_long_preview_has_pages(admin: FlaskClient, place: Place) -> None:
    rows = [(f"刘{chr(0x4E00 + n)}", None, None, None, None, None, "3-1-101", None, None) for n in range(120)]
    where = send(admin, "residents", ("a.xlsx", people(*rows)), community=place.community.public_id).headers["Location"]

    assert "第 2 / 3 页" in admin.get(f"{where}?tab=new&page=2").get_data(as_text=True)
