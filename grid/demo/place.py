"""The ground of the demo community: boundary, blocks, buildings, sites and scenery, from metres to lon/lat.

The place does not exist. It is drawn as a committee's quarter usually is: old walk-ups in the north-west, the
dormitories of a former mill with its market, towers along a stream, a school, a park, shops along the streets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cos, degrees, pi

from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.ops import polygonize, split, unary_union
from shapely.prepared import PreparedGeometry, prep

from grid.demo import shapes

Ring = tuple[tuple[float, float], ...]
Metres = tuple[float, float]
Drawn = tuple[str, str, list[Metres], float]  # kind, name, points, width

ORIGIN = (114.40, 30.60)
GAP = 4.0  # metres between any two buildings


@dataclass(frozen=True, slots=True)
class Kind:
    """A house as the register sees it; rooms are dwellings per floor and unit."""

    floors: int
    units: int
    rooms: int
    shape: Polygon
    built: int
    shops: int = 0
    use: str = "住宅"


@dataclass(frozen=True, slots=True)
class Footprint:
    no: int
    estate: str
    name: str
    block: int
    kind: str
    floors: int
    units: int
    rooms: int
    shops: int
    built: int
    use: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Block:
    seq: int
    name: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Site:
    kind: str
    name: str
    point: tuple[float, float]
    block: int


@dataclass(frozen=True, slots=True)
class Scenery:
    """What lies between the houses: kind is road, path, water, green or field; roads are lines with a width."""

    kind: str
    name: str
    line: Ring
    width: float


@dataclass(frozen=True, slots=True)
class Ground:
    boundary: Ring
    blocks: tuple[Block, ...]
    buildings: tuple[Footprint, ...]
    sites: tuple[Site, ...]
    scenery: tuple[Scenery, ...]


KINDS = {
    "板楼6三": Kind(6, 3, 2, shapes.slab(45, 10.5, 3), 1986),
    "板楼5三": Kind(5, 3, 2, shapes.slab(45, 10.5, 3), 1983),
    "板楼6二": Kind(6, 2, 2, shapes.slab(31, 10.5, 2), 1987),
    "板楼7四": Kind(7, 4, 2, shapes.slab(58, 11, 4), 1994),
    "板楼7三": Kind(7, 3, 2, shapes.slab(44, 11, 3), 1995),
    "错楼7": Kind(7, 3, 2, shapes.stepped(45, 11), 1996),
    "角楼6": Kind(6, 3, 2, shapes.ell(40, 18, 10.5), 1989, shops=6),
    "街楼6": Kind(6, 3, 2, shapes.plain(48, 12), 1992, shops=6),
    "街楼7": Kind(7, 2, 3, shapes.bent(44, 12, 14), 1998, shops=5),
    "宿舍4": Kind(4, 2, 4, shapes.plain(40, 12), 1978),
    "宿舍5": Kind(5, 2, 3, shapes.slab(34, 10, 2), 1981),
    "围楼5": Kind(5, 4, 2, shapes.cup(46, 18, 10), 1983),
    "角楼5": Kind(5, 3, 2, shapes.ell(38, 20, 10, west=False), 1984),
    "小高11": Kind(11, 2, 2, shapes.stepped(36, 13, 4), 2006),
    "小高11三": Kind(11, 3, 2, shapes.arc(54, 13, 110), 2006),
    "点楼18": Kind(18, 1, 4, shapes.tower(24, 5), 2008),
    "蝶楼18": Kind(18, 1, 4, shapes.butterfly(34, 15), 2009),
    "洋房8": Kind(8, 2, 2, shapes.slab(36, 13, 2), 2015),
    "叠墅5": Kind(5, 3, 2, shapes.stepped(42, 12, 3), 2016),
    "院楼6": Kind(6, 4, 2, shapes.court(48, 40, 10.5), 2014),
    "星楼16": Kind(16, 1, 6, shapes.star(17, 11), 2001),
    "高楼24": Kind(24, 1, 4, shapes.butterfly(36, 17), 2018),
    "高楼33": Kind(33, 1, 4, shapes.tower(27, 6), 2019),
    "教学楼": Kind(4, 0, 0, shapes.comb(58, 34, 20), 1999, use="学校"),
    "幼儿园": Kind(3, 0, 0, shapes.ell(30, 14, 12), 2003, use="学校"),
    "市场": Kind(2, 0, 0, shapes.hall(52, 30), 1997, shops=16, use="市场"),
    "服务中心": Kind(3, 0, 0, shapes.arc(40, 14, 45), 2012, use="公共服务"),
}

# Roads are the lines between the blocks; corner points lie on the road's own curve.
NORTH = [(-318.0, 205.0), (-200.0, 214.0), (-60.0, 232.0), (90.0, 236.0), (215.0, 222.0), (318.0, 192.0)]
EAST = [(318.0, 192.0), (333.0, 110.0), (330.0, 25.0), (302.0, -62.0)]
SOUTH = [(302.0, -62.0), (268.0, -112.0), (205.0, -158.0), (110.0, -186.0), (0.0, -192.0), (-110.0, -214.0),
         (-205.0, -236.0), (-290.0, -222.0)]
WEST = [(-290.0, -222.0), (-322.0, -130.0), (-334.0, -10.0), (-328.0, 100.0), (-318.0, 205.0)]
MIDDLE = [(-345.0, -14.0), (-230.0, -2.0), (-112.0, -24.0), (0.0, 6.0), (128.0, 34.0), (230.0, 30.0), (345.0, 4.0)]
LANES = {
    "槐花街": [(-96.0, 245.0), (-88.0, 150.0), (-104.0, 62.0), (-98.0, -40.0)],
    "书院街": [(132.0, 250.0), (118.0, 160.0), (128.0, 90.0), (118.0, 12.0)],
    "育才街": [(-124.0, 20.0), (-118.0, -60.0), (-136.0, -140.0), (-130.0, -240.0)],
    "望溪街": [(74.0, 60.0), (92.0, -60.0), (80.0, -120.0), (96.0, -210.0)],
}
BLOCK_NAMES = ("一片区", "二片区", "三片区", "四片区", "五片区", "六片区")


class _Plot:
    """Where houses are put one by one; a house that would touch another or leave its block is refused."""

    def __init__(self, areas: list[Polygon]) -> None:
        self.areas = areas
        self.inside = [prep(area) for area in areas]
        self.taken: list[list[Polygon]] = [[] for _ in areas]
        self.houses: list[tuple[int, str, str, str, Polygon]] = []

    def put(self, block: int, estate: str, kind: str, spot: Metres, turn: float, name: str = "") -> bool:
        shape = affinity.translate(affinity.rotate(KINDS[kind].shape, turn, origin=(0, 0)), *spot)
        if not self.inside[block].contains(shape):
            return False
        if any(shape.distance(other) < GAP for other in self.taken[block]):
            return False
        # A courtyard stays open: nothing is put into the arms of an L or a U.
        self.taken[block].append(shape.convex_hull)
        self.houses.append((block, estate, kind, name, shape))
        return True

    def keep_free(self, block: int, shape: Polygon) -> None:
        self.taken[block].append(shape)

    def along(self, block: int, estate: str, kinds: Iterable[str], line: LineString, gap: float = 7.0) -> None:
        """Houses with their long side to a line, one after the other; a house that fits nowhere is passed over."""
        at = 0.0
        for kind in kinds:
            end = self._first_place(block, estate, kind, line, at)
            at = end + gap if end else at

    def _first_place(self, block: int, estate: str, kind: str, line: LineString, at: float) -> float | None:
        width = _width(kind)
        while at + width < line.length:
            a, b, middle = (line.interpolate(at + width * part) for part in (0, 1, 0.5))
            spot = ((a.x + b.x + 2 * middle.x) / 4, (a.y + b.y + 2 * middle.y) / 4)
            if self.put(block, estate, kind, spot, degrees(atan2(b.y - a.y, b.x - a.x))):
                return at + width
            at += 2
        return None

    def rows(self, block: int, estate: str, kinds: tuple[str, ...], area: Polygon, turn: float,
             pitch: float, gap: float = 9.0, most: int = 99) -> None:
        """Rows of slabs from north to south, as far as the area goes; every second row starts a little later."""
        west, south, east, north = affinity.rotate(area, -turn, origin=(0, 0)).bounds
        inside = prep(area)
        count, y, row = 0, north - 8, 0
        while y > south and count < most:
            x, before = west + (row % 2) * 7, count
            while x < east and count < most:
                kind = self._fitting(block, estate, kinds, count, inside, (x, y), turn)
                x += _width(kind) + gap if kind else 3
                count += bool(kind)
            y -= pitch if count > before else 4
            row += count > before

    def _fitting(self, block: int, estate: str, kinds: tuple[str, ...], count: int,
                 inside: PreparedGeometry, corner: Metres, turn: float) -> str:
        for i in range(len(kinds)):
            kind = kinds[(count + i) % len(kinds)]
            spot = _turned((corner[0] + _width(kind) / 2, corner[1]), turn)
            house = affinity.translate(affinity.rotate(KINDS[kind].shape, turn, origin=(0, 0)), *spot)
            if inside.contains(house) and self.put(block, estate, kind, spot, turn):
                return kind
        return ""

    def clear(self, spot: Metres) -> Metres:
        """The nearest spot that does not lie on a house: signs stand in the open."""
        near = [h[4] for h in self.houses if h[4].distance(Point(spot)) < 40]
        for ring in range(0, 30, 2):
            for step in range(8 if ring else 1):
                tried = spot[0] + ring * cos(step * pi / 4), spot[1] + ring * cos(step * pi / 4 - pi / 2)
                if all(house.distance(Point(tried)) > 3 for house in near):
                    return tried
        return spot


@lru_cache(maxsize=4)
def ground(shift: int = 0) -> Ground:
    """Everything on the map. A shifted ground is the same quarter further east, for the second, third … community."""
    ring, roads = _outline(), _roads()
    blocks = _blocks(ring)
    areas = [_buildable(block, roads) for block in blocks]
    plot = _Plot(areas)
    scenery = _build(plot, roads)
    move = _Move(shift)
    return Ground(
        boundary=move.ring(unary_union(blocks)),
        blocks=tuple(Block(i + 1, BLOCK_NAMES[i], move.ring(block)) for i, block in enumerate(blocks)),
        buildings=_numbered(plot, move),
        sites=tuple(_sites(plot, blocks, roads, move)),
        scenery=tuple(Scenery(kind, name, move.points(line), width) for kind, name, line, width in scenery),
    )


@dataclass(frozen=True, slots=True)
class _Move:
    shift: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = ORIGIN
        metre_east = 111_320 * cos(lat * pi / 180)
        return round(lon + (x + 760 * self.shift) / metre_east, 7), round(lat + y / 110_860, 7)

    def points(self, line: Iterable[Metres]) -> Ring:
        return tuple(self.point(x, y) for x, y in line)

    def ring(self, shape: Polygon) -> Ring:
        """Counter-clockwise, first point repeated at the end, as GeoJSON has it."""
        turned = shape.exterior if shape.exterior.is_ccw else shape.exterior.reverse()
        return self.points((x, y) for x, y in turned.coords)


def _outline() -> Polygon:
    return Polygon([point for side in (NORTH, EAST, SOUTH, WEST) for point in list(_curve(side).coords)[:-1]])


def _roads() -> dict[str, LineString]:
    """The lanes are drawn a little beyond the road they meet; here they end at it."""
    middle = _curve(MIDDLE)
    roads = {name: max(split(_curve(line), middle).geoms, key=lambda p: p.length) for name, line in LANES.items()}
    return roads | {"清风路": middle}


def _blocks(ring: Polygon) -> list[Polygon]:
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


def _buildable(block: Polygon, roads: dict[str, LineString]) -> Polygon:
    lanes = unary_union([line.buffer(12 if name == "清风路" else 9) for name, line in roads.items()])
    area = block.buffer(-9).difference(lanes)
    return max(area.geoms, key=lambda p: p.area) if isinstance(area, MultiPolygon) else area


def _build(plot: _Plot, roads: dict[str, LineString]) -> list[Drawn]:
    scenery: list[Drawn] = [("water", "柳溪", _stream(), 0.0)]
    scenery += [("road", name, list(line.coords), 14.0 if name == "清风路" else 9.0) for name, line in roads.items()]
    scenery += [("road", name, list(_curve(line).coords), 14.0) for name, line in
                (("建设路", NORTH), ("环湖路", EAST), ("西环路", WEST))]
    for step in (_wutong, _mill, _jinxiu, _school, _park, _riverside):
        scenery += step(plot)
    return scenery


def _wutong(plot: _Plot) -> list[Drawn]:
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
    return [path, ("green", "梧桐园", list(garden.exterior.coords), 0.0)]


def _mill(plot: _Plot) -> list[Drawn]:
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
    return [path, ("field", "市场广场", list(square.exterior.coords), 0.0)]


def _jinxiu(plot: _Plot) -> list[Drawn]:
    """Eleven floors in a fan round a garden, point blocks behind."""
    estate = "锦绣家园"
    garden = affinity.translate(shapes.oval(70, 46), 226, 112)
    plot.keep_free(2, garden.buffer(2))
    path = _path(plot, 2, [(124, 132), (168, 128), (190, 150), (230, 156), (266, 140), (276, 104), (262, 74),
                           (214, 68), (186, 86), (178, 124)])
    plot.along(2, estate, ("小高11三", "小高11三", "小高11"), _inside(NORTH, 24), 14)
    plot.along(2, estate, ("小高11", "蝶楼18", "小高11"), _inside(EAST, 22), 14)
    plot.along(2, estate, ("街楼7", "街楼6", "街楼6"), _inside(MIDDLE, -20), 9)
    for spot, turn, kind in (((152, 164), 12, "点楼18"), ((152, 98), -8, "点楼18"), ((212, 176), 8, "小高11")):
        plot.put(2, estate, kind, spot, turn)
    pond = garden.buffer(-15)
    return [path, ("green", "锦绣花园", list(garden.exterior.coords), 0.0),
            ("water", "镜池", list(pond.exterior.coords), 0.0)]


def _school(plot: _Plot) -> list[Drawn]:
    """The primary school with its running track, and the village of its teachers."""
    estate = "育才新村"
    track = affinity.translate(affinity.rotate(shapes.oval(82, 44), 84), -158, -88)
    plot.keep_free(3, track.buffer(4))
    plot.put(3, "", "教学楼", (-212, -88), 80, "柳溪小学")
    path = _path(plot, 3, [(-340, -142), (-262, -152), (-196, -150), (-118, -162)])
    plot.along(3, estate, ("街楼7", "街楼6", "街楼6"), _inside(MIDDLE, 20), 9)
    plot.rows(3, estate, ("板楼7三", "错楼7", "板楼7四"), plot.areas[3], -12, 29, 11)
    return [path, ("field", "操场", list(track.exterior.coords), 0.0)]


def _park(plot: _Plot) -> list[Drawn]:
    """The community's own house at the park, low new courts behind it."""
    estate = "云溪雅苑"
    green = Polygon(shapes.smooth([(-114, -132), (-70, -116), (-20, -134), (30, -116), (68, -132), (70, -170),
                                   (0, -178), (-60, -190), (-112, -192), (-114, -132)], 4)).buffer(0)
    plot.keep_free(4, green)
    plot.put(4, "", "服务中心", (-82, -62), 4, "社区党群服务中心")
    plot.keep_free(4, Point(-82, -66).buffer(34))
    path = _path(plot, 4, [(-8, 0), (-4, -52), (-12, -92), (-4, -128)])
    plot.put(4, estate, "院楼6", (44, -28), 14)
    plot.put(4, estate, "叠墅5", (-38, -40), 8)
    plot.rows(4, estate, ("小高11", "洋房8"), plot.areas[4].difference(green), 6, 31, 12)
    lake = affinity.translate(affinity.rotate(shapes.oval(70, 26), 6), -34, -156)
    return [path, ("green", "柳溪公园", list(green.exterior.coords), 0.0),
            ("water", "月池", list(lake.exterior.coords), 0.0)]


def _riverside(plot: _Plot) -> list[Drawn]:
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
    return [path, ("green", "柳岸草坪", list(lawn.exterior.coords), 0.0)]


def _path(plot: _Plot, block: int, points: list[Metres]) -> Drawn:
    """A drive inside an estate; no house is put on it."""
    line = _curve(points)
    plot.keep_free(block, line.buffer(2))
    inner = line.intersection(plot.areas[block].buffer(6))
    longest = max(getattr(inner, "geoms", [inner]), key=lambda part: part.length)
    return "path", "", list(longest.coords), 4.0


def _inside(road: list[Metres], distance: float) -> LineString:
    """A line beside a road, from west to east or north to south: where the houses along it have their middle."""
    side = "right" if distance > 0 else "left"
    line = _curve(road).parallel_offset(abs(distance), side, join_style="mitre")
    first, last = line.coords[0], line.coords[-1]
    return line.reverse() if (last[0] - first[0]) - (last[1] - first[1]) < 0 else line


def _stream() -> list[Metres]:
    """The water south-east of the boundary, as a closed outline."""
    bank = list(_curve(SOUTH).parallel_offset(7, "left").coords)
    far = list(_curve(SOUTH).parallel_offset(33, "left").coords)
    if (bank[0][0] - far[0][0]) ** 2 + (bank[0][1] - far[0][1]) ** 2 < 2500:
        far.reverse()
    return [*bank, *far, bank[0]]


def _sites(plot: _Plot, blocks: list[Polygon], roads: dict[str, LineString], move: _Move) -> Iterable[Site]:
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
    spots += [("hydrant", f"{i}号消防栓", spot) for i, spot in enumerate(_hydrants(roads), start=1)]
    for kind, name, spot in spots:
        spot = spot if kind in INDOORS else plot.clear(spot)
        yield Site(kind, name, move.point(*spot), _block_at(blocks, spot))


INDOORS = ("school", "market")
GATES = (
    ("梧桐里东门", (-108.0, 106.0)), ("梧桐里西门", (-318.0, 92.0)), ("纺机宿舍北门", (28.0, 222.0)),
    ("锦绣家园西门", (136.0, 118.0)), ("锦绣家园东门", (321.0, 92.0)), ("育才新村西门", (-310.0, -120.0)),
    ("云溪雅苑东门", (74.0, -92.0)), ("柳岸花园西门", (96.0, -104.0)), ("柳岸花园北门", (214.0, 20.0)),
)
CHARGERS = (
    ("梧桐里", (-262.0, 58.0)), ("纺机宿舍", (96.0, 112.0)), ("锦绣家园", (262.0, 62.0)),
    ("育才新村", (-262.0, -30.0)), ("云溪雅苑", (62.0, -70.0)), ("柳岸花园", (166.0, -92.0)),
)


def _hydrants(roads: dict[str, LineString]) -> list[Metres]:
    """One about every hundred metres along the streets, on the kerb."""
    spots = []
    for name in sorted(roads):
        kerb = roads[name].parallel_offset(8.5 if name == "清风路" else 6.5, "left")
        for i in range(1, int(kerb.length // 105) + 1):
            spot = kerb.interpolate(i * 105 - 40)
            spots.append((spot.x, spot.y))
    return spots


def _block_at(blocks: list[Polygon], spot: Metres) -> int:
    return min(range(len(blocks)), key=lambda i: blocks[i].distance(Point(spot))) + 1


def _beside(shape: Polygon, east: float, north: float) -> Metres:
    return float(shape.centroid.x + east), float(shape.centroid.y + north)


def _middle(shape: Polygon) -> Metres:
    spot = shape.representative_point()
    return float(spot.x), float(spot.y)


def _numbered(plot: _Plot, move: _Move) -> tuple[Footprint, ...]:
    """Numbers run estate by estate from north to south in bands, west to east in a band: as a postman would."""
    order = sorted(plot.houses, key=lambda h: (h[0], not h[1], -round(h[4].centroid.y / 32), h[4].centroid.x))
    return tuple(
        _footprint(no, block, estate, kind, name, move.ring(shape))
        for no, (block, estate, kind, name, shape) in enumerate(order, start=1)
    )


def _footprint(no: int, block: int, estate: str, kind: str, name: str, ring: Ring) -> Footprint:
    k = KINDS[kind]
    return Footprint(no, estate, name, block + 1, kind, k.floors, k.units, k.rooms, k.shops, k.built + no % 3, k.use, ring)


def _curve(points: list[Metres]) -> LineString:
    return LineString(shapes.smooth(points))


def _width(kind: str) -> float:
    west, _, east, _ = KINDS[kind].shape.bounds
    return float(east - west)


def _turned(spot: Metres, angle: float) -> Metres:
    point = affinity.rotate(Point(spot), angle, origin=(0, 0))
    return float(point.x), float(point.y)
