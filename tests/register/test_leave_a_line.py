"""Every page that shows somebody's facts leaves a line in the log, also one that asks to choose."""

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import Cast, Place


def lines(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.parametrize("page", ["/households/{door}/visits/new", "/people/{person}/id", "/visits/{visit}"])
def test_a_page_about_a_household_leaves_a_line(page: str, cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    home, person, worker = door.public_id, place.people["王小明"].public_id, log_in("worker")
    words = {"key": "a" * 32, "found": "home", "kind": "visit", "content": "家里有事"}
    visit = worker.post(f"/households/{home}/visits", data=words).headers["Receipt-Visit"]

    assert worker.get(page.format(door=home, person=person, visit=visit)).status_code == 200

    assert [(line.actor_id, line.household_id) for line in lines("open_file")] == [(cast.worker.id, door.id)]


def test_choosing_between_two_versions_leaves_a_line(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    door, person = place.doors["1-1-101"].public_id, place.people["王小明"].public_id

    late = [
        worker.post(f"/households/{door}", data={"key": "d" * 32, "version": "0", "use": "shop"}),
        worker.post(f"/people/{person}", data={"key": "p" * 32, "version": "0", "name": "王小亮"}),
    ]

    assert [answer.status_code for answer in late] == [409, 409]
    assert len(lines("open_file")) == 2


def test_asking_whose_number_it_is_leaves_a_line_without_the_number(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    worker.post("/find", data={"words": "1218"})
    tail_alone = lines("find_by_number")
    answer = worker.post("/find", data={"words": "990101198001011218"})

    assert "王小明" in answer.get_data(as_text=True) and tail_alone == []
    assert [(line.actor_id, line.words) for line in lines("find_by_number")] == [(cast.worker.id, "")]


def test_the_list_offers_only_blocks_with_a_building_in_the_patch(cast: Cast, place: Place, log_in: LogIn) -> None:
    mine, other = place.blocks[0].public_id, place.blocks[1].public_id

    page = log_in("worker").get("/households").get_data(as_text=True)
    whole = log_in("admin").get("/households").get_data(as_text=True)

    assert mine in page and other not in page
    assert mine in whole and other in whole
