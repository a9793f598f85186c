"""Keeps one `flask worker` beside the server while there is something to print, and starts another if it dies.

A process of its own, with less right to the processor: neither drawing nor the reading for it holds up a page.
It ends when its standard input does, so it never outlives the server.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from grid.core.config import ROOT
from grid.documents import jobs, keeping

# A worker that dies at once is not started again at once.
REST = 5.0
# Seconds between two looks: at a worker that may have died, at sheets that may be a day old.
WHILE_OPEN, WHILE_KEPT = 30.0, 600.0


class Attendant:
    """Of one server process. Of several beside each other one has the worker: it holds worker.lock."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = 0
        self.started = 0.0
        self.timer: threading.Timer | None = None

    def wake(self) -> None:
        """See that somebody works; cheap when somebody does."""
        if not self.app.config["PRINT_HERE"]:
            return
        with self.lock:
            mine = self.child if self.owner == os.getpid() else None
            if mine is not None and mine.poll() is None:
                return
            is_rested = time.monotonic() - self.started > REST or self.owner != os.getpid()
            if is_rested and not is_held(lock_file(Path(self.app.instance_path))):
                self._start()

    def _start(self) -> None:
        self.owner, self.started = os.getpid(), time.monotonic()
        url = self.app.config["SQLALCHEMY_DATABASE_URI"]
        self.child = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "worker", "--attached"],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"GRID_INSTANCE": self.app.instance_path, "DATABASE_URL": url},
        )

    def come_back(self, after: float) -> None:
        """Look again later, once."""
        if self.timer is None:
            self.timer = threading.Timer(after, self._look)
            self.timer.daemon = True
            self.timer.start()

    def _look(self) -> None:
        self.timer, after = None, WHILE_OPEN
        try:
            with self.app.app_context(), suppress(SQLAlchemyError, OSError):
                after = self.look()
        finally:
            if after:
                self.come_back(after)

    def look(self) -> float:
        """Throw away what is old, see to what is open; seconds until the next look, 0 where there is nothing left."""
        keeping.tidy()
        if jobs.is_any_open():
            self.wake()
            return WHILE_OPEN
        return WHILE_KEPT if keeping.is_anything_kept() else 0.0


def lock_file(instance: Path) -> Path:
    return instance / "paper" / "worker.lock"


def is_held(path: Path) -> bool:
    """Whether a worker of this machine has the lock; where there are no such locks, nobody ever has."""
    with suppress(ImportError, FileNotFoundError):
        import fcntl

        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
    return False


def hold(path: Path) -> bool:
    """Take the lock for as long as this process lives; False where another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _held.append(path.open("a+"))
    with suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(_held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


_held: list[IO[str]] = []


def attend(app: Flask) -> None:
    attendant = app.extensions["print_attendant"] = Attendant(app)
    # `python app.py` says when it begins; gunicorn's processes begin by making the application.
    if "gunicorn" in os.environ.get("SERVER_SOFTWARE", ""):
        attendant.come_back(REST)


def wake() -> None:
    """Have the open jobs worked on, unless that is left to workers elsewhere (GRID_PRINT_HERE=0)."""
    mine: Attendant = current_app.extensions["print_attendant"]
    mine.come_back(WHILE_OPEN)
    mine.wake()


def begin() -> None:
    """At the start: what is old goes, what was interrupted goes on."""
    mine: Attendant = current_app.extensions["print_attendant"]
    if after := mine.look():
        mine.come_back(after)
