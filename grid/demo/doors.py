"""The doors of the demo buildings: floors × units × rooms, with shops, garages, duplex flats and missing floors."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from grid.demo.place import Footprint

UNLUCKY = (4, 14)
LAYOUTS = ((45, "一室一厅"), (62, "两室一厅"), (82, "两室两厅"), (105, "三室两厅"), (135, "四室两厅"))


@dataclass(slots=True)
class Door:
    building: int
    unit: int
    floor: int
    floor_to: int | None
    room: str
    use: str
    area: float
    layout: str | None


def doors_of(house: Footprint, dice: Random, *, skips_unlucky: bool = False, garages: int = 0) -> Iterator[Door]:
    """Every door of a house, from the basement up, in the order somebody climbing would meet them."""
    for spot in range(1, garages + 1):
        yield Door(house.no, 1, -1, None, f"B1-{spot:02}", "garage", _area(dice, 14), None)
    yield from _shops(house, dice)
    for unit in range(1, house.units + 1):
        for floor, floor_to in _floors(house, skips_unlucky):
            yield from _flats(house, dice, unit, floor, floor_to)


def size_of(house: Footprint) -> int:
    """About how many doors a house has, without throwing dice."""
    return sum(1 for _ in doors_of(house, Random(0)))


def _shops(house: Footprint, dice: Random) -> Iterator[Door]:
    """商1, 商2 … on the ground floor, shared out among the stairwells; in the market hall all under one roof."""
    for i in range(house.shops):
        unit = i * house.units // house.shops + 1 if house.units else 0
        yield Door(house.no, unit, 1, None, f"商{i + 1}", "shop", _area(dice, 38), None)
    if house.use != "住宅":
        for room in range(1, 3 if house.use == "市场" else 2):
            yield Door(house.no, 0, 2, None, f"20{room}", "office", _area(dice, 60), None)


def _floors(house: Footprint, skips_unlucky: bool) -> Iterator[tuple[int, int | None]]:
    first = 2 if house.shops else 1
    if house.kind == "叠墅5":
        yield from ((1, 2), (3, None), (4, 5))
        return
    for floor in range(first, house.floors + 1):
        if skips_unlucky and floor in UNLUCKY:
            continue
        if house.kind == "洋房8" and floor == 8:
            return
        yield floor, 8 if house.kind == "洋房8" and floor == 7 else None


def _flats(house: Footprint, dice: Random, unit: int, floor: int, floor_to: int | None) -> Iterator[Door]:
    for room in range(1, _rooms(house, floor) + 1):
        base = _usual_area(house, room) * (1.8 if floor_to else 1)
        area = _area(dice, base)
        office = house.kind.startswith("街楼") and floor == 2 and unit == 1 and room == 1
        layout = "办公用房" if office else _layout(area, bool(floor_to))
        yield Door(
            house.no, unit, floor, floor_to, f"{floor}{room:02}", "office" if office else "dwelling", area, layout
        )


def _rooms(house: Footprint, floor: int) -> int:
    """The three-armed towers have a hall on the ground floor and two large flats on top; the mill a porter."""
    if house.kind == "星楼16":
        return {1: 4, 16: 2}.get(floor, house.rooms)
    if house.kind == "宿舍4" and floor == 1:
        return house.rooms - 1
    return house.rooms


def _usual_area(house: Footprint, room: int) -> float:
    young = max(0, house.built - 1978) * 1.3
    return 44 + young + (12 if room == 1 else 0) - (6 if house.rooms > 3 else 0)


def _area(dice: Random, about: float) -> float:
    return round(about * dice.uniform(0.86, 1.16), 2)


def _layout(area: float, duplex: bool) -> str:
    if duplex:
        return "复式"
    return next((name for most, name in LAYOUTS if area <= most), "四室两厅")
