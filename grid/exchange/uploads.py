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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from grid.exchange.lines import ODD, OUTCOMES, Line, Plan, SheetRead, kind_of, line_from
from grid.exchange.planning import File, Order
from grid.exchange.vocabulary import Unknown

DAY = 24 * 60 * 60
MOST_KEPT = 10
# Kinds of remarks that one can look at alone, per outcome.
MOST_KINDS = 30
WAITING, PLANNED, APPLIED = "waiting", "planned", "applied"
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,40}$")


class Altered(Exception):
    """A kept file is gone or no longer what was uploaded."""


@dataclass(frozen=True)
class Upload:
    """One import on its way. `digest` is that of the plan that was shown; `trouble` says why there is none."""

    token: str
    owner_id: int
    kind: str
    community: str | None
    credit: str | None
    names: tuple[str, ...]
    hashes: tuple[str, ...]
    is_new_community: bool
    community_id: int | None = None
    state: str = WAITING
    size: int = 0
    digest: str = ""
    told_community: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sheets: tuple[SheetRead, ...] = ()
    # Words of the files that nobody has taught yet.
    unknown: tuple[Unknown, ...] = ()
    # Per outcome: kinds of remarks and how many lines have each.
    remarks: dict[str, list[list[Any]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    # Of the log, once it is applied.
    entry_id: int | None = None

    @property
    def rows_to_write(self) -> int:
        return self.counts["new"] + self.counts["changed"]

    @property
    def is_applied(self) -> bool:
        return self.state == APPLIED

    @property
    def is_planned(self) -> bool:
        return self.state != WAITING

    @property
    def rows(self) -> int:
        """Of all files, as far as they were read."""
        return sum(sheet.rows for sheet in self.sheets)


@dataclass(frozen=True)
class Asked:
    """Which lines somebody wants to see."""

    tab: str
    words: str = ""
    sheet: str = ""
    remark: str = ""

    def wants(self, line: Line) -> bool:
        if self.sheet and f"{line.file}|{line.sheet}" != self.sheet:
            return False
        if self.remark and all(kind_of(remark) != self.remark for remark in line.remarks):
            return False
        return not self.words or self.words in line.subject or self.words == str(line.row)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.sheet or self.remark)


class Uploads:
    """The folder of one install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, owner_id: int, order: Order) -> Upload:
        """Keep the files; what they would do is not known yet."""
        self.sweep()
        self._drop_oldest(owner_id)
        upload = Upload(
            token=secrets.token_urlsafe(24),
            owner_id=owner_id,
            kind=order.kind,
            community=order.community,
            credit=order.credit,
            community_id=order.community_id,
            is_new_community=order.is_new,
            names=tuple(name for name, _content in order.files),
            hashes=tuple(_hash(content) for _name, content in order.files),
            size=sum(len(content) for _name, content in order.files),
            told_community=order.community or "",
            counts=dict.fromkeys(OUTCOMES, 0),
        )
        folder = self.folder / upload.token
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        for number, (_name, content) in enumerate(order.files):
            write_privately(folder / f"{number}.file", [content])
        self.save(upload)
        return upload

    def keep(self, owner_id: int, order: Order, plan: Plan) -> Upload:
        return self.planned(self.begin(owner_id, order), plan)

    def find(self, token: str, owner_id: int) -> Upload | None:
        """None when it is gone, or somebody else's."""
        upload = self.read(token)
        return upload if upload and upload.owner_id == owner_id else None

    def read(self, token: str) -> Upload | None:
        """Whosever it is."""
        path = self.folder / token / "upload.json"
        if not _TOKEN.match(token) or not path.exists():
            return None
        if _age(path) > DAY:
            shutil.rmtree(path.parent, ignore_errors=True)
            return None
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        tuples = {name: tuple(kept[name]) for name in ("names", "hashes", "notes")}
        tuples["unknown"] = tuple(Unknown(**one) for one in kept["unknown"])
        return Upload(**{**kept, **tuples, "sheets": tuple(_sheet(told) for told in kept["sheets"])})

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
        """What was uploaded, read again, with what was chosen since; raises Altered."""
        return Order(
            upload.kind,
            tuple(self.file(upload, number) for number in range(len(upload.names))),
            upload.community,
            upload.credit,
            upload.community_id,
            is_new=upload.is_new_community,
            left_out=upload.left_out,
            answers=upload.answers,
            upload=upload.token,
        )

    def file(self, upload: Upload, number: int) -> File:
        """Raises Altered."""
        path = self.folder / upload.token / f"{number}.file"
        content = path.read_bytes() if path.exists() else b""
        if _hash(content) != upload.hashes[number]:
            raise Altered
        return upload.names[number], content

    def lines(self, upload: Upload, tab: str) -> Iterator[Line]:
        path = self.folder / upload.token / f"{tab}.jsonl"
        if path.exists():
            with path.open(encoding="utf-8") as kept:
                for told in kept:
                    yield line_from(json.loads(told))

    def some_lines(self, upload: Upload, asked: Asked, skip: int, most: int) -> tuple[tuple[Line, ...], int]:
        """A page of the lines that were asked for, and how many there are."""
        if not asked.is_narrowed:
            return tuple(self._slice(upload, asked.tab, skip, most)), upload.counts[asked.tab]
        found = [line for line in self.lines(upload, asked.tab) if asked.wants(line)]
        return tuple(found[skip : skip + most]), len(found)

    def _slice(self, upload: Upload, tab: str, skip: int, most: int) -> Iterator[Line]:
        """Without opening the lines before."""
        path = self.folder / upload.token / f"{tab}.jsonl"
        if path.exists():
            with path.open(encoding="utf-8") as kept:
                yield from (line_from(json.loads(told)) for told in islice(kept, skip, skip + most))

    def choose(self, upload: Upload, shown: set[str], wanted: set[str], answers: Mapping[str, str]) -> Upload:
        """Of the rows that were shown, only the wanted ones go in; a planned row alone can be left out, and only what
        was offered is an answer."""
        left_out = {key: subject for key, subject in upload.left_out.items() if key not in shown}
        given = {key: value for key, value in upload.answers.items() if answers.get(key) != ""}
        for line in (line for tab in OUTCOMES if tab != ODD for line in self.lines(upload, tab)):
            if line.can_be_left_out and line.key in shown - wanted:
                left_out[line.key] = line.subject
            if answers.get(line.key) in dict(line.options):
                given[line.key] = answers[line.key]
        chosen = replace(upload, left_out=left_out, answers=given)
        self.save(chosen)
        return chosen

    def planned(self, upload: Upload, plan: Plan, trouble: str = "") -> Upload:
        """Keep what would happen now."""
        changed = replace(upload, **_told(plan), state=PLANNED, trouble=trouble)
        folder = self.folder / upload.token
        with ExitStack() as files:
            tabs = {tab: files.enter_context(privately(folder / f"{tab}.jsonl")) for tab in OUTCOMES}
            for line in plan.lines:
                told = f"{json.dumps(asdict(line), ensure_ascii=False)}\n".encode()
                for tab, file in tabs.items():
                    if line.shown_under(tab):
                        file.write(told)
        self.save(changed)
        return changed

    def fail(self, upload: Upload, trouble: str) -> Upload:
        """A sentence that stands on its page."""
        failed = replace(upload, trouble=trouble)
        self.save(failed)
        return failed

    def close(self, upload: Upload, entry_id: int | None) -> None:
        """Applied: the files go, the report stays for the day."""
        for number in range(len(upload.names)):
            (self.folder / upload.token / f"{number}.file").unlink(missing_ok=True)
        self.save(replace(upload, state=APPLIED, trouble="", entry_id=entry_id))

    def discard(self, upload: Upload) -> None:
        shutil.rmtree(self.folder / upload.token, ignore_errors=True)

    def save(self, upload: Upload) -> None:
        told = json.dumps(asdict(upload), ensure_ascii=False).encode()
        write_privately(self.folder / upload.token / "upload.json", [told])

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
        "sheets": tuple(plan.sheets),
        "unknown": tuple(plan.unknown),
        "remarks": _remarks(plan.lines),
        "is_new_community": plan.community_id is None,
    }


def _remarks(lines: Iterable[Line]) -> dict[str, list[list[Any]]]:
    """Per tab: how many lines have each kind of remark, the most frequent first."""
    found: dict[str, Counter[str]] = {tab: Counter() for tab in OUTCOMES}
    for line in lines:
        if line.remarks:
            kinds = {kind_of(remark) for remark in line.remarks}
            for tab in OUTCOMES:
                if line.shown_under(tab):
                    found[tab].update(kinds)
    return {tab: [[kind, n] for kind, n in kinds.most_common(MOST_KINDS)] for tab, kinds in found.items()}


def _sheet(told: Mapping[str, Any]) -> SheetRead:
    columns = tuple((at, heading, name) for at, heading, name in told["columns"])
    return SheetRead(**{**told, "columns": columns, "unused": tuple(told["unused"])})


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_privately(path: Path, parts: Iterable[bytes]) -> None:
    with privately(path) as file:
        file.writelines(parts)


@contextmanager
def privately(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole in the end or not at all, for nobody else to read."""
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
    part.replace(path)


def first_tab(counts: Mapping[str, int]) -> str:
    """Where to look first: what was refused, then what is odd, then what is new."""
    order = ("refused", "odd", "new", "changed", "same", "skipped")
    return next((tab for tab in order if counts.get(tab)), "new")
