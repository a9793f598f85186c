"""联系规则: how often a tag asks that its people are seen, which visits settle that, and how late it is on a day.

The next day is never stored. It follows from the visits, so that a visit taken back, a move or another rule for
a tag changes it by itself.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from grid.core.clock import day_of
from grid.core.moments import LocalDay
from grid.register.models import Residency, Tag
from grid.visits.models import Visit, VisitPerson

OVERDUE, DUE, EARLY = "overdue", "due", "early"
# Shown so many days before.
CONTACT_AHEAD = UNVISITED_AHEAD = 7
PROMISE_AHEAD = 3
# A carrier of whom no day is known at all is overdue.
EARLIEST = date(1970, 1, 1)

IN_PERSON = ("visit", "talk", "comfort", "check")
# What a rule asks for → the kinds of visit that settle it; other rules are settled by any.
SETTLED_BY = {"visit": IN_PERSON, "check": IN_PERSON, "talk": ("talk",), "comfort": ("comfort",)}


def next_contact(last: date | None, since: date | None, from_on: date | None, every_days: int) -> date:
    """Counted from the last settling visit since the person lives there, else from the tag, else from the move."""
    if last is None or (from_on is not None and last < from_on):
        last = since or from_on or EARLIEST
    return last + timedelta(days=every_days)


def lateness(day: date, due_on: date, ahead: int, grace: int = 0) -> str | None:
    """Early, due or overdue on a day; None while it is further ahead than is shown."""
    days = (day - due_on).days
    if days < 0:
        return EARLY if days >= -ahead else None
    return DUE if days <= grace else OVERDUE


def is_kept(made_at: datetime, due_on: date, met_at: datetime | None) -> bool:
    """Whether a promise is settled by the last visit that found somebody, made after it and when 今天 shows it."""
    return met_at is not None and met_at > made_at and due_on <= kept_until(met_at)


def kept_until(met_at: datetime) -> date:
    """A visit that finds somebody settles the promises up to this day."""
    return day_of(met_at) + timedelta(days=PROMISE_AHEAD)


def last_contact() -> Any:
    """The day of the last visit to a resident's door that settles a tag's rule, beside Residency and Tag.

    It found somebody and was of a kind that fits. A talk is with a person: where one is asked for, a visit that names
    whom it met settles theirs alone. A family visited is visited for the child that slept.
    """
    settling = or_(
        Tag.contact_kind.is_(None),
        Tag.contact_kind.not_in(tuple(SETTLED_BY)),
        *(and_(Tag.contact_kind == asked, Visit.kind.in_(kinds)) for asked, kinds in SETTLED_BY.items()),
    )
    met = exists().where(VisitPerson.visit_id == Visit.id).correlate(Visit, Residency)
    return (
        select(LocalDay(func.max(Visit.at)))
        .where(
            Visit.household_id == Residency.household_id,
            Visit.found == "home",
            Visit.deleted_at.is_(None),
            settling,
            or_(
                func.coalesce(Tag.contact_kind, "") != "talk",
                ~met,
                met.where(VisitPerson.person_id == Residency.person_id),
            ),
        )
        .correlate(Residency, Tag)
        .scalar_subquery()
    )
