"""The four roles log in, see where they begin, and only what is theirs in the navigation."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, log_in, picture

# first page, the rail at the desk, the bar of a phone
SEEN = {
    "administrator": (
        "/today",
        [
            *("今天", "地图", "查找", "户档", "事件", "服务", "台账", "指标", "打印"),
            "导入",
            "导出",
            "人员",
            "日志",
            "设置",
            "我的",
        ],
        ["今天", "地图", "查找", "我的"],
    ),
    "grid_worker": (
        "/today",
        ["今天", "地图", "查找", "户档", "事件", "服务", "台账", "指标", "打印", "导出", "我的"],
        ["今天", "地图", "查找", "我的"],
    ),
    "building_head": ("/report", ["报告", "本楼", "我的"], ["报告", "本楼", "我的"]),
    "street_viewer": ("/street", ["概况", "地图", "指标", "我的"], ["概况", "地图", "指标", "我的"]),
}


@pytest.mark.parametrize("role", SEEN)
def test_each_role_begins_on_its_own_page(site: Site, stranger: Visit, role: str) -> None:
    first, desk, phone = SEEN[role]
    page = stranger(DESK)
    log_in(page, site.account(role))
    assert page.url == site.url + first
    rail = page.get_by_role("navigation", name="主导航")

    assert [link.inner_text().strip() for link in rail.get_by_role("link").all()][1:] == desk
    expect(rail.locator("[aria-current=page]")).to_have_text(desk[0])
    picture(page, f"61-first-page-{role}")
    page.set_viewport_size(PHONE["viewport"])
    assert [link.inner_text().strip() for link in rail.get_by_role("link").all()] == phone
    picture(page, f"61-first-page-{role}")


@pytest.mark.parametrize("role", SEEN)
def test_every_link_of_the_navigation_opens(site: Site, visitor: Visit, role: str) -> None:
    page = visitor(role, DESK)
    page.goto("/")
    links = page.get_by_role("navigation", name="主导航").get_by_role("link").all()

    for href in [str(link.get_attribute("href")) for link in links]:
        answer = page.goto(href)
        assert answer and answer.status == 200, href
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_logging_out_ends_it_in_the_back_button_too(site: Site, stranger: Visit) -> None:
    page = stranger(PHONE)
    log_in(page, site.account("grid_worker"))
    door = site.doors("wang")[0]
    page.goto(f"/households/{door}")
    page.goto("/me")

    page.get_by_role("button", name="退出登录").click()

    page.wait_for_url("**/login*")
    page.go_back()
    page.reload()
    expect(page.get_by_label("密码")).to_be_visible()


def test_after_the_login_one_is_where_one_wanted_to_go(site: Site, stranger: Visit) -> None:
    page = stranger(PHONE)
    door = site.doors("wang")[0]
    page.goto(f"/households/{door}")
    worker = site.account("grid_worker")
    page.get_by_label("账号").fill(worker["login"])
    page.get_by_label("密码").fill(worker["password"])
    page.get_by_role("button", name="登录").click()

    page.wait_for_url(f"**/households/{door}")
