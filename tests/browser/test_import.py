"""A messy roster by hand: dropped, looked at, a row left out, written, and taken back."""

import io
from typing import Any

from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, picture

HEADINGS = ("姓名", "与户主关系", "身份证号", "性别", "联系电话", "居住地址", "血型")
DOORS = "SELECT code FROM household WHERE deleted_at IS NULL ORDER BY community_id, id LIMIT 2"
DROP = """([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], name));
  const dropped = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: moved });
  document.querySelector(".drop").dispatchEvent(dropped);
}"""


def messy(*doors: str) -> bytes:
    book = Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "人员"
    rows = [("某社区人员名册",), HEADINGS]
    rows += [(f"新来的{n}", "租户", None, "男", "19900000001", door, "A") for n, door in enumerate(doors)]
    rows += [
        (None, "租户", None, "女", None, doors[0], None),
        ("无处可住", "租户", "12345", "男", None, "99-9-999", None),
    ]
    for row in rows:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def people(site: Site) -> int:
    return int(site.rows("SELECT count(*) FROM person")[0][0])


def drop(page: Page, name: str, content: bytes) -> None:
    from base64 import b64encode

    page.evaluate(DROP, [name, b64encode(content).decode()])


def test_a_messy_roster_is_dropped_chosen_from_written_and_taken_back(site: Site, visitor: Visit) -> None:
    first, second = (code for (code,) in site.rows(DOORS))
    before = people(site)
    page = visitor("administrator", DESK)
    page.goto("/imports")
    picture(page, "50-imports", whole=True)
    drop(page, "名册.xlsx", messy(first, second))
    page.get_by_role("button", name="读取并预览").click()

    expect(page.get_by_role("status")).to_contain_text("有 2 行不会录入")
    page.get_by_text("读到了什么").click()
    expect(page.get_by_text("第 2 行是表头")).to_be_visible()
    picture(page, "51-import-preview", whole=True)
    page.get_by_role("link", name="新增").click()
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("button", name="保存选择").click()
    expect(page.get_by_role("button", name="写入 1 行")).to_be_visible()
    assert people(site) == before
    page.get_by_role("link", name="跳过").click()
    expect(page.locator("li.line")).to_contain_text("您选择不导入")
    page.set_viewport_size(PHONE["viewport"])
    # However narrow the line: a door is one box, not two.
    boxes = page.locator("li.line .unbroken").evaluate_all(
        """all => all.map(one => { const line = one.closest("li"); line.style.width = "2rem";
        const boxes = one.getClientRects().length; line.style.width = ""; return boxes; })"""
    )
    assert boxes and set(boxes) == {1}
    picture(page, "51-import-preview", whole=True)
    page.get_by_role("button", name="写入 1 行").click()

    expect(page.get_by_role("status")).to_contain_text("已经写入：新增 1")
    assert people(site) == before + 1
    picture(page, "52-imported", whole=True)
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("一模一样")).to_be_visible()
    picture(page, "53-undo", whole=True)
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.locator("#recent li").first).to_contain_text("已撤销")
    picture(page, "54-undone", whole=True)
    assert people(site) == before
