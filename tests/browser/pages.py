"""The pages of the product, each with somebody who may open it: what must hold for every page is tried on these."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def as_it_is(page: Page) -> None:
    """Nothing is done before the page is looked at."""


@dataclass(frozen=True)
class Place:
    """Where to go as whom; `then` is done there before the page is looked at. `{door}` and such are filled in."""

    name: str
    role: str
    path: str
    then: Callable[[Page], None] = as_it_is


def wrong_password(page: Page) -> None:
    page.get_by_label("账号").fill("wang")
    page.get_by_label("密码").fill("错的密码")
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".error")).to_be_visible()


def found_somebody(page: Page) -> None:
    page.get_by_role("searchbox").press_sequentially("王")
    expect(page.locator("#found li").first).to_be_visible()


def wrong_phones(page: Page) -> None:
    page.get_by_label("房主电话").fill("一二三")
    page.get_by_label("联系人电话", exact=True).fill("12")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_be_visible()


def nothing_chosen(page: Page) -> None:
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".error").first).to_be_visible()


def due_too_early(page: Page) -> None:
    page.locator("label[for=type-dispute]").click()
    page.get_by_label("什么事").fill("楼上漏水")
    page.get_by_label("办结期限").fill("2020-01-01")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".error").first).to_be_visible()


def at_a_glance(page: Page) -> None:
    page.get_by_role("navigation", name="楼栋").get_by_role("link").first.wait_for(state="attached")
    page.locator("#map .houses a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#building-sheet").get_by_role("heading")).to_be_visible()


def a_list_read(page: Page) -> None:
    rows = "楼号,单元,房间,房屋状态\n5,1,101,出租\n5,9,999,自住\n,,,\n5,1,,自住\n"
    page.locator("label", has_text="房屋").first.click()
    page.get_by_label("文件").set_input_files({"name": "房屋.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="读取并预览").click()
    expect(page.get_by_role("navigation", name="按结果看")).to_be_visible()


PLACES = (
    Place("login", "", "/login"),
    Place("login refused", "", "/login", wrong_password),
    Place("today", "grid_worker", "/today"),
    Place("choice of maps", "administrator", "/map"),
    Place("map", "grid_worker", "/map"),
    Place("map with a building", "grid_worker", "/map", at_a_glance),
    Place("schematic map", "administrator", "/map/{schematic}?layer=tags"),
    Place("elevation", "grid_worker", "/buildings/{building}?layer=occupancy"),
    Place("building at a glance", "street_viewer", "/buildings/{building}/summary"),
    Place("household", "grid_worker", "/households/{door}"),
    Place("household edited", "grid_worker", "/households/{door}/edit"),
    Place("household with errors", "grid_worker", "/households/{door}/edit", wrong_phones),
    Place("move in", "grid_worker", "/households/{door}/move-in"),
    Place("person edited", "grid_worker", "/people/{person}/edit"),
    Place("ID number asked for", "grid_worker", "/people/{person}/id"),
    Place("move out", "grid_worker", "/people/{person}/move-out"),
    Place("visit", "grid_worker", "/households/{door}/visits/new"),
    Place("visit with errors", "grid_worker", "/households/{door}/visits/new", nothing_chosen),
    Place("visit recorded", "grid_worker", "/visits/{visit}"),
    Place("finder", "grid_worker", "/find", found_somebody),
    Place("register", "administrator", "/households"),
    Place("blank sheets", "grid_worker", "/blank-sheets"),
    Place("blank sheets of one of several", "administrator", "/blank-sheets"),
    Place("imports", "administrator", "/imports"),
    Place("import preview", "administrator", "/imports", a_list_read),
    Place("staff", "administrator", "/staff"),
    Place("phones of the staff", "administrator", "/staff/phones"),
    Place("new account", "administrator", "/staff/new"),
    Place("account", "administrator", "/staff/{user}"),
    Place("log", "administrator", "/audit"),
    Place("settings", "administrator", "/settings"),
    Place("indicators", "administrator", "/indicators"),
    Place("indicators of a worker", "grid_worker", "/indicators"),
    Place("indicators of the street", "street_viewer", "/indicators"),
    Place("indicator", "administrator", "/indicators/filed"),
    Place("indicator by month", "administrator", "/indicators/on_time"),
    Place("indicator of the street", "street_viewer", "/indicators/filed"),
    Place("targets", "administrator", "/targets"),
    Place("new target", "administrator", "/targets/new"),
    Place("hand figures", "administrator", "/hand-figures"),
    Place("new community", "administrator", "/communities/new"),
    Place("beginning of a community", "administrator", "/communities/{schematic}/start"),
    Place("print centre", "grid_worker", "/print"),
    Place("print centre of a community", "administrator", "/print?kind=map"),
    Place("print log", "administrator", "/print/log"),
    Place("street", "street_viewer", "/street"),
    Place("my building", "building_head", "/my-building"),
    Place("three buttons", "building_head", "/report"),
    Place("visitor reported", "building_head", "/report/new?kind=visitor"),
    Place("something odd reported", "building_head", "/report/new?kind=odd"),
    Place("reports", "grid_worker", "/reports"),
    Place("cases", "grid_worker", "/cases"),
    Place("case opened", "grid_worker", "/cases/new?household={door}"),
    Place("case with errors", "grid_worker", "/cases/new?household={door}", due_too_early),
    Place("year plan", "administrator", "/year-plan"),
    Place("year plan read", "grid_worker", "/year-plan"),
    Place("new duty", "administrator", "/year-plan/new"),
    Place("duty", "administrator", "/year-plan/{duty}"),
    Place("duty edited", "administrator", "/year-plan/{duty}/edit"),
    Place("workload", "administrator", "/workload"),
    Place("own workload", "grid_worker", "/workload"),
    Place("report of a month", "administrator", "/summaries"),
    Place("personal link that opens nothing", "", "/r/nothing"),
    Place("account of a head", "administrator", "/staff/{head}"),
    Place("outbox", "grid_worker", "/m/outbox"),
    Place("phone", "grid_worker", "/m/phone"),
    Place("me", "grid_worker", "/me"),
    Place("not found", "grid_worker", "/households/nowhere"),
    Place("forbidden", "grid_worker", "/staff"),
)


def addresses(site: Site) -> dict[str, str]:
    """What the brackets stand for: a lived-in door of the worker's own block, who lives there, and so on."""
    door = site.doors("wang", "h.last_visit_on IS NOT NULL")[0]
    one = "SELECT {} WHERE h.public_id = ? ORDER BY 1 LIMIT 1"
    of = "household h JOIN residency r ON r.household_id = h.id AND r.to_on IS NULL JOIN person p ON p.id = r.person_id"
    queries = {
        "building": "b.public_id FROM household h JOIN building b ON b.id = h.building_id",
        "person": f"p.public_id FROM {of}",
        "visit": "v.public_id FROM household h JOIN visit v ON v.household_id = h.id AND v.deleted_at IS NULL",
    }
    found = {name: str(site.rows(one.format(sql), door)[0][0]) for name, sql in queries.items()}
    schematic = site.rows("SELECT public_id FROM community ORDER BY id DESC LIMIT 1")[0][0]
    user = site.rows("SELECT public_id FROM user_account WHERE login = 'li'")[0][0]
    head = site.rows("SELECT public_id FROM user_account WHERE login LIKE 'lou%' ORDER BY id LIMIT 1")[0][0]
    duty = site.rows("SELECT public_id FROM year_duty WHERE counted IS NULL OR counted = 'null' ORDER BY id LIMIT 1")
    found["duty"] = str(duty[0][0])
    return {**found, "door": door, "schematic": schematic, "user": user, "head": head}


def visit(page: Page, place: Place, site: Site) -> None:
    page.goto(place.path.format(**addresses(site)))
    place.then(page)
