"""Pages of a long list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

SIZE = 50
# Nobody turns so far; what counts rows in the database could not count further.
FURTHEST = 100_000
Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of items; `total` counts all of them."""

    items: tuple[Item, ...]
    number: int
    total: int
    size: int = SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def before(self) -> int | None:
        return min(self.number - 1, self.last) if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


def offset(number: int, size: int = SIZE) -> int:
    """How many rows lie before page `number` (from 1)."""
    return (min(max(1, number), FURTHEST) - 1) * size
