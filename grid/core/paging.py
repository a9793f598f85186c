"""Pages of a long list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

SIZE = 50
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


def offset(number: int, size: int = SIZE) -> int:
    """How many rows lie before page `number` (from 1)."""
    return (max(1, number) - 1) * size
