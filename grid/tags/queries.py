"""Who may see restricted tags at present: whoever said why, for half an hour."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from grid.core.db import db
from grid.register.models import TagAccess

_ends = select(func.max(TagAccess.ends_at)).where(
    TagAccess.user_id == bindparam("user_id"), TagAccess.ends_at > bindparam("at")
)
_of_person = _ends.where(TagAccess.person_id == bindparam("person_id"))
_of_ledger = _ends.where(TagAccess.person_id.is_(None), TagAccess.community_id == bindparam("community_id"))


def access_until(user_id: int, person_id: int, at: datetime) -> datetime | None:
    """Until when somebody may see the restricted tags of a person; None where they have to say why first."""
    return _moment(_of_person, user_id=user_id, person_id=person_id, at=at)


def ledger_access_until(user_id: int, community_id: int, at: datetime) -> datetime | None:
    """The same of the restricted ledgers of a community."""
    return _moment(_of_ledger, user_id=user_id, community_id=community_id, at=at)


def _moment(statement: Any, **given: Any) -> datetime | None:
    found: datetime | None = db.session.execute(statement, given).scalar()
    return found


def has_access(user_id: int, person_id: int, at: datetime) -> bool:
    """Whether somebody has said why they must see the restricted tags of a person, and the half hour is not over."""
    return access_until(user_id, person_id, at) is not None


def has_ledger_access(user_id: int, community_id: int, at: datetime) -> bool:
    """The same of the restricted ledgers of a community."""
    return ledger_access_until(user_id, community_id, at) is not None
