"""常在家: the part of the day in which visits found somebody most often."""

from datetime import datetime, time, timedelta

import pytest

from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.register.models import Household
from grid.visits.actions import VisitEntry, record_visit, withdraw_visit
from grid.visits.models import Visit
from grid.visits.summaries import refresh_visits
from tests.factories import Cast, Place


def call(cast: Cast, door: Household, hour: int, found: str = "home", minute: int = 0) -> Visit:
    """A visit at an hour of the committee's clock, some days ago."""
    calls = db.session.query(Visit).count()
    at = datetime.combine(today() - timedelta(days=1 + calls), time(hour, minute), ZONE)
    made = record_visit(cast.worker, door, VisitEntry(f"{calls:020}", "said", at, found))
    db.session.refresh(door)
    return db.session.query(Visit).filter_by(public_id=made).one()


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (1, 0, "morning"),
        (11, 59, "morning"),
        (12, 0, "afternoon"),
        (17, 59, "afternoon"),
        (18, 0, "evening"),
        (23, 59, "evening"),
    ],
)
def test_noon_and_six_part_the_day_on_the_committees_clock(
    cast: Cast, place: Place, hour: int, minute: int, said: str
) -> None:
    call(cast, place.doors["1-1-101"], hour, minute=minute)

    assert place.doors["1-1-101"].home_hours == said
    assert place.doors["1-1-102"].home_hours is None


def test_most_visits_decide_and_of_equal_parts_the_earlier(cast: Cast, place: Place) -> None:
    door, said = place.doors["1-1-101"], []
    for hour in (19, 15, 14, 20, 9, 10, 21):
        call(cast, door, hour)
        said.append(door.home_hours)

    # 15:00 draws level and is earlier; at 10:00 all three are level; one more evening leads.
    assert said == ["evening", "afternoon", "afternoon", "afternoon", "afternoon", "morning", "evening"]


def test_a_closed_door_says_nothing(cast: Cast, place: Place) -> None:
    door = place.doors["1-1-101"]
    for hour in (9, 10):
        call(cast, door, hour, "nobody")
    before = door.home_hours
    call(cast, door, 20)

    assert (before, door.home_hours) == (None, "evening")


def test_taking_a_visit_back_takes_its_hour_back(cast: Cast, place: Place) -> None:
    door = place.doors["1-1-101"]
    call(cast, door, 9)
    made = call(cast, door, 19)
    call(cast, door, 20)
    evenings = door.home_hours

    withdraw_visit(cast.worker, made)

    db.session.refresh(door)
    assert (evenings, door.home_hours) == ("evening", "morning")


def test_recomputing_everything_finds_no_difference(cast: Cast, place: Place) -> None:
    for n, code in enumerate(place.doors):
        for hour in (9, 15, 20)[n % 3 :]:
            call(cast, place.doors[code], hour, "home" if n % 5 else "nobody")
    before = {code: (door.home_hours, door.last_visit_on, door.n_open) for code, door in place.doors.items()}

    refresh_visits()
    db.session.commit()
    db.session.expire_all()

    assert {code: (d.home_hours, d.last_visit_on, d.n_open) for code, d in place.doors.items()} == before
    assert {hours for hours, _last, _n in before.values()} == {"morning", "afternoon", "evening", None}


def test_midnight_stands_for_an_unknown_time_and_tells_nothing(cast: Cast, place: Place) -> None:
    for hour in (0, 0, 19):
        call(cast, place.doors["1-1-101"], hour)

    assert place.doors["1-1-101"].home_hours == "evening"
