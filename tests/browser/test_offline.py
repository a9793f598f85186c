"""A worker without a signal: what is tapped is written down first, sent afterwards, never lost, never doubled.

The server is really killed and the browser too; what counts is what stands in the database in the end.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect

from tests.browser import line as lines
from tests.browser.conftest import DESK, PHONE, Site, log_in, picture
from tests.browser.line import Line
from tests.browser.offices import (
    Office,
    delivered,
    entries,
    fill_in,
    pack_up,
    record,
    save,
    states,
    until,
)


@pytest.fixture(scope="module")
def module_office(
    browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    office.start()
    yield office
    office.kill()


@pytest.fixture
def office(module_office: Office) -> Office:
    """Open, whatever the test before did to it."""
    module_office.start()
    return module_office


@pytest.fixture
def line(office: Office) -> Iterator[Line]:
    between = Line(office.port)
    yield between
    between.close()


@pytest.fixture
def site(office: Office) -> Site:
    return office.site


@pytest.fixture(scope="module")
def climb(module_office: Office) -> Iterator[str]:
    return cycle(module_office.site.doors("wang"))


@pytest.fixture
def doors(climb: Iterator[str]) -> Iterator[str]:
    """Doors of wang's: first those no other test has touched, then the first again, as when a test has a second try."""
    return climb


Phone = Callable[..., Page]


@pytest.fixture
def phone(office: Office, browser: Browser) -> Iterator[Phone]:
    """`phone("wang")` → a page of somebody who is logged in, on a phone with a service worker."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def take(login: str = "wang", url: str = "", **options: Any) -> Page:
        given = {"base_url": url or office.url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **PHONE, **options}
        context = browser.new_context(**given)
        contexts.append(context)
        context.set_default_timeout(40_000)
        context.on("weberror", lambda error: trouble.append(str(error.error)))
        page = context.new_page()
        come_in(page, office, login)
        return page

    yield take
    for context in contexts:
        context.close()
    assert trouble == [], "a script failed"


def come_in(page: Page, office: Office, login: str) -> None:
    log_in(page, next(a for a in office.site.accounts if a["login"] == login))


def receipts(site: Site, keys: list[str]) -> int:
    marks = ",".join("?" * len(keys))
    return int(site.rows(f"SELECT count(*) FROM receipt WHERE key IN ({marks})", *keys)[0][0])


def photo(width: int = 2400, height: int = 1800) -> bytes:
    kept = BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(kept, "JPEG", quality=90)
    return kept.getvalue()


def test_a_morning_without_a_signal(
    office: Office, site: Site, phone: Phone, doors: Iterator[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """(a), (m): nine visits, an edit and a photo while the server is dead; then everything once."""
    page = phone()
    pack_up(page)
    home = [next(doors) for _ in range(10)]
    building = site.rows(
        "SELECT b.public_id FROM household h JOIN building b ON b.id = building_id WHERE h.public_id = ?", home[0]
    )[0][0]
    before = {door: site.visits(door) for door in home}
    pictures = photos(site, home[1])
    office.kill()

    page.goto("/today")
    expect(page.get_by_role("status").filter(has_text="离线 · 资料是")).to_be_visible()
    picture(page, "91-offline-today")
    page.locator(f"main a[href='/buildings/{building}']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("楼盘表")
    picture(page, "91-offline-building")
    page.locator(f"table.doors a[href='/households/{home[0]}']").click()
    expect(page.get_by_role("button", name="记走访")).to_be_visible()
    picture(page, "91-offline-household")
    times = [offline_door(page, door) for door in home]
    with capsys.disabled():
        sys.stdout.write(f"\na household opens offline in {sorted(times)[5]:.0f} ms, at most {max(times):.0f} ms\n")
    assert max(times) < 1500

    record(page, home[0], "在家", "离线记的\n第二行")
    picture(page, "91-offline-recorded")
    fill_in(page, home[1])
    picture(page, "91-offline-visit")
    choose_photo(page)
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    for door in home[2:9]:
        record(page, door)
    page.goto(f"/households/{home[9]}/edit")
    picture(page, "91-offline-edit")
    page.get_by_label("备注").fill("没有信号时改的。")
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    assert states(page) == ["waiting"] * 10
    expect(page.locator(".rail .count")).to_contain_text("10")
    page.goto("/m/outbox")
    expect(page.locator("[data-entry]")).to_have_count(10)
    expect(page.locator("#balance")).to_contain_text("本机 0 · 服务器（离线） · 待发 10")
    picture(page, "91-offline-outbox", whole=True)
    keys = [entry["id"] for entry in entries(page)]

    office.start()
    page.get_by_role("button", name="现在发送").click()

    delivered(page, 10)
    expect(page.locator("#balance")).to_contain_text("本机 10 = 服务器 10")
    expect(page.locator(".rail .count")).to_have_count(0)
    picture(page, "91-agreed", whole=True)
    assert {door: site.visits(door) - before[door] for door in home[:9]} == dict.fromkeys(home[:9], 1)
    assert receipts(site, keys) == 10
    assert site.rows("SELECT note FROM household WHERE public_id = ?", home[9]) == [("没有信号时改的。",)]
    sent = (
        "SELECT v.content FROM visit v JOIN household h ON h.id = household_id WHERE h.public_id = ? ORDER BY v.id DESC"
    )
    assert site.rows(sent, home[0])[0] == ("离线记的\n第二行",)
    assert photos(site, home[1]) == pictures + 1
    assert all(not entry["fields"] and not entry["files"] for entry in entries(page)), "the words stayed in the phone"


def offline_door(page: Page, door: str) -> float:
    begun = time.monotonic()
    page.goto(f"/households/{door}", wait_until="commit")
    page.get_by_role("button", name="记走访").wait_for()
    return (time.monotonic() - begun) * 1000


def choose_photo(page: Page) -> None:
    page.locator("details summary").first.click()
    page.locator("input[type=file]").set_input_files({"name": "门口.jpg", "mimeType": "image/jpeg", "buffer": photo()})


def photos(site: Site, door: str) -> int:
    sql = """SELECT count(*) FROM visit_photo p JOIN visit v ON v.id = p.visit_id
        JOIN household h ON h.id = v.household_id WHERE h.public_id = ?"""
    return int(site.rows(sql, door)[0][0])


def test_a_photo_is_made_small_before_it_is_kept(office: Office, phone: Phone, doors: Iterator[str]) -> None:
    page = phone()
    fill_in(page, next(doors))
    choose_photo(page)
    office.kill()
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()

    size = page.evaluate(
        """async () => {
          const [{ files: [{ blob, type }] }] = await yihu.outbox.all();
          const picture = await createImageBitmap(blob);
          return [picture.width, picture.height, type];
        }"""
    )

    assert size == [1280, 960, "image/jpeg"]


class Chromium:
    """A browser whose process is known, on a profile that stays on the disk, as on a phone."""

    def __init__(self, playwright: Playwright, folder: Path, url: str) -> None:
        self.playwright, self.folder, self.url = playwright, folder, url
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> Page:
        told = self.folder / "DevToolsActivePort"
        for name in (told, self.folder / "SingletonLock"):
            name.unlink(missing_ok=True)
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert found
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run"]
        self.process = subprocess.Popen(
            [found, *flags, "--lang=zh-CN", "--accept-lang=zh-CN", f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(300):
            if told.exists() and told.read_text().strip():
                break
            time.sleep(0.1)
        browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{told.read_text().split()[0]}")
        page = browser.contexts[0].new_page()
        page.set_default_timeout(40_000)
        goto = page.goto
        page.goto = lambda path, **options: goto(self.url + path, **options)  # type: ignore[method-assign]
        return page

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


@pytest.fixture
def chromium(playwright: Playwright, tmp_path: Path, line: Line) -> Iterator[Chromium]:
    browser = Chromium(playwright, tmp_path, line.url)
    yield browser
    browser.kill()


def test_the_browser_is_killed_between_the_tap_and_the_network(
    office: Office, site: Site, line: Line, chromium: Chromium, doors: Iterator[str]
) -> None:
    """(b): the entry is there when it is started again, and arrives once."""
    door = next(doors)
    before = site.visits(door)
    line.on_post = lines.never_arrive
    page = chromium.begin()
    come_in(page, office, "wang")
    # A profile of its own lies on the disk, and a busy machine makes its first database slowly.
    until(page, "async () => Boolean(await yihu.open())", seconds=60)
    fill_in(page, door, "在家", "杀掉之前写的")
    save(page)
    until(page, "async () => (await yihu.outbox.all()).length === 1")
    chromium.kill()
    assert site.visits(door) == before

    line.on_post = None
    page = chromium.begin()
    page.goto("/me")
    if "/login" in page.url:
        come_in(page, office, "wang")
    delivered(page, 1)

    assert site.visits(door) == before + 1


def test_the_login_ends_while_entries_wait(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """(c): they ask for a login and go after it."""
    page = phone()
    pack_up(page)
    door = next(doors)
    before = site.visits(door)
    office.kill()
    record(page, door)
    office.start()
    page.context.clear_cookies()

    page.goto("/m/outbox")

    page.wait_for_url("**/login**")
    come_in(page, office, "wang")
    delivered(page, 1)
    assert site.visits(door) == before + 1


def test_the_login_ended_before_saving(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    page = phone(service_workers="block")
    door = next(doors)
    before = site.visits(door)
    fill_in(page, door)
    page.context.clear_cookies()

    save(page)

    page.wait_for_url("**/login**")
    assert site.visits(door) == before
    come_in_here(page, site, "wang")
    page.wait_for_url(f"**/households/{door}")
    delivered(page, 1)
    assert site.visits(door) == before + 1


def come_in_here(page: Page, site: Site, login: str) -> None:
    """Log in on the page one was sent to."""
    account = next(a for a in site.accounts if a["login"] == login)
    page.get_by_label("账号").fill(account["login"])
    page.get_by_label("密码").fill(account["password"])
    page.get_by_role("button", name="登录").click()


def test_a_session_that_is_over_does_not_count_as_sent(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """401 in the background: the entry stays, and says what it waits for."""
    page = phone(service_workers="block")
    door = next(doors)
    before = site.visits(door)
    fill_in(page, door)
    office.kill()
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    office.start()
    page.context.clear_cookies()

    page.get_by_role("button", name="现在发送").click()

    page.wait_for_url("**/login**")
    assert site.visits(door) == before
    come_in_here(page, site, "wang")
    page.wait_for_url("**/m/outbox")
    delivered(page, 1)
    assert site.visits(door) == before + 1


def test_another_person_takes_the_phone(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """(d): what one made is kept, named and not sent, until that person is back."""
    page = phone("wang")
    pack_up(page)
    door = next(doors)
    before = site.visits(door)
    office.kill()
    record(page, door, "在家", "只有王秀兰该看到的话")
    page.goto("about:blank")
    office.start()
    page.context.clear_cookies()
    posts: list[str] = []
    page.context.on("request", lambda request: posts.append(request.url) if is_a_visit(request) else None)

    come_in(page, office, "li")
    page.goto("/m/outbox")

    mine = page.locator("[data-entry]")
    expect(mine).to_contain_text("王秀兰")
    expect(mine).not_to_contain_text("走访")
    expect(page.get_by_text("只有王秀兰该看到的话")).to_have_count(0)
    expect(page.locator(".rail .count")).to_contain_text("1")
    picture(page, "92-of-another", whole=True)
    page.wait_for_timeout(1500)
    assert states(page) == ["waiting"] and entries(page)[0]["owner_name"] == "王秀兰"
    assert site.visits(door) == before and posts == [], "an entry was sent for somebody else"
    assert page.evaluate("async () => (await yihu.get('pack'))?.user ?? null") != entries(page)[0]["owner"]

    page.context.clear_cookies()
    come_in(page, office, "wang")
    delivered(page, 1)
    assert site.visits(door) == before + 1


def test_a_page_of_one_with_the_session_of_another(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """A page left open while somebody else logged in: the server refuses to take it for theirs."""
    page = phone("wang", service_workers="block")
    door = next(doors)
    before = site.visits(door)
    fill_in(page, door)
    other = page.context.new_page()
    page.context.clear_cookies()
    come_in(other, office, "li")

    save(page)

    expect(page.get_by_text("现在登录的是别人")).to_be_visible()
    assert site.visits(door) == before and states(page) == ["waiting"]


def test_the_answer_is_lost_twice(office: Office, site: Site, line: Line, phone: Phone, doors: Iterator[str]) -> None:
    """(e): stored at the first sending, acknowledged at the third."""
    page = phone("wang", url=line.url)
    door = next(doors)
    before = site.visits(door)
    fill_in(page, door)
    left = [2]

    def lose_two(exchange: lines.Exchange) -> None:
        left[0] -= 1
        (lines.lose_the_answer if left[0] >= 0 else lines.Exchange.pass_on)(exchange)

    line.on_post = lose_two

    save(page)
    until(page, "async () => (await yihu.outbox.all())[0].tries >= 1")
    until(
        page,
        "async () => ((await yihu.outbox.send({ now: true })), (await yihu.outbox.all())[0].state === 'delivered')",
    )

    assert line.posts(f"/households/{door}/visits") == 3
    assert site.visits(door) == before + 1


def test_a_portal_that_says_all_is_well(
    office: Office, site: Site, line: Line, phone: Phone, doors: Iterator[str]
) -> None:
    """(f): 200 from somebody else's page is no receipt."""
    page = phone("wang", url=line.url, service_workers="block")
    door = next(doors)
    before = site.visits(door)
    fill_in(page, door)
    line.portal = True

    save(page)

    expect(page.get_by_text("不用再填")).to_be_visible()
    expect(page.get_by_text("无线网可能要先登录")).to_be_visible()
    assert states(page) == ["waiting"] and site.visits(door) == before
    picture(page, "93-portal")
    line.portal = False
    page.get_by_role("button", name="现在发送").click()
    page.wait_for_url("**?done=visit")
    delivered(page, 1)
    assert site.visits(door) == before + 1


def test_two_tabs(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """(g): both have something to send, and both begin at the same moment."""
    one = phone()
    pack_up(one)
    two = one.context.new_page()
    home = [next(doors) for _ in range(6)]
    before = {door: site.visits(door) for door in home}
    office.kill()
    for tab, mine in ((one, home[:3]), (two, home[3:])):
        for door in mine:
            record(tab, door)
    office.start()
    posts: list[str] = []
    one.context.on("request", lambda r: posts.append(r.url) if is_a_visit(r) else None)

    for tab in (one, two):
        tab.evaluate("void yihu.outbox.send({ now: true })")

    delivered(one, 6)
    assert {door: site.visits(door) - before[door] for door in home} == dict.fromkeys(home, 1)
    assert len(posts) == 6, "the tabs sent the same entries"


def is_a_visit(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/visits")


def test_refused_in_the_background_then_mended(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """(h): it comes back with the reason and every word; mended it goes under a new key."""
    page = phone()
    pack_up(page)
    door = next(doors)
    before = site.visits(door)
    office.kill()
    # A field that browsers do not check and the server does.
    fill_in(page, door, "在家", "长" * 2001)
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    key = entries(page)[0]["id"]
    office.start()
    page.goto("/m/outbox")
    entry = page.locator("[data-entry]")
    expect(entry).to_have_attribute("data-state", "returned")
    expect(entry).to_contain_text("情况记录：太长了，最多 2000 个字")
    picture(page, "94-returned", whole=True)
    page.set_viewport_size(DESK["viewport"])
    picture(page, "94-returned", whole=True)
    page.set_viewport_size(PHONE["viewport"])

    entry.get_by_role("button", name="改", exact=True).click()
    expect(page.get_by_label("情况记录")).to_have_value("长" * 2001)
    picture(page, "94-mend", whole=True)
    page.get_by_label("情况记录").fill("短一点。")
    save(page)

    page.wait_for_url("**/m/outbox")
    delivered(page, 1)
    assert [e["id"] == key for e in entries(page)] == [False]
    assert site.visits(door) == before + 1


def test_a_returned_entry_can_be_printed_and_withdrawn(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    page = phone()
    pack_up(page)
    door = next(doors)
    office.kill()
    record(page, door, "在家", "要打印的话")
    page.goto("/m/outbox")
    page.evaluate("void (window.print = () => { window.printed = document.getElementById('slip').textContent; })")

    entry = page.locator("[data-entry]")
    entry.locator("summary").click()
    entry.get_by_role("button", name="打印").click()
    assert "要打印的话" in page.evaluate("window.printed")
    entry.get_by_role("button", name="撤回").click()
    expect(entry.get_by_text("服务器可能已经收到")).to_be_visible()
    picture(page, "94-withdraw", whole=True)
    entry.get_by_role("button", name="确定撤回").click()

    expect(page.locator("[data-entry]")).to_have_count(0)
    assert entries(page) == []


def test_one_door_edited_twice_without_a_signal(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """The second begins with the words of the first and does not clash with it."""
    page, door = phone(), next(doors)
    pack_up(page)
    office.kill()
    page.goto(f"/households/{door}/edit")
    page.get_by_label("备注").fill("先写的。")
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    page.goto(f"/households/{door}/edit")
    expect(page.get_by_label("备注")).to_have_value("先写的。")
    page.get_by_label("户型").fill("五室")
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()

    office.start()
    page.goto("/m/outbox")

    delivered(page, 2)
    assert site.rows("SELECT note, layout FROM household WHERE public_id = ?", door) == [("先写的。", "五室")]


def test_two_people_changed_one_file_meanwhile(office: Office, site: Site, phone: Phone, doors: Iterator[str]) -> None:
    """(i): both sides are shown, the choice goes as an entry of its own, the clash is gone."""
    page = phone()
    pack_up(page)
    door = next(doors)
    office.kill()
    page.goto(f"/households/{door}/edit")
    page.get_by_label("备注").fill("我在楼道里写的。")
    page.get_by_label("户型").fill("五室")
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    page.goto("about:blank")
    office.start()
    desk = phone("admin", **DESK, device_scale_factor=1, has_touch=False, is_mobile=False, service_workers="block")
    desk.goto(f"/households/{door}/edit")
    desk.get_by_label("备注").fill("办公室写的。")
    save(desk)
    expect(desk.get_by_role("status").filter(has_text="已保存")).to_be_visible()

    page.goto("/m/outbox")
    entry = page.locator("[data-entry]")
    expect(entry).to_have_attribute("data-state", "clash")
    entry.get_by_role("button", name="看两边").click()
    expect(page.get_by_text("办公室写的。")).to_be_visible()
    picture(page, "95-clash", whole=True)
    page.get_by_role("radio", name="我在楼道里写的。").check()
    page.get_by_role("button", name="按选好的保存").click()

    page.wait_for_url("**/m/outbox")
    delivered(page, 1)
    assert states(page) == ["delivered"]
    sql = "SELECT note, layout FROM household WHERE public_id = ?"
    assert site.rows(sql, door) == [("我在楼道里写的。", "五室")]


def test_plain_http_queues_and_delivers_too(
    office: Office, site: Site, browser_type: Any, browser_type_launch_args: dict[str, Any], doors: Iterator[str]
) -> None:
    """(j): no service worker, no locks, no randomUUID there."""
    args = [*browser_type_launch_args["args"], "--host-resolver-rules=MAP yihu.test 127.0.0.1"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": args})
    try:
        context = browser.new_context(
            base_url=f"http://yihu.test:{office.port}", locale="zh-CN", timezone_id="Asia/Shanghai", **PHONE
        )
        page = context.new_page()
        page.set_default_timeout(40_000)
        come_in(page, office, "wang")
        assert page.evaluate("[isSecureContext, 'serviceWorker' in navigator, Boolean(navigator.locks)]") == [
            False,
            False,
            False,
        ]
        first, second = next(doors), next(doors)
        before = [site.visits(first), site.visits(second)]
        fill_in(page, first)
        office.kill()

        save(page)

        expect(page.get_by_text("不用再填")).to_be_visible()
        picture(page, "96-plain-http")
        assert states(page) == ["waiting"]
        office.start()
        page.get_by_role("button", name="现在发送").click()
        page.wait_for_url("**?done=visit")
        fill_in(page, second)
        save(page)
        page.wait_for_url("**?done=visit")
        assert states(page) == ["delivered"] * 2
        assert [site.visits(first), site.visits(second)] == [before[0] + 1, before[1] + 1]
        page.goto("/m/phone")
        expect(page.locator("#checks")).to_contain_text("用的是 http")
        picture(page, "96-phone", whole=True)
    finally:
        browser.close()


def test_leaving_is_refused_while_anything_is_unsent_and_then_wipes_the_phone(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """(k)"""
    page = phone()
    pack_up(page)
    office.kill()
    record(page, next(doors))
    office.start()
    page.evaluate(
        """async () => {
          const [{ id }] = await yihu.outbox.all();
          await yihu.outbox.change(id, (entry) => Object.assign(entry, { owner: "somebody", owner_name: "李志强" }));
        }"""
    )
    page.goto("/me")

    page.get_by_role("button", name="退出登录").click()

    refusal = page.get_by_role("alert").filter(has_text="还有 1 条没有送达（李志强）")
    expect(refusal.get_by_role("link", name="待发与对账")).to_be_visible()
    picture(page, "97-leaving-refused", whole=True)
    assert "/me" in page.url and len(entries(page)) == 1
    page.evaluate("async () => { for (const e of await yihu.outbox.all()) await yihu.outbox.remove(e.id); }")

    page.get_by_role("button", name="退出登录").click()

    page.wait_for_url("**/login")
    expect(page.get_by_label("密码")).to_be_visible()
    left = page.evaluate(
        """async () => [(await indexedDB.databases()).length, (await caches.keys()).length,
          (await navigator.serviceWorker.getRegistrations()).length, sessionStorage.length]"""
    )
    assert left == [0, 0, 0, 0]


def test_without_a_signal_one_stays_logged_in(office: Office, phone: Phone) -> None:
    page = phone()
    pack_up(page)
    page.goto("/me")
    office.kill()

    page.get_by_role("button", name="退出登录").click()

    expect(page.get_by_role("alert").filter(has_text="暂时退不出")).to_be_visible()
    assert page.evaluate("async () => Boolean(await yihu.get('pack'))")


def test_words_not_saved_are_offered_and_never_put_back_unasked(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """(l)"""
    page = phone()
    door = next(doors)
    fill_in(page, door, "在家", "写了一半的")
    until(page, "async () => (await (await yihu.open()).count('drafts')) === 1")

    page.goto("/today")
    page.goto(f"/households/{door}/visits/new")

    offer = page.locator(".draft")
    expect(offer).to_contain_text(re.compile("上次没写完（\\d\\d:\\d\\d）"))
    picture(page, "98-draft")
    expect(page.get_by_role("radio", name="在家")).not_to_be_checked()
    offer.get_by_role("button", name="接着写").click()
    expect(page.get_by_role("radio", name="在家")).to_be_checked()
    expect(page.get_by_label("情况记录")).to_have_value("写了一半的")
    save(page)
    page.wait_for_url("**?done=visit")
    page.goto(f"/households/{door}/visits/new")
    page.wait_for_timeout(300)
    expect(page.locator(".draft")).to_have_count(0)


def test_a_draft_one_does_not_want_is_gone(phone: Phone, doors: Iterator[str]) -> None:
    page = phone()
    door = next(doors)
    fill_in(page, door, "在家", "不要的")
    until(page, "async () => (await (await yihu.open()).count('drafts')) === 1")
    page.goto(f"/households/{door}/visits/new")

    page.locator(".draft").get_by_role("button", name="不要了").click()

    expect(page.locator(".draft")).to_have_count(0)
    until(page, "async () => (await (await yihu.open()).count('drafts')) === 0")


def test_refused_while_one_looks_on_the_form_comes_back(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """As it was before there was an outbox: the errors on the form, and nothing left behind in the list."""
    page = phone()
    door = next(doors)
    before = site.visits(door), photos(site, door)
    fill_in(page, door, "在家", "长" * 2001)
    choose_photo_again(page)

    save(page)

    expect(page.get_by_role("alert")).to_contain_text("处要改")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("情况记录")).to_have_value("长" * 2001)
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 1
    assert entries(page) == []
    page.get_by_label("情况记录").fill("短的。")
    save(page)
    page.wait_for_url("**?done=visit")
    assert (site.visits(door), photos(site, door)) == (before[0] + 1, before[1] + 1)


def choose_photo_again(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "门口.jpg", "mimeType": "image/jpeg", "buffer": photo(400, 300)}
    )


def test_a_page_that_is_not_in_the_phone_says_so(office: Office, phone: Phone) -> None:
    page = phone()
    pack_up(page)
    office.kill()

    page.goto("/map")

    expect(page.get_by_text("这一页没有带在手机里")).to_be_visible()
    page.locator("main").get_by_role("button", name="今天").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今天")
    picture(page, "99-not-in-the-phone")


def test_what_this_phone_can_do(office: Office, phone: Phone) -> None:
    page = phone()
    pack_up(page)

    page.goto("/m/phone")

    for words in ("https", "页面已经带在手机里", "可以存在手机里", "132 户"):
        expect(page.locator("#checks")).to_contain_text(words)
    picture(page, "90-phone", whole=True)
    page.set_viewport_size(DESK["viewport"])
    picture(page, "90-phone", whole=True)


def test_where_nothing_can_be_kept_the_form_goes_the_ordinary_way(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    page = phone(service_workers="block")
    door = next(doors)
    before = site.visits(door)
    page.context.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('private', 'SecurityError'); };"
    )
    fill_in(page, door)

    save(page)

    page.wait_for_url("**?done=visit")
    assert site.visits(door) == before + 1


def head_of(office: Office) -> str:
    return next(a["login"] for a in office.site.accounts if a["role"] == "building_head")


def report_in_three_taps(page: Page, button: str) -> None:
    page.goto("/report")
    page.get_by_role("button", name=button).tap()
    page.locator("label.room:has(input[name=door]):not(.unknown)").first.tap()
    page.get_by_role("button", name="送出").tap()


def test_a_building_head_reports_without_a_signal(office: Office, site: Site, phone: Phone) -> None:
    """What was sent before lies in the phone as a page; it must not be taken for what is sent now."""
    page = phone(head_of(office))
    until(page, "async () => Boolean(await yihu.get('stocked') && navigator.serviceWorker.controller)")
    before = len(site.rows("SELECT id FROM visitor_report"))
    report_in_three_taps(page, "来访")
    expect(page.get_by_role("status").filter(has_text="已送出")).to_be_visible()
    office.kill()

    for button in ("来访", "新租户", "不对劲"):
        report_in_three_taps(page, button)
        expect(page.get_by_text("不用再填")).to_be_visible()
        expect(page.get_by_text("已送出")).to_have_count(0)
    picture(page, "92-head-offline", whole=True)
    assert states(page) == ["delivered", "waiting", "waiting", "waiting"]
    office.start()
    page.goto("/m/outbox")

    delivered(page, 4)
    kinds = site.rows("SELECT kind FROM visitor_report ORDER BY id")[before:]
    assert sorted(kind for (kind,) in kinds) == ["other", "tenant", "visitor", "visitor"]


def test_who_goes_back_to_anothers_form_takes_nothing_away(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """Wang's entry waits for a login; somebody else logs in in the same tab and goes back to the form."""
    page, door = phone(), next(doors)
    before = site.visits(door)
    fill_in(page, door, words="王的")
    page.context.clear_cookies()
    save(page)
    page.wait_for_url("**/login**")
    come_in(page, office, "admin")
    page.goto(f"/households/{door}/visits/new")
    page.go_back()
    page.go_forward()
    page.locator("label", has_text="拒访").first.click()
    save(page)
    page.wait_for_url(f"**/households/{door}**done=visit")

    assert sorted(states(page)) == ["delivered", "login"]
    page.context.clear_cookies()
    come_in(page, office, "wang")
    delivered(page, 2)
    assert site.visits(door) == before + 2


def test_an_entry_that_came_back_is_not_overwritten_by_going_back(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    page, door = phone(), next(doors)
    pack_up(page)
    office.kill()
    fill_in(page, door, words="长" * 2001)
    save(page)
    expect(page.get_by_text("不用再填")).to_be_visible()
    office.start()
    page.evaluate("yihu.outbox.send({ now: true })")
    until(page, "async () => (await yihu.outbox.all())[0].state === 'returned'")

    page.go_back()
    page.locator("label", has_text="在家").first.click()
    page.locator("textarea[name=content]").evaluate("field => { field.value = '短一点'; }")
    save(page)
    page.wait_for_url("**done=visit")

    assert sorted(states(page)) == ["delivered", "returned"]


def test_logging_out_before_the_scripts_are_there_wipes_nothing(
    office: Office, phone: Phone, doors: Iterator[str]
) -> None:
    page = phone()
    pack_up(page)
    office.kill()
    record(page, next(doors))
    office.start()
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.evaluate(
        """async () => {
          const [{ id }] = await yihu.outbox.all();
          await yihu.outbox.change(id, (entry) => Object.assign(entry, { owner: "somebody" }));
        }"""
    )
    page.goto("/me")

    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector(\"form[action='/logout']\"))")
    page.wait_for_url("**/login")
    come_in(page, office, "wang")

    assert len(entries(page)) == 1


def test_what_is_saved_while_another_tab_logs_out_is_not_lost(
    office: Office, line: Line, phone: Phone, doors: Iterator[str]
) -> None:
    page, door = phone("wang", line.url), next(doors)
    other = page.context.new_page()
    fill_in(other, door, words="写到一半")
    page.goto("/me")
    page.route("**/logout", lambda route: None)

    page.get_by_role("button", name="退出登录").click(no_wait_after=True)
    until(other, "async () => Boolean(await yihu.get('leaving'))")
    save(other)

    expect(other.get_by_role("alert").filter(has_text="正在退出登录")).to_be_visible()
    expect(other.get_by_label("情况记录")).to_have_value("写到一半")
    assert entries(other) == []


def test_the_code_on_a_sheet_opens_its_household_without_a_signal(
    office: Office, site: Site, phone: Phone, doors: Iterator[str]
) -> None:
    """A printed sheet in the hand, no network: the household of its code is drawn from the pack."""
    page, door = phone(), next(doors)
    page.goto(f"/households/{door}")
    form = page.locator("form[action$='/sheet']").first
    send = "async (form) => (await fetch(form.action, { method: 'POST', body: new FormData(form) })).status"
    assert form.evaluate(send) == 200
    find = "SELECT token FROM edition e JOIN household h ON h.id = e.household_id WHERE h.public_id = ?"
    token = str(site.rows(find, door)[0][0])
    page.goto(f"/p/{token}")
    expect(page.get_by_role("status").filter(has_text="与现在的档案一致")).to_be_visible()
    fill_in(page, door)
    save(page)
    delivered(page, 1)
    page.goto(f"/p/{token}")
    expect(page.get_by_role("status").filter(has_text="走访记录：新增 1 次")).to_be_visible()
    picture(page, "92-scan")
    page.set_viewport_size({"width": 1280, "height": 800})
    picture(page, "92-scan")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("async () => yihu.set('pack', { ...(await yihu.get('pack')), asked: 0 })")
    pack_up(page)
    until(page, "async (token) => Boolean((await yihu.get('editions'))?.[token])", token)
    code = page.evaluate("async (id) => (await yihu.get(id, 'households')).code", door)
    office.kill()

    page.goto(f"/p/{token}")

    expect(page.get_by_role("heading", level=1)).to_have_text(code)
    expect(page.get_by_role("status").filter(has_text="没有信号，比不出打印之后改了什么")).to_be_visible()
    expect(page.get_by_role("button", name="记走访")).to_be_visible()
    picture(page, "92-scan-offline")
    page.goto(f"/p/{'x' * 22}")
    expect(page.get_by_role("status").filter(has_text="离线")).to_be_visible()
    expect(page.get_by_role("button", name="记走访")).to_have_count(0)
