"""Role × restricted or ordinary × every place where a person's tags could show: a restricted one is nowhere."""

import subprocess
import uuid
from collections.abc import Callable
from io import BytesIO
from shutil import which
from zipfile import ZipFile, is_zipfile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Tag
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_tag
from tests.test_matrix import LOGINS

RESTRICTED, ORDINARY = "社区矫正", "低保"
SHUT = "只给自己人看"


def where(place: Place) -> dict[str, Callable[[FlaskClient], str]]:
    """Name → how the place is asked for; what a role may not open says nothing."""
    door, person = place.doors["1-1-101"].public_id, place.people["王小明"].public_id
    building, community = place.buildings[0].public_id, place.community.public_id

    def get(path: str) -> Callable[[FlaskClient], str]:
        return lambda client: told(client.get(path))

    def post(path: str, **words: str) -> Callable[[FlaskClient], str]:
        return lambda client: told(client.post(path, data=words))

    return {
        "household": get(f"/households/{door}"),
        "person's tags": get(f"/persons/{person}/tags"),
        "restricted tags": get(f"/persons/{person}/restricted"),
        "person edited": get(f"/people/{person}/edit"),
        "register": get("/households"),
        "search": post("/find", words="王小明"),
        "today": get("/today"),
        "elevation": get(f"/buildings/{building}"),
        "elevation by tags": get(f"/buildings/{building}?layer=tags"),
        "map": get(f"/map/{community}"),
        "map by tags": get(f"/map/{community}?layer=tags"),
        "floating": get("/floating"),
        "print centre": get("/print"),
        "pack": get("/m/pack"),
        "street": get("/street"),
        "my building": get("/my-building"),
        "ledgers": get("/ledgers"),
        "sheet": post(f"/households/{door}/sheet"),
        "sheet with whole numbers": post(f"/households/{door}/sheet", full_ids="y", reason="派出所核对"),
        "contact list": post(f"/buildings/{building}/contacts"),
        "elevation on paper": post(f"/buildings/{building}/elevation/print", layer="tags"),
        "map on paper": post(f"/map/{community}/print", layer="tags", size="A3", variant="internal"),
    }


def told(answer: object) -> str:
    """The words of an answer: of a page, of a workbook's files, of a PDF."""
    content: bytes = answer.get_data()  # type: ignore[attr-defined]
    if content.startswith(b"%PDF"):
        read = ["pdftotext", "-layout", "-", "-"]
        return subprocess.run(read, input=content, capture_output=True, check=True).stdout.decode()
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


@pytest.fixture
def carrying(place: Place) -> Place:
    """王小明 carries an ordinary tag, a restricted one, and one for administrators only."""
    person = place.people["王小明"]
    make_tag(person, "low_income")
    make_tag(person, "community_correction", source="司法所转来")
    shut = Tag(community_id=place.community.id, code="own_1", label=SHUT, group="care", viewers=[])
    db.session.add(shut)
    db.session.flush()
    make_tag(person, "own_1")
    refresh_members(community_id=place.community.id)
    db.session.commit()
    return place


@pytest.mark.skipif(which("pdftotext") is None, reason="NOT TESTED: no pdftotext (apt-get install poppler-utils)")
@pytest.mark.parametrize("role", LOGINS)
def test_without_access_it_is_nowhere(cast: Cast, carrying: Place, log_in: LogIn, role: str) -> None:
    client = log_in(LOGINS[role])

    pages = {name: ask(client) for name, ask in where(carrying).items()}

    assert [name for name, page in pages.items() if RESTRICTED in page or "司法所转来" in page] == []
    ordinary = [name for name, page in pages.items() if ORDINARY in page]
    assert ("household" in ordinary) == ("person's tags" in ordinary) == (role in ("administrator", "grid_worker"))
    assert ("sheet" in ordinary) == (role in ("administrator", "grid_worker"))
    assert ("pack" in ordinary) == (role == "grid_worker")
    shut = [name for name, page in pages.items() if SHUT in page]
    assert set(shut) <= {"household", "person's tags"} and bool(shut) == (role == "administrator")


@pytest.mark.parametrize("role", ["administrator", "grid_worker"])
def test_with_access_it_is_in_one_place(cast: Cast, carrying: Place, log_in: LogIn, role: str) -> None:
    client, person = log_in(LOGINS[role]), carrying.people["王小明"]
    client.post(f"/persons/{person.public_id}/restricted", data={"why": "urgent"})

    pages = {name: ask(client) for name, ask in where(carrying).items()}

    assert [name for name, page in pages.items() if RESTRICTED in page] == ["restricted tags"]
    db.session.refresh(carrying.doors["1-1-101"])
    assert carrying.doors["1-1-101"].n_tags == 1


def test_the_log_tells_that_it_was_given_and_not_what(cast: Cast, carrying: Place, log_in: LogIn) -> None:
    admin, person = log_in("admin"), carrying.people["李芳"]
    tag = db.session.scalars(select(Tag).where(Tag.code == "released", Tag.community_id == carrying.community.id)).one()
    admin.post(f"/persons/{person.public_id}/restricted", data={"why": "urgent"})
    words = {"key": str(uuid.uuid4()), "tag": tag.public_id, "since": str(today()), "source": "司法所转来"}
    assert admin.post(f"/persons/{person.public_id}/tags", data=words).status_code == 303

    page = admin.get("/audit?action=give_restricted_tag").text

    assert "给人加受限标签" in page and "李芳" in page and "受限标签" in page
    assert "刑满释放" not in page and "司法所转来" not in page
