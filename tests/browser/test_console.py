"""Nothing goes wrong behind the page: no script error, nothing the policy refuses, nothing from another host.

Every test in this folder is watched; here the watch itself is tried.
"""

from playwright.sync_api import Page

from tests.browser.conftest import DESK, Site, Visit, Watch


def open_today(visitor: Visit) -> Page:
    page = visitor("grid_worker", DESK)
    page.goto("/today")
    return page


def test_the_watch_sees_what_the_policy_refuses(visitor: Visit, watch: Watch) -> None:
    page = open_today(visitor)

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.wait_for_timeout(200)

    assert any("Content Security Policy" in words for words in watch.trouble), watch.trouble
    watch.trouble.clear()


def test_the_watch_sees_a_script_error_and_a_missing_file(visitor: Visit, watch: Watch, site: Site) -> None:
    page = open_today(visitor)

    page.evaluate("setTimeout(() => { throw new Error('out of order'); })")
    page.evaluate("document.body.append(Object.assign(new Image(), { src: '/static/nothing.png' }))")
    page.wait_for_timeout(400)

    assert any("out of order" in words for words in watch.trouble), watch.trouble
    assert any("/static/nothing.png" in words for words in watch.trouble), watch.trouble
    watch.trouble.clear()


def test_the_watch_sees_another_host(visitor: Visit, watch: Watch) -> None:
    page = open_today(visitor)

    page.evaluate("fetch('http://192.0.2.1/x').catch(() => {})")
    page.wait_for_timeout(200)

    assert watch.trouble, "a request to another host went unnoticed"
    watch.trouble.clear()
