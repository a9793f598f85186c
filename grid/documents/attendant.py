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

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from grid.core.clock import now
from grid.core.config import ROOT
from grid.documents import jobs
from grid.documents.files import throw_away_old

# A worker that dies at once is not started again at once.
REST = 5.0
# Seconds between two looks for what is a day old.
TIDY_EVERY = 600.0


class Attendant:
    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = 0
        self.started = 0.0

    def wake(self) -> None:
        """See that somebody works; cheap when somebody does."""
        with self.lock:
            mine = self.child if self.owner == os.getpid() else None
            if mine is not None and mine.poll() is None:
                return
            if time.monotonic() - self.started > REST or self.owner != os.getpid():
                self._start()

    def _start(self) -> None:
        self.owner, self.started = os.getpid(), time.monotonic()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "worker", "--attached"],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"GRID_INSTANCE": str(self.instance)},
        )


class Tidier:
    """Throws old batches away on their day: one timer, set anew while something is kept."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.timer: threading.Timer | None = None

    def come_back(self) -> None:
        if self.timer is None:
            self.timer = threading.Timer(TIDY_EVERY, self._tidy)
            self.timer.daemon = True
            self.timer.start()

    def _tidy(self) -> None:
        self.timer = None
        with self.app.app_context(), suppress(SQLAlchemyError):
            tidy()
            if jobs.is_anything_kept():
                self.come_back()


def tidy() -> None:
    """Throw away what has been kept for a day, in the database and on the disk."""
    jobs.purge(now())
    throw_away_old(now())


def attend(app: Flask) -> None:
    app.extensions["print_attendant"] = Attendant(Path(app.instance_path))
    app.extensions["print_tidier"] = Tidier(app)


def wake() -> None:
    """Have the open jobs worked on, unless that is left to workers elsewhere (GRID_PRINT_HERE=0)."""
    current_app.extensions["print_tidier"].come_back()
    if current_app.config["PRINT_HERE"]:
        current_app.extensions["print_attendant"].wake()


def begin() -> None:
    """At the start: what is old goes, what was interrupted goes on."""
    tidy()
    if jobs.is_work():
        wake()
    elif jobs.is_anything_kept():
        current_app.extensions["print_tidier"].come_back()
