"""Paper: what a sheet costs in a batch on one and on two processes, against one long document in the same run.

`python -m bench --only paper` measures nothing else. The households are those of community 1; their pages are written
by the product before the clock starts. Processor time is that of the renderer processes alone.
"""

import os
import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from bench import phones
from bench.asking import Request
from bench.figures import Browsers, Figure, Make
from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.db import db
from grid.documents.joining import join
from grid.documents.printing import Document, Renderer, stylesheets
from grid.documents.sheet import SHEET_STYLES, Printed, sheet_context
from grid.dossier.queries import sheet_files

# shared limits of PAPER.md: of the naive document's processor time; milliseconds; MB; KB; times the idle p95.
AGAINST_NAIVE, CPU_MS, WALL_MS, PEAK, GROWTH, PAGE, BUSY = 0.5, 100.0, 65.0, 250.0, 50.0, 12.0, 2.0
CHUNK, SHEETS = 25, 200
FEW, MANY = 300, 3000
QUICK_FEW, QUICK_MANY = 100, 600
SECONDS = 600
VISITS = (3, 6, 9, 30)
LINK = "k7Q2mZ9xW4tB8nR5vL1cYd"
FOOT = Printed(by="陈默", at="2026-11-24 09:00", number="YH-20261124-7K3QF2", serial=1)
# A form as it is written without knowing better: boxes in rows of flexible boxes.
NAIVE = """
.table { border-top: .9pt solid #174a6e; border-bottom: .9pt solid #174a6e }
.tr { display: flex; break-inside: avoid }
.td { flex: 1; border: .4pt solid #b9c5cf; padding: .8mm 1.6mm; min-height: 6mm }
.one { break-after: page }
"""


@dataclass
class Spent:
    """On drawing some sheets: milliseconds a sheet, bytes, pages."""

    wall: float
    cpu: float
    size: int
    pages: int


def written(app: Flask, n: int) -> list[str]:
    """The pages of HTML of the first `n` households, with as many visits as makes 1.3 pages a sheet."""
    with app.test_request_context():
        ids = list(
            db.session.scalars(text("SELECT id FROM household WHERE community_id = 1 ORDER BY id LIMIT :n"), {"n": n})
        )
        template, found = app.jinja_env.get_template("dossier/sheet_print.html"), []
        for at in range(0, len(ids), 100):
            for k, file in enumerate(sheet_files(Scope(communities=(1,)), ids[at : at + 100], today())):
                file = replace(file, visits=file.visits[: VISITS[k % len(VISITS)]])
                found.append(template.render(sheet_context(file, f"https://yihu.example/p/{LINK}", FOOT)))
        db.session.remove()
    return found


def naive(pages: Sequence[str]) -> str:
    """All sheets in one document, every cell a flexible box."""
    body = "".join(f'<div class="one">{page.split("<body>")[1].split("</body>")[0]}</div>' for page in pages)
    body = re.sub(r"<colgroup>.*?</colgroup>", "", body)
    body = re.sub(r"</?(?:thead|tbody)>", "", body)
    body = re.sub(r'<(table|tr|td|th)\b(?: class="([^"]*)")?', _box, body)
    body = re.sub(r"</(?:table|tr|td|th)>", "</div>", body)
    return f'<!DOCTYPE html><html lang="zh-CN"><head><title>x</title></head><body>{body}</body></html>'


def _box(found: re.Match[str]) -> str:
    kind = {"th": "td"}.get(found.group(1), found.group(1))
    return f'<div class="{kind} {found.group(2) or ""}"'


class Machine:
    """A renderer process that says what it has used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.renderer = Renderer(folder)
        self.seen: dict[int, tuple[float, float]] = {}
        self.draw(["<html><head></head><body><p>热身</p></body></html>"])

    def draw(self, pages: Sequence[str], **options: Any) -> Document:
        return self.renderer.render(pages, stylesheets(*SHEET_STYLES), SECONDS, **options)

    def _pid(self) -> int:
        assert self.renderer.child
        return self.renderer.child.pid

    def cpu(self) -> float:
        """Seconds so far, of this process and those before it."""
        self._look()
        return sum(seconds for seconds, _peak in self.seen.values())

    def peak(self) -> float:
        """MB, of the biggest process so far."""
        self._look()
        return max(peak for _seconds, peak in self.seen.values())

    def _look(self) -> None:
        """A renderer that has drawn enough makes room for a fresh one."""
        pid = self._pid()
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.seen[pid] = seconds, int(found.group(1)) / 1024 if found else 0.0

    def chunks(self, pages: Sequence[str], keep: list[bytes] | None = None) -> Spent:
        """As a batch does it: CHUNK sheets, a PDF, the next."""
        before, began, size, count = self.cpu(), time.perf_counter(), 0, 0
        for at in range(0, len(pages), CHUNK):
            document = self.draw(pages[at : at + CHUNK])
            size, count = size + len(document.pdf), count + document.pages
            self._look()
            if keep is not None:
                keep.append(document.pdf)
        n = len(pages) / 1000
        return Spent((time.perf_counter() - began) / n, (self.cpu() - before) / n, size, count)


def figures(engine: str, size: str, app: Flask, folder: Path, quick: bool) -> Iterator[list[Figure]]:
    few, many = (QUICK_FEW, QUICK_MANY) if quick else (FEW, MANY)
    pages = written(app, many)
    yield batches(engine, size, folder / "paper", pages[:SHEETS])
    yield memory(engine, size, folder / "paper", pages, few)


def batches(engine: str, size: str, folder: Path, pages: Sequence[str]) -> list[Figure]:
    first, second, long = Machine(folder), Machine(folder), Machine(folder)
    half = len(pages) // 2
    first.chunks(pages[:CHUNK])
    second.chunks(pages[:CHUNK])
    # One half before the naive document and one after it: what else the machine does falls on both.
    one, parts = first.chunks(pages[:half]), list[bytes]()
    before, began = long.cpu(), time.perf_counter()
    long.draw([naive(pages)], slim=False)
    naive_cpu = (long.cpu() - before) / len(pages) * 1000
    naive_wall = (time.perf_counter() - began) / len(pages) * 1000
    other = first.chunks(pages[half:])
    cpu, wall = (one.cpu + other.cpu) / 2, (one.wall + other.wall) / 2
    both = at_once([first, second], pages)
    first.chunks(pages, parts)
    kb = joined_size(folder, parts) / (one.pages + other.pages) / 1024
    peak = long.peak()
    for machine in (first, second, long):
        machine.renderer.close()
    ratio = cpu / naive_cpu
    return [
        Figure("batch of sheets cpu", engine, size, cpu, "ms", limit=CPU_MS, ok=cpu < CPU_MS),
        Figure(
            "batch / one document cpu", engine, size, cpu, "ms", naive_cpu, ratio, AGAINST_NAIVE, ratio <= AGAINST_NAIVE
        ),
        Figure("batch, one process", engine, size, wall, "ms", naive_wall, wall / naive_wall),
        Figure("batch, two processes", engine, size, both, "ms", limit=WALL_MS, ok=both <= WALL_MS),
        Figure("one document, its peak", engine, size, peak, "MB"),
        Figure("pages of a sheet", engine, size, (one.pages + other.pages) / len(pages), ""),
        Figure("a page of a batch", engine, size, kb, "KB", limit=PAGE, ok=kb <= PAGE),
    ]


def at_once(machines: Sequence[Machine], pages: Sequence[str]) -> float:
    """Wall milliseconds a sheet when the chunks are shared out."""
    began = time.perf_counter()
    share = [[page for n, page in enumerate(pages) if n // CHUNK % len(machines) == k] for k in range(len(machines))]
    threads = [
        threading.Thread(target=machine.chunks, args=(mine,)) for machine, mine in zip(machines, share, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / len(pages) * 1000


def joined_size(folder: Path, parts: Sequence[bytes]) -> int:
    paths = [folder / f"bench-{n}.pdf" for n in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(part)
    whole = folder / "bench.pdf"
    join(paths, whole, SECONDS)
    size = whole.stat().st_size
    for path in (*paths, whole):
        path.unlink()
    return size


def memory(engine: str, size: str, folder: Path, pages: Sequence[str], few: int) -> list[Figure]:
    """Of one process after a few and after many sheets."""
    machine = Machine(folder)
    machine.chunks(pages[:few])
    early = machine.peak()
    machine.chunks(pages[few:])
    late = machine.peak()
    machine.renderer.close()
    grown = late - early
    return [
        Figure(f"{len(pages)} sheets: peak", engine, size, late, "MB", limit=PEAK, ok=late <= PEAK),
        Figure(f"growth from {few}", engine, size, grown, "MB", early, limit=GROWTH, ok=grown <= GROWTH),
    ]


def beside_a_batch(engine: str, size: str, browsers: Browsers, pages: dict[str, tuple[str, Make]]) -> Figure:
    """p95 of ten phones while the worker beside their server draws a whole community."""
    idle = phones.p95(browsers, pages, 10, 8)
    admin = browsers["admin"]
    order = {"csrf_token": admin.token, "kind": "sheet", "which": "all", "key": secrets.token_hex(16)}
    job = admin.ask(Request("POST", "/print/jobs", order)).header("Location")
    while not re.search(rb'<p class="far"><b>[1-9]', admin.ask(Request("GET", job)).body):
        time.sleep(0.5)
    busy = phones.p95(browsers, pages, 10, 8)
    admin.ask(Request("POST", f"{job}/stop", {"csrf_token": admin.token}))
    ratio = busy / idle
    return Figure("p95 beside a batch", engine, size, busy, "ms", idle, ratio, BUSY, ratio <= BUSY)
