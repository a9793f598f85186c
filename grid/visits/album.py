"""Where the pictures of visits lie: photos/<first two signs>/<sha256>.jpg in the instance folder.

A picture is there before the row that names it is committed, and goes after it: a file too many does no harm.
"""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from grid.visits.pictures import Picture


def path_of(instance: Path, sha256: str) -> Path:
    return instance / "photos" / sha256[:2] / f"{sha256}.jpg"


def keep(instance: Path, picture: Picture) -> None:
    """Put a picture on the disk so that a power cut after this line can't take it."""
    path = path_of(instance, picture.sha256)
    _make_folder(path.parent)
    if not path.exists():
        _write(path, picture.jpeg)
    _settle(path.parent)


def _make_folder(folder: Path) -> None:
    for made in (folder.parent, folder):
        if not made.exists():
            made.mkdir(mode=0o700, exist_ok=True)
            _settle(made.parent)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """A new name is on the disk once its folder is; Windows opens no folders and needs none of this."""
    with suppress(PermissionError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def picture(instance: Path, sha256: str) -> bytes | None:
    """The JPEG, or None where the file is gone: the database was restored without its pictures."""
    try:
        return path_of(instance, sha256).read_bytes()
    except FileNotFoundError:
        return None


def forget(instance: Path, pictures: Iterable[str]) -> None:
    """Delete pictures that no row names any more."""
    for sha256 in pictures:
        path_of(instance, sha256).unlink(missing_ok=True)
