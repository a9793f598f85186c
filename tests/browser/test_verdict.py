"""What an answer says about an entry: only the server's own word for this very entry counts."""

from playwright.sync_api import Page

from tests.browser.conftest import DESK, Visit

KEY, OTHER = "6c0f5a52-1111-4222-8333-444455556666", "00000000-1111-4222-8333-444455556666"
ECHO, RECEIPT = {"Outbox-Key": KEY}, {"Outbox-Key": KEY, "Receipt-Key": KEY}
TABLE: list[tuple[int, dict[str, str], str]] = [
    (201, RECEIPT, "delivered"),
    (201, {"Receipt-Key": KEY}, "delivered"),
    (201, {}, "waiting"),
    (201, ECHO, "waiting"),
    (201, {"Receipt-Key": OTHER, "Outbox-Key": KEY}, "waiting"),
    (201, {"Receipt-Key": OTHER, "Outbox-Key": OTHER}, "waiting"),
    (200, {}, "waiting"),
    (200, ECHO, "waiting"),
    (200, RECEIPT, "waiting"),
    (204, ECHO, "waiting"),
    (303, {}, "waiting"),
    (302, ECHO, "waiting"),
    (401, ECHO, "login"),
    (401, {}, "waiting"),
    (401, {"Outbox-Key": OTHER}, "waiting"),
    (403, ECHO, "returned"),
    (403, {}, "waiting"),
    (404, ECHO, "returned"),
    (404, {}, "waiting"),
    (409, ECHO, "clash"),
    (409, {}, "waiting"),
    (410, ECHO, "returned"),
    (413, ECHO, "returned"),
    (413, {}, "waiting"),
    (422, ECHO, "returned"),
    (422, {}, "waiting"),
    (422, {"Outbox-Key": OTHER}, "waiting"),
    (423, ECHO, "owner"),
    (423, {}, "waiting"),
    (429, ECHO, "waiting"),
    (429, {}, "waiting"),
    (500, ECHO, "waiting"),
    (500, RECEIPT, "waiting"),
    (503, ECHO, "waiting"),
    (503, {}, "waiting"),
    (0, {}, "waiting"),
]


def test_every_answer_means_what_the_contract_says(visitor: Visit) -> None:
    page: Page = visitor("grid_worker", DESK)
    page.goto("/me")
    script = """([rows, key]) => rows.map(([status, headers]) =>
        yihu.outbox.verdict(status, new Headers(headers), key))"""

    found = page.evaluate(script, [[[status, headers] for status, headers, _meaning in TABLE], KEY])

    wrong = [(*row[:2], got) for row, got in zip(TABLE, found, strict=True) if row[2] != got]
    assert wrong == []


def test_an_answer_without_headers_says_nothing(visitor: Visit) -> None:
    page = visitor("grid_worker", DESK)
    page.goto("/me")

    assert page.evaluate("yihu.outbox.verdict(201, undefined, 'x')") == "waiting"
