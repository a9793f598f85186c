"""What is acknowledged is on the disk, and two who write at once lose nothing."""

import contextvars
import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from grid.accounts import audit
from grid.accounts.models import AuditChange
from grid.core.db import db, small_write
from grid.register.models import Community
from tests.factories import Cast, Place


def pragma(name: str) -> object:
    with db.engine.connect() as connection:
        return connection.connection.cursor().execute(f"PRAGMA {name}").fetchone()[0]


def only_on_sqlite() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")


def test_an_entry_waits_for_the_disk(app: Flask) -> None:
    only_on_sqlite()

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


def test_after_a_note_that_did_not_wait_entries_wait_again(app: Flask) -> None:
    only_on_sqlite()
    with small_write() as connection:
        connection.execute(text("UPDATE community SET street = street"))

    assert pragma("synchronous") == 2


def test_eight_who_read_and_write_the_same_row_lose_no_step(app: Flask, place: Place) -> None:
    community_id = place.community.id
    db.session.commit()

    def count_up() -> None:
        with app.app_context():
            for _ in range(10):
                found = db.session.scalars(
                    select(Community).where(Community.id == community_id).with_for_update()
                ).one()
                found.geometry_version += 1
                db.session.commit()

    threads = [threading.Thread(target=contextvars.Context().run, args=(count_up,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.expire_all()
    assert db.session.get_one(Community, community_id).geometry_version == 81


def test_what_was_rolled_back_leaves_no_name_to_what_comes_after(cast: Cast, place: Place) -> None:
    """The entry of an action that failed does not sign the next write on the same connection."""
    db.session.commit()
    with pytest.raises(ZeroDivisionError), audit.entry(cast.admin, "move_in"):
        db.session.execute(text("UPDATE community SET street = 'a'"))
        raise ZeroDivisionError
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE community SET street = 'b'"))

    last = select(AuditChange).order_by(AuditChange.id.desc()).limit(1)
    assert db.session.scalars(last).one().entry_id is None
