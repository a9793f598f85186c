"""Puts the archive of a community into an install without one: all of it in one transaction, or nothing.

Numbers of rows stay as they are. Where the install has accounts and a log already, those of the archive are counted
on from there.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from grid.accounts import audit
from grid.accounts.actions import PatchEntry, hand_out_patch
from grid.accounts.models import AuditChange, Me, User
from grid.accounts.passwords import hash_password
from grid.core.clock import today
from grid.core.db import batches, db
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.exchange.archive import Content, columns, numbers, revision, table_named, tables
from grid.exchange.archive_checking import Archive, open_archive
from grid.exchange.archive_values import History, Unfit, id_hash, read
from grid.exchange.workbooks import Unreadable
from grid.register import finding
from grid.register.models import Community, Household
from grid.register.summaries import refresh_members
from grid.visits import album
from grid.visits.pictures import Picture
from grid.visits.summaries import refresh_visits

AT_ONCE = 1000

Row = dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """What came in; logins that somebody here had already, as they are now."""

    content: Content
    community_id: int
    renamed: tuple[str, ...] = ()


def import_community(actor: Me | None, path: Path, passphrase: str, instance: Path) -> Imported:
    """Unreadable where the file is at fault, Refused where this install is; then nothing was written."""
    _refuse_where_somebody_is()
    with open_archive(path, passphrase, revision(db.session.connection())) as archive:
        kept: list[Picture] = []
        try:
            return _load(actor, archive, instance, kept)
        except BaseException as error:
            db.session.rollback()
            album.forget(instance, [picture.sha256 for picture in kept])
            if isinstance(error, IntegrityError | DataError):
                raise _unfit("") from error
            raise


def _refuse_where_somebody_is() -> None:
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE community IN EXCLUSIVE MODE"))
    if db.session.scalar(select(Community.id).limit(1)) is not None:
        raise Refused(_("这套系统里已经有社区了。档案包只能导入空的系统，没有写入。"))


def _load(actor: Me | None, archive: Archive, instance: Path, kept: list[Picture]) -> Imported:
    """Without a line of history per row: the archive brings its own."""
    connection = db.session.connection()
    audit.remove_triggers(connection)
    before = list(db.session.scalars(select(User.id).where(User.role == "administrator", User.is_active)))
    loading = _Loading(connection)
    for table in tables():
        loading.fill(table, archive)
    community_id = loading.community_id
    if community_id is None:
        raise _unfit("community")
    _keep_photos(archive, instance, kept)
    _make_anew(community_id)
    loading.count_on()
    audit.install_triggers(connection)
    with audit.entry(actor, "import_community", community_id=community_id, words=archive.content.community):
        for user_id in before:
            hand_out_patch(actor, PatchEntry(user_id=user_id, community_id=community_id, from_on=today()))
    return Imported(archive.content, community_id, tuple(loading.renamed))


class _Loading:
    """Rows on their way from the archive into the tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._history = History(connection.dialect.name)
        self._begin = {table.name: _last(connection, table) for table in tables()}
        # One for all: what nobody knows opens nothing, and takes as long to check as any other.
        self._password = hash_password(secrets.token_urlsafe(32))
        self._logins = set(connection.scalars(select(User.login)))
        self.renamed: list[str] = []
        self.community_id: int | None = None

    def fill(self, table: Table, archive: Archive) -> None:
        if not archive.content.rows[table.name]:
            return
        statement = insert(_plain(table))
        rows = (self._row(table, row) for row in archive.lines(table.name))
        while some := list(islice(rows, AT_ONCE)):
            self._connection.execute(statement, some)

    def _row(self, table: Table, given: Row) -> Row:
        allowed = {column.name for column in columns(table)}
        if odd := sorted(given.keys() - allowed):
            raise _odd_column(table, odd[0])
        row = {c.name: self._value(table, c, given.get(c.name), c.name in given) for c in columns(table)}
        added: Row = _ADDED.get(table.name, _Loading._of_the_one)(self, row)
        return added

    def _value(self, table: Table, column: Column[Any], value: Any, is_there: bool) -> Any:
        if not is_there:
            return _left_empty(table, column)
        try:
            found = read(column, value)
        except Unfit:
            raise _unfit(f"{table.name}.{column.name}") from None
        target = numbers(table, column)
        return found + self._begin[target] if target and isinstance(found, int) else found

    def _of_the_one(self, row: Row) -> Row:
        if "community_id" in row and row["community_id"] != self.community_id:
            raise Unreadable(_("档案包里混有别的社区的内容，没有导入。"))
        return row

    def _community(self, row: Row) -> Row:
        if self.community_id is not None:
            raise Unreadable(_("档案包里混有别的社区的内容，没有导入。"))
        self.community_id = row["id"]
        return row

    def _account(self, row: Row) -> Row:
        login = row["login"]
        if login in self._logins:
            row["login"] = next(other for n in count(2) if (other := f"{login[:36]}{n}") not in self._logins)
            self.renamed.append(row["login"])
        self._logins.add(row["login"])
        return {**row, "password_hash": self._password}

    def _person(self, row: Row) -> Row:
        return {**self._of_the_one(row), "id_hash": id_hash(row["id_no"])}

    def _entry(self, row: Row) -> Row:
        return row if row["community_id"] is None else self._of_the_one(row)

    def _change(self, row: Row) -> Row:
        table = table_named(row["table_name"])
        if table is None:
            return row
        row["row_id"] += self._begin[table.name]
        for side in ("old", "new"):
            if isinstance(row[side], dict):
                row[side] = self._past(table, row[side])
        return row

    def _past(self, table: Table, values: Row) -> Row | None:
        try:
            return self._history.into(table, self._numbered(table, values))
        except Unfit:
            raise _unfit("audit_change") from None

    def _numbered(self, table: Table, values: Mapping[str, Any]) -> Row:
        found = dict(values)
        for name, value in values.items():
            target = numbers(table, table.c[name]) if name in table.c else None
            if target and type(value) is int:
                found[name] = value + self._begin[target]
        return found

    def count_on(self) -> None:
        """PostgreSQL hands out the next number by itself only where it handed out the last."""
        if self._connection.dialect.name != "postgresql":
            return
        for table in tables():
            if last := _last(self._connection, table):
                sequence = func.pg_get_serial_sequence(table.name, "id")
                self._connection.execute(select(func.setval(sequence, last)))


_ADDED: dict[str, Any] = {
    "community": _Loading._community,
    "user_account": _Loading._account,
    "person": _Loading._person,
    "audit_entry": _Loading._entry,
    "audit_change": _Loading._change,
}


def _last(connection: Connection, table: Table) -> int:
    """The highest number a row has, or that the log knows one by: nothing new inherits the past of something gone."""
    row = connection.scalar(select(func.max(table.c.id))) or 0
    told = connection.scalar(select(func.max(AuditChange.row_id)).where(AuditChange.table_name == table.name)) or 0
    return int(max(row, told))


def _plain(table: Table) -> Table:
    """The same table without defaults of its own: an empty column stays empty, JSON's null is told from it."""
    made = [Column(c.name, JSON(none_as_null=True) if isinstance(c.type, JSON) else c.type) for c in table.c]
    return Table(table.name, MetaData(), *made)


def _left_empty(table: Table, column: Column[Any]) -> Any:
    """Also what an older version did not have yet."""
    if column.nullable:
        return None
    default = column.default
    if default is not None and default.is_scalar:
        return default.arg  # type: ignore[attr-defined]
    raise _unfit(f"{table.name}.{column.name}")


def _unfit(what: str) -> Unreadable:
    return Unreadable(_("档案包里的内容对不上（%(what)s），没有导入。", what=what or _("编号")))


def _odd_column(table: Table, name: str) -> Unreadable:
    return Unreadable(_("档案包里有不认得的内容（%(what)s），没有导入。", what=f"{table.name}.{name}"[:80]))


def _keep_photos(archive: Archive, instance: Path, kept: list[Picture]) -> None:
    """Before the rows that name them are committed; those that were not there go again if they never are."""
    for jpeg in archive.photos():
        picture = Picture(jpeg, 0, 0)
        if not album.path_of(instance, picture.sha256).exists():
            kept.append(picture)
        album.keep(instance, picture)


def _make_anew(community_id: int) -> None:
    refresh_members(community_id=community_id)
    refresh_visits(community_id=community_id)
    doors = list(db.session.scalars(select(Household.id).where(Household.community_id == community_id)))
    for some in batches(doors, AT_ONCE):
        finding.index_households(some, community_id=community_id)
