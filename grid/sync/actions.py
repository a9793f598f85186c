"""对账: the phone's count beside the server's."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from grid.accounts.models import Me, Phone
from grid.core.db import db, small_write
from grid.core.ids import public_id
from grid.sync import queries
from grid.sync.models import UNSENT, Reckoning, Verdict

# A phone drops what is older than eight days; a day less, so that a clock that is slow names nothing.
LOOKS_BACK = timedelta(days=7)


def hash_of(keys: Iterable[str]) -> str:
    """SHA-256 of the sorted keys, joined by line feeds: the same on the phone (static/js/reckoning.js)."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


def reckon(worker: Me, told: Reckoning, at: datetime) -> Verdict:
    """Compare, and keep the phone's last word for whoever looks after the workers."""
    known = {entry.key for entry in told.entries}
    delivered = {entry.key for entry in told.entries if entry.state == "delivered"}
    held = queries.keys_held(worker.id, known)
    unknown = queries.keys_from(worker.id, told.device, _since(told, at)) - known
    stored = held | unknown
    verdict = Verdict(
        held=tuple(sorted(held)),
        only_phone=tuple(sorted(delivered - held)),
        only_server=tuple(sorted(stored - delivered)),
        hash=hash_of(stored),
    )
    _keep(worker, told, verdict, at)
    return verdict


def _since(told: Reckoning, at: datetime) -> datetime:
    """From the phone's first entry on: what it sent before it was wiped is not missing."""
    first = min((entry.made_at for entry in told.entries), default=at)
    return max(first, at - LOOKS_BACK)


def _keep(worker: Me, told: Reckoning, verdict: Verdict, at: datetime) -> None:
    labels = {entry.key: entry.label for entry in told.entries}
    unsent = [entry.made_at for entry in told.entries if entry.state in UNSENT]
    words: dict[str, Any] = {
        "name": told.name,
        "made": len(told.entries),
        "delivered": told.count("delivered"),
        "waiting": told.count("waiting", "login"),
        "returned": told.count("returned", "clash"),
        "stuck_since": min(unsent, default=None),
        "phone_hash": told.hash,
        "server_hash": verdict.hash,
        "differ": [{"key": key, "label": labels.get(key, ""), "state": "only_phone"} for key in verdict.only_phone]
        + [{"key": key, "label": labels.get(key, ""), "state": "only_server"} for key in verdict.only_server],
        "reported_at": at,
    }
    whose = {"user_id": worker.id, "device": told.device}
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    keep = insert(Phone).values(public_id=public_id(), **whose, **words)
    db.session.rollback()
    with small_write() as connection:
        connection.execute(keep.on_conflict_do_update(index_elements=list(whose), set_=words))
