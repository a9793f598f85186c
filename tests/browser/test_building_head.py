"""A building head of seventy-four, a phone in the hand: three taps from the first page to a stored report."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, LOOKS, PHONE, Site, Visit, picture
from tests.browser.test_accessibility import violations

SMALLEST_TEXT, LOWEST_BUTTON = 22, 88


def reports(site: Site) -> list[tuple[str, str, str]]:
    """Kind, building and room of what is stored, oldest first."""
    rows = site.rows(
        """SELECT r.kind, b.no, coalesce(h.unit_no || '-' || h.room, '') FROM visitor_report r
           JOIN building b ON b.id = r.building_id LEFT JOIN household h ON h.id = r.household_id ORDER BY r.id"""
    )
    return [(str(kind), str(no), str(room)) for kind, no, room in rows]


class Taps:
    """Counts what a finger does."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what: Locator) -> None:
        self.count += 1
        what.tap()


def small_text(page: Page) -> list[str]:
    """What somebody would have to hold at arm's length."""
    script = """(smallest) => [...document.querySelectorAll("main *")]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
      .filter((e) => e.checkVisibility({ visibilityProperty: true }))
      .filter((e) => parseFloat(getComputedStyle(e).fontSize) < smallest)
      .map((e) => `${getComputedStyle(e).fontSize} ${e.outerHTML.slice(0, 100)}`)"""
    found: list[str] = page.evaluate(script, SMALLEST_TEXT)
    return found


def low_buttons(page: Page) -> list[str]:
    script = """(lowest) => [...document.querySelectorAll("main a[role=button], main button")]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < lowest)
      .map((e) => e.outerHTML.slice(0, 100))"""
    found: list[str] = page.evaluate(script, LOWEST_BUTTON)
    return found


def test_three_taps_are_a_report(site: Site, visitor: Visit) -> None:
    page, taps, before = visitor("building_head", PHONE), Taps(), reports(site)
    page.goto("/")
    expect(page).to_have_url(re.compile("/report$"))
    picture(page, "70-three-buttons")

    taps.on(page.get_by_role("button", name="新租户"))
    room = page.locator("label.room:not(.unknown)").last
    door = room.locator("input").get_attribute("value")
    room.scroll_into_view_if_needed()
    taps.on(room)
    picture(page, "71-door-chosen")
    taps.on(page.get_by_role("button", name="送出"))

    expect(page.get_by_role("status").filter(has_text="已送出")).to_be_visible()
    picture(page, "72-sent")
    assert taps.count == 3
    stored = reports(site)
    assert len(stored) == len(before) + 1
    assert door and stored[-1][0] == "tenant" and stored[-1][2] == door.split(":")[1]


def test_it_works_without_script(site: Site, visitor: Visit) -> None:
    page, before = visitor("building_head", PHONE, java_script_enabled=False), len(reports(site))
    page.goto("/report")

    page.get_by_role("button", name="不对劲").click()
    page.locator("label.room", has_text="推销").click()
    page.get_by_role("button", name="送出").click()

    expect(page.get_by_role("status").filter(has_text="已送出")).to_be_visible()
    stored = reports(site)
    assert len(stored) == before + 1 and stored[-1][0] == "peddler" and stored[-1][2] == ""


def unfolded(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")


def nothing(page: Page) -> None:
    """The page as it comes."""


def wrong(page: Page) -> None:
    unfolded(page)
    page.get_by_label("补充几句").fill("拉着两个大箱子。" * 40)
    page.get_by_role("button", name="送出").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_label("补充几句").input_value() == "拉着两个大箱子。" * 40


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("name", "path", "then"),
    [
        ("73-report", "/report", nothing),
        ("74-report-visitor", "/report/new?kind=visitor", nothing),
        ("75-report-odd", "/report/new?kind=odd", unfolded),
        ("76-report-wrong", "/report/new?kind=odd", wrong),
        ("77-my-building", "/my-building", nothing),
    ],
)
def test_it_is_read_without_glasses(
    site: Site, visitor: Visit, look: str, name: str, path: str, then: Callable[[Page], None]
) -> None:
    page = visitor("building_head", LOOKS[look])
    page.goto(path)
    then(page)
    picture(page, name)
    picture(page, f"{name}-whole", whole=True)

    assert small_text(page) == []
    assert path == "/my-building" or low_buttons(page) == []
    assert violations(page) == []


def test_the_button_to_send_is_always_in_reach(visitor: Visit) -> None:
    page = visitor("building_head", PHONE)
    page.goto("/report/new?kind=visitor")
    send = page.get_by_role("button", name="送出")

    for share in (0, 0.5, 1):
        page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        expect(send).to_be_in_viewport(ratio=1)
        bar = page.get_by_role("navigation", name="主导航").bounding_box()
        box = send.bounding_box()
        assert bar and box and box["y"] + box["height"] <= bar["y"], "hidden behind the bar"


def test_a_personal_link_from_the_desk_to_the_phone(site: Site, visitor: Visit, stranger: Visit) -> None:
    desk = visitor("administrator", DESK)
    # Not the one whose session the other tests share: withdrawing puts that head out everywhere.
    head = [account for account in site.accounts if account["role"] == "building_head"][-1]
    assert head != site.account("building_head")
    public_id = site.rows("SELECT public_id FROM user_account WHERE login = ?", head["login"])[0][0]
    desk.goto(f"/staff/{public_id}")
    desk.get_by_role("button", name="发放个人链接").click()
    expect(desk.get_by_role("img", name="个人链接的二维码")).to_be_visible()
    link = desk.locator(".scan .secret").inner_text()
    picture(desk, "78-personal-link", whole=True)
    assert violations(desk) == []
    desk.set_viewport_size(PHONE["viewport"])
    picture(desk, "78-personal-link", whole=True)
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390

    phone = stranger(PHONE)
    phone.goto(link)
    picture(phone, "79-enter")
    assert small_text(phone) == [] and low_buttons(phone) == [] and violations(phone) == []
    phone.get_by_role("button", name="进入").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("看到什么了？")

    desk.goto(f"/staff/{public_id}")
    picture(desk, "78-account-with-link", whole=True)
    desk.get_by_role("button", name="作废个人链接").click()
    expect(desk.get_by_role("status").filter(has_text="已作废")).to_be_visible()
    phone.goto("/report")
    expect(phone.get_by_label("密码")).to_be_visible()
    phone.goto(link)
    picture(phone, "79-withdrawn")
    expect(phone.get_by_text("这个链接不能用了")).to_be_visible()


def test_the_committee_answers_and_the_head_reads_it(site: Site, visitor: Visit) -> None:
    head, desk = visitor("building_head", PHONE), visitor("administrator", DESK)
    head.goto("/report/new?kind=odd")
    unfolded(head)
    head.get_by_label("几个人").fill("2")
    head.get_by_label("补充几句").fill("在三楼敲门，说是查煤气的，没有证件。")
    head.get_by_role("button", name="送出").click()
    expect(head.get_by_role("status")).to_be_visible()

    desk.goto("/reports")
    picture(desk, "79a-reports")
    desk.locator("ul.rows a").first.click()
    picture(desk, "79b-report", whole=True)
    desk.get_by_role("button", name="核实").click()
    expect(desk.get_by_role("status").filter(has_text="已核实")).to_be_visible()
    desk.get_by_label("要办什么").fill("请物业贴提醒，查监控")
    desk.get_by_role("button", name="转事件").click()
    expect(desk.get_by_role("status").filter(has_text="事件已立")).to_be_visible()
    picture(desk, "79c-case", whole=True)
    desk.locator(".moves summary", has_text="办结").click()
    closing = desk.locator(".moves form", has=desk.locator("input[name=kind][value=close]"))
    closing.locator("textarea").first.fill("已贴提醒")
    closing.get_by_role("button", name="办结").click()
    expect(desk.get_by_role("status").filter(has_text="已办结")).to_be_visible()
    desk.goto("/cases?state=closed")
    picture(desk, "79d-cases")

    head.goto("/report")
    expect(head.locator(".told li").first).to_contain_text("社区正在办")
    picture(head, "79e-told", whole=True)
