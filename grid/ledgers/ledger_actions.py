"""Defining a community's own ledgers, and opening a restricted one."""

from dataclasses import dataclass, field
from typing import Any

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.ledgers.models import LedgerDefinition
from grid.register.models import TagAccess
from grid.tags.access_actions import OPEN_FOR


@dataclass(frozen=True)
class DefinitionEntry:
    """A ledger as an administrator put it together."""

    title: str
    source: str
    columns: tuple[str, ...]
    filter: dict[str, Any] = field(default_factory=dict)
    period: str | None = None
    signatures: tuple[str, ...] = ()
    slip: receipts.Slip | None = None
    version: int = 1


def define(actor: Me, community_id: int, entry: DefinitionEntry) -> LedgerDefinition:
    with audit.entry(actor, "define_ledger", community_id=community_id, words=entry.title):
        if entry.slip:
            receipts.claim(actor, entry.slip.key, entry.slip.said)
        made = LedgerDefinition(community_id=community_id, source=entry.source, made_by=actor.id)
        _write(made, entry)
        db.session.add(made)
        db.session.flush()
        if entry.slip:
            receipts.answer(entry.slip.key, made.public_id)
    return made


def redefine(actor: Me, row: LedgerDefinition, entry: DefinitionEntry) -> None:
    with audit.entry(actor, "redefine_ledger", community_id=row.community_id, words=entry.title):
        db.session.refresh(row, with_for_update=True)
        if row.version != entry.version:
            raise Refused(_("这本台账刚刚被别人改过。请重新打开，看看最新的样子再改。"), "title")
        _write(row, entry)
        row.version += 1


def _write(row: LedgerDefinition, entry: DefinitionEntry) -> None:
    row.title, row.period = entry.title, entry.period
    row.columns, row.signatures = list(entry.columns), list(entry.signatures)
    row.filter = dict(entry.filter)


def take_away(actor: Me, row: LedgerDefinition) -> None:
    """Only the definition goes: the rows it showed are where they were."""
    with audit.entry(actor, "take_away_ledger", community_id=row.community_id, words=row.title):
        row.deleted_at = now()


def open_restricted(actor: Me, community_id: int, reason: str) -> None:
    with audit.entry(actor, "open_restricted_ledger", community_id=community_id, words=reason):
        db.session.add(
            TagAccess(community_id=community_id, user_id=actor.id, reason=reason[:100], ends_at=now() + OPEN_FOR)
        )
