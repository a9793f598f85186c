"""Puts an invented city into a database of its own, in bulk, and keeps it for the next run."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.city import SIZES, City, Row, Size
from grid import create_app
from grid.accounts import audit
from grid.accounts.passwords import hash_password
from grid.core.clock import today
from grid.core.config import ROOT, instance_folder
from grid.core.db import db
from grid.core.personal import vault
from grid.register import finding
from grid.register.models import SearchKey
from grid.register.summaries import refresh_members
from grid.visits.summaries import refresh_visits

PASSWORD = "benches are for sitting"
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def city(size: str, engine: str) -> Flask:
    """The application on a loaded database: made now, or kept from a run of the same day and code."""
    folder = instance_folder() / "bench" / f"{size}-{engine}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["GRID_INSTANCE"] = str(folder)
    url = sqlite_url(folder) if engine == "sqlite" else postgresql_url(size, folder)
    mark = folder / "loaded.json"
    made_of = {"code": fingerprint(), "day": today().isoformat(), "url": url}
    if not mark.exists() or json.loads(mark.read_text()) != made_of:
        mark.unlink(missing_ok=True)
        clear(url)
        app = create_app({"SQLALCHEMY_DATABASE_URI": url}, folder)
        load(app, size)
        mark.write_text(json.dumps(made_of))
        return app
    app = create_app({"SQLALCHEMY_DATABASE_URI": url}, folder)
    with app.app_context():
        undo(SIZES[size])
    return app


def undo(size: Size) -> None:
    """Take back what an earlier run wrote, so that each begins with the same rows."""
    promised = "FROM visit WHERE due_on IS NOT NULL AND closed"
    touched = text(f"SELECT household_id FROM visit WHERE id > :last UNION SELECT household_id {promised}")
    with db.engine.begin() as connection:
        audit.remove_triggers(connection)
        doors = list(connection.scalars(touched, {"last": size.visits}))
        for statement in (
            f"DELETE FROM visit WHERE id > {size.visits}",
            f"UPDATE visit SET closed = (1 = 0) WHERE id IN (SELECT id {promised})",
            "DELETE FROM receipt",
            "DELETE FROM edition",
            "DELETE FROM print_part",
            "DELETE FROM print_job",
            "DELETE FROM print",
            "DELETE FROM audit_change",
            "DELETE FROM audit_entry WHERE action IN ('open_file', 'record_visit', 'log_in', 'print_sheet') "
            f"AND at > '{today() - timedelta(days=2)}'",
        ):
            connection.exec_driver_sql(statement)
        audit.install_triggers(connection)
    refresh_visits(doors)
    db.session.commit()


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder.resolve() / 'yihu.db'}"


def postgresql_url(size: str, folder: Path) -> str:
    """A database of this clone's own: its numbers are encrypted with this clone's key."""
    clone = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:6]
    server = make_url(os.environ.get("TEST_DATABASE_URL") or SERVER)
    url = server.set(drivername="postgresql+psycopg", database=f"yihu_bench_{size.lower()}_{clone}")
    return url.render_as_string(hide_password=False)


def fingerprint() -> str:
    """Of what decides the rows: the generator, this loader, the schema, the search keys."""
    files = [ROOT / "bench/city.py", ROOT / "bench/load.py", ROOT / "grid/register/readings.py"]
    files += sorted((ROOT / "migrations/versions").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def clear(url: str) -> None:
    """An empty database in the place of the old one."""
    where = make_url(url)
    if where.drivername == "sqlite":
        for tail in ("", "-wal", "-shm"):
            Path(f"{where.database}{tail}").unlink(missing_ok=True)
        return
    admin = create_engine(where.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {where.database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {where.database} TEMPLATE template0 LOCALE 'C.UTF-8'"))
    admin.dispose()


def load(app: Flask, size: str) -> None:
    began = time.perf_counter()

    def told(what: str) -> None:
        print(f"  {time.perf_counter() - began:6.1f} s  {what}", flush=True)

    with app.app_context():
        upgrade()
        invented = City(size, today(), vault())
        sink: Sink = SqliteSink() if db.engine.dialect.name == "sqlite" else PostgresSink()
        sink.prepare()
        for table, columns, rows in invented.tables(hash_password(PASSWORD)):
            sink.fill(table, columns, rows)
            told(table)
        sink.fill("search_key", ("community_id", "key", "person_id", "household_id"), search_keys(invented))
        told("search_key")
        sink.index()
        told("indexes")
        refresh_members()
        refresh_visits()
        db.session.commit()
        told("summaries")
        sink.finish()
        prove_keys(invented)
        told("ready")


def search_keys(invented: City) -> Iterator[Row]:
    """As finding.index_households makes them, community by community in the order of the key; `prove_keys` compares."""
    of_community: dict[int, list[Row]] = {}
    for door in invented.doors:
        keys = of_community.setdefault(door.community_id, [])
        keys += [(door.community_id, key, 0, door.id) for key in finding.keys_of_address(door.code, door.estate)]
    for r in invented.residents:
        keys = of_community[r.door.community_id]
        found = finding.keys_of_person(r.name, None, r.phone, r.id_no)
        keys += [(r.door.community_id, key, r.id, r.door.id) for key in found]
    for keys in of_community.values():
        keys.sort()
        yield from keys


def prove_keys(invented: City) -> None:
    """The product's own keys of a sample of doors are those that were loaded."""
    sample = [door for door in invented.doors if door.community_id == 1][::97]
    ids = [door.id for door in sample]

    def present() -> set[Row]:
        found = db.session.execute(
            SearchKey.__table__.select().where(SearchKey.household_id.in_(ids), SearchKey.community_id == 1)
        )
        return {tuple(row) for row in found}

    loaded = present()
    finding.index_households(ids, community_id=1)
    made = present()
    db.session.rollback()
    if loaded != made or not made:
        raise SystemExit(f"bench: search keys differ from the product's: {sorted(loaded ^ made)[:5]}")


class Sink:
    """Where rows go in bulk: indexes and the audit triggers stand aside meanwhile."""

    def prepare(self) -> None:
        with db.engine.begin() as connection:
            audit.remove_triggers(connection)
            self.later = self.drop_indexes(connection)
        self.raw: Any = db.engine.raw_connection()

    def drop_indexes(self, connection: Any) -> list[str]:
        """Drop what can be made again; the statements that make it."""
        raise NotImplementedError

    def fill(self, table: str, columns: tuple[str, ...], rows: Iterator[Row]) -> None:
        raise NotImplementedError

    def index(self) -> None:
        with db.engine.begin() as connection:
            for statement in self.later:
                connection.exec_driver_sql(statement)

    def finish(self) -> None:
        with db.engine.begin() as connection:
            audit.install_triggers(connection)


class SqliteSink(Sink):
    def drop_indexes(self, connection: Any) -> list[str]:
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        made = dict(found.all())
        for name in made:
            connection.exec_driver_sql(f"DROP INDEX {name}")
        return list(made.values())

    def fill(self, table: str, columns: tuple[str, ...], rows: Iterator[Row]) -> None:
        cursor = self.raw.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("BEGIN")
        quoted = ", ".join(f'"{column}"' for column in columns)
        cursor.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(columns))})', rows)
        cursor.execute("COMMIT")

    def finish(self) -> None:
        super().finish()
        cursor = self.raw.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.raw.close()


class PostgresSink(Sink):
    def drop_indexes(self, connection: Any) -> list[str]:
        # Not those that carry a constraint: they stay.
        found = connection.exec_driver_sql(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        )
        made = {name: definition for name, definition in found.all()}
        for name in made:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
        return list(made.values())

    def fill(self, table: str, columns: tuple[str, ...], rows: Iterator[Row]) -> None:
        quoted = ", ".join(f'"{column}"' for column in columns)
        with self.raw.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off; SET TimeZone = 'UTC'; SET session_replication_role = replica")
            with cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
                while block := list(islice(rows, 5000)):
                    copy.write("".join(map(line, block)))
            if "id" in columns:
                highest = f'(SELECT coalesce(max(id), 1) FROM "{table}")'
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})")
        self.raw.commit()

    def index(self) -> None:
        super().index()
        # The summaries that follow would be planned for empty tables.
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def finish(self) -> None:
        super().finish()
        self.raw.close()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def line(row: Row) -> str:
    """A row as COPY reads it. Our texts hold no tab, newline or backslash."""
    return "\t".join(["\\N" if value is None else str(value) for value in row]) + "\n"
