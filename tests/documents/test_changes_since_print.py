"""Everything was printed, then k things happen: exactly those sheets are no longer right, and it is told in what."""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grid.accounts.actions import PatchEntry, end_patch, hand_out_patch
from grid.accounts.models import Me, Scope, User
from grid.accounts.receipts import Slip
from grid.core.clock import now, today
from grid.core.db import db
from grid.demo import accounts
from grid.demo.actions import load_demo
from grid.documents.models import Edition, Print
from grid.documents.queries import changed_since_print, never_printed
from grid.documents.sheet import Printed
from grid.documents.sheet_paper import SHEET
from grid.dossier.queries import SHEET_VISITS
from grid.register import actions, queries
from grid.register.models import Block, Building, Community, Household, PersonTag, Residency
from grid.visits.actions import VisitEntry, record_visit, withdraw_visit
from grid.visits.models import Visit
from tests import factories
from tests.factories import Cast, Place

FOOT = Printed("孟网格", "2026-11-24 10:00", "YH-20261124-7K3QF2")
# Household id → what is no longer right on its sheet: (field, whose).
Expected = defaultdict[int, set[tuple[str, str]]]


def print_sheets(ids: Sequence[int], scope: Scope) -> list[Edition]:
    """As a print does, without the PDF."""
    community_id = db.session.get_one(Household, ids[0]).community_id
    made = Print(number=uuid.uuid4().hex[:20], kind="sheet", community_id=community_id)
    db.session.add(made)
    db.session.flush()
    editions = []
    for start in range(0, len(ids), 50):
        for drawn in SHEET.write(scope, ids[start : start + 50], lambda _n: FOOT, {}):
            (row,) = drawn.rows
            row.print_id = made.id
            editions.append(row)
    db.session.add_all(editions)
    db.session.commit()
    return editions


def told(scope: Scope, community_id: int) -> dict[int, set[tuple[str, str]]]:
    db.session.commit()
    found = changed_since_print(scope, community_id, today())
    assert all(change.words for changes in found.values() for change in changes)
    return {household: {(one.field, one.of) for one in changes} for household, changes in found.items()}


@dataclass
class Life:
    """What may happen in a community between two prints, through the product's own actions."""

    me: Me
    community_id: int
    dice: random.Random
    expected: Expected = field(default_factory=lambda: defaultdict(set))
    used: set[int] = field(default_factory=set)

    def door(self, *wanted: Any) -> Household:
        """A door to which nothing has happened yet."""
        found = select(Household).where(Household.community_id == self.community_id, *wanted).order_by(Household.id)
        household = self.dice.choice([h for h in db.session.scalars(found) if h.id not in self.used])
        self.used.add(household.id)
        return household

    def resident(self) -> queries.Resident:
        """Somebody who has lived nowhere else: a name also stands where one used to live."""
        lived = select(Residency.person_id).group_by(Residency.person_id).having(func.count() > 1)
        while True:
            there = [r for r in queries.residents(self.door(Household.n_members > 1).id) if not r.residency.is_head]
            settled = [r for r in there if r.person.id not in set(db.session.scalars(lived))]
            if settled:
                return self.dice.choice(settled)

    def expect(self, household: int, what: str, whose: str = "") -> None:
        self.expected[household].add((what, whose))

    def edits_the_household(self) -> None:
        door = self.door()
        entry = actions.HouseholdEntry(**{f.name: getattr(door, f.name) for f in fields(actions.HouseholdEntry)})
        new: dict[str, Any] = {
            "note": f"备注{self.dice.random()}",
            "owner_phone": "1990000" + str(self.dice.randrange(1000, 9999)),
            "contact_name": f"联系{self.dice.randrange(9999)}",
            "contact_phone": "1991111" + str(self.dice.randrange(1000, 9999)),
            "emergency_name": f"紧急{self.dice.randrange(9999)}",
            "emergency_phone": "1992222" + str(self.dice.randrange(1000, 9999)),
            "owner_name": f"房主{self.dice.randrange(9999)}",
            "layout": f"{self.dice.randrange(9999)}室",
            "area": round(self.dice.uniform(200, 900), 2),
            "filed_on": date(2001, 1, 1) + timedelta(self.dice.randrange(3000)),
            "verified_on": date(2010, 1, 1) + timedelta(self.dice.randrange(3000)),
            "use": "office" if entry.use != "office" else "shop",
            "occupancy": "vacant" if entry.occupancy != "vacant" else "rented",
            "family_kind": "care" if entry.family_kind != "care" else None,
            "safe_family": not entry.safe_family,
            "landlord_duty": not entry.landlord_duty,
        }
        chosen = self.dice.sample(sorted(new), self.dice.randint(1, 4))
        for name in chosen:
            self.expect(door.id, name)
        changed = replace(entry, **{name: new[name] for name in chosen})
        actions.edit_household(self.me, door, changed, door.version, Slip(str(uuid.uuid4()), ""))

    def edits_a_person(self) -> None:
        resident = self.resident()
        new: dict[str, Any] = {
            "name": f"新名{self.dice.randrange(99999)}",
            # Below the mask: on paper not one character differs.
            "id_no": "990101" + str(self.dice.randrange(10**7, 10**8)) + "1218",
            "phone": "199" + str(self.dice.randrange(1000, 9999)) + "2345",
            "birth": date(1950, 1, 1) + timedelta(self.dice.randrange(9000)),
            "occupation": f"职业{self.dice.randrange(99999)}",
            "employer": f"单位{self.dice.randrange(99999)}",
            "hukou_address": f"户籍{self.dice.randrange(99999)}",
            "sex": "1" if resident.person.sex != "1" else "2",
        }
        chosen = self.dice.sample(sorted(new), self.dice.randint(1, 4))
        name = new["name"] if "name" in chosen else resident.person.name
        for what in chosen:
            self.expect(resident.residency.household_id, what, name)
        self._save(resident, **{what: new[what] for what in chosen})

    def _save(self, resident: queries.Resident, tags: list[int] | None = None, **new: Any) -> None:
        person = resident.person
        entry = actions.PersonEntry(**{f.name: getattr(person, f.name) for f in fields(actions.PersonEntry)})
        # An ID number would fill these in by itself.
        filled = replace(entry, sex=entry.sex or "1", birth=entry.birth or date(1970, 1, 1))
        for what in ("sex", "birth"):
            if getattr(entry, what) is None:
                self.expect(resident.residency.household_id, what, new.get("name", person.name))
        carried = [carrying.tag_id for carrying in queries.tags_of(person.id)] if tags is None else tags
        slip = Slip(str(uuid.uuid4()), "")
        actions.edit_person(self.me, resident, replace(filled, **new), person.version, slip, carried, today())

    def says_what_no_sheet_shows(self) -> None:
        resident = self.resident()
        self._save(resident, education="10", ethnic="01", note="不在表上")

    def gives_or_takes_a_tag(self) -> None:
        resident = self.resident()
        carried = {carrying.tag_id for carrying in queries.tags_of(resident.person.id)}
        other = self.dice.choice(queries.tags(self.community_id)).id
        self.expect(resident.residency.household_id, "tags", resident.person.name)
        self._save(resident, sorted(carried ^ {other}))

    def carries_a_restricted_tag(self) -> None:
        resident = self.resident()
        restricted = next(tag for tag in queries.tags(self.community_id, restricted=True) if tag.restricted)
        db.session.add(PersonTag(community_id=self.community_id, person_id=resident.person.id, tag_id=restricted.id))

    def moves_in(self) -> None:
        door, name = self.door(), f"新来{self.dice.randrange(99999)}"
        head = next((r for r in queries.residents(door.id) if r.residency.is_head), None)
        is_head = self.dice.random() < 0.3
        if is_head and head:
            self.expect(door.id, "is_head", head.person.name)
        if is_head and head and head.residency.relation in actions.HEADS:
            self.expect(door.id, "relation", head.person.name)
        self.expect(door.id, "moved_in", name)
        actions.move_in(self.me, door, actions.MoveInEntry(str(uuid.uuid4()), "", name, today(), is_head=is_head))

    def moves_out(self) -> None:
        resident = self.resident()
        self.expect(resident.residency.household_id, "moved_out", resident.person.name)
        actions.move_out(self.me, resident, actions.MoveOutEntry(today(), went_to="外地"))

    def comes_and_goes(self) -> None:
        """Nobody of the sheet, but it names who lived there."""
        door, name = self.door(), f"过客{self.dice.randrange(99999)}"
        entry = actions.MoveInEntry(str(uuid.uuid4()), "", name, today() - timedelta(9))
        resident = queries.resident_or_404(self.me.scope, actions.move_in(self.me, door, entry))
        actions.move_out(self.me, resident, actions.MoveOutEntry(today()))
        self.expect(door.id, "former", name)

    def moves_within(self) -> None:
        resident, door = self.resident(), self.door()
        person = resident.person
        person.id_no = "990101" + str(self.dice.randrange(10**11, 10**12))
        person.id_hash = actions.keyed_hash("id", person.id_no)
        db.session.commit()
        entry = actions.MoveInEntry(
            str(uuid.uuid4()), "", person.name, today(), id_no=person.id_no, move_here=True, sex=person.sex
        )
        self.expect(resident.residency.household_id, "moved_out", person.name)
        self.expect(door.id, "moved_in", person.name)
        actions.move_in(self.me, door, entry)

    def visits(self) -> None:
        door = self.door()
        days = [self.dice.random() * 0.01, self.dice.uniform(1, 90)][: self.dice.randint(1, 2)]
        for days_ago in days:
            self._record(door, days_ago)
        self.expect(door.id, "visits_added")

    def _record(self, door: Household, days_ago: float) -> str:
        entry = VisitEntry(str(uuid.uuid4()), "", now() - timedelta(days=days_ago), "home", content="来过")
        return record_visit(self.me, door, entry)

    def takes_a_visit_back(self) -> None:
        few = select(Visit.household_id).where(Visit.deleted_at.is_(None)).group_by(Visit.household_id)
        door = self.door(Household.id.in_(few.having(func.count() < SHEET_VISITS)))
        of = select(Visit).where(Visit.household_id == door.id, Visit.deleted_at.is_(None))
        withdraw_visit(self.me, self.dice.choice(list(db.session.scalars(of))))
        self.expect(door.id, "visits_gone")

    def records_a_visit_by_mistake(self) -> None:
        public_id = self._record(self.door(), 0.5)
        withdraw_visit(self.me, db.session.scalars(select(Visit).where(Visit.public_id == public_id)).one())


HAPPENINGS: tuple[Callable[[Life], None], ...] = (
    Life.edits_the_household, Life.edits_a_person, Life.says_what_no_sheet_shows, Life.gives_or_takes_a_tag,
    Life.carries_a_restricted_tag, Life.moves_in, Life.moves_out, Life.comes_and_goes, Life.moves_within, Life.visits,
    Life.takes_a_visit_back, Life.records_a_visit_by_mistake,
)  # fmt: skip


@pytest.fixture
def demo(app: Flask) -> Iterator[tuple[Me, int]]:
    instance = Path(app.config["INSTANCE"])
    load_demo(300, today(), instance)
    worker = db.session.scalars(select(User).where(User.role == "administrator").order_by(User.id)).first()
    assert worker
    community = db.session.scalars(select(Community).order_by(Community.id)).first()
    assert community
    yield factories.me_of(worker), community.id
    accounts.forget(instance)


def test_k_changes_flag_exactly_those_households_with_exactly_those_fields(demo: tuple[Me, int]) -> None:
    me, community_id = demo
    scope = Scope(communities=(community_id,))
    everybody = select(Household.id).where(Household.community_id == community_id).order_by(Household.id)
    print_sheets(list(db.session.scalars(everybody)), scope)
    assert told(scope, community_id) == {} and never_printed(scope, community_id) == []

    for seed in range(6):
        life = Life(me, community_id, random.Random(seed))
        happened = [*HAPPENINGS, *life.dice.choices(HAPPENINGS, k=6 * seed)]
        life.dice.shuffle(happened)
        for happen in happened:
            happen(life)

        assert told(scope, community_id) == dict(life.expected), seed
        print_sheets(sorted(life.expected), scope)
        assert told(scope, community_id) == {}, seed


def test_another_worker_or_block_changes_the_sheets_of_that_building_alone(cast: Cast, place: Place) -> None:
    scope, building = cast.admin.scope, place.buildings[1]
    print_sheets([door.id for door in place.doors.values()], scope)
    there = [door.id for door in place.doors.values() if door.building_id == building.id]
    colleague = cast.other_worker

    patch = hand_out_patch(
        None, PatchEntry(colleague.id, place.community.id, date(2020, 1, 1), building_id=building.id)
    )
    assert told(scope, place.community.id) == {door: {("workers", "")} for door in there}

    end_patch(cast.admin, patch, today() - timedelta(days=1))
    assert told(scope, place.community.id) == {}

    db.session.get_one(Building, building.id).block_id = place.blocks[1].id
    assert told(scope, place.community.id) == {door: {("workers", ""), ("block", "")} for door in there}

    db.session.get_one(Block, place.blocks[0].id).name = "新一片"
    changed = told(scope, place.community.id)
    ones = [door.id for door in place.doors.values() if door.building_id == place.buildings[0].id]
    assert all(changed[door] == {("block", "")} for door in ones)


@pytest.mark.parametrize(
    ("more", "taken_back", "told_as"),
    [
        (0, 0, {}),
        (1, 0, {"visits_added": 1}),
        (3, 0, {"visits_added": 3}),
        # The one before the oldest comes into view: it is not new.
        (0, 1, {"visits_gone": 1}),
        (2, 1, {"visits_added": 2, "visits_gone": 1}),
    ],
)
def test_a_log_longer_than_the_sheet_says_what_was_added_and_not_what_fell_off(
    cast: Cast, place: Place, more: int, taken_back: int, told_as: dict[str, int]
) -> None:
    door = place.doors["1-1-101"]
    record = [VisitEntry(f"{n:08d}", "", now() - timedelta(days=40 - n), "home") for n in range(34)]
    for entry in record:
        record_visit(cast.worker, door, entry)
    print_sheets([door.id], cast.worker.scope)

    for n in range(more):
        record_visit(cast.worker, door, VisitEntry(f"new{n:05d}", "", now() - timedelta(hours=n + 1), "nobody"))
    for visit in list(db.session.scalars(select(Visit).order_by(Visit.at.desc()).offset(7).limit(taken_back))):
        withdraw_visit(cast.worker, visit)

    changes = changed_since_print(cast.worker.scope, place.community.id, today()).get(door.id, [])
    assert {change.field: change.times for change in changes} == told_as


def test_only_the_latest_edition_counts_and_only_within_the_scope(cast: Cast, place: Place) -> None:
    mine, theirs = place.doors["1-1-101"], place.doors["3-2-302"]
    print_sheets([mine.id, theirs.id], cast.admin.scope)
    for door in (mine, theirs):
        door.note = "新的备注"

    assert set(told(cast.worker.scope, place.community.id)) == {mine.id}
    assert theirs.id not in never_printed(cast.worker.scope, place.community.id)
    assert len(never_printed(cast.worker.scope, place.community.id)) == 24 - 1
    print_sheets([mine.id], cast.worker.scope)
    assert told(cast.worker.scope, place.community.id) == {}
    assert set(told(cast.admin.scope, place.community.id)) == {theirs.id}


def test_an_edition_holds_no_words_and_no_numbers(cast: Cast, place: Place) -> None:
    door = place.doors["1-1-101"]
    door.note = "老人腿脚不便"
    (edition,) = print_sheets([door.id], cast.worker.scope)

    kept = str(edition.facts)
    assert not any(words in kept for words in ("王小明", "李芳", "腿脚", "19900012345", "1218", "990101"))
    assert len(edition.token) == 22 and edition.facts["people"].keys() == {
        place.people[name].public_id for name in ("王小明", "李芳")
    }
