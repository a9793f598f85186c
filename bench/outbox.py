"""A phone reduced to its outbox, by the rules of docs/phone.md: entries in order, kept until their key comes back."""

import random
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.asking import Answer
from bench.line import whole


@dataclass
class Entry:
    """What one form says; `frozen` is its body once it was tried."""

    url: str
    fields: dict[str, str]
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    frozen: bytes = b""


@dataclass
class Phone:
    """`log_in` gives a cookie; `port` is where the line listens."""

    owner: str
    port: int
    log_in: Callable[[], str]
    entries: list[Entry]
    seed: int
    delivered: list[str] = field(default_factory=list)
    returned: list[tuple[str, int]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    cookie: str = ""

    def __post_init__(self) -> None:
        self.device, self.dice = f"phone-{uuid.uuid4()}"[:36], random.Random(self.seed)

    def empty(self) -> None:
        """Send everything, one after the other, however often it takes."""
        while self.entries:
            self._settle(self.entries[0])

    def _settle(self, entry: Entry) -> None:
        if not entry.frozen:
            entry.frozen = urlencode({**entry.fields, "key": entry.key}).encode()
        answer = self._send(entry)
        verdict = said(answer, entry.key)
        self.seen[verdict] += 1
        if verdict == "delivered":
            self.delivered.append(entry.key)
            self.entries.pop(0)
        elif verdict == "returned":
            assert answer
            self.returned.append((entry.key, answer.status))
            self.entries.pop(0)
        elif verdict == "login":
            self.cookie = self.log_in()
        else:
            time.sleep(self.dice.uniform(0.01, 0.15))

    def _send(self, entry: Entry) -> Answer | None:
        if not self.cookie:
            self.cookie = self.log_in()
        head = (
            f"POST {entry.url} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {self.cookie}\r\nOutbox-Key: {entry.key}\r\nOutbox-Owner: {self.owner}\r\n"
            f"Outbox-Device: {self.device}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(entry.frozen)}\r\n\r\n"
        )
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
                line.sendall(head.encode() + entry.frozen)
                got = whole(line)
        except OSError:
            return None
        end = got.find(b"\r\n\r\n")
        return Answer(int(got[9:12]), got[:end], got[end + 4 :]) if end > 0 and got[9:12].isdigit() else None


def said(answer: Answer | None, key: str) -> str:
    """What an answer says about an entry: the table of docs/phone.md."""
    if answer is None or answer.header("Outbox-Key") != key:
        return "nothing"
    if answer.status in (200, 201) and answer.header("Receipt-Key") == key:
        return "delivered"
    if answer.status == 401:
        return "login"
    if 400 <= answer.status < 500 and answer.status not in (423, 429):
        return "returned"
    return "nothing"
