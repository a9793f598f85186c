"""`python -m bench.faults`: a whole community printed while server, worker and renderers are killed (-9).

At random moments one of them dies; a dead server is started again as `make run` starts it. At the end the PDF is
read: every household once, in order, each of its pages once; and there is one edition of each sheet.
"""

import argparse
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from bench.asking import Browser, Request, wait_for
from bench.chaos import database
from bench.sides import free_port
from grid import create_app
from grid.core.clock import today
from grid.core.config import ROOT
from grid.core.db import db
from grid.demo.actions import load_demo

PARTS = ("server", "worker", "renderer")
DOORS = """SELECT h.id, h.code FROM household h JOIN building b ON b.id = h.building_id
    WHERE h.community_id = 1 AND h.deleted_at IS NULL
    ORDER BY b.no_order, b.no, h.unit_no, h.floor, h.room, h.id"""
FOOT = re.compile(r"(YH-\d{8}-\w{6}) · (\d+)/(\d+)")
PAGE = re.compile(r"第 (\d+) / (\d+) 页")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--doors", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yihu-faults-") as folder:
        url, drop = database(asked.db, Path(folder))
        try:
            return run(Path(folder), url, asked)
        finally:
            drop()


def run(folder: Path, url: str, asked: argparse.Namespace) -> int:
    os.environ |= {"GRID_INSTANCE": str(folder), "DATABASE_URL": url}
    login = load(url, folder, asked.doors)
    with serving(folder) as server:
        job = ordered(server, login)
        began = time.monotonic()
        killed = killing(server, login, job, asked)
        seconds = time.monotonic() - began
        pdf = server.browser(login).ask(Request("GET", f"{job}/pdf"))
    if pdf.status != 200:
        raise SystemExit(f"faults: the file answered {pdf.status}")
    return told(url, pdf.body, killed, seconds)


def load(url: str, folder: Path, doors: int) -> tuple[str, str]:
    """The demo community; login and password of its administrator."""
    app: Flask = create_app({"SQLALCHEMY_DATABASE_URI": url}, folder)
    with app.app_context():
        upgrade()
        load_demo(doors, today(), folder)
        db.session.remove()
        db.engine.dispose()
    accounts = json.loads((folder / "demo-accounts.json").read_text())
    admin = next(one for one in accounts if one["role"] == "administrator")
    return admin["login"], admin["password"]


class Server:
    """`python app.py`, which can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port, self.log = free_port(), (folder / "server.log").open("w")
        self.start()

    def start(self) -> None:
        env = os.environ | {"PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=env, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )
        wait_for(self.port)

    def browser(self, login: tuple[str, str]) -> Browser:
        browser = Browser(self.port)
        browser.log_in(*login)
        return browser

    def pid_of(self, part: str) -> int | None:
        """The process of a part, where there is one just now."""
        below = [self.process.pid]
        for _level in range(PARTS.index(part)):
            below = [pid for parent in below for pid in children(parent)]
        return random.choice(below) if below else None


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def ordered(server: Server, login: tuple[str, str]) -> str:
    browser = server.browser(login)
    fields = {"csrf_token": browser.token, "kind": "sheet", "which": "all", "key": "faults-" + os.urandom(8).hex()}
    answer = browser.ask(Request("POST", "/print/jobs", fields))
    if answer.status != 303:
        raise SystemExit(f"faults: ordering answered {answer.status}")
    return answer.header("Location")


def killing(server: Server, login: tuple[str, str], job: str, asked: argparse.Namespace) -> list[tuple[str, int]]:
    """Kill something now and then until the batch is done; what was killed when how many sheets were done."""
    random.seed(asked.seed)
    # Ten moments over the whole batch: at so many sheets.
    moments = sorted(random.randrange(asked.doors // 50, asked.doors * 9 // 10) for _ in range(asked.kills))
    killed: list[tuple[str, int]] = []
    while True:
        state, done = far(server, login, job)
        if state != "open":
            break
        if moments and done >= moments[0]:
            part = PARTS[len(killed) % len(PARTS)]
            if (pid := server.pid_of(part)) is not None:
                moments.pop(0)
                killed.append((part, done))
                print(f"  {done:5d} sheets: kill -9 {part}", flush=True)
                os.kill(pid, signal.SIGKILL)
                if part == "server":
                    server.process.wait()
                    server.start()
        time.sleep(random.uniform(0.2, 0.8))
    if state != "done":
        raise SystemExit(f"faults: the batch ended as {state}")
    return killed


def far(server: Server, login: tuple[str, str], job: str) -> tuple[str, int]:
    """The state of the batch and how many sheets are done, as the page says; it wakes a worker as pages do."""
    page = server.browser(login).ask(Request("GET", job)).body.decode()
    if found := re.search(r'<p class="far"><b>(\d+)</b> / (\d+)', page):
        return "open", int(found[1])
    return ("done" if "印好了" in page else "ended"), 0


def told(url: str, pdf: bytes, killed: list[tuple[str, int]], seconds: float) -> int:
    """Read the PDF and the editions, and say what is wrong."""
    with create_engine(url.replace("postgresql://", "postgresql+psycopg://")).connect() as connection:
        doors: list[Any] = list(connection.execute(text(DOORS)))
        editions = list(connection.execute(text("SELECT household_id, serial FROM edition ORDER BY serial")))
    pages, wrong = read(pdf, [code for _id, code in doors])
    if [(household, serial) for household, serial in editions] != [(d[0], n) for n, d in enumerate(doors, 1)]:
        wrong.append("the editions are not one per household in order")
    by = {part: sum(1 for name, _done in killed if name == part) for part in PARTS}
    print(f"doors {len(doors)}  sheets {len(editions)}  pages {pages}  {len(pdf) / pages / 1000:.1f} KB a page")
    print(f"killed {len(killed)}: {by}  {seconds:.0f} s, {1000 * seconds / len(doors):.0f} ms a sheet")
    print("missing or doubled or out of order:", len(wrong), *wrong[:10], sep="\n  " if wrong else " ")
    return 1 if wrong else 0


def read(pdf: bytes, codes: list[str]) -> tuple[int, list[str]]:
    """How many pages there are, and where they do not follow each other as they should."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    wrong, sheet, page, last = [], 0, 0, 0
    for at in range(len(document)):
        words = document[at].get_textpage().get_text_range()
        foot, count = FOOT.search(words), PAGE.search(words)
        if foot is None or count is None:
            wrong.append(f"page {at + 1} has no foot")
            continue
        n, here, of = int(foot[2]), int(count[1]), int(count[2])
        follows = (n, here) == ((sheet, page + 1) if page < last else (sheet + 1, 1))
        if not follows or int(foot[3]) != len(codes) or codes[n - 1] not in words:
            wrong.append(f"page {at + 1}: sheet {n}, page {here} / {of} after sheet {sheet}, page {page} / {last}")
        sheet, page, last = n, here, of
    if (sheet, page) != (len(codes), last):
        wrong.append(f"it ends with sheet {sheet}, page {page} / {last}")
    return len(document), wrong


if __name__ == "__main__":
    sys.exit(main())
