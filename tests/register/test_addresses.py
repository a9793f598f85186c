"""Reading addresses the way people write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.register.addresses import (
    Address,
    format_address,
    level_no,
    parse_address,
    room_no,
    same_no,
    short_address,
)


@pytest.mark.parametrize(
    "written",
    [
        "3-2-501",
        "3幢2单元501室",
        "3栋2单元501",
        "3号楼2单元501室",
        "3#2单元501",
        "3#-2-501",
        "3/2/501",
        "３－２－５０１",
        "３幢２单元５０１室",
        "3—2—501",
        " 3 幢 2 单元 501 室 ",
        "三幢二单元501室",
        "03-02-0501",
        "3栋2单元501号",
        "3号2单元5楼501室",
        "3幢2-501",
    ],
)
def test_every_spelling_is_the_same_door(written: str) -> None:
    address = parse_address(written)

    assert address is not None
    assert address.key == ("3", "2", "501")


def test_the_estate_is_kept_apart() -> None:
    assert parse_address("桃园小区4幢", "1单元101室") == Address("桃园小区", "4", "1", "101")
    assert parse_address("桃园社区桃园小区4幢1单元101室") == Address("桃园小区", "4", "1", "101")
    assert parse_address("桃园2期3幢1单元301") == Address("桃园2期", "3", "1", "301")


def test_a_missing_unit_stays_missing() -> None:
    assert parse_address("7幢1203") == Address(None, "7", None, "1203")
    assert parse_address("7-1203") == Address(None, "7", None, "1203")


def test_a_missing_room_is_not_made_up() -> None:
    assert parse_address("120幢2单元") == Address(None, "120", "2", None)
    assert parse_address("3号楼") == Address(None, "3", None, None)


@pytest.mark.parametrize(
    ("written", "room"),
    [("5幢商1", "商1"), ("5-1-商1", "商1"), ("74-1-B1-01", "B1-01"), ("74幢1单元B1-01", "B1-01")],
)
def test_shops_and_garages_are_doors_too(written: str, room: str) -> None:
    address = parse_address(written)

    assert address is not None
    assert address.room == room


def test_chinese_numerals_stand_for_digits_only_before_a_level_word() -> None:
    address = parse_address("三八小区一百零三栋二单元502室")

    assert address == Address("三八小区", "103", "2", "502")


def test_nothing_is_no_address() -> None:
    assert parse_address("") is None
    assert parse_address(None, "  ") is None


def test_a_room_keeps_its_zeros_but_is_found_without() -> None:
    assert room_no("0011") == "0011"
    assert same_no("0011") == same_no("11") == "11"


@pytest.mark.parametrize("cell", ["4幢", "第4幢", "4号楼", "4#", 4, 4.0, "０４栋", "四栋"])
def test_a_level_has_one_number(cell: object) -> None:
    assert level_no(cell) == "4"


def test_it_is_written_in_one_way_and_in_the_community_s_own_words() -> None:
    address = Address("桃园小区", "3", "2", "501")

    assert format_address(address) == "桃园小区3幢2单元501室"
    assert format_address(address, building="楼栋", unit="门") == "桃园小区3楼栋2门501室"
    assert format_address(Address(None, "5", None, "商1")) == "5幢商1"
    assert short_address(address) == "3-2-501"


numbers = st.integers(1, 9999).map(str)


@given(
    numbers,
    st.integers(1, 99).map(str),
    numbers,
    st.sampled_from(["%s-%s-%s", "%s幢%s单元%s室", "%s#-%s-%s", "%s栋%s单元%s号"]),
)
def test_whatever_the_numbers_every_spelling_reads_back(building: str, unit: str, room: str, spelling: str) -> None:
    assert parse_address(spelling % (building, unit, room)) == Address(None, building, unit, room)


@given(st.text(max_size=60))
def test_no_text_breaks_it(words: str) -> None:
    parse_address(words)
    level_no(words)


def test_a_whole_page_in_one_cell_takes_no_time() -> None:
    began = time.perf_counter()
    for sign in "一1(第-·":
        parse_address(sign * 32_000)

    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "spelling",
    [
        "３幢２单元５０１室",
        "3＃２－５０１",
        "3号楼2单元5楼501",
        "3幢2单元五楼501",
        "三幢二单元501",
        "三幢二单元五〇一",
        "三-二-五〇一",
        "叁幢贰单元伍零壹",
        "3#2-501",
        "3栋二单元501",
        "3棟2單元501室",
        "3 2 501",
        "3号-2-501",
        "3楼-2-501",
        "3幢2单元5-501",
        "3幢2单元501（主卧）",
        "3幢2单元501室(租)",
        "地址：3-2-501",
        "#3-2-501",
        "3~2~501",
        "3，2，501",
        "03-02-0501",
    ],
)
def test_every_further_spelling_is_the_same_door(spelling: str) -> None:
    read = parse_address(spelling)

    assert read and read.key == ("3", "2", "501")
    assert read.estate is None


@pytest.mark.parametrize(
    ("spelling", "estate"),
    [
        ("桃园小区3幢2单元501室", "桃园小区"),
        ("桃园小区 3 幢 2 单元 501 室", "桃园小区"),
        ("桃园社区桃园小区3幢2单元501", "桃园小区"),
        ("桃园小区（北区）3幢2单元501", "桃园小区(北区)"),
        ("桃园路12号3幢2单元501室", "桃园路12号"),
        ("陆家小区3-2-501", "陆家小区"),
    ],
)
def test_the_estate_is_told_apart_in_every_spelling(spelling: str, estate: str) -> None:
    read = parse_address(spelling)

    assert read and read.key == ("3", "2", "501")
    assert read.estate == estate
