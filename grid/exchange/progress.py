"""How far an import is and what it understood: told by whoever reads or writes rows, heard by whoever shows it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from grid.exchange.lines import SheetRead

READING, COMPARING, WRITING = "reading", "comparing", "writing"


@dataclass
class Work:
    """What one import is at: the `n`th of `of` rows; `of` is 0 where nobody knows yet."""

    hear: Callable[["Work"], None] = lambda work: None
    phase: str = READING
    n: int = 0
    of: int = 0
    sheets: list[SheetRead] = field(default_factory=list)


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def heard(work: Work) -> Iterator[Work]:
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)


def present() -> Work:
    """The work that is heard, else one that nobody hears."""
    return _work.get() or Work()


def begin(phase: str, of: int = 0) -> None:
    work = _work.get()
    if work is not None:
        work.phase, work.n, work.of = phase, 0, of
        work.hear(work)


def tell(n: int = 1) -> None:
    """So many rows more."""
    work = _work.get()
    if work is not None:
        work.n += n
        work.hear(work)


def understood(sheet: SheetRead) -> None:
    work = _work.get()
    if work is not None:
        work.sheets.append(sheet)
