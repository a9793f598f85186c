"""Route × role × inside or outside the scope, over every route there is.

Wrong role: 403. Not logged in: the login page, or 401. Outside the patch: 404, whatever the method. Inside: an
answer that is none of these. A new route is in the matrix by itself; a new kind of id must be told below.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.routing import Rule

from grid.accounts import audit
from grid.accounts.actions import PatchEntry, bump_scope, hand_out_patch
from grid.accounts.models import ROLES, LoginSession, Patch, Scope, User
from grid.accounts.queries import token_hash
from grid.cases.models import Case, Screening, VisitorReport
from grid.core.clock import now, today
from grid.core.db import db
from grid.documents.editions import new_edition
from grid.documents.models import Print
from grid.dossier.queries import sheet_files
from grid.exchange.models import ColumnSet, ExportRequest
from grid.ledgers.models import LedgerDefinition, Target, YearDuty
from grid.register import actions
from grid.register.models import Block, Building, Community, Floating, Household, Person, Site
from grid.register.undo_views import undo_token
from grid.services.models import (
    Activity,
    ActivityPhoto,
    Award,
    Checklist,
    Inspection,
    InspectionItem,
    Patrol,
    ServiceRecord,
    Shift,
    Team,
    TeamMember,
    WorkPlan,
)
from grid.visits.models import Visit
from tests.factories import (
    Cast,
    Place,
    hand_out,
    make_building,
    make_cast,
    make_doors,
    make_person,
    make_photo,
    make_place,
    make_tag,
    make_user,
    small_picture,
)
from tests.keeping import empty_database

LOGINS = {"administrator": "admin", "grid_worker": "worker", "building_head": "head", "street_viewer": "street"}


@dataclass
class Ids:
    """Public ids by the first word of a route's path."""

    of: dict[str, str] = field(default_factory=dict)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def rule_of(app: Flask, rule: Rule) -> frozenset[str]:
    return app.view_functions[rule.endpoint].allowed  # type: ignore[attr-defined,no-any-return]


def address(rule: Rule, ids: Ids) -> str:
    path = rule.rule
    for name in rule.arguments:
        first = rule.rule.split("/")[1]
        known = ids.of.get(f"{first}/{name}", ids.of.get(first))
        assert known is not None, f"tell tests/test_matrix.py what <{name}> of {rule.rule} stands for"
        path = path.replace(f"<{name}>", known).replace(f"<int:{name}>", known).replace(f"<string:{name}>", known)
    assert "<" not in path, path
    return path


def ids_of(community: Community, building_id: str, door: Household, person: Person, user: User, worker: int) -> Ids:
    visit = Visit(
        community_id=door.community_id,
        household_id=door.id,
        worker_id=worker,
        at=now() - timedelta(days=1),
        found="home",
    )
    case = Case(
        community_id=door.community_id,
        building_id=door.building_id,
        household_id=door.id,
        no=f"2026-{worker:04d}",
        type="dispute",
        source="visit",
        at=now(),
        content="水管漏水",
        owner_id=worker,
        recorded_by=worker,
    )
    report = VisitorReport(
        community_id=door.community_id,
        building_id=door.building_id,
        household_id=door.id,
        reporter_id=worker,
        kind="tenant",
        seen_at=now(),
        purge_on=today() + timedelta(days=30),
    )
    screening = Screening(
        community_id=door.community_id,
        block_id=db.session.get_one(Building, door.building_id).block_id,
        week_on=date(2026, 1, 5),
        on=date(2026, 1, 6),
        by_id=worker,
    )
    ledger = LedgerDefinition(
        community_id=door.community_id, title="自定", source="visits", columns=["at", "door"], made_by=worker
    )
    db.session.add_all([visit, case, report, screening, ledger])
    db.session.flush()
    photo = make_photo(visit)
    tag, carrying = make_tag(person)
    twice = make_person(door, person.name)
    # Only a registration in force is renewed or ended.
    db.session.add(Floating(community_id=person.community_id, person_id=person.id))
    db.session.commit()
    given = {
        "cases": case.public_id,
        "reports": report.public_id,
        "screenings": screening.public_id,
        "ledgers": ledger.public_id,
        # It opens for whoever has it: tests/accounts/test_personal_link.py.
        "persons": person.public_id,
        "persons/carried_id": carrying.public_id,
        "tags": tag.public_id,
        "r": "nobodys-link",
        "p": edition_of(door),
        "households": door.public_id,
        "people": person.public_id,
        "duplicates": person.public_id,
        "duplicates/other_id": twice.public_id,
        "buildings": building_id,
        "visits": visit.public_id,
        "visits/photo_id": photo.public_id,
        "map": community.public_id,
        "settings": community.public_id,
        "communities": community.public_id,
        "staff": user.public_id,
    }
    return Ids(given | extra_ids(community, user) | duties(door, worker) | {"undo": undo_of(door)})


def undo_of(door: Household) -> str:
    """The token of something done behind a door."""
    with audit.entry(None, "change_landlord", community_id=door.community_id, household_id=door.id) as line:
        """Nothing changed."""
    return undo_token(line.id)


def duties(door: Household, worker: int) -> dict[str, str]:
    """An inspection of the building, with something amiss, and what else is recorded of a year's duties."""
    here = {"community_id": door.community_id}
    by = {"recorded_by": worker, **here}
    checklist = Checklist(kind="fire", title="消防检查表", items=["灭火器在位"], **here)
    inspection = Inspection(kind="fire", building_id=door.building_id, at=now(), **by)
    record = ServiceRecord(household_id=door.id, kind="comfort", on=today(), content="慰问", **by)
    activity = Activity(kind="lecture", title="讲座", at=now(), **by)
    db.session.add_all([checklist, inspection, record, activity])
    db.session.flush()
    amiss = InspectionItem(inspection_id=inspection.id, seq=1, words="灭火器在位", is_fine=False, **here)
    picture = small_picture()
    size = {"width": picture.width, "height": picture.height, "size": len(picture.jpeg)}
    photo = ActivityPhoto(activity_id=activity.id, sha256=picture.sha256, **size, **here)
    db.session.add_all([amiss, photo])
    db.session.commit()
    return {
        "checklists": checklist.public_id,
        "inspections": inspection.public_id,
        "inspections/seq": "1",
        "service-records": record.public_id,
        "activities": activity.public_id,
        "activities/photo_id": photo.public_id,
    }


def edition_of(door: Household) -> str:
    """The token on a printed sheet of a door."""
    made = Print(number=secrets.token_hex(8), kind="sheet", community_id=door.community_id, household_id=door.id)
    db.session.add(made)
    db.session.flush()
    (file,) = sheet_files(Scope(communities=(door.community_id,)), [door.id], today())
    edition = new_edition(file, 1)
    edition.print_id = made.id
    db.session.add(edition)
    db.session.commit()
    return edition.token


def extra_ids(community: Community, user: User) -> dict[str, str]:
    """Ids of rows that other features keep."""
    patch = db.session.scalar(select(Patch).where(Patch.user_id == user.id))
    return {
        "patches": patch.public_id if patch else "none",
        "staff/patch_id": patch.public_id if patch else "none",
        "imports": "0" * 22,
        "exports/community_id": community.public_id,
        "year-plan": year_duty(community),
        # A batch is its owner's alone: tests/documents/test_batches.py.
        "print": "0" * 10,
        "indicators": "filed",
        "exports": asked_export(community, user),
        "exports/set_id": column_set(community, user),
        "targets": target_of(community),
    } | teamwork(community, user)


def asked_export(community: Community, user: User) -> str:
    """A request of that colleague's: an administrator answers it, another worker never sees it."""
    said = {"columns": [{"key": "door", "heading": ""}], "period": "", "filter": {}, "is_whole": False, "words": "户"}
    made = ExportRequest(community_id=community.id, subject="households", asked=said, n_rows=600, reason="统计")
    made.asked_by = user.id
    db.session.add(made)
    db.session.commit()
    return made.public_id


def column_set(community: Community, user: User) -> str:
    columns = [{"key": "door", "heading": "房号"}]
    made = ColumnSet(community_id=community.id, name="区表", subject="households", columns=columns, made_by=user.id)
    db.session.add(made)
    db.session.commit()
    return made.public_id


def teamwork(community: Community, user: User) -> dict[str, str]:
    """Teams, patrols, sites, plans and awards: rows of the whole community, but for a plan, which is somebody's own."""
    here = {"community_id": community.id}
    team = Team(kind="patrol", name="巡逻队", **here)
    site = Site(kind="police", name="警务室", lon=114.4, lat=30.6, **here)
    plan = WorkPlan(user_id=user.id, week_on=date(2026, 6, 1), state="submitted", **here)
    award = Award(kind="other", year=2026, name="王小明", on=date(2026, 6, 1), recorded_by=user.id, **here)
    patrol = Patrol(started_at=now() - timedelta(hours=2), ended_at=now(), recorded_by=user.id, **here)
    db.session.add_all([team, site, plan, award, patrol])
    db.session.flush()
    member = TeamMember(team_id=team.id, name="李芳", **here)
    shift = Shift(team_id=team.id, on=today(), starts="19:00", ends="21:00", **here)
    db.session.add_all([member, shift])
    db.session.commit()
    return {
        "teams": team.public_id,
        "teams/member_id": member.public_id,
        "shifts": shift.public_id,
        "patrols": patrol.public_id,
        "sites": site.public_id,
        "work-plans": plan.public_id,
        "awards": award.public_id,
    }


def year_duty(community: Community) -> str:
    duty = YearDuty(community_id=community.id, year=today().year, title="志愿者登记核对", rhythm="quarter")
    db.session.add(duty)
    db.session.commit()
    return duty.public_id


def target_of(community: Community) -> str:
    made = Target(community_id=community.id, year=today().year, plan="11", indicator="filed", value=1.0)
    db.session.add(made)
    db.session.commit()
    return made.public_id


# Named by a word that is the same everywhere: what such a page shows is the reader's own.
EVERYWHERE = ("/indicators/<",)


def inside(place: Place, cast: Cast) -> Ids:
    colleague = db.session.get_one(User, cast.worker.id)
    door = place.doors["1-1-101"]
    return ids_of(
        place.community, place.buildings[0].public_id, door, place.people["王小明"], colleague, cast.worker.id
    )


def beside(place: Place, cast: Cast) -> Ids:
    """The same community, the other block: outside for the worker only."""
    colleague = db.session.get_one(User, cast.other_worker.id)
    door = place.doors["3-2-302"]
    return ids_of(
        place.community, place.buildings[2].public_id, door, place.people["曾志伟"], colleague, cast.worker.id
    )


def outside(cast: Cast) -> Ids:
    """A community that nobody of the cast has anything to do with."""
    community = actions.add_community(None, actions.CommunityEntry("外面社区"))
    block = Block(community_id=community.id, seq=1, name="一片区")
    db.session.add(block)
    db.session.flush()
    building = make_building(community, block, 1, None)
    door = make_doors(building, 1, 1, 1)["1-1-101"]
    person = make_person(door, "外面人", is_head=True)
    user = make_user("stranger", "grid_worker", "外面网格员")
    db.session.commit()
    hand_out(user, community, block_id=block.id)
    return ids_of(community, building.public_id, door, person, user, cast.worker.id)


def enter(app: Flask, login: str) -> FlaskClient:
    """A client with a session, without the cost of a password."""
    user = db.session.query(User).filter_by(login=login).one()
    token = secrets.token_urlsafe(16)
    db.session.add(
        LoginSession(token_hash=token_hash(token), user_id=user.id, ends_at=now() + timedelta(hours=1), seen_at=now())
    )
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def ask(client: FlaskClient, method: str, path: str) -> int:
    answer = client.open(path, method=method)
    answer.close()
    return answer.status_code


def test_strangers_see_only_what_is_for_everybody(app: Flask, place: Place, cast: Cast) -> None:
    ids = inside(place, cast)
    for rule, method in routes(app):
        if "anyone" in rule_of(app, rule):
            continue
        answer = app.test_client().open(address(rule, ids), method=method)

        assert answer.status_code == (303 if method == "GET" else 401), rule
        assert method == "POST" or answer.headers["Location"].startswith("/login"), rule


@pytest.mark.parametrize("role", ROLES)
def test_a_wrong_role_is_refused(app: Flask, place: Place, cast: Cast, role: str) -> None:
    ids, client = inside(place, cast), enter(app, LOGINS[role])
    asked = 0
    for rule, method in routes(app):
        if not rule_of(app, rule) & {role, "anyone"}:
            asked += 1

            assert ask(client, method, address(rule, ids)) == 403, (rule, method)
    assert asked > 0


@pytest.mark.parametrize("role", ROLES)
def test_outside_the_scope_there_is_nothing(app: Flask, place: Place, cast: Cast, role: str) -> None:
    ids, client = outside(cast), enter(app, LOGINS[role])
    for rule, method in routes(app):
        if rule.arguments and role in rule_of(app, rule) and not rule.rule.startswith(EVERYWHERE):
            assert ask(client, method, address(rule, ids)) == 404, (rule, method)


def test_the_other_block_is_outside_for_a_worker(app: Flask, place: Place, cast: Cast) -> None:
    ids, client = beside(place, cast), enter(app, "worker")
    asked = 0
    for rule, method in routes(app):
        of_all = ("/map/", "/teams/", "/patrols/", "/activities/", "/ledgers/", "/year-plan/", *EVERYWHERE)
        whole_community = rule.rule.startswith(of_all)
        if rule.arguments and "grid_worker" in rule_of(app, rule) and not whole_community:
            asked += 1

            assert ask(client, method, address(rule, ids)) == 404, (rule, method)
    assert asked > 5


@pytest.mark.parametrize("role", ROLES)
def test_inside_the_scope_a_page_answers(app: Flask, place: Place, cast: Cast, role: str) -> None:
    ids, client = inside(place, cast), enter(app, LOGINS[role])
    for rule, method in routes(app):
        if role not in rule_of(app, rule) or rule.rule.startswith(("/imports/<", "/print/jobs/<")):
            continue
        status = ask(client, method, address(rule, ids))

        assert status in (200, 204, 302, 303, 400, 422), (rule, method, status)
        if method == "POST" and status < 400:
            # It did something: begin again from the same place.
            empty_database()
            place = make_place()
            cast = make_cast(place)
            ids, client = inside(place, cast), enter(app, LOGINS[role])


def test_a_patch_counts_only_on_its_days(app: Flask, place: Place) -> None:
    worker = make_user("temp", "grid_worker", "临时工")
    db.session.commit()
    for from_on, to_on, seen in (
        (today(), today(), 200),
        (today() + timedelta(days=1), None, 404),
        (date(2020, 1, 1), today() - timedelta(days=1), 404),
    ):
        hand_out_patch(
            None,
            PatchEntry(worker.id, place.community.id, from_on, block_id=place.blocks[0].id, to_on=to_on),
        )

        assert ask(enter(app, "temp"), "GET", f"/households/{place.doors['1-1-101'].public_id}") == seen
        db.session.execute(delete(Patch).where(Patch.user_id == worker.id))
        bump_scope(worker.id)
        db.session.commit()
