"""What was done to people and doors can be taken back, as long as nothing stands on it."""

import uuid
from datetime import date

import pytest
from sqlalchemy import delete, select

from grid.accounts import audit
from grid.accounts.models import AuditEntry
from grid.core.clock import now
from grid.core.db import db
from grid.core.refusals import Refused
from grid.register.actions import MoveInEntry, MoveOutEntry, move_in, move_out
from grid.register.models import Person, Residency
from grid.register.queries import resident_or_404
from grid.register.undo_actions import undo
from grid.visits.models import Visit, VisitPerson
from tests.factories import Cast, Place
from tests.rows import differences, snapshot


def last(action: str) -> AuditEntry:
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    ).all()[0]


def entry(**words: object) -> MoveInEntry:
    return MoveInEntry(key=uuid.uuid4().hex, said="", from_on=date(2026, 11, 1), **words)  # type: ignore[arg-type]


def test_a_move_across_the_community_is_taken_back(cast: Cast, place: Place) -> None:
    before = snapshot()
    number = place.people["王小明"].id_no
    move_in(cast.admin, place.doors["2-1-101"], entry(name="王小明", id_no=number, move_here=True, is_head=True))
    assert differences(before)

    undo(cast.admin, last("move_in"))

    assert differences(before) == {}


def test_a_death_is_taken_back(cast: Cast, place: Place) -> None:
    before = snapshot()
    resident = resident_or_404(cast.admin.scope, place.people["李芳"].public_id)
    move_out(cast.admin, resident, MoveOutEntry(date(2026, 11, 2), "died"))

    undo(cast.admin, last("move_out"))

    assert differences(before) == {}


def test_nothing_is_taken_back_twice(cast: Cast, place: Place) -> None:
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    move = last("move_in")
    undo(cast.admin, move)

    with pytest.raises(Refused, match="已经撤销过了"):
        undo(cast.admin, move)


def test_what_was_typed_since_is_not_lost(cast: Cast, place: Place) -> None:
    residency = move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    person = db.session.get_one(Person, residency.person_id)
    person.phone = "19900011111"
    db.session.commit()

    with pytest.raises(Refused, match="又有人改过"):
        undo(cast.admin, last("move_in"))

    assert db.session.scalar(select(Person.phone).where(Person.name == "赵新来")) == "19900011111"


def test_a_later_move_holds_an_earlier_one_until_it_is_taken_back_itself(cast: Cast, place: Place) -> None:
    before = snapshot()
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来", id_no="990101199001011233"))
    first = last("move_in")
    move_in(cast.admin, place.doors["2-2-101"], entry(name="赵新来", id_no="990101199001011233", move_here=True))
    with pytest.raises(Refused):
        undo(cast.admin, first)

    undo(cast.admin, last("move_in"))
    undo(cast.admin, db.session.merge(first))

    assert differences(before) == {}
    assert db.session.scalar(select(Residency.id).where(Residency.household_id == place.doors["2-2-101"].id)) is None


def test_what_hangs_on_it_holds_it(cast: Cast, place: Place) -> None:
    residency = move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    visit = Visit(
        community_id=residency.community_id,
        household_id=residency.household_id,
        worker_id=cast.worker.id,
        at=now(),
        found="home",
    )
    db.session.add(visit)
    db.session.flush()
    db.session.add(VisitPerson(visit_id=visit.id, person_id=residency.person_id))
    db.session.commit()

    with pytest.raises(Refused, match="用到了它"):
        undo(cast.admin, last("move_in"))


def test_rows_that_were_removed_come_back(cast: Cast, place: Place) -> None:
    before = snapshot()
    with audit.entry(cast.admin, "merge_people", community_id=place.community.id):
        db.session.execute(delete(Residency).where(Residency.person_id == place.people["李芳"].id))
    assert differences(before)

    undo(cast.admin, last("merge_people"))

    assert differences(before) == {}
