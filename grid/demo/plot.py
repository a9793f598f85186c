"""Kinds of houses, and the ground on which they are put one by one until it is full."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import atan2, cos, degrees, pi

from shapely import affinity
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.prepared import PreparedGeometry, prep

from grid.demo import shapes
from grid.demo.shapes import Metres, polygon

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


class Plot:
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
        self.taken[block].append(polygon(shape.convex_hull))
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

    def rows(
        self,
        block: int,
        estate: str,
        kinds: tuple[str, ...],
        area: BaseGeometry,
        turn: float,
        pitch: float,
        gap: float = 9.0,
        most: int = 99,
    ) -> None:
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

    def _fitting(
        self,
        block: int,
        estate: str,
        kinds: tuple[str, ...],
        count: int,
        inside: "PreparedGeometry[BaseGeometry]",
        corner: Metres,
        turn: float,
    ) -> str:
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


def _width(kind: str) -> float:
    west, _, east, _ = KINDS[kind].shape.bounds
    return float(east - west)


def _turned(spot: Metres, angle: float) -> Metres:
    point = affinity.rotate(Point(spot), angle, origin=(0, 0))
    return float(point.x), float(point.y)
