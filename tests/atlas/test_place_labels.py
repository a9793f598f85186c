"""Every building's number is readable: none covers another, none leaves the frame."""

import itertools
import json
import random
from pathlib import Path

import pytest
import shapely

from grid.atlas import drawing, geometry, labels
from grid.atlas.survey import BlockRow, BuildingRow, Rows, SiteRow, survey

MAP = Path(__file__).resolve().parents[3] / "shared" / "data" / "map"


def real_rows() -> Rows:
    if not MAP.exists():
        pytest.skip("the sample map (../shared/data/map) is not here")
    read = {
        name: json.loads((MAP / f"{name}.geojson").read_text())["features"]
        for name in ("boundary", "blocks", "buildings")
    }
    return Rows(
        read["boundary"][0]["geometry"]["coordinates"],
        [
            BlockRow(f["properties"]["seq"], f["properties"]["name"], f["geometry"]["coordinates"])
            for f in read["blocks"]
        ],
        [
            BuildingRow(
                p["no"], f"b{p['no']}", str(p["no"]), p["block"], p["floors"], 2, 20, f["geometry"]["coordinates"]
            )
            for f in read["buildings"]
            for p in (f["properties"],)
        ],
        [SiteRow("s1", "police", "警务室", 114.3909, 30.5040), SiteRow("s2", "school", "第一小学", 114.3934, 30.5052)],
    )


def synthetic_rows(count: int) -> Rows:
    """Crowded ground: slabs, L-shapes and kiosks, some of them touching."""
    dice = random.Random(7)
    across = int(count**0.5 * 1.4)
    plane = geometry.Plane(114.4, 30.6)

    def ring(points):
        return [[plane.degrees(x, y) for x, y in points]]

    buildings = []
    for at in range(count):
        x, y = at % across * 42.0 + dice.uniform(-6, 6), at // across * 30.0 + dice.uniform(-4, 4)
        long, deep = dice.choice([(36, 11), (24, 22), (9, 7), (5, 4), (40, 6)])
        points = [(x, y), (x + long, y), (x + long, y + deep), (x, y + deep), (x, y)]
        if at % 5 == 0:
            points = [(x, y), (x + 30, y), (x + 30, y + 6), (x + 6, y + 6), (x + 6, y + 20), (x, y + 20), (x, y)]
        buildings.append(BuildingRow(at + 1, f"b{at}", str(at + 1), 1, 6, 2, 24, ring(points)))
    return Rows(None, [BlockRow(1, "第一片区", None)], buildings)


def placed_labels(found: drawing.Drawing) -> list[geometry.Bounds]:
    texts = [shape.text for shape in (*found.buildings, *found.blocks, *found.sites) if shape.text]
    boxes = [labels.box_of(labels.Label(text.words, text.x, text.y, text.size)) for text in texts]
    r = found.look.sign
    return boxes + [(s.x - r, s.y - r, s.x + r, s.y + r) for s in found.sites]


def overlaps(boxes: list[geometry.Bounds]) -> int:
    shapes = [shapely.box(*box).buffer(-0.01) for box in boxes]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    return int(sum(a < b for a, b in zip(left, right, strict=True)))


@pytest.mark.parametrize("medium", ["screen", "paper"])
def test_the_sample_community_has_every_number_on_the_map(medium):
    ground = survey(real_rows())

    found = drawing.for_screen(ground) if medium == "screen" else drawing.for_paper(ground, 300, 240)

    assert len(found.buildings) == 133
    assert found.unplaced == []
    assert overlaps(placed_labels(found)) == 0
    assert all(block.text for block in found.blocks)


def test_two_thousand_crowded_buildings_do_not_overlap_and_stay_inside():
    found = drawing.for_paper(survey(synthetic_rows(2000)), 1150, 800, share=2.8)

    boxes = placed_labels(found)
    assert overlaps(boxes) == 0
    assert all(w >= 0 and n >= 0 and e <= found.width and s <= found.height for w, n, e, s in boxes)
    assert len(found.unplaced) < 20


def test_an_l_shaped_building_has_its_number_on_the_building():
    shape = shapely.Polygon([(0, 0), (60, 0), (60, 12), (12, 12), (12, 60), (0, 60)])
    board = labels.Board((-50, -50, 150, 150), [shape], (8, 6))

    label = board.inside("12", shape)

    assert label and shape.contains(shapely.box(*labels.box_of(label)))
    assert not shape.contains(shape.centroid)


def test_a_kiosk_gets_its_number_beside_it_with_a_line():
    shape = shapely.box(50, 50, 53, 53)
    board = labels.Board((0, 0, 100, 100), [shape], (8, 6, 5, 4))

    assert board.inside("133", shape) is None
    label = board.beside("133", shape)

    assert label and label.leader
    assert not shapely.box(*labels.box_of(label)).intersects(shape)
    assert shapely.LineString(label.leader).intersects(shape)


def test_a_number_that_finds_no_room_stands_in_the_list():
    ground = [BuildingRow(n, f"b{n}", "1234567", None, 6, 1, 1, None) for n in range(40)]
    crowd = [shapely.box(x * 2, y * 2, x * 2 + 1.9, y * 2 + 1.9) for x, y in itertools.product(range(20), range(20))]
    board = labels.Board((0, 0, 40, 40), crowd, (6, 5))

    assert ground and all(board.inside("1234567", shape) is None for shape in crowd)
    assert all(board.beside("1234567", shape) is None for shape in crowd)
