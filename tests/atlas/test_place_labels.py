"""Every building's number is readable: none covers another, none leaves the frame."""

import itertools
import json
import random
from pathlib import Path

import pytest
import shapely

from grid.atlas import drawing, geometry, labels, stacks
from grid.atlas.spread import ORIENTATIONS, Contents, Page, spread
from grid.atlas.survey import BlockRow, BuildingRow, RouteRow, Rows, SiteRow, survey

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
        routes=[RouteRow("东西巡逻线", [[114.3845, 30.5045], [114.3910, 30.5042], [114.3975, 30.5050]])],
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


def counts_of(rows: Rows) -> dict[int, tuple[str, str]]:
    return {row.id: (f"{row.units}单元", f"{row.doors}户") for row in rows.buildings}


def on_paper(rows: Rows, page: Page) -> drawing.Drawing:
    """As the sheet does it, with a panel of six blocks, a legend and eighteen categories."""
    ground = survey(rows)
    found = spread(ground.bounds, Contents(6, counts=18, key=5), page)
    return drawing.for_paper(ground, found.width * page.share, found.height * page.share, page.share, counts_of(rows))


def placed_labels(found: drawing.Drawing) -> list[geometry.Bounds]:
    texts = [shape.text for shape in (*found.buildings, *found.blocks, *found.sites) if shape.text]
    texts += [text for shape in found.buildings for text in shape.counts]
    boxes = [labels.box_of(labels.Label(text.words, text.x, text.y, text.size)) for text in texts]
    r = found.look.sign
    return boxes + [(s.x - r, s.y - r, s.x + r, s.y + r) for s in found.sites]


def overlaps(boxes: list[geometry.Bounds]) -> int:
    shapes = [shapely.box(*box).buffer(-0.01) for box in boxes]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    return int(sum(a < b for a, b in zip(left, right, strict=True)))


def outside(found: drawing.Drawing) -> list[geometry.Bounds]:
    return [
        box for box in placed_labels(found) if box[0] < 0 or box[1] < 0 or box[2] > found.width or box[3] > found.height
    ]


def on_another_building(rows: Rows, found: drawing.Drawing) -> list[str]:
    """Numbers and counts that lie over a building that is not their own."""
    ground, page = survey(rows), geometry.Frame(found.scale, 0, 0, found.width, found.height)
    middle = geometry.fit(ground.bounds, found.width, found.height, found.look.margin)
    assert middle.scale == pytest.approx(page.scale)
    houses = [middle.outline(ground.buildings[shape.id]) for shape in found.buildings]
    tree = shapely.STRtree(houses)
    wrong = []
    for at, shape in enumerate(found.buildings):
        for text in (*([shape.text] if shape.text else []), *shape.counts):
            box = shapely.box(*labels.box_of(labels.Label(text.words, text.x, text.y, text.size))).buffer(-0.02)
            # In the sample two footprints overlap: a number inside its own may lie in the other as well.
            strangers = [n for n in tree.query(box, predicate="intersects") if n != at]
            if strangers and not houses[at].contains(box):
                wrong.append(f"{shape.no}: {text.words}")
    return wrong


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", ["A4", "A3", "A0"])
def test_the_sample_community_on_paper_has_no_label_over_another(size, orientation):
    rows = real_rows()

    found = on_paper(rows, Page(size, orientation))

    assert sum(bool(shape.counts) for shape in found.buildings) > (30 if size == "A4" else 75)
    assert len(found.unplaced) <= (4 if size == "A4" else 0), [shape.no for shape in found.unplaced]
    assert (overlaps(placed_labels(found)), outside(found), on_another_building(rows, found)) == (0, [], [])


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", ["A3", "A0"])
def test_two_thousand_buildings_on_paper_have_no_label_over_another(size, orientation):
    rows = synthetic_rows(2000)

    found = on_paper(rows, Page(size, orientation))

    assert (overlaps(placed_labels(found)), outside(found), on_another_building(rows, found)) == (0, [], [])
    if size == "A0":
        assert len(found.unplaced) < 40
        # Upright, the wide community is drawn at two thirds of the scale: most counts go into the list.
        assert sum(bool(shape.counts) for shape in found.buildings) > (1000 if orientation == "landscape" else 100)


def test_a_number_and_its_counts_stand_under_one_another_where_they_fit():
    rows = Rows(None, [], [BuildingRow(1, "b1", "12", None, 6, 3, 48, real_square(60, 40))])

    (house,) = drawing.for_paper(survey(rows), 200, 200, 1.0, counts_of(rows)).buildings

    assert house.text and [text.words for text in house.counts] == ["3单元 48户"]
    assert house.counts[0].y > house.text.y and house.counts[0].size < house.text.size


def test_counts_do_not_stand_beside_somebody_elses_building():
    """Two kiosks wall to wall: whose counts would it be?"""
    shapes = [shapely.box(50, 50, 54, 53), shapely.box(54.2, 50, 58, 53)]
    board = labels.Board((0, 0, 100, 100), shapes, (3, 2))
    number = labels.Label("1", 52, 51.5, 2)

    label = stacks.beside(board, number, ("1单元", "2户"), shapes[0], 1.6)

    assert label and shapely.box(*labels.box_of(label)).distance(shapes[1]) > 1


def test_a_sign_on_top_of_another_steps_aside():
    rows = Rows(
        None,
        [],
        [BuildingRow(1, "b1", "1", None, 6, 1, 1, real_square(200, 100))],
        [SiteRow(f"s{n}", "police", "警务室", 114.4001, 30.6001) for n in range(3)],
    )

    found = drawing.for_paper(survey(rows), 200, 200)

    assert len({(site.x, site.y) for site in found.sites}) == 3
    assert sum(bool(site.leader) for site in found.sites) == 2
    assert overlaps(placed_labels(found)) == 0


def test_a_site_far_outside_the_map_is_named_instead_of_drawn():
    rows = Rows(
        None,
        [],
        [BuildingRow(1, "b1", "1", None, 6, 1, 1, real_square(200, 100))],
        [SiteRow("s", "school", "第一小学", 114.5, 30.6)],
    )

    found = drawing.for_paper(survey(rows), 200, 200)

    assert (found.sites, found.lost_sites) == ((), ("第一小学",))


def real_square(wide, high):
    plane = geometry.Plane(114.4, 30.6)
    return [[plane.degrees(x, y) for x, y in ((0, 0), (wide, 0), (wide, high), (0, high), (0, 0))]]


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
