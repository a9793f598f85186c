"""The tags that one person carries, carried, and may still be given."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from grid.core.db import db
from grid.core.refusals import Missing
from grid.register.models import PersonTag, Tag
from grid.tags.own_fields import said
from grid.tags.purge_queries import SPENT

# `visits` lies above and says here which talks somebody had: public id, moment, worker, words; newest first.
talks: list[Callable[[int], Sequence[tuple[Any, ...]]]] = []

_is_kept = or_(PersonTag.until.is_(None), PersonTag.until > SPENT)


class Carried(NamedTuple):
    """A tag of a person with what was filled in."""

    carrying: PersonTag
    tag: Tag

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        return said(self.tag.fields, self.carrying.attrs)


def carried_by(person_id: int, role: str, restricted: bool = False) -> list[Carried]:
    """Ordinary or restricted tags of a person that a role may see: those carried now first, then the last taken off."""
    found = db.session.execute(
        select(PersonTag, Tag)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(PersonTag.person_id == person_id, Tag.restricted.is_(restricted), _is_kept)
        .order_by(PersonTag.until.is_not(None), PersonTag.until.desc(), Tag.id, PersonTag.id)
    )
    return [Carried(carrying, tag) for carrying, tag in found if tag.is_for(role)]


def carried_or_404(person_id: int, public_id: str, role: str) -> Carried:
    found = db.session.execute(
        select(PersonTag, Tag)
        .join(Tag, Tag.id == PersonTag.tag_id)
        .where(PersonTag.public_id == public_id, PersonTag.person_id == person_id, _is_kept)
    ).first()
    if found is None or not found[1].is_for(role):
        raise Missing
    return Carried(*found)


def tags_to_give(community_id: int, role: str, carried: Sequence[Carried], restricted: bool = False) -> list[Tag]:
    """What a person does not carry yet."""
    has = {one.tag.id for one in carried if one.carrying.until is None}
    found = db.session.scalars(
        select(Tag)
        .where(Tag.community_id == community_id, Tag.deleted_at.is_(None), Tag.restricted.is_(restricted))
        .order_by(Tag.id)
    )
    return [tag for tag in found if tag.id not in has and tag.is_for(role)]


def tag_to_give_or_404(community_id: int, public_id: str, role: str) -> Tag:
    found = db.session.scalar(
        select(Tag).where(Tag.public_id == public_id, Tag.community_id == community_id, Tag.deleted_at.is_(None))
    )
    if found is None or not found.is_for(role):
        raise Missing
    return found


def talks_with(person_id: int) -> Sequence[tuple[Any, ...]]:
    """The talks somebody had: public id, moment, worker, words; newest first."""
    return [talk for those in talks for talk in those(person_id)]
