"""However often the button, the browser or the network repeats it: one visit."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Site, Visit, Watch

# What tells that an entry was stored: to an outbox its key, to a form the visit.
RECEIPTS = ("receipt-key", "receipt-visit")


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(visitor: Visit, script: bool) -> Page:
    return visitor("grid_worker", PHONE, java_script_enabled=script)


@pytest.fixture
def door(site: Site, request: pytest.FixtureRequest) -> str:
    """A door of its own for every test."""
    number = sum(map(ord, request.node.name))
    doors = site.doors("wang")
    return doors[number % (len(doors) - 4)]


def fill_in(page: Page, door: str) -> None:
    page.goto(f"/households/{door}/visits/new")
    page.locator("label", has_text="无人").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="保存").click()


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="走访已记下")).to_be_visible()


def test_a_double_tap_on_save(site: Site, page: Page, door: str) -> None:
    before = site.visits(door)
    fill_in(page, door)

    page.get_by_role("button", name="保存").dblclick(no_wait_after=True)

    saved(page)
    assert site.visits(door) == before + 1


def test_a_reload_of_the_page_that_answers(site: Site, page: Page, door: str) -> None:
    before = site.visits(door)
    fill_in(page, door)
    save(page)
    saved(page)

    page.reload()
    page.reload()

    assert site.visits(door) == before + 1


def test_going_back_and_sending_again(site: Site, page: Page, door: str) -> None:
    before = site.visits(door)
    fill_in(page, door)
    save(page)
    saved(page)
    page.go_back()
    expect(page.get_by_role("button", name="保存")).to_be_visible()
    page.locator("label", has_text="无人").click()

    save(page)

    saved(page)
    assert site.visits(door) == before + 1


def test_going_back_and_changing_a_word_asks_first(site: Site, page: Page, door: str) -> None:
    before = site.visits(door)
    fill_in(page, door)
    save(page)
    saved(page)
    page.go_back()
    page.locator("label", has_text="拒访").click()

    save(page)

    expect(page.get_by_role("alert").filter(has_text="这张表单已经存过一次")).to_be_visible()
    assert site.visits(door) == before + 1
    save(page)
    saved(page)
    assert site.visits(door) == before + 2


def test_an_answer_that_got_lost(site: Site, page: Page, door: str, script: bool, watch: Watch) -> None:
    """The server stored it, the answer never came: the same form sent again, or the entry that the phone kept,
    gets the same answer."""
    before = site.visits(door)
    fill_in(page, door)
    receipts: list[str] = []
    # Not by page.route, which would switch off the cache that Back needs.
    line = page.context.new_cdp_session(page)

    def lose_the_first(paused: dict[str, Any]) -> None:
        receipts.extend(h["value"] for h in paused["responseHeaders"] if h["name"].lower() in RECEIPTS)
        if len(receipts) == 1:
            line.send("Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "ConnectionReset"})
        else:
            line.send("Fetch.continueResponse", {"requestId": paused["requestId"]})

    line.on("Fetch.requestPaused", lose_the_first)
    line.send("Fetch.enable", {"patterns": [{"urlPattern": "*/visits", "requestStage": "Response"}]})
    save(page)
    if script:
        expect(page.get_by_text("不用再填")).to_be_visible()
    else:
        page.wait_for_url("chrome-error://**")
    assert site.visits(door) == before + 1
    if script:
        page.get_by_role("button", name="现在发送").click()
    else:
        page.go_back()
        page.locator("label", has_text="无人").click()
        save(page)

    saved(page)
    assert len(receipts) == 2 and receipts[0] == receipts[1]
    assert site.visits(door) == before + 1
    # The loss itself is noted by the browser.
    watch.trouble[:] = [words for words in watch.trouble if "ERR_CONNECTION_RESET" not in words]


def test_a_server_that_hangs_and_a_thumb_that_does_not_wait(site: Site, visitor: Visit, door: str) -> None:
    page = visitor("grid_worker", PHONE)
    before = site.visits(door)
    fill_in(page, door)
    held: list[Route] = []
    page.route(re.compile(r"/visits$"), lambda route: held.append(route))

    spot = page.get_by_role("button", name="保存").bounding_box()
    assert spot
    for _ in range(4):
        page.touchscreen.tap(spot["x"] + 20, spot["y"] + 20)
        page.wait_for_timeout(150)

    assert len(held) == 1, "an impatient thumb sent the form several times"
    held[0].continue_()
    saved(page)
    assert site.visits(door) == before + 1
