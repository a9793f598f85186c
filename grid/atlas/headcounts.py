"""How many people carry each tag of a community. Restricted tags are in no count."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from grid.core.db import rows
from grid.core.i18n import gettext as _
from grid.register.models import TAG_IS_OPEN, Household, PersonTag, Residency, Tag

_by_tag = (
    select(Tag.label, func.count(Residency.person_id.distinct()))
    .join(PersonTag, PersonTag.tag_id == Tag.id)
    .join(Residency, Residency.person_id == PersonTag.person_id)
    .join(Household, Household.id == Residency.household_id)
    .where(
        Tag.community_id == bindparam("community_id"),
        TAG_IS_OPEN,
        Tag.deleted_at.is_(None),
        PersonTag.until.is_(None),
        Residency.to_on.is_(None),
        Household.deleted_at.is_(None),
    )
    .group_by(Tag.id, Tag.label)
    .order_by(Tag.id)
)


def people_by_tag(community_id: int) -> list[tuple[str, int]]:
    """Label and number of the people who live here now, in the order of the community's tags; none that is empty."""
    found: Sequence[Any] = rows(_by_tag, community_id=community_id)
    return [(_(label), n) for label, n in found if n]
