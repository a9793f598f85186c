"""Runs the migrations: foreign keys off while tables are rebuilt, rows counted, audit triggers put back."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, inspect, text

from grid.accounts.audit import install_triggers, remove_triggers
from grid.core.db import Base, Moment, db
from grid.core.personal import Personal


def row_counts(connection: Connection) -> dict[str, int]:
    names = inspect(connection).get_table_names()
    return {n: connection.execute(text(f'SELECT count(*) FROM "{n}"')).scalar_one() for n in names}


def refuse_losses(before: dict[str, int], after: dict[str, int]) -> None:
    """A table that is still there must still have its rows: a rebuild under foreign keys can eat them."""
    lost = {n: (k, after[n]) for n, k in before.items() if n in after and n != "alembic_version" and after[n] < k}
    if lost:
        raise RuntimeError(f"the migration would lose rows, nothing was changed: {lost}")


def plain_type(kind: str, item: Any, autogen: Any) -> str | bool:
    """Our own column types as what they are in the database: a migration must not import tomorrow's code."""
    if kind == "type" and isinstance(item, Personal):
        return "sa.String(255)"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def switch_foreign_keys(connection: Connection, to: str) -> None:
    """On the bare connection: inside a transaction, which SQLAlchemy would open, SQLite ignores it in silence."""
    connection.connection.cursor().execute(f"PRAGMA foreign_keys={to}")


def migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        switch_foreign_keys(connection, "OFF")
    with connection.begin():
        before = row_counts(connection)
        remove_triggers(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=plain_type,
        )
        context.run_migrations()
        install_triggers(connection)
        refuse_losses(before, row_counts(connection))
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("the migration would leave rows without their parent, nothing was changed")
    if sqlite:
        switch_foreign_keys(connection, "ON")


with current_app.app_context(), db.engine.connect() as connection:
    migrate(connection)
