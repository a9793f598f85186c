"""Keeps uploaded files privately between the preview and its application: one folder each, gone after a day.

The report of an import outlives its files by the rest of that day.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from grid.exchange.lines import OUTCOMES, Line, Plan, line_from
from grid.exchange.planning import File, Order
from grid.exchange.vocabulary import Unknown

DAY = 24 * 60 * 60
MOST_KEPT = 10
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,40}$")


class Altered(Exception):
    """A kept file is gone or no longer what was uploaded."""


@dataclass(frozen=True)
class Upload:
    """One import on its way. `digest` is that of the plan that was shown."""

    token: str
    owner_id: int
    kind: str
    community: str | None
    credit: str | None
    names: tuple[str, ...]
    hashes: tuple[str, ...]
    digest: str
    told_community: str
    counts: dict[str, int]
    notes: tuple[str, ...]
    is_new_community: bool
    community_id: int | None = None
    is_applied: bool = False
    # Words of the files that nobody has taught yet.
    unknown: tuple[Unknown, ...] = ()

    @property
    def rows_to_write(self) -> int:
        return self.counts["new"] + self.counts["changed"]


class Uploads:
    """The folder of one install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, owner_id: int, order: Order, plan: Plan) -> Upload:
        self.sweep()
        self._drop_oldest(owner_id)
        upload = Upload(
            token=secrets.token_urlsafe(24),
            owner_id=owner_id,
            kind=order.kind,
            community=order.community,
            credit=order.credit,
            community_id=order.community_id,
            names=tuple(name for name, _content in order.files),
            hashes=tuple(_hash(content) for _name, content in order.files),
            **_told(plan),
        )
        folder = self.folder / upload.token
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        for number, (_name, content) in enumerate(order.files):
            _write(folder / f"{number}.file", content)
        self._write_plan(upload, plan)
        return upload

    def find(self, token: str, owner_id: int) -> Upload | None:
        """None when it is gone, or somebody else's."""
        path = self.folder / token / "upload.json"
        if not _TOKEN.match(token) or not path.exists():
            return None
        if _age(path) > DAY:
            shutil.rmtree(path.parent, ignore_errors=True)
            return None
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        tuples = {name: tuple(kept[name]) for name in ("names", "hashes", "notes")}
        tuples["unknown"] = tuple(Unknown(**one) for one in kept.get("unknown", ()))
        upload = Upload(**{**kept, **tuples})
        return upload if upload.owner_id == owner_id else None

    @contextmanager
    def alone(self, upload: Upload) -> Iterator[None]:
        """One press of the button at a time, from reading what was uploaded to closing it; raises Altered."""
        try:
            kept = (self.folder / upload.token / "lock").open("w")
        except FileNotFoundError as gone:
            raise Altered from gone
        with kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            yield

    def order(self, upload: Upload) -> Order:
        """What was uploaded, read again; raises Altered."""
        files: list[File] = []
        for number, (name, told) in enumerate(zip(upload.names, upload.hashes, strict=True)):
            path = self.folder / upload.token / f"{number}.file"
            content = path.read_bytes() if path.exists() else b""
            if _hash(content) != told:
                raise Altered
            files.append((name, content))
        return Order(
            upload.kind,
            tuple(files),
            upload.community,
            upload.credit,
            upload.community_id,
            is_new=upload.is_new_community,
        )

    def lines(self, upload: Upload, tab: str, skip: int, most: int) -> Iterator[Line]:
        path = self.folder / upload.token / f"{tab}.jsonl"
        if path.exists():
            with path.open(encoding="utf-8") as kept:
                for told in islice(kept, skip, skip + most):
                    yield line_from(json.loads(told))

    def replan(self, upload: Upload, plan: Plan) -> Upload:
        """The register moved: keep what would happen now."""
        changed = replace(upload, **_told(plan))
        self._write_plan(changed, plan)
        return changed

    def close(self, upload: Upload) -> None:
        """Applied: the files go, the report stays for the day."""
        for number in range(len(upload.names)):
            (self.folder / upload.token / f"{number}.file").unlink(missing_ok=True)
        self._write_upload(replace(upload, is_applied=True))

    def discard(self, upload: Upload) -> None:
        shutil.rmtree(self.folder / upload.token, ignore_errors=True)

    def _write_plan(self, upload: Upload, plan: Plan) -> None:
        folder = self.folder / upload.token
        for tab in OUTCOMES:
            told = (json.dumps(asdict(line), ensure_ascii=False) for line in plan.lines if line.shown_under(tab))
            _write(folder / f"{tab}.jsonl", "".join(f"{line}\n" for line in told).encode())
        self._write_upload(upload)

    def _write_upload(self, upload: Upload) -> None:
        told = json.dumps(asdict(upload), ensure_ascii=False).encode()
        _write(self.folder / upload.token / "upload.json", told)

    def sweep(self) -> None:
        """Yesterday's uploads go."""
        for folder in self._folders():
            path = folder / "upload.json"
            if _age(path if path.exists() else folder) > DAY:
                shutil.rmtree(folder, ignore_errors=True)

    def _drop_oldest(self, owner_id: int) -> None:
        """Of somebody who leaves many behind."""
        mine = [folder for folder in self._folders() if self.find(folder.name, owner_id)]
        mine.sort(key=lambda folder: _age(folder / "upload.json"), reverse=True)
        for folder in mine[: -(MOST_KEPT - 1)]:
            shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.is_dir()] if self.folder.exists() else []


def _age(path: Path) -> float:
    """In seconds; of what somebody else removed just now: none."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "digest": plan.digest,
        "told_community": plan.community,
        "counts": plan.counts,
        "notes": tuple(plan.notes),
        "unknown": tuple(plan.unknown),
        "is_new_community": plan.community_id is None,
    }


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def first_tab(counts: Mapping[str, int]) -> str:
    """Where to look first: what was refused, then what is odd, then what is new."""
    order = ("refused", "odd", "new", "changed", "same", "skipped")
    return next((tab for tab in order if counts.get(tab)), "new")
