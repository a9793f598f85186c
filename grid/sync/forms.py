"""What a phone tells of its outbox, as JSON."""

from datetime import UTC, datetime, timedelta
from typing import Any

from grid.core.forms import tidy
from grid.sync.answers import MADE_UP
from grid.sync.models import STATES, Counted, Reckoning

MOST = 5000


class NotAReckoning(ValueError):
    """Not what a phone of ours says."""


def reckoning(told: Any, at: datetime) -> Reckoning:
    """A phone whose clock is ahead has made nothing after `at`."""
    try:
        entries = tuple(_counted(line, at) for line in told["entries"])
        device, name, hash_ = told["device"], tidy(str(told.get("name", "")))[:60], str(told.get("hash", ""))[:64]
    except (KeyError, TypeError, ValueError, OverflowError) as wrong:
        raise NotAReckoning from wrong
    if len(entries) > MOST or not isinstance(device, str) or not MADE_UP.fullmatch(device):
        raise NotAReckoning
    return Reckoning(device[:36], name, tuple({entry.key: entry for entry in entries}.values()), hash_)


def _counted(line: Any, at: datetime) -> Counted:
    key, state, label, made_at = line
    if not isinstance(key, str) or not MADE_UP.fullmatch(key) or state not in STATES:
        raise NotAReckoning
    moment = datetime.fromisoformat(str(made_at))
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return Counted(key, state, tidy(str(label))[:80], min(max(moment, at - timedelta(days=400)), at))
