"""Reading the checklists of a community."""

from sqlalchemy import select

from grid.accounts.models import Scope
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.refusals import Missing
from grid.services.models import Checklist


def checklists(community_id: int) -> list[Checklist]:
    """Those in use, in the order of their kinds."""
    found = db.session.scalars(
        select(Checklist)
        .where(Checklist.community_id == community_id, Checklist.deleted_at.is_(None))
        .order_by(Checklist.id)
    )
    kinds = list(CODES["inspection_kind"].by_code)
    return sorted(found, key=lambda checklist: kinds.index(checklist.kind))


def checklist_or_404(scope: Scope, public_id: str) -> Checklist:
    """For its editor: the whole community must be in scope."""
    found = db.session.scalar(select(Checklist).where(Checklist.public_id == public_id, Checklist.deleted_at.is_(None)))
    if found is None or not scope.allows(found.community_id):
        raise Missing
    return found
