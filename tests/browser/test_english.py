"""Somebody chooses English: every page speaks it, on a phone too, and only what people wrote stays Chinese."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from grid.exchange.learning_forms import FIELDS
from tests.browser.conftest import DESK, PHONE, Site, Visit, picture
from tests.browser.pages import PLACES, as_it_is, visit

CHINESE = re.compile(r"[\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]+")
WRITTEN = {
    "community": ("name", "street", "labels", "scenery"),
    "block": ("name",),
    "building": ("estate", "name", "head_name"),
    "household": ("owner_name", "contact_name", "emergency_name", "note", "layout"),
    "person": ("name", "former_name", "occupation", "employer", "hukou_address", "came_from", "note"),
    "visit": ("content", "needs", "gift"),
    "visitor_report": ("facts", "result"),
    "case_file": ("content", "result", "place"),
    "case_party": ("name",),
    "case_step": ("content",),
    "screening": ("content",),
    "tag": ("fields",),
    "person_tag": ("source", "carer", "attrs"),
    "floating": ("employed_by", "rented_by", "went_to"),
    "team": ("name", "leader", "note"),
    "team_member": ("name",),
    "shift": ("who",),
    "patrol": ("who", "content"),
    "patrol_finding": ("content", "place"),
    "checklist": ("title", "items"),
    "inspection": ("place", "inspectors", "content", "signer"),
    "inspection_item": ("words", "note", "recheck_note"),
    "service_record": ("content", "gift"),
    "activity": ("title", "theme", "place", "minutes"),
    "work_plan": ("remark",),
    "work_plan_item": ("words", "note"),
    "award": ("name", "note"),
    "ledger_definition": ("title", "signatures"),
    "target": ("words",),
    "hand_figure": ("origin",),
    "year_duty": ("title", "dates"),
    "duty_tick": ("note",),
    "site": ("name", "keeper"),
    "patrol_route": ("name",),
    "user_account": ("name",),
    # The log keeps what was done in the words of whoever did it.
    "audit_entry": ("words",),
    "export_request": ("asked", "reason"),
}
# The name of the other language, how a room is written, and the sign of a door of which nothing is known.
EXAMPLES = {"简体中文", "幢", "单元", "室", "王", "？"}
SPOKEN = """() => {
  const words = [document.title];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    // A sign of the map is one character in a circle; its title says what it is.
    if (!parent.closest("script, style, .site text")) words.push(walk.currentNode.data);
  }
  for (const e of document.querySelectorAll("[aria-label], [placeholder], [title]"))
    for (const name of ["aria-label", "placeholder", "title"]) words.push(e.getAttribute(name) || "");
  for (const e of document.querySelectorAll("main *"))
    for (const part of ["::before", "::after"]) words.push(getComputedStyle(e, part).content);
  return words.map((w) => w.trim()).filter((w) => w && w !== "none" && w !== "normal");
}"""


def plain(value: object) -> str:
    """A column's text; JSON keeps Chinese as numbers."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), str(value))


@pytest.fixture(scope="module")
def written(site: Site) -> re.Pattern[str]:
    """Whatever people wrote, the longest first."""
    # A field of an import is named as committees write it over their columns.
    values = {headings[0] for fields in FIELDS.values() for headings in fields.values()} | EXAMPLES
    for table, columns in WRITTEN.items():
        present = {row[1] for row in site.rows(f"PRAGMA table_info({table})")}
        for column in set(columns) & present:
            found = site.rows(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
            values |= {part for row in found for part in re.findall(r'[^"{}\n]+', plain(row[0]))}
    # And what they wrote before somebody wrote it anew: the log has it.
    for change in site.rows("SELECT old FROM audit_change UNION ALL SELECT new FROM audit_change"):
        values |= set(re.findall(r'[^"{}\n]+', plain(change[0])))
    ordered = sorted((v for v in values if CHINESE.search(v)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)))


English = Callable[..., Page]


@pytest.fixture
def english(visitor: Visit) -> Iterator[English]:
    """`english("grid_worker", PHONE)` → a page of an account that reads English, until the test is over."""
    pages: list[Page] = []

    def choose(role: str, look: dict[str, object] = DESK) -> Page:
        page = visitor(role, look)
        page.goto("/me")
        page.get_by_label("语言").select_option("en")
        page.get_by_role("button", name="换语言").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        pages.append(page)
        return page

    yield choose
    for page in pages:
        page.goto("/me")
        page.locator("select[name=language]").select_option("zh")
        page.locator("form[action='/me/language'] button").click()
        expect(page.get_by_role("button", name="退出登录")).to_be_visible()


@pytest.mark.parametrize("role", ["administrator", "grid_worker", "street_viewer", "building_head"])
def test_every_page_speaks_english(site: Site, english: English, written: re.Pattern[str], role: str) -> None:
    page = english(role, PHONE)
    for place in [place for place in PLACES if place.role == role and place.then is as_it_is]:
        visit(page, place, site)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

        assert page.locator("html").get_attribute("lang") == "en"
        left = {found for words in page.evaluate(SPOKEN) for found in CHINESE.findall(written.sub("", words))}
        assert left == set(), f"{place.name}: {sorted(left)}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{place.name} is wider than a phone"
        picture(page, f"71-english-{place.name.replace(' ', '-')}")


def test_what_script_says_is_english_too(site: Site, english: English, written: re.Pattern[str]) -> None:
    page = english("grid_worker", PHONE)
    page.goto("/map")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    page.locator("#map .houses a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#building-sheet").get_by_role("button", name="Close")).to_be_visible()
    left = [words for words in page.evaluate(SPOKEN) if CHINESE.search(written.sub("", words))]
    assert left == []

    page.goto("/find")
    page.get_by_role("searchbox").press_sequentially("王")
    expect(page.locator("#found li").first).to_be_visible()
    assert not CHINESE.search(written.sub("", page.locator("#found").inner_text()))


@pytest.mark.browser_context_args(locale="en-GB")
def test_the_login_page_follows_the_browser_and_its_own_switch(stranger: Visit) -> None:
    page = stranger(PHONE)
    page.goto("/login")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()

    page.get_by_role("button", name="简体中文").click()

    expect(page.get_by_role("button", name="登录")).to_be_visible()
