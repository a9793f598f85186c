"""Reading accounts and patches, as far as an administrator's communities reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, and_, exists, or_, select

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import db
from grid.core.refusals import Missing
from grid.register.models import Block, Building, Community
from grid.register.queries import whole_community_or_404

ROLE_ORDER = ("administrator", "grid_worker", "building_head", "street_viewer")


def communities(scope: Scope) -> list[Community]:
    """Those in scope as a whole, in the order in which they were made."""
    return list(
        db.session.scalars(
            select(Community)
            .where(Community.id.in_(scope.communities), Community.deleted_at.is_(None))
            .order_by(Community.id)
        )
    )


def community_asked(scope: Scope, public_id: str | None) -> Community:
    """The one asked for (outside the scope: Missing), else the first; Missing where there is none."""
    if public_id:
        return whole_community_or_404(scope, public_id)
    for first in communities(scope):
        return first
    raise Missing


@dataclass(frozen=True)
class HeldPatch:
    """A patch with the name of what it covers."""

    public_id: str
    user_id: int
    role: str
    community_id: int
    community: str
    block: str | None
    building_no: str | None
    estate: str | None
    duty: str
    from_on: date
    to_on: date | None

    def state(self, today: date) -> str:
        """now, soon, past, or never: taken back before it began."""
        if self.to_on is not None and self.to_on < self.from_on:
            return "never"
        if self.from_on > today:
            return "soon"
        return "past" if self.to_on is not None and self.to_on < today else "now"


@dataclass(frozen=True)
class Account:
    """Somebody who works in the reader's communities, with their patches there."""

    id: int
    public_id: str
    login: str
    name: str
    role: str
    phone: str | None
    is_active: bool
    last_login_at: datetime | None
    patches: tuple[HeldPatch, ...]

    def held(self, today: date, *states: str) -> list[HeldPatch]:
        return [patch for patch in self.patches if patch.state(today) in states]


_account_columns = (
    User.id,
    User.public_id,
    User.login,
    User.name,
    User.role,
    User.phone,
    User.is_active,
    User.last_login_at,
)


def _patches(condition: Any) -> Executable:
    return (
        select(
            Patch.public_id,
            Patch.user_id,
            User.role,
            Patch.community_id,
            Community.name,
            Block.name,
            Building.no,
            Building.estate,
            Patch.duty,
            Patch.from_on,
            Patch.to_on,
        )
        .join(User, User.id == Patch.user_id)
        .join(Community, Community.id == Patch.community_id)
        .outerjoin(Block, Block.id == Patch.block_id)
        .outerjoin(Building, Building.id == Patch.building_id)
        .where(condition)
        .order_by(Patch.duty.desc(), Block.seq, Building.no_order, Patch.from_on, Patch.id)
    )


def _accounts(condition: Any, communities_seen: Sequence[int]) -> list[Account]:
    found = db.session.execute(select(*_account_columns).where(condition)).all()
    held: dict[int, list[HeldPatch]] = {}
    for row in db.session.execute(_patches(Patch.community_id.in_(communities_seen))):
        held.setdefault(row[1], []).append(HeldPatch(*row))
    accounts = [Account(*row, patches=tuple(held.get(row[0], ()))) for row in found]
    return sorted(accounts, key=lambda a: (not a.is_active, ROLE_ORDER.index(a.role), a.login))


def _works_in(community_ids: Sequence[int]) -> Any:
    return exists().where(Patch.user_id == User.id, Patch.community_id.in_(community_ids))


def accounts(scope: Scope, community_id: int) -> list[Account]:
    """Who holds or held a patch in a community: those who can log in first, then by role."""
    seen = [community_id] if scope.allows(community_id) else []
    return _accounts(_works_in(seen), seen)


def account_or_404(scope: Scope, public_id: str) -> Account:
    found = _accounts(and_(User.public_id == public_id, _works_in(scope.communities)), scope.communities)
    if not found:
        raise Missing
    return found[0]


def patch_or_404(scope: Scope, account: Account, public_id: str) -> Patch:
    found = db.session.scalar(
        select(Patch).where(
            Patch.public_id == public_id,
            Patch.user_id == account.id,
            Patch.community_id.in_(scope.communities),
        )
    )
    if found is None:
        raise Missing
    return found


def works_elsewhere(scope: Scope, user_id: int, today: date) -> bool:
    """Whether an account has a patch, now or later, where the reader has no say."""
    return bool(db.session.scalar(select(holds_elsewhere(scope, user_id, today))))


def holds_elsewhere(scope: Scope, user_id: Any, since: date) -> Any:
    """The condition that an account (or what a column says) has a patch there, not ended before a day."""
    return exists().where(
        Patch.user_id == user_id,
        Patch.community_id.not_in(scope.communities),
        or_(Patch.to_on.is_(None), Patch.to_on >= since),
    )


def administrator_stays(patch: Patch, user_id: int | None, last_day: date) -> bool:
    """Whether an administrator (a certain one, or anybody, by community) stays after a patch ends."""
    stays = and_(
        Patch.id != patch.id,
        Patch.block_id.is_(None),
        Patch.building_id.is_(None),
        or_(Patch.to_on.is_(None), Patch.to_on > last_day),
        Patch.from_on <= last_day,
        User.role == "administrator",
        User.is_active,
    )
    whose = Patch.user_id == user_id if user_id is not None else Patch.community_id == patch.community_id
    return bool(db.session.scalar(select(exists().where(Patch.user_id == User.id, stays, whose))))


def overlapping(
    community_id: int, block_ids: Sequence[int], building_ids: Sequence[int], from_on: date, to_on: date | None
) -> list[Any]:
    """Patches for the same things at the same time: user_id, name, role, duty, block_id, building_id."""
    if block_ids or building_ids:
        same = or_(Patch.block_id.in_(block_ids), Patch.building_id.in_(building_ids))
    else:
        same = and_(Patch.block_id.is_(None), Patch.building_id.is_(None))
    until = [] if to_on is None else [Patch.from_on <= to_on]
    return list(
        db.session.execute(
            select(User.id, User.name, User.role, Patch.duty, Patch.block_id, Patch.building_id)
            .join(Patch, Patch.user_id == User.id)
            .where(
                Patch.community_id == community_id,
                same,
                or_(Patch.to_on.is_(None), Patch.to_on >= from_on),
                or_(Patch.to_on.is_(None), Patch.to_on >= Patch.from_on),
                User.is_active,
                *until,
            )
        ).all()
    )


def blocks_without_worker(community_id: int, today: date) -> list[str]:
    """The blocks nobody is in charge of today."""
    in_charge = exists().where(
        Patch.block_id == Block.id,
        Patch.duty == "in_charge",
        in_force(today),
        Patch.user_id == User.id,
        User.role == "grid_worker",
        User.is_active,
    )
    return list(
        db.session.scalars(select(Block.name).where(Block.community_id == community_id, ~in_charge).order_by(Block.seq))
    )


def login_taken(login: str) -> bool:
    return bool(db.session.scalar(select(exists().where(User.login == login))))


def name_taken(name: str, except_id: int | None = None) -> bool:
    """Whether a community of this name exists already."""
    return bool(db.session.scalar(select(exists().where(Community.name == name, Community.id != (except_id or 0)))))


def any_community() -> bool:
    return bool(db.session.scalar(select(exists().where(Community.id > 0))))


def block_of(community_id: int, seq: int) -> Block | None:
    return db.session.scalar(select(Block).where(Block.community_id == community_id, Block.seq == seq))


def building_of(community_id: int, no: str) -> Building | None:
    return db.session.scalar(select(Building).where(Building.community_id == community_id, Building.no == no))
