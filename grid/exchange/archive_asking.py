"""Asking for the archive of a community, where another administrator has to agree."""

from sqlalchemy import func, or_, select

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.exchange.export_queries import TO_TAKE
from grid.exchange.models import ExportRequest
from grid.register.models import Community, Person

SUBJECT = "community"


def standing(reader: Me, community_id: int) -> ExportRequest | None:
    """One's own request that waits for an answer, or was agreed to and can still be taken."""
    agreed = (
        ExportRequest.is_agreed.is_(True) & ExportRequest.taken_at.is_(None),
        ExportRequest.answered_at > now() - TO_TAKE,
    )
    mine = (ExportRequest.community_id == community_id, ExportRequest.asked_by == reader.id)
    return db.session.scalars(
        select(ExportRequest)
        .where(*mine, ExportRequest.subject == SUBJECT, or_(ExportRequest.answered_at.is_(None), agreed[0] & agreed[1]))
        .order_by(ExportRequest.id.desc())
    ).first()


def ask(actor: Me, community: Community, reason: str) -> None:
    """Another administrator is to agree; raises Refused where one's request stands already."""
    if standing(actor, community.id):
        raise Refused(_("您的申请已经在等人答复了。"), "reason")
    people = select(func.count()).where(Person.community_id == community.id, Person.deleted_at.is_(None))
    words = _("档案包（整个社区）")
    with audit.entry(actor, "ask_export", community_id=community.id, words=f"{words} · {reason}"):
        asked = {"columns": [], "period": "", "filter": {}, "is_whole": True, "words": words}
        made = ExportRequest(community_id=community.id, subject=SUBJECT, asked=asked, reason=reason)
        made.n_rows, made.asked_by = int(db.session.scalar(people) or 0), actor.id
        db.session.add(made)
        db.session.flush()
