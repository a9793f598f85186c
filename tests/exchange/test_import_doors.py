"""A door list comes in."""

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.exchange.actions import apply_files
from grid.exchange.planning import plan_files
from grid.exchange.workbooks import Unreadable
from grid.register.finding import find
from grid.register.models import Building, Household, Unit
from tests.exchange.books import book, doors, order
from tests.factories import Cast, Place

FLAT = (9, 1, 101, 1, 12, "住宅", 62.68, "已入住", "杨轩", "19900015975", None)


def door(code: str) -> Household:
    return db.session.scalars(select(Household).where(Household.code == code)).one()


def test_doors_bring_their_building_and_unit_along(place: Place) -> None:
    plan = apply_files(None, order("doors", doors(FLAT)), today())

    assert plan.counts["new"] == 1
    made = door("9-1-101")
    assert (made.floor, made.use, made.occupancy, made.area) == (1, "dwelling", "own", 62.68)
    assert (made.owner_name, made.owner_phone) == ("杨轩", "19900015975")
    assert made.completeness > 0
    building = db.session.get(Building, made.building_id)
    assert building is not None
    assert (building.no, building.floors, building.no_order) == ("9", 12, 9)
    assert db.session.get(Unit, made.unit_id).no == 1  # type: ignore[union-attr]


def test_a_new_door_is_found_at_once(place: Place, cast: Cast) -> None:
    apply_files(None, order("doors", doors(FLAT)), today())

    assert [hit[2] for hit in find(cast.admin.scope, place.community.id, "9-1-101")] == ["9-1-101"]


def test_the_same_list_again_changes_nothing(place: Place) -> None:
    content = doors(FLAT, (9, 1, "0102", 1, 12, "商铺", 30, "出租", None, None, "角上"))
    apply_files(None, order("doors", content), today())

    again = plan_files(order("doors", content), today())

    assert not again.changes_anything
    assert again.counts["same"] == 2


def test_a_change_tells_old_and_new_and_masks_phones(place: Place) -> None:
    apply_files(None, order("doors", doors(FLAT)), today())
    moved = (*FLAT[:7], "出租", "杨轩", "19900099999", None)

    plan = apply_files(None, order("doors", doors(moved)), today())

    (line,) = plan.lines
    assert line.outcome == "changed"
    told = {change.label: (change.old, change.new) for change in line.changes}
    assert told["房屋状态"] == ("自住", "出租")
    assert told["业主电话"] == ("199****5975", "199****9999")
    assert (door("9-1-101").occupancy, door("9-1-101").version) == ("rented", 2)


def test_an_empty_cell_wipes_nothing_out(place: Place) -> None:
    apply_files(None, order("doors", doors(FLAT)), today())

    apply_files(None, order("doors", doors((9, 1, 101, 1, None, None, None, None, None, None, "新窗"))), today())

    assert (door("9-1-101").owner_name, door("9-1-101").note) == ("杨轩", "新窗")


@pytest.mark.parametrize(
    ("floor", "room", "there"),
    [(None, "1203", (12, None)), (None, "商1", (1, None)), (None, "B1-01", (-1, None)), ("5-6", "501", (5, 6)),
     ("负一", "B1-02", None), ("-1", "B1-02", (-1, None)), (None, "0011", (1, None))],
)  # fmt: skip
def test_floors_are_read_as_people_write_them(place: Place, floor: object, room: str, there: object) -> None:
    plan = apply_files(None, order("doors", doors((9, 1, room, floor, *FLAT[4:]))), today())

    if there is None:
        assert plan.lines[0].outcome == "refused"
    else:
        made = door(f"9-1-{room}")
        assert (made.floor, made.floor_to, made.room) == (*there, room)


def test_a_row_without_a_room_is_refused_with_file_row_and_column(place: Place) -> None:
    plan = plan_files(order("doors", doors(FLAT, (9, 1, None, *FLAT[3:]))), today())

    line = plan.lines[1]
    assert line.outcome == "refused"
    assert line.place == "doors.xlsx “房屋信息”第 3 行"
    assert "房间（C 列）" in line.remarks[0]


def test_the_same_door_twice_is_skipped_or_refused(place: Place) -> None:
    plan = plan_files(order("doors", doors(FLAT, FLAT, (*FLAT[:8], "别人", None, None))), today())

    assert [line.outcome for line in plan.lines] == ["new", "skipped", "refused"]


def test_a_word_in_no_list_is_odd_and_kept(place: Place) -> None:
    plan = apply_files(None, order("doors", doors((*FLAT[:5], "炮楼", *FLAT[6:]))), today())

    assert plan.counts["odd"] == 1
    assert (door("9-1-101").use, door("9-1-101").note) == ("other", "炮楼")


def test_the_summary_sheet_tells_of_buildings(place: Place) -> None:
    rows = [("楼号", "小区", "片区", "层数", "建成年份", "楼栋长", "楼栋长电话"),
            ("1幢", "桃园小区", "第二片区", 6, 1987, "欧阳辉成", "19900087987"),
            ("2号楼", "桃园小区", "第9片区", 6, 1993, None, None)]  # fmt: skip
    plan = apply_files(None, order("doors", book(("楼栋汇总", rows))), today())

    assert [line.outcome for line in plan.lines] == ["changed", "changed"]
    assert "第9片区" in plan.lines[1].remarks[0]
    building = db.session.get(Building, place.buildings[0].id)
    assert building is not None
    assert (building.floors, building.built_year, building.head_name) == (6, 1987, "欧阳辉成")
    assert building.block_id == place.blocks[1].id


def test_a_sheet_without_known_headings_is_told(place: Place) -> None:
    with pytest.raises(Unreadable, match="表头"):
        plan_files(order("doors", book(("Sheet1", [("甲", "乙"), (1, 2)]))), today())


def test_with_several_communities_one_must_be_named(place: Place) -> None:
    with pytest.raises(Unreadable, match="桃园社区、槐荫社区"):
        plan_files(order("doors", doors(FLAT), community=None), today())


def test_without_a_community_nothing_can_come_in(app: Flask) -> None:
    with pytest.raises(Unreadable, match="还没有社区"):
        plan_files(order("doors", doors(FLAT), community=None), today())
