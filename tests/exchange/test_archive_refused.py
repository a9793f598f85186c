"""An archive that was cut off, altered or forged changes nothing, and says why."""

import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from grid.accounts.models import AuditEntry, User
from grid.core.clock import now
from grid.core.db import db
from grid.core.personal import Vault
from grid.core.refusals import Refused
from grid.exchange import archive_sealing
from grid.exchange.archive_reading import import_community
from grid.exchange.archive_writing import ArchiveEntry, export_community
from grid.exchange.workbooks import Unreadable
from grid.register.models import Community, Person
from grid.visits.models import Visit
from tests.exchange import installs
from tests.factories import Cast, Place, make_photo
from tests.keeping import empty_database

WORD = "桃园三结义不求同生"


@pytest.fixture(autouse=True)
def quick_scrypt_and_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(archive_sealing.COST, "n", 1 << 10)
    monkeypatch.setattr(archive_sealing, "CHUNK", 97)


@pytest.fixture
def made(app: Flask, place: Place, cast: Cast, tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """An archive of 桃园社区, with a photo; the database is empty afterwards."""
    instance = installs.of(app).instance
    visit = Visit(
        community_id=place.community.id,
        household_id=place.doors["1-1-101"].id,
        worker_id=cast.worker.id,
        at=now(),
        found="home",
    )
    db.session.add(visit)
    db.session.flush()
    make_photo(visit)
    db.session.commit()
    community_id = place.community.id

    def make(passphrase: str = "") -> Path:
        path = tmp_path / "archive.zip"
        export_community(None, ArchiveEntry(community_id, "桃园社区", "试", passphrase), path, instance)
        empty_database()
        return path

    yield make


Members = dict[str, bytes]


def altered(path: Path, change: Callable[[Members], None], seal: bool = True) -> Path:
    """The archive with other content, its manifest in agreement with it where `seal`."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(members)
    if seal and json.loads(members["manifest.json"]) == manifest:
        for name in [name for name in members if name.startswith("tables/")]:
            content = members[name]
            facts = {"rows": content.count(b"\n"), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            manifest["tables"][name[7:-6]] = facts
        members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def nothing_comes_in(app: Flask, path: Path, match: str, passphrase: str = "") -> None:
    instance = installs.of(app).instance
    photos = {file for file in (instance / "photos").rglob("*.jpg")}
    for photo in photos:
        photo.unlink()

    with pytest.raises(Unreadable, match=match):
        import_community(None, path, passphrase, instance)

    for model in (Community, User, Person, AuditEntry):
        assert db.session.scalars(select(model)).all() == []
    assert list((instance / "photos").rglob("*.jpg")) == []
    # The triggers of the log are still there.
    listed = "sqlite_master WHERE type = 'trigger' AND name" if _on_sqlite() else "pg_trigger WHERE tgname"
    assert db.session.scalar(text(f"SELECT count(*) FROM {listed} LIKE 'audit%'")) > 50


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def rows(members: Members, table: str) -> list[Any]:
    return [json.loads(line) for line in members[f"tables/{table}.jsonl"].splitlines()]


def put(members: Members, table: str, rows_: list[Any]) -> None:
    members[f"tables/{table}.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows_).encode()


def with_first(table: str, **said: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        there = rows(members, table)
        put(members, table, [{**there[0], **said}, *there[1:]])

    return change


FORGED: dict[str, tuple[Callable[[Members], None], str]] = {
    "a row of another community": (with_first("block", community_id=77), "混有别的社区"),
    "a line of the log of another community": (with_first("audit_entry", community_id=77), "混有别的社区"),
    "a second community": (
        lambda m: put(m, "community", [*rows(m, "community"), {**rows(m, "community")[0], "id": 9, "public_id": "x"}]),
        "混有别的社区",
    ),
    "no community": (lambda m: put(m, "community", []), "对不上|混有"),
    "an unknown column": (with_first("person", is_admin=True), "不认得的内容（person.is_admin）"),
    "somebody's password": (with_first("user_account", password_hash="x"), "user_account.password_hash"),
    "a door that is not there": (with_first("residency", household_id=999_999), "对不上"),
    "a number below one": (with_first("visit", worker_id=-1), "visit.worker_id"),
    "a day that is none": (with_first("residency", from_on="2026-02-31"), "residency.from_on"),
    "a moment that is none": (with_first("visit", at="gestern"), "visit.at"),
    "a number for a name": (with_first("person", name=5), "person.name"),
    "a word too long": (with_first("person", name="长" * 300), "person.name"),
    "a NUL": (with_first("person", note="a\0b"), "person.note"),
    "yes for a version": (with_first("person", version=True), "person.version"),
    "a path for a picture": (with_first("visit_photo", sha256="../../etc/passwd"), "visit_photo.sha256"),
    "no name": (lambda m: put(m, "person", [{"id": 1, "community_id": 1}]), "person\\."),
    "a list for a row": (lambda m: put(m, "person", [[1, 2]]), "不认得的内容（person）"),
    "the same number twice": (lambda m: put(m, "block", [rows(m, "block")[0]] * 2), "对不上"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_row_is_refused(app: Flask, made: Callable[..., Path], name: str) -> None:
    change, sentence = FORGED[name]
    path = altered(made(), change)

    nothing_comes_in(app, path, sentence)


def _drop(name: str) -> Callable[[Members], None]:
    return lambda members: members.pop(name) and None  # type: ignore[func-returns-value]


def _manifest(**said: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **said}).encode()

    return change


def _add(name: str, content: bytes) -> Callable[[Members], None]:
    return lambda members: members.update({name: content})


def _other_picture(members: Members) -> None:
    name = next(name for name in members if name.startswith("photos/"))
    members[name] = b"\xff\xd8\xff other"


ALTERED: dict[str, tuple[Callable[[Members], None], str]] = {
    "a changed name": (with_first("person", name="王八蛋"), "损坏或被改过"),
    "a table left out": (_drop("tables/person.jsonl"), "不完整"),
    "no manifest": (_drop("manifest.json"), "不是一户一档的档案包"),
    "another manifest": (_manifest(kind="backup"), "不是一户一档的档案包"),
    "a manifest of no tables": (_manifest(tables=[]), "损坏或被改过"),
    "a newer format": (_manifest(format=2), "更新的版本"),
    "a newer migration": (_manifest(revision="9999"), "更新的版本"),
    "an unknown file": (_add("tables/../../x.jsonl", b""), "不认得的内容"),
    "an unknown picture": (_add("photos/x.jpg", b""), "不认得的内容"),
    "one picture more": (_add(f"photos/{'0' * 64}.jpg", b"\xff\xd8\xff"), "不完整"),
    "another picture": (_other_picture, "损坏或被改过"),
    "a bomb": (_add("tables/person.jsonl", b" " * (30 << 20)), "损坏或被改过|不认得"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_file_is_refused(app: Flask, made: Callable[..., Path], name: str) -> None:
    change, sentence = ALTERED[name]
    path = altered(made(), change, seal=False)

    nothing_comes_in(app, path, sentence)


def test_a_bomb_that_agrees_with_its_manifest_is_not_unpacked(app: Flask, made: Callable[..., Path]) -> None:
    path = altered(made(), lambda members: members.update({"tables/person.jsonl": b" " * (30 << 20)}))

    nothing_comes_in(app, path, "不认得的内容")


@pytest.mark.parametrize("passphrase", ("", WORD))
@pytest.mark.parametrize("share", (0.0, 0.001, 0.5, 0.99))
def test_a_file_that_was_cut_off_is_refused(
    app: Flask, made: Callable[..., Path], passphrase: str, share: float
) -> None:
    path = made(passphrase)
    os.truncate(path, int(path.stat().st_size * share))

    nothing_comes_in(app, path, "没有拷贝完整|不完整|损坏|口令不对", passphrase)


def test_another_file_is_no_archive(app: Flask, tmp_path: Path) -> None:
    for name, content in (
        ("a.zip", b"PK\x03\x04"),
        ("b.txt", "你好".encode()),
        ("c.xlsx", _zip({"xl/a.xml": b"<a/>"})),
    ):
        (tmp_path / name).write_bytes(content)

        nothing_comes_in(app, tmp_path / name, "不是一户一档的档案包")
    nothing_comes_in(app, tmp_path / "missing", "打不开")


def _zip(members: Members) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return kept.getvalue()


def test_under_a_passphrase_nothing_can_be_read_or_changed(app: Flask, made: Callable[..., Path]) -> None:
    path = made(WORD)
    sealed = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"PK" not in sealed[:100] and "王小明".encode() not in sealed

    nothing_comes_in(app, path, "口令不对", "桃园三结义不求同年")
    nothing_comes_in(app, path, "有口令")
    for at in (20, len(sealed) // 2, len(sealed) - 1):
        path.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        nothing_comes_in(app, path, "口令不对|损坏或被改过", WORD)

    path.write_bytes(sealed)
    done = import_community(None, path, WORD, installs.of(app).instance)
    assert done.content.rows["person"] == 5
    assert db.session.scalars(select(Person.id_no).where(Person.name == "王小明")).one() == "990101198001011218"


def test_chunks_of_a_sealed_file_keep_their_places(tmp_path: Path) -> None:
    content = os.urandom(3 * archive_sealing.CHUNK)
    path = tmp_path / "sealed"
    with path.open("wb") as file, archive_sealing.Sealing(file, WORD) as sealing:
        for start in range(0, len(content), 1000):
            sealing.write(content[start : start + 1000])
    with path.open("rb") as file:
        opened = io.BufferedReader(archive_sealing.Opened(file, WORD))
        assert opened.read() == content
        opened.seek(-100, os.SEEK_END)
        assert opened.read() == content[-100:]
    sealed = path.read_bytes()
    one = archive_sealing.CHUNK + archive_sealing.TAG
    head = archive_sealing.HEADER
    for cut in (sealed[:-one], sealed[: head + one] + sealed[head + 2 * one :]):
        path.write_bytes(cut)
        with path.open("rb") as file, pytest.raises(Unreadable, match="损坏或被改过"):
            io.BufferedReader(archive_sealing.Opened(file, WORD)).read()


def test_an_older_archive_has_empty_columns_where_there_were_none(app: Flask, made: Callable[..., Path]) -> None:
    def older(members: Members) -> None:
        manifest = json.loads(members["manifest.json"])
        del members["tables/learnt_word.jsonl"], manifest["tables"]["learnt_word"]
        manifest["revision"] = "0017"
        for row in (people := rows(members, "person")):
            del row["version"]
        put(members, "person", people)
        content = members["tables/person.jsonl"]
        told = {"rows": len(people), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest["tables"]["person"] = told
        members["manifest.json"] = json.dumps(manifest).encode()

    done = import_community(None, altered(made(), older), "", installs.of(app).instance)

    assert done.content.rows["learnt_word"] == 0
    assert set(db.session.scalars(select(Person.version))) == {1}


def test_a_failed_export_leaves_the_file_that_was_there(app: Flask, place: Place, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"as before")
    sealed_elsewhere = Vault("6b" * 64).seal("19900012345")
    db.session.execute(text("UPDATE person SET phone = :phone WHERE name = '王小明'"), {"phone": sealed_elsewhere})
    db.session.commit()

    with pytest.raises(Refused, match="解不开"):
        export_community(None, ArchiveEntry(place.community.id, "", ""), path, installs.of(app).instance)

    assert path.read_bytes() == b"as before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_community")).all() == []
