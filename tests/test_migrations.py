"""Migrations go up and down with data in the tables, and lose none of it."""

import os
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from grid import create_app
from grid.core.db import db
from grid.demo.actions import load_demo


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database of its own, on the engine under test."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    name = f"yihu_migrate_{uuid.uuid4().hex[:8]}"
    given: dict[str, Any] = {"TESTING": True, "SECRET_KEY": "s", "PERSONAL_KEY": "5a" * 64}
    if server:
        admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C.UTF-8'"))
        given["SQLALCHEMY_DATABASE_URI"] = admin.url.set(database=name).render_as_string(hide_password=False)
    app = create_app(given, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if server:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def counts() -> dict[str, int]:
    db.session.remove()
    with db.engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return {n: connection.execute(text(f'SELECT count(*) FROM "{n}"')).scalar_one() for n in names}


def test_down_to_the_first_and_up_again_keeps_every_row(fresh: Flask, tmp_path: Path) -> None:
    upgrade()
    load_demo(200, date(2026, 11, 23), tmp_path)
    before = counts()

    downgrade(revision="0001")
    lower = counts()
    upgrade()

    assert before["household"] > 150 and before["visit"] > 500
    # Tables that later migrations add are gone below them, and empty above.
    kept = {name: before[name] for name in lower}
    assert lower == kept
    assert {name: rows for name, rows in counts().items() if name in lower} == kept


def test_the_hours_at_which_a_door_opens_are_filled_for_visits_that_are_there(fresh: Flask, tmp_path: Path) -> None:
    upgrade()
    load_demo(200, date(2026, 11, 23), tmp_path)
    hours = text("SELECT public_id, home_hours FROM household ORDER BY public_id")
    summed_up = db.session.execute(hours).all()
    db.session.remove()

    downgrade(revision="0006")
    upgrade()

    assert {home_hours for _id, home_hours in summed_up} == {"morning", "afternoon", "evening", None}
    assert db.session.execute(hours).all() == summed_up


def test_down_to_nothing_and_up_again_is_an_empty_install(fresh: Flask, tmp_path: Path) -> None:
    upgrade()
    downgrade(revision="base")
    bare = counts()
    upgrade()

    assert bare == {}
    assert set(counts().values()) == {0}


def test_a_migration_that_would_lose_rows_is_refused_whole(
    fresh: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade()
    load_demo(60, date(2026, 11, 23), tmp_path)
    before = counts()
    real = Operations.batch_alter_table

    def greedy(self: Operations, table: str, **options: Any) -> Any:
        self.execute(text("DELETE FROM visit_person"))
        return real(self, table, **options)

    monkeypatch.setattr(Operations, "batch_alter_table", greedy)
    with pytest.raises(SystemExit):
        downgrade(revision="0001")

    assert "would lose rows" in caplog.text
    assert counts() == before
