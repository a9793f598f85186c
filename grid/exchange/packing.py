"""A long list that takes little memory: packed some at a time, unpacked as it is gone through."""

import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

PACK = 500

T = TypeVar("T")


class Packed(Sequence[T], Generic[T]):
    """Grows at its end only; what comes out is a copy of what went in."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._packs: list[bytes] = []
        self._open: list[T] = []
        self.extend(items)

    def extend(self, items: Iterable[T]) -> None:
        for item in items:
            self.append(item)

    def append(self, item: T) -> None:
        self._open.append(item)
        if len(self._open) == PACK:
            self._packs.append(zlib.compress(pickle.dumps(self._open, 5), 1))
            self._open = []

    def starting(self, index: int) -> Iterator[T]:
        """From the index on, one pack at a time."""
        for at in range(index // PACK, len(self._packs)):
            yield from pickle.loads(zlib.decompress(self._packs[at]))[max(0, index - at * PACK) :]
        yield from self._open[max(0, index - len(self._packs) * PACK) :]

    def __len__(self) -> int:
        return len(self._packs) * PACK + len(self._open)

    def __iter__(self) -> Iterator[T]:
        return self.starting(0)

    @overload
    def __getitem__(self, wanted: int) -> T: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[T]: ...
    def __getitem__(self, wanted: int | slice) -> T | list[T]:
        if isinstance(wanted, int):
            return next(self.starting(range(len(self))[wanted]))
        start, stop, step = wanted.indices(len(self))
        return list(islice(self.starting(start), 0, max(0, stop - start), step))
