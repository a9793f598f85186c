"""对账 for whoever looks after the workers: the last word of each phone, and since when a queue is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from grid.accounts.models import Patch, Phone, Scope, User, in_force
from grid.core.clock import day_of, now
from grid.core.db import db
from grid.staff.queries import holds_elsewhere

# A phone that has said nothing for so long is not waited for any more.
FORGOTTEN = timedelta(days=30)
# Phones say something whenever a page opens; entries that lie longer than this need somebody's help.
STUCK = timedelta(hours=12)


@dataclass(frozen=True)
class Unsent:
    entries: int
    since: datetime | None


def unsent_of(user_id: int) -> Unsent | None:
    """What lies in somebody's phones, as they last said; None where nothing does."""
    lying = (
        select(func.sum(Phone.waiting + Phone.returned), func.min(Phone.stuck_since))
        .where(Phone.user_id == user_id, Phone.reported_at > now() - FORGOTTEN)
        .where(Phone.waiting + Phone.returned > 0)
    )
    entries, since = db.session.execute(lying).one()
    return Unsent(int(entries), since) if entries else None


@dataclass(frozen=True)
class PhoneLine:
    """One phone beside the server."""

    who: str
    user: str
    phone: str
    made: int
    delivered: int
    waiting: int
    returned: int
    stuck_since: datetime | None
    phone_hash: str
    server_hash: str
    differ: tuple[dict[str, Any], ...]
    reported_at: datetime

    @property
    def agrees(self) -> bool:
        return not self.differ and self.phone_hash == self.server_hash

    def is_stuck(self, at: datetime) -> bool:
        return self.stuck_since is not None and at - self.stuck_since > STUCK


def phones_in(scope: Scope, community_id: int, at: datetime) -> list[PhoneLine]:
    """The phones of all who work today in a community that is known to be in scope: what needs help first.

    Which door an entry is about is told only of those who worked nowhere else while the phone is not forgotten.
    """
    works_here = select(Patch.user_id).where(Patch.community_id == community_id, in_force(day_of(at)))
    found = db.session.execute(
        select(
            User.name,
            User.public_id,
            Phone.name,
            Phone.made,
            Phone.delivered,
            Phone.waiting,
            Phone.returned,
            Phone.stuck_since,
            Phone.phone_hash,
            Phone.server_hash,
            Phone.differ,
            Phone.reported_at,
            holds_elsewhere(scope, Phone.user_id, day_of(at - FORGOTTEN)),
        )
        .join(User, User.id == Phone.user_id)
        .where(Phone.user_id.in_(works_here), Phone.reported_at > at - FORGOTTEN, User.is_active)
        .order_by(User.name, Phone.id)
    ).all()
    lines = [PhoneLine(*row[:10], tuple(_unlabelled(row[10]) if row[12] else row[10]), row[11]) for row in found]
    return sorted(lines, key=lambda line: (line.agrees, line.stuck_since is None, line.stuck_since or at))


def _unlabelled(differ: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """They may be about doors where the reader has no say: shown by their keys."""
    return [{**one, "label": ""} for one in differ]
