"""The tags of a community and who carries them, as an import of tags compares them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from grid.core.db import db
from grid.exchange.queries import Known
from grid.register.models import PersonTag, Tag

FIELDS = ("since", "source", "carer")


@dataclass(frozen=True)
class Tags:
    """`ids` by label; `restricted` and `open` are labels; `carried`: person id → label → what is said of it."""

    ids: Mapping[str, int]
    restricted: frozenset[str]
    open: frozenset[str]
    carried: Mapping[int, Mapping[str, Known]]


def tags(community_id: int) -> Tags:
    defined = list(
        db.session.scalars(
            select(Tag).where(Tag.community_id == community_id, Tag.deleted_at.is_(None)).order_by(Tag.id)
        )
    )
    labels = {tag.id: tag.label for tag in defined}
    carried: dict[int, dict[str, Known]] = defaultdict(dict)
    columns = [getattr(PersonTag, name) for name in FIELDS]
    for person_id, tag_id, id_, *facts in db.session.execute(
        select(PersonTag.person_id, PersonTag.tag_id, PersonTag.id, *columns)
        .where(PersonTag.community_id == community_id, PersonTag.until.is_(None))
        .order_by(PersonTag.id)
    ):
        if tag_id in labels:
            carried[person_id][labels[tag_id]] = Known(id_, dict(zip(FIELDS, facts, strict=True)))
    return Tags(
        {tag.label: tag.id for tag in defined},
        frozenset(tag.label for tag in defined if tag.restricted),
        frozenset(tag.label for tag in defined if tag.is_open),
        carried,
    )
