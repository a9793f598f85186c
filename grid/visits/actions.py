"""Recording visits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.core.clock import day_of, now, today
from grid.core.db import db, row, run
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Household, Person, Residency
from grid.register.queries import Door
from grid.visits.contact_rules import is_kept, kept_until
from grid.visits.models import IS_OPEN, Visit, VisitPerson, VisitPhoto, VisitWorker
from grid.visits.pictures import Picture
from grid.visits.queries import colleagues
from grid.visits.summaries import refresh_visits, refresh_visits_to


@dataclass(frozen=True)
class VisitEntry:
    """What was said of one visit. `key` is the client-made UUID, `said` the fingerprint of the words.

    `case` is the kind of case its needs are to become, `photos` lie in the album already.
    """

    key: str
    said: str
    at: datetime
    found: str
    kind: str = "visit"
    topics: tuple[str, ...] = ()
    content: str | None = None
    needs: str | None = None
    due_on: date | None = None
    met: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    gift: str | None = None
    case: str | None = None
    photos: tuple[Picture, ...] = ()


# `cases` lies above visits and appends here what makes a case of a need, in the same transaction: visit id, entry.
handed_on: list[Callable[[Me, Door | Household, int, VisitEntry], None]] = []


def record_visit(visitor: Me, household: Door | Household, entry: VisitEntry) -> str:
    """Store a visit once, however often it is sent, and give its public id; raises receipts.AlreadyDone or KeyReused.

    It settles the promises to this door that 今天 showed on its day, whoever made them; one that arrives late may bring
    a promise that was kept already.
    """
    _refuse_nonsense(entry)
    community_id, household_id = household.community_id, household.id
    with audit.entry(visitor, "record_visit", community_id=community_id, household_id=household_id):
        receipts.claim(visitor, entry.key, entry.said)
        # Lock the door first, so that two visits at once can't leave its summary wrong.
        row(_lock, of=household_id)
        if entry.found == "home":
            run(_keep_promises, to=household_id, until=kept_until(entry.at), before=entry.at)
        made = row(
            _add,
            community_id=community_id,
            household_id=household_id,
            worker_id=visitor.id,
            at=entry.at,
            kind=entry.kind,
            found=entry.found,
            topics=list(entry.topics),
            content=entry.content,
            needs=entry.needs,
            gift=entry.gift,
            due_on=entry.due_on,
            closed=entry.due_on is not None and is_kept(entry.at, entry.due_on, _met_last(household_id)),
        )
        assert made
        visit_id, public_id = made
        _note_met(visit_id, household_id, entry.met)
        _note_along(visitor, visit_id, community_id, entry.participants)
        _note_photos(visit_id, community_id, entry.photos)
        refresh_visits_to(household_id)
        _hand_on(visitor, household, visit_id, entry)
        receipts.answer(entry.key, public_id)
    return str(public_id)


def _refuse_nonsense(entry: VisitEntry) -> None:
    if entry.at > now():
        raise Refused(_("走访时间还没到：以前的可以补记，以后的不行。"), "at")
    if entry.due_on and entry.due_on <= day_of(entry.at):
        raise Refused(_("下次走访要在这次之后。"), "due_on")
    if entry.gift and entry.kind != "comfort":
        raise Refused(_("方式选“慰问”才记慰问品；不是慰问就请清空这一栏。"), "gift")
    if entry.case and not (entry.needs or entry.content):
        raise Refused(_("转为事件要先写清楚：请填“住户需要什么”或“情况记录”。"), "case")


_lock = select(Household.id).where(Household.id == bindparam("of")).with_for_update()
_keep_promises = (
    update(Visit)
    .where(
        Visit.household_id == bindparam("to"),
        IS_OPEN,
        Visit.due_on <= bindparam("until"),
        Visit.at < bindparam("before"),
    )
    .values(closed=True)
)
_last_met = select(func.max(Visit.at)).where(
    Visit.household_id == bindparam("of"), Visit.found == "home", Visit.deleted_at.is_(None)
)
_add = insert(Visit).returning(Visit.id, Visit.public_id)


def _met_last(household_id: int) -> datetime | None:
    found = row(_last_met, of=household_id)
    return found[0] if found else None


def _note_met(visit_id: int, household_id: int, met: tuple[str, ...]) -> None:
    """Only people who live there can have been met there; others are passed over."""
    if not met:
        return
    ids = db.session.scalars(
        select(Person.id)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.household_id == household_id, Residency.to_on.is_(None), Person.public_id.in_(met))
    ).all()
    if ids:
        db.session.execute(insert(VisitPerson), [{"visit_id": visit_id, "person_id": i} for i in sorted(ids)])


def _note_along(visitor: Me, visit_id: int, community_id: int, named: tuple[str, ...]) -> None:
    """Only colleagues who work in this community can have come along; others are passed over."""
    if not named:
        return
    ids = [user_id for user_id, public_id, _name in colleagues(community_id, visitor.id, today()) if public_id in named]
    if ids:
        db.session.execute(insert(VisitWorker), [{"visit_id": visit_id, "user_id": i} for i in sorted(ids)])


def _note_photos(visit_id: int, community_id: int, photos: tuple[Picture, ...]) -> None:
    if not photos:
        return
    facts = {"visit_id": visit_id, "community_id": community_id}
    given = {one.sha256: {**facts, "sha256": one.sha256, **_measures(one)} for one in photos}
    db.session.execute(insert(VisitPhoto), list(given.values()))


def _measures(picture: Picture) -> dict[str, int]:
    return {"width": picture.width, "height": picture.height, "size": len(picture.jpeg)}


def _hand_on(visitor: Me, household: Door | Household, visit_id: int, entry: VisitEntry) -> None:
    if entry.case:
        for make_case in handed_on:
            make_case(visitor, household, visit_id, entry)


def withdraw_visit(actor: Me, visit: Visit) -> None:
    """Take back a visit recorded by mistake, with its promise; it stays in the audit log."""
    about: dict[str, Any] = {"community_id": visit.community_id, "household_id": visit.household_id}
    with audit.entry(actor, "withdraw_visit", **about):
        row(_lock, of=visit.household_id)
        visit.deleted_at = now()
        visit.closed = visit.closed or visit.due_on is not None
        db.session.flush()
        _recompute_promises(visit.household_id)
        refresh_visits([visit.household_id])


def _recompute_promises(household_id: int) -> None:
    promised = db.session.scalars(
        select(Visit).where(Visit.household_id == household_id, Visit.deleted_at.is_(None), Visit.due_on.is_not(None))
    )
    met_last = _met_last(household_id)
    for visit in promised:
        assert visit.due_on
        visit.closed = is_kept(visit.at, visit.due_on, met_last)
    db.session.flush()
