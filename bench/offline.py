"""A household opened on a phone whose server is gone: from the tap to the page, in Chromium."""

import shutil
import statistics
import time
from pathlib import Path

from bench.figures import Figure
from bench.load import PASSWORD
from bench.sides import Server

LIMIT = 300.0
OPENED = 25
PACKED = """async () => Boolean(
  await yihu.get('pack') && await yihu.get('stocked') && navigator.serviceWorker.controller)"""


def figures(engine: str, size: str, url: str, folder: Path, doors: list[str]) -> list[Figure]:
    """Nothing where there is no Chromium: it is needed for this figure alone."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("household offline: not measured, no Chromium (apt-get install chromium)")
        return []
    from playwright.sync_api import sync_playwright

    server = Server("ours", url, folder)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(
            base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 390, "height": 844}, locale="zh-CN"
        )
        page.goto("/login")
        page.get_by_label("账号").fill("worker1")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/today")
        while not page.evaluate(PACKED):
            page.wait_for_timeout(200)
        server.stop()
        times = []
        for door in doors[: OPENED + 3]:
            began = time.perf_counter()
            page.goto(f"/households/{door}", wait_until="commit")
            page.locator("main h1").wait_for()
            page.get_by_role("button", name="记走访").wait_for()
            times.append((time.perf_counter() - began) * 1000)
        browser.close()
    # The first few warm the browser up.
    p50, p95 = statistics.median(times[3:]), sorted(times[3:])[int(0.95 * OPENED) - 1]
    return [
        Figure("household offline p50", engine, size, p50, "ms", limit=LIMIT, ok=p50 < LIMIT),
        Figure("household offline p95", engine, size, p95, "ms", limit=LIMIT, ok=p95 < LIMIT),
    ]
