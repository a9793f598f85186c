"""Reading column sets and the requests to export more than one person may take alone."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Me, Patch, Scope, User, in_force
from grid.core.clock import ZONE
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.exchange.models import ColumnSet, ExportRequest
from grid.register.models import Community
from grid.today import queries as today_queries
from grid.today.models import Ask

# What was agreed to can be taken so long.
TO_TAKE = timedelta(days=7)
# So many of one's own stand on the page.
LATEST = 20
_answerer = aliased(User)
# What one took alone.
at_once = and_(ExportRequest.answered_by == ExportRequest.asked_by, ExportRequest.is_agreed.is_(True))


def column_sets(community_id: int, source: str) -> Sequence[ColumnSet]:
    return db.session.scalars(
        select(ColumnSet)
        .where(ColumnSet.community_id == community_id, ColumnSet.subject == source, ColumnSet.deleted_at.is_(None))
        .order_by(ColumnSet.name, ColumnSet.id)
    ).all()


def column_set_or_404(scope: Scope, public_id: str) -> ColumnSet:
    """To change it: for whoever has the whole community."""
    found = db.session.scalar(select(ColumnSet).where(ColumnSet.public_id == public_id, ColumnSet.deleted_at.is_(None)))
    if found is None or not scope.allows(found.community_id):
        raise Missing
    return found


def request_or_404(reader: Me, public_id: str) -> ExportRequest:
    """One's own, and for administrators those of their communities."""
    found = db.session.scalar(select(ExportRequest).where(ExportRequest.public_id == public_id))
    if found is None or not reader.scope.touches(found.community_id):
        raise Missing
    answers = reader.may("administrator") and reader.scope.allows(found.community_id)
    if found.asked_by != reader.id and not answers:
        raise Missing
    return found


def waiting(reader: Me, community_id: int) -> Sequence[Row[ExportRequest, str]]:
    """What others ask for and this administrator may agree to, with who asks; the oldest first."""
    if not (reader.may("administrator") and reader.scope.allows(community_id)):
        return []
    return db.session.execute(
        select(ExportRequest, User.name)
        .join(User, ExportRequest.asked_by == User.id)
        .where(
            ExportRequest.community_id == community_id,
            ExportRequest.asked_by != reader.id,
            ExportRequest.answered_at.is_(None),
        )
        .order_by(ExportRequest.id)
    ).all()


def asks(reader: Me) -> list[Ask]:
    """What `waiting` has, counted for 今天. Whoever can't agree to anything is not asked about."""
    theirs = reader.scope.communities if reader.may("administrator") else ()
    found = _waiting.rows(communities=theirs, reader=reader.id) if theirs else []
    return [
        Ask(
            _("%(n)s 份导出等您同意", n=n),
            f"/exports?community={public_id}",
            name if len(theirs) > 1 else "",
        )
        for public_id, name, n in found
    ]


_waiting = Prepared(
    select(Community.public_id, Community.name, func.count())
    .join(ExportRequest, ExportRequest.community_id == Community.id)
    .where(
        Community.id.in_(bindparam("communities", expanding=True)),
        ExportRequest.asked_by != bindparam("reader"),
        ExportRequest.answered_at.is_(None),
    )
    .group_by(Community.id)
    .order_by(Community.id)
)
today_queries.asks.append(asks)


def own(reader: Me, community_id: int) -> Sequence[Row[ExportRequest, str | None]]:
    """What one asked for oneself, with who answered; the latest first."""
    return db.session.execute(
        select(ExportRequest, _answerer.name)
        .outerjoin(_answerer, ExportRequest.answered_by == _answerer.id)
        .where(
            ExportRequest.community_id == community_id,
            ExportRequest.asked_by == reader.id,
            # Not what was taken at once.
            or_(ExportRequest.answered_at.is_(None), ~at_once),
        )
        .order_by(ExportRequest.id.desc())
        .limit(LATEST)
    ).all()


def taken_alone(reader: Me, source: str, day: date) -> list[ExportRequest]:
    """What somebody took of a source on a day without asking anybody."""
    begun = datetime.combine(day, time(), ZONE)
    mine = (ExportRequest.asked_by == reader.id, ExportRequest.asked_at >= begun, at_once)
    return [one for one in db.session.scalars(select(ExportRequest).where(*mine)) if one.asked.get("source") == source]


def has_another_administrator(reader: Me, community_id: int, day: date) -> bool:
    """Whether there is anybody else who could agree."""
    found = db.session.scalar(
        select(func.count())
        .select_from(Patch)
        .join(User, Patch.user_id == User.id)
        .where(
            Patch.community_id == community_id,
            Patch.block_id.is_(None),
            Patch.building_id.is_(None),
            in_force(day),
            User.role == "administrator",
            User.is_active,
            User.id != reader.id,
        )
    )
    return bool(found)


def state_of(request: ExportRequest, at: datetime) -> str:
    """waiting, withdrawn, declined, taken, lapsed or agreed."""
    if request.answered_at is None:
        return "waiting"
    if not request.is_agreed:
        return "withdrawn" if request.answered_by == request.asked_by else "declined"
    if request.taken_at is not None:
        return "taken"
    return "agreed" if at < request.answered_at + TO_TAKE else "lapsed"
