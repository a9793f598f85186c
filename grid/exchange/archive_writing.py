"""Writes the archive of a community: a zip with a file of lines per table, the pictures, and a manifest.

Read row by row from one snapshot, so that neither the size of a community nor who is writing meanwhile matters.
"""

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from sqlalchemy import JSON, Connection, Table, Text, select, union, update
from sqlalchemy import cast as sql_cast

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import local, now
from grid.core.db import db, writing
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.exchange.archive import (
    FORMAT,
    KIND,
    MANIFEST,
    Content,
    belongs,
    columns,
    member,
    revision,
    table_named,
    tables,
    with_pictures,
)
from grid.exchange.archive_sealing import Sealing
from grid.exchange.archive_values import History, written
from grid.exchange.models import ExportRequest
from grid.register.models import Community
from grid.visits import album

AT_ONCE = 1000


@dataclass(frozen=True)
class ArchiveEntry:
    """What somebody takes: a community, why, and the passphrase; without one it is open."""

    community_id: int
    community: str
    reason: str = ""
    passphrase: str = ""
    # What another administrator agreed to; None where there is nobody else.
    request_id: int | None = None


def export_community(actor: Me | None, entry: ArchiveEntry, path: Path, instance: Path) -> Content:
    """The file is there when it is whole and a line in the log says who has it, and not before."""
    with _replacing(path) as file:
        return write_community(actor, entry, file, instance)


def write_community(actor: Me | None, entry: ArchiveEntry, file: BinaryIO, instance: Path) -> Content:
    """Into an open file; Refused where what was agreed to has been taken already."""
    db.session.rollback()
    with _snapshot() as connection:
        content = _write(file, connection, entry, instance)
    with audit.entry(actor, "export_community", community_id=entry.community_id, words=entry.reason):
        if entry.request_id is not None:
            _take(entry.request_id)
    return content


def _take(request_id: int) -> None:
    """Once: of two that come together one gets the file."""
    untaken = (ExportRequest.id == request_id, ExportRequest.is_agreed.is_(True), ExportRequest.taken_at.is_(None))
    taken = db.session.connection().execute(update(ExportRequest).where(*untaken).values(taken_at=now()))
    if taken.rowcount != 1:
        raise Refused(_("这份档案包已经取过了。还要用请重新申请。"))


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file beside, for its owner alone, that takes the name when all went well."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """All rows as of one moment; writers go on meanwhile."""
    token = writing.set(False)
    try:
        with db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
    finally:
        writing.reset(token)


def _write(part: BinaryIO, connection: Connection, entry: ArchiveEntry, instance: Path) -> Content:
    if not entry.passphrase:
        return _write_zip(part, connection, entry.community_id, instance)
    with Sealing(part, entry.passphrase) as sealed:
        return _write_zip(cast(BinaryIO, sealed), connection, entry.community_id, instance)


def _write_zip(file: BinaryIO, connection: Connection, community_id: int, instance: Path) -> Content:
    community = connection.execute(select(Community.__table__).where(Community.id == community_id)).one()
    at = now()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {table.name: _write_table(archive, connection, table, community_id, at) for table in tables()}
        photos, missing = _write_photos(archive, connection, community_id, instance, at)
        rows = {name: told["rows"] for name, told in files.items()}
        content = Content(community.name, written(at), revision(connection), rows, photos, missing)
        manifest = json.dumps(_manifest(community, content, files), ensure_ascii=False, indent=1)
        archive.writestr(_member(MANIFEST, at), manifest)
    return content


def _manifest(community: Any, content: Content, files: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": KIND,
        "format": FORMAT,
        "revision": content.revision,
        "made_at": content.made_at,
        "community": {"public_id": community.public_id, "name": community.name, "code": community.code},
        "photos": content.photos,
        "photos_missing": content.missing,
        "tables": files,
    }


def _member(name: str, at: datetime, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, local(at).timetuple()[:6])
    found.compress_type = method
    found.external_attr = 0o600 << 16
    return found


def _write_table(
    archive: zipfile.ZipFile, connection: Connection, table: Table, community_id: int, at: datetime
) -> dict[str, Any]:
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(_member(member(table.name), at), "w", force_zip64=True) as file:
        for lines, count in _lines(connection, table, community_id):
            file.write(lines)
            digest.update(lines)
            size, rows = size + len(lines), rows + count
    return {"rows": rows, "size": size, "sha256": digest.hexdigest()}


def _lines(connection: Connection, table: Table, community_id: int) -> Iterator[tuple[bytes, int]]:
    """A line of JSON per row, many at once."""
    history = History(connection.dialect.name)
    # JSON as text: its own null is told from an empty column.
    asked = [sql_cast(c, Text).label(c.name) if isinstance(c.type, JSON) else c for c in columns(table)]
    is_json = [isinstance(c.type, JSON) for c in columns(table)]
    names = [c.name for c in columns(table)]
    statement = select(*asked).where(belongs(table, community_id)).order_by(table.c.id)
    found = connection.execution_options(yield_per=AT_ONCE).execute(statement)
    try:
        for rows in found.partitions():
            told = [_row(names, is_json, row) for row in rows]
            if table.name == "audit_change":
                told = [_past(history, row) for row in told]
            yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told).encode(), len(told)
    except InvalidTag:
        raise Refused(_("有的身份证号或电话解不开：secrets.json 和这个数据库不是一起的，没有导出。")) from None


def _row(names: Iterable[str], is_json: Iterable[bool], row: Iterable[Any]) -> dict[str, Any]:
    """Without empty columns."""
    return {
        name: json.loads(value) if as_json else written(value)
        for name, as_json, value in zip(names, is_json, row, strict=True)
        if value is not None
    }


def _past(history: History, row: dict[str, Any]) -> dict[str, Any]:
    table = table_named(row["table_name"])
    return {**row, **{side: history.out(table, row[side]) for side in ("old", "new") if side in row}}


def _write_photos(
    archive: zipfile.ZipFile, connection: Connection, community_id: int, instance: Path, at: datetime
) -> tuple[int, int]:
    """How many there are, and how many rows name one that is gone."""
    named = [select(t.c.sha256).where(belongs(t, community_id)) for t in with_pictures()]
    photos = missing = 0
    for (sha256,) in connection.execute(union(*named).order_by("sha256")).all():
        jpeg = album.picture(instance, sha256)
        if jpeg is None:
            missing += 1
            continue
        archive.writestr(_member(f"photos/{sha256}.jpg", at, zipfile.ZIP_STORED), jpeg)
        photos += 1
    return photos, missing
