"""The floating register as an import compares it."""

from collections import defaultdict

from sqlalchemy import select

from grid.core.db import db
from grid.exchange.queries import Known
from grid.register.models import Floating

FIELDS = (
    "direction",
    "reason",
    "permit_kind",
    "permit_no",
    "registered_on",
    "expires_on",
    "dwelling_kind",
    "employed_by",
    "rented_by",
    "went_to",
    "left_on",
    "left_reason",
)


def registrations(community_id: int) -> dict[int, list[Known]]:
    """All of each person, by the person's id, the oldest first."""
    found: dict[int, list[Known]] = defaultdict(list)
    columns = [getattr(Floating, name) for name in FIELDS]
    for person_id, id_, *facts in db.session.execute(
        select(Floating.person_id, Floating.id, *columns)
        .where(Floating.community_id == community_id)
        .order_by(Floating.id)
    ):
        found[person_id].append(Known(id_, dict(zip(FIELDS, facts, strict=True))))
    return found
