"""A tag asks that its people are seen every so often: what settles it, and what it says before and after."""

from datetime import date

import pytest
from sqlalchemy import select, update

from grid.accounts.models import AuditEntry, User
from grid.core.clock import now, today
from grid.core.db import db
from grid.register import queries as doors
from grid.register.actions import MoveInEntry, MoveOutEntry, move_in, move_out, set_tags
from grid.register.models import Residency
from grid.visits.actions import withdraw_visit
from grid.visits.contact_rules import EARLIEST, lateness, next_contact
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out
from tests.today.given import carry, days_ago, visit, why

EVERY, GRACE = 40, 5


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        (EVERY - 8, []),
        (EVERY - 7, [("early", "contact", -7, "talk", 1)]),
        (EVERY - 1, [("early", "contact", -1, "talk", 1)]),
        (EVERY, [("due", "contact", 0, "talk", 1)]),
        (EVERY + GRACE, [("due", "contact", GRACE, "talk", 1)]),
        (EVERY + GRACE + 1, [("overdue", "contact", GRACE + 1, "talk", 1)]),
    ],
)
def test_it_is_early_then_due_and_after_its_grace_overdue(
    cast: Cast, place: Place, ago: int, found: list[object]
) -> None:
    door = place.doors["1-1-101"]
    visit(door, cast.worker, ago, "talk")
    visit(door, cast.worker, 0)
    carry(place.people["王小明"], EVERY, "talk", GRACE)

    assert why(cast.worker, "1-1-101") == found


def test_the_last_hour_of_a_day_belongs_to_it_on_the_committees_clock(cast: Cast, place: Place) -> None:
    last = visit(place.doors["1-1-101"], cast.worker, 10)
    carry(place.people["王小明"], 10)

    # 00:30 in Shanghai is the day before in UTC.
    last.at = last.at.replace(hour=0, minute=30)
    db.session.commit()

    assert why(cast.worker, "1-1-101") == [("due", "contact", 0, "visit", 1)]


KINDS = ("visit", "talk", "phone", "comfort", "check")
SETTLES = {
    "visit": {"visit", "talk", "comfort", "check"},
    "check": {"visit", "talk", "comfort", "check"},
    "talk": {"talk"},
    "comfort": {"comfort"},
    "phone": set(KINDS),
    None: set(KINDS),
}


@pytest.mark.parametrize("asked", SETTLES)
def test_only_a_visit_of_a_kind_that_fits_settles_it(cast: Cast, place: Place, asked: str | None) -> None:
    door = place.doors["1-1-101"]
    carry(place.people["王小明"], 30, asked, since=days_ago(35))

    settling = set()
    for kind in KINDS:
        made = visit(door, cast.worker, 0, kind, met=(place.people["王小明"],))
        if not why(cast.worker, "1-1-101"):
            settling.add(kind)
        withdraw_visit(cast.worker, made)

    assert settling == SETTLES[asked]


@pytest.mark.parametrize("found", ["nobody", "refused"])
def test_where_nobody_was_found_nothing_is_settled(cast: Cast, place: Place, found: str) -> None:
    carry(place.people["王小明"], 30, since=days_ago(31))

    visit(place.doors["1-1-101"], cast.worker, 0, found=found)

    assert ("overdue", "contact", 1, "visit", 1) in why(cast.worker, "1-1-101")


def test_a_talk_with_others_does_not_settle_it(cast: Cast, place: Place) -> None:
    door, carrier, other = place.doors["1-1-101"], place.people["王小明"], place.people["李芳"]
    carry(carrier, 30, "talk", since=days_ago(31))

    visit(door, cast.worker, 2, "talk", met=(other,))
    named_other = why(cast.worker, "1-1-101")
    visit(door, cast.worker, 1, "talk", met=(other, carrier))

    assert named_other == [("overdue", "contact", 1, "talk", 1)]
    assert why(cast.worker, "1-1-101") == []


def test_a_visit_to_the_family_settles_it_whoever_was_met(cast: Cast, place: Place) -> None:
    carry(place.people["王小明"], 30, since=days_ago(31))

    visit(place.doors["1-1-101"], cast.worker, 2, met=(place.people["李芳"],))

    assert why(cast.worker, "1-1-101") == []


def test_taking_the_visit_back_makes_it_due_again(cast: Cast, place: Place) -> None:
    door = place.doors["1-1-101"]
    visit(door, cast.worker, 3)
    carry(place.people["王小明"], 30, "talk", since=days_ago(31))
    made = visit(door, cast.worker, 0, "talk")
    settled = why(cast.worker, "1-1-101")

    withdraw_visit(cast.worker, made)

    assert settled == []
    assert why(cast.worker, "1-1-101") == [("overdue", "contact", 1, "talk", 1)]


def test_it_moves_along_with_the_person(cast: Cast, place: Place) -> None:
    carrier, new = place.people["王小明"], place.doors["2-1-201"]
    for code in ("1-1-101", "2-1-201"):
        visit(place.doors[code], cast.worker, 6)
    carry(carrier, 30, "comfort", since=days_ago(31))
    before = why(cast.worker, "1-1-101")

    entry = MoveInEntry("k" * 20, "said", carrier.name, days_ago(4), id_no=carrier.id_no, move_here=True)
    move_in(cast.worker, new, entry)
    after = why(cast.worker, "1-1-101"), why(cast.worker, "2-1-201")
    visit(new, cast.worker, 0, "comfort")

    assert after == ([], before) and before == [("overdue", "contact", 1, "comfort", 1)]
    assert why(cast.worker, "2-1-201") == []


def test_a_visit_before_the_move_does_not_settle_it(cast: Cast, place: Place) -> None:
    carrier, new = place.people["王小明"], place.doors["2-1-201"]
    visit(place.doors["1-1-101"], cast.worker, 5)
    visit(new, cast.worker, 5)
    carry(carrier, 30, since=days_ago(31))

    entry = MoveInEntry("k" * 20, "said", carrier.name, days_ago(4), id_no=carrier.id_no, move_here=True)
    move_in(cast.worker, new, entry)

    assert why(cast.worker, "2-1-201") == [("overdue", "contact", 1, "visit", 1)]
    assert why(cast.worker, "1-1-101") == []


def test_whoever_moved_out_or_lost_the_tag_is_due_no_more(cast: Cast, place: Place) -> None:
    door, carrier = place.doors["1-1-101"], place.people["王小明"]
    visit(door, cast.worker, 0)
    carry(carrier, 30, "talk", since=days_ago(60))
    had = why(cast.worker, "1-1-101")

    set_tags(carrier, [], today())
    db.session.commit()
    without_tag = why(cast.worker, "1-1-101")
    carry(carrier, 30, "talk", since=days_ago(60))
    resident = doors.resident_or_404(cast.worker.scope, carrier.public_id)
    move_out(cast.worker, resident, MoveOutEntry(today()))

    assert had == [("overdue", "contact", 30, "talk", 1)]
    assert without_tag == [] and why(cast.worker, "1-1-101") == []


def test_without_any_day_it_is_overdue(cast: Cast, place: Place) -> None:
    visit(place.doors["1-1-101"], cast.worker, 0)
    carry(place.people["王小明"], 30, "talk")
    db.session.execute(update(Residency).values(from_on=None))

    ((state, *_rest),) = why(cast.worker, "1-1-101")

    assert state == "overdue"


def test_the_day_counts_from_visit_tag_move_or_the_beginning() -> None:
    visited, tagged, moved = date(2026, 9, 1), date(2026, 8, 1), date(2026, 7, 1)

    def begin(*days: date | None) -> date:
        return next_contact(*days, every_days=0)

    assert begin(visited, tagged, moved) == visited
    assert begin(visited, tagged, date(2026, 9, 2)) == tagged
    assert begin(None, tagged, moved) == tagged
    assert begin(None, None, moved) == moved
    assert begin(None, None, None) == EARLIEST


def test_people_of_one_household_stand_in_one_reason_the_latest_first(cast: Cast, place: Place) -> None:
    visit(place.doors["1-1-101"], cast.worker, 0)
    one, other = place.people["王小明"], place.people["李芳"]
    carry(one, 30, "talk", since=days_ago(31))
    carry(other, 30, "talk", since=days_ago(33))
    carry(other, 10, "comfort", since=days_ago(8))

    assert why(cast.worker, "1-1-101") == [("overdue", "contact", 3, "talk", 2), ("early", "contact", -2, "comfort", 1)]


def test_a_restricted_tag_counts_without_a_name_and_stays_off_the_phone(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    visit(place.doors["1-1-101"], cast.worker, 0)
    carry(place.people["王小明"], 30, "talk", since=days_ago(33), restricted=True, label="不可说")
    carry(place.people["李芳"], 30, "comfort", since=days_ago(32), label="也不说")

    page = log_in("worker").get("/today").get_data(as_text=True)

    assert "谈话 · 逾期 3 天" in page and "慰问 · 逾期 2 天" in page
    assert "不可说" not in page and "也不说" not in page
    assert why(cast.worker, "1-1-101", restricted=False) == [("overdue", "contact", 2, "comfort", 1)]


def test_a_restricted_tag_shows_to_whoever_is_in_charge_and_that_is_written_down(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    visit(place.doors["1-1-101"], cast.worker, 0)
    carry(place.people["王小明"], 30, "talk", since=days_ago(33), restricted=True)
    hand_out(db.session.get_one(User, cast.other_worker.id), place.community, block_id=place.blocks[0].id, duty="helps")

    seen = {login: "谈话 · 逾期 3 天" in log_in(login).get("/today").text for login in ("worker", "other", "admin")}

    assert seen == {"worker": True, "other": False, "admin": True}
    looks = db.session.scalars(select(AuditEntry.actor_id).where(AuditEntry.action == "see_restricted"))
    assert sorted(looks) == sorted([cast.worker.id, cast.admin.id])


def test_the_form_opens_with_the_kind_that_is_most_urgent(cast: Cast, place: Place, log_in: LogIn) -> None:
    for code in ("1-1-101", "1-1-102"):
        visit(place.doors[code], cast.worker, 0)
    carry(place.people["王小明"], 30, "talk", since=days_ago(31))
    carry(place.people["单雄信"], 30, "visit", since=days_ago(60))

    page = log_in("worker").get("/today").get_data(as_text=True)

    assert f"/households/{place.doors['1-1-101'].public_id}/visits/new?kind=talk" in page
    assert f"/households/{place.doors['1-1-102'].public_id}/visits/new?" not in page


def test_lateness_has_three_words() -> None:
    day = date(2026, 11, 24)

    assert lateness(day, date(2026, 11, 24), 0) == "due"
    assert lateness(day, date(2026, 11, 23), 0) == "overdue"
    assert lateness(day, date(2026, 11, 25), 0) is None


def test_who_was_taken_out_of_the_register_is_not_due(cast: Cast, place: Place) -> None:
    visit(place.doors["1-1-101"], cast.worker, 20)
    carry(place.people["王小明"], 10)
    before = why(cast.worker, "1-1-101")

    place.people["王小明"].deleted_at = now()
    db.session.commit()

    assert before == [("overdue", "contact", 10, "visit", 1)]
    assert why(cast.worker, "1-1-101") == []
