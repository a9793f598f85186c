"""All rows of the database as they stand, for promises like 'as before, row for row'."""

from typing import Any

from sqlalchemy import select

from grid.accounts.undoing import COUNTED
from grid.core.db import Base, db

# Logs and receipts only ever grow.
GROWING = frozenset(("audit_entry", "audit_change", "receipt", "login_session", "failed_login"))


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """By table: every row in the order of its key, without what counts and dates changes (undoing is one too)."""
    db.session.expire_all()
    return {
        table.name: sorted(
            (tuple(row) for row in db.session.execute(select(*[c for c in table.c if c.name not in COUNTED]))), key=str
        )
        for table in Base.metadata.sorted_tables
        if table.name not in GROWING
    }


def differences(before: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """By table: rows that are in only one of `before` and now."""
    found = {}
    for name, rows in snapshot().items():
        odd = sorted(set(map(str, rows)) ^ set(map(str, before[name])))
        if odd or len(rows) != len(before[name]):
            found[name] = [(one,) for one in odd]
    return found
