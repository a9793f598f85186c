"""A map comes in."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.exchange.actions import apply_files
from grid.exchange.geojson import OSM_CREDIT, fault_of
from grid.exchange.planning import Order, plan_files
from grid.exchange.workbooks import Unreadable
from grid.register.models import Block, Building, Community, PatrolRoute, Tag
from tests.exchange.books import SQUARE, feature, geojson
from tests.factories import Place

FILES = (
    ("buildings.geojson", geojson(feature(no=1, floors=6, block=1, id=108434069), feature(no="2", block=9))),
    ("blocks.geojson", geojson(feature(seq=1, name="第一片区"))),
    ("boundary.geojson", geojson(feature(name="杏林社区"))),
)


def test_a_new_community_begins_with_its_map(app: Flask) -> None:
    plan = apply_files(None, Order("map", FILES), today())

    assert plan.counts == {"new": 4, "changed": 0, "odd": 1, "refused": 0, "same": 0, "skipped": 0}
    community = db.session.scalars(select(Community)).one()
    assert (community.name, community.outline, community.map_credit) == ("杏林社区", SQUARE, OSM_CREDIT)
    first, second = db.session.scalars(select(Building).order_by(Building.no_order))
    assert (first.no, first.floors, first.outline) == ("1", 6, SQUARE)
    assert first.block_id == db.session.scalars(select(Block.id)).one()
    assert second.block_id is None
    assert db.session.scalars(select(Tag)).first()


def test_the_same_map_again_changes_nothing(app: Flask) -> None:
    apply_files(None, Order("map", FILES), today())

    again = plan_files(Order("map", FILES), today())

    assert not again.changes_anything
    assert again.counts["same"] == 4


def test_floors_from_a_door_list_are_not_overwritten_by_heights(place: Place) -> None:
    place.buildings[0].floors = 11
    db.session.commit()

    apply_files(None, Order("map", (("b.geojson", geojson(feature(no=1, floors=4))),), "桃园社区"), today())

    building = db.session.get(Building, place.buildings[0].id)
    assert building is not None
    assert (building.floors, building.outline) == (11, SQUARE)
    assert db.session.get(Community, place.community.id).geometry_version == 2  # type: ignore[union-attr]


def test_a_map_of_another_community_is_not_poured_into_the_one_that_is_there(place: Place) -> None:
    plan = plan_files(Order("map", FILES), today())

    assert (plan.community, plan.community_id) == ("杏林社区", None)


def test_a_map_without_a_name_needs_one(app: Flask) -> None:
    with pytest.raises(Unreadable, match="社区名称"):
        plan_files(Order("map", (("b.geojson", geojson(feature(no=1))),)), today())


@pytest.mark.parametrize(
    ("outline", "word"),
    [
        ([SQUARE[0][:-1]], "闭合"),
        ([SQUARE[0][:3]], "四个点"),
        ([[[30.5, 114.3], [30.6, 114.3], [30.6, 114.4], [30.5, 114.3]]], "写反"),
        ([[[12735000, 3560000], [12735001, 3560000], [12735001, 3560001], [12735000, 3560000]]], "经纬度"),
        ([[[114.0, float("nan")], [114.1, 30.0], [114.1, 30.1], [114.0, float("nan")]]], "数字"),
        ([[["a", "b"]] * 4], "数字"),
        ([[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]], "相交"),
        ([[[n / 1000, 0] for n in range(6000)]], "太多"),
        ([], "空"),
        ("no list", "空"),
    ],
)
def test_a_ring_that_cannot_stand_is_refused_and_says_why(outline: Any, word: str) -> None:
    assert word in (fault_of(outline) or "")


def test_one_bad_building_does_not_hold_up_the_others(app: Flask) -> None:
    content = geojson(feature(no=1), feature(kind="Point", outline=[1, 2], no=2), feature(no=1), feature(name="x"))

    plan = apply_files(None, Order("map", (("b.geojson", content),), "杏林社区"), today())

    assert [line.outcome for line in plan.lines] == ["new", "refused", "refused", "refused"]
    assert "第 1 个" in plan.lines[2].remarks[0]
    assert db.session.scalars(select(Building.no)).all() == ["1"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"type": "FeatureCollection"}', b"[" * 100_000, b"PK\x03\x04", b"\xff\xfe\x00"]
)
def test_what_is_no_geojson_is_named_and_refused(app: Flask, content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"b\.geojson"):
        plan_files(Order("map", (("b.geojson", content),), "杏林社区"), today())


def test_the_credit_can_be_said(app: Flask) -> None:
    files = (("b.geojson", geojson(feature(no=1))),)

    apply_files(None, Order("map", files, "杏林社区", "© 本社区自绘"), today())

    assert db.session.scalars(select(Community.map_credit)).one() == "© 本社区自绘"


def test_a_second_source_joins_the_first_on_the_map(app: Flask) -> None:
    apply_files(None, Order("map", FILES), today())
    own = (("b.geojson", geojson(feature(no=3), attribution="© 市测绘院")),)

    apply_files(None, Order("map", own, "杏林社区"), today())

    assert db.session.scalars(select(Community.map_credit)).one() == f"{OSM_CREDIT}；© 市测绘院"
    assert not plan_files(Order("map", own, "杏林社区"), today()).changes_anything


def moved(lon: float) -> list[list[list[float]]]:
    return [[[x + lon, y] for x, y in ring] for ring in SQUARE]


def test_an_outline_far_from_the_others_is_refused(app: Flask) -> None:
    far = feature(outline=moved(-90), no="9")
    files = (("b.geojson", geojson(feature(no=1), feature(outline=moved(0.1), no=2), far)),)

    plan = apply_files(None, Order("map", files, "杏林社区"), today())

    assert (plan.counts["new"], plan.counts["refused"]) == (2, 1)
    assert "公里" in next(line.remarks[0] for line in plan.lines if line.outcome == "refused")
    (line,) = plan_files(Order("map", (("b.geojson", geojson(far)),), "杏林社区"), today()).lines
    assert line.outcome == "refused"


@pytest.mark.parametrize("number", ["1e999", "-Infinity", "NaN", "1" + "0" * 400, '"' + "9" * 5000 + '"', '"3.5"'])
@pytest.mark.parametrize("said", ["seq", "floors", "block", "coordinate"])
def test_numbers_beyond_all_measure_are_refused_or_left_out(place: Place, said: str, number: str) -> None:
    outline = [[["?", 30.5], *SQUARE[0][1:-1], ["?", 30.5]]] if said == "coordinate" else SQUARE
    given = {"seq": "?"} if said == "seq" else {"no": "77", said: "?"}
    content = geojson(feature(outline=outline, **given)).replace(b'"?"', number.encode())

    apply_files(None, Order("map", (("b.geojson", content),), "桃园社区"), today())

    found = db.session.scalars(select(Building).where(Building.no == "77")).one_or_none()
    assert (found is None) == (said in ("seq", "coordinate"))
    assert found is None or (found.floors, found.block_id) == (None, None)


@pytest.mark.parametrize("height", [5, None, "x", [1]])
def test_a_third_coordinate_of_any_kind_is_left_out(app: Flask, height: Any) -> None:
    outline = [[[*SQUARE[0][0], height], *SQUARE[0][1:]]]

    apply_files(None, Order("map", (("b.geojson", geojson(feature(outline=outline, no=1))),), "杏林社区"), today())

    assert db.session.scalars(select(Building.outline)).one() == SQUARE


def test_signs_that_no_database_takes_are_left_out(app: Flask) -> None:
    content = geojson(feature(no=1, name="甲\ud800\0楼"), attribution="本社区\udfff自绘\0")

    apply_files(None, Order("map", (("b.geojson", content),), "杏林社区"), today())

    assert db.session.scalars(select(Building.name)).one() == "甲楼"
    assert db.session.scalars(select(Community.map_credit)).one() == "本社区自绘"


WALK = [[114.381, 30.501], [114.385, 30.505, 12.0], [114.389, 30.509]]


def walks(*names: str | None, line: Any = WALK) -> tuple[tuple[str, bytes], ...]:
    features = (feature(line, "LineString", **({"name": name} if name else {})) for name in names)
    return (("巡逻路线.geojson", geojson(*features)),)


def test_patrol_routes_come_in_by_their_names_and_the_drawing_is_made_anew(place: Place) -> None:
    plan = apply_files(None, Order("map", walks("东线", "西线"), "桃园社区"), today())

    assert plan.counts["new"] == 2
    routes = db.session.scalars(select(PatrolRoute).order_by(PatrolRoute.id)).all()
    assert [(route.name, route.community_id) for route in routes] == [(n, place.community.id) for n in ("东线", "西线")]
    assert routes[0].line == [point[:2] for point in WALK]
    assert db.session.get(Community, place.community.id).geometry_version == 2  # type: ignore[union-attr]


def test_the_same_routes_again_change_nothing_and_a_moved_one_is_changed(place: Place) -> None:
    apply_files(None, Order("map", walks("东线", "西线"), "桃园社区"), today())

    again = plan_files(Order("map", walks("东线", "西线"), "桃园社区"), today())
    moved = apply_files(None, Order("map", walks("东线", line=WALK[:2]), "桃园社区"), today())

    assert not again.changes_anything and again.counts["same"] == 2
    assert moved.counts["changed"] == 1
    lines = db.session.execute(select(PatrolRoute.name, PatrolRoute.line).order_by(PatrolRoute.id)).all()
    assert [(name, len(line)) for name, line in lines] == [("东线", 2), ("西线", 3)]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (WALK[:1], "两个点"),
        ([[114.38, 30.5], [114.39, "b"]], "数字"),
        ([[30.5, 114.38], [30.6, 114.39]], "写反"),
        ([[114.38 + n / 1e6, 30.5] for n in range(6000)], "太多"),
        ([[114.38, 30.5], [14.39, 30.5]], "公里"),
    ],
)
def test_a_route_that_cannot_be_walked_is_refused_and_the_others_come_in(place: Place, line: Any, word: str) -> None:
    bad, good = feature(line, "LineString", name="坏线"), feature(WALK, "LineString", name="好线")

    plan = apply_files(None, Order("map", (("routes.geojson", geojson(good, bad)),), "桃园社区"), today())

    assert [found.outcome for found in plan.lines] == ["new", "refused"] and word in plan.lines[1].remarks[0]
    assert db.session.scalars(select(PatrolRoute.name)).all() == ["好线"]


def test_routes_without_a_name_or_with_the_same_are_refused(place: Place) -> None:
    plan = apply_files(None, Order("map", walks("东线", None, "东线"), "桃园社区"), today())

    assert [line.outcome for line in plan.lines] == ["new", "refused", "refused"]


def test_routes_come_in_together_with_the_rest_of_the_map(app: Flask) -> None:
    plan = apply_files(None, Order("map", FILES + walks("东线")), today())

    assert plan.counts["new"] == 5 and plan.counts["refused"] == 0
    assert not plan_files(Order("map", FILES + walks("东线")), today()).changes_anything
