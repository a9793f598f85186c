"""Footprints of the demo community: building outlines in metres, centred on the origin, fronts to the south."""

from math import cos, pi, sin

from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

Metres = tuple[float, float]


def slab(length: float, depth: float = 11.0, units: int = 3) -> Polygon:
    """A row of stairwells; each one stands out to the north a little, as in most walk-ups."""
    body = box(-length / 2, -depth / 2, length / 2, depth / 2)
    step = length / units
    wells = [
        box(x - 2.2, depth / 2 - 0.5, x + 2.2, depth / 2 + 1.6)
        for x in (-length / 2 + step * (i + 0.5) for i in range(units))
    ]
    return _one(unary_union([body, *wells]))


def plain(length: float, depth: float = 11.0) -> Polygon:
    return box(-length / 2, -depth / 2, length / 2, depth / 2)


def stepped(length: float, depth: float = 11.0, shift: float = 5.0) -> Polygon:
    west = box(-length / 2, -depth / 2 - shift / 2, 0.5, depth / 2 - shift / 2)
    east = box(-0.5, -depth / 2 + shift / 2, length / 2, depth / 2 + shift / 2)
    return _one(unary_union([west, east]))


def ell(length: float, wing: float, depth: float = 11.0, west: bool = True) -> Polygon:
    body = box(-length / 2, -depth / 2, length / 2, depth / 2)
    x = -length / 2 if west else length / 2 - depth
    return _one(unary_union([body, box(x, -depth / 2 - wing, x + depth, depth / 2)]))


def cup(length: float, wing: float, depth: float = 10.0) -> Polygon:
    """Three sides of a courtyard, open to the south."""
    return _one(unary_union([ell(length, wing, depth), ell(length, wing, depth, west=False)]))


def court(length: float, width: float, depth: float = 10.0) -> Polygon:
    """Four sides with a gateway in the south: one ring, so that every reader of polygons can draw it."""
    ring = box(-length / 2, -width / 2, length / 2, width / 2)
    yard = box(-length / 2 + depth, -width / 2 + depth, length / 2 - depth, width / 2 - depth)
    gate = box(-3, -width / 2 - 1, 3, -width / 2 + depth + 1)
    return _one(ring.difference(yard).difference(gate))


def bent(length: float, depth: float = 11.0, kink: float = 18.0) -> Polygon:
    half = length / 2
    arms = [(-half, 0.0), (0.0, 0.0), (half * cos(kink * pi / 180), -half * sin(kink * pi / 180))]
    return ribbon(arms, depth)


def arc(length: float, depth: float, radius: float) -> Polygon:
    """A curved slab; a negative radius bulges to the south."""
    angle = length / abs(radius)
    turn = 1 if radius > 0 else -1
    spots = [angle * (i / 8 - 0.5) for i in range(9)]
    return ribbon([(abs(radius) * sin(a), turn * (abs(radius) * cos(a) - abs(radius))) for a in spots], depth)


def tower(side: float = 24.0, notch: float = 5.0) -> Polygon:
    """A point block with its four corners cut in, as for four flats round one core."""
    body = plain(side, side)
    corners = [box(-notch, -notch, notch, notch) for _ in range(4)]
    spots = [(-side / 2, -side / 2), (side / 2, -side / 2), (side / 2, side / 2), (-side / 2, side / 2)]
    cut = [affinity.translate(c, x, y) for c, (x, y) in zip(corners, spots, strict=True)]
    return _one(body.difference(unary_union(cut)))


def butterfly(width: float = 32.0, depth: float = 16.0) -> Polygon:
    """Two wings turned to the sun and a core between them."""
    wing = plain(width / 2, depth - 3)
    west = affinity.translate(affinity.rotate(wing, 14), -width / 4, 0)
    east = affinity.translate(affinity.rotate(wing, -14), width / 4, 0)
    return _one(unary_union([west, east, affinity.translate(plain(9, depth), 0, 2)]))


def star(arm: float = 17.0, depth: float = 11.0) -> Polygon:
    """The three-armed tower of the nineties."""
    limb = box(-depth / 2, 0, depth / 2, arm)
    arms = [affinity.rotate(limb, a, origin=(0, 0)) for a in (0, 120, 240)]
    return _one(unary_union([*arms, Point(0, 0).buffer(depth * 0.62, quad_segs=2)]))


def comb(length: float, depth: float, wings: float) -> Polygon:
    """A school: one corridor, three wings to the south."""
    spine = box(-length / 2, depth / 2 - 9, length / 2, depth / 2)
    legs = [box(x - 5.5, -depth / 2, x + 5.5, depth / 2) for x in (-length / 2 + 5.5, 0, length / 2 - 5.5)]
    legs[1] = box(-5.5, depth / 2 - wings, 5.5, depth / 2)
    return _one(unary_union([spine, *legs]))


def hall(length: float, depth: float, chamfer: float = 6.0) -> Polygon:
    x, y, c = length / 2, depth / 2, chamfer
    return Polygon([(-x + c, -y), (x, -y), (x, y - c), (x - c, y), (-x, y), (-x, -y + c)])


def oval(length: float, width: float) -> Polygon:
    """A running track: two straights and two half circles."""
    straight = LineString([(-(length - width) / 2, 0), ((length - width) / 2, 0)])
    return _one(straight.buffer(width / 2, quad_segs=6))


def ribbon(line: list[Metres], width: float) -> Polygon:
    return _one(LineString(line).buffer(width / 2, cap_style="flat", join_style="mitre"))


def smooth(points: list[Metres], steps: int = 6) -> list[Metres]:
    """A Catmull-Rom curve through the points, ends kept."""
    padded = [points[0], *points, points[-1]]
    curve = [points[0]]
    for i in range(1, len(padded) - 2):
        a, b, c, d = padded[i - 1 : i + 3]
        curve += [_between(a, b, c, d, step / steps) for step in range(1, steps + 1)]
    return curve


def _between(a: Metres, b: Metres, c: Metres, d: Metres, t: float) -> Metres:
    return _axis(a[0], b[0], c[0], d[0], t), _axis(a[1], b[1], c[1], d[1], t)


def _axis(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def polygon(shape: BaseGeometry) -> Polygon:
    """The largest polygon of a shape."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area)


def longest(shape: BaseGeometry) -> LineString:
    """The longest line of a shape."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, LineString)]
    return max(parts, key=lambda part: part.length)


def points(line: LineString) -> list[Metres]:
    return [(float(point[0]), float(point[1])) for point in line.coords]


def _one(shape: BaseGeometry) -> Polygon:
    """The outline without holes; a footprint in two parts is a mistake in its drawing."""
    if not isinstance(shape, Polygon):
        raise ValueError("a footprint is one polygon")
    return Polygon(shape.exterior)
