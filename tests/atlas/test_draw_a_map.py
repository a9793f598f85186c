"""There is always a map: from outlines, from half of them, or from the register alone."""

import re

import pytest
import shapely

from grid.atlas import drawing, geometry, looks
from grid.atlas.survey import BlockRow, BuildingRow, Rows, SceneryRow, SiteRow, survey

PLANE = geometry.Plane(114.4, 30.6)


def square(x: float, y: float, wide: float, high: float | None = None) -> list[list[tuple[float, float]]]:
    high = high or wide
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]
    return [[PLANE.degrees(*corner) for corner in corners]]


def building(at: int, outline=None, block_id: int | None = 1, units: int = 3, floors: int = 6) -> BuildingRow:
    return BuildingRow(at, f"b{at}", str(at), block_id, floors, units, units * floors * 2, outline)


def test_metres_are_metres():
    x, y = PLANE.metres(*PLANE.degrees(120.0, -45.0))

    assert (x, y) == (pytest.approx(120), pytest.approx(-45))
    assert PLANE.outline(drawing_of(square(0, 0, 100))).area == pytest.approx(10_000, rel=1e-6)


def drawing_of(rings):
    return {"type": "Polygon", "coordinates": rings}


def test_a_ring_that_crosses_itself_is_mended():
    bow = [[PLANE.degrees(x, y) for x, y in ((0, 0), (20, 20), (20, 0), (0, 20), (0, 0))]]

    assert PLANE.outline(drawing_of(bow)).is_valid


def test_a_path_closes_and_counts_in_tenths():
    found = geometry.path(shapely.box(0.04, 0.04, 10.26, 5.51))

    assert found == "M10.3 0l0 5.5 -10.3 0 0 -5.5z"


def test_north_is_up():
    ground = survey(Rows(square(0, 0, 200), [], [building(1, square(90, 170, 20)), building(2, square(90, 10, 20))]))
    north, south = drawing.for_screen(ground).buildings

    assert north.bounds[3] < south.bounds[1]


def test_without_any_outline_the_register_is_laid_out():
    blocks = [BlockRow(n, f"第{n}片区", None) for n in (1, 2, 3)]
    buildings = [building(n, block_id=1 + n % 3, units=1 + n % 4, floors=6 if n % 5 else 26) for n in range(1, 61)]
    ground = survey(Rows(None, blocks, buildings))

    houses = list(ground.buildings.values())
    assert len(houses) == 60 and set(ground.blocks) == {1, 2, 3}
    assert all(ground.blocks[row.block_id].contains(ground.buildings[row.id]) for row in buildings)
    assert all(ground.boundary.contains(area) for area in ground.blocks.values())
    tree = shapely.STRtree(houses)
    assert len(tree.query(houses, predicate="intersects")[0]) == 60  # each meets itself alone
    assert drawing.for_screen(ground).is_schematic


def test_the_same_register_gives_the_same_layout():
    rows = Rows(None, [BlockRow(1, "一", None)], [building(n) for n in range(1, 9)])

    assert drawing.for_screen(survey(rows)) == drawing.for_screen(survey(rows))


def test_a_building_nobody_has_drawn_finds_free_ground_in_its_block():
    drawn = [building(n, square(20 + 60 * n, 60, 40, 12)) for n in range(1, 4)]
    rows = Rows(square(0, 0, 300), [BlockRow(1, "一", square(5, 5, 290))], [*drawn, building(9)])
    ground = survey(rows)

    mine = ground.buildings[9]
    assert ground.blocks[1].contains(mine)
    assert all(mine.distance(ground.buildings[n]) > 0 for n in (1, 2, 3))
    found = drawing.for_screen(ground)
    assert [shape.id for shape in found.buildings if shape.is_guess] == [9] and not found.is_schematic


def test_a_building_without_a_block_still_stands_somewhere():
    rows = Rows(square(0, 0, 30), [BlockRow(1, "一", square(0, 0, 30))], [building(n, block_id=None) for n in (1, 2)])

    found = drawing.for_screen(survey(rows))

    assert len(found.buildings) == 2
    assert all(b.bounds[0] >= 0 and b.bounds[2] <= found.width and b.bounds[3] <= found.height for b in found.buildings)


def test_a_block_nobody_has_drawn_lies_around_its_buildings():
    ground = survey(
        Rows(None, [BlockRow(1, "一", None)], [building(1, square(0, 0, 20)), building(2, square(60, 0, 20))])
    )

    assert all(ground.blocks[1].contains(house) for house in ground.buildings.values())
    assert ground.boundary.contains(ground.blocks[1])


def test_an_empty_community_is_an_empty_map():
    found = drawing.for_screen(survey(Rows(None, [], [])))

    assert found.buildings == () and found.boundary.startswith("M")


def test_sites_are_signs_with_one_character():
    lon, lat = PLANE.degrees(50, 50)
    rows = Rows(square(0, 0, 100), [], [building(1, square(10, 10, 20))], [SiteRow("s", "police", "警务室", lon, lat)])

    (site,) = drawing.for_screen(survey(rows)).sites

    assert (site.sign, site.text and site.text.words) == ("警", "警务室")


def test_several_polygons_of_one_building_are_one_path():
    two = [square(0, 0, 20), square(40, 0, 20)]

    found = drawing.for_screen(survey(Rows(None, [], [building(1, two)])))

    assert len(re.findall("M", found.buildings[0].path)) == 2


def test_the_scale_bar_is_a_round_number_of_metres():
    found = drawing.for_screen(survey(Rows(square(0, 0, 1500, 700), [], [])))

    assert found.bar.metres == 100
    assert found.bar.length == pytest.approx(100 * found.scale, abs=0.01)


def test_roads_and_water_end_at_the_boundary_and_streets_carry_their_names():
    scenery = [
        SceneryRow("road", "清风路", 10.0, [PLANE.degrees(x, 150) for x in (-50, 350)]),
        SceneryRow("path", "", 3.0, [PLANE.degrees(60, y) for y in (0, 300)]),
        SceneryRow("water", "柳溪", 0.0, square(100, 20, 60)[0]),
    ]
    ground = survey(Rows(square(0, 0, 300), [], [building(1, square(10, 10, 20))], [], scenery))
    found = drawing.for_screen(ground)

    assert set(ground.scenery) == {"road", "path", "water"}
    assert all(ground.boundary.buffer(0.01).contains(shape) for shape in ground.scenery.values())
    assert ground.scenery["road"].area == pytest.approx(3000, rel=0.01)
    assert [(name.words, name.turn) for name in found.streets] == [("清风路", 0.0)]


def test_a_street_along_the_boundary_has_its_name_beside_the_line():
    scenery = [SceneryRow("road", "建设路", 10.0, [PLANE.degrees(x, 300) for x in (300, 0)])]
    ground = survey(Rows(square(0, 0, 300), [], [], [], scenery))
    (name,) = drawing.for_screen(ground).streets

    edge = geometry.fit_width(ground.bounds, 1600.0, looks.SCREEN.margin).place(0, 150)[1]
    assert abs(name.y - edge) > name.size / 2
    assert abs(name.turn) < 1
