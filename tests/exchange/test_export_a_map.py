"""The map of a community goes out as GeoJSON and comes in again the same."""

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.demo.actions import load_demo
from grid.exchange.actions import apply_files
from grid.exchange.map_export import drawn
from grid.exchange.planning import Order, plan_files
from grid.register.models import Building, Community
from tests.conftest import LogIn
from tests.exchange import installs
from tests.exchange.books import SQUARE, feature, geojson
from tests.factories import Cast, Place
from tests.keeping import empty_database

CLOCKWISE = [ring[::-1] for ring in SQUARE]


def the_drawn_one() -> Community:
    found = db.session.scalars(select(Community).order_by(Community.id)).first()
    assert found
    return found


def exported(community_id: int) -> bytes:
    content = drawn(community_id)
    assert content
    return content


def test_the_map_of_the_demo_comes_into_an_empty_install_and_goes_out_the_same(app: Flask) -> None:
    load_demo(200, today(), installs.of(app).instance)
    there = the_drawn_one()
    buildings = db.session.scalars(select(Building.no).where(Building.community_id == there.id)).all()
    content = exported(there.id)
    kinds = [one["properties"]["layer"] for one in json.loads(content)["features"]]
    assert kinds.count("buildings") == len(buildings) > 5
    assert {"boundary", "blocks", "routes"} < set(kinds)
    empty_database()

    plan = apply_files(None, Order("map", (("map.geojson", content),)), today())

    assert plan.counts["new"] == len(kinds) and plan.counts["refused"] == plan.counts["odd"] == 0
    assert exported(the_drawn_one().id) == content


def test_into_the_same_community_it_changes_nothing(app: Flask) -> None:
    """Also where a ring was drawn the other way round than RFC 7946 wants."""
    files = (
        ("b.geojson", geojson(_turned(no=1, name="一号楼", estate="杏林小区", floors=6), _turned(no="2A"))),
        ("blocks.geojson", geojson(_turned(seq=1, name="第一片区"))),
        ("boundary.geojson", geojson(_turned(name="杏林社区"), map_credit="测绘院；© OpenStreetMap contributors")),
    )
    apply_files(None, Order("map", files), today())
    there = the_drawn_one()
    assert there.outline == CLOCKWISE

    content = exported(there.id)

    said = json.loads(content)
    assert {json.dumps(one["geometry"]["coordinates"]) for one in said["features"]} == {json.dumps(SQUARE)}
    again = plan_files(Order("map", (("map.geojson", content),)), today())
    assert not again.changes_anything and again.counts["same"] == 4
    assert said["map_credit"] == there.map_credit == "测绘院；© OpenStreetMap contributors"


def _turned(**said: object) -> dict[str, object]:
    return {**feature(**said), "geometry": {"type": "Polygon", "coordinates": CLOCKWISE}}


def test_nobodys_name_is_on_it(app: Flask) -> None:
    load_demo(60, today(), installs.of(app).instance)
    there = the_drawn_one()
    building = db.session.scalars(select(Building).where(Building.community_id == there.id)).first()
    assert building
    building.head_name, building.head_phone, building.note = "楼长甲", "19900012345", "有狗"
    db.session.commit()

    content = exported(there.id).decode()

    assert "楼长甲" not in content and "19900012345" not in content and "有狗" not in content
    known = {"layer", "name", "seq", "no", "estate", "floors", "block"}
    for one in json.loads(content)["features"]:
        assert set(one["properties"]) <= known


def test_an_administrator_downloads_it_and_the_log_knows(place: Place, cast: Cast, log_in: LogIn) -> None:
    place.community.outline = SQUARE
    db.session.commit()
    path = f"/exports/map/{place.community.public_id}.geojson"

    page = log_in("admin").get("/exports/community").text
    answer = log_in("admin").post(path, data={"map-reason": "交给测绘院"})

    assert f'action="{path}"' in page and 'name="map-reason"' in page
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json"
    assert answer.get_json(force=True)["features"][0]["properties"] == {"layer": "boundary", "name": "桃园社区"}
    (line,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_map"))
    assert (line.actor_id, line.community_id) == (cast.admin.id, place.community.id)
    assert line.words == "桃园社区 · 交给测绘院"
    assert log_in("worker").post(path).status_code == 403
    assert log_in("admin").post(f"/exports/map/{place.other.public_id}.geojson").status_code == 404


def test_it_is_not_given_without_a_reason(place: Place, cast: Cast, log_in: LogIn) -> None:
    place.community.outline = SQUARE
    db.session.commit()
    admin, path = log_in("admin"), f"/exports/map/{place.community.public_id}.geojson"

    answers = [admin.post(path, data={"map-reason": words}) for words in ("", "看看")]

    assert all(
        one.status_code == 422 and "请写明用途" in one.text and "FeatureCollection" not in one.text for one in answers
    )
    assert admin.get(path).status_code == 405
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_map")).all() == []


def test_the_page_says_where_nothing_is_drawn(place: Place, cast: Cast, log_in: LogIn) -> None:
    answer = log_in("admin").post(
        f"/exports/map/{place.community.public_id}.geojson", data={"map-reason": "交给测绘院"}
    )

    assert answer.status_code == 422 and "还没有画过地图" in answer.text


def test_where_nothing_is_drawn_there_is_no_map(app: Flask, place: Place, tmp_path: Path) -> None:
    path = tmp_path / "map.geojson"

    told = app.test_cli_runner().invoke(args=["export", "map", str(path), "--community", "桃园社区"])

    assert told.exit_code == 1 and "还没有画过地图" in told.output
    assert not path.exists()


def test_from_the_command_line(app: Flask, place: Place, tmp_path: Path) -> None:
    place.community.outline = SQUARE
    db.session.commit()
    path = tmp_path / "map.geojson"

    told = app.test_cli_runner().invoke(args=["export", "map", str(path), "--community", "桃园社区"])

    assert told.exit_code == 0 and "桃园社区 的地图：1 个图形" in told.output
    assert json.loads(path.read_bytes())["type"] == "FeatureCollection"
