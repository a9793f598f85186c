"""Whatever two people lived through: merged they are one and live once, and taken back all is as before."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.accounts.receipts import Slip
from grid.cases.models import Case, CaseParty
from grid.core.clock import now, today
from grid.core.db import db
from grid.register import duplicate_actions as actions
from grid.register import finding
from grid.register.duplicate_actions import BOTH, FIELDS, JOINED, KEPT, OTHER, MergeEntry, naming_people
from grid.register.duplicate_days import Spell, Stay, one_at_a_time, one_life
from grid.register.duplicate_queries import Two, mark_of, stays_of, two_or_404
from grid.register.models import Floating, Household, KnownApart, Person, PersonTag, Residency, Tag, TagAccess
from grid.register.summaries import refresh_members
from grid.register.undo_actions import undo
from grid.services.models import ServiceRecord, Team, TeamMember
from grid.visits.models import Visit, VisitPerson
from tests.factories import Cast, Place, make_cast, make_place
from tests.keeping import empty_database
from tests.rows import differences, snapshot

SOME_DAYS = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 12))


def days_between(first: date | None, end: date | None) -> Iterator[date]:
    """Of the short while in which all of it happens, and one day before and after."""
    for n in range(-1, 15):
        day = date(2020, 1, 1) + timedelta(days=n)
        if (first is None or first <= day) and (end is None or day < end):
            yield day


def some_day(dice: Random) -> date:
    return today() - timedelta(days=dice.randrange(1, 400))


def a_person(dice: Random, place: Place, name: str) -> Person:
    """Somebody who moved from door to door, and may live somewhere now."""
    facts: dict[str, Any] = {
        "phone": dice.choice([None, "19900012121", "19900013131;19900012121"]),
        "note": dice.choice([None, "左邻", "右舍"]),
        "id_no": dice.choice([None, "990101198001011218", "990101197505055671"]),
        "birth": dice.choice([None, date(1980, 1, 1)]),
        "died_on": some_day(dice) if dice.random() < 0.1 else None,
    }
    person = Person(community_id=place.community.id, name=name, **facts)
    db.session.add(person)
    db.session.flush()
    days = sorted({some_day(dice) for _n in range(dice.randrange(2, 7))})
    for nth, (first, end) in enumerate(zip(days, [*days[1:], None], strict=True)):
        if end is None and (person.died_on or dice.random() < 0.3):
            continue
        if dice.random() < 0.2 and end is not None and nth:
            continue
        stay(dice, place, person, None if nth == 0 and dice.random() < 0.3 else first, end)
    if not stays_of(person.id):
        stay(dice, place, person, None, None if not person.died_on else days[-1])
    return person


def stay(dice: Random, place: Place, person: Person, first: date | None, end: date | None) -> None:
    door = dice.choice([place.doors[code] for code in ("1-1-201", "1-1-202", "1-2-201")])
    head, relation = dice.choice([(False, "80"), (True, "02")])
    where: dict[str, Any] = {"community_id": person.community_id, "person_id": person.id, "household_id": door.id}
    db.session.add(Residency(**where, is_head=head, relation=relation, from_on=first, to_on=end))
    db.session.flush()


def lived_through(dice: Random, place: Place, cast: Cast, people: list[Person]) -> None:
    """Tags, visits, cases and the rest, among a few so that both have some of the same."""
    here: dict[str, Any] = {"community_id": place.community.id}
    tags = db.session.scalars(select(Tag).where(Tag.community_id == place.community.id).order_by(Tag.id)).all()
    door = place.doors["1-1-201"]
    team = Team(kind="patrol", name="巡逻队", **here)
    visits = [Visit(household_id=door.id, worker_id=cast.worker.id, at=now(), found="home", **here) for _n in range(3)]
    case = Case(
        no="2026-1", type="dispute", source="visit", at=now(), content="漏水", building_id=door.building_id,
        owner_id=cast.worker.id, recorded_by=cast.worker.id, **here,
    )  # fmt: skip
    db.session.add_all([team, *visits, case])
    db.session.flush()
    for person in people:
        for tag in dice.choices((*tags[5:7], *tags[-2:]), k=dice.randrange(4)):
            since, until = dice.choice([None, some_day(dice)]), None
            if dice.random() < 0.5:
                until = dice.choice([date.min, max(since or date.min, some_day(dice))])
            attrs = dice.choice([None, {"amount": "800"}])
            db.session.add(PersonTag(person_id=person.id, tag_id=tag.id, since=since, until=until, attrs=attrs, **here))
        if dice.random() < 0.6:
            left_on = today() if dice.random() < 0.3 else None
            begun = dice.choice([None, some_day(dice)])
            db.session.add(Floating(person_id=person.id, registered_on=begun, left_on=left_on, **here))
        for visit in dice.sample(visits, dice.randrange(3)):
            db.session.add(VisitPerson(visit_id=visit.id, person_id=person.id))
        if dice.random() < 0.5:
            said: dict[str, Any] = {"kind": "comfort", "on": today(), "content": "慰问", "recorded_by": cast.worker.id}
            db.session.add(ServiceRecord(household_id=door.id, person_id=person.id, **said, **here))
            side = dice.choice(["asks", "other"])
            db.session.add(CaseParty(case_id=case.id, person_id=person.id, name=person.name, side=side, **here))
            since = dice.choice([None, some_day(dice)])
            until = None if dice.random() < 0.6 else max(since or date.min, some_day(dice))
            who: dict[str, Any] = {"person_id": person.id, "name": person.name, "since": since, "until": until}
            db.session.add(TeamMember(team_id=team.id, **who, **here))
            access: dict[str, Any] = {"user_id": cast.worker.id, "reason": "走访", "ends_at": now()}
            db.session.add(TagAccess(person_id=person.id, **access, **here))
    db.session.flush()
    ids = sorted(person.id for person in people)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        if dice.random() < 0.4:
            db.session.add(KnownApart(first_id=ids[first], second_id=ids[second], **here))
    db.session.flush()


def a_choice(dice: Random, two: Two) -> MergeEntry:
    kept, other = two.people
    return MergeEntry(
        version=kept.version,
        other_version=other.version,
        stays=mark_of(stays_of(kept.id, other.id)),
        sides={name: dice.choice([KEPT, OTHER, *([BOTH] if name in JOINED else [])]) for name in FIELDS},
        home=dice.choice([KEPT, OTHER]),
        since=some_day(dice),
    )


def merged(dice: Random, cast: Cast, kept: Person, other: Person) -> None:
    two = two_or_404(cast.admin.scope, kept.public_id, other.public_id)
    actions.merge_people(cast.admin, two, a_choice(dice, two), Slip(uuid.uuid4().hex, ""))


def expect_one_life(person: Person) -> None:
    """Behind one door at most on each day, and somewhere at most once now."""
    rows = stays_of(person.id)
    assert rows
    assert len([row for row in rows if row.to_on is None]) <= 1
    days = [((row.from_on or date.min), (row.to_on or date.max)) for row in rows]
    lived = sorted((first, end) for first, end in days if first < end)
    assert all(end <= first for (_start, end), (first, _stop) in pairwise(lived)), lived
    assert person.died_on is None or all(row.to_on for row in rows)


def expect_all_follows(kept: Person, other: Person) -> None:
    for table, column in naming_people():
        assert db.session.scalar(select(func.count()).where(column == other.id)) == 0, f"{table.name}.{column.name}"
    open_floating = select(func.count()).where(Floating.person_id == kept.id, Floating.left_on.is_(None))
    assert (db.session.scalar(open_floating) or 0) <= 1
    carried = db.session.scalars(
        select(PersonTag.tag_id).where(PersonTag.person_id == kept.id, PersonTag.until.is_(None))
    ).all()
    assert len(carried) == len(set(carried))
    parties = db.session.execute(select(CaseParty.case_id, CaseParty.side).where(CaseParty.person_id == kept.id)).all()
    assert len(parties) == len(set(parties))
    times = db.session.execute(select(TeamMember.since, TeamMember.until).where(TeamMember.person_id == kept.id))
    spells = [(since or date.min, until or date.max) for since, until in times]
    joined = sorted((first, end) for first, end in spells if first < end)
    assert all(end <= first for (_start, end), (first, _stop) in pairwise(joined)), joined


def expect_right_counts() -> None:
    counted = dict(
        db.session.execute(
            select(Residency.household_id, func.count())
            .where(Residency.to_on.is_(None))
            .group_by(Residency.household_id)
        ).all()
    )  # type: ignore[arg-type]
    for id_, n_members in db.session.execute(select(Household.id, Household.n_members)):
        assert n_members == counted.get(id_, 0)


def test_two_people_become_one_and_two_again(app: Flask) -> None:
    # A smaller throw of the dice tells no simpler story, and looking for one takes minutes.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=30, deadline=None, phases=phases, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False))
    def whatever_happened(dice: Random) -> None:
        empty_database()
        place = make_place()
        cast = make_cast(place)
        people = [a_person(dice, place, f"王{n}") for n in "一二三"]
        lived_through(dice, place, cast, people)
        refresh_members(community_id=place.community.id)
        finding.index_households(community_id=place.community.id)
        db.session.commit()
        steps = [(people[0], people[1]), (people[2], people[0])][: dice.choice([1, 2])]
        before = []
        for kept, other in steps:
            before.append(snapshot())
            merged(dice, cast, kept, other)
            db.session.refresh(kept)
            expect_one_life(kept)
            expect_all_follows(kept, other)
            expect_right_counts()
        for was in reversed(before):
            undo(cast.admin, not_undone())
            assert differences(was) == {}

    whatever_happened()


def not_undone() -> AuditEntry:
    """The newest merge that still stands."""
    taken_back = select(AuditEntry.undoes_id).where(AuditEntry.undoes_id.is_not(None))
    told = select(AuditEntry).where(
        AuditEntry.action == "merge_people", AuditEntry.part_of_id.is_(None), AuditEntry.id.not_in(taken_back)
    )
    return db.session.scalars(told.order_by(AuditEntry.id.desc()).limit(1)).one()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), SOME_DAYS, SOME_DAYS), max_size=7))
def test_no_day_is_lived_twice_and_none_that_was_known_is_lost(drawn: list[tuple[int, Any, Any]]) -> None:
    stays = [Stay(n, door, first, end) for n, (door, first, end) in enumerate(drawn)]

    life = one_life(stays)

    lived = [day for stay in life for day in days_between(stay.from_on, stay.to_on)]
    assert len(lived) == len(set(lived))
    known = {day for stay in stays if stay.from_on for day in days_between(stay.from_on, stay.to_on)}
    assert known <= set(lived)


@settings(deadline=None)
@given(st.lists(st.tuples(SOME_DAYS, SOME_DAYS), max_size=6))
def test_no_tag_is_carried_twice_at_a_time_and_no_row_goes(drawn: list[tuple[Any, Any]]) -> None:
    spells = [Spell(n, since, until, (n % 2 == 0,)) for n, (since, until) in enumerate(drawn)]

    found = one_at_a_time(spells, date(2020, 1, 20))

    assert sorted(spell.id for spell in found) == list(range(len(spells)))
    carried = [day for spell in found for day in days_between(spell.since, spell.until)]
    assert len(carried) == len(set(carried))
    is_open = any(spell.until is None for spell in spells)
    assert sum(1 for spell in found if spell.until is None) == (1 if is_open else 0)
