"""A real server, a real Chromium, and people who are logged in; every page is watched while it is used."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from grid.documents.fonts import fonts_conf

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "test-results" / "pictures"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
LOOKS = {"phone": PHONE, "desk": DESK}
# The one-word logins of the demo community's cast.
LOGINS = {"administrator": "admin", "grid_worker": "wang", "building_head": "lou", "street_viewer": "jiedao"}
# What a browser notes of every refusal, and the driver where a test wants no service worker.
STATUS_NOTE = re.compile(
    r"Failed to load resource: the server responded with a status of (4\d\d|503)|Service Worker registration blocked"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A busy machine may hold a browser up for longer than anybody waits; what is broken fails twice."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if os.environ.get("CI"):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Debian's Chromium, without its own traffic. Where it is missing, say so; in CI that is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        words = "NOT TESTED: no Chromium is installed, so nothing was tried in a browser (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--lang=zh-CN",
    ]
    # A machine without Chinese fonts shows the paper's: words have their width, and pictures can be read.
    fonts = {"FONTCONFIG_FILE": str(fonts_conf(tmp_path_factory.mktemp("fonts")))}
    return {"executable_path": found, "args": flags, "env": {**os.environ, **fonts}}


@dataclass(frozen=True)
class Site:
    """A running server, its accounts (login → password) and a look into its database."""

    url: str
    instance: Path
    accounts: list[dict[str, str]]

    def account(self, role: str) -> dict[str, str]:
        return next(a for a in self.accounts if a["role"] == role and a["login"].startswith(LOGINS[role]))

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.instance / 'yihu.db'}?mode=ro", uri=True) as connection:
            return connection.execute(sql, given).fetchall()

    def visits(self, household: str) -> int:
        """How many visits to a household are stored."""
        sql = "SELECT count(*) FROM visit JOIN household h ON h.id = household_id WHERE h.public_id = ?"
        return int(self.rows(sql, household)[0][0])

    def doors(self, login: str, wanted: str = "1 = 1") -> list[str]:
        """Public ids of the doors in the block of a worker, in the order one would climb."""
        sql = f"""SELECT h.public_id FROM household h JOIN building b ON b.id = h.building_id
            JOIN patch p ON p.block_id = b.block_id JOIN user_account u ON u.id = p.user_id
            WHERE u.login = ? AND p.duty = 'in_charge' AND h.n_members > 1 AND {wanted} ORDER BY h.id"""
        return [row[0] for row in self.rows(sql, login)]


@pytest.fixture(scope="session")
def site(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    instance = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GRID_", "DATABASE_URL"))}
    with (instance / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.serving", str(port), str(instance)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(server, url, instance)
        yield Site(url, instance, json.loads((instance / "demo-accounts.json").read_text()))
    finally:
        server.terminate()
        server.wait(10)


def wait_until_ready(server: subprocess.Popen[bytes], url: str, instance: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if server.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail("the server did not come up:\n" + (instance / "log").read_text()[-3000:])


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], site: Site) -> dict[str, Any]:
    """Without a service worker: what is asked for goes where the test can see it. test_offline.py lets it in."""
    here = {"base_url": site.url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "service_workers": "block"}
    return {**browser_context_args, **here}


@dataclass
class Watch:
    """What went wrong behind the page: script errors, refused content, anything fetched from elsewhere."""

    host: str
    trouble: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.trouble.append(f"script error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # The browser notes every 4xx answer; the tests that provoke one look at its page.
        if message.type in ("error", "warning") and not STATUS_NOTE.match(message.text):
            self.trouble.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.trouble.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.trouble.append(f"{response.status} {response.url}")


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    watching = Watch(urlsplit(site.url).netloc)
    yield watching
    assert watching.trouble == []


@pytest.fixture(scope="session")
def cookies() -> dict[str, Any]:
    """Sessions by login: a password is typed once per account and run."""
    return {}


Visit = Callable[..., Page]


@pytest.fixture
def stranger(new_context: Any, watch: Watch) -> Visit:
    """`stranger(PHONE)` → a page of somebody who has not logged in."""

    def come(look: dict[str, Any] = DESK, **options: Any) -> Page:
        context = new_context(**look, **options)
        watch.over(context)
        context.set_default_timeout(30_000)
        return context.new_page()

    return come


@pytest.fixture
def visitor(site: Site, stranger: Visit, cookies: dict[str, Any]) -> Visit:
    """`visitor("grid_worker", PHONE)` → a page of that role's account, logged in, still blank."""

    def come(role: str = "grid_worker", look: dict[str, Any] = DESK, **options: Any) -> Page:
        account = site.account(role)
        if account["login"] not in cookies:
            page = stranger()
            log_in(page, account)
            cookies[account["login"]] = page.context.storage_state()
            page.context.close()
        return stranger(look, storage_state=cookies[account["login"]], **options)

    return come


def log_in(page: Page, account: dict[str, str]) -> None:
    page.goto("/login")
    page.get_by_label("账号").fill(account["login"])
    page.get_by_label("密码").fill(account["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep the page as a picture, to be looked at; nobody looks where CI runs."""
    if os.environ.get("CI"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or {"width": 0})["width"]
    page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=whole, animations="disabled")


def in_the_middle(page: Page) -> Locator:
    """The building drawn nearest to the middle of what is seen of the map."""
    expect(page.get_by_role("button", name="放大")).to_be_visible()
    nearest = """links => {
      if (!links.length) throw new Error("no building on the map");
      const middle = (e) => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
      const [x, y] = middle(document.querySelector(".stage"));
      const far = links.map((a) => Math.hypot(middle(a)[0] - x, middle(a)[1] - y));
      return far.indexOf(Math.min(...far));
    }"""
    links = page.locator("#map .houses a")
    return links.nth(links.evaluate_all(nearest))
