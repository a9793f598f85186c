"""Takes an action back: what the audit log says was changed below one entry is put as it was.

A row that somebody changed afterwards, or that something later hangs on, holds the whole action: nothing that was
typed since may be lost. Versions rise all the same, so that a form opened before notices.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Table, and_, delete, exists, func, or_, select, text
from sqlalchemy.orm import aliased

from grid.accounts.models import AuditChange, AuditEntry
from grid.core.clock import now
from grid.core.db import Base, batches, db

# They count and date the changes of a row; taking one back is a change.
COUNTED = frozenset(("version", "geometry_version", "scope_version", "updated_at"))

Row = tuple[str, int]


@dataclass
class Entangled(Exception):
    """Rows that were changed since, and rows of later actions that hang on what would go; by table and id."""

    changed: set[Row] = field(default_factory=set)
    hanging: set[Row] = field(default_factory=set)


@dataclass
class Done:
    """What one entry did: ids of new rows by table; of changed ones what their columns held before, as stored;
    and rows that it removed, whole."""

    entry_id: int
    inserted: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    before: dict[Row, dict[str, Any]] = field(default_factory=dict)
    removed: dict[Row, dict[str, Any]] = field(default_factory=dict)
    # Every value that was in a column then or later, for finding the doors that it was about.
    values: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))

    @cached_property
    def rows(self) -> dict[str, set[int]]:
        """Ids of all rows it touched, by table."""
        found: dict[str, set[int]] = defaultdict(set)
        for table, ids in self.inserted.items():
            found[table] |= ids
        for table, row_id in (*self.before, *self.removed):
            found[table].add(row_id)
        return found


def is_undone(entry_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(AuditEntry.undoes_id == entry_id))))


def what_was_done(entry_id: int) -> Done:
    """Read from the log, not yet checked."""
    done = Done(entry_id)
    changes = select(
        AuditChange.table_name, AuditChange.row_id, AuditChange.operation, AuditChange.old, AuditChange.new
    ).where(AuditChange.entry_id == entry_id)
    for table, row_id, operation, old, new in db.session.execute(changes.order_by(AuditChange.id)):
        if operation == "insert":
            done.inserted[table].add(row_id)
        elif operation == "delete":
            done.removed[table, row_id] = {**old, **done.before.pop((table, row_id), {})}
        elif row_id not in done.inserted[table]:
            held = done.before.setdefault((table, row_id), {})
            for name, value in (old or {}).items():
                held.setdefault(name, value)
        for name in ("household_id", "person_id"):
            done.values[name] |= {side[name] for side in (old, new) if side and side.get(name)}
    return done


def hold_still() -> None:
    """PostgreSQL: nobody writes a watched row until the transaction ends. SQLite's one write lock does it anyway."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE audit_change IN SHARE ROW EXCLUSIVE MODE"))


def take_back(done: Done) -> None:
    """Put everything as it was, inside an open entry that says `undoes_id`, or raise Entangled.

    New rows that nothing points at go first, so that a person's old home can be their present one again; then
    changed rows get their old values; then the other new rows go, and those that went come back.
    """
    db.session.flush()
    _refuse_entangled(done)
    leaves: list[Table] = []
    others: list[Table] = []
    for table in reversed(Base.metadata.sorted_tables):
        if done.inserted.get(table.name):
            (others if _pointing_at(table) else leaves).append(table)
    for table in leaves:
        _remove(table, done.inserted[table.name])
    _restore(done.before)
    for table in others:
        _remove(table, done.inserted[table.name])
    for (name, row_id), held in done.removed.items():
        _insert_again(Base.metadata.tables[name], {**held, "id": row_id})
    db.session.expire_all()


def _remove(table: Table, ids: set[int]) -> None:
    for some in batches(sorted(ids)):
        db.session.execute(delete(table).where(table.c.id.in_(some)))


def _restore(before: Mapping[Row, Mapping[str, Any]]) -> None:
    """Rows with the same changed columns by one statement, values as they are stored: none is opened or retyped."""
    alike: dict[tuple[str, tuple[str, ...]], list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for (of, row_id), held in before.items():
        names = tuple(sorted(set(held) - COUNTED))
        if names:
            alike[of, names].append((row_id, held))
    is_sqlite = db.session.connection().dialect.name == "sqlite"
    for (named, columns), rows in alike.items():
        table = Base.metadata.tables[named]
        write = _sqlite if is_sqlite else _postgresql
        write(table, columns, rows)


def _sqlite(table: Table, columns: Sequence[str], rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    puts = [f"{name} = :{name}" for name in columns] + _counted(table)
    statement = text(f"UPDATE {table.name} SET {', '.join(puts)} WHERE id = :row_id")
    moment = now().strftime("%Y-%m-%d %H:%M:%S.%f")
    given = [{**{name: held[name] for name in columns}, "row_id": row_id, "moment": moment} for row_id, held in rows]
    db.session.connection().execute(statement, given)


def _postgresql(table: Table, columns: Sequence[str], rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    quoted = ", ".join(f'"{name}"' for name in columns)
    taken = ", ".join(f'was."{name}"' for name in columns)
    record = f"jsonb_populate_record(NULL::{table.name}, CAST(:held AS jsonb)) was"
    puts = [f"({quoted}) = ROW({taken})", *_counted(table)]
    statement = text(f"UPDATE {table.name} SET {', '.join(puts)} FROM {record} WHERE {table.name}.id = :row_id")
    given = [{"held": json.dumps(dict(held)), "row_id": row_id, "moment": now()} for row_id, held in rows]
    db.session.connection().execute(statement, given)


def _insert_again(table: Table, held: dict[str, Any]) -> None:
    if db.session.connection().dialect.name == "sqlite":
        statement = f"INSERT INTO {table.name} ({', '.join(held)}) VALUES ({', '.join(f':{name}' for name in held)})"
        db.session.connection().execute(text(statement), held)
        return
    statement = (
        f"INSERT INTO {table.name} SELECT * FROM jsonb_populate_record(NULL::{table.name}, CAST(:held AS jsonb))"
    )
    db.session.connection().execute(text(statement), {"held": json.dumps(held)})


def _counted(table: Table) -> list[str]:
    put = [f"{name} = {table.name}.{name} + 1" for name in sorted(COUNTED - {"updated_at"}) if name in table.c]
    return put + (["updated_at = :moment"] if "updated_at" in table.c else [])


def _refuse_entangled(done: Done) -> None:
    found = Entangled(_changed_since(done), set(_hanging_on(done)))
    if found.changed or found.hanging:
        raise found


def _changed_since(done: Done) -> set[Row]:
    """Rows with a later change of what would be put back, but for changes that were taken back themselves."""
    mine, later = aliased(AuditChange), aliased(AuditChange)
    touched = (
        select(mine.table_name, mine.row_id, func.max(mine.id).label("last"))
        .where(mine.entry_id == done.entry_id)
        .group_by(mine.table_name, mine.row_id)
        .subquery()
    )
    found = db.session.execute(
        select(later.table_name, later.row_id, later.operation, later.old)
        .join(touched, and_(touched.c.table_name == later.table_name, touched.c.row_id == later.row_id))
        .where(later.id > touched.c.last, stands(later))
    )
    return {(table, row_id) for table, row_id, operation, old in found if _matters(done, table, row_id, operation, old)}


def stands(change: Any) -> Any:
    """Whether a change (AuditChange) was neither taken back nor takes another one back."""
    undo = aliased(AuditEntry)
    undone = exists().where(
        or_(undo.undoes_id == change.entry_id, and_(undo.id == change.entry_id, undo.undoes_id > 0))
    )
    return or_(change.entry_id.is_(None), ~undone)


def _matters(done: Done, table: str, row_id: int, operation: str, old: Mapping[str, Any] | None) -> bool:
    changed = set(old or ()) - COUNTED
    if operation != "update":
        return True
    held = done.before.get((table, row_id))
    return bool(changed if held is None else changed & set(held))


def _hanging_on(done: Done) -> Iterator[Row]:
    """Rows of other actions that point at a row that would go."""
    for name, ids in list(done.inserted.items()):
        for table, column in _pointing_at(Base.metadata.tables[name]):
            for some in batches(sorted(ids)):
                pointing = select(table.c.id, column).where(column.in_(some))
                for row_id, _to in db.session.execute(pointing):
                    is_mine = row_id in done.inserted.get(table.name, ())
                    if not is_mine and column.name not in done.before.get((table.name, row_id), {}):
                        yield table.name, row_id


def _pointing_at(table: Table) -> list[tuple[Table, Any]]:
    """The columns that name a row of a table, of tables whose rows have a number."""
    return [
        (other, key.parent)
        for other in Base.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table is table and "id" in other.c
    ]
