"""Reading accounts: who a session belongs to, and what their patches cover today."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, column, func, or_, select, table
from sqlalchemy.orm import aliased

from grid.accounts.models import (
    AuditChange,
    AuditEntry,
    FailedLogin,
    LoginSession,
    Me,
    Patch,
    PersonalLink,
    Scope,
    User,
    in_force,
)
from grid.core.db import db, rows
from grid.core.prepared import Prepared

# The register lies above accounts, so its tables are named here without their classes.
_building = table("building", column("id"), column("community_id"), column("block_id"))

IDLE = timedelta(hours=12)

_session = Prepared(
    select(
        LoginSession.id,
        LoginSession.seen_at,
        User.id,
        User.public_id,
        User.login,
        User.name,
        User.role,
        User.language,
        User.scope_version,
    ).where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.user_id == User.id,
        LoginSession.ends_at > bindparam("at"),
        # A head reports now and then, on one's own phone: that login ends by its date, not by rest.
        or_(LoginSession.seen_at > bindparam("idle"), User.role == "building_head"),
        User.is_active,
    )
)

_patches = select(Patch.community_id, Patch.block_id, Patch.building_id).where(
    Patch.user_id == bindparam("user_id"), in_force(bindparam("day"))
)

_buildings = select(_building.c.id, _building.c.community_id).where(
    or_(
        _building.c.block_id.in_(bindparam("blocks", expanding=True)),
        _building.c.id.in_(bindparam("buildings", expanding=True)),
    )
)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(token: str, at: datetime) -> tuple[Any, ...] | None:
    """The live session a cookie's token opens, with its user."""
    return _session.row(token_hash=token_hash(token), at=at, idle=at - IDLE)


def scope_of(user_id: int, version: int, day: date) -> Scope:
    """What a user's patches cover on a day; kept until `scope_version` rises or the day ends."""
    return _scope(db.engine.url.render_as_string(), user_id, version, day)


@lru_cache(maxsize=4096)
def _scope(engine: str, user_id: int, version: int, day: date) -> Scope:
    communities: set[int] = set()
    blocks: set[int] = set()
    buildings: set[int] = set()
    for community_id, block_id, building_id in rows(_patches, user_id=user_id, day=day):
        if building_id is not None:
            buildings.add(building_id)
        elif block_id is not None:
            blocks.add(block_id)
        else:
            communities.add(community_id)
    if not (blocks or buildings):
        return Scope(tuple(sorted(communities)))
    found = rows(_buildings, blocks=sorted(blocks), buildings=sorted(buildings))
    single = [(i, c) for i, c in found if c not in communities]
    return Scope(
        tuple(sorted(communities)),
        tuple(sorted(i for i, _ in single)),
        tuple(sorted({c for _, c in single})),
    )


def forget_scopes() -> None:
    """For tests that reuse row ids."""
    _scope.cache_clear()


def me_of(token: str, at: datetime, day: date) -> tuple[Me, datetime] | None:
    """Who is logged in with a token, and when that session was last noted as seen."""
    found = session_of(token, at)
    if found is None:
        return None
    session_id, seen_at, user_id, public_id, login, name, role, language, version = found
    scope = scope_of(user_id, version, day)
    return Me(user_id, public_id, login, name, role, language, scope, session_id, token), seen_at


def user_by_login(login: str) -> User | None:
    return db.session.scalar(select(User).where(User.login == login))


_opens = (PersonalLink.withdrawn_at.is_(None), User.is_active, User.role == "building_head")


def name_on_link(token: str) -> str | None:
    """Whom a personal link lets in; None where it lets nobody in."""
    return db.session.scalar(
        select(User.name)
        .join(PersonalLink, PersonalLink.user_id == User.id)
        .where(PersonalLink.token_hash == token_hash(token), *_opens)
    )


def hold_link(token: str) -> tuple[PersonalLink, User] | None:
    """A link that lets somebody in, with its person; nobody withdraws it before this transaction ends."""
    found = db.session.execute(
        select(PersonalLink, User)
        .join(User, User.id == PersonalLink.user_id)
        .where(PersonalLink.token_hash == token_hash(token), *_opens)
        .with_for_update(of=PersonalLink)
    ).first()
    return (found[0], found[1]) if found else None


def link_of(user_id: int) -> PersonalLink | None:
    """The link that somebody has now."""
    return db.session.scalar(
        select(PersonalLink)
        .where(PersonalLink.user_id == user_id, PersonalLink.withdrawn_at.is_(None))
        .order_by(PersonalLink.id.desc())
    )


def failures(since: datetime, login: str, address: str) -> tuple[int, int]:
    """Wrong passwords since a moment: for this login, and from this address."""
    count = select(func.count()).select_from(FailedLogin).where(FailedLogin.at > since)
    return (
        db.session.scalar(count.where(FailedLogin.login == login)) or 0,
        db.session.scalar(count.where(FailedLogin.address == address)) or 0,
    )


_last_removed = (
    select(func.coalesce(func.max(AuditChange.entry_id), 0))
    .where(
        AuditChange.table_name == "household",
        AuditChange.row_id == bindparam("household_id"),
        AuditChange.operation == "delete",
    )
    .scalar_subquery()
)
_held_by = func.coalesce(AuditEntry.part_of_id, AuditEntry.id)
_undoing = aliased(AuditEntry)
_history = Prepared(
    select(
        _held_by.label("id"),
        AuditEntry.at,
        User.name,
        AuditEntry.action,
        AuditEntry.words,
        AuditEntry.actor_id,
        select(_undoing.id).where(_undoing.undoes_id == _held_by).correlate(AuditEntry).scalar_subquery().label("undo"),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .where(
        AuditEntry.household_id == bindparam("household_id"),
        # SQLite gives the number of a row that an undone import had made to the next one: its history is not theirs.
        AuditEntry.id > _last_removed,
    )
    .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    .limit(bindparam("most"))
)


def entries_about(household_id: int, most: int = 30) -> Sequence[tuple[Any, ...]]:
    """Who did or looked at what in a household's file, newest first: id (of the entry that holds
    the changes), at, who, action, words, the actor's id, and the entry that took it back, if any."""
    return _history.rows(household_id=household_id, most=most)


def changes_of(table_name: str, row_id: int) -> list[AuditChange]:
    """All changes of one row, newest first."""
    return list(
        db.session.scalars(
            select(AuditChange)
            .where(AuditChange.table_name == table_name, AuditChange.row_id == row_id)
            .order_by(AuditChange.id.desc())
        )
    )


def name_of_actor(entry_id: int) -> str:
    """Who made an audit entry; '' where nobody was logged in."""
    found = db.session.scalar(
        select(User.name).join(AuditEntry, AuditEntry.actor_id == User.id).where(AuditEntry.id == entry_id)
    )
    return found or ""


def in_charge_of_blocks(community_id: int, day: date) -> dict[int | None, tuple[str, ...]]:
    """By block: the names of the grid workers in charge of it on a day."""
    found = db.session.execute(
        select(Patch.block_id, User.name)
        .join(User, User.id == Patch.user_id)
        .where(
            Patch.community_id == community_id,
            Patch.block_id.is_not(None),
            Patch.duty == "in_charge",
            User.role == "grid_worker",
            User.is_active,
            in_force(day),
        )
        .order_by(User.name)
    )
    names: dict[int | None, tuple[str, ...]] = {}
    for block_id, name in found:
        names[block_id] = (*names.get(block_id, ()), name)
    return names
