"""Somebody looks for a household: results while typing, and no word of it in any address."""

from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect
from pypinyin import lazy_pinyin

from tests.browser.conftest import PHONE, Site, Visit, Watch, picture


@pytest.fixture
def asked(visitor: Visit) -> tuple[Page, list[str]]:
    page = visitor("grid_worker", PHONE)
    addresses: list[str] = []
    page.context.on("request", lambda request: addresses.append(unquote(request.url)))
    page.goto("/find")
    return page, addresses


def somebody(site: Site) -> tuple[str, str]:
    """The head of a household in the worker's own block, with a phone and an ID number: name and door."""
    sql = """SELECT p.name, h.code FROM person p JOIN residency r ON r.person_id = p.id AND r.to_on IS NULL
        JOIN household h ON h.id = r.household_id
        WHERE h.public_id = ? AND r.is_head AND p.phone IS NOT NULL AND p.id_no IS NOT NULL"""
    found = [row for door in site.doors("wang")[:20] for row in site.rows(sql, door)]
    name, code = found[0]
    return str(name), str(code)


def test_results_come_while_typing(asked: tuple[Page, list[str]], site: Site) -> None:
    page, _ = asked
    name, code = somebody(site)
    box = page.get_by_role("searchbox")

    box.press_sequentially(name, delay=30)

    first = page.locator("#found li").filter(has_text=name).filter(has_text=code)
    expect(first.first).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_have_value(name)
    picture(page, "41-found")
    first.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(code)


def test_one_chinese_character_is_enough(asked: tuple[Page, list[str]], site: Site) -> None:
    page, _ = asked
    name, _code = somebody(site)

    page.get_by_role("searchbox").press_sequentially(name[-1])

    expect(page.locator("#found li").first).to_be_visible()
    for line in page.locator("#found li").all():
        assert name[-1] in line.inner_text()


def test_a_character_being_composed_is_not_asked_for(asked: tuple[Page, list[str]]) -> None:
    """While pinyin is being turned into characters, the letters on their way are not searched."""
    page, _ = asked
    page.get_by_role("searchbox").focus()
    ime = page.context.new_cdp_session(page)
    for letters in ("w", "wa", "wan", "wang"):
        ime.send("Input.imeSetComposition", {"text": letters, "selectionStart": 4, "selectionEnd": 4})
    ime.send("Input.insertText", {"text": "王"})

    expect(page.locator("#found li").first).to_be_visible()
    assert all("王" in line.inner_text() for line in page.locator("#found li").all())


@pytest.mark.parametrize("how", ["room", "phone tail", "ID tail", "initials", "pinyin"])
def test_other_ways_to_say_it(asked: tuple[Page, list[str]], site: Site, how: str) -> None:
    page, _ = asked
    name, code = somebody(site)
    letters = lazy_pinyin(name)
    words = {"room": code, "initials": "".join(word[0] for word in letters), "pinyin": "".join(letters)}
    if how.endswith("tail"):
        words = tails(page, name, code)
        page.goto("/find")

    page.get_by_role("searchbox").press_sequentially(words[how])

    expect(page.locator("#found li").filter(has_text=code).first).to_be_visible()


def tails(page: Page, name: str, code: str) -> dict[str, str]:
    """The last four signs of somebody's phone and ID number, as the worker sees them in the file."""
    page.get_by_role("searchbox").press_sequentially(name)
    page.locator("#found li").filter(has_text=code).first.get_by_role("link").click()
    person = page.locator("li.person").filter(has_text=name)
    masked = person.get_by_role("link", name="看完整证件号").inner_text()
    person.get_by_role("link", name="改信息").click()
    return {"ID tail": masked[-4:], "phone tail": page.get_by_label("电话", exact=True).input_value()[-4:]}


def test_what_was_typed_stands_in_no_address(asked: tuple[Page, list[str]], site: Site) -> None:
    page, addresses = asked
    name, _code = somebody(site)
    page.get_by_role("searchbox").press_sequentially(name)
    expect(page.locator("#found li").first).to_be_visible()
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#found li").first).to_be_visible()
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#found li").first).to_be_visible()

    assert page.url.endswith("/find")
    assert not [address for address in addresses if name in address or name[-1] in address]


def test_it_works_as_a_plain_form_without_script(visitor: Visit, site: Site) -> None:
    page = visitor("grid_worker", PHONE, java_script_enabled=False)
    name, code = somebody(site)
    page.goto("/find")
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("button", name="查找").click()

    expect(page.locator("#found li").filter(has_text=code).first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value(name)
    assert name not in unquote(page.url)


def test_when_the_line_is_cut_it_says_so_and_keeps_the_words(asked: tuple[Page, list[str]], watch: Watch) -> None:
    page, _ = asked
    page.route("**/find", lambda route: route.abort())

    page.get_by_role("searchbox").press_sequentially("王")

    expect(page.locator("#toast")).to_be_visible()
    expect(page.locator("#toast")).to_contain_text("连不上")
    expect(page.get_by_role("searchbox")).to_have_value("王")
    # The browser and htmx note the cut line; that is all there is to note.
    watch.trouble[:] = [words for words in watch.trouble if "ERR_FAILED" not in words and "htmx:error" not in words]
