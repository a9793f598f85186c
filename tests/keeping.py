"""A whole database kept aside and put back: without a trace in its log, and with its numbers going on as they would."""

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Table

from grid.core.db import Base, db

# On SQLite the whole of it, elsewhere the rows of each table.
Kept = sqlite3.Connection | dict[Table, list[dict[str, Any]]]


def kept() -> Kept:
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        aside = sqlite3.connect(":memory:", check_same_thread=False)
        _copy(aside, keep=True)
        return aside
    with db.engine.connect() as connection:
        found = {table: connection.execute(table.select()) for table in Base.metadata.sorted_tables}
        return {table: [dict(row) for row in rows.mappings()] for table, rows in found.items()}


def put_back(aside: Kept) -> None:
    """Over an empty database."""
    db.session.remove()
    if isinstance(aside, sqlite3.Connection):
        _copy(aside)
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql(_QUIET)
        for table, rows in aside.items():
            if rows:
                connection.execute(table.insert(), rows)
        told = [table for table, rows in aside.items() if rows and _is_numbered(table)]
        connection.exec_driver_sql(_counting(tuple(told)))


def empty_database() -> None:
    """Every row goes, and numbers begin at 1 again."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        _copy(_migrated)
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql(_emptying())


_migrated = sqlite3.connect(":memory:", check_same_thread=False)


def keep_migrated() -> None:
    """SQLite as it is before the first test."""
    if db.engine.dialect.name == "sqlite":
        _copy(_migrated, keep=True)


def _copy(aside: sqlite3.Connection, keep: bool = False) -> None:
    raw = db.engine.raw_connection()
    try:
        there: Any = raw.driver_connection
        there.backup(aside) if keep else aside.backup(there)
    finally:
        raw.close()


# Triggers and foreign keys rest until the transaction ends.
_QUIET = "SET LOCAL session_replication_role = replica"


@cache
def _emptying() -> str:
    """One round trip. TRUNCATE would make some three hundred files anew for each test."""
    tables = Base.metadata.sorted_tables
    numbered = [table.name for table in tables if _is_numbered(table)]
    begun = [f"PERFORM setval(pg_get_serial_sequence('{name}', 'id'), 1, false);" for name in numbered]
    emptied = [f'DELETE FROM "{table.name}";' for table in tables]
    return f"{_QUIET}; DO $$ BEGIN {' '.join(emptied + begun)} END $$"


@cache
def _counting(tables: tuple[Table, ...]) -> str:
    counted = [
        f"PERFORM setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM \"{table.name}\"));"
        for table in tables
    ]
    return f"DO $$ BEGIN {' '.join(counted)} END $$"


def _is_numbered(table: Table) -> bool:
    return "id" in table.c and bool(table.c.id.autoincrement)
