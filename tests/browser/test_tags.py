"""A new tag, made without code: defined with two fields and a rule, given to somebody, seen on the household page."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, LOOKS, PHONE, Site, Visit, picture
from tests.browser.pages import addresses


def row(page: Page, nth: int) -> Locator:
    return page.locator("fieldset.own-field").nth(nth)


def define(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="管理标签").click()
    page.get_by_role("button", name="新增标签").click()
    page.get_by_label("名称", exact=True).fill("助餐老人")
    page.locator("label[for=group-care]").click()
    row(page, 0).get_by_label("叫什么").fill("送餐方式")
    row(page, 0).get_by_label("填什么").select_option("选一项")
    row(page, 0).get_by_label("选项").fill("上门、自取")
    row(page, 0).get_by_label("必填").check()
    row(page, 1).get_by_label("叫什么").fill("每餐补助（元）")
    row(page, 1).get_by_label("填什么").select_option("数字")
    page.get_by_label("多少天联系一次").fill("30")
    page.get_by_label("联系方式").select_option("走访")
    picture(page, "80-new-tag", whole=True)
    page.get_by_role("button", name="保存").click()


def test_a_new_tag_made_without_code(site: Site, visitor: Visit) -> None:
    page, ids = visitor("administrator", DESK), addresses(site)
    define(page)
    expect(page.get_by_role("status")).to_contain_text("标签已新增")
    expect(page.get_by_role("link", name="助餐老人")).to_contain_text("每 30 天联系 走访")
    picture(page, "81-tags", whole=True)

    phone = visitor("grid_worker", PHONE)
    phone.goto(f"/households/{ids['door']}")
    phone.locator(f"a[href='/persons/{ids['person']}/tags']").tap()
    phone.get_by_role("button", name="助餐老人").tap()
    phone.get_by_role("button", name="保存").tap()
    expect(phone.get_by_role("alert")).to_contain_text("送餐方式")
    phone.get_by_label("送餐方式").select_option("上门")
    phone.get_by_label("每餐补助").fill("6.5")
    picture(phone, "82-give-tag", whole=True)
    phone.get_by_role("button", name="保存").tap()

    expect(phone.get_by_role("status")).to_contain_text("标签已加上")
    phone.goto(f"/households/{ids['door']}")
    someone = phone.locator("li.person").filter(has=phone.locator(f"a[href='/persons/{ids['person']}/tags']"))
    expect(someone.locator(".tag").filter(has_text="助餐老人")).to_be_visible()
    someone.locator("summary").tap()
    expect(someone.locator("details.own")).to_contain_text("每餐补助（元） 6.5")
    picture(phone, "83-tags-on-household", whole=True)


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_tags(site: Site, visitor: Visit, look: str) -> None:
    page, ids = visitor("grid_worker", LOOKS[look]), addresses(site)
    person = site.rows(
        """SELECT p.public_id FROM person_tag t JOIN person p ON p.id = t.person_id JOIN tag g ON g.id = t.tag_id
           JOIN residency r ON r.person_id = p.id AND r.to_on IS NULL JOIN household h ON h.id = r.household_id
           JOIN building b ON b.id = h.building_id JOIN patch c ON c.block_id = b.block_id
           JOIN user_account u ON u.id = c.user_id AND u.login = 'wang' WHERE g.restricted ORDER BY p.id LIMIT 1"""
    )
    shown = person[0][0] if person else ids["person"]
    page.goto(f"/persons/{shown}/restricted")
    if page.locator("#ask").count():
        picture(page, f"84-ask-{look}", whole=True)
        page.locator("label[for=why-contact]").click()
        page.get_by_role("button", name="打开 30 分钟").click()
    expect(page.locator("#give")).to_be_visible()
    picture(page, f"85-restricted-{look}", whole=True)
    for name, path in (("tags", f"/persons/{shown}/tags"), ("floating", "/floating")):
        page.goto(path)
        picture(page, f"86-{name}-{look}", whole=True)
    page.locator("ul.rows a.whole").first.click()
    expect(page.locator("#permit_kind")).to_be_visible()
    picture(page, f"87-floating-person-{look}", whole=True)
