"""Writing targets and typed figures: always an administrator, always in one community."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grid.accounts import audit, receipts
from grid.accounts.models import Me, Scope
from grid.accounts.receipts import Slip
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.ledgers.figures import targets
from grid.ledgers.models import HandFigure, Target
from grid.ledgers.target_defaults import DEFAULTS
from grid.register.models import Community


@dataclass(frozen=True)
class TargetEntry:
    indicator: str
    plan: str
    comparator: str
    value: float
    words: str | None = None


@dataclass(frozen=True)
class HandEntry:
    """A figure from elsewhere; `denominator` is None where it is a count."""

    slip: Slip
    indicator: str
    as_of: date
    numerator: float
    denominator: float | None = None
    origin: str | None = None


def target_or_404(scope: Scope, public_id: str) -> Target:
    found = db.session.scalar(select(Target).where(Target.public_id == public_id, Target.deleted_at.is_(None)))
    if found is None or not scope.allows(found.community_id):
        raise Missing
    return found


def put_in_defaults(actor: Me, community_id: int, year: int) -> int:
    """Those of the plans that are not there yet; how many they were."""
    with audit.entry(actor, "put_in_targets", community_id=community_id, words=str(year)):
        db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())
        there = {(target.plan, target.indicator) for target in targets(community_id, year)}
        missing = [
            Target(
                community_id=community_id,
                year=year,
                plan=plan,
                indicator=key,
                comparator=comparator,
                value=value,
                words=_(words),
            )
            for plan, key, comparator, value, words in DEFAULTS
            if (plan, key) not in there
        ]
        db.session.add_all(missing)
        return len(missing)


def add_target(actor: Me, community_id: int, year: int, slip: Slip, entry: TargetEntry) -> Target:
    """Raises receipts.AlreadyDone where it came before."""
    with audit.entry(actor, "add_target", community_id=community_id, words=f"{year} {entry.indicator}"):
        receipts.claim(actor, slip.key, slip.said)
        target = Target(community_id=community_id, year=year, **vars(entry))
        db.session.add(target)
        db.session.flush()
        receipts.answer(slip.key, target.public_id)
        return target


def edit_target(actor: Me, target: Target, version: int, entry: TargetEntry) -> None:
    with audit.entry(actor, "edit_target", community_id=target.community_id, words=f"{target.year} {entry.indicator}"):
        held = _held(target, version)
        held.indicator, held.plan, held.comparator = entry.indicator, entry.plan, entry.comparator
        held.value, held.words = entry.value, entry.words
        held.version += 1


def take_away_target(actor: Me, target: Target, version: int) -> None:
    with audit.entry(
        actor, "take_away_target", community_id=target.community_id, words=f"{target.year} {target.indicator}"
    ):
        _held(target, version).deleted_at = now()


def _held(target: Target, version: int) -> Target:
    """The row locked, if nobody changed it meanwhile."""
    held = db.session.get_one(Target, target.id, with_for_update=True, populate_existing=True)
    if held.version != version or held.deleted_at is not None:
        raise Refused(_("这条目标刚被别人改过。请看现在的样子，再决定要不要改。"), "value")
    return held


def enter_figure(actor: Me, community_id: int, entry: HandEntry) -> None:
    """Nothing is overwritten: the newest of a year counts, the others are its history."""
    with audit.entry(actor, "enter_figure", community_id=community_id, words=entry.indicator):
        receipts.claim(actor, entry.slip.key, entry.slip.said)
        db.session.add(
            HandFigure(
                community_id=community_id,
                indicator=entry.indicator,
                as_of=entry.as_of,
                numerator=entry.numerator,
                denominator=entry.denominator,
                origin=entry.origin,
                entered_by=actor.id,
            )
        )
        receipts.answer(entry.slip.key, "entered")
