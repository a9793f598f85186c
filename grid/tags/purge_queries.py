"""Which tags taken off are not to be kept any longer."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select

from grid.core.db import db
from grid.register.models import PersonTag, Tag

# Until when a restricted tag was carried whose time is over: nothing is left of it but that old talks stay closed.
SPENT = date.min


class Expired(NamedTuple):
    id: int
    is_restricted: bool


def expired(day: date) -> dict[int, list[Expired]]:
    """Community → the rows whose time is over on a day. An access that is over stays: it is evidence."""
    found: defaultdict[int, list[Expired]] = defaultdict(list)
    kept = db.session.execute(
        select(PersonTag.id, PersonTag.community_id, PersonTag.until, Tag.retention_days, Tag.restricted)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(Tag.retention_days.is_not(None), PersonTag.until <= day, PersonTag.until > SPENT)
        .order_by(PersonTag.id)
    )
    for row_id, community_id, until, days, is_restricted in kept:
        if until and days and until + timedelta(days=days) <= day:
            found[community_id].append(Expired(row_id, is_restricted))
    return found
