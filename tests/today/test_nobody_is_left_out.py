"""Over all its pages 今天 has every household that is due, once, and the same rows give the same order."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from grid.accounts.models import Scope
from grid.core.clock import ZONE, day_of
from grid.core.db import db
from grid.register.models import Floating, Household, Person, PersonTag, Residency, Tag
from grid.register.summaries import refresh_members
from grid.today import queries
from grid.today.queries import page_of_today, today_of
from grid.visits.models import Visit, VisitPerson
from grid.visits.summaries import refresh_visits
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.keeping import empty_database

DAY = date(2026, 11, 24)
KINDS = ("visit", "talk", "phone", "comfort", "check")
IN_PERSON = {"visit", "talk", "comfort", "check"}
FITTING = {"visit": IN_PERSON, "check": IN_PERSON, "talk": {"talk"}, "comfort": {"comfort"}}


def some_lives(dice: Random) -> tuple[list[Any], list[Any]]:
    """Families, tags, visits and promises at random, still without ids: people with their tags, and visits."""
    place = factories.make_place()
    place.community.visit_every_days, place.other.visit_every_days = dice.choice([(30, 45), (60, 20)])
    tags = [
        Tag(community_id=place.community.id, code=f"r{n}", label="类", group="care", restricted=n == 0, grace_days=n,
            contact_every_days=dice.choice([10, 30, 60, None]), contact_kind=dice.choice([*KINDS, None]))
        for n in range(4)
    ]  # fmt: skip
    db.session.add_all(tags)
    db.session.flush()
    doors = [*place.doors.values(), place.other_door]
    worker = factories.make_user("worker", "grid_worker", "孟网格")
    for door in dice.sample(doors, 12):
        door.use = dice.choice(["dwelling", "dwelling", "shop"])
        person = factories.make_person(door, "某人", is_head=True)
        stay = db.session.scalars(select(Residency).where(Residency.person_id == person.id)).one()
        stay.from_on = dice.choice([None, DAY - timedelta(days=dice.randrange(90))])
        stay.to_on = DAY if dice.random() < 0.1 else None
    people = list(
        db.session.scalars(select(Person).where(Person.community_id == place.community.id).order_by(Person.id))
    )
    worn = [
        PersonTag(
            community_id=person.community_id,
            person_id=person.id,
            tag_id=tag.id,
            since=dice.choice([None, DAY - timedelta(days=dice.randrange(70))]),
            until=DAY if dice.random() < 0.1 else None,
        )
        for person in people
        for tag in dice.sample(tags, dice.randrange(3))
    ]
    worn += [
        Floating(
            community_id=person.community_id,
            person_id=person.id,
            direction=dice.choice(["in", "in", "out"]),
            expires_on=dice.choice(
                [None, DAY + timedelta(days=dice.randrange(-40, 60)), DAY, DAY + timedelta(days=30)]
            ),
            left_on=DAY if dice.random() < 0.2 else None,
        )
        for person in people
        if dice.random() < 0.4
    ]
    visits = []
    for door in doors:
        for _n in range(dice.randrange(4)):
            at = datetime.combine(DAY - timedelta(days=dice.randrange(100)), time(dice.randrange(24)), ZONE)
            facts = {"found": dice.choice(["home", "home", "nobody"]), "kind": dice.choice(KINDS), "at": at}
            made = Visit(community_id=door.community_id, household_id=door.id, worker_id=worker.id, **facts)
            made.due_on = dice.choice([None, DAY + timedelta(days=dice.randrange(-9, 9))])
            made.closed = dice.random() < 0.2
            made.deleted_at = at if dice.random() < 0.1 else None
            here = [r for r in people if dice.random() < 0.1]
            visits.append((made, here))
    return worn, visits


def insert_all(worn: list[Any], visits: list[Any]) -> None:
    db.session.add_all(worn)
    db.session.flush()
    for made, met in visits:
        db.session.add(made)
        db.session.flush()
        db.session.add_all(VisitPerson(visit_id=made.id, person_id=person.id) for person in met)
    refresh_members()
    refresh_visits()
    db.session.commit()


def recount(scope: Scope) -> dict[str, str]:
    """Household → early, due or overdue, counted over plain rows without any of the page's code."""
    found: dict[str, str] = {}
    communities = {c.id: c for c in db.session.scalars(select(factories.Community))}
    visits = [v for v in db.session.scalars(select(Visit)) if v.deleted_at is None]
    met: dict[int, set[int]] = {}
    for who in db.session.scalars(select(VisitPerson)):
        met.setdefault(who.visit_id, set()).add(who.person_id)
    stays = [r for r in db.session.scalars(select(Residency)) if r.to_on is None]
    tags = {t.id: t for t in db.session.scalars(select(Tag))}
    worn = [t for t in db.session.scalars(select(PersonTag)) if t.until is None and tags[t.tag_id].contact_every_days]
    permits = [
        one
        for one in db.session.scalars(select(Floating))
        if one.direction == "in" and not one.left_on and one.expires_on and (one.expires_on - DAY).days <= 30
    ]
    for home in db.session.scalars(select(Household)):
        if not scope.allows(home.community_id, home.building_id):
            continue
        here = [v for v in visits if v.household_id == home.id]
        dues = [(v.due_on, 3, 0) for v in here if v.due_on and not v.closed]
        members = [r for r in stays if r.household_id == home.id]
        seen = [day_of(v.at) for v in here if v.found == "home"]
        if home.use == "dwelling" and members:
            every = communities[home.community_id].visit_every_days
            dues.append((max(seen) + timedelta(days=every), 7, 0) if seen else (date.min, 7, 0))
        for stay in members:
            for carried in [t for t in worn if t.person_id == stay.person_id]:
                tag = tags[carried.tag_id]
                if tag.restricted:
                    # Nobody here is in charge of a door.
                    continue
                days = [
                    day_of(v.at)
                    for v in here
                    if v.found == "home"
                    and v.kind in FITTING.get(str(tag.contact_kind), KINDS)
                    and (tag.contact_kind != "talk" or v.id not in met or stay.person_id in met[v.id])
                    and day_of(v.at) >= (stay.from_on or date.min)
                ]
                begin = max(days, default=None) or carried.since or stay.from_on
                dues.append(
                    (begin + timedelta(days=tag.contact_every_days or 0) if begin else date.min, 7, tag.grace_days)
                )
        states = [said for due in dues if (said := state(*due))]
        states += [permit_state(p) for p in permits if p.person_id in {r.person_id for r in members}]
        if states:
            found[home.public_id] = max(states, key=("early", "due", "overdue").index)
    return found


def state(due: date, ahead: int, grace: int) -> str | None:
    if due > DAY:
        return "early" if (due - DAY).days <= ahead else None
    return "due" if (DAY - due).days <= grace else "overdue"


def permit_state(one: Floating) -> str:
    return "overdue" if one.expires_on and one.expires_on < DAY else "due"


def everybody(scope: Scope) -> list[tuple[str, str]]:
    """Household and state over all pages, in their order."""
    first = page_of_today(scope, 1, DAY)
    assert first.page
    pages = [page_of_today(scope, 1, DAY, number) for number in range(1, first.page.last + 1)]
    assert all(len(page.lines) == queries.SIZE for page in pages[:-1])
    return [(line.public_id, line.reasons[0].state) for page in pages for line in page.lines]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SIZE", 4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pages_together_have_everybody_who_is_due(app: Flask, small_pages: None, seed: int) -> None:
    empty_database()
    insert_all(*some_lives(Random(seed)))
    ids = db.session.execute(select(factories.Community.id).order_by(factories.Community.id)).scalars().all()
    buildings = db.session.execute(select(factories.Building.id).order_by(factories.Building.id)).scalars().all()

    for scope in (
        Scope(tuple(ids)),
        Scope((), tuple(buildings[:2]), (ids[0],)),
        Scope((ids[1],), tuple(buildings[1:2]), (ids[0],)),
    ):
        shown = everybody(scope)
        assert len(shown) == len(dict(shown)) and dict(shown) == recount(scope)
        assert everybody(scope) == shown
        states = [said == "early" for _id, said in shown]
        assert states == sorted(states)
        assert {line.public_id for line in today_of(scope, 1, DAY, restricted=True).lines} == set(dict(shown))


@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_in_which_rows_were_written_does_not_matter(app: Flask, seed: int, shuffle: Random) -> None:
    def climb(mix: bool) -> list[tuple[str, Any]]:
        empty_database()
        worn, visits = some_lives(Random(seed))
        if mix:
            shuffle.shuffle(worn)
            shuffle.shuffle(visits)
        insert_all(worn, visits)
        ids = tuple(db.session.scalars(select(factories.Community.id)))
        lines = today_of(Scope(ids), 1, DAY, restricted=True).lines
        # Public ids are thrown anew each time.
        return [(line.code, [reason._replace(person=None) for reason in line.reasons]) for line in lines]

    assert climb(mix=False) == climb(mix=True)


def test_a_page_further_than_the_last_is_empty_and_shows_the_way_back(
    cast: Cast, place: Place, log_in: LogIn, small_pages: None
) -> None:
    worker = log_in("worker")
    db.session.execute(update(Household).values(use="dwelling", n_members=1))
    db.session.commit()

    found = [worker.get(f"/today?page={n}").get_data(as_text=True) for n in range(1, 8)]
    shown = [code for page in found for code in re.findall(r"<b>(\d-\d-\d+)</b>", page)]

    inside = {code for code in place.doors if not code.startswith("3")}
    assert len(shown) == len(inside) == 24 and set(shown) == inside
    assert "都走到了" not in found[6] and "?page=6" in found[6]


@pytest.fixture(autouse=True)
def emptied(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
