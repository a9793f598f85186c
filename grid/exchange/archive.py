"""The archive of a whole community (档案包): which rows go along, and what its manifest says.

The format for other systems: docs/interchange.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Column, ColumnElement, Connection, Table, and_, or_, select, union

from grid.accounts.models import AuditChange, AuditEntry, User
from grid.core.db import Base
from grid.register.models import Community, Household, Person

FORMAT = 1
KIND = "yihu-community"
MANIFEST = "manifest.json"

# Tables that stay where they are, and why.
LEFT_OUT = {
    "login_session": "Who is logged in here is logged in nowhere else.",
    "failed_login": "The limiter of this install.",
    "personal_link": "A way in without a password: an administrator gives a new one.",
    "receipt": "Answers to the outboxes of phones that log in here.",
    "phone": "What those phones last said of their outboxes.",
    "search_key": "Made anew from the rows, with the key of the install.",
    "print_job": "Batches on their way; the print log goes.",
    "print_part": "Their sheets, gone after a day.",
    "edition": "Hashes with the key of this install: nobody else could compare with them.",
}
# Columns that no archive holds: nobody's password leaves, and a keyed hash is made anew with the other key.
UNTOLD = frozenset((("user_account", "password_hash"), ("person", "id_hash")))
# Numbers of rows in columns that are no foreign keys, by the table they number.
SOFT = {
    ("audit_entry", "community_id"): "community",
    ("audit_entry", "household_id"): "household",
    ("audit_entry", "person_id"): "person",
    ("audit_entry", "undoes_id"): "audit_entry",
    ("audit_entry", "part_of_id"): "audit_entry",
    ("audit_change", "entry_id"): "audit_entry",
    ("person", "merged_into_id"): "person",
}


@dataclass(frozen=True)
class Content:
    """What stands in an archive, as its manifest says."""

    community: str
    made_at: str
    revision: str
    # Rows by table, in the order in which they can be inserted.
    rows: dict[str, int]
    photos: int = 0
    # Pictures that rows name and nobody has any more.
    missing: int = 0

    @property
    def n_rows(self) -> int:
        return sum(self.rows.values())


@cache
def tables() -> list[Table]:
    """Those whose rows go, each after the ones it points at."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


@cache
def columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if (table.name, column.name) not in UNTOLD]


@cache
def numbers(table: Table, column: Column[Any]) -> str | None:
    """The table whose rows a column numbers, or None."""
    if column.name == "id":
        return table.name
    for key in column.foreign_keys:
        return str(key.column.table.name)
    return SOFT.get((table.name, column.name))


def table_named(name: str) -> Table | None:
    """One whose rows go."""
    return None if name in LEFT_OUT else Base.metadata.tables.get(name)


def member(table: str) -> str:
    return f"tables/{table}.jsonl"


def revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def belongs(table: Table, community_id: int) -> ColumnElement[bool]:
    """The condition under which a row goes along with a community."""
    if table is Community.__table__:
        return table.c.id == community_id
    if table is User.__table__:
        return table.c.id.in_(union(*_named_accounts(community_id)))
    if table is AuditEntry.__table__:
        return _told(community_id)
    if table is AuditChange.__table__:
        return _changed(community_id)
    if "community_id" in table.c:
        return table.c.community_id == community_id
    return or_(*_hanging(table, community_id))


def _hanging(table: Table, community_id: int) -> Iterator[ColumnElement[bool]]:
    for column in table.c:
        for key in column.foreign_keys:
            if "community_id" in (parent := key.column.table).c:
                yield column.in_(select(key.column).where(parent.c.community_id == community_id))


def _named_accounts(community_id: int) -> Iterator[Any]:
    """Everybody with a patch here or named by a row of the community: who did what must stay readable."""
    for table in tables():
        for column in table.c:
            if any(key.column.table is User.__table__ for key in column.foreign_keys):
                yield select(column).where(belongs(table, community_id))
    of_accounts = AuditChange.table_name == User.__tablename__
    yield select(AuditChange.row_id).where(of_accounts, _changed(community_id))


def _told(community_id: int) -> ColumnElement[bool]:
    """Lines of the log about the community, or about a door or person of it."""
    doors = select(Household.id).where(Household.community_id == community_id)
    people = select(Person.id).where(Person.community_id == community_id)
    of_it = or_(AuditEntry.household_id.in_(doors), AuditEntry.person_id.in_(people))
    return or_(AuditEntry.community_id == community_id, and_(AuditEntry.community_id.is_(None), of_it))


def _changed(community_id: int) -> ColumnElement[bool]:
    """What was changed below those lines; rows that stay here leave their past here."""
    entries = select(AuditEntry.id).where(_told(community_id))
    return and_(AuditChange.entry_id.in_(entries), AuditChange.table_name.not_in(LEFT_OUT))


def with_pictures() -> Sequence[Table]:
    return [table for table in tables() if "sha256" in table.c]
