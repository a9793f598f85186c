"""Which tags taken off are not to be kept any longer."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import select

from grid.core.db import db
from grid.register.models import PersonTag, Tag


def expired(day: date) -> dict[int, list[int]]:
    """Community → the rows whose time is over on a day. An access that is over stays: it is evidence."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    kept = db.session.execute(
        select(PersonTag.id, PersonTag.community_id, PersonTag.until, Tag.retention_days)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(Tag.retention_days.is_not(None), PersonTag.until <= day)
        .order_by(PersonTag.id)
    )
    for row_id, community_id, until, days in kept:
        if until and days and until + timedelta(days=days) <= day:
            found[community_id].append(row_id)
    return found
