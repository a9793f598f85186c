"""The tags that a community defines, and how many people carry each."""

from typing import NamedTuple

from sqlalchemy import func, select

from grid.accounts.models import Scope
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.refusals import Missing
from grid.register.models import Person, PersonTag, Tag


class Defined(NamedTuple):
    """A tag and its carriers."""

    tag: Tag
    carriers: int


def tags_by_group(community_id: int) -> list[tuple[str, list[Defined]]]:
    """Every group with its tags, in the order of the code list; the sums of restricted ones are not told."""
    carriers = (
        select(func.count())
        .select_from(PersonTag)
        .join(Person, Person.id == PersonTag.person_id)
        .where(PersonTag.tag_id == Tag.id, PersonTag.until.is_(None), Person.deleted_at.is_(None))
        .correlate(Tag)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(Tag, carriers).where(Tag.community_id == community_id, Tag.deleted_at.is_(None)).order_by(Tag.id)
    )
    defined = [Defined(tag, n) for tag, n in found]
    return [(group, [d for d in defined if d.tag.group == group]) for group in CODES["tag_group"].by_code]


def tag_or_404(scope: Scope, public_id: str) -> Tag:
    """For whoever defines tags: the whole community must be in scope."""
    found = db.session.scalar(select(Tag).where(Tag.public_id == public_id, Tag.deleted_at.is_(None)))
    if found is None or not scope.allows(found.community_id):
        raise Missing
    return found


def carriers_of(tag_id: int) -> int:
    """How many people carry a tag now."""
    carrying = select(func.count()).where(PersonTag.tag_id == tag_id, PersonTag.until.is_(None))
    return db.session.scalar(carrying) or 0


def was_ever_carried(tag_id: int) -> bool:
    """By anybody, now or before; whoever was forgotten counts."""
    return db.session.scalar(select(PersonTag.id).where(PersonTag.tag_id == tag_id).limit(1)) is not None


def label_is_taken(community_id: int, label: str, but: int | None = None) -> bool:
    taken = select(Tag.id).where(Tag.community_id == community_id, Tag.label == label, Tag.deleted_at.is_(None))
    return db.session.scalar(taken.where(Tag.id != (but or 0)).limit(1)) is not None
