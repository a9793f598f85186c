"""A picture taken at the door is on the visit's page, and a common visit is begun with one tap."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, LOOKS, PHONE, Site, Visit, picture
from tests.browser.test_accessibility import too_small, violations
from tests.visits.camera import photo, telling_photo

CAMERA = {"name": "IMG_20261123.jpg", "mimeType": "image/jpeg", "buffer": telling_photo()}
SCREENSHOT = {"name": "灭火器.png", "mimeType": "image/png", "buffer": photo(900, 700, "#88aa66", "PNG")}


def open_form(page: Page, door: str) -> None:
    page.goto(f"/households/{door}/visits/new")
    page.locator("label", has_text="在家").click()


def unfold(page: Page) -> None:
    page.locator("summary", has_text="补充").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="走访已记下")).to_be_visible()


def latest(site: Site, door: str) -> str:
    sql = """SELECT v.public_id FROM visit v JOIN household h ON h.id = v.household_id WHERE h.public_id = ?
        ORDER BY v.id DESC LIMIT 1"""
    return str(site.rows(sql, door)[0][0])


def stored(site: Site, visit: str) -> list[tuple[Any, ...]]:
    sql = """SELECT p.width, p.height, p.size FROM visit_photo p JOIN visit v ON v.id = p.visit_id
        WHERE v.public_id = ? ORDER BY p.id"""
    return site.rows(sql, visit)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_taken_at_the_door_is_on_the_visits_page(site: Site, visitor: Visit, look: str, script: bool) -> None:
    page = visitor("grid_worker", LOOKS[look], java_script_enabled=script)
    door = site.doors("wang")[20 + 2 * (look == "phone") + script]
    open_form(page, door)
    unfold(page)
    page.get_by_label("照片").set_input_files([CAMERA, SCREENSHOT])
    if script:
        expect(page.locator(".previews canvas")).to_have_count(2)
        page.locator(".previews").scroll_into_view_if_needed()
        picture(page, "31-visit-with-photos")
        picture(page, "31-visit-with-photos-whole", whole=True)
    page.get_by_label("情况记录").fill("看了厨房和楼道。")
    save(page)
    picture(page, "32-household-with-photos")

    visit = latest(site, door)
    page.get_by_text("2 张照片").first.wait_for()
    page.goto(f"/visits/{visit}")
    thumbnails = page.get_by_role("img", name="张照片，点开看大图")
    expect(thumbnails).to_have_count(2)
    assert thumbnails.first.evaluate("image => image.naturalWidth") == 180
    picture(page, "33-visit-recorded", whole=True)
    if script:
        assert violations(page) == [] and (look == "desk" or too_small(page) == [])
    assert [row[:2] for row in stored(site, visit)] == [(960, 1280), (900, 700)]

    thumbnails.first.click()
    page.wait_for_url(re.compile(r"photo="))
    large = page.get_by_role("img", name="照片 1 / 2")
    assert large.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [960, 1280]
    picture(page, "36-photo")
    if script:
        assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.get_by_role("button", name="下一张").click()
    expect(page.get_by_role("img", name="照片 2 / 2")).to_be_visible()


def test_a_picture_leaves_the_phone_small_and_without_its_place(site: Site, visitor: Visit) -> None:
    page = visitor("grid_worker", PHONE)
    open_form(page, site.doors("wang")[25])
    unfold(page)
    field = page.get_by_label("照片")

    field.set_input_files([CAMERA])

    expect(page.locator(".previews canvas")).to_have_count(1)
    read = "async input => [...new Uint8Array(await input.files[0].arrayBuffer())]"
    leaving = bytes(field.evaluate(read))
    assert leaving.startswith(b"\xff\xd8") and b"Exif" not in leaving and b"Secret" not in leaving
    assert page.locator(".previews canvas").evaluate("canvas => [canvas.width, canvas.height]") == [960, 1280]


def test_what_is_no_picture_comes_back_with_its_name(visitor: Visit, site: Site) -> None:
    page = visitor("grid_worker", PHONE)
    open_form(page, site.doors("wang")[26])
    unfold(page)
    page.get_by_label("照片").set_input_files(
        [{"name": "通知.jpg", "mimeType": "image/jpeg", "buffer": "不是照片".encode()}]
    )
    page.get_by_label("情况记录").fill("写好的话")

    page.get_by_role("button", name="保存").click()

    expect(page.locator(".error").filter(has_text="“通知.jpg”不是照片")).to_be_visible()
    expect(page.get_by_label("情况记录")).to_have_value("写好的话")
    picture(page, "34-no-picture", whole=True)


@pytest.mark.parametrize("look", LOOKS)
def test_a_template_fills_in_place_and_takes_nothing_away(site: Site, visitor: Visit, look: str) -> None:
    page = visitor("grid_worker", LOOKS[look])
    open_form(page, site.doors("wang")[27])
    page.locator("label[for=topics-policy]").click()
    unfold(page)
    page.get_by_label("情况记录").fill("先写的一句。")

    page.get_by_role("link", name="高龄探望").click()
    page.get_by_role("link", name="高龄探望").click()

    content = page.get_by_label("情况记录").input_value()
    assert content.startswith("先写的一句。\n身体：＿＿") and content.count("身体：") == 1
    expect(page.get_by_role("radio", name="在家")).to_be_checked()
    for topic in ("policy", "help", "details"):
        expect(page.locator(f"#topics-{topic}")).to_be_checked()
    # The first gap is chosen, so that typing fills it.
    page.keyboard.type("硬朗")
    assert "身体：硬朗。" in page.get_by_label("情况记录").input_value()
    picture(page, "35-template", whole=True)


def test_a_template_without_script(site: Site, visitor: Visit) -> None:
    page = visitor("grid_worker", DESK, java_script_enabled=False)
    page.goto(f"/households/{site.doors('wang')[28]}/visits/new")
    unfold(page)

    page.get_by_role("link", name="节日慰问").click()

    expect(page.get_by_role("radio", name="慰问")).to_be_checked()
    assert "节慰问" in page.get_by_label("情况记录").input_value()
    page.locator("label", has_text="在家").click()
    page.get_by_label("慰问品").fill("大米 10 斤、油一桶")
    page.locator("label", has_text="李").last.click()
    save(page)
    expect(page.get_by_text("慰问品：大米 10 斤、油一桶")).to_be_visible()
