"""Receipts: a field entry sent twice is stored once and gets the same answer."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grid.accounts.models import Me, Receipt
from grid.core.clock import now
from grid.core.db import db, row, run
from grid.core.i18n import gettext as _
from grid.core.personal import keyed_hash
from grid.core.refusals import Refused

# The phone that sends the present request, as it names itself; the web sets it.
device: ContextVar[str] = ContextVar("device", default="")


class AlreadyDone(Exception):
    """The same entry came before; `answer` is where it led."""

    def __init__(self, answer: str) -> None:
        self.answer = answer


class KeyReused(Refused):
    """The same key came before with other words."""

    def __init__(self) -> None:
        super().__init__(_("这张表单已经存过一次，内容却不一样。要另存一条，请再按一次按钮。"), "key")


@dataclass(frozen=True)
class Slip:
    """What makes an entry one entry: the client-made key, and the fingerprint of its words."""

    key: str
    said: str


def fingerprint(words: Mapping[str, Any]) -> str:
    """What an entry said, without the parts that differ at each sending (CSRF token).

    Keyed, because of some entries the words have to be gone one day: few enough are possible to try them all.
    """
    said = {k: v for k, v in words.items() if k != "csrf_token"}
    return keyed_hash("said", json.dumps(said, sort_keys=True, ensure_ascii=False))


def claim(actor: Me, key: str, said: str) -> None:
    """Take `key` for this entry inside its transaction, or raise what happened to it before.

    A second sending that arrives meanwhile waits here for the first one's commit.
    """
    taking = _take[db.session.connection().dialect.name]
    given = {"user_id": actor.id, "device": device.get(), "fingerprint": said, "answer": "", "at": now()}
    if row(taking, key=key, **given) is not None:
        return
    before = db.session.execute(
        select(Receipt.user_id, Receipt.fingerprint, Receipt.answer).where(Receipt.key == key)
    ).one()
    if before.fingerprint != said or before.user_id != actor.id:
        raise KeyReused
    raise AlreadyDone(before.answer)


def answer(key: str, where: str) -> None:
    """Keep what the entry led to, for a second sending."""
    run(_answer, of=key, where=where)


_take = {
    "sqlite": sqlite.insert(Receipt).on_conflict_do_nothing().returning(Receipt.key),
    "postgresql": postgresql.insert(Receipt).on_conflict_do_nothing().returning(Receipt.key),
}
_answer = update(Receipt).where(Receipt.key == bindparam("of")).values(answer=bindparam("where"))
