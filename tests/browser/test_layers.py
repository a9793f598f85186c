"""The map under the hand: another layer, and moving about by wheel, drag, pinch and keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit, in_the_middle, picture

Box = tuple[float, float, float, float]


@pytest.fixture
def page(visitor: Visit) -> Page:
    found = visitor("grid_worker", DESK)
    found.goto("/map")
    in_the_middle(found)
    return found


@pytest.fixture
def phone(visitor: Visit) -> Page:
    found = visitor("grid_worker", PHONE)
    found.goto("/map")
    in_the_middle(found)
    return found


def box(page: Page) -> Box:
    """x, y, width and height of what is seen of the map."""
    x, y, w, h = (float(n) for n in str(page.locator("#map").get_attribute("viewBox")).split())
    return x, y, w, h


def middle(page: Page) -> tuple[float, float]:
    spot = page.locator(".stage").bounding_box()
    assert spot
    return spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2


def colours(page: Page) -> list[str]:
    classes = page.locator("#map .houses a").evaluate_all("links => links.map((a) => a.getAttribute('class'))")
    return [str(name) for name in classes]


def test_another_layer_recolours_the_map_and_loads_nothing_else(page: Page) -> None:
    page.mouse.move(*middle(page))
    page.mouse.wheel(0, -240)
    seen, before = box(page), colours(page)
    page.evaluate("window.sameDocument = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/static/" not in request.url else None)

    page.get_by_role("link", name="房屋", exact=True).click()
    expect(page.get_by_role("link", name="房屋", exact=True)).to_have_attribute("aria-current", "true")

    assert all("l-home-" in name for name in colours(page))
    assert all("l-visit-" in name for name in before)
    assert page.evaluate("window.sameDocument"), "the whole page was loaded again"
    assert len(asked) == 1, asked
    assert page.url.endswith("?layer=occupancy")
    assert box(page) == pytest.approx(seen, abs=0.5), "the map jumped"
    expect(page.locator("#layer-occupancy")).to_be_focused()
    fills = page.locator("#map .houses a").evaluate_all("links => links.map((a) => getComputedStyle(a).fill)")
    assert all("l-home-" in fill or fill.startswith("rgb") for fill in fills)
    picture(page, "31-layer")


def test_back_brings_the_layer_before(page: Page) -> None:
    page.get_by_role("link", name="完整率", exact=True).click()
    page.wait_for_url("**layer=*")
    page.go_back()

    expect(page.get_by_role("link", name="走访", exact=True)).to_have_attribute("aria-current", "true")
    assert all("l-visit-" in name for name in colours(page))
    page.get_by_role("button", name="放大").click()


def test_the_wheel_zooms_where_it_points(page: Page) -> None:
    building = in_the_middle(page)
    spot = building.bounding_box()
    assert spot
    before = box(page)
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x, y)

    page.mouse.wheel(0, -300)

    smaller = "w => Number(document.querySelector('#map').getAttribute('viewBox').split(' ')[2]) < w"
    page.wait_for_function(smaller, arg=before[2])
    after = building.bounding_box()
    assert after and after["width"] > spot["width"] * 1.1
    assert (after["x"] + after["width"] / 2, after["y"] + after["height"] / 2) == pytest.approx((x, y), abs=12)


def test_dragging_moves_the_map_and_opens_no_building(page: Page) -> None:
    before = box(page)
    spot = in_the_middle(page).bounding_box()
    assert spot
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=6)
    page.mouse.up()

    after = box(page)
    assert after[0] < before[0] and after[1] < before[1]
    assert after[2] == pytest.approx(before[2])
    expect(page.locator("#building-sheet")).to_be_hidden()
    assert "/map/" in page.url


def test_two_fingers_zoom_and_one_moves(phone: Page) -> None:
    x, y = middle(phone)
    before = box(phone)
    fingers = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 8):
        touch("touchMove", (x - 30 - 8 * step, y), (x + 30 + 8 * step, y))
    touch("touchEnd")
    pinched = box(phone)
    assert pinched[2] < before[2] * 0.75, "pinching did not zoom"

    touch("touchStart", (x, y))
    for step in range(1, 8):
        touch("touchMove", (x, y + 10 * step))
    touch("touchEnd")
    moved = box(phone)
    assert moved[1] < pinched[1] and moved[2] == pytest.approx(pinched[2])
    expect(phone.locator("#building-sheet")).to_be_hidden()
    assert phone.evaluate("[scrollY, visualViewport.scale]") == [0, 1], "the page moved or grew instead of the map"


def test_keys_and_buttons_move_and_zoom(page: Page) -> None:
    page.locator("#map .houses a").first.focus()
    start = box(page)
    page.keyboard.press("+")
    nearer = box(page)
    assert nearer[2] < start[2]
    page.keyboard.press("ArrowRight")
    assert box(page)[0] > nearer[0]
    page.keyboard.press("ArrowDown")
    assert box(page)[1] > nearer[1]
    page.keyboard.press("-")
    assert box(page)[2] == pytest.approx(start[2])

    page.get_by_role("button", name="看全图").click()

    stage = page.locator(".stage").bounding_box()
    assert stage
    for building in page.locator("#map .houses a").all():
        spot = building.bounding_box()
        assert spot and spot["x"] >= stage["x"] and spot["x"] + spot["width"] <= stage["x"] + stage["width"]
        assert spot["y"] >= stage["y"] and spot["y"] + spot["height"] <= stage["y"] + stage["height"]


def test_one_cannot_get_lost_outside_the_map(page: Page) -> None:
    page.mouse.move(*middle(page))
    for _ in range(30):
        page.mouse.wheel(0, 400)
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    page.locator("#map .houses a").first.focus()
    for _ in range(60):
        page.keyboard.press("ArrowLeft")

    spot, stage = page.locator("#map .blocks").bounding_box(), page.locator(".stage").bounding_box()
    assert spot and stage
    assert spot["width"] > 100
    assert spot["x"] < stage["x"] + stage["width"], "the map was moved out of sight"


def test_the_list_and_the_map_point_at_each_other(page: Page) -> None:
    page.get_by_role("navigation", name="楼栋").get_by_role("link").nth(1).hover()
    expect(page.locator("#map .houses a.lit")).to_have_count(1)

    in_the_middle(page).hover()

    expect(page.locator(".buildings a.lit")).to_have_count(1)


def test_the_elevation_changes_its_layer_too(page: Page) -> None:
    page.get_by_role("navigation", name="楼栋").get_by_role("link").first.click()
    expect(page.locator("table.doors")).to_be_visible()
    page.evaluate("window.sameDocument = true")

    page.get_by_role("link", name="房屋", exact=True).click()

    expect(page.locator("table.doors td[class*=l-home-]").first).to_be_visible()
    assert page.evaluate("window.sameDocument")
