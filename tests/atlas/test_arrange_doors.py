"""The elevation puts every door where somebody standing in front of the house would look for it."""

from grid.atlas.elevation import Elevation, Place, floor_label, layout


def shown(doors: list[Place]) -> list[str]:
    """The table as text: '5层 501 502', a dot for empty wall, ^n for a door that spans n rows."""
    return [
        " ".join([floor_label(line) or "~", *(word(cell.door, cell.rows, doors) for cell in line.cells)])
        for line in layout(tuple(doors)).lines
    ]


def word(door: int | None, rows: int, doors: list[Place]) -> str:
    if door is None:
        return "."
    return doors[door][3] + (f"^{rows}" if rows > 1 else "")


def rooms(unit: int, floors: list[int], count: int) -> list[Place]:
    return [(unit, floor, None, f"{floor}{room:02}") for floor in floors for room in range(1, count + 1)]


def every_row_is_full(found: Elevation) -> bool:
    open_until = [0] * found.columns
    for row, line in enumerate(found.lines):
        free = [col for col in range(found.columns) if open_until[col] <= row]
        if sum(cell.columns for cell in line.cells) != len(free):
            return False
        for cell in line.cells:
            for _ in range(cell.columns):
                open_until[free.pop(0)] = row + cell.rows
    return all(until == len(found.lines) for until in open_until)


def test_top_floor_comes_first():
    assert shown(rooms(1, [1, 2], 2)) == ["2层 201 202", "1层 101 102"]


def test_a_missing_floor_is_a_thin_line():
    doors = rooms(1, [3, 5, 12, 15], 1)

    assert shown(doors) == [
        "15层 1501", "无13–14层 .", "12层 1201", "无6–11层 .", "5层 501", "无4层 .", "3层 301",
    ]  # fmt: skip


def test_there_is_no_floor_nought_between_basement_and_ground():
    assert shown([*rooms(1, [1], 1), (1, -1, None, "B01")]) == ["1层 101", "地下1层 B01"]


def test_units_of_different_heights_leave_empty_wall():
    doors = rooms(1, [1, 2], 2) + rooms(2, [1], 1)

    assert shown(doors) == ["2层 201 202 .", "1层 101 102 101"]


def test_a_floor_with_fewer_rooms_keeps_its_columns():
    doors = [*rooms(1, [1], 3), (1, 2, None, "202")]

    assert shown(doors) == ["2层 . 202 .", "1层 101 102 103"]


def test_a_duplex_spans_its_floors():
    doors = [*rooms(1, [1, 2], 1), (1, 1, 2, "102")]

    assert shown(doors) == ["2层 201 102^2", "1层 101"]
    assert every_row_is_full(layout(tuple(doors)))


def test_a_duplex_reaches_across_a_missing_floor():
    doors = [(1, 3, 5, "301"), (1, 3, None, "302"), (1, 5, None, "502")]

    assert shown(doors) == ["5层 301^3 502", "无4层 .", "3层 302"]


def test_shops_without_a_unit_fill_the_ground_floor():
    doors = rooms(1, [2], 2) + rooms(2, [2], 2) + [(0, 1, None, "商1"), (0, 1, None, "商2")]
    found = layout(tuple(doors))

    assert shown(doors) == ["2层 201 202 201 202", "1层 商1 商2"]
    assert [unit.unit for unit in found.units] == [1, 2]
    assert every_row_is_full(found)


def test_shops_beside_flats_of_the_same_floor_get_a_row_of_their_own():
    doors = [*rooms(1, [1, 2], 2), (0, 1, None, "商1"), (0, 1, None, "商2"), (0, 1, None, "商3")]

    assert shown(doors) == ["2层 201 202", "1层 101 102", "~ 商1 商2", "~ 商3 ."]


def test_a_house_without_units_has_one_column_per_room():
    assert [(u.unit, u.columns) for u in layout(tuple(rooms(0, [1, 2], 3))).units] == [(0, 3)]


def test_no_door_is_lost_however_odd_the_numbers():
    odd = ["101", "0101", "1-01", "A", "商铺甲", "101-1", "999", ""]
    doors: list[Place] = [(unit, 1, None, room) for unit in (0, 1, 2) for room in odd]
    doors += [(1, 2, 9, "201"), (1, 5, 7, "501"), (2, -2, 1, "B201")]
    found = layout(tuple(doors))

    placed = [cell.door for line in found.lines for cell in line.cells if cell.door is not None]
    assert sorted(placed) == list(range(len(doors)))
    assert every_row_is_full(found)


def test_an_empty_building_has_no_lines():
    assert layout(()).lines == ()
