"""Who may take the archive of a community: one administrator alone where there is no other, else two together."""

from datetime import timedelta

from sqlalchemy import exists, func, or_, select

from grid.accounts import audit
from grid.accounts.models import Me, Patch, User, in_force
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.exchange.models import ExportRequest
from grid.register.models import Community, Person

SUBJECT = "community"
# What was agreed to can be taken so long.
TO_TAKE = timedelta(days=7)


def is_alone(reader: Me, community_id: int) -> bool:
    """Whether no other administrator has the whole community today."""
    whole = (Patch.community_id == community_id, Patch.block_id.is_(None), Patch.building_id.is_(None))
    other = (User.role == "administrator", User.is_active, User.id != reader.id)
    found = select(Patch.id).join(User, Patch.user_id == User.id).where(*whole, in_force(today()), *other)
    return not db.session.scalar(select(exists(found)))


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
