"""Many sheets at once, by hand: chosen on the map, printed beside the server, downloaded."""

import re

import pypdfium2
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, picture
from tests.browser.test_journey import paper


def chosen(page: Page) -> int:
    """How many sheets the choice gives, as the page says it."""
    said = page.locator("#count")
    expect(said).to_contain_text(re.compile(r"共 \d+ 份"))
    return int(re.findall(r"共 (\d+) 份", said.inner_text())[0])


def test_a_batch_is_chosen_on_the_map_printed_and_downloaded(site: Site, visitor: Visit) -> None:
    page = visitor("grid_worker", DESK)
    page.goto("/print")
    everything = chosen(page)
    picture(page, "30-print-centre", whole=True)

    with page.expect_response("**/print/count"):
        page.locator("#map a.b").first.click()
    expect(page.locator("#map a.chosen")).to_have_count(1)
    expect(page.locator('input[name="buildings"]:checked')).to_have_count(1)
    few = chosen(page)
    assert 0 < few < everything
    page.get_by_label("用途").fill("入户核对")
    picture(page, "31-chosen-on-the-map", whole=True)
    page.get_by_role("button", name="开始打印").click()

    expect(page.get_by_role("progressbar")).to_be_visible()
    picture(page, "32-printing")
    expect(page.get_by_text("印好了")).to_be_visible(timeout=60_000)
    picture(page, "33-printed")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="全部，一个文件").click()
    pdf = page.request.get(page.url + "/pdf")
    opened.value.close()
    document = pypdfium2.PdfDocument(pdf.body())
    assert pdf.headers["cache-control"] == "no-store" and len(document) >= few
    paper(pdf.body(), "34-batch")
    serials = [int(n) for (n,) in site.rows("SELECT serial FROM edition ORDER BY id DESC LIMIT ?", few)]
    assert sorted(serials) == list(range(1, few + 1))


def test_a_batch_can_be_stopped_and_everything_works_on_a_phone(site: Site, visitor: Visit) -> None:
    page = visitor("administrator", PHONE)
    page.goto("/print?kind=contacts")
    picture(page, "35-print-centre-phone", whole=True)
    page.get_by_text("另外每幢楼存一个文件").click()
    page.get_by_role("button", name="开始打印").click()
    page.get_by_role("button", name="停下").click()

    expect(page.get_by_text("停下了")).to_be_visible()
    page.goto("/print/log")
    expect(page.get_by_text("住户信息联系表").first).to_be_visible()
    picture(page, "36-print-log", whole=True)
