"""The audit log: one entry per action, and triggers that write old → new of every row below it.

ORM events miss bulk and Core statements; triggers see every write, whoever makes it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, Table, insert, inspect, literal, select, text

from grid.accounts.models import AuditEntry, Me
from grid.core.clock import now
from grid.core.db import Base, db, row, small_write

# Derived or technical tables whose writes tell nothing about anybody's doing.
UNWATCHED = frozenset(
    {
        "audit_entry",
        "audit_change",
        "login_session",
        "failed_login",
        "receipt",
        "phone",
        # The sheets themselves, and the print log's own lines: `print` and `print_job` are watched.
        "print_part",
        "edition",
        # Its words must be gone when it expires: the entries say who did what when, not what was reported.
        "visitor_report",
        "search_key",
        "alembic_version",
    }
)
# Summaries follow from other rows and are not worth a line; a password's hash must not be told.
UNTOLD = frozenset(
    {
        "n_members",
        "n_tags",
        "n_open",
        "last_visit_on",
        "home_hours",
        "completeness",
        # A tag's own fields go with it when its days of retention are over; the log never lets go.
        "attrs",
        "updated_at",
        # What a batch is waiting for.
        "message",
        "password_hash",
        "token_hash",
    }
)


@dataclass
class Line:
    """The open audit entry; an action may add what it learns on the way."""

    id: int


@contextmanager
def entry(
    actor: Me | None,
    action: str,
    *,
    community_id: int | None = None,
    household_id: int | None = None,
    person_id: int | None = None,
    words: str = "",
    undoes_id: int | None = None,
) -> Iterator[Line]:
    """One action: a transaction with one audit entry, committed at the end or rolled back whole.

    `undoes_id` is the entry that this one takes back.
    Inside an open entry it joins that one: an import of a thousand moves is one action.
    """
    outer = db.session.info.get("audit_line")
    if outer is not None:
        yield outer
        return
    try:
        written = row(
            _line,
            at=now(),
            actor_id=actor.id if actor else None,
            action=action,
            community_id=community_id,
            household_id=household_id,
            person_id=person_id,
            words=words,
            undoes_id=undoes_id,
        )
        assert written
        line = Line(int(written[0]))
        db.session.info["audit_line"] = line
        _tell_triggers(line.id)
        yield line
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop("audit_line", None)


def also_about(household_id: int, person_id: int | None = None) -> None:
    """Inside an open entry: what is being done is told in another door's history too."""
    line = db.session.info["audit_line"]
    about = {"household_id": household_id, "person_id": person_id}
    same = (AuditEntry.at, AuditEntry.actor_id, AuditEntry.action, AuditEntry.community_id, AuditEntry.words)
    written = select(*same, *(literal(id_, Integer) for id_ in about.values()), AuditEntry.id).where(
        AuditEntry.id == line.id
    )
    db.session.execute(insert(AuditEntry).from_select([*(c.key for c in same), *about, "part_of_id"], written))


def _tell_triggers(entry_id: int) -> None:
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.info["entry"] = entry_id
    else:
        connection.execute(_set_entry, {"id": str(entry_id)})


_set_entry = text("SELECT set_config('grid.entry', :id, true)")


def note_readings(readings: list[dict[str, object]]) -> None:
    """Write down what was looked at, before the answer leaves. Each: action, actor_id, ids, words."""
    if not readings:
        return
    at = now()
    with small_write() as connection:
        connection.execute(_note, [{**EMPTY, **reading, "at": at} for reading in readings])


EMPTY: dict[str, object] = {"community_id": None, "household_id": None, "person_id": None, "words": ""}
_note = insert(AuditEntry)
_line = _note.returning(AuditEntry.id)


def watched() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in UNWATCHED]


def install_triggers(connection: Connection) -> None:
    """(Re)make all triggers for the tables that exist: after every migration, and after a bulk load."""
    there = set(inspect(connection).get_table_names())
    remove_triggers(connection)
    if "audit_change" not in there:
        return
    for statement in _statements(connection.dialect.name, [t for t in watched() if t.name in there]):
        connection.exec_driver_sql(statement)


def remove_triggers(connection: Connection) -> None:
    """Only for migrations and benchmark loads."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit\\_%' ESCAPE '\\'"
        )
        for (name,) in found.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    found = connection.exec_driver_sql(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'audit_%%' AND NOT tgisinternal"
    )
    for name, table in found.all():
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def _statements(dialect: str, tables: list[Table]) -> Iterator[str]:
    if dialect == "sqlite":
        for table in tables:
            yield from _sqlite(table)
        for log in ("audit_entry", "audit_change"):
            for verb in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER audit_keep_{log}_{verb.lower()} BEFORE {verb} ON {log} "
                    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
                )
        return
    yield _PG_FUNCTION
    yield _PG_KEEP
    for table in tables:
        yield (
            f"CREATE TRIGGER audit_{table.name} AFTER INSERT OR UPDATE OR DELETE ON {table.name} "
            "FOR EACH ROW EXECUTE FUNCTION grid_audit()"
        )
    for log in ("audit_entry", "audit_change"):
        yield (
            f"CREATE TRIGGER audit_keep_{log} BEFORE UPDATE OR DELETE ON {log} "
            "FOR EACH ROW EXECUTE FUNCTION grid_audit_keep()"
        )


def _sqlite(table: Table) -> Iterator[str]:
    columns = [c.name for c in table.columns if c.name not in UNTOLD and c.name != "id"]
    differ = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    old = _object("OLD", columns, changed=True)
    new = _object("NEW", columns, changed=True)
    whole_new, whole_old = _object("NEW", columns), _object("OLD", columns)
    head = (
        "INSERT INTO audit_change (entry_id, at, table_name, row_id, operation, old, new) "
        "VALUES (current_entry(), strftime('%Y-%m-%d %H:%M:%f000', 'now'), "
    )
    name = table.name
    yield (
        f"CREATE TRIGGER audit_{name}_insert AFTER INSERT ON {name} "
        f"BEGIN {head} '{name}', NEW.id, 'insert', NULL, {whole_new}); END"
    )
    yield (
        f"CREATE TRIGGER audit_{name}_update AFTER UPDATE ON {name} WHEN {differ} "
        f"BEGIN {head} '{name}', NEW.id, 'update', {old}, {new}); END"
    )
    yield (
        f"CREATE TRIGGER audit_{name}_delete AFTER DELETE ON {name} "
        f"BEGIN {head} '{name}', OLD.id, 'delete', {whole_old}, NULL); END"
    )


def _object(side: str, columns: list[str], changed: bool = False) -> str:
    """A JSON object of a row's columns: those that differ, or (whole rows) those that are filled."""
    parts = []
    for c in columns:
        wanted = f"OLD.{c} IS NOT NEW.{c}" if changed else f"{side}.{c} IS NOT NULL"
        parts.append(f"SELECT '{c}' k, {side}.{c} v WHERE {wanted}")
    # Compound selects stop at 500 terms; our widest table has far fewer columns.
    return f"(SELECT json_group_object(k, v) FROM ({' UNION ALL '.join(parts)}))"


_untold = ", ".join(f"'{name}'" for name in sorted(UNTOLD | {"id"}))

_PG_FUNCTION = f"""
CREATE OR REPLACE FUNCTION grid_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - ARRAY[{_untold}] END;
  is_ jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - ARRAY[{_untold}] END;
  old_ jsonb; new_ jsonb; the_id bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF was = is_ THEN RETURN NULL; END IF;
    SELECT jsonb_object_agg(k, was -> k), jsonb_object_agg(k, is_ -> k) INTO old_, new_
      FROM jsonb_object_keys(is_) k WHERE was -> k IS DISTINCT FROM is_ -> k;
  ELSE
    old_ := jsonb_strip_nulls(was); new_ := jsonb_strip_nulls(is_);
  END IF;
  the_id := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
  INSERT INTO audit_change (entry_id, at, table_name, row_id, operation, old, new)
  VALUES (nullif(current_setting('grid.entry', true), '')::int, clock_timestamp(), TG_TABLE_NAME,
          the_id, lower(TG_OP), old_, new_);
  RETURN NULL;
END $$
"""

_PG_KEEP = """
CREATE OR REPLACE FUNCTION grid_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
