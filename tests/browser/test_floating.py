"""The floating register on a phone: each direction asks for its own reasons."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, Visit, picture
from tests.browser.pages import addresses


def test_who_goes_is_asked_other_reasons_than_who_comes(site: Site, visitor: Visit) -> None:
    page, ids = visitor("grid_worker", PHONE), addresses(site)
    page.goto(f"/persons/{ids['floater']}/floating")
    coming, going = page.get_by_label("流入原因"), page.get_by_label("流出原因")
    leaving = page.get_by_label("离开原因")
    expect(coming).to_be_visible()
    expect(going).to_be_hidden()
    expect(leaving).to_be_visible()

    page.locator("label[for=direction-out]").tap()

    expect(going).to_be_visible()
    expect(coming).to_be_hidden()
    expect(leaving).to_be_hidden()
    going.select_option("照料孙子女")
    picture(page, "83-floating-out", whole=True)
