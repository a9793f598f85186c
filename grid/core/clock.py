"""The one clock: views and commands ask it once and pass the answer on."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The committee's calendar day."""
    return datetime.now(ZONE).date()


def local(moment: datetime) -> datetime:
    """A stored moment on the committee's clock."""
    return moment.astimezone(ZONE)


def day_of(moment: datetime) -> date:
    """The committee's calendar day of a stored moment."""
    return local(moment).date()
