"""今天 reminds of permits: a month before they run out, and after."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Floating, Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.today.given import visit, why


def add(person: Person, days: int | None, **given: Any) -> None:
    expires_on = None if days is None else today() + timedelta(days=days)
    db.session.add(
        Floating(
            community_id=person.community_id, person_id=person.id, permit_kind="01", expires_on=expires_on, **given
        )
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (-3, ("overdue", "permit", 3, None, 1)),
        (0, ("due", "permit", 0, None, 1)),
        (30, ("due", "permit", -30, None, 1)),
        (31, None),
        (None, None),
    ],
)
def test_it_is_due_in_the_last_month_and_overdue_after(
    cast: Cast, place: Place, days: int | None, reason: tuple[Any, ...] | None
) -> None:
    visit(place.doors["1-1-102"], cast.worker, ago=1)

    add(place.people["单雄信"], days)

    assert why(cast.worker, "1-1-102") == ([reason] if reason else [])


def test_several_behind_a_door_are_one_reason_that_leads_to_the_first(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place.doors["1-1-101"], cast.worker, ago=1)
    add(place.people["王小明"], -2)
    add(place.people["李芳"], -40)

    assert why(cast.worker, "1-1-101") == [("overdue", "permit", 40, None, 2)]

    page = log_in("worker").get("/today").text
    assert "居住证件 · 逾期 40 天 · 2 人" in page
    assert f'href="/persons/{place.people["李芳"].public_id}/floating"' in page


@pytest.mark.parametrize("days", [0, 5])
def test_before_it_runs_out_it_says_how_many_days_are_left(cast: Cast, place: Place, log_in: LogIn, days: int) -> None:
    add(place.people["单雄信"], days)

    assert ("居住证件 · 还有 5 天到期" if days else "居住证件 · 今天到期") in log_in("worker").get("/today").text


def test_who_is_gone_or_elsewhere_or_in_another_patch_is_no_reason(cast: Cast, place: Place) -> None:
    for code in ("1-1-101", "1-1-102", "2-1-201"):
        visit(place.doors[code], cast.worker, ago=1)
    people = place.people
    add(people["王小明"], -1, left_on=today())
    add(people["李芳"], -1, direction="out")
    stay = db.session.scalars(select(Residency).where(Residency.person_id == people["单雄信"].id)).one()
    stay.to_on = date(2026, 1, 1)
    add(people["单雄信"], -1)
    add(people["曾志伟"], -1)

    assert [why(cast.worker, code) for code in ("1-1-101", "1-1-102", "2-1-201")] == [[], [], []]
    assert [reason[1] for reason in why(cast.other_worker, "3-2-302")] == ["permit", "never"]
    assert why(cast.worker, "3-2-302") == []
