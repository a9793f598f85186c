"""The stretches of time in which a committee counts: a week from Monday, a month, a quarter, a year."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from grid.core.clock import ZONE
from grid.core.i18n import gettext as _

KINDS = ("week", "month", "quarter", "year")
_KEY = re.compile(r"(?P<year>\d{4})(?:-(?P<part>W\d{2}|Q[1-4]|\d{2}))?")


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included. `key` stands in addresses: 2026-W47, 2026-11, 2026-Q4, 2026."""

    kind: str
    start: date
    end: date

    @property
    def key(self) -> str:
        year, week, _day = self.start.isocalendar()
        return {
            "week": f"{year}-W{week:02d}",
            "month": f"{self.start:%Y-%m}",
            "quarter": f"{self.start.year}-Q{(self.start.month + 2) // 3}",
            "year": f"{self.start.year}",
        }[self.kind]

    @property
    def title(self) -> str:
        year, month = self.start.year, self.start.month
        if self.kind == "week":
            return _("%(start)s 至 %(end)s", start=self.start.isoformat(), end=self.end.isoformat())
        if self.kind == "month":
            return _("%(year)s年%(month)s月", year=year, month=month)
        if self.kind == "quarter":
            return _("%(year)s年第%(quarter)s季度", year=year, quarter=(month + 2) // 3)
        return _("%(year)s年", year=year)

    @property
    def before(self) -> "Period":
        return period_of(self.kind, self.start - timedelta(days=1))

    @property
    def after(self) -> "Period":
        return period_of(self.kind, self.end + timedelta(days=1))

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """For columns of moments: at or after the first, before the second."""
        return _midnight(self.start), _midnight(self.end + timedelta(days=1))

    def until(self, day: date) -> "Period":
        """As much of it as has passed on a day; one that has not begun stays whole."""
        return Period(self.kind, self.start, day) if self.start <= day < self.end else self

    def parts(self, kind: str) -> "list[Period]":
        """The shorter periods that begin in it."""
        first = period_of(kind, self.start)
        found = [first if first.start >= self.start else first.after]
        while found[-1].after.start <= self.end:
            found.append(found[-1].after)
        return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def period_of(kind: str, day: date) -> Period:
    """The week, month, quarter or year in which a day lies."""
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    first, months = {
        "month": (day.month, 1),
        "quarter": ((day.month + 2) // 3 * 3 - 2, 3),
        "year": (1, 12),
    }[kind]
    start = date(day.year, first, 1)
    following = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return Period(kind, start, following - timedelta(days=1))


def read_period(key: str | None) -> Period | None:
    """The period of a key as addresses have it; None where it is none."""
    found = _KEY.fullmatch(key or "")
    if found is None or not 1900 <= int(found["year"]) <= 2200:
        return None
    year, part = int(found["year"]), found["part"]
    try:
        if not part:
            return period_of("year", date(year, 1, 1))
        if part[0] == "W":
            return period_of("week", date.fromisocalendar(year, int(part[1:]), 1))
        if part[0] == "Q":
            return period_of("quarter", date(year, int(part[1]) * 3, 1))
        return period_of("month", date(year, int(part), 1))
    except ValueError:
        return None
