"""What a phone says of its outbox, and what the server makes of it."""

from dataclasses import dataclass
from datetime import datetime

STATES = ("waiting", "delivered", "returned", "clash", "login")
UNSENT = frozenset(STATES) - {"delivered"}


@dataclass(frozen=True)
class Counted:
    """One entry as the phone knows it."""

    key: str
    state: str
    label: str
    made_at: datetime


@dataclass(frozen=True)
class Reckoning:
    """对账: every entry that one phone keeps, at most eight days old; `hash` as the phone computed it."""

    device: str
    name: str
    entries: tuple[Counted, ...]
    hash: str

    def count(self, *states: str) -> int:
        return sum(entry.state in states for entry in self.entries)


@dataclass(frozen=True)
class Verdict:
    """`held`: keys of the phone's that the server has; the other two name what only one side has as stored."""

    held: tuple[str, ...]
    only_phone: tuple[str, ...]
    only_server: tuple[str, ...]
    hash: str

    @property
    def agree(self) -> bool:
        return not self.only_phone and not self.only_server
