"""Saying why one must see restricted tags."""

from datetime import datetime, timedelta

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.db import db
from grid.register.models import TagAccess

OPEN_FOR = timedelta(minutes=30)


def ask_access(actor: Me, community_id: int, reason: str, at: datetime, person_id: int | None = None) -> TagAccess:
    """Open the restricted tags of a person, or the restricted ledgers of a community, to somebody for half an hour.

    The log's line names the person and never the door: the history on a household's page must not tell.
    """
    with audit.entry(actor, "ask_restricted", community_id=community_id, person_id=person_id, words=reason):
        access = TagAccess(
            community_id=community_id,
            user_id=actor.id,
            person_id=person_id,
            reason=reason,
            at=at,
            ends_at=at + OPEN_FOR,
        )
        db.session.add(access)
        db.session.flush()
    return access
