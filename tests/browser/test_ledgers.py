"""An administrator makes a ledger without a line of code, and reads it on the screen, as a workbook and on paper."""

import io

import pypdfium2
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, picture
from tests.browser.test_journey import paper


def printed(page: Page) -> bytes:
    """What the button of the page prints."""
    form = page.locator('form[action$="/print"]')
    fields = {field.get_attribute("name"): field.input_value() for field in form.locator("input").all()}
    answer = page.request.post(page.evaluate("form => form.action", form.element_handle()), form=fields)
    assert answer.ok and answer.headers["content-type"] == "application/pdf"
    return bytes(answer.body())


def test_an_administrator_makes_a_ledger_of_their_own(site: Site, visitor: Visit) -> None:
    page = visitor("administrator", DESK)
    page.goto("/ledgers")
    picture(page, "60-ledgers", whole=True)
    page.get_by_role("button", name="定一本新的").click()
    page.get_by_role("link", name="走访，一次一行").click()

    page.get_by_label("台账名称").fill("上门慰问登记")
    for column in ("走访时间", "门牌", "走访人", "走访方式", "走访记录"):
        page.locator("#columns label", has_text=column).first.click()
    page.get_by_text("只要一部分").click()
    page.locator('label[for^="f-kind-"]', has_text="走访").click()
    page.locator("#period label", has_text="年").click()
    page.get_by_label("谁签字").fill("填表人、书记")
    picture(page, "61-new-ledger", whole=True)
    page.get_by_role("button", name="保存").click()

    expect(page.get_by_role("heading", name="上门慰问登记")).to_be_visible()
    picture(page, "62-own-ledger")
    page.get_by_role("link", name="月", exact=True).click()
    own, total = page.url, page.locator("tfoot th").inner_text()
    page.get_by_role("button", name="导出").click()
    page.get_by_label("导出做什么用").fill("上门慰问核对")
    with page.expect_download() as download:
        page.locator(".sticky-save button").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert total in [row[0].value for row in sheet.iter_rows()]
    page.goto(own)
    pdf = printed(page)
    document = pypdfium2.PdfDocument(pdf)
    last = "".join(document[len(document) - n].get_textpage().get_text_range() for n in (2, 1))
    assert total.replace(" ", "") in last.replace(" ", "")
    paper(pdf, "63-own-ledger-paper")


def test_a_ledger_is_read_on_a_phone(site: Site, visitor: Visit) -> None:
    page = visitor("grid_worker", PHONE)
    page.goto("/ledgers")
    picture(page, "64-ledgers-phone", whole=True)
    page.get_by_role("link", name="走访台账").click()

    expect(page.locator("tfoot")).to_be_attached()
    picture(page, "65-ledger-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/ledgers/residents")
    picture(page, "66-residents-phone")
    page.goto("/ledgers/residents?f_population_kind=floating")
    paper(printed(page), "67-residents-paper")
    for n, key in enumerate(("households", "disputes"), 68):
        page.goto(f"/ledgers/{key}?period=2026")
        paper(printed(page), f"{n}-{key}-paper")
