"""What was done to people and doors can be taken back, as long as nothing stands on it."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, undoing
from grid.accounts.models import AuditEntry
from grid.core.clock import now
from grid.core.db import db
from grid.core.refusals import Refused
from grid.register.actions import MoveInEntry, MoveOutEntry, move_in, move_out
from grid.register.models import Floating, Person, Residency
from grid.register.move_actions import ChangeFlatEntry, HeadEntry, change_flat, name_head
from grid.register.queries import resident_or_404
from grid.register.undo_actions import undo
from grid.visits.models import Visit, VisitPerson
from tests.factories import Cast, Place
from tests.register.move_pages import heads, home_of
from tests.rows import differences, snapshot

LATER = date(2026, 11, 5)


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
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    residency = db.session.scalars(select(Residency).order_by(Residency.id.desc()).limit(1)).one()
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
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    residency = db.session.scalars(select(Residency).order_by(Residency.id.desc()).limit(1)).one()
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


def leave(cast: Cast, person: Person, on: date = date(2026, 11, 2), **more: str) -> int:
    move_out(cast.admin, resident_or_404(cast.admin.scope, person.public_id), MoveOutEntry(on, **more))
    return last("move_out").id


def come_back(cast: Cast, place: Place, code: str, person: Person) -> None:
    move_in(cast.admin, place.doors[code], replace(entry(name=person.name, id_no=person.id_no), from_on=LATER))


def take_back(cast: Cast, entry_id: int) -> None:
    undo(cast.admin, db.session.get_one(AuditEntry, entry_id))


def test_who_lives_elsewhere_by_now_does_not_live_here_again(cast: Cast, place: Place) -> None:
    gone = leave(cast, place.people["王小明"])
    come_back(cast, place, "2-1-101", place.people["王小明"])
    before = snapshot()

    with pytest.raises(Refused, match="又有人改过其中 1 处"):
        take_back(cast, gone)

    assert differences(before) == {}


def test_who_lived_elsewhere_since_lives_nowhere_twice(cast: Cast, place: Place) -> None:
    person = place.people["王小明"]
    gone = leave(cast, person)
    come_back(cast, place, "2-1-101", person)
    left_again = leave(cast, person, LATER + timedelta(2))

    with pytest.raises(Refused, match="又有人改过"):
        take_back(cast, gone)

    take_back(cast, left_again)
    take_back(cast, last("move_in").id)
    take_back(cast, gone)
    assert home_of(person) == "1-1-101"


def test_there_are_not_two_heads_afterwards(cast: Cast, place: Place) -> None:
    door, wife = place.doors["1-1-101"], place.people["李芳"]
    gone = leave(cast, place.people["王小明"])
    name_head(cast.admin, door, HeadEntry(key=uuid.uuid4().hex, said="", on=LATER, head=wife.public_id))

    with pytest.raises(Refused, match="又有人改过"):
        take_back(cast, gone)
    assert heads(door) == ["李芳"]

    take_back(cast, last("name_head").id)
    take_back(cast, gone)
    assert heads(door) == ["王小明"]


def test_a_registration_is_not_open_twice(cast: Cast, place: Place) -> None:
    person = place.people["王小明"]
    here = {"community_id": person.community_id, "person_id": person.id}
    db.session.add(Floating(**here))
    db.session.commit()
    gone = leave(cast, person)
    db.session.add(Floating(**here, registered_on=LATER))
    db.session.commit()

    with pytest.raises(Refused, match="又有人改过"):
        take_back(cast, gone)


def test_a_registration_closed_by_leaving_is_open_again(cast: Cast, place: Place) -> None:
    person = place.people["王小明"]
    db.session.add(Floating(community_id=person.community_id, person_id=person.id, registered_on=date(2026, 5, 1)))
    db.session.commit()
    before = snapshot()
    gone = leave(cast, person, left_reason="21")
    assert db.session.execute(select(Floating.left_on, Floating.left_reason)).all() == [(date(2026, 11, 2), "21")]

    take_back(cast, gone)

    assert differences(before) == {}


def test_who_goes_to_another_door_stays_registered(cast: Cast, place: Place) -> None:
    person = place.people["王小明"]
    db.session.add(Floating(community_id=person.community_id, person_id=person.id, registered_on=date(2026, 5, 1)))
    db.session.commit()

    move_in(cast.admin, place.doors["2-1-101"], entry(name="王小明", id_no=person.id_no, move_here=True))
    going = {"people": (person.public_id,), "to": "2-2-101", "on": LATER}
    change_flat(cast.admin, place.doors["2-1-101"], ChangeFlatEntry(key=uuid.uuid4().hex, said="", **going))  # type: ignore[arg-type]

    assert home_of(person) == "2-2-101" and db.session.scalars(select(Floating.left_on)).all() == [None]


def test_a_row_that_can_not_be_put_back_is_told_as_it_is(cast: Cast, place: Place, monkeypatch: Any) -> None:
    """Inside an open entry too: PostgreSQL answers nothing more before it is rolled back."""
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))

    def breaks(_done: undoing.Done) -> None:
        person = place.people["王小明"]
        row = {"community_id": person.community_id, "person_id": person.id, "household_id": place.doors["2-1-101"].id}
        db.session.execute(insert(Residency).values(**row, is_head=False))

    monkeypatch.setattr(undoing, "take_back", breaks)
    with pytest.raises(IntegrityError):
        undo(cast.admin, last("move_in"))


def test_two_at_once_take_it_back_once(cast: Cast, place: Place, monkeypatch: Any) -> None:
    """The second one asks before the first is done."""
    move_in(cast.admin, place.doors["2-1-101"], entry(name="赵新来"))
    move = last("move_in")
    undo(cast.admin, move)
    asked = iter([False, True])
    monkeypatch.setattr(undoing, "is_undone", lambda _entry_id: next(asked))

    with pytest.raises(Refused, match="已经撤销过了"):
        undo(cast.admin, db.session.merge(move))
