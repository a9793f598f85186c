"""Finds outlines that lie far from all others: a community is a few streets, a swapped digit is an ocean."""

from collections.abc import Sequence
from dataclasses import replace
from math import cos, hypot, radians
from statistics import median_low

from grid.core.i18n import _
from grid.exchange.geojson import Layer, Ring, Shape

FARTHEST_KM = 50
KM_PER_DEGREE = 111.2


def together(layers: Sequence[Layer], standing: Sequence[list[Ring]]) -> list[Layer]:
    """The layers, with a fault at every outline far from the map that stands, or else from the middle of its own."""
    drawn = [_rings(shape) for layer in layers for shape in layer.shapes if _rings(shape)]
    around = standing or drawn
    if not around:
        return list(layers)
    middle = [median_low([outline[0][0][axis] for outline in around]) for axis in (0, 1)]
    return [replace(layer, shapes=[_judged(shape, middle) for shape in layer.shapes]) for layer in layers]


def _rings(shape: Shape) -> list[Ring]:
    """The outline of an area, or a route as if it were one."""
    return shape.outline or ([shape.line] if shape.line else [])


def _judged(shape: Shape, middle: Sequence[float]) -> Shape:
    far = max((_km(point, middle) for ring in _rings(shape) for point in ring), default=0)
    if far <= FARTHEST_KM:
        return shape
    return replace(shape, outline=None, line=None, fault=_("离其他图形约 %(n)s 公里，请核对坐标", n=round(far)))


def _km(point: Sequence[float], middle: Sequence[float]) -> float:
    east = (point[0] - middle[0]) * cos(radians(middle[1]))
    return hypot(east, point[1] - middle[1]) * KM_PER_DEGREE
