"""Reading dates in every spelling a roster holds."""

from datetime import date, datetime

import pytest

from grid.register.dates import DateReading, read_birth, read_date


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


@pytest.mark.parametrize(
    "spelling",
    [
        "２０２１年３月５日",
        "二〇二一年三月五日",
        "二○二一年三月五日",
        "2021年三月五日",
        "2021年03月05号",
        "2021年3月5",
        "2021 3 5",
        "2021. 3. 5",
        "2021，3，5",
        "2021、3、5",
        "2021。3。5",
        "2021—3—5",
        "2021..3.5",
        "2021年3月5日生",
        "2021-3-5 08:00",
        "'2021-03-05",
        "20210305",
        20210305,
        20210305.0,
        44260,
        44260.0,
        "44260",
    ],
)
def test_every_further_spelling_is_the_fifth_of_march(spelling: object) -> None:
    assert read_date(spelling) == DateReading(date(2021, 3, 5))


@pytest.mark.parametrize("spelling", ["21.3.5", "21-3-5", "21/3/5", "21年3月5日", "２１．３．５"])
def test_a_year_of_two_digits_is_read_and_said(spelling: str) -> None:
    read = read_date(spelling)

    assert read
    assert read.day == date(2021, 3, 5)
    assert "2021" in (read.warning or "")


def test_a_year_of_two_digits_may_be_of_the_last_century() -> None:
    read = read_date("90.1.1")

    assert read and read.day == date(1990, 1, 1)


@pytest.mark.parametrize(
    "spelling", ["2021年3月", "2021.3", "202103", "2021-03", "2021年3月份", "2021年3月底", "2021年三月"]
)
def test_a_month_in_every_spelling_stays_a_month(spelling: str) -> None:
    read = read_date(spelling)

    assert read and (read.day, read.partial) == (None, "2021-03")


@pytest.mark.parametrize("spelling", ["5/3/2021", "Mar 5, 2021", "2021年3月5日（农历）", "不详", "至今", "12:30"])
def test_what_could_be_two_days_is_not_guessed(spelling: str) -> None:
    read = read_date(spelling)

    assert read and read.day is None and read.warning
