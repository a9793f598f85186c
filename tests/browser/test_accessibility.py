"""Every page for everybody: no violation of axe's rules, targets for a thumb, and everything by keyboard alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, Watch, picture
from tests.browser.pages import PLACES, Place, visit, wrong_phones

AXE = Axe()
SMALLEST = 48  # CSS pixels, for whatever is tapped on a phone
INLINE = 32  # for a link within a line of text


def violations(page: Page) -> list[str]:
    # What is folded away counts too.
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found: list[dict[str, Any]] = AXE.run(page).response["violations"]
    return [f"{v['id']}: {v['help']} {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]


@dataclass
class Desks:
    """One browser per role for all pages: style sheets and scripts are fetched once."""

    watch: Watch
    open: dict[str, BrowserContext] = field(default_factory=dict)


@pytest.fixture(scope="module")
def desks(site: Site) -> Iterator[Desks]:
    kept = Desks(Watch(urlsplit(site.url).netloc))
    yield kept
    for context in kept.open.values():
        context.close()


@pytest.fixture
def reader(
    desks: Desks, visitor: Visit, stranger: Visit, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Visit]:
    """`reader("grid_worker")` → a page at the desk of that role; what goes wrong behind it fails the test."""
    pages: list[Page] = []

    def come(role: str) -> Page:
        if role not in desks.open:
            state = (visitor(role) if role else stranger()).context.storage_state()
            desks.open[role] = browser.new_context(**{**browser_context_args, **DESK, "storage_state": state})
            desks.open[role].set_default_timeout(30_000)
            desks.watch.over(desks.open[role])
        pages.append(desks.open[role].new_page())
        return pages[-1]

    yield come
    for page in pages:
        page.close()
    trouble, desks.watch.trouble = desks.watch.trouble, []
    assert trouble == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_page_is_accessible(reader: Visit, site: Site, place: Place) -> None:
    page = reader(place.role)
    visit(page, place, site)

    assert violations(page) == []
    page.set_viewport_size(PHONE["viewport"])
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "wider than a phone"
    assert too_small(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "wider than the smallest phone, or than 400 %"


def too_small(page: Page) -> list[str]:
    """What is harder to hit with a thumb than it should be. Links in running text may be one line high."""
    script = """([smallest, inline]) => {
      const reach = (e) => {
        const label = e.labels && e.labels.length && e.matches("[type=checkbox], [type=radio]") ? e.labels[0] : e;
        return label.getBoundingClientRect();
      };
      const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
      const inText = (e) => e.matches("a:not([role=button])") && [...e.parentElement.childNodes].some(
        (n) => n !== e && n.nodeType === 3 && n.textContent.trim());
      return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
        .filter((e) => shown(e) && !e.closest("svg.map, .skip") && !e.matches(".skip"))
        .map((e) => [e, reach(e)])
        .filter(([e, r]) => r.height < (inText(e) ? inline : smallest) - 0.5)
        .map(([e, r]) => `${Math.round(r.width)}×${Math.round(r.height)} ${e.outerHTML.slice(0, 120)}`);
    }"""
    found: list[str] = page.evaluate(script, [SMALLEST, INLINE])
    return found


def has_focus_ring(page: Page) -> bool:
    """Whether the focused thing, or the label drawn in its place, has an outline one can see."""
    return bool(
        page.evaluate(
            """() => {
              const e = document.activeElement;
              const drawn = [e, ...(e.labels || []), e.querySelector("path")].filter(Boolean);
              const ringed = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
              return drawn.map((x) => getComputedStyle(x)).some(
                (s) => ringed(s) || s.boxShadow !== "none" || s.stroke === "rgb(217, 138, 0)");
            }"""
        )
    )


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until `wanted` has the focus; whatever has it on the way must show it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert has_focus_ring(page), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {wanted}")


def test_login_and_a_visit_by_keyboard_alone(site: Site, stranger: Visit) -> None:
    worker = site.account("grid_worker")
    page = stranger(DESK)
    page.goto("/login")
    tab_to(page, page.get_by_label("账号"))
    page.keyboard.type(worker["login"])
    tab_to(page, page.get_by_label("密码"))
    page.keyboard.type(worker["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")

    tab_to(page, page.get_by_role("button", name="记走访").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/visits/new")
    household = page.url.split("/")[-3]
    before = site.visits(household)
    tab_to(page, page.get_by_role("radio", name="在家"))
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="在家")).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="无人")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="保存"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="走访已记下")).to_be_visible()
    assert site.visits(household) == before + 1


def test_what_looks_like_a_button_answers_to_the_space_bar(visitor: Visit, site: Site) -> None:
    page = visitor("grid_worker")
    page.goto(f"/households/{site.doors('wang')[0]}")

    page.get_by_role("button", name="改信息").focus()
    page.keyboard.press("Space")

    page.wait_for_url("**/edit")


def test_the_first_tab_skips_to_the_text(visitor: Visit) -> None:
    page = visitor("grid_worker")
    page.goto("/today")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["/today", "/find", "/households/{door}/edit"])
def test_tab_goes_through_the_page_in_the_order_one_reads(visitor: Visit, site: Site, path: str) -> None:
    page = visitor("grid_worker")
    page.goto(path.format(door=site.doors("wang")[0]))
    page.evaluate("document.activeElement.blur()")
    page.locator("main").focus()
    tops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        if not page.evaluate("document.querySelector('main').contains(document.activeElement)"):
            break
        assert has_focus_ring(page)
        spot = "e => { const r = e.getBoundingClientRect(); return [Math.round(r.top + scrollY), Math.round(r.left)]; }"
        tops.append(tuple(page.locator(":focus").evaluate(spot)))
    assert len(tops) > 1
    for above, below in pairwise(tops):
        # A line may be uneven by a few pixels; within a line one goes to the right.
        assert below[0] > above[0] - 30 and (below[0] > above[0] + 30 or below[1] > above[1]), tops


def test_a_building_is_reached_and_opened_by_keyboard(visitor: Visit) -> None:
    page = visitor("grid_worker")
    page.goto("/map")
    tab_to(page, page.locator("#map .houses a").first)
    page.keyboard.press("Enter")
    expect(page.locator("#building-sheet").get_by_role("button", name="打开楼盘表")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("#building-sheet")).to_be_hidden()
    assert page.evaluate("document.querySelector('#map').contains(document.activeElement)"), "the focus got lost"


def test_what_is_wrong_leads_to_where_it_is(visitor: Visit, site: Site) -> None:
    page = visitor("grid_worker", PHONE)
    page.goto(f"/households/{site.doors('wang')[0]}/edit")
    wrong_phones(page)

    page.get_by_role("alert").get_by_role("link", name="联系人电话", exact=True).click()

    field = page.get_by_label("联系人电话", exact=True)
    expect(field).to_be_in_viewport(ratio=1)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#contact_phone-error")).to_be_in_viewport(ratio=1)
    picture(page, "81-what-is-wrong")
