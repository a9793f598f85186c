"""A page asks the database the same number of questions, however much there is behind it."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from grid.core.db import db
from grid.register import finding
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person
from tests.test_matrix import LOGINS, address, enter, inside, routes, rule_of

Count = Callable[[], int]


def asking(client: FlaskClient, place: Place, asked: str) -> Callable[[], int]:
    """Asks for a page as a phone does, and gives the status; the ids are looked up beforehand."""
    door, building = place.doors["1-1-101"].public_id, place.buildings[0].public_id
    community = place.community.public_id
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}

    def search() -> int:
        return client.post("/find", data={"words": "王"}, headers=part).status_code

    def visit() -> int:
        return client.post(f"/households/{door}/visits", data={"key": str(uuid.uuid4()), "found": "home"}).status_code

    paths = {
        "household": f"/households/{door}",
        "elevation": f"/buildings/{building}",
        "map": f"/map/{community}",
        "due": "/today",
    }
    return {"search": search, "visit": visit}.get(asked) or (lambda: client.get(paths[asked]).status_code)


# Reader's session; what the page shows; for a file the note of who looked; for a visit all that it writes.
STATEMENTS = {"search": 2, "household": 9, "elevation": 3, "map": 3, "due": 11, "visit": 9}
# There the note goes by a connection that is not counted, and the triggers are told below which entry they write.
ON_POSTGRESQL = {"household": -1, "visit": 1}


@pytest.mark.parametrize("asked", STATEMENTS)
def test_its_number_of_statements_is_constant(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Count, asked: str
) -> None:
    ask = asking(log_in("worker"), place, asked)
    # The first time also reads the patches, and a map its outlines.
    ask()
    count_queries()

    few = (ask(), count_queries())
    move_in_many(place)
    ask()
    count_queries()
    many = (ask(), count_queries())

    there = ON_POSTGRESQL if db.engine.dialect.name == "postgresql" else {}
    assert few == many == (303 if asked == "visit" else 200, STATEMENTS[asked] + there.get(asked, 0))


def gets(app: Flask, role: str) -> list[Rule]:
    return [rule for rule, method in routes(app) if method == "GET" and role in rule_of(app, rule)]


@pytest.mark.parametrize("role", ["administrator", "grid_worker", "street_viewer"])
def test_no_page_asks_more_where_more_people_live(
    app: Flask, place: Place, cast: Cast, role: str, count_queries: Count
) -> None:
    ids, client = inside(place, cast), enter(app, LOGINS[role])
    pages = [
        address(rule, ids) for rule in gets(app, role) if not rule.rule.startswith(("/imports/<", "/print/jobs/<"))
    ]

    def counted() -> dict[str, int]:
        found = {}
        for page in pages:
            client.get(page)
            count_queries()
            client.get(page)
            found[page] = count_queries()
        return found

    before = counted()
    move_in_many(place)

    assert counted() == before
    assert sum(before.values()) > len(pages)


def move_in_many(place: Place) -> None:
    """Twenty more people behind the first door, two behind each other one, and visits to all of them."""
    for n in range(20):
        make_person(place.doors["1-1-101"], f"王{'小大中明亮'[n % 5]}{n}")
    for code, door in place.doors.items():
        make_person(door, f"王{code}", is_head=True)
        make_person(door, f"李{code}")
    refresh_members(community_id=place.community.id)
    finding.index_households(community_id=place.community.id)
    db.session.commit()
