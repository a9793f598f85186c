"""A table as every reader gives it: sheets of rows, kept packed so that a long file fits into little memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from grid.exchange.packing import Packed

MOST_ROWS = 150_000
MOST_COLUMNS = 200
MOST_CELLS = 6_000_000
MOST_FILLED = 1_000_000
# Excel itself takes no more in a cell.
LONGEST_CELL = 32_767

# Number from 1, cells, hidden.
Plain = tuple[int, tuple[Any, ...], bool]


class Unreadable(Exception):
    """The file can't be read; the text is a sentence for the person who brought it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a person counts them, from 1."""

    number: int
    cells: tuple[Any, ...]
    hidden: bool = False
    # Somebody chose not to import it; it still tells where the rows under it live.
    left_out: bool = False

    @property
    def without_cells(self) -> "Row":
        """What is kept of a row once its cells are read."""
        return Row(self.number, (), self.hidden)


@dataclass(frozen=True)
class Merged:
    """A cell merged downwards: its column from 0, its first and last row."""

    column: int
    top: int
    bottom: int


class Rows(Sequence[Row]):
    """All rows from the first to the last filled one, packed: they are read again and again from there.
    100,000 rows of 29 cells take 15 MB instead of 250."""

    def __init__(self, plain: Iterable[Plain] = (), left_out: frozenset[int] = frozenset()) -> None:
        self._plain = plain if isinstance(plain, Packed) else Packed(plain)
        self._left_out = left_out

    def leaving_out(self, numbers: Iterable[int]) -> "Rows":
        """The same rows, those with the numbers marked."""
        return Rows(self._plain, frozenset(numbers))

    def plain(self) -> Iterator[Plain]:
        """Number, cells, hidden of each row."""
        return iter(self._plain)

    def starting(self, index: int) -> Iterator[Row]:
        return map(self._row, self._plain.starting(index))

    def _row(self, one: Plain) -> Row:
        return Row(*one, one[0] in self._left_out)

    def __len__(self) -> int:
        return len(self._plain)

    def __iter__(self) -> Iterator[Row]:
        return self.starting(0)

    @overload
    def __getitem__(self, wanted: int) -> Row: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Row]: ...
    def __getitem__(self, wanted: int | slice) -> Row | list[Row]:
        if isinstance(wanted, int):
            return self._row(self._plain[wanted])
        return [self._row(one) for one in self._plain[wanted]]


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: Rows = field(default_factory=Rows)
    hidden: bool = False


class TooMuchMerged(Exception):
    """Merged cells would fill more cells than any roster has."""


def filled(rows: Iterable[Plain], merged: Iterable[Merged]) -> Iterator[Plain]:
    """A cell merged downwards holds for all its rows; one merged sideways is a title and stays one cell."""
    begun: dict[int, list[Merged]] = defaultdict(list)
    for one in merged:
        begun[one.top].append(one)
    going: dict[int, tuple[int, Any]] = {}
    cells_added = 0
    for number, cells, hidden in rows:
        going = {column: held for column, held in going.items() if held[0] >= number}
        if going:
            cells_added += len(going)
            if cells_added > MOST_FILLED:
                raise TooMuchMerged
            cells = _with(cells, going)
        for one in begun.pop(number, ()):
            value = cells[one.column] if one.column < len(cells) else None
            if value is not None:
                going[one.column] = (one.bottom, value)
        yield number, cells, hidden


def _with(cells: tuple[Any, ...], held: dict[int, tuple[int, Any]]) -> tuple[Any, ...]:
    wider = list(cells) + [None] * (max(held) + 1 - len(cells))
    for column, (_bottom, value) in held.items():
        wider[column] = value
    return tuple(wider)


def numbered(rows: Iterable[Sequence[Any]]) -> Iterator[Plain]:
    """Rows without their empty ends, counted from 1."""
    for number, values in enumerate(rows, 1):
        yield number, trimmed(values), False


def trimmed(values: Sequence[Any]) -> tuple[Any, ...]:
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return tuple(values[:end])


def letter(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
