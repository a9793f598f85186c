"""The one clock: views and commands ask it once and pass the answer on."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


# How long a phone kept the present entry before it could be sent; the web sets it.
kept_for: ContextVar[timedelta] = ContextVar("kept_for", default=timedelta())


def made_at() -> datetime:
    """When the present entry was made: now, or as long ago as the phone that kept it says."""
    return now() - kept_for.get()


def today() -> date:
    """The committee's calendar day."""
    return datetime.now(ZONE).date()


def local(moment: datetime) -> datetime:
    """A stored moment on the committee's clock."""
    return moment.astimezone(ZONE)


def day_of(moment: datetime) -> date:
    """The committee's calendar day of a stored moment."""
    return local(moment).date()
