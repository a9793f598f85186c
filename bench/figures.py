"""What is measured: the six pages against raw, their growth, fifty phones, the sheet."""

import random
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text

from bench.asking import PARTIAL, TOKEN, Browser, Request
from bench.sides import Server
from grid.core.db import db

# Our p50 divided by raw's, over HTTP in the same run.
LIMITS = {
    "sqlite": {"search": 2.5, "household": 3.5, "elevation": 2.8, "map": 2.4, "due": 3.0, "visit": 2.5},
    "postgresql": dict.fromkeys(("search", "household", "elevation", "map", "due", "visit"), 4.0),
}
CPU_LIMIT = 4.5
GROWTH_LIMIT = 1.15
SEARCH_P95 = 5.0
WORDS = (
    "王", "李", "明", "华", "芳", "王建", "国", "秀英", "wang", "li", "xiao", "zhang", "ch", "wxm", "zw", "lj",
    "1-1-501", "6-2-1203", "501", "2-701", "第1小区", "3-1", "w", "l", "z",
)  # fmt: skip
TAILS = ("0605", "1234", "8272", "19900000605", "004211", "x")


@dataclass
class Figure:
    name: str
    db: str
    size: str
    value: float
    unit: str
    raw: float | None = None
    ratio: float | None = None
    limit: float | None = None
    ok: bool | None = None

    def line(self) -> str:
        parts = [f"{self.name:<24} {self.db:<10} {self.size}  {self.value:9.3f} {self.unit:<4}"]
        if self.raw is not None:
            parts.append(f"raw {self.raw:8.3f}")
        if self.ratio is not None:
            parts.append(f"ratio {self.ratio:5.2f}")
        if self.limit is not None:
            parts.append(f"limit {self.limit:g}  {'ok' if self.ok else 'MISSED'}")
        return "  ".join(parts)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Targets:
    """What is asked for: the same doors, buildings and words in every size."""

    community: str
    big: str | None
    worker_name: str
    buildings: list[int]
    tall: list[str]
    households: list[str]


def targets() -> Targets:
    """From the loaded database; community 1 and the block of its first worker."""
    found = db.session.connection()
    tall = "SELECT building_id FROM household GROUP BY building_id HAVING count(*) = 136"
    doors = (
        "SELECT h.public_id FROM household h JOIN building b ON b.id = h.building_id "
        "WHERE b.block_id = 1 AND h.n_members = 3 ORDER BY h.id LIMIT 200"
    )
    tall_here = f"SELECT public_id FROM building WHERE block_id = 1 AND id IN ({tall}) ORDER BY id"
    return Targets(
        community=found.scalar(text("SELECT public_id FROM community WHERE id = 1")),
        big=found.scalar(text("SELECT public_id FROM community WHERE id = 2")),
        worker_name=found.scalar(text("SELECT name FROM user_account WHERE id = 1")),
        buildings=list(found.scalars(text("SELECT id FROM building WHERE block_id = 1 ORDER BY id"))),
        tall=list(found.scalars(text(tall_here))),
        households=list(found.scalars(text(doors))),
    )


Make = Callable[[int, str], Request]
Browsers = dict[str, Browser]


def pages(aim: Targets) -> dict[str, tuple[str, Make]]:
    """Per page: who asks, and its n-th request given the CSRF token."""

    def door(n: int) -> str:
        return aim.households[n % len(aim.households)]

    return {
        "search": ("worker", lambda n, token: search(WORDS[n % len(WORDS)], token)),
        "household": ("worker", lambda n, token: Request("GET", f"/households/{door(n)}")),
        "elevation": ("worker", lambda n, token: Request("GET", f"/buildings/{aim.tall[n % len(aim.tall)]}")),
        "map": ("admin", lambda n, token: Request("GET", f"/map/{aim.community}")),
        "due": ("worker", lambda n, token: Request("GET", "/today")),
        "visit": ("worker", lambda n, token: visit(door(n), token)),
    }


def search(words: str, token: str) -> Request:
    return Request("POST", "/find", {"csrf_token": token, "words": words}, PARTIAL)


def visit(door: str, token: str) -> Request:
    fields = {"key": str(uuid.uuid4()), "found": "home", "topics": "details", "kind": "visit", "csrf_token": token}
    return Request("POST", f"/households/{door}/visits", fields)


@dataclass
class Side:
    server: Server
    browsers: dict[str, Browser]
    times: list[float]
    cpu: float = 0.0

    def ask(self, who: str, make: Make, numbers: Sequence[int], expected: tuple[int, ...]) -> None:
        browser = self.browsers[who]
        sent = [make(n, browser.token).encoded(browser.cookie) for n in numbers]
        before = self.server.cpu()
        for one in sent:
            began = time.perf_counter()
            answer = browser.send(one)
            self.times.append(time.perf_counter() - began)
            if answer.status not in expected:
                raise SystemExit(f"bench: {one[:60]!r} answered {answer.status}")
        self.cpu += self.server.cpu() - before

    def p(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def cpu_ms(self) -> float:
        return 1000 * self.cpu / len(self.times)


ROUNDS, ASKED = 12, 25


def side_by_side(sides: Sequence[Side], who: str, make: Make) -> None:
    """The same requests to each side, turn by turn, so that a noisy neighbour disturbs both."""
    for side in sides:
        side.ask(who, make, range(ASKED), (200, 303))
        side.times.clear()
        side.cpu = 0.0
    for turn in range(ROUNDS):
        numbers = range(ASKED * (turn + 1), ASKED * (turn + 2))
        for side in sides if turn % 2 else reversed(sides):
            side.ask(who, make, numbers, (200, 303))


def compared(name: str, engine: str, size: str, ours: Side, raw: Side, who: str, make: Make) -> list[Figure]:
    side_by_side((ours, raw), who, make)
    limit = LIMITS[engine].get(name.split(" ")[0])
    ratio, cpu = ours.p(0.5) / raw.p(0.5), ours.cpu_ms() / raw.cpu_ms()
    return [
        Figure(name, engine, size, ours.p(0.5), "ms", raw.p(0.5), ratio, limit, limit is None or ratio <= limit),
        Figure(f"{name} cpu", engine, size, ours.cpu_ms(), "ms", raw.cpu_ms(), cpu, CPU_LIMIT, cpu <= CPU_LIMIT),
    ]


def search_p95(engine: str, size: str, browser: Browser) -> Figure:
    """All sorts of words, tails of numbers too."""
    times = []
    for n in range(40):
        for words in (*WORDS, *TAILS):
            sent = search(words, browser.token).encoded(browser.cookie)
            began = time.perf_counter()
            browser.send(sent)
            if n:
                times.append((time.perf_counter() - began) * 1000)
    value = statistics.quantiles(times, n=20)[-1]
    limit = SEARCH_P95 if size == "L" else None
    return Figure("search p95", engine, size, value, "ms", limit=limit, ok=None if limit is None else value < limit)


def sheet(engine: str, size: str, browser: Browser, aim: Targets) -> Figure:
    """One household's sheet as PDF, the renderer warm."""
    times = []
    for n in range(16):
        request = Request("POST", f"/households/{aim.households[n]}/sheet", {"csrf_token": browser.token})
        began = time.perf_counter()
        answer = browser.ask(request)
        if answer.status != 200 or not answer.body.startswith(b"%PDF"):
            raise SystemExit(f"bench: the sheet answered {answer.status}")
        times.append((time.perf_counter() - began) * 1000)
    return Figure("sheet", engine, size, statistics.median(times[4:]), "ms")


MIX = (("search", 25), ("household", 30), ("elevation", 15), ("map", 5), ("due", 10), ("visit", 15))


def drawn(seed: int, n: int) -> list[str]:
    return random.Random(seed).choices([name for name, _share in MIX], [share for _name, share in MIX], k=n)


def nobody(port: int, token: str) -> Browser:
    """Asks the raw side: without a cookie, with a token of the same length."""
    browser = Browser(port)
    browser.token = token
    return browser


def refuse_unlike(name: str, ours: Browser, raw: Browser, make: Make) -> None:
    """The baseline must send what we send: the same size within 2 %, and it says when a byte differs."""
    if name == "visit":
        return
    for n in range(6):
        # Raw first: ours writes a line of history that would then stand in the file.
        theirs, mine = raw.ask(make(n, raw.token)).body, ours.ask(make(n, ours.token)).body
        mine = TOKEN.sub(b"", mine)
        theirs = TOKEN.sub(b"", theirs)
        if abs(len(mine) - len(theirs)) > 0.02 * len(mine):
            raise SystemExit(
                f"bench: raw's {name} has {len(theirs)} bytes, ours {len(mine)}: bring bench/raw.py up to date"
            )
        if mine != theirs:
            at = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
            shown = [part[max(0, at - 40) : at + 60].decode(errors="replace") for part in (mine, theirs)]
            print(f"note: raw's {name} differs from ours near {shown[0]!r}, {shown[1]!r}", flush=True)
            return


def big_map(engine: str, size: str, browser: Browser, community: str) -> Figure:
    """The map of 200 buildings."""
    times = []
    sent = Request("GET", f"/map/{community}").encoded(browser.cookie)
    for _n in range(120):
        began = time.perf_counter()
        browser.send(sent)
        times.append((time.perf_counter() - began) * 1000)
    return Figure("map of 200 buildings", engine, size, statistics.median(times[20:]), "ms")


def growth(name: str, engine: str, sides: Sequence[Side], who: str, makes: tuple[Make, Make]) -> Figure:
    for turn in range(-1, ROUNDS):
        for side, make in zip(sides, makes, strict=True):
            side.ask(who, make, range(ASKED * (turn + 1), ASKED * (turn + 2)), (200, 303))
            if turn < 0:
                side.times.clear()
    small, large = (side.p(0.5) for side in sides)
    for side in sides:
        side.times.clear()
    ratio = large / small
    return Figure(f"{name} S→L", engine, "L", large, "ms", small, ratio, GROWTH_LIMIT, ratio <= GROWTH_LIMIT)
