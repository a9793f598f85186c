"""Who was in a list twice under two entries is in it once when they are one, and twice again when it is taken back."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.cases.models import Case, CaseParty
from grid.core.clock import now
from grid.core.db import db
from grid.register.duplicate_actions import naming_people
from grid.register.models import ONCE, Person
from grid.services.models import Team, TeamMember
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person
from tests.register.move_pages import undone
from tests.register.test_merge_people import address, form_of, summed_up
from tests.rows import differences


@pytest.fixture
def two(cast: Cast, place: Place) -> tuple[Person, Person]:
    return place.people["王小明"], make_person(place.doors["1-2-101"], "王晓明", phone="19900088888")


def merge(client: FlaskClient, place: Place, twice: Person) -> None:
    path = address(place, twice)
    assert client.post(path, data=form_of(client, path)).status_code == 303


def make_team(place: Place, name: str) -> Team:
    team = Team(community_id=place.community.id, kind="patrol", name=name)
    db.session.add(team)
    db.session.flush()
    return team


def join(team: Team, person: Person, since: date | None, until: date | None = None, **said: Any) -> None:
    facts: dict[str, Any] = {"community_id": team.community_id, "team_id": team.id, "since": since, "until": until}
    db.session.add(TeamMember(person_id=person.id, name=person.name, **facts, **said))
    db.session.flush()


def members(team: Team) -> list[tuple[Any, ...]]:
    of = TeamMember
    wanted = select(of.name, of.person_id, of.since, of.until, of.phone).where(of.team_id == team.id).order_by(of.id)
    return [tuple(row) for row in db.session.execute(wanted)]


def test_a_member_of_a_team_is_there_once_with_what_both_rows_say(
    place: Place, two: tuple[Person, Person], log_in: LogIn
) -> None:
    person, twice = two
    team, another = make_team(place, "巡逻队"), make_team(place, "宣传队")
    join(team, person, date(2022, 1, 1), phone="19900012345")
    join(team, place.people["李芳"], date(2022, 1, 1))
    join(team, twice, date(2020, 5, 1), phone="19900088888")
    join(another, twice, None)
    client, before = log_in("worker"), summed_up(place)

    merge(client, place, twice)

    assert members(team) == [
        ("王小明", person.id, date(2020, 5, 1), None, "19900012345;19900088888"),
        ("李芳", place.people["李芳"].id, date(2022, 1, 1), None, None),
    ]
    assert members(another) == [("王晓明", person.id, None, None, None)]
    assert undone(client, "merge_people").status_code == 303
    assert differences(before) == {}


def test_who_left_a_team_and_came_back_has_been_there_twice(
    place: Place, two: tuple[Person, Person], log_in: LogIn
) -> None:
    person, twice = two
    apart, at_once = make_team(place, "巡逻队"), make_team(place, "宣传队")
    join(apart, person, date(2020, 1, 1), date(2021, 1, 1))
    join(apart, twice, date(2021, 1, 1))
    join(at_once, person, date(2020, 1, 1), date(2022, 1, 1))
    join(at_once, twice, date(2021, 1, 1))
    client, before = log_in("worker"), summed_up(place)

    merge(client, place, twice)

    assert [row[1:4] for row in members(apart)] == [
        (person.id, date(2020, 1, 1), date(2021, 1, 1)),
        (person.id, date(2021, 1, 1), None),
    ]
    assert [row[1:4] for row in members(at_once)] == [(person.id, date(2020, 1, 1), None)]
    assert undone(client, "merge_people").status_code == 303
    assert differences(before) == {}


def test_a_party_of_a_case_is_there_once_on_each_side(
    cast: Cast, place: Place, two: tuple[Person, Person], log_in: LogIn
) -> None:
    person, twice = two
    here: dict[str, Any] = {"community_id": place.community.id}
    case = Case(
        no="2026-0001", type="dispute", source="visit", at=now(), content="漏水", owner_id=cast.worker.id,
        building_id=place.buildings[0].id, recorded_by=cast.worker.id, **here,
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    rows = [(person, "asks", None), (twice, "asks", "19900088888"), (twice, "other", None)]
    for who, side, phone in rows:
        db.session.add(CaseParty(case_id=case.id, person_id=who.id, name=who.name, side=side, phone=phone, **here))
    db.session.add(CaseParty(case_id=case.id, name="路人", side="asks", **here))
    db.session.flush()
    client, before = log_in("worker"), summed_up(place)

    merge(client, place, twice)

    found = select(CaseParty.side, CaseParty.name, CaseParty.person_id, CaseParty.phone).order_by(CaseParty.id)
    assert [tuple(row) for row in db.session.execute(found)] == [
        ("asks", "王小明", person.id, "19900088888"),
        ("other", "王晓明", person.id, None),
        ("asks", "路人", None, None),
    ]
    assert undone(client, "merge_people").status_code == 303
    assert differences(before) == {}


def test_what_is_said_of_a_table_names_columns_of_it() -> None:
    told = {table.name: table.info[ONCE] for table, _column in naming_people() if ONCE in table.info}

    assert told == {"case_party": ("case_id", "side"), "team_member": ("team_id",)}
