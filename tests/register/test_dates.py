"""Reading dates in every spelling a roster holds."""

from datetime import date, datetime

import pytest

from grid.register.dates import read_birth, read_date


@pytest.mark.parametrize(
    "cell",
    ["1990.1.1", "1990-01-01", "19900101", 19900101, "1990年1月1日", "1990/1/1", 32874, 32874.0, "32874",
     datetime(1990, 1, 1), date(1990, 1, 1), "１９９０．１．１", "1990-01-01 08:30", "1990 年 1 月 1 日"],
)  # fmt: skip
def test_every_spelling_is_the_same_day(cell: object) -> None:
    read = read_date(cell)

    assert read is not None
    assert read.day == date(1990, 1, 1), read


@pytest.mark.parametrize("cell", ["1990年1月", "1990.1", "1990-01", 1990.1, "199001"])
def test_a_month_without_a_day_stays_half(cell: object) -> None:
    read = read_date(cell)

    assert read is not None
    assert (read.day, read.partial) == (None, "1990-01")
    assert read.warning


@pytest.mark.parametrize("cell", ["1990.2.30", "1990-13-01", "不详", "99.1", -5])
def test_a_date_that_does_not_exist_is_told(cell: object) -> None:
    read = read_date(cell)

    assert read is not None
    assert read.day is None
    assert read.warning


def test_a_date_without_a_year_takes_that_of_its_sheet() -> None:
    read = read_date("11月13日", year=2026)

    assert read is not None
    assert read.day == date(2026, 11, 13)


def test_nobody_is_born_tomorrow() -> None:
    read = read_birth("2062-03-01", today=date(2026, 11, 23))

    assert read is not None
    assert read.day is None
    assert read.warning
