"""Selects of the hot pages: compiled once, then handed to the driver as text, so that little is paid but the rows.

They give plain tuples. They run inside the session's transaction like any other statement, except in a request
that only reads: there they have a connection of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

from grid.core.db import db, reader

Processor = Callable[[Any], Any]
# Called with the text of each statement: for tests that count them.
watchers: list[Callable[[str], None]] = []


class Prepared:
    """`_people = Prepared(select(…))`, then `_people.rows(household_id=5)`."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.columns = tuple(str(column.key) for column in statement.selected_columns)
        self._statement = statement
        self._texts: dict[tuple[Any, ...], _Text] = {}

    def row(self, **given: Any) -> tuple[Any, ...] | None:
        found = self.rows(**given)
        return found[0] if found else None

    def rows(self, **given: Any) -> Sequence[tuple[Any, ...]]:
        only_reads = reader.get()
        dialect = (only_reads.engine if only_reads else db.engine).dialect
        # A list in an IN takes as many places in the text as it has members.
        key = (dialect.name, *[len(v) for v in given.values() if type(v) in (tuple, list)])
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _compiled(self._statement, dialect, given)
        for watch in watchers:
            watch(text.sql)
        cursor = only_reads.cursor() if only_reads else db.session.connection().connection.cursor()
        try:
            cursor.execute(text.sql, text.parameters(given))
            found = cursor.fetchall()
            readers = text.readers or text.learn_readers(self._statement, dialect, cursor.description)
        finally:
            cursor.close()
        return _read(found, readers[0]) if readers[0] else found


class _Text(NamedTuple):
    sql: str
    # Names in the order of their question marks; None where the driver takes names.
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    # The names a list's members go by.
    members: Mapping[str, Sequence[str]]
    binders: Sequence[tuple[str, Processor]]
    # One member once known: the columns whose values are turned into Python's, and how.
    readers: list[Sequence[tuple[int, Processor]]]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        values = {**self.constants, **given}
        for name, names in self.members.items():
            values.update(zip(names, values.pop(name), strict=True))
        for name, bind in self.binders:
            values[name] = bind(values[name])
        return values if self.order is None else [values[name] for name in self.order]

    def learn_readers(self, statement: Select[*tuple[Any, ...]], dialect: Dialect, described: Any) -> Any:
        """After the first answer, because PostgreSQL tells only there of what type a column is."""
        found = []
        for at, (column, about) in enumerate(zip(statement.selected_columns, described, strict=True)):
            reader = column.type.dialect_impl(dialect).result_processor(dialect, about[1])
            if reader is not None:
                found.append((at, reader))
        self.readers.append(tuple(found))
        return self.readers


def _compiled(statement: Select[*tuple[Any, ...]], dialect: Dialect, given: Mapping[str, Any]) -> _Text:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    state = compiled.construct_expanded_state(dict(given))
    expanded = state.parameter_expansion
    # A list that stands in the statement itself has its members among the constants.
    members = {name: names for name, names in expanded.items() if name in given}
    asked = {*given, *(name for names in members.values() for name in names)}
    return _Text(
        sql=state.statement,
        order=state.positiontup,
        constants={name: value for name, value in state.parameters.items() if name not in asked},
        members=members,
        binders=tuple(_binders(compiled, dialect, expanded)),
        readers=[],
    )


def _binders(
    compiled: SQLCompiler, dialect: Dialect, members: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Processor]]:
    """How Python's values are turned into the driver's: moments, days, numbers that identify somebody."""
    # A name that stands in a statement twice is one value.
    types = {name: bound.type for bound, name in compiled.bind_names.items()}
    for name, kind in types.items():
        bind = kind.dialect_impl(dialect).bind_processor(dialect)
        if bind is not None:
            yield from ((one, bind) for one in members.get(name, (name,)))


def _read(found: Sequence[Any], readers: Sequence[tuple[int, Processor]]) -> list[tuple[Any, ...]]:
    read = []
    for given in found:
        values = list(given)
        for at, read_one in readers:
            if values[at] is not None:
                values[at] = read_one(values[at])
        read.append(tuple(values))
    return read
