"""The invention itself, without a database: it is the same every time, belongs to nobody, and hangs together."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from math import atan2, cos, degrees, hypot, pi

import pytest
from shapely import affinity
from shapely.geometry import Polygon
from shapely.ops import unary_union

from grid.core.clock import day_of
from grid.demo.invention import Invention, invent
from grid.demo.notes import distinct
from grid.demo.place import ORIGIN, Ring, ground
from grid.register.id_numbers import IdNumber

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def made() -> Invention:
    return invent(3000, today=TODAY)


def metres(ring: Ring) -> Polygon:
    return affinity.affine_transform(Polygon(ring), [111_320 * cos(ORIGIN[1] * pi / 180), 0, 0, 110_860, 0, 0])


def test_it_has_the_size_of_a_real_community(made: Invention) -> None:
    quarter = made.communities[0]
    dwellings = Counter(home.occupancy for home in quarter.homes if home.door.use == "dwelling")
    people = sum(len(home.present()) for home in quarter.homes)

    assert 2_900 <= len(quarter.homes) <= 3_100
    assert 60 <= len(quarter.buildings) <= 75
    assert 7_800 <= people <= 9_000
    assert 17_000 <= len(quarter.visits) <= 24_000
    assert 0.66 < dwellings["own"] / dwellings.total() < 0.75
    assert 0.19 < dwellings["rented"] / dwellings.total() < 0.26
    assert 0.05 < dwellings["vacant"] / dwellings.total() < 0.10


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    story = invent(300, seed=7, today=TODAY)

    assert invent(300, seed=7, today=TODAY) == story
    assert invent(300, seed=8, today=TODAY) != story


@pytest.mark.parametrize("doors", [100, 600, 1500, 6000])
def test_it_can_be_smaller_or_larger(doors: int) -> None:
    made = invent(doors, today=TODAY)

    assert sum(len(c.homes) for c in made.communities) == pytest.approx(doors, rel=0.05, abs=40)
    assert len({c.name for c in made.all}) == len(made.all)


def test_no_house_stands_on_another_and_each_stands_in_its_block() -> None:
    place = ground()
    houses = {house.no: metres(house.ring) for house in place.buildings}
    blocks = {block.seq: metres(block.ring) for block in place.blocks}

    assert [pair for pair in combinations(houses, 2) if houses[pair[0]].distance(houses[pair[1]]) < 3.5] == []
    assert [house.no for house in place.buildings if not blocks[house.block].contains(houses[house.no])] == []
    assert all(house.is_valid and house.area > 200 for house in houses.values())


def test_the_blocks_tile_the_boundary_with_shared_corners() -> None:
    place = ground()
    blocks = [metres(block.ring) for block in place.blocks]
    boundary = metres(place.boundary)

    assert len(blocks) == 6
    assert sum(block.area for block in blocks) == pytest.approx(boundary.area, rel=1e-6)
    assert unary_union(blocks).symmetric_difference(boundary).area < 1
    corners = [set(block.ring) for block in place.blocks]
    assert all(any(len(mine & other) > 1 for other in corners if other is not mine) for mine in corners)


def test_the_patrols_walk_inside_the_boundary_and_through_no_house() -> None:
    place = ground()
    boundary = metres(place.boundary)
    houses = unary_union([metres(house.ring) for house in place.buildings])
    walks = {route.name: metres(route.line).exterior for route in place.routes}

    assert len(walks) == 4
    assert all(boundary.contains(line) and line.distance(houses) > 1 and line.length > 400 for line in walks.values())


def test_the_houses_look_in_many_directions() -> None:
    """A quarter is no chessboard: the long sides of its houses make many angles."""
    angles = set()
    for house in ground().buildings:
        box = metres(house.ring).minimum_rotated_rectangle
        (x0, y0), (x1, y1), (x2, y2) = list(box.exterior.coords)[:3]
        side = (x1 - x0, y1 - y0) if hypot(x1 - x0, y1 - y0) > hypot(x2 - x1, y2 - y1) else (x2 - x1, y2 - y1)
        angles.add(round(degrees(atan2(side[1], side[0])) % 180 / 5))

    assert len(angles) >= 10


def test_numbers_belong_to_nobody(made: Invention) -> None:
    people = [stay.person for c in made.all for home in c.homes for stay in home.stays]
    numbers = [person.id_no for person in people if person.id_no]
    phones = [person.phone for person in people if person.phone]

    assert len(numbers) > 0.9 * len(people)
    assert all(n.startswith("99") for n in numbers)
    assert all(phone.startswith("199000") and len(phone) == 11 for phone in phones)
    for person in people:
        read = IdNumber.read(person.id_no)
        if read:
            assert not read.warnings
            assert (read.birth, read.sex) == (person.birth, person.sex)


def test_families_hang_together(made: Invention) -> None:
    for home in made.communities[0].homes:
        present = home.present()
        by_relation = {stay.relation: stay.person for stay in present}
        head = by_relation.get("02")

        assert sum(stay.is_head for stay in present) == (1 if present else 0)
        for stay in home.stays:
            assert stay.person.birth <= stay.from_on <= (stay.to_on or TODAY) <= TODAY
        if home.occupancy == "vacant":
            assert not present
        if head is None:
            continue
        for code in ("20", "21", "22", "23", "30", "31", "32", "33"):
            if code in by_relation:
                assert (by_relation[code].birth - head.birth).days > 17 * 365
        for code in ("51", "52", "55", "56"):
            if code in by_relation:
                assert (head.birth - by_relation[code].birth).days > 17 * 365


def test_the_odd_doors_are_there(made: Invention) -> None:
    doors = [home.door for home in made.communities[0].homes]
    floors: dict[int, set[int]] = {}
    for door in doors:
        floors.setdefault(door.building, set()).add(door.floor)

    assert any(door.floor == -1 and door.use == "garage" for door in doors)
    assert any(door.use == "shop" and door.floor == 1 for door in doors)
    assert any(door.floor_to == door.floor + 1 for door in doors)
    assert any(max(seen) > 14 and not {4, 14} & seen for seen in floors.values())
    assert max(max(seen) for seen in floors.values()) == 33
    spots = [(door.building, door.unit, door.room) for door in doors]
    assert len(set(spots)) == len(spots)


def test_names_are_as_varied_as_in_a_register(made: Invention) -> None:
    names = [stay.person.name for home in made.communities[0].homes for stay in home.stays]
    surnames = Counter(name[0] for name in names)

    assert surnames.most_common(1)[0][0] in "王李张"
    assert all(any(name.startswith(surname) for name in names) for surname in ("欧阳", "单", "解", "仇", "曾", "查"))
    assert any(set(name) & set("㛃䶮") for name in names)
    assert 2 < sum(len(name) for name in names) / len(names) < 3.2


def test_the_visits_keep_a_working_rhythm(made: Invention) -> None:
    visits = made.communities[0].visits
    found = Counter(visit.found for visit in visits)
    days = Counter(day_of(visit.at).weekday() for visit in visits)

    assert distinct() >= 80
    assert found["home"] > found["nobody"] > found["refused"] > 0
    assert {visit.kind for visit in visits} == {"visit", "talk", "phone", "comfort", "check"}
    assert days[6] < days[5] < min(days[i] for i in range(5))
    assert all(TODAY - timedelta(days=366) <= day_of(visit.at) < TODAY for visit in visits)


def test_some_promises_are_overdue_some_doors_never_seen(made: Invention) -> None:
    quarter = made.communities[0]
    promised = [visit.due_on for visit in quarter.visits if visit.due_on and not visit.closed]
    seen = {visit.home for visit in quarter.visits}

    assert 10 < sum(day < TODAY for day in promised) < 150
    assert sum(day >= TODAY for day in promised) > 10
    assert 50 < len(quarter.homes) - len(seen) < 500


def test_colleagues_come_along_and_gifts_are_for_comfort(made: Invention) -> None:
    visits = made.communities[0].visits
    gifts = [visit for visit in visits if visit.gift]
    along = [visit for visit in visits if visit.along]

    assert 0.02 < len(along) / len(visits) < 0.06
    assert all(visit.worker not in visit.along and len(set(visit.along)) == len(visit.along) for visit in along)
    assert {worker for visit in along for worker in visit.along} == set(range(6))
    assert {(visit.kind, visit.found) for visit in gifts} == {("comfort", "home")}
    assert 0.2 < len(gifts) / sum(visit.kind == "comfort" for visit in visits) < 0.7
    assert all(len(visit.gift or "") <= 60 for visit in gifts)
    assert {visit.kind for visit in along} >= {"visit", "comfort"}


def test_a_gift_is_the_one_the_note_speaks_of(made: Invention) -> None:
    at_a_door = [v for v in made.communities[0].visits if (v.kind, v.found) == ("comfort", "home") and v.content]

    assert {visit.gift for visit in at_a_door if "送米面油慰问" in visit.content} == {"米面油一份"}
    assert {visit.gift for visit in at_a_door if "端午送粽子" in visit.content} == {"粽子一盒"}
