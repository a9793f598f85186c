"""Two people edit the same household: the second sees both versions side by side and loses nothing."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visit, picture
from tests.browser.test_accessibility import violations


def note_of(site: Site, door: str) -> tuple[str, str, str]:
    return site.rows("SELECT note, layout, owner_name FROM household WHERE public_id = ?", door)[0]  # type: ignore[return-value]


def fill(page: Page, **words: str) -> None:
    for label, text in words.items():
        page.get_by_label(label, exact=True).fill(text)


def test_nothing_typed_is_lost(site: Site, visitor: Visit) -> None:
    door = site.doors("wang")[-1]
    mine, theirs = visitor("grid_worker", PHONE), visitor("administrator", DESK)
    for page in (mine, theirs):
        page.goto(f"/households/{door}/edit")
    fill(mine, 备注="我写的：楼道有杂物，\n已经劝导。", 户型="四室一厅", 紧急联系人="我的联系人")
    fill(theirs, 备注="他写的：本户要装扶手。", 房主姓名="他改的房主")
    theirs.get_by_role("button", name="保存").click()
    expect(theirs.get_by_role("status")).to_contain_text("已保存")

    mine.get_by_role("button", name="保存").click()

    expect(mine.get_by_role("heading", level=1)).to_contain_text("两个人同时改了")
    expect(mine.get_by_role("alert")).to_contain_text(site.account("administrator")["name"])
    for words in ("我写的：楼道有杂物，", "他写的：本户要装扶手。"):
        expect(mine.get_by_text(words)).to_be_visible()
    picture(mine, "51-clash", whole=True)
    assert violations(mine) == []
    mine.get_by_role("radio", name="我写的").check()
    mine.get_by_role("button", name="按选好的保存").click()
    expect(mine.get_by_role("status")).to_contain_text("已保存")
    note, layout, owner = note_of(site, door)
    assert note == "我写的：楼道有杂物，\n已经劝导。"
    assert (layout, owner) == ("四室一厅", "他改的房主"), "a field that only one of them touched must keep the change"
    assert site.rows("SELECT emergency_name FROM household WHERE public_id = ?", door) == [("我的联系人",)]


def test_theirs_can_be_chosen_without_script(site: Site, visitor: Visit) -> None:
    door = site.doors("wang")[-2]
    mine, theirs = visitor("grid_worker", PHONE, java_script_enabled=False), visitor("administrator", DESK)
    for page in (mine, theirs):
        page.goto(f"/households/{door}/edit")
    fill(theirs, 备注="他写的。")
    theirs.get_by_role("button", name="保存").click()
    expect(theirs.get_by_role("status")).to_contain_text("已保存")
    fill(mine, 备注="我写的。")

    mine.get_by_role("button", name="保存").click()
    mine.get_by_role("radio", name="他写的").check()
    mine.get_by_role("button", name="按选好的保存").click()

    expect(mine.get_by_role("status")).to_contain_text("已保存")
    assert note_of(site, door)[0] == "他写的。"


def test_a_third_save_meanwhile_shows_the_clash_again(site: Site, visitor: Visit) -> None:
    door = site.doors("wang")[-3]
    mine, theirs = visitor("grid_worker", PHONE), visitor("administrator", DESK)
    for page in (mine, theirs):
        page.goto(f"/households/{door}/edit")
    fill(theirs, 备注="第一次。")
    theirs.get_by_role("button", name="保存").click()
    fill(mine, 备注="我的。")
    mine.get_by_role("button", name="保存").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text("两个人同时改了")
    theirs.goto(f"/households/{door}/edit")
    fill(theirs, 备注="第二次。")
    theirs.get_by_role("button", name="保存").click()
    expect(theirs.get_by_role("status")).to_contain_text("已保存")

    mine.get_by_role("radio", name="我的").check()
    mine.get_by_role("button", name="按选好的保存").click()

    expect(mine.get_by_role("heading", level=1)).to_contain_text("两个人同时改了")
    expect(mine.get_by_text("第二次。")).to_be_visible()
    expect(mine.get_by_text("我的。")).to_be_visible()
