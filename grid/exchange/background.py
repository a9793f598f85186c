"""Reads or applies a long file in a process of its own, and what it says lies beside the files.

The process holds the lock of the folder as long as it lives: whether it still works is asked of the lock, also by a
server that was started again meanwhile.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grid.core.config import ROOT
from grid.exchange.progress import Work
from grid.exchange.uploads import Upload, write_privately

PLAN, APPLY = "plan", "apply"
# Below this, whoever sends a file waits for the answer: about 5,000 rows.
LONG_BYTES, LONG_ROWS = 600_000, 5_000
TOLD_EVERY = 0.4
PATIENCE = 3.0


@dataclass(frozen=True)
class State:
    """How far the process said it is, and since when it works at this phase (seconds since 1970)."""

    task: str
    phase: str = ""
    n: int = 0
    of: int = 0
    since: float = 0.0

    def seconds_left(self, at: float) -> int | None:
        if not self.n or not self.of:
            return None
        return max(1, round((at - self.since) * (self.of - self.n) / self.n)) if self.n < self.of else 1


def is_long(upload: Upload) -> bool:
    return upload.kind != "map" and (upload.size > LONG_BYTES or upload.rows > LONG_ROWS)


def start(folder: Path, token: str, task: str, environment: dict[str, str]) -> None:
    """Begin, unless somebody began already."""
    here = folder / token
    with (here / "running").open("w") as lock:
        if not _take(lock):
            return
        # Of a process that ended: its number may be another's by now.
        (here / "pid").unlink(missing_ok=True)
        _write(here, State(task, since=time.time()))
        child = subprocess.Popen(
            # A token may begin like an option.
            [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "import", "carry-on", "--", token, task],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            # Not taken for a server of its own.
            env={k: v for k, v in os.environ.items() if k != "SERVER_SOFTWARE"} | environment,
            # The lock goes over to the child, which lets go of it by ending.
            pass_fds=(lock.fileno(),),
            start_new_session=True,
        )
        write_privately(here / "pid", [str(child.pid).encode()])


def _take(lock: IO[str], how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_running(folder: Path, token: str) -> bool:
    path = folder / token / "running"
    if not path.exists():
        return False
    with path.open("r+") as lock:
        # Shared: two that look at once must not take each other for the process.
        return not _take(lock, fcntl.LOCK_SH)


def stop(folder: Path, token: str) -> bool:
    """End the process; what it had not committed is rolled back. False where none works."""
    path = folder / token / "pid"
    if not is_running(folder, token) or not path.exists():
        return False
    with suppress(ProcessLookupError):
        os.killpg(int(path.read_text()), signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while is_running(folder, token) and time.monotonic() < until:
        time.sleep(0.05)
    return True


def state(folder: Path, token: str) -> State | None:
    """What was begun and has not come to an end."""
    path = folder / token / "progress.json"
    with suppress(FileNotFoundError):
        return State(**json.loads(path.read_text()))
    return None


def done(folder: Path, token: str) -> None:
    (folder / token / "progress.json").unlink(missing_ok=True)


def teller(folder: Path, token: str, task: str) -> Work:
    """Work that is written down now and then for the page that shows it."""
    last, phase, since = 0.0, "", time.time()

    def hear(work: Work) -> None:
        nonlocal last, phase, since
        at = time.time()
        if work.phase == phase and at - last < TOLD_EVERY:
            return
        since = at if work.phase != phase else since
        last, phase = at, work.phase
        _write(folder / token, State(task, work.phase, min(work.n, work.of or work.n), work.of, since))

    return Work(hear)


def _write(here: Path, told: State) -> None:
    write_privately(here / "progress.json", [json.dumps(vars(told)).encode()])
