"""Putting an export into a file: rows flow from the database into it, and it is gone once it was sent."""

import tempfile
from typing import IO

from grid.core.clock import now
from grid.core.db import db, writing
from grid.ledgers.ledger_queries import Asked, every_row, head
from grid.ledgers.shipped import Ledger
from grid.ledgers.sources import Reader


def written(reader: Reader, ledger: Ledger, asked: Asked, name: str, reason: str) -> tuple[IO[bytes], int]:
    """The workbook, nameless and without a place in any folder, and how many rows it has."""
    # openpyxl is slow to import; only an export needs it.
    from grid.ledgers.workbooks import foot_words, write

    at, out = now(), tempfile.TemporaryFile()  # noqa: SIM115
    _only_read(True)
    try:
        rows = every_row(reader, ledger, asked)
        count = write(head(ledger, asked), rows, lambda n: foot_words(name, at, reason, n), out)
    except BaseException:
        out.close()
        raise
    finally:
        _only_read(False)
    return out, count


def _only_read(is_so: bool) -> None:
    """A hundred thousand rows take a while: let go of the write lock meanwhile, others are working."""
    db.session.rollback()
    writing.set(not is_so)
