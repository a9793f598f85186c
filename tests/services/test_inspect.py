"""Somebody prepares checklists, inspects by one, and looks again at what was amiss."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.cases.models import Case
from grid.core.clock import now, today
from grid.core.db import db
from grid.register.actions import CommunityEntry, add_community
from grid.register.models import Site
from grid.services.checklist_actions import add_starter_checklists
from grid.services.models import Checklist, Inspection, InspectionItem
from tests.conftest import LogIn
from tests.factories import Cast, Place

WORDS = ("灭火器在位", "通道没有停车")


@pytest.fixture
def checklist(place: Place, cast: Cast) -> Checklist:
    made = Checklist(community_id=place.community.id, kind="fire", title="消防检查表", items=list(WORDS))
    noise = Checklist(community_id=place.other.id, kind="fire", title="外面的表", items=["外面的项"])
    db.session.add_all([made, noise])
    db.session.commit()
    return made


def found(checklist: Checklist, *results: str, **given: str) -> dict[str, str]:
    """What a phone sends of an inspection at building 1, one result per item."""
    words = {"key": str(uuid.uuid4()), "checklist": checklist.public_id} | given
    for n, result in enumerate(results):
        words |= {f"items-{n}-words": WORDS[n], f"items-{n}-found": result}
    return words


def rows(model: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(model.id)))


def record(client: FlaskClient, words: dict[str, str]) -> str:
    answer = client.post("/inspections", data=words)
    assert answer.status_code == 303, answer.text
    return str(answer.location.split("?")[0])


def test_an_administrator_takes_the_ready_set_once(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    assert "用现成的一套" in admin.get("/checklists").text

    first, again = admin.post("/checklists/starter"), admin.post("/checklists/starter")

    assert (first.status_code, again.status_code) == (303, 422)
    assert {one.kind for one in rows(Checklist)} == {"safety", "fire", "hygiene", "holiday"}
    assert "充电桩消防检查表" in admin.get("/checklists").text
    assert log_in("worker").get("/checklists").status_code == 403


def test_a_checklist_is_lines_and_the_second_editor_is_told(cast: Cast, checklist: Checklist, log_in: LogIn) -> None:
    admin, url = log_in("admin"), f"/checklists/{checklist.public_id}"
    words = {"version": "1", "kind": "fire", "title": "消防", "items": " 一项 \n\n二项"}
    assert admin.post(url, data=words | {"items": " \n "}).status_code == 422

    first, late = admin.post(url, data=words), admin.post(url, data=words | {"title": "我的"})
    assert (first.status_code, late.status_code) == (303, 422)
    assert "别人改过" in late.text and "我的" in late.text

    assert admin.post(url, data=words | {"title": "我的", "version": "2"}).status_code == 303
    assert (rows(Checklist)[0].title, rows(Checklist)[0].items) == ("我的", ["一项", "二项"])


def test_one_goes_from_the_place_through_the_items(
    cast: Cast, place: Place, checklist: Checklist, log_in: LogIn
) -> None:
    worker, house = log_in("worker"), place.buildings[0].public_id
    start = worker.get("/inspections/new").text
    assert "消防检查表" in start and "外面的表" not in start
    assert worker.get(f"/inspections/new?checklist={checklist.public_id}").status_code == 422

    page = worker.get(f"/inspections/new?checklist={checklist.public_id}&building={house}").text
    assert all(words in page for words in WORDS) and str(today() + timedelta(days=7)) in page
    assert "checked" not in page
    assert page.count("checked") + 2 == worker.get(
        f"/inspections/new?checklist={checklist.public_id}&building={house}&all=fine"
    ).text.count(" checked")

    sent = found(checklist, "fine", "none", building=house, inspectors="孟网格、社长")
    url = record(worker, sent)
    assert record(worker, sent) == url and len(rows(Inspection)) == 1
    assert [item.is_fine for item in rows(InspectionItem)] == [True, None]
    assert "孟网格、社长" in worker.get(url).text and "全部合格" in worker.get("/inspections").text


def test_what_is_amiss_has_a_day_a_case_and_a_recheck(
    cast: Cast, place: Place, checklist: Checklist, log_in: LogIn
) -> None:
    worker, due = log_in("worker"), today() + timedelta(days=7)
    amiss = {"items-1-note": "停了面包车", "items-1-due_on": str(due), "items-1-case": "hazard"}
    url = record(worker, found(checklist, "fine", "amiss", building=place.buildings[0].public_id, **amiss))
    (case,) = rows(Case)
    assert (case.source, case.building_id, case.due_on) == ("inspection", place.buildings[0].id, due)
    assert case.no in worker.get(url).text and "待整改 1 项" in worker.get("/inspections?state=open").text

    recheck, later = f"{url}/items/2/recheck", today() + timedelta(days=20)
    assert worker.post(recheck, data={"result": "again", "day": str(today())}).status_code == 422
    assert worker.post(f"{url}/items/1/recheck", data={"result": "fine", "day": str(today())}).status_code == 404
    assert worker.post(recheck, data={"result": "again", "day": str(later), "note": "还停着"}).status_code == 303
    assert rows(InspectionItem)[1].due_on == later and "还停着" in worker.get(url).text

    assert worker.post(recheck, data={"result": "fine", "day": str(today())}).status_code == 303
    again = worker.post(recheck, data={"result": "fine", "day": str(today()), "note": "再来"})
    assert again.status_code == 422 and "已经复查合格" in again.text and "再来" in again.text
    assert rows(InspectionItem)[1].rechecked_by == cast.worker.id
    assert "没有这样的检查" in worker.get("/inspections?state=open").text


def test_what_is_amiss_at_a_place_without_a_building_is_a_case_of_the_place(
    cast: Cast, place: Place, checklist: Checklist, log_in: LogIn
) -> None:
    amiss = {"items-0-note": "少一只", "items-0-due_on": str(today()), "items-0-case": "hazard"}

    record(log_in("worker"), found(checklist, "amiss", "fine", place="东门", **amiss))

    (case,) = rows(Case)
    assert (case.building_id, case.place, case.community_id) == (None, "东门", place.community.id)


def test_the_overdue_are_found(cast: Cast, place: Place, checklist: Checklist, log_in: LogIn) -> None:
    worker, past = log_in("worker"), str(today() - timedelta(days=1))
    at = (now() - timedelta(days=9)).strftime("%Y-%m-%d %H:%M")
    for place_name, due in (("东门早市", past), ("西门", str(today()))):
        amiss = {"items-0-note": "缺一具", "items-0-due_on": due, "at": at, "place": place_name}
        record(worker, found(checklist, "amiss", "fine", **amiss))

    overdue, still_open = worker.get("/inspections?state=overdue").text, worker.get("/inspections?state=open").text

    assert "东门早市" in overdue and "西门" not in overdue
    assert "东门早市" in still_open and "西门" in still_open


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"items-1-found": ""}, "还没有选"),
        ({"items-1-found": "amiss", "items-1-note": ""}, "哪里不合格"),
        ({"items-1-found": "amiss", "items-1-note": "坏", "items-1-due_on": "2020-01-01"}, "比检查的那天还早"),
        ({"at": "2099-01-01 08:00"}, "还没到"),
        ({"signature": "M1 2<script>"}, "再签一次"),
        ({"signature": "M1 2" + "L3 4" * 2000}, "再签一次"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, checklist: Checklist, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    words = found(checklist, "fine", "fine", place="东门", content="总的不错") | given

    answer = log_in("worker").post("/inspections", data=words)

    assert answer.status_code == 422 and sentence in answer.text and "总的不错" in answer.text
    assert "<script>" not in answer.text and rows(Inspection) == []


def test_a_signature_is_kept_as_strokes(cast: Cast, place: Place, checklist: Checklist, log_in: LogIn) -> None:
    site = Site(community_id=place.community.id, kind="market", name="东门市场", lon=114.0, lat=30.0)
    db.session.add(site)
    db.session.commit()
    worker, drawn = log_in("worker"), "M10 20L30 40M50 60L50 60"

    url = record(worker, found(checklist, "fine", "fine", site=site.public_id, signer="邱经理", signature=drawn))

    page = worker.get(url).text
    assert f'<path d="{drawn}"/>' in page and "邱经理" in page and "东门市场" in page


def test_one_of_another_block_is_not_there(cast: Cast, place: Place, checklist: Checklist, log_in: LogIn) -> None:
    worker, other, house = log_in("worker"), log_in("other"), place.buildings[0].public_id
    url = record(worker, found(checklist, "fine", "fine", building=house))
    of_all = record(worker, found(checklist, "fine", "fine", place="东门"))

    assert other.get(url).status_code == other.post(f"{url}/withdraw").status_code == 404
    assert other.post("/inspections", data=found(checklist, "fine", "fine", building=house)).status_code == 422
    assert url not in other.get("/inspections").text
    assert of_all in other.get("/inspections").text and other.get(of_all).status_code == 200
    assert other.post(f"{of_all}/withdraw").status_code == 404
    assert worker.post(f"{of_all}/withdraw").status_code == 303 and worker.get(of_all).status_code == 404
    assert log_in("street").get("/inspections").status_code == log_in("head").get("/inspections").status_code == 403


def test_the_ready_set_is_for_an_empty_community(cast: Cast, place: Place, checklist: Checklist, log_in: LogIn) -> None:
    assert "用现成的一套" not in log_in("admin").get("/checklists").text
    assert log_in("admin").post("/checklists/starter").status_code == 422

    add_starter_checklists(None, add_community(None, CommunityEntry("空社区")).id)
    assert len(rows(Checklist)) == 7
