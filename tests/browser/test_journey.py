"""The main job on a phone: from the login to the printed sheet, with script and without."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, LOOKS, PHONE, PICTURES, Site, Visit, in_the_middle, log_in, picture


@contextmanager
def printed(page: Page) -> Iterator[list[dict[str, Any]]]:
    """Catches what the server answers to the browser's own POST for paper."""
    caught: list[dict[str, Any]] = []

    def fetch(route: Route) -> None:
        answer = route.fetch()
        caught.append({"status": answer.status, "type": answer.headers["content-type"], "body": answer.body()})
        # The browser gets a page in its place: what is looked at here is the file, not Chromium's viewer.
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>PDF</title>")

    page.context.route(re.compile(r"/(sheet|print)$"), fetch)
    yield caught
    page.context.unroute(re.compile(r"/(sheet|print)$"))


def paper(pdf: bytes, name: str) -> None:
    """Keep the first page as a picture, to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().save(PICTURES / f"{name}.png")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def check_sheet(answer: dict[str, Any], site: Site, household: str, printer: str) -> None:
    """The paper names the door, masks the ID numbers, and says who printed it, when and which number it has."""
    assert answer["status"] == 200
    assert answer["type"] == "application/pdf"
    assert answer["body"].startswith(b"%PDF-")
    paper(answer["body"], "12-sheet")
    words = text_of(answer["body"])
    code, estate = site.rows(
        "SELECT h.code, b.estate FROM household h JOIN building b ON b.id = building_id WHERE h.public_id = ?",
        household,
    )[0]
    assert code in words
    assert estate in words
    assert re.search(r"\d{4,6}\*{6,}\w{2,4}", words), "no masked ID number on the sheet"
    assert not re.search(r"\d{17}[\dXx]", words), "a whole ID number on the sheet"
    assert f"打印人 {printer}" in words
    number = site.rows("SELECT number FROM print ORDER BY id DESC LIMIT 1")[0][0]
    assert str(number) in words
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d", words), "no date of printing"


@pytest.mark.parametrize("look", LOOKS)
def test_from_the_login_to_the_printed_sheet(site: Site, stranger: Visit, look: str) -> None:
    worker = site.account("grid_worker")
    page = stranger(LOOKS[look])
    page.goto("/")
    picture(page, "01-login")
    log_in(page, worker)
    expect(page.get_by_role("heading", level=1)).to_have_text("今天")
    picture(page, "02-today")

    page.get_by_role("navigation", name="主导航").get_by_role("link", name="地图").click()
    building = in_the_middle(page)
    picture(page, "03-map")
    (building.tap if look == "phone" else building.click)()
    sheet = page.locator("#building-sheet")
    expect(sheet.get_by_role("heading")).to_contain_text("幢")
    expect(sheet.get_by_text("完整率")).to_be_visible()
    picture(page, "04-building")

    sheet.get_by_role("button", name="打开楼盘表").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("楼盘表")
    picture(page, "05-elevation")

    household = with_somebody(site, page)
    page.locator(f'table.doors a[href="/households/{household}"]').click()
    expect(page.get_by_role("button", name="记走访")).to_be_visible()
    picture(page, "06-household")
    picture(page, "06-household-whole", whole=True)

    edit(page, look)
    visit_in_three_taps(page, site, household)

    with printed(page) as answers, page.context.expect_page() as opened:
        page.get_by_role("button", name="打印").click()
    opened.value.wait_for_load_state()
    check_sheet(answers[0], site, household, worker["name"])


def with_somebody(site: Site, page: Page) -> str:
    """A door on this elevation behind which somebody with an ID number lives."""
    shown = page.locator("table.doors td a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    known = site.rows(
        """SELECT h.public_id FROM household h JOIN residency r ON r.household_id = h.id AND r.to_on IS NULL
           JOIN person p ON p.id = r.person_id WHERE p.id_no IS NOT NULL GROUP BY h.id HAVING count(*) > 1"""
    )
    inhabited = {row[0] for row in known}
    return next(href.split("/")[-1] for href in shown if href.split("/")[-1] in inhabited)


def edit(page: Page, look: str) -> None:
    page.get_by_role("button", name="改信息").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("改户档")
    picture(page, "07-edit")
    picture(page, "07-edit-whole", whole=True)
    page.get_by_label("户型").fill("三室两厅")
    page.get_by_label("备注").fill(f"门铃坏了，请敲门（{look}）。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    expect(page.get_by_text(f"门铃坏了，请敲门（{look}）。")).to_be_visible()
    picture(page, "08-saved")


def visit_in_three_taps(page: Page, site: Site, household: str) -> None:
    before = site.visits(household)
    page.get_by_role("button", name="记走访").click()
    picture(page, "09-visit")
    page.locator("label", has_text="在家").click()
    page.locator("label[for^=topics]").first.click()
    picture(page, "10-visit-chosen")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="走访已记下")).to_be_visible()
    picture(page, "11-visited")
    assert site.visits(household) == before + 1


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_journey_without_script(site: Site, stranger: Visit, look: str) -> None:
    worker = site.account("grid_worker")
    page = stranger(LOOKS[look], java_script_enabled=False)
    log_in(page, worker)
    expect(page.get_by_role("heading", level=1)).to_have_text("今天")

    page.get_by_role("navigation", name="主导航").get_by_role("link", name="地图").click()
    picture(page, "21-map-without-script")
    picture(page, "21-map-without-script-whole", whole=True)
    page.get_by_role("navigation", name="楼栋").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("楼盘表")
    picture(page, "22-elevation-without-script")
    household = with_somebody(site, page)
    page.locator(f'table.doors a[href="/households/{household}"]').click()

    edit(page, f"{look}，没有脚本")
    visit_in_three_taps(page, site, household)

    with printed(page) as answers, page.context.expect_page() as opened:
        page.get_by_role("button", name="打印").click()
    opened.value.wait_for_load_state()
    check_sheet(answers[0], site, household, worker["name"])


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_map_on_paper(site: Site, visitor: Visit, script: bool) -> None:
    page = visitor("administrator", DESK, java_script_enabled=script)
    page.goto("/map")
    page.get_by_role("main").get_by_role("link").first.click()
    ask = page.locator("details.print").filter(has=page.get_by_text("打印", exact=True))
    ask.locator("summary").click()
    ask.get_by_label("纸张").select_option("A3")

    with printed(page) as answers, page.context.expect_page() as opened:
        ask.get_by_role("button", name="生成 PDF").click()

    opened.value.wait_for_load_state()
    assert (answers[0]["status"], answers[0]["type"]) == (200, "application/pdf")
    paper(answers[0]["body"], "13-map")
    document = pypdfium2.PdfDocument(answers[0]["body"])
    assert len(document) == 1
    assert [round(side / 72 * 25.4) for side in document[0].get_size()] == [420, 297]
    words = text_of(answers[0]["body"])
    number = site.rows("SELECT number FROM print ORDER BY id DESC LIMIT 1")[0][0]
    for expected in (
        "柳溪社区综合治理区域图",
        "一片区",
        str(number),
        f"打印人 {site.account('administrator')['name']}",
    ):
        assert expected in words


def test_a_building_of_the_map_opens_without_script(stranger: Visit, site: Site) -> None:
    page = stranger(DESK, java_script_enabled=False)
    log_in(page, site.account("street_viewer"))
    page.goto("/map")
    page.locator("main a").first.click()

    page.locator("#map .houses a").first.click()

    expect(page.get_by_role("heading", level=2)).to_contain_text("幢")


def test_nothing_on_a_phone_is_wider_than_the_phone(visitor: Visit, site: Site) -> None:
    page = visitor("grid_worker", PHONE)
    household = site.doors("wang")[0]
    for path in ("/today", "/map", "/find", f"/households/{household}", f"/households/{household}/edit", "/me"):
        page.goto(path)

        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
