"""What every test stands on: an application on a real database of its own, and people logged in.

The suite runs on SQLite; with TEST_DATABASE_URL (a PostgreSQL server where databases may be made) the same
tests run there: `make test` does both and says so when PostgreSQL was not there.
"""

import contextvars
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

from grid import create_app
from grid.accounts import queries as accounts_queries
from grid.atlas import plates
from grid.core import i18n, prepared
from grid.core.db import db, writing
from tests import factories, keeping

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The committee's sample files beside the project; CI has them, a lone clone may not."""
    if not SHARED.exists():
        missing = f"NOT TESTED: the sample files are not at {SHARED}"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return SHARED


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
        return
    name = f"yihu_test_{uuid.uuid4().hex[:8]}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C.UTF-8'"))
        # Nobody pulls the plug of a database that is dropped in the end.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    yield make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def session_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One migrated application for the whole run; `app` empties it before each test."""
    given: dict[str, Any] = {
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": False,
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SECRET_KEY": "for tests",
        "PERSONAL_KEY": "5a" * 64,
        "WTF_CSRF_ENABLED": False,
        # Tests draw batches themselves; the one worker process among them is started by its own test.
        "PRINT_HERE": False,
    }
    app = create_app(given, tmp_path_factory.mktemp("instance"))
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
        keeping.keep_migrated()
    yield app


@pytest.fixture
def app(session_app: Flask) -> Iterator[Flask]:
    with session_app.app_context():
        keeping.empty_database()
        accounts_queries.forget_scopes()
        plates.forget_plates()
        i18n.language.set("zh")
        writing.set(True)
        yield session_app
        db.session.remove()


@pytest.fixture
def place_and_cast(app: Flask, request: pytest.FixtureRequest) -> tuple[factories.Place, factories.Cast | None]:
    """Put back together where both are wanted."""
    return factories.make_place_and_cast() if "cast" in request.fixturenames else (factories.make_place(), None)


@pytest.fixture
def place(place_and_cast: tuple[factories.Place, factories.Cast | None]) -> factories.Place:
    """桃园社区 with two blocks, three buildings and a few families; beside it 槐荫社区, which must not appear."""
    return place_and_cast[0]


@pytest.fixture
def cast(place: factories.Place, place_and_cast: tuple[factories.Place, factories.Cast | None]) -> factories.Cast:
    """One account of each role: the worker has block one, the head building 1."""
    return place_and_cast[1] or factories.make_cast(place)


class Browser(FlaskClient):
    """A client whose requests run as on a server: in a context of their own, seeing only what was committed."""

    def open(self, *args: Any, **options: Any) -> Any:
        db.session.commit()
        answer = contextvars.Context().run(super().open, *args, **options)
        for _name, value in answer.headers:
            # What a server can send: the test client would let anything pass.
            value.encode("latin-1")
        return answer


LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """`log_in("worker")` → a client with that account's session."""

    def enter(login: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"login": login, "password": factories.PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    return enter


@pytest.fixture
def count_queries(app: Flask) -> Iterator[Callable[[], int]]:
    """Call it to get the number of SQL statements since the last call.

    Not of what looks after batches by itself, on a thread of its own and long after the test that began one.
    """
    seen: list[str] = []
    here = threading.get_ident()

    def note(statement: str) -> None:
        if threading.get_ident() == here and not statement.startswith(("BEGIN", "PRAGMA", "SET ")):
            seen.append(statement)

    def executed(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        note(statement)

    event.listen(db.engine, "before_cursor_execute", executed)
    # Prepared selects pass SQLAlchemy's events by.
    prepared.watchers.append(note)

    def taken() -> int:
        n = len(seen)
        seen.clear()
        return n

    yield taken
    event.remove(db.engine, "before_cursor_execute", executed)
    prepared.watchers.clear()


# Long files, begun first: nobody is left alone with one in the end.
LONG = (
    "test_whole_rosters", "_keep_promises", "_keeps_promises", "test_matrix", "test_accessibility", "test_offline",
    "browser/test_english", "test_print_batch",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks no database, or is marked as saying the same on both, is asked once: on SQLite."""
    items.sort(key=lambda item: not any(name in item.path.as_posix() for name in LONG))
    if not os.environ.get("TEST_DATABASE_URL") or "not browser" not in config.getoption("markexpr"):
        return
    asked = [
        item
        for item in items
        if {"database_url", "fresh"} & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("once")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in asked])
    items[:] = asked
