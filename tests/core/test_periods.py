"""Weeks, months, quarters and years as a committee counts them."""

from datetime import UTC, date, datetime

import pytest

from grid.core.periods import KINDS, period_of, read_period


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_lies_in_its_period_and_the_key_leads_back(kind: str) -> None:
    for day in (date(2026, 1, 1), date(2024, 2, 29), date(2026, 11, 24), date(2026, 12, 31)):
        found = period_of(kind, day)

        assert found.start <= day <= found.end
        assert read_period(found.key) == found
        assert found.after.before == found and found.before.end < found.start


def test_a_year_parts_into_its_months_quarters_and_mondays() -> None:
    year = period_of("year", date(2026, 5, 1))

    assert [month.key for month in year.parts("month")][::11] == ["2026-01", "2026-12"]
    assert len(year.parts("quarter")) == 4
    assert {week.start.weekday() for week in year.parts("week")} == {0} and len(year.parts("week")) == 52


def test_moments_are_the_committees_midnights() -> None:
    first, past = period_of("month", date(2026, 11, 24)).moments

    assert first.astimezone(UTC) == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert past.astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_only_what_has_passed_counts() -> None:
    month = period_of("month", date(2026, 11, 24))

    assert month.until(date(2026, 11, 24)).end == date(2026, 11, 24)
    assert month.until(date(2026, 12, 24)) == month


@pytest.mark.parametrize("wrong", ["", None, "2026-13", "2026-W54", "2026-Q5", "nothing", "0001", "9999-01"])
def test_what_is_no_period_is_none(wrong: str | None) -> None:
    assert read_period(wrong) is None
