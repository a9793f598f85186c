"""Invents communities: ground, doors, people, a year of visits and cases; the same seed tells the same story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from grid.demo.cases import Affairs, Desks
from grid.demo.doors import Door, doors_of, size_of
from grid.demo.families import Settlers
from grid.demo.people import Household, Person
from grid.demo.place import Footprint, Ground, ground
from grid.demo.tagging import tag_all
from grid.demo.visits import Visit, Year

SEED = 20260601
# No authority hands out area codes that begin with 99: by it an invented community is known.
CODES_BEGIN = "9900001"
LARGEST = 3015  # doors of the whole quarter
NAMES = ("柳溪社区", "枫林社区", "云溪社区", "望湖社区", "石桥社区", "梅园社区", "青藤社区", "白鹭社区")
LABELS = {"block": "片区", "building": "楼栋", "unit": "单元", "household": "户"}
OTHER_LABELS = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}


@dataclass(frozen=True, slots=True)
class Community:
    """One community as it will stand in the register.

    `heads` are building no → who leads it, `unit_heads` (building no, unit no) → who looks after a stairwell.
    """

    name: str
    code: str
    street: str
    labels: dict[str, str]
    ground: Ground | None
    blocks: tuple[str, ...]
    buildings: tuple[Footprint, ...]
    homes: tuple[Household, ...]
    visits: tuple[Visit, ...]
    heads: dict[int, Person]
    unit_heads: dict[tuple[int, int], Person]

    @property
    def reporting(self) -> tuple[int, ...]:
        """The numbers of the houses whose heads have an account: the first with a head in each block."""
        first = {house.block: house.no for house in reversed(self.buildings) if house.no in self.heads}
        return tuple(no for _, no in sorted(first.items()))


@dataclass(frozen=True, slots=True)
class Invention:
    """`affairs` are those of the first community."""

    today: date
    communities: tuple[Community, ...]
    small: Community
    affairs: Affairs

    @property
    def all(self) -> tuple[Community, ...]:
        return (*self.communities, self.small)


def invent(doors: int = 3000, seed: int = SEED, today: date | None = None) -> Invention:
    """One community of up to 3,000 doors, several beside each other beyond that, and a tiny one without a map."""
    day = today or date.today()
    count = max(1, round(doors / 3000))
    communities = tuple(_community(i, doors / count, Random(f"{seed}/{i}"), day) for i in range(count))
    return Invention(
        today=day,
        communities=communities,
        small=_small(Random(f"{seed}/small"), day, count),
        affairs=_affairs(communities[0], Random(f"{seed}/affairs"), day),
    )


def _affairs(first: Community, dice: Random, today: date) -> Affairs:
    return Desks(first.homes, first.buildings, first.visits, first.reporting, dice, today).make()


def _community(i: int, doors: float, dice: Random, today: date) -> Community:
    place = ground(i)
    houses = _enough(place.buildings, doors)
    name = NAMES[i] if i < len(NAMES) else f"柳溪{i + 1}社区"
    every = [(house, door) for house in houses for door in _doors(house, dice)]
    return _peopled(name, i, LABELS, place, tuple(b.name for b in place.blocks), houses, every, dice, today)


def _small(dice: Random, today: date, i: int) -> Community:
    """槐荫社区: three groups of old houses, sixty doors, nobody has drawn a map yet."""
    names = (("槐荫里", 1, 3, 2), ("槐荫里", 1, 4, 2), ("后街", 2, 5, 2), ("后街", 2, 3, 2), ("渡口", 3, 6, 2))
    houses = tuple(
        Footprint(no, estate, "", block, "", floors, 2 if no in (1, 3) else 1, rooms, 0, 1984 + no, "住宅", ())
        for no, (estate, block, floors, rooms) in enumerate(names, start=1)
    )
    every = [(house, door) for house in houses for door in doors_of(house, dice)]
    groups = ("一大组", "二大组", "三大组")
    return _peopled("槐荫社区", i, OTHER_LABELS, None, groups, houses, every, dice, today)


def _peopled(
    name: str, i: int, labels: dict[str, str], place: Ground | None, blocks: tuple[str, ...],
    houses: Sequence[Footprint], every: list[tuple[Footprint, Door]], dice: Random, today: date,
) -> Community:  # fmt: skip
    settlers = Settlers(dice, today, phones=i * 9000)
    homes = [settlers.settle(door, house.built) for house, door in every]
    tag_all(homes, dice, today)
    heads = _heads(houses, every, homes, dice, today)
    walks: list[list[int]] = [[] for _ in blocks]
    for index, (house, _) in enumerate(every):
        walks[house.block - 1].append(index)
    visits = Year(homes, walks, dice, today).make()
    return Community(
        name, f"{CODES_BEGIN}{i + 1:05}", "柳溪街道", labels, place, blocks, tuple(houses), tuple(homes), tuple(visits),
        heads, _unit_heads(homes, today),
    )  # fmt: skip


def _enough(houses: tuple[Footprint, ...], doors: float) -> tuple[Footprint, ...]:
    """So many houses of the quarter that they hold about so many doors, picked evenly over all blocks."""
    if doors >= LARGEST * 0.97:
        return houses
    order = sorted(houses, key=lambda house: house.no * 0.6180339887 % 1)
    kept, total = [], 0
    for house in order:
        size = size_of(house)
        if total + size / 2 <= doors:
            kept.append(house)
            total += size
    return tuple(sorted(kept, key=lambda house: house.no))


def _doors(house: Footprint, dice: Random) -> Iterator[Door]:
    """One house has no fourth and fourteenth floor, one has garages in the basement."""
    return doors_of(house, dice, skips_unlucky=house.kind == "蝶楼18", garages=24 if house.kind == "高楼33" else 0)


def _heads(
    houses: Sequence[Footprint], every: list[tuple[Footprint, Door]], homes: list[Household], dice: Random, today: date
) -> dict[int, Person]:
    """楼栋长: somebody who lives in the house, not too young, with a phone."""
    willing: dict[int, list[Person]] = {}
    for (house, _), home in zip(every, homes, strict=True):
        willing.setdefault(house.no, []).extend(
            stay.person
            for stay in home.present()
            if stay.live_kind == "head_family" and 40 <= stay.person.age(today) <= 74 and stay.person.phone
        )
    heads = {house.no: dice.choice(willing[house.no]) for house in houses if willing.get(house.no)}
    for person in heads.values():
        person.tags.append("building_head")
    return heads


def _unit_heads(homes: Sequence[Household], today: date) -> dict[tuple[int, int], Person]:
    """中心户长: the first grown head of a family with a phone, in most stairwells."""
    found: dict[tuple[int, int], Person] = {}
    for home in homes:
        for stay in home.present():
            if stay.is_head and stay.live_kind == "head_family" and stay.person.phone and stay.person.age(today) > 38:
                found.setdefault((home.door.building, home.door.unit), stay.person)
    return found
