"""The quarter itself: its streets, its six estates, one function each, and what stands on its corners."""

from collections.abc import Iterator

from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.ops import polygonize, split, unary_union

from grid.demo import shapes
from grid.demo.plot import Plot
from grid.demo.shapes import Metres, longest, points, polygon

Drawn = tuple[str, str, list[Metres], float]  # kind, name, points, width

# Roads are the lines between the blocks; corner points lie on the road's own curve.
NORTH = [(-318.0, 205.0), (-200.0, 214.0), (-60.0, 232.0), (90.0, 236.0), (215.0, 222.0), (318.0, 192.0)]
EAST = [(318.0, 192.0), (333.0, 110.0), (330.0, 25.0), (302.0, -62.0)]
SOUTH = [
    (302.0, -62.0),
    (268.0, -112.0),
    (205.0, -158.0),
    (110.0, -186.0),
    (0.0, -192.0),
    (-110.0, -214.0),
    (-205.0, -236.0),
    (-290.0, -222.0),
]
WEST = [(-290.0, -222.0), (-322.0, -130.0), (-334.0, -10.0), (-328.0, 100.0), (-318.0, 205.0)]
MIDDLE = [(-345.0, -14.0), (-230.0, -2.0), (-112.0, -24.0), (0.0, 6.0), (128.0, 34.0), (230.0, 30.0), (345.0, 4.0)]
LANES = {
    "槐花街": [(-96.0, 245.0), (-88.0, 150.0), (-104.0, 62.0), (-98.0, -40.0)],
    "书院街": [(132.0, 250.0), (118.0, 160.0), (128.0, 90.0), (118.0, 12.0)],
    "育才街": [(-124.0, 20.0), (-118.0, -60.0), (-136.0, -140.0), (-130.0, -240.0)],
    "望溪街": [(74.0, 60.0), (92.0, -60.0), (80.0, -120.0), (96.0, -210.0)],
}
BLOCK_NAMES = ("一片区", "二片区", "三片区", "四片区", "五片区", "六片区")


def outline() -> Polygon:
    return Polygon([point for side in (NORTH, EAST, SOUTH, WEST) for point in points(_curve(side))[:-1]])


def roads() -> dict[str, LineString]:
    """The lanes are drawn a little beyond the road they meet; here they end at it."""
    middle = _curve(MIDDLE)
    roads = {name: longest(split(_curve(line), middle)) for name, line in LANES.items()}
    return roads | {"清风路": middle}


def blocks(ring: Polygon) -> list[Polygon]:
    """Pieces between the untrimmed lines: so they share their corner points exactly."""
    lines = unary_union([ring.exterior, *map(_curve, (MIDDLE, *LANES.values()))])
    pieces = [p for p in polygonize(lines) if ring.contains(p.representative_point())]
    north = sorted((p for p in pieces if _north_of_middle(p)), key=lambda p: p.centroid.x)
    south = sorted((p for p in pieces if not _north_of_middle(p)), key=lambda p: p.centroid.x)
    return north + south


def _north_of_middle(piece: Polygon) -> bool:
    middle = _curve(MIDDLE)
    spot = piece.centroid
    return bool(spot.y > middle.interpolate(middle.project(spot)).y)


def buildable(block: Polygon, streets: dict[str, LineString]) -> Polygon:
    lanes = unary_union([line.buffer(12 if name == "清风路" else 9) for name, line in streets.items()])
    return polygon(block.buffer(-9).difference(lanes))


def build(plot: Plot, streets: dict[str, LineString]) -> list[Drawn]:
    scenery: list[Drawn] = [("water", "柳溪", _stream(), 0.0)]
    scenery += [("road", name, points(line), 14.0 if name == "清风路" else 9.0) for name, line in streets.items()]
    scenery += [
        ("road", name, points(_curve(line)), 14.0)
        for name, line in (("建设路", NORTH), ("环湖路", EAST), ("西环路", WEST))
    ]
    for step in (_wutong, _mill, _jinxiu, _school, _park, _riverside):
        scenery += step(plot)
    return scenery


def _wutong(plot: Plot) -> list[Drawn]:
    """Walk-ups of the eighties in rows, a corner house and shops on the main road."""
    estate = "梧桐里"
    garden = affinity.translate(affinity.rotate(shapes.oval(62, 34), -18), -188, 84)
    plot.keep_free(0, garden.buffer(3))
    path = _path(plot, 0, [(-330, 84), (-262, 92), (-226, 112), (-172, 122), (-96, 116)])
    plot.put(0, estate, "角楼6", (-284, 180), 3)
    plot.along(0, estate, ("街楼6", "街楼7", "街楼6"), _inside(MIDDLE, -20))
    north = plot.areas[0].intersection(box(-400, 106, 0, 400))
    plot.rows(0, estate, ("板楼5三", "板楼6二"), north, 5, 30, 11)
    plot.rows(0, estate, ("板楼5三", "板楼6三", "板楼6二"), plot.areas[0].difference(north), -4, 29, 12)
    return [path, ("green", "梧桐园", points(garden.exterior), 0.0)]


def _mill(plot: Plot) -> list[Drawn]:
    """Dormitories of the former mill round courtyards, and its market."""
    estate = "纺机宿舍"
    plot.put(1, "", "市场", (-60, 20), 14, "清风农贸市场")
    square = shapes.ribbon([(-26, 32), (0, 39)], 26)
    plot.keep_free(1, square)
    path = _path(plot, 1, [(26, 240), (24, 176), (14, 140), (22, 84), (16, 10)])
    plot.along(1, estate, ("街楼7", "街楼6"), _inside(MIDDLE, -20))
    plot.put(1, estate, "围楼5", (-52, 196), 8)
    plot.put(1, estate, "院楼6", (72, 184), -4)
    plot.put(1, estate, "围楼5", (-46, 112), 186)
    plot.put(1, estate, "角楼5", (62, 124), -6)
    plot.put(1, estate, "宿舍5", (-8, 176), 84)
    plot.rows(1, estate, ("宿舍5", "宿舍4"), plot.areas[1], -7, 28, 11)
    return [path, ("field", "市场广场", points(square.exterior), 0.0)]


def _jinxiu(plot: Plot) -> list[Drawn]:
    """Eleven floors in a fan round a garden, point blocks behind."""
    estate = "锦绣家园"
    garden = affinity.translate(shapes.oval(70, 46), 226, 112)
    plot.keep_free(2, garden.buffer(2))
    path = _path(
        plot,
        2,
        [
            (124, 132),
            (168, 128),
            (190, 150),
            (230, 156),
            (266, 140),
            (276, 104),
            (262, 74),
            (214, 68),
            (186, 86),
            (178, 124),
        ],
    )
    plot.along(2, estate, ("小高11三", "小高11三", "小高11"), _inside(NORTH, 24), 14)
    plot.along(2, estate, ("小高11", "蝶楼18", "小高11"), _inside(EAST, 22), 14)
    plot.along(2, estate, ("街楼7", "街楼6", "街楼6"), _inside(MIDDLE, -20), 9)
    for spot, turn, kind in (((152, 164), 12, "点楼18"), ((152, 98), -8, "点楼18"), ((212, 176), 8, "小高11")):
        plot.put(2, estate, kind, spot, turn)
    pond = garden.buffer(-15)
    return [path, ("green", "锦绣花园", points(garden.exterior), 0.0), ("water", "镜池", points(pond.exterior), 0.0)]


def _school(plot: Plot) -> list[Drawn]:
    """The primary school with its running track, and the village of its teachers."""
    estate = "育才新村"
    track = affinity.translate(affinity.rotate(shapes.oval(82, 44), 84), -158, -88)
    plot.keep_free(3, track.buffer(4))
    plot.put(3, "", "教学楼", (-212, -88), 80, "柳溪小学")
    path = _path(plot, 3, [(-340, -142), (-262, -152), (-196, -150), (-118, -162)])
    plot.along(3, estate, ("街楼7", "街楼6", "街楼6"), _inside(MIDDLE, 20), 9)
    plot.rows(3, estate, ("板楼7三", "错楼7", "板楼7四"), plot.areas[3], -12, 29, 11)
    return [path, ("field", "操场", points(track.exterior), 0.0)]


def _park(plot: Plot) -> list[Drawn]:
    """The community's own house at the park, low new courts behind it."""
    estate = "云溪雅苑"
    green = Polygon(
        shapes.smooth(
            [
                (-114, -132),
                (-70, -116),
                (-20, -134),
                (30, -116),
                (68, -132),
                (70, -170),
                (0, -178),
                (-60, -190),
                (-112, -192),
                (-114, -132),
            ],
            4,
        )
    ).buffer(0)
    plot.keep_free(4, green)
    plot.put(4, "", "服务中心", (-82, -62), 4, "社区党群服务中心")
    plot.keep_free(4, Point(-82, -66).buffer(34))
    path = _path(plot, 4, [(-8, 0), (-4, -52), (-12, -92), (-4, -128)])
    plot.put(4, estate, "院楼6", (44, -28), 14)
    plot.put(4, estate, "叠墅5", (-38, -40), 8)
    plot.rows(4, estate, ("小高11", "洋房8"), plot.areas[4].difference(green), 6, 31, 12)
    lake = affinity.translate(affinity.rotate(shapes.oval(70, 26), 6), -34, -156)
    return [path, ("green", "柳溪公园", points(green.exterior), 0.0), ("water", "月池", points(lake.exterior), 0.0)]


def _riverside(plot: Plot) -> list[Drawn]:
    """Towers that follow the stream; three-armed ones of the turn of the century; a kindergarten."""
    estate = "柳岸花园"
    lawn = affinity.translate(affinity.rotate(shapes.oval(74, 30), 34), 188, -78)
    plot.keep_free(5, lawn.buffer(3))
    path = _path(plot, 5, [(84, -92), (130, -82), (176, -112), (228, -84), (252, -44), (262, 40)])
    plot.along(5, estate, ("高楼24", "高楼33", "高楼24", "高楼24"), _inside(SOUTH, 26), 17)
    plot.put(5, "", "幼儿园", (128, -44), 12, "柳岸幼儿园")
    for spot, turn in (((184, -28), 20), ((226, -14), -14), ((292, -8), 8)):
        plot.put(5, estate, "星楼16", spot, turn)
    plot.along(5, estate, ("街楼6", "街楼7", "街楼6", "街楼6"), _inside(MIDDLE, 20), 9)
    return [path, ("green", "柳岸草坪", points(lawn.exterior), 0.0)]


def _path(plot: Plot, block: int, marks: list[Metres]) -> Drawn:
    """A drive inside an estate; no house is put on it."""
    line = _curve(marks)
    plot.keep_free(block, line.buffer(2))
    return "path", "", points(longest(line.intersection(plot.areas[block].buffer(6)))), 4.0


def _inside(road: list[Metres], distance: float) -> LineString:
    """A line beside a road, from west to east or north to south: where the houses along it have their middle."""
    side = "right" if distance > 0 else "left"
    line = longest(_curve(road).parallel_offset(abs(distance), side, join_style="mitre"))
    first, last = line.coords[0], line.coords[-1]
    return line.reverse() if (last[0] - first[0]) - (last[1] - first[1]) < 0 else line


def _stream() -> list[Metres]:
    """The water south-east of the boundary, as a closed outline."""
    bank, far = (points(longest(_curve(SOUTH).parallel_offset(away, "left"))) for away in (7, 33))
    if (bank[0][0] - far[0][0]) ** 2 + (bank[0][1] - far[0][1]) ** 2 < 2500:
        far.reverse()
    return [*bank, *far, bank[0]]


def routes(blocks: list[Polygon]) -> Iterator[tuple[str, list[Metres]]]:
    """Name and line of what is walked of an evening: round one block or two, between kerb and houses."""
    north_west, middle, north_east, school, _park, south_east = blocks
    for name, ground in (
        ("北片夜巡线", unary_union([north_west, middle])),
        ("锦绣夜巡线", north_east),
        ("育才护学线", school),
        ("柳岸巡河线", south_east),
    ):
        yield name, points(polygon(ground.buffer(-6).simplify(0.5)).exterior)


def sites(plot: Plot, streets: dict[str, LineString]) -> Iterator[tuple[str, str, Metres]]:
    """Kind, name and spot of everything that gets a sign on the map."""
    house = {name: shape for _, _, _, name, shape in plot.houses if name}
    centre = house["社区党群服务中心"]
    spots: list[tuple[str, str, Metres]] = [
        ("committee", "柳溪社区居委会", _beside(centre, -12, 16)),
        ("police", "柳溪警务室", _beside(centre, 14, 14)),
        ("clinic", "柳溪卫生服务站", _beside(centre, 0, -16)),
        ("school", "柳溪小学", _middle(house["柳溪小学"])),
        ("school", "柳岸幼儿园", _middle(house["柳岸幼儿园"])),
        ("market", "清风农贸市场", _middle(house["清风农贸市场"])),
        ("fire_station", "梧桐里微型消防站", (-312.0, 12.0)),
        ("fire_station", "柳岸微型消防站", (296.0, 6.0)),
        ("park", "柳溪公园", (30.0, -148.0)),
        ("other", "柳溪老年食堂", _beside(centre, 24, -2)),
    ]
    spots += [("gate", name, spot) for name, spot in GATES]
    spots += [("charger", f"{name}充电桩", spot) for name, spot in CHARGERS]
    spots += [("hydrant", f"{i}号消防栓", spot) for i, spot in enumerate(_hydrants(streets), start=1)]
    for kind, name, spot in spots:
        yield kind, name, spot if kind in INDOORS else plot.clear(spot)


INDOORS = ("school", "market")
GATES = (
    ("梧桐里东门", (-108.0, 106.0)),
    ("梧桐里西门", (-318.0, 92.0)),
    ("纺机宿舍北门", (28.0, 222.0)),
    ("锦绣家园西门", (136.0, 118.0)),
    ("锦绣家园东门", (321.0, 92.0)),
    ("育才新村西门", (-310.0, -120.0)),
    ("云溪雅苑东门", (74.0, -92.0)),
    ("柳岸花园西门", (96.0, -104.0)),
    ("柳岸花园北门", (214.0, 20.0)),
)
CHARGERS = (
    ("梧桐里", (-262.0, 58.0)),
    ("纺机宿舍", (96.0, 112.0)),
    ("锦绣家园", (262.0, 62.0)),
    ("育才新村", (-262.0, -30.0)),
    ("云溪雅苑", (62.0, -70.0)),
    ("柳岸花园", (166.0, -92.0)),
)


def _hydrants(roads: dict[str, LineString]) -> list[Metres]:
    """One about every hundred metres along the streets, on the kerb."""
    spots = []
    for name in sorted(roads):
        kerb = longest(roads[name].parallel_offset(8.5 if name == "清风路" else 6.5, "left"))
        for i in range(1, int(kerb.length // 105) + 1):
            spot = kerb.interpolate(i * 105 - 40)
            spots.append((spot.x, spot.y))
    return spots


def _beside(shape: Polygon, east: float, north: float) -> Metres:
    return float(shape.centroid.x + east), float(shape.centroid.y + north)


def _middle(shape: Polygon) -> Metres:
    spot = shape.representative_point()
    return float(spot.x), float(spot.y)


def _curve(marks: list[Metres]) -> LineString:
    return LineString(shapes.smooth(marks))
