"""Installs beside the one under test: each with an empty database, private files and a key of its own."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from grid import create_app
from grid.accounts import queries as accounts_queries
from grid.core import personal
from grid.core.db import db

SERVER = os.environ.get("TEST_DATABASE_URL", "")


@dataclass
class Install:
    app: Flask
    key: str

    @property
    def instance(self) -> Path:
        return Path(self.app.config["INSTANCE"])

    @contextmanager
    def entered(self) -> Iterator[None]:
        """In its context, with its key: in a process of its own this would be so by itself."""
        before = personal._vault
        personal.use_key(self.key)
        accounts_queries.forget_scopes()
        try:
            with self.app.app_context():
                yield
                db.session.remove()
        finally:
            personal._vault = before
            accounts_queries.forget_scopes()


def of(app: Flask) -> Install:
    return Install(app, str(app.config["PERSONAL_KEY"]))


@contextmanager
def empty_install(folder: Path, on: str) -> Iterator[Install]:
    """A fresh one on 'sqlite' or 'postgresql'."""
    folder.mkdir()
    before = personal._vault
    key = uuid.uuid4().hex * 4
    given: dict[str, Any] = {"TESTING": True, "SECRET_KEY": "s", "PERSONAL_KEY": key, "WTF_CSRF_ENABLED": False}
    with _database(on) as url:
        given["SQLALCHEMY_DATABASE_URI"] = url or f"sqlite:///{folder / 'yihu.db'}"
        app = create_app(given, folder)
        personal._vault = before
        made = Install(app, key)
        with made.entered():
            upgrade()
        yield made
        with app.app_context():
            db.engine.dispose()


@contextmanager
def _database(on: str) -> Iterator[str]:
    if on == "sqlite":
        yield ""
        return
    admin = create_engine(make_url(SERVER).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"yihu_archive_{uuid.uuid4().hex[:8]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C.UTF-8'"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
