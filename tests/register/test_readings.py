"""The keys a name is found by."""

import time

import pytest

from grid.register.readings import SURNAMES, keys_of_name, query_key


def test_every_part_of_a_name_begins_a_key() -> None:
    keys = keys_of_name("王小明")

    assert {"王小明", "小明", "明", "wangxiaoming", "xiaoming", "ming", "wxm", "xm", "m"} <= keys


@pytest.mark.parametrize(
    ("name", "typed"),
    [("单雄信", "shan"), ("单雄信", "dan"), ("解晓东", "xie"), ("曾志伟", "zeng"), ("曾志伟", "ceng"), ("仇英", "qiu"),
     ("区伯", "ou"), ("朴树", "piao"), ("朴树", "pu"), ("翟天", "zhai"), ("盖聂", "ge"), ("盖聂", "gai"),
     ("么婷", "yao")],
)  # fmt: skip
def test_both_readings_of_a_surname_are_found(name: str, typed: str) -> None:
    assert any(key.startswith(typed) for key in keys_of_name(name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("欧阳娜", "ouyangna"), ("尉迟恭", "yuchigong"), ("长孙晨", "zhangsunchen"), ("单于明", "chanyuming")],
)
def test_compound_surnames_are_read_as_one(name: str, typed: str) -> None:
    assert typed in keys_of_name(name)


def test_lv_is_typed_in_three_ways() -> None:
    keys = keys_of_name("吕布")

    assert {"lvbu", "lubu"} <= keys


def test_dots_and_gaps_do_not_matter() -> None:
    keys = keys_of_name("帕提古丽·热依汗")

    assert query_key("帕提古丽•热依汗") in keys
    assert query_key("热依汗") in keys
    assert query_key(" Reyihan ") in keys


def test_rare_characters_are_found_by_themselves() -> None:
    assert "𠮷" in keys_of_name("王𠮷")


def test_no_key_is_wider_than_its_column() -> None:
    assert all(len(key) <= 60 for key in keys_of_name("帕" * 50))


def test_an_address_typed_into_the_finder_keeps_its_dashes() -> None:
    assert query_key("３-2-501") == "3-2-501"


def test_a_whole_roster_takes_less_than_two_seconds() -> None:
    surnames = list(SURNAMES)
    names = [f"{surnames[n % len(surnames)]}{chr(0x5000 + n % 500)}{chr(0x6000 + n % 700)}" for n in range(8600)]

    began = time.perf_counter()
    for name in names:
        keys_of_name(name)

    assert time.perf_counter() - began < 2
