"""What the tests of 今天 begin with: visits of some days ago, and tags that ask for contact."""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from grid.accounts.models import Me
from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.register.models import Household, Person, PersonTag, Tag
from grid.register.summaries import refresh_members
from grid.today.queries import today_of
from grid.visits.models import Visit, VisitPerson
from grid.visits.summaries import refresh_visits


def days_ago(n: int) -> date:
    return today() - timedelta(days=n)


def visit(door: Household, by: Me, ago: int, kind: str = "visit", met: tuple[Person, ...] = (), **facts: Any) -> Visit:
    """Somebody was found at nine in the morning, unless `facts` say otherwise."""
    at = datetime.combine(days_ago(ago), time(9), ZONE)
    given = {"found": "home", "at": at, "recorded_at": at, "kind": kind, **facts}
    made = Visit(community_id=door.community_id, household_id=door.id, worker_id=by.id, **given)
    db.session.add(made)
    db.session.flush()
    db.session.add_all(VisitPerson(visit_id=made.id, person_id=person.id) for person in met)
    db.session.flush()
    refresh_visits([door.id])
    db.session.commit()
    return made


def carry(person: Person, every: int, kind: str | None = "visit", grace: int = 0, **facts: Any) -> PersonTag:
    """Give somebody a tag of their own with a rule; without `since` only the move-in of 2020 is known."""
    tag = Tag(
        community_id=person.community_id,
        code=f"rule-{next(_number)}",
        label=facts.pop("label", "甲类"),
        group="care",
        restricted=facts.pop("restricted", False),
        contact_every_days=every,
        contact_kind=kind,
        grace_days=grace,
    )
    db.session.add(tag)
    db.session.flush()
    carried = PersonTag(community_id=person.community_id, person_id=person.id, tag_id=tag.id, **facts)
    db.session.add(carried)
    refresh_members(community_id=person.community_id)
    db.session.commit()
    return carried


_number = count(1)


def why(reader: Me, code: str, restricted: bool = True, day: date | None = None) -> list[tuple[Any, ...]]:
    """State, kind, days, what is asked and of how many, for one door."""
    found = today_of(reader.scope, reader.id, day or today(), restricted)
    return [tuple(reason)[:5] for line in found.lines if line.code == code for reason in line.reasons]


def codes(reader: Me, day: date | None = None) -> list[str]:
    return [line.code for line in today_of(reader.scope, reader.id, day or today(), restricted=True).lines]
