"""Who lived here on a day: on the screen, and on a sheet that says the day; behind one door or in a building."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.documents.models import Edition, Print
from grid.register.models import Residency
from tests.conftest import LogIn
from tests.documents.test_print import words
from tests.factories import Cast, Place
from tests.register.move_pages import of, send


def after_a_change(place: Place, worker: Any) -> None:
    """王小明, the head, went to 2-1-101 on the first of November; 李芳 is the head since."""
    wang, li = place.people["王小明"].public_id, place.people["李芳"].public_id
    send(worker, of(place.doors["1-1-101"], "change-flat"), people=[wang], to="2-1-101", head_of_rest=li)


def on_screen(worker: Any, path: str) -> str:
    page = BeautifulSoup(worker.get(path).get_data(as_text=True), "html5lib")
    return " ".join(row.get_text(" ", strip=True) for row in page.select("section ul.rows")[:1])


def test_the_sheet_of_a_door_says_the_day_and_who_lived_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    after_a_change(place, worker)

    before = worker.post(f"/households/{door.public_id}/residents/print", data={"on": "2026-10-31"})
    after = worker.post(f"/households/{door.public_id}/residents/print", data={"on": "2026-11-01"})

    assert (before.status_code, before.mimetype) == (200, "application/pdf")
    told = words(before.data)
    assert all(said in told for said in ("2026-10-31", "王小明", "李芳", "1-1-101", "孟网格"))
    assert "990101" not in told and "单雄信" not in told
    assert "王小明" not in words(after.data) and "李芳" in words(after.data)


def test_it_stands_in_the_print_log_and_is_no_edition_of_the_file(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/residents/print", data={"on": "2026-10-31"})

    made = db.session.scalars(select(Print)).one()
    assert (made.kind, made.household_id, made.about) == ("residents", door.id, "1-1-101、2026-10-31")
    assert db.session.scalars(select(AuditEntry.words).where(AuditEntry.action == "print_residents")).all() == [
        made.number
    ]
    assert db.session.scalars(select(Edition)).all() == []


def test_a_building_door_by_door(cast: Cast, place: Place, log_in: LogIn) -> None:
    building, worker = place.buildings[0], log_in("worker")
    after_a_change(place, worker)
    path = f"/buildings/{building.public_id}/residents"

    before, after = on_screen(worker, f"{path}?on=2026-10-31"), on_screen(worker, f"{path}?on=2026-11-01")
    sheet = words(worker.post(f"{path}/print", data={"on": "2026-10-31"}).data)

    assert "1-1-101 王小明 户主 · 李芳 1-1-102" in before and "单雄信" in before and "欧阳娜" not in before
    assert "1-1-101 李芳 户主" in after and "王小明" not in after
    assert all(said in sheet for said in ("2026-10-31", "王小明", "单雄信")) and "欧阳娜" not in sheet
    looked = db.session.scalars(select(AuditEntry.words).where(AuditEntry.action == "open_residents"))
    assert looked.all() == ["1 2026-10-31", "1 2026-11-01"]


def test_there_is_one_head_on_every_day(cast: Cast, place: Place, log_in: LogIn) -> None:
    """The next head was there before, too: on the day of the first, the first it was."""
    worker = log_in("worker")
    after_a_change(place, worker)

    there = on_screen(worker, f"/households/{place.doors['1-1-101'].public_id}?on=2026-10-31")

    assert there.count("户主") == 1 and there.index("户主") < there.index("李芳")


@pytest.mark.parametrize("given", ["", "gestern", "9999-12-31"])
def test_without_a_day_nothing_is_printed(cast: Cast, place: Place, log_in: LogIn, given: str) -> None:
    answer = log_in("worker").post(f"/buildings/{place.buildings[0].public_id}/residents/print", data={"on": given})

    assert answer.status_code == 400 and db.session.scalars(select(Print)).all() == []


def test_before_anybody_came_nobody_lived_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, path = log_in("worker"), f"/buildings/{place.buildings[0].public_id}/residents"
    assert db.session.scalar(select(Residency.from_on).limit(1)) == date(2020, 1, 1)

    assert "没有登记谁住在这里" in on_screen(worker, f"{path}?on=2019-12-31")
    assert "没有登记谁住在这里" in words(worker.post(f"{path}/print", data={"on": "2019-12-31"}).data)


def test_of_days_to_come_nothing_is_known(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    paths = (f"/households/{place.doors['1-1-101'].public_id}", f"/buildings/{place.buildings[0].public_id}/residents")

    for page in (worker.get(f"{path}?on=9999-12-31").get_data(as_text=True) for path in paths):
        assert "王小明" in page and "9999-12-31" not in page


def test_the_head_is_called_head_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    path = f"/households/{place.doors['1-1-102'].public_id}/residents/print"

    told = words(log_in("worker").post(path, data={"on": "2026-10-31"}).data)

    assert told.count("户主") == 1
