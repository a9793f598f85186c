"""Sheets by the dozen hold what each holds alone, with a handful of statements."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from grid.core.clock import now
from grid.core.db import db
from grid.core.refusals import Missing
from grid.documents.models import Edition, Print
from grid.documents.sheet import Printed
from grid.documents.sheet_paper import SHEET
from grid.dossier.queries import household_file, sheet_files
from grid.register.models import Household, PersonTag, Residency, Tag
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person


def stamp(n: int) -> Printed:
    return Printed("孟网格", "2026-11-24 10:00", f"YH-20261124-7K3QF2·{n}")


def plain(html: str) -> str:
    """Without the QR code and the place in the print."""
    return re.sub(r"<svg.*?</svg>|·\d+", "", html)


def lived_in(place: Place, worker: int) -> None:
    """Former residents, tags, long logs of visits, and somebody who moved from one of the doors to another."""
    tag = db.session.scalars(
        select(Tag).where(Tag.community_id == place.community.id, Tag.code == "living_alone")
    ).one()
    moved = make_person(place.doors["1-1-102"], "搬家人", relation="02")
    db.session.flush()
    before = Residency(
        community_id=place.community.id, household_id=place.doors["1-1-101"].id, person_id=moved.id,
        from_on=date(2018, 1, 1), to_on=date(2019, 12, 31), went_to="1-1-102", relation="20",
    )  # fmt: skip
    db.session.add_all([before, PersonTag(community_id=place.community.id, person_id=moved.id, tag_id=tag.id)])
    for n, door in enumerate(place.doors.values()):
        facts = {"community_id": door.community_id, "household_id": door.id, "worker_id": worker, "found": "home"}
        visits = 34 if n == 0 else n % 4
        db.session.add_all(Visit(**facts, at=now() - timedelta(days=d + 1), content=f"{n} {d}") for d in range(visits))
    db.session.commit()


def test_a_batch_holds_exactly_what_each_sheet_holds_alone(cast: Cast, place: Place) -> None:
    lived_in(place, cast.worker.id)
    ids = [door.id for door in place.doors.values()]

    together = SHEET.write(cast.admin.scope, ids, stamp, {"root": "https://yihu.office"})
    alone = [SHEET.write(cast.admin.scope, [i], stamp, {"root": "https://yihu.office"})[0] for i in ids]

    assert [plain(one.html) for one in together] == [plain(one.html) for one in alone]
    assert [one.rows[0].facts for one in together] == [one.rows[0].facts for one in alone]
    assert "曾住人员" in together[0].html and "搬家人" in together[0].html
    assert together[0].html.count('<td class="number">20') >= 30


def test_it_holds_what_the_page_of_the_household_shows(cast: Cast, place: Place) -> None:
    lived_in(place, cast.worker.id)
    doors = list(place.doors.values())
    day = date(2026, 11, 24)

    loaded = sheet_files(cast.admin.scope, [door.id for door in doors], day)

    for door, file in zip(doors, loaded, strict=True):
        page = household_file(cast.admin.scope, door.public_id, day, visits=30, history=0)
        for name in page.__slots__:
            assert name == "stated" or getattr(file, name) == getattr(page, name), (door.code, name)


def test_the_order_is_kept_and_each_has_an_edition_of_its_own(cast: Cast, place: Place) -> None:
    ids = [place.doors[code].id for code in ("2-1-201", "1-1-101", "1-2-301")]

    drawn = SHEET.write(cast.worker.scope, ids, stamp, {})

    assert [one.about for one in drawn] == ["2-1-201", "1-1-101", "1-2-301"]
    editions = [row for one in drawn for row in one.rows]
    assert [(row.household_id, row.serial) for row in editions] == [(i, n) for n, i in enumerate(ids, 1)]
    assert len({row.token for row in editions}) == 3


@pytest.mark.parametrize("code", ["3-2-302", "other", "gone"])
def test_one_door_outside_the_scope_and_nothing_is_written(cast: Cast, place: Place, code: str) -> None:
    place.doors["1-1-102"].deleted_at = now()
    db.session.commit()
    outside = {"other": place.other_door, "gone": place.doors["1-1-102"], **place.doors}[code]

    with pytest.raises(Missing):
        SHEET.write(cast.worker.scope, [place.doors["1-1-101"].id, outside.id], stamp, {})


def test_it_asks_the_same_few_questions_however_many_sheets(
    cast: Cast, place: Place, count_queries: Callable[[], int]
) -> None:
    ids = [door.id for door in place.doors.values()]
    SHEET.write(cast.admin.scope, ids, stamp, {})
    count_queries()
    SHEET.write(cast.admin.scope, ids[:1], stamp, {})
    one = count_queries()
    SHEET.write(cast.admin.scope, ids, stamp, {})

    assert one == count_queries() == 5


def test_a_printed_sheet_leaves_its_edition(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/sheet")

    kept = db.session.scalars(select(Print)).one()
    edition = db.session.scalars(select(Edition)).one()
    assert (edition.print_id, edition.household_id, edition.community_id, edition.serial) == (
        kept.id, door.id, door.community_id, 1,
    )  # fmt: skip
    assert db.session.get_one(Household, door.id).version == 1
