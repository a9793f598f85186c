"""A team is founded, people of the register or by name join it and leave it, and one day it is dissolved."""

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Person
from grid.services.models import Team, TeamMember
from tests.conftest import LogIn
from tests.factories import Cast, Place


@pytest.fixture
def team(place: Place) -> Team:
    made = Team(community_id=place.community.id, kind="arts", name="合唱队", leader="王小明", phone="19900012345")
    db.session.add_all([made, Team(community_id=place.other.id, kind="arts", name="外面合唱队")])
    db.session.commit()
    return made


def key() -> str:
    return str(uuid.uuid4())


def teams() -> list[Team]:
    db.session.rollback()
    return list(db.session.scalars(select(Team).where(Team.name != "外面合唱队").order_by(Team.id)))


def members() -> list[TeamMember]:
    db.session.rollback()
    return list(db.session.scalars(select(TeamMember).order_by(TeamMember.id)))


def test_an_administrator_founds_one_once(cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    words = {"key": key(), "kind": "fire", "name": "微型消防队", "leader": "李芳", "phone": "199-0005-4321"}

    answers = [admin.post("/teams", data=words) for _ in range(2)]

    (team,) = teams()
    assert {answer.location for answer in answers} == {f"/teams/{team.public_id}?done=added"}
    assert team.phone == "19900054321"
    page = log_in("worker").get(f"/teams/{team.public_id}").text
    assert "微型消防队" in page and "199****4321" in page and "19900054321" not in page
    assert "/edit" not in page and "微型消防队" in log_in("worker").get("/teams").text


def test_a_name_is_needed_and_is_taken_once(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin = log_in("admin")

    empty = admin.post("/teams", data={"key": key(), "kind": "arts", "name": " ", "note": "每周三练"})
    taken = admin.post("/teams", data={"key": key(), "kind": "arts", "name": "合唱队", "note": "每周三练"})
    elsewhere = admin.post("/teams", data={"key": key(), "kind": "arts", "name": "外面合唱队"})

    assert empty.status_code == taken.status_code == 422
    assert "请写队伍的名称" in empty.text and "已经有一支队伍叫" in taken.text
    assert "每周三练" in empty.text and "每周三练" in taken.text
    assert elsewhere.status_code == 303 and len(teams()) == 1


def test_the_second_of_two_who_change_it_is_told(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin, url = log_in("admin"), f"/teams/{team.public_id}"
    assert 'name="version" value="1"' in admin.get(f"{url}/edit").text
    words = {"key": key(), "version": "1", "kind": "arts", "name": "老年合唱队"}

    first, second = (admin.post(url, data=words | {"note": note}) for note in ("一", "别人写的"))

    assert (first.status_code, second.status_code) == (303, 422)
    assert "别人改过这支队伍" in second.text and "别人写的" in second.text
    assert (teams()[0].name, teams()[0].note, teams()[0].version) == ("老年合唱队", "一", 2)


def test_somebody_of_the_register_is_found_while_typing_and_joins(
    cast: Cast, place: Place, team: Team, log_in: LogIn
) -> None:
    admin, person = log_in("admin"), place.people["欧阳娜"]
    url = f"/teams/{team.public_id}/members"
    assert admin.get(f"{url}/new").status_code == 200
    found = admin.post("/services/find", data={"words": "欧阳", "wanted": "person"}).text
    assert f'value="{person.public_id}"' in found and "2-1-201" in found

    joined = admin.post(url, data={"key": key(), "chosen": person.public_id, "phone": "19900011111"})
    twice = admin.post(url, data={"key": key(), "chosen": person.public_id})

    (member,) = members()
    assert joined.status_code == 303 and (member.person_id, member.name) == (person.id, "欧阳娜")
    assert twice.status_code == 422 and "已经在队里了" in twice.text
    page = log_in("worker").get(f"/teams/{team.public_id}").text
    assert "欧阳娜" in page and "199****1111" in page and "19900011111" not in page


def test_without_script_the_button_finds_and_a_name_is_enough(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin, url = log_in("admin"), f"/teams/{team.public_id}/members"

    found = admin.post(
        url, data={"key": key(), "words": "欧阳", "wanted": "person", "search": "1", "phone": "12345678"}
    )
    nobody = admin.post(url, data={"key": key(), "phone": "12345678"})
    named = admin.post(url, data={"key": key(), "name": "外请老师"})

    assert found.status_code == 200 and "欧阳娜" in found.text and "12345678" in found.text
    assert nobody.status_code == 422 and "请在户档里选一个人" in nobody.text and "12345678" in nobody.text
    assert named.status_code == 303 and [(m.name, m.person_id) for m in members()] == [("外请老师", None)]


def test_nobody_of_another_community_joins(cast: Cast, place: Place, team: Team, log_in: LogIn) -> None:
    stranger = db.session.scalars(select(Person).where(Person.name == "王外人")).one()

    answer = log_in("admin").post(f"/teams/{team.public_id}/members", data={"key": key(), "chosen": stranger.public_id})

    assert answer.status_code == 404 and members() == []
    found = log_in("admin").post("/services/find", data={"words": "王外人", "wanted": "person"}).text
    assert "没有找到" in found and stranger.public_id not in found


def test_who_leaves_is_gone_from_the_list_and_stays_in_the_row(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin, url = log_in("admin"), f"/teams/{team.public_id}"
    admin.post(f"{url}/members", data={"key": key(), "name": "外请老师"})

    answer = admin.post(f"{url}/members/{members()[0].public_id}/leave")

    assert answer.status_code == 303 and members()[0].until == today()
    assert "外请老师" not in admin.get(url).text
    assert db.session.scalar(select(AuditEntry.words).where(AuditEntry.action == "leave_team")) == "合唱队"


def test_a_dissolved_one_is_kept_apart_and_not_changed(cast: Cast, team: Team, log_in: LogIn) -> None:
    admin, url = log_in("admin"), f"/teams/{team.public_id}"

    admin.post(f"{url}/dissolve")

    assert teams()[0].dissolved_on == today()
    assert "已解散的队伍" in admin.get("/teams").text and "/members/new" not in admin.get(url).text
    assert team.public_id not in admin.get("/patrols/new").text


def test_a_worker_reads_and_changes_nothing(cast: Cast, place: Place, team: Team, log_in: LogIn) -> None:
    worker, url = log_in("worker"), f"/teams/{team.public_id}"
    elsewhere = db.session.scalars(select(Team).where(Team.name == "外面合唱队")).one().public_id

    assert worker.get(url).status_code == 200
    for path in ("/teams", url, f"{url}/dissolve", f"{url}/members"):
        assert worker.post(path, data={"key": key(), "kind": "arts", "name": "x"}).status_code == 403
    assert worker.get(f"/teams/{elsewhere}").status_code == 404
    assert "外面合唱队" not in worker.get("/teams").text
    assert worker.get(f"/teams?community={place.other.public_id}").status_code == 404


STATEMENTS = {"list": 5, "one": 3}


@pytest.mark.parametrize("page", STATEMENTS)
def test_its_number_of_statements_is_constant(
    cast: Cast, team: Team, log_in: LogIn, count_queries: Callable[[], int], page: str
) -> None:
    worker, path = log_in("worker"), {"list": "/teams", "one": f"/teams/{team.public_id}"}[page]
    worker.get(path)
    count_queries()
    few = (worker.get(path).status_code, count_queries())
    here = {"community_id": team.community_id}
    db.session.add_all([TeamMember(team_id=team.id, name=f"队员{n}", **here) for n in range(9)])
    db.session.add_all([Team(kind="sports", name=f"球队{n}", **here) for n in range(5)])
    db.session.commit()
    count_queries()

    many = (worker.get(path).status_code, count_queries())

    assert few == many == (200, STATEMENTS[page])
