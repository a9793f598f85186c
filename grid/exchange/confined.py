"""Has an .xls, .et or .ods read by a process of its own, which may die of it; raises Unreadable."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from grid.core.i18n import N_, _
from grid.exchange.sheets import (
    MOST_CELLS,
    MOST_ROWS,
    Merged,
    Plain,
    Rows,
    Sheet,
    TooMuchMerged,
    Unreadable,
    filled,
    trimmed,
)

CHILD = Path(__file__).with_name("confined_reader.py")
SECONDS = 30
LONGEST_LINE = 4 * 1024 * 1024

AS_XLSX = N_("%(name)s 读不出来，可能已损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 后再传。")
NOT_HERE = N_("这台服务器不能读 .xls、.et 和 .ods。请用 Excel 或 WPS 打开 %(name)s，另存为 .xlsx 后再传。")
FAR = N_("%(name)s 的“%(sheet)s”在很远的地方（%(where)s）还有内容。请删掉多余的行列，另存后再传。")


def read_confined(name: str, content: bytes) -> list[Sheet]:
    """The sheets as the child says them, whole or not at all."""
    # Without limits the child could take the machine with it: Windows has none of them.
    if find_spec("resource") is None:
        raise Unreadable(_(NOT_HERE, name=name))
    with tempfile.TemporaryDirectory(prefix="reading-") as folder, _started(folder, content) as child:
        watch = threading.Timer(SECONDS, child.kill)
        watch.start()
        try:
            assert child.stdout
            return list(_sheets(name, child.stdout))
        # It said something else than it should.
        except (AttributeError, LookupError, TypeError, ValueError) as nonsense:
            raise Unreadable(_(AS_XLSX, name=name)) from nonsense
        finally:
            watch.cancel()
            child.kill()


def _started(folder: str, content: bytes) -> "subprocess.Popen[bytes]":
    """The file goes in as its standard input; it gets nothing of our environment."""
    # Without a name: nothing of it stays behind, whatever happens to us.
    with tempfile.TemporaryFile() as stdin:
        stdin.write(content)
        stdin.seek(0)
        return subprocess.Popen(
            [sys.executable, "-I", "-B", str(CHILD)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PYTHONIOENCODING": "utf-8"},
            close_fds=True,
        )


def _sheets(name: str, lines: IO[bytes]) -> Iterator[Sheet]:
    said = _said(name, lines)
    about = next(said)
    while "end" not in about:
        merged = [Merged(*one) for one in about["merged"]]
        reader = _Rows(name, said)
        rows = Rows(reader.rows())
        if merged and len(rows):
            try:
                rows = Rows(filled(rows.plain(), merged))
            except TooMuchMerged:
                raise Unreadable(_(AS_XLSX, name=name)) from None
        yield Sheet(about["sheet"], rows, about["hidden"])
        about = reader.after


class _Rows:
    """The rows of one sheet; `after` is what came after them."""

    def __init__(self, name: str, said: Iterator[Any]) -> None:
        self.name, self.said, self.after = name, said, {"end": True}

    def rows(self) -> Iterator[Plain]:
        number = cells = 0
        for one in self.said:
            if isinstance(one, dict):
                self.after = one
                return
            number, values = number + 1, trimmed([_value(cell) for cell in one])
            cells += len(values)
            if number > MOST_ROWS or cells > MOST_CELLS:
                raise Unreadable(_(AS_XLSX, name=self.name))
            yield number, values, False


def _said(name: str, lines: IO[bytes]) -> Iterator[Any]:
    """What the child says, line by line to its word that this is all; a child that died has not said it."""
    while line := lines.readline(LONGEST_LINE):
        one = None
        with suppress(ValueError, RecursionError):
            one = json.loads(line)
        if isinstance(one, dict) and "far" in one:
            row, column = one["at"]
            raise Unreadable(_(FAR, name=name, sheet=one["far"], where=f"{row + 1}/{column + 1}"))
        if one is None or (isinstance(one, dict) and "failed" in one):
            break
        yield one
        if isinstance(one, dict) and "end" in one:
            return
    raise Unreadable(_(AS_XLSX, name=name))


def _value(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    day = datetime.fromisoformat(cell["day"])
    return date(day.year, day.month, day.day) if len(cell["day"]) == len("2026-11-23") else day
