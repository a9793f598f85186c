"""The monthly and year-end report says on paper what it says on the screen, and names no resident."""

from datetime import date, datetime

from grid.core.clock import ZONE

DAY = date(2026, 3, 9)
TODAY = date(2026, 11, 18)


def at(day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=ZONE)
