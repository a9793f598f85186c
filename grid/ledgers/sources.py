"""What ledgers are made from: a source is SQL over one kind of row, whose rows a reader may see, and its columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Scope
from grid.core.i18n import gettext as _
from grid.core.periods import Period
from grid.ledgers.columns import Cell, Column
from grid.register.models import Block, Building


@dataclass(frozen=True)
class Reader:
    """Who reads, as far as it decides what a ledger shows."""

    user_id: int
    role: str
    scope: Scope

    @property
    def is_administrator(self) -> bool:
        return self.role == "administrator"


Condition = Callable[[Reader], Any]
# Rows that no one statement gives, by the keys of their columns: of a reader, a community, a period, as of a day.
WorkedOut = Callable[[Reader, int, Period, date], Iterable[Mapping[str, Cell]]]


@dataclass(frozen=True)
class Narrowing:
    """What rows are narrowed to by something that is no column of theirs: a state as of today, whose they are, where.

    `test` makes the condition from who reads, what is wanted and the day. `choices` are those of a community that a
    scope reaches; where there are none, words are asked.
    """

    key: str
    label: str
    test: Callable[[Reader, str, date], Any]
    choices: Callable[[int, Scope], Sequence[tuple[str, str]]] | None = None
    longest: int = 50

    @property
    def asked(self) -> str:
        """among (some of the choices) or words, as of a column."""
        return "among" if self.choices else "words"

    def condition(self, reader: Reader, wanted: Any, day: date) -> Any:
        if self.choices is None:
            return self.test(reader, wanted, day)
        return or_(*(self.test(reader, one, day) for one in wanted))


def chosen(*words: tuple[str, str]) -> Callable[[int, Scope], Sequence[tuple[str, str]]]:
    """Choices that are the same everywhere."""
    return lambda _community_id, _scope: [(value, _(label)) for value, label in words]


@dataclass(frozen=True)
class Source:
    """`rows` joins; `key` is the row's id; `covers` the rows a reader may see; `at` the day or moment of a period.

    Sources that are read `by_building` go up the stairs of one building after the other.
    """

    key: str
    label: str
    rows: Any
    id: Any
    community: Any
    covers: Condition
    columns: tuple[Column, ...]
    order: tuple[Any, ...]
    at: Any = None
    at_is_moment: bool = True
    building: Any = None
    # Shown only to readers who said why, and never offered for a committee's own ledgers.
    restricted: bool = False
    # What the rows can be narrowed to beside their columns.
    narrowings: tuple[Narrowing, ...] = ()
    # Instead of SQL.
    worked_out: WorkedOut | None = None

    @cached_property
    def by_key(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def asks(self) -> Mapping[str, Column | Narrowing]:
        """All that can be asked of its rows."""
        beside: dict[str, Column | Narrowing] = {one.key: one for one in self.narrowings}
        return {**beside, **self.by_key}


def lies_in(community: Any, building: Any) -> Condition:
    """Rows of a door or a building."""
    return lambda reader: reader.scope.covers(community, building)


def whole(community: Any) -> Condition:
    """Rows of a whole community, which carry nobody's private data."""
    return lambda reader: community.in_(reader.scope.seen_communities)


def of_block(community: Any, block: Any) -> Condition:
    """Rows of a block, for whoever has all of it; those of the whole community for whoever has that."""

    def condition(reader: Reader) -> Any:
        one = aliased(Block)
        mine, there = Building.id.in_(reader.scope.buildings), Building.block_id == one.id
        wholly = select(one.id).where(exists().where(there, mine), ~exists().where(there, ~mine))
        return community.in_(reader.scope.communities) | block.in_(wholly)

    return condition
