"""Opens the archive of a community and looks at all of it before a row is written: whatever is odd, nothing happens."""

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from grid.core.i18n import _
from grid.exchange.archive import FORMAT, KIND, MANIFEST, Content, member, table_named, tables
from grid.exchange.archive_sealing import CHUNK, Opened, is_sealed
from grid.exchange.workbooks import Unreadable

PHOTO = re.compile(r"photos/([0-9a-f]{64})\.jpg")
MOST_MANIFEST = 1 << 20
MOST_LINE = 16 << 20
MOST_PHOTO = 8 << 20
MOST_PHOTOS = 2_000_000
MOST_BYTES = 64 << 30
# Lines of JSON shrink to a tenth or twentieth; what shrinks to less than a two-hundredth is a bomb.
MOST_SHRUNK = 200
ENCRYPTED = 1
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Archive:
    """An archive that was looked through."""

    content: Content
    _zip: zipfile.ZipFile
    _photos: tuple[str, ...]

    def lines(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of one table as they stand in the file."""
        with _damage(), self._zip.open(member(table)) as file:
            while line := file.readline(MOST_LINE + 1):
                yield _row(table, line)

    def photos(self) -> Iterator[bytes]:
        with _damage():
            for name in self._photos:
                yield self._zip.read(name)


@contextmanager
def open_archive(path: Path, passphrase: str, here: str) -> Iterator[Archive]:
    """The archive in a file, or Unreadable; `here` is the migration this database is at."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(_("打不开 %(name)s：%(why)s", name=path, why=error.strerror)) from error
    with file, _damage(), _opened(_content(file, passphrase)) as archive:
        manifest = _manifest(archive)
        _check_age(manifest, here)
        _check_members(archive, manifest)
        for table, told in manifest["tables"].items():
            _check_digest(archive, table, told)
        photos = _check_photos(archive)
        yield Archive(_content_of(manifest), archive, photos)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, EOFError, zlib.error, struct.error) as damage:
        raise _broken() from damage


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as damage:
        raise Unreadable(_("这不是一户一档的档案包，或者没有拷贝完整。")) from damage


def _broken() -> Unreadable:
    return Unreadable(_("档案包损坏或被改过，没有导入。请重新拷贝一次再试。"))


def _odd(what: str) -> Unreadable:
    return Unreadable(_("档案包里有不认得的内容（%(what)s），没有导入。", what=what[:80]))


def _content(file: BinaryIO, passphrase: str) -> BinaryIO:
    if not is_sealed(file):
        return file
    if not passphrase:
        raise Unreadable(_("这个档案包有口令，请输入导出时定的口令。"))
    # Buffered, so that a read gets all it asks for, over the ends of chunks too.
    return io.BufferedReader(Opened(file, passphrase), CHUNK)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    names = [one.filename for one in archive.infolist()]
    for one in archive.infolist():
        if one.flag_bits & ENCRYPTED or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _odd(one.filename)
    if MANIFEST not in names or len(names) != len(set(names)):
        raise Unreadable(_("这不是一户一档的档案包。"))
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise _broken()
    try:
        read = json.loads(archive.read(MANIFEST))
    except (ValueError, RecursionError):
        raise _broken() from None
    if not isinstance(read, dict) or read.get("kind") != KIND:
        raise Unreadable(_("这不是一户一档的档案包。"))
    return read


def _check_age(manifest: Mapping[str, Any], here: str) -> None:
    """An older one is read: what came later is empty in it."""
    number, revision = manifest.get("format"), manifest.get("revision")
    if type(number) is not int or not isinstance(revision, str) or not re.fullmatch(r"\d{4}", revision):
        raise _broken()
    if number > FORMAT or revision > here:
        raise Unreadable(_("这个档案包是更新的版本导出的，这里读不了。请先把这套系统升级，再导入。"))


def _check_members(archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
    """Exactly what the manifest names, and the pictures; nothing that would fill the disk."""
    sizes = {MANIFEST: archive.getinfo(MANIFEST).file_size, **_sizes_told(manifest)}
    there = archive.infolist()
    for one in there:
        _check_member(one, sizes)
    n_photos = sum(PHOTO.fullmatch(one.filename) is not None for one in there)
    if len(there) - n_photos != len(sizes) or n_photos != manifest.get("photos"):
        raise Unreadable(_("档案包不完整，没有导入。请重新拷贝一次再试。"))
    whole = sum(one.file_size for one in there)
    if whole > MOST_BYTES or n_photos > MOST_PHOTOS:
        raise _odd(f"{whole >> 20} MB")


def _sizes_told(manifest: Mapping[str, Any]) -> dict[str, int]:
    told = manifest.get("tables")
    if not isinstance(told, dict) or not all(_is_told(facts) for facts in told.values()):
        raise _broken()
    for name in told:
        if table_named(name) is None:
            raise _odd(name)
    return {member(name): facts["size"] for name, facts in told.items()}


def _check_member(one: zipfile.ZipInfo, sizes: Mapping[str, int]) -> None:
    if PHOTO.fullmatch(one.filename) is None:
        if one.filename not in sizes:
            raise _odd(one.filename)
        if sizes[one.filename] != one.file_size:
            raise _broken()
    if one.file_size > MOST_SHRUNK * max(one.compress_size, 1 << 10):
        raise _odd(one.filename)


def _is_told(facts: Any) -> bool:
    if not isinstance(facts, dict) or not isinstance(facts.get("sha256"), str):
        return False
    return all(type(facts.get(name)) is int and facts[name] >= 0 for name in ("size", "rows"))


def _check_digest(archive: zipfile.ZipFile, table: str, told: Mapping[str, Any]) -> None:
    digest, lines = hashlib.sha256(), 0
    with archive.open(member(table)) as file:
        while content := file.read(READ_AT_ONCE):
            digest.update(content)
            lines += content.count(b"\n")
    if digest.hexdigest() != told["sha256"] or lines != told["rows"]:
        raise _broken()


def _check_photos(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Each is a JPEG and named after what is in it."""
    found = []
    for one in archive.infolist():
        named = PHOTO.fullmatch(one.filename)
        if named is None:
            continue
        if one.file_size > MOST_PHOTO:
            raise _odd(one.filename)
        jpeg = archive.read(one)
        if hashlib.sha256(jpeg).hexdigest() != named[1] or not jpeg.startswith(b"\xff\xd8\xff"):
            raise _broken()
        found.append(one.filename)
    return tuple(found)


def _content_of(manifest: Mapping[str, Any]) -> Content:
    community = manifest.get("community")
    name = community.get("name") if isinstance(community, dict) else None
    missing = manifest.get("photos_missing")
    if not isinstance(name, str) or type(missing) is not int:
        raise _broken()
    return Content(
        community=name,
        made_at=str(manifest.get("made_at")),
        revision=manifest["revision"],
        rows={table.name: manifest["tables"].get(table.name, {}).get("rows", 0) for table in tables()},
        photos=manifest["photos"],
        missing=missing,
    )


def _row(table: str, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_no_number) if len(line) <= MOST_LINE else None
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _odd(table)
    return row


def _no_number(_said: str) -> Any:
    raise ValueError


def is_sealed_file(path: Path) -> bool:
    """Whether it asks for a passphrase; a file that is not there asks for nothing."""
    try:
        with path.open("rb") as file:
            return is_sealed(file)
    except OSError:
        return False
