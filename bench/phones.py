"""Many phones at once: each asks, reads for a moment, asks again. Counts errors; tells how long answers took."""

import random
import selectors
import socket
import time
from dataclasses import dataclass, field

from bench.asking import Browser
from bench.figures import Figure, Make, drawn

LIMITS = {50: 20.0, 200: 50.0}
# Seconds between an answer and the next tap, on average. A person takes longer; this is a crowd in a hurry.
READS = 0.25


@dataclass
class Phone:
    sock: socket.socket
    todo: list[bytes]
    next_at: float
    dice: random.Random
    began: float = 0.0
    got: bytes = b""
    waiting: bool = False
    times: list[float] = field(default_factory=list)


def crowd(
    name: str,
    engine: str,
    size: str,
    browsers: dict[str, Browser],
    pages: dict[str, tuple[str, Make]],
    n: int,
    seconds: float,
) -> list[Figure]:
    phones = [_phone(k, browsers, pages, int(seconds / READS * 2) + 10) for k in range(n)]
    errors = _run(phones, seconds)
    times = sorted(t for phone in phones for t in phone.times)
    if not times:
        raise SystemExit("bench: no phone got an answer")
    p95 = times[int(len(times) * 0.95)] * 1000
    limit = LIMITS[n]
    return [
        Figure(f"{name} p95", engine, size, p95, "ms", limit=limit, ok=p95 < limit),
        Figure(f"{name} errors", engine, size, errors, "", limit=0, ok=errors == 0),
        Figure(f"{name} answers/s", engine, size, len(times) / seconds, "1/s"),
    ]


def p95(browsers: dict[str, Browser], pages: dict[str, tuple[str, Make]], n: int, seconds: float) -> float:
    """Milliseconds, of a crowd of `n`."""
    phones = [_phone(k, browsers, pages, int(seconds / READS * 2) + 10) for k in range(n)]
    if _run(phones, seconds):
        raise SystemExit("bench: a phone got an error")
    times = sorted(t for phone in phones for t in phone.times)
    return times[int(len(times) * 0.95)] * 1000


def _phone(k: int, browsers: dict[str, Browser], pages: dict[str, tuple[str, Make]], most: int) -> Phone:
    todo = []
    for at, name in enumerate(drawn(k, most)):
        who, make = pages[name]
        browser = browsers[who]
        todo.append(make(k * 7 + at, browser.token).encoded(browser.cookie))
    sock = socket.create_connection(("127.0.0.1", browsers["worker"].port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setblocking(False)
    dice = random.Random(-k - 1)
    return Phone(sock, todo, time.perf_counter() + dice.random() * READS * 2, dice)


def _run(phones: list[Phone], seconds: float) -> int:
    chooser, errors = selectors.DefaultSelector(), 0
    for phone in phones:
        chooser.register(phone.sock, selectors.EVENT_READ, phone)
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end or any(p.waiting for p in phones):
        if now > end + 30:
            errors += sum(p.waiting for p in phones)
            break
        for phone in phones:
            if not phone.waiting and phone.todo and now >= phone.next_at and now < end:
                phone.began, phone.waiting, phone.got = time.perf_counter(), True, b""
                phone.sock.send(phone.todo.pop())
        due = min((p.next_at for p in phones if not p.waiting), default=now + 0.05)
        for key, _events in chooser.select(timeout=max(0.0, min(due - now, 0.05))):
            errors += _read(key.data)
    for phone in phones:
        phone.sock.close()
    return errors


def _read(phone: Phone) -> int:
    """Take what came; 1 if the answer is a failure."""
    more = phone.sock.recv(262_144)
    phone.got += more
    end = phone.got.find(b"\r\n\r\n")
    if more and end < 0:
        return 0
    head = phone.got[:end].lower()
    at = head.find(b"content-length: ")
    length = int(head[at + 16 : at + 26].split(b"\r")[0]) if at >= 0 else 0
    if more and len(phone.got) < end + 4 + length:
        return 0
    done = time.perf_counter()
    phone.times.append(done - phone.began)
    phone.waiting = False
    phone.next_at = done + phone.dice.expovariate(1 / READS)
    return 0 if more and phone.got[9:12] in (b"200", b"303") else 1
