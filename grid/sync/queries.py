"""Reading the receipts of one person's phone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from grid.accounts.models import Receipt
from grid.core.db import batches, db


def keys_held(user_id: int, keys: Collection[str]) -> set[str]:
    """Which of these entries of a person the server has stored."""
    held: set[str] = set()
    asked = sorted(keys)
    for part in batches(asked):
        held |= set(db.session.scalars(select(Receipt.key).where(Receipt.user_id == user_id, Receipt.key.in_(part))))
    return held


def keys_from(user_id: int, device: str, since: datetime) -> set[str]:
    """What the server has stored from a phone since a moment."""
    found = select(Receipt.key).where(Receipt.user_id == user_id, Receipt.device == device, Receipt.at >= since)
    return set(db.session.scalars(found))
