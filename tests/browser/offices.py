"""A server of a test's own that can really be killed and started again, and what a phone keeps, read from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import ROOT, Site, wait_until_ready


@dataclass
class Office:
    """One instance on one port; `kill` leaves no time to say goodbye."""

    instance: Path
    port: int = 0
    server: subprocess.Popen[bytes] | None = None
    sessions: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def site(self) -> Site:
        return Site(self.url, self.instance, json.loads((self.instance / "demo-accounts.json").read_text()))

    def start(self) -> None:
        if self.server:
            return
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GRID_", "DATABASE_URL"))}
        with (self.instance / "log").open("a") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.serving", str(self.port), str(self.instance)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_until_ready(self.server, self.url, self.instance)

    def kill(self) -> None:
        if self.server:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait(10)
            self.server = None


KEPT = """async () => (await yihu.outbox.all()).map(
  ({ files, page, ...entry }) => ({ ...entry, files: files.length }))"""
PACKED = (
    """async () => Boolean(await yihu.get("pack") && await yihu.get("stocked") && navigator.serviceWorker.controller)"""
)


def entries(page: Page) -> list[dict[str, Any]]:
    """What lies in the phone's outbox, in its order."""
    found: list[dict[str, Any]] = page.evaluate(KEPT)
    return found


def states(page: Page) -> list[str]:
    return [entry["state"] for entry in entries(page)]


def until(page: Page, script: str, given: Any = None, seconds: float = 40) -> None:
    """Ask again and again; a driver's own waiting takes a promise for an answer."""
    end, found = time.monotonic() + seconds, _ask(page, script, given)
    while found is not True:
        assert time.monotonic() < end, f"{found} on {page.url}: {script}"
        page.wait_for_timeout(100)
        found = _ask(page, script, given)


def _ask(page: Page, script: str, given: Any) -> object:
    try:
        return page.evaluate(script, given)
    except Error as on_its_way:
        # The page is on its way to another one.
        return on_its_way


def pack_up(page: Page) -> None:
    """The morning's first look at Today, with a signal: afterwards the patch is in the phone."""
    page.goto("/today")
    until(page, PACKED)


def delivered(page: Page, n: int) -> None:
    """Everything that was saved has arrived: n entries."""
    until(page, "async (n) => (await yihu.outbox.all()).filter((e) => e.state === 'delivered').length === n", n)


def fill_in(page: Page, door: str, found: str = "无人", words: str = "") -> None:
    page.goto(f"/households/{door}/visits/new")
    page.locator("label", has_text=found).first.click()
    if words:
        page.locator("details summary").first.click()
        page.get_by_label("情况记录").fill(words)


def save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()


def record(page: Page, door: str, found: str = "无人", words: str = "") -> None:
    """A visit, to the moment when the page says that it lies in the phone."""
    fill_in(page, door, found, words)
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
