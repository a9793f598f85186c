"""Reading ID numbers: a doubt is told, nothing is guessed, nothing good is refused."""

from datetime import date

import pytest

from grid.register.id_numbers import PASSPORT, IdNumber, check_digit


def made(first17: str) -> str:
    return first17 + check_digit(first17)


GOOD = made("99010119900307123")


def test_a_good_number_tells_birth_and_sex_without_a_word() -> None:
    read = IdNumber.read(GOOD)

    assert read is not None
    assert (read.value, read.warnings) == (GOOD, ())
    assert (read.birth, read.sex, read.region) == (date(1990, 3, 7), "1", "990101")


@pytest.mark.parametrize(
    "cell",
    [f"'{GOOD}", f" {GOOD[:6]} {GOOD[6:14]} {GOOD[14:]} ", GOOD.translate({48 + n: 0xFF10 + n for n in range(10)})],
)
def test_apostrophes_spaces_and_full_width_are_not_part_of_it(cell: str) -> None:
    read = IdNumber.read(cell)

    assert read is not None
    assert read.value == GOOD


def test_a_small_x_is_a_check_digit() -> None:
    number = next(n for n in (made(f"9901011990030712{d}") for d in range(10)) if n.endswith("X"))
    read = IdNumber.read(number.lower())

    assert read is not None
    assert read.value == number


@pytest.mark.parametrize("cell", [9.90226200005e17, 990219195907271000, "9.90101E+17", "1.1010119900307e+17"])
def test_what_excel_destroyed_is_refused_and_says_why(cell: object) -> None:
    read = IdNumber.read(cell)

    assert read is not None
    assert read.value is None
    assert read.warnings


def test_a_wrong_check_digit_is_stored_with_a_warning() -> None:
    wrong = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")
    read = IdNumber.read(wrong)

    assert read is not None
    assert read.value == wrong
    assert len(read.warnings) == 1


def test_an_impossible_birth_date_is_told_and_not_used() -> None:
    read = IdNumber.read(made("99082019930231223"))

    assert read is not None
    assert read.value and read.warnings
    assert read.birth is None


def test_a_new_district_is_no_reason_to_refuse() -> None:
    read = IdNumber.read(made("33011819900307123"))

    assert read is not None
    assert read.value and not read.warnings


def test_an_unknown_province_is_only_a_warning() -> None:
    read = IdNumber.read(made("00011819900307123"))

    assert read is not None
    assert read.value and len(read.warnings) == 1


def test_fifteen_digits_become_eighteen() -> None:
    read = IdNumber.read("990116500408872")

    assert read is not None
    assert read.value == "990116195004088723"
    assert read.warnings


def test_other_papers_are_kept_as_what_they_are() -> None:
    read = IdNumber.read("E99123456")

    assert read is not None
    assert (read.value, read.kind) == ("E99123456", PASSPORT)
    assert read.birth is None


def test_a_wrong_length_is_not_stored() -> None:
    read = IdNumber.read("99082819850421793")

    assert read is not None
    assert read.value is None
    assert "17" in read.warnings[0]


def test_an_empty_cell_is_no_number() -> None:
    assert IdNumber.read(None) is None
    assert IdNumber.read("  ") is None
