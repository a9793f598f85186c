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


def to_nowhere(page: Page) -> None:
    page.get_by_label("搬到哪一户").fill("99-9-999")
    page.locator(".sticky-save button").click()
    expect(page.locator(".error").first).to_be_visible()


def same_name_and_phone(page: Page) -> None:
    """The second of two who move in looks like the first."""
    for _again in (1, 2):
        page.goto(page.url.split("?")[0].removesuffix("/move-in") + "/move-in")
        page.locator("#name").fill("赵小重")
        page.locator("#phone").fill("19900066666")
        page.locator(".sticky-save button").click()
        expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_text("很像")).to_be_visible()


def new_owner(page: Page) -> None:
    page.locator("#owner_name").fill("孙新房")
    page.locator(".sticky-save button").click()
    expect(page.get_by_role("status")).to_be_visible()


def about_to_undo(page: Page) -> None:
    new_owner(page)
    page.locator("[role=status] a").click()
    expect(page.locator(".sticky-save button")).to_be_visible()


def no_words(page: Page) -> None:
    page.locator("textarea").first.fill(" ")
    nothing_chosen(page)


def due_too_early(page: Page) -> None:
    page.locator("label[for=type-dispute]").click()
    page.get_by_label("什么事").fill("楼上漏水")
    page.get_by_label("办结期限").fill("2020-01-01")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".error").first).to_be_visible()


def nobodys_business(page: Page) -> None:
    page.locator("#label").fill("信教群众")
    page.locator(".sticky-save button").click()
    expect(page.locator(".error").first).to_be_visible()


def said_why(page: Page) -> None:
    """For the next half hour nobody asks again."""
    if page.locator("#ask").count():
        page.locator("label[for=why-contact]").click()
        page.locator("form[action$=restricted] button").click()
    expect(page.locator("#give")).to_be_visible()


def finding_untold(page: Page) -> None:
    page.get_by_label("几个人").fill("2")
    page.locator(".finding summary").first.click()
    page.get_by_label("在哪里").first.fill("楼前")
    page.get_by_label("要有人跟进，立为事件").first.check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_be_visible()


def member_found(page: Page) -> None:
    page.get_by_role("searchbox").press_sequentially("王")
    expect(page.locator("#found label").first).to_be_visible()


def step_untold(page: Page) -> None:
    page.locator(".moves summary", has_text="调解").click()
    page.get_by_role("button", name="记下调解").click()
    expect(page.locator(".error").first).to_be_visible()


def no_reason(page: Page) -> None:
    page.locator("#whole").check()
    page.locator(".sticky-save button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def second_person_asked(page: Page) -> None:
    """More whole numbers than one person may take alone."""
    page.locator("#whole").check()
    page.get_by_label("导出做什么用").fill("派出所核对")
    page.locator(".sticky-save button").click()
    expect(page.get_by_role("heading", name="我的申请")).to_be_visible()


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


def an_import_to_undo(page: Page) -> None:
    a_list_read(page)
    page.get_by_role("button", name="写入").click()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("一模一样")).to_be_visible()


def words_differ(page: Page) -> None:
    page.get_by_label("给档案包定一个口令").fill("一二三四五六七八")
    page.get_by_label("再输一次口令").fill("八七六五四三二一")
    page.get_by_role("button", name="制作并下载").click()
    expect(page.locator(".error").first).to_be_visible()


def a_strange_list_read(page: Page) -> None:
    rows = "楼号,单元,房间,房屋状态,开门密码\n5,1,101,群租,8\n5,1,102,自住,9\n"
    page.locator("label", has_text="房屋").first.click()
    page.get_by_label("文件").set_input_files({"name": "房屋.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="读取并预览").click()
    page.get_by_role("link", name="告诉系统一次就记住").click()
    expect(page.get_by_role("button", name="记住并重新预览")).to_be_visible()


def something_amiss(page: Page) -> None:
    page.get_by_role("button", name="全部合格").click()
    page.locator("label[for$=found-amiss]").first.click()
    expect(page.get_by_label("哪里不合格").first).to_be_visible()


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
    Place("moves", "grid_worker", "/households/{door}/moves"),
    Place("change of flat", "grid_worker", "/households/{door}/change-flat"),
    Place("split", "grid_worker", "/households/{door}/split"),
    Place("merger, first the door", "grid_worker", "/households/{door}/merge"),
    Place("merger", "administrator", "/households/{door}/merge?other={other_door}"),
    Place("birth", "grid_worker", "/households/{door}/birth"),
    Place("death", "grid_worker", "/people/{person}/death"),
    Place("new head", "grid_worker", "/households/{door}/new-head"),
    Place("new owner", "grid_worker", "/households/{door}/new-landlord"),
    Place("tenants leave", "grid_worker", "/households/{door}/tenants-leave"),
    Place("move refused", "grid_worker", "/households/{door}/change-flat", to_nowhere),
    Place("moved in and looks like another", "grid_worker", "/households/{door}/move-in", same_name_and_phone),
    Place("move just made", "grid_worker", "/households/{door}/new-landlord", new_owner),
    Place("undo", "grid_worker", "/households/{door}/new-landlord", about_to_undo),
    Place("residents of a building on a day", "grid_worker", "/buildings/{building}/residents?on=2026-01-01"),
    Place("residents of a household on a day", "grid_worker", "/households/{door}?on=2026-01-01"),
    Place("visit", "grid_worker", "/households/{door}/visits/new"),
    Place("visit with errors", "grid_worker", "/households/{door}/visits/new", nothing_chosen),
    Place("visit recorded", "grid_worker", "/visits/{visit}"),
    Place("finder", "grid_worker", "/find", found_somebody),
    Place("register", "administrator", "/households"),
    Place("people entered twice", "grid_worker", "/duplicates"),
    Place("two people side by side", "grid_worker", "/duplicates/{person}/{twin}"),
    Place("blank sheets", "grid_worker", "/blank-sheets"),
    Place("blank sheets of one of several", "administrator", "/blank-sheets"),
    Place("imports", "administrator", "/imports"),
    Place("community archive", "administrator", "/exports/community"),
    Place("community archive untold", "administrator", "/exports/community", words_differ),
    Place("import preview", "administrator", "/imports", a_list_read),
    Place("import to undo", "administrator", "/imports", an_import_to_undo),
    Place("exports", "administrator", "/exports"),
    Place("exports of a worker", "grid_worker", "/exports"),
    Place("export", "administrator", "/exports/new?subject=residents"),
    Place("export of a ledger", "grid_worker", "/exports/new?subject=ledger:visits&f_kind=talk"),
    Place("export with errors", "administrator", "/exports/new?subject=households", no_reason),
    Place("export asked for", "administrator", "/exports/new?subject=residents", second_person_asked),
    Place("unknown words of an import", "administrator", "/imports", a_strange_list_read),
    Place("learnt words", "administrator", "/imports/words"),
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
    Place("case opened at the counter", "administrator", "/cases/new"),
    Place("case", "grid_worker", "/cases/{case}"),
    Place("step with errors", "grid_worker", "/cases/{case}", step_untold),
    Place("screenings", "grid_worker", "/screenings"),
    Place("screenings of a community", "administrator", "/screenings"),
    Place("screening with something found", "administrator", "/screenings/{screening}"),
    Place("screening recorded", "administrator", "/screenings/new"),
    Place("case with errors", "grid_worker", "/cases/new?household={door}", due_too_early),
    Place("duties", "administrator", "/services"),
    Place("patrols", "grid_worker", "/patrols"),
    Place("patrol recorded", "grid_worker", "/patrols/{patrol}"),
    Place("patrol begun", "grid_worker", "/patrols/new"),
    Place("patrol with errors", "grid_worker", "/patrols/new", finding_untold),
    Place("rota", "administrator", "/shifts"),
    Place("teams", "grid_worker", "/teams"),
    Place("team", "administrator", "/teams/{team}"),
    Place("team edited", "administrator", "/teams/{team}/edit"),
    Place("member found", "administrator", "/teams/{team}/members/new", member_found),
    Place("sites", "grid_worker", "/sites"),
    Place("site", "administrator", "/sites/{site}"),
    Place("weekly plans", "administrator", "/work-plans"),
    Place("weekly plan to be checked", "administrator", "/work-plans/{plan}"),
    Place("own weekly plan", "grid_worker", "/work-plans/mine"),
    Place("awards", "grid_worker", "/awards"),
    Place("award added", "administrator", "/awards/new"),
    Place("inspections", "grid_worker", "/inspections"),
    Place("inspection begun", "grid_worker", "/inspections/new"),
    Place("inspection on the way", "grid_worker", "/inspections/new?checklist={checklist}&place=东门", something_amiss),
    Place("inspection with errors", "grid_worker", "/inspections/new?checklist={checklist}&place=东门", nothing_chosen),
    Place("inspection with something amiss", "grid_worker", "/inspections/{inspection}"),
    Place("checklists", "administrator", "/checklists"),
    Place("checklist", "administrator", "/checklists/{checklist}"),
    Place("service records", "grid_worker", "/service-records"),
    Place("service records of a household", "grid_worker", "/service-records?household={door}"),
    Place("service for whom", "grid_worker", "/service-records/new?address=9-9-999"),
    Place("service recorded", "grid_worker", "/service-records/new?household={door}", no_words),
    Place("activities", "grid_worker", "/activities"),
    Place("activity", "grid_worker", "/activities/{activity}"),
    Place("activity begun", "grid_worker", "/activities/new"),
    Place("activity completed", "grid_worker", "/activities/{activity}/edit"),
    Place("ledgers", "administrator", "/ledgers"),
    Place("ledger of visits", "grid_worker", "/ledgers/visits"),
    Place("ledger of residents", "administrator", "/ledgers/residents?f_sex=2"),
    Place("restricted ledger", "grid_worker", "/ledgers/talks"),
    Place("kinds of rows for a ledger", "administrator", "/ledgers/new"),
    Place("new ledger", "administrator", "/ledgers/new?source=visits"),
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
    Place("tags", "administrator", "/tags"),
    Place("new tag", "administrator", "/tags/new"),
    Place("new tag with errors", "administrator", "/tags/new", nobodys_business),
    Place("tag edited", "administrator", "/tags/{tag}"),
    Place("tags of a person", "grid_worker", "/persons/{person}/tags"),
    Place("tag given", "grid_worker", "/persons/{person}/tags/new?tag={tag}"),
    Place("restricted tags asked for", "grid_worker", "/persons/{person}/restricted"),
    Place("restricted tags", "grid_worker", "/persons/{person}/restricted", said_why),
    Place("floating register", "grid_worker", "/floating"),
    Place("people missing in the floating register", "grid_worker", "/floating?kind=missing"),
    Place("floating person", "grid_worker", "/persons/{person}/floating"),
    Place("registered floating person", "grid_worker", "/persons/{floater}/floating"),
    Place("permit renewed", "grid_worker", "/persons/{floater}/floating/renewal"),
    Place("floating person gone", "grid_worker", "/persons/{floater}/floating/leaving"),
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
    twin = f"SELECT p.public_id FROM {of} WHERE h.public_id = ? LIMIT 1"
    second = site.doors("wang", "h.last_visit_on IS NOT NULL")[1]
    case = """SELECT c.public_id FROM case_file c JOIN user_account u ON u.id = c.owner_id
        WHERE u.login = 'wang' AND c.closed_on IS NULL ORDER BY c.due_on LIMIT 1"""
    screening = "SELECT public_id FROM screening WHERE NOT is_zero ORDER BY week_on DESC LIMIT 1"
    kept = {"case": site.rows(case)[0][0], "screening": site.rows(screening)[0][0]}
    found = {name: str(site.rows(one.format(sql), door)[0][0]) for name, sql in queries.items()}
    found["twin"] = str(site.rows(twin, second)[0][0])
    tag = site.rows("SELECT public_id FROM tag WHERE code = 'disabled' ORDER BY id LIMIT 1")[0][0]
    schematic = site.rows("SELECT public_id FROM community ORDER BY id DESC LIMIT 1")[0][0]
    user = site.rows("SELECT public_id FROM user_account WHERE login = 'li'")[0][0]
    head = site.rows("SELECT public_id FROM user_account WHERE login LIKE 'lou%' ORDER BY id LIMIT 1")[0][0]
    amiss = "i.public_id FROM inspection i JOIN inspection_item t ON t.inspection_id = i.id"
    floats = "f.person_id = r.person_id AND f.direction = 'in' AND f.left_on IS NULL"
    floater = f"r.to_on IS NULL AND EXISTS (SELECT 1 FROM floating f WHERE {floats})"
    home = site.doors("wang", f"EXISTS (SELECT 1 FROM residency r WHERE r.household_id = h.id AND {floater})")[0]
    found["floater"] = str(site.rows(one.format(f"p.public_id FROM {of} AND {floater}"), home)[0][0])
    duties = {
        "patrol": "p.public_id FROM patrol p JOIN patrol_finding f ON f.patrol_id = p.id ORDER BY f.case_id IS NULL",
        "team": "public_id FROM team",
        "site": "public_id FROM site",
        "plan": "public_id FROM work_plan WHERE state = 'submitted'",
        "checklist": "public_id FROM checklist ORDER BY id",
        "inspection": f"{amiss} WHERE i.building_id IS NULL AND NOT t.is_fine AND i.signature IS NOT NULL",
        "activity": "public_id FROM activity WHERE kind = 'lecture' ORDER BY id",
    }
    found |= {name: str(site.rows(f"SELECT {sql} LIMIT 1")[0][0]) for name, sql in duties.items()}
    found["other_door"] = str(
        site.rows("SELECT code FROM household WHERE n_members > 1 AND public_id <> ? ORDER BY id LIMIT 1", door)[0][0]
    )
    duty = site.rows("SELECT public_id FROM year_duty WHERE counted IS NULL OR counted = 'null' ORDER BY id LIMIT 1")
    found["duty"] = str(duty[0][0])
    return {**found, **kept, "tag": tag, "door": door, "schematic": schematic, "user": user, "head": head}


def visit(page: Page, place: Place, site: Site) -> None:
    page.goto(place.path.format(**addresses(site)))
    place.then(page)
