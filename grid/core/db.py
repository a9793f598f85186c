"""The database: one base class, one session, and how a unit of work begins on each engine."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Engine, Executable, MetaData, Row, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every row class inherits."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)

# True where the present unit of work may write: SQLite then takes its write lock at BEGIN, because an
# upgrade in the middle fails under load. The web sets it from the request's method.
writing: ContextVar[bool] = ContextVar("writing", default=True)


class Reader:
    """The connection of a request that only reads: past the session, whose book-keeping costs more than the rows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lent: PoolProxiedConnection | None = None

    def cursor(self) -> DBAPICursor:
        if self._lent is None:
            self._lent = self._borrowed()
        return self._lent.cursor()

    def _borrowed(self) -> PoolProxiedConnection:
        if self.engine.dialect.name != "sqlite":
            # Every statement there sees what is committed, in a transaction or not: so none is begun.
            return _apart(self.engine).raw_connection()
        lent = self.engine.raw_connection()
        lent.cursor().execute("BEGIN")
        return lent

    def close(self) -> None:
        """Back to the pool, which rolls back."""
        lent, self._lent = self._lent, None
        if lent is not None:
            lent.close()


# Set by the web for each request that only reads; elsewhere prepared selects go through the session.
reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Found = Row[*tuple[Any, ...]]


def rows(statement: Executable, **given: Any) -> Sequence[Found]:
    """All rows of a prebuilt statement: the hot pages' way around the ORM."""
    return db.session.connection().execute(statement, given).all()


def row(statement: Executable, **given: Any) -> Found | None:
    """The first row of a prebuilt statement, or None."""
    return db.session.connection().execute(statement, given).first()


def run(statement: Executable, **given: Any) -> None:
    """A prebuilt insert, update or delete, inside the present transaction."""
    db.session.connection().execute(statement, given)


def batches(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Some at a time: a statement bears only so many parameters."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


@contextmanager
def small_write() -> Iterator[Connection]:
    """For one statement that notes something about the present request (who looked, last seen).

    It does not wait for the disk: a power cut may take the last notes, never an entry.
    """
    if db.engine.dialect.name != "sqlite":
        with _apart(db.engine).connect() as connection:
            yield connection
        return
    token = writing.set(True)
    try:
        with db.engine.connect() as connection:
            # The same connection as ever: one of its own would make the others read their pages again.
            raw = connection.connection.cursor()
            raw.execute("PRAGMA synchronous=NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                raw.execute("PRAGMA synchronous=FULL")
    finally:
        writing.reset(token)


# No commit waits for the disk. A prepared select is planned once and walks its indexes, however large the tables grew:
# planning the finder's anew for each word took longer than answering it, hashing whole tables twenty times as long.
CONNECT_SECONDS = 5
# Waiting for a lock longer than this is a 503 with the form still there.
LOCK_TIMEOUT = "-c lock_timeout=10s"
APART = " ".join(
    f"-c {setting}"
    for setting in (
        "synchronous_commit=off",
        "plan_cache_mode=force_generic_plan",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
    )
)


@cache
def _apart(engine: Engine) -> Engine:
    """PostgreSQL's connections beside the session: a statement is one round trip."""
    connecting = {"options": APART, "connect_timeout": CONNECT_SECONDS}
    return create_engine(
        engine.url, isolation_level="AUTOCOMMIT", connect_args=connecting, pool_use_lifo=True, hide_parameters=True
    )


def watch(engine: Engine) -> None:
    """Attach to one engine what SQLite needs to lose nothing (docs/decisions.md); PostgreSQL needs nothing."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _open_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    connection.create_function("current_entry", 0, lambda: record.info.get("entry"))
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        # What is deleted is overwritten: the words of a report are gone from the file, too.
        "secure_delete=ON",
        "cache_size=-65536",
        "mmap_size=1073741824",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # PostgreSQL forgets by itself which entry of the log was open; here the connection lives on.
    connection.info["entry"] = None
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is locked, full or away; a mistake in our SQL is neither."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.OperationalError):
        text = str(cause)
        return any(word in text for word in ("locked", "full", "disk I/O", "unable to open", "readonly"))
    state = getattr(cause, "sqlstate", None)
    if type(cause).__module__.startswith("psycopg"):
        # 08 connection, 53 resources (disk full, too many), 57P shutdown, 55P03 and 40P01 locks.
        gone = state is None and type(cause).__name__ in (
            "OperationalError",
            "ConnectionTimeout",
            "InterfaceError",
        )
        return gone or bool(state and (state[:2] in ("08", "53") or state[:3] == "57P" or state in ("55P03", "40P01")))
    return type(error).__module__.startswith("sqlalchemy") and type(error).__name__ == "TimeoutError"
