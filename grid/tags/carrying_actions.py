"""Giving a person a tag, changing what is said of it, taking it off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Delete, Update, delete, null, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import now, today
from grid.core.db import batches, db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.actions import hold_doors
from grid.register.models import PersonTag, Tag
from grid.register.queries import Resident
from grid.register.summaries import refresh_members
from grid.tags.carrying_queries import Carried
from grid.tags.purge_queries import SPENT, expired


@dataclass(frozen=True)
class CarryEntry:
    """What is said of a tag somebody carries; `attrs` are its own fields by key."""

    since: date | None
    source: str | None
    carer: str | None
    attrs: dict[str, Any]


def give_tag(actor: Me, resident: Resident, tag: Tag, entry: CarryEntry, slip: Slip) -> None:
    """Once, however often it is sent: raises receipts.AlreadyDone or KeyReused."""
    with _about(actor, "give", resident, tag):
        receipts.claim(actor, slip.key, slip.said)
        _refuse_future(entry.since)
        if _carries(resident.person.id, tag.id):
            raise Refused(_("%(name)s已经有这个标签了。", name=resident.person.name), "since")
        given = {"community_id": resident.person.community_id, "person_id": resident.person.id, "tag_id": tag.id}
        db.session.add(PersonTag(**given, **asdict(entry)))
        receipts.answer(slip.key, "given")


def edit_tag(actor: Me, resident: Resident, carried: Carried, entry: CarryEntry, mark: str) -> None:
    """Save over what `mark` stands for, or raise Refused."""
    with _about(actor, "edit", resident, carried.tag):
        carrying = _held(carried, mark)
        _refuse_future(entry.since)
        for name, value in asdict(entry).items():
            setattr(carrying, name, value)


def take_tag_off(actor: Me, resident: Resident, carried: Carried, until: date) -> None:
    with _about(actor, "take_off", resident, carried.tag):
        db.session.refresh(carried.carrying)
        if carried.carrying.until is not None:
            raise Refused(_("这个标签已经取下了。"), "until")
        if until > today():
            raise Refused(_("这一天还没到：到了再取下。"), "until")
        if carried.carrying.since and until < carried.carrying.since:
            raise Refused(_("取下的日子比开始的日子还早，请核对。"), "until")
        carried.carrying.until = until


def mark_of(carrying: PersonTag) -> str:
    """What a form says it was filled in over."""
    kept = {name: str(getattr(carrying, name)) for name in ("since", "until", "source", "carer")}
    return fingerprint(kept | {"attrs": carrying.attrs})[:16]


_ACTIONS = {
    "give": ("give_tag", "give_restricted_tag"),
    "edit": ("edit_carried_tag", "edit_restricted_tag"),
    "take_off": ("take_off_tag", "take_off_restricted_tag"),
}


@contextmanager
def _about(actor: Me, doing: str, resident: Resident, tag: Tag) -> Iterator[None]:
    """The log's line, with the person locked. Of what is not for all it names no tag and no door: the household's
    history is read by all that see the file.
    """
    person = resident.person
    about: dict[str, Any] = {}
    if tag.is_open:
        about = {"household_id": resident.residency.household_id, "words": _(tag.label)}
    action = _ACTIONS[doing][tag.restricted]
    with audit.entry(actor, action, community_id=person.community_id, person_id=person.id, **about):
        # The door first, as with moves: its sums are written in the end.
        hold_doors(resident.residency.household_id)
        db.session.refresh(person, with_for_update=True)
        yield
        if tag.is_open and doing != "edit":
            # A form of the person opened before must not put the tags back unseen: see register/actions.py.
            person.version += 1
            person.updated_at = now()
        refresh_members([resident.residency.household_id])


def _held(carried: Carried, mark: str) -> PersonTag:
    db.session.refresh(carried.carrying)
    if mark_of(carried.carrying) != mark:
        raise Refused(_("这个标签刚刚有人改过。请刷新页面看一看，再改一次。"), "since")
    return carried.carrying


def _carries(person_id: int, tag_id: int) -> bool:
    carrying = select(PersonTag.id).where(
        PersonTag.person_id == person_id, PersonTag.tag_id == tag_id, PersonTag.until.is_(None)
    )
    return db.session.scalar(carrying.limit(1)) is not None


def _refuse_future(since: date | None) -> None:
    if since and since > today():
        raise Refused(_("开始的日子还没到，请核对。"), "since")


def purge_tags(day: date) -> int:
    """Forget what was taken off so long ago that it is not to be kept, and say how many rows there were."""
    found = expired(day)
    for community_id, rows in found.items():
        with audit.entry(None, "purge_tags", community_id=community_id, words=str(len(rows))):
            _forget(delete(PersonTag), [row.id for row in rows if not row.is_restricted])
            # A restricted one still says which talks nobody may read.
            _forget(update(PersonTag).values(_BLANK), [row.id for row in rows if row.is_restricted])
    return sum(len(rows) for rows in found.values())


_BLANK = {"since": None, "until": SPENT, "source": None, "carer": None, "attrs": null()}


def _forget(statement: Delete | Update, ids: Sequence[int]) -> None:
    for some in batches(ids):
        db.session.execute(statement.where(PersonTag.id.in_(some)))
