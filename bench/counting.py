"""The dashboard and the ledgers against the bare statements they are counted from, run by the driver alone."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from bench.asking import Browser, Request
from bench.figures import Figure
from bench.load import PASSWORD
from grid.accounts.models import Me, User
from grid.accounts.queries import scope_of
from grid.core.clock import today
from grid.core.db import Reader, db
from grid.core.periods import period_of
from grid.ledgers.target_actions import put_in_defaults

ROUNDS = 7
Said = list[tuple[str, Any]]


def places() -> dict[str, tuple[str, str]]:
    """What is asked for, and as whom."""
    month = period_of("month", today()).before.key
    return {
        "dashboard": ("admin", "/indicators"),
        "dashboard of the street": ("street", "/indicators"),
        "ledger of visits": ("admin", f"/ledgers/visits?period={month}"),
        "ledger of residents": ("admin", "/ledgers/residents"),
        "ledger of homes": ("admin", "/ledgers/households"),
    }


def figures(engine: str, size: str, app: Flask, browsers: dict[str, Browser]) -> Iterator[list[Figure]]:
    _want_something(app)
    for name, (who, path) in places().items():
        ask = browsers[who].ask
        answer = ask(Request("GET", path))
        if answer.status != 200:
            raise SystemExit(f"bench: {path} answers {answer.status}")
        page = _median(lambda ask=ask, path=path: ask(Request("GET", path)))  # type: ignore[misc]
        bare = _bare(app, _statements(app, who, path))
        yield [Figure(name, engine, size, page, "ms", bare, page / bare)]


def _want_something(app: Flask) -> None:
    """A dashboard without targets is an empty page."""
    with app.app_context():
        admin = db.session.scalars(select(User).where(User.login == "admin")).one()
        me = Me(
            admin.id,
            admin.public_id,
            admin.login,
            admin.name,
            admin.role,
            "zh",
            scope_of(admin.id, admin.scope_version, today()),
        )
        for community_id in me.scope.communities:
            put_in_defaults(me, community_id, today().year)


def _median(do: Callable[[], object]) -> float:
    """Milliseconds."""
    took = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        do()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def _statements(app: Flask, who: str, path: str) -> Said:
    """What the page asks of the database, as the driver gets it."""
    client = app.test_client()
    token = client.get("/login").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/login", data={"login": who, "password": PASSWORD, "csrf_token": token})
    with app.app_context(), _listening() as said:
        client.get(path)
    return said


@contextmanager
def _listening() -> Iterator[Said]:
    said: Said = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append((statement, parameters))

    lend = Reader.cursor
    event.listen(db.engine, "before_cursor_execute", note)
    Reader.cursor = lambda reader: Listening(lend(reader), said)  # type: ignore[method-assign, assignment, return-value]
    yield said
    Reader.cursor = lend  # type: ignore[method-assign]
    event.remove(db.engine, "before_cursor_execute", note)


class Listening:
    """A cursor of a request that only reads, past the engine's events."""

    def __init__(self, cursor: Any, said: Said) -> None:
        self.cursor, self.said = cursor, said

    def execute(self, statement: str, parameters: Any = ()) -> Any:
        self.said.append((statement, parameters))
        return self.cursor.execute(statement, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)


def _bare(app: Flask, said: Said) -> float:
    with app.app_context():
        lent = db.engine.raw_connection()
        try:
            cursor = lent.cursor()

            def run() -> None:
                for statement, parameters in said:
                    cursor.execute(statement, parameters)
                    cursor.fetchall()

            return _median(run)
        finally:
            lent.rollback()
            lent.close()
