"""Somebody loads the demo community, looks at its accounts, and throws it away again."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grid.accounts.models import AuditChange, AuditEntry, Patch, User
from grid.cases.models import Case, CaseParty, CaseStep, Screening, VisitorReport
from grid.core.clock import day_of, now
from grid.core.clock import today as this_day
from grid.core.db import Base, db
from grid.core.refusals import Refused
from grid.demo import accounts
from grid.demo.actions import load_demo, remove_demo
from grid.register.models import Block, Building, Community, Household, PatrolRoute, Person, Residency, SearchKey, Unit
from grid.register.summaries import refresh_members
from grid.visits.models import Visit, VisitWorker
from grid.visits.summaries import refresh_visits
from tests import factories


@pytest.fixture
def instance(app: Flask) -> Iterator[Path]:
    """Without anybody's accounts, whoever loaded the demo before."""
    accounts.forget(Path(app.config["INSTANCE"]))
    yield Path(app.config["INSTANCE"])
    accounts.forget(Path(app.config["INSTANCE"]))


@pytest.fixture
def loaded(instance: Path) -> Any:
    return load_demo(300, this_day(), instance)


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_it_writes_all_four_levels_the_people_and_their_visits(loaded: Any) -> None:
    assert loaded.communities == ("柳溪社区", "槐荫社区")
    assert count(Community) == 2
    assert count(Block) == 9
    assert count(Household) == loaded.doors
    assert count(Visit) == loaded.visits > 1_000
    assert count(Unit) >= count(Building)
    assert count(SearchKey) > count(Person)
    assert count(PatrolRoute) >= 4


def test_it_writes_cases_and_reports_of_the_first_community(loaded: Any) -> None:
    first = db.session.scalar(select(Community.id).where(Community.name == "柳溪社区"))
    cases = db.session.scalars(select(Case).where(Case.source != "patrol")).all()
    reports = db.session.scalars(select(VisitorReport)).all()
    roles = {user.id: user.role for user in db.session.scalars(select(User))}

    assert len(cases) == 40 and len({case.no for case in cases}) == 40
    assert {row.community_id for row in [*cases, *reports]} == {first}
    assert {roles[case.owner_id] for case in cases} == {roles[case.recorded_by] for case in cases} == {"grid_worker"}
    assert {roles[report.reporter_id] for report in reports} == {"building_head"}
    assert {roles[report.handler_id] for report in reports if report.handler_id} == {"grid_worker"}
    assert all(report.purge_on == day_of(report.reported_at) + timedelta(days=30) for report in reports)
    assert all(report.purge_on > this_day() for report in reports)
    assert max(row.recorded_at for row in cases) < now() > max(row.reported_at for row in reports)


def test_cases_have_a_course_and_weeks_were_screened(loaded: Any) -> None:
    steps, kinds = db.session.scalars(select(CaseStep)).all(), {"note", "mediation", "hand_up", "close", "revisit"}
    cases = {case.id: case for case in db.session.scalars(select(Case).where(Case.source != "patrol"))}
    screened = db.session.scalars(select(Screening)).all()
    found = [case.screening_id for case in cases.values() if case.screening_id]

    assert {step.kind for step in steps} == kinds
    assert all(cases[step.case_id].recorded_at <= step.at < now() for step in steps)
    for case in cases.values():
        mine = [step for step in steps if step.case_id == case.id]
        assert case.version == 1 + len(mine) and (case.closed_on is None) == ("close" not in {s.kind for s in mine})
    assert {case.lies_at for case in cases.values()} == {"community", "street"}
    assert {party.side for party in db.session.scalars(select(CaseParty))} == {"asks", "answers"}
    assert len({(one.block_id, one.week_on) for one in screened}) == len(screened) > 100
    assert found and sorted(found) == sorted(one.id for one in screened if not one.is_zero)


def test_a_case_and_what_it_came_from_are_tied_together(loaded: Any) -> None:
    visited = db.session.execute(select(Case, Visit).join(Visit, Visit.id == Case.visit_id)).all()
    reported = db.session.execute(select(Case, VisitorReport).join(Case, Case.id == VisitorReport.case_id))

    assert len(visited) >= 10
    for case, visit in visited:
        assert (case.household_id, case.content, case.owner_id) == (visit.household_id, visit.needs, visit.worker_id)
    for case, report in reported:
        assert (case.building_id, case.household_id) == (report.building_id, report.household_id)


def test_a_colleague_came_along_but_nobody_with_themselves(loaded: Any) -> None:
    alone = (
        select(VisitWorker).join(Visit, Visit.id == VisitWorker.visit_id).where(VisitWorker.user_id == Visit.worker_id)
    )

    assert count(VisitWorker) > 20
    assert db.session.scalars(alone).all() == []
    assert set(db.session.scalars(select(Visit.kind).where(Visit.gift.is_not(None)))) == {"comfort"}


def test_the_worker_and_the_head_see_them(app: Flask, loaded: Any, instance: Path) -> None:
    def reads(role: str, path: str, login: str = "") -> str:
        account = next(a for a in accounts.kept(instance) if a.role == role and a.login.startswith(login))
        client = app.test_client()
        client.post("/login", data={"login": account.login, "password": account.password})
        return str(client.get(path).text)

    assert reads("grid_worker", "/reports", "wang").count("待核") >= 1
    assert 'class="tag bad"' in reads("grid_worker", "/cases", "wang")
    assert "没有办结" not in reads("grid_worker", "/cases?state=closed", "wang")
    assert "我报过的" in reads("building_head", "/report")


def test_everybody_lives_behind_one_door_or_has_left(loaded: Any) -> None:
    current = select(Residency.person_id).where(Residency.to_on.is_(None))
    gone = db.session.scalars(select(Person).where(Person.id.not_in(current))).all()

    assert db.session.scalar(select(func.count(Person.id)).where(Person.id.in_(current))) == loaded.people
    for person in gone:
        last = db.session.scalars(select(Residency).where(Residency.person_id == person.id)).one()
        assert last.to_on is not None
        assert (last.reason == "died") == (person.died_on is not None)


def test_the_summaries_equal_a_recount(loaded: Any) -> None:
    sums = select(
        Household.id,
        Household.n_members,
        Household.n_tags,
        Household.n_open,
        Household.last_visit_on,
        Household.home_hours,
        Household.completeness,
    ).order_by(Household.id)
    before = db.session.execute(sums).all()

    refresh_members()
    refresh_visits()

    assert db.session.execute(sums).all() == before
    assert sum(line[1] for line in before) == loaded.people


def test_the_first_community_is_drawn_and_the_small_one_is_not(loaded: Any) -> None:
    drawn, small = db.session.scalars(select(Community).order_by(Community.id)).all()

    assert drawn.outline and drawn.outline[0][0] == drawn.outline[0][-1]
    assert small.outline is None
    assert small.labels == {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    assert all(b.outline for b in db.session.scalars(select(Building).where(Building.community_id == drawn.id)))
    assert not any(b.outline for b in db.session.scalars(select(Building).where(Building.community_id == small.id)))


def test_every_account_logs_in(app: Flask, loaded: Any, instance: Path) -> None:
    shown = accounts.kept(instance)

    roles = Counter(account.role for account in shown)
    assert 4 <= roles.pop("building_head") <= 6
    assert roles == {"administrator": 1, "grid_worker": 6, "street_viewer": 1}
    for account in shown:
        answer = app.test_client().post("/login", data={"login": account.login, "password": account.password})
        assert answer.status_code == 303, account.login


def test_only_the_owner_may_read_the_passwords(loaded: Any, instance: Path) -> None:
    mode = (instance / "demo-accounts.json").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_only_administrator_and_street_see_the_small_community(loaded: Any) -> None:
    small = db.session.scalar(select(Community.id).where(Community.name == "槐荫社区"))
    holders = select(User.role).join(Patch, Patch.user_id == User.id).where(Patch.community_id == small)

    assert set(db.session.scalars(holders)) == {"administrator", "street_viewer"}


def test_a_second_load_is_refused_with_the_next_step(loaded: Any, instance: Path) -> None:
    with pytest.raises(Refused) as refusal:
        load_demo(300, this_day(), instance)

    assert "flask demo remove" in refusal.value.sentence
    assert count(Community) == 2


def test_a_taken_login_or_name_gets_another(place: factories.Place, cast: Any, instance: Path) -> None:
    names = load_demo(100, this_day(), instance).communities

    logins = {account.login for account in accounts.kept(instance)}
    assert "admin2" in logins and "admin" not in logins
    assert "槐荫社区（演示）" in names


def test_a_load_that_fails_leaves_nothing(app: Flask, instance: Path) -> None:
    unwritable = instance / "not-there"

    with pytest.raises(OSError):
        load_demo(100, date(2026, 11, 23), unwritable)

    assert count(Community) == count(User) == count(AuditEntry) == 0
    db.session.add(Community(name="新社区"))
    db.session.commit()
    assert count(AuditChange) == 1, "the triggers of the audit log are back"


def test_removing_takes_everything_but_the_last_administrator(loaded: Any, instance: Path) -> None:
    remove_demo(instance)

    left = {t.name: db.session.scalar(select(func.count()).select_from(t)) for t in Base.metadata.sorted_tables}
    assert {name for name, n in left.items() if n and name != "alembic_version"} <= {"user_account", "audit_entry"}
    assert list(db.session.scalars(select(User.login))) == ["admin"]
    assert [account.login for account in accounts.kept(instance)] == ["admin"]


def test_it_can_be_loaded_again_after_removing(loaded: Any, instance: Path) -> None:
    remove_demo(instance)

    assert load_demo(100, this_day(), instance).communities == ("柳溪社区", "槐荫社区")
    assert [a.login for a in accounts.kept(instance) if a.role == "administrator"] == ["admin", "admin2"]


def test_removing_leaves_other_communities_alone(place: factories.Place, cast: Any, instance: Path) -> None:
    models = (Community, Household, Person, Residency, Visit, User, Case, VisitorReport)
    before = [count(model) for model in models]
    load_demo(100, this_day(), instance)

    remove_demo(instance)

    assert accounts.kept(instance) == []
    assert [count(model) for model in models] == before


def test_the_commands_tell_what_they_did(app: Flask, instance: Path) -> None:
    runner = app.test_cli_runner()

    assert "已装入" in runner.invoke(args=["demo", "load", "--doors", "100"]).output
    table = runner.invoke(args=["demo", "accounts"]).output.splitlines()
    told = json.loads(runner.invoke(args=["demo", "accounts", "--json"]).output)
    again = runner.invoke(args=["demo", "load"])
    gone = runner.invoke(args=["demo", "remove", "--yes"])

    assert len(table) == len(told) + 1
    assert set(told[0]) == {"role", "login", "password", "name", "patch"}
    assert again.exit_code == 1 and "flask demo remove" in again.output
    assert gone.exit_code == 0 and "已删除" in gone.output


def test_the_first_start_loads_it_and_later_ones_leave_it(app: Flask, instance: Path) -> None:
    runner = app.test_cli_runner()
    before = runner.invoke(args=["demo", "accounts", "--quiet"])

    first = runner.invoke(args=["demo", "load", "--doors", "100", "--if-empty"])
    second = runner.invoke(args=["demo", "load", "--doors", "100", "--if-empty"])

    assert (before.exit_code, before.output) == (0, "")
    assert first.exit_code == 0 and "已装入" in first.output
    assert (second.exit_code, second.output) == (0, "")
