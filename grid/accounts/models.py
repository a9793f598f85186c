"""People with an account, the patches handed out to them, their sessions, and the audit log."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, Date, ForeignKey, Index, Integer, String, Text, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id
from grid.core.personal import Personal

ROLES = ("administrator", "grid_worker", "building_head", "street_viewer")


class User(Base):
    """One account. `scope_version` rises whenever what it may see could have changed."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str | None] = mapped_column(Personal)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5), default="zh")
    scope_version: Mapped[int] = mapped_column(Integer, default=1)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_login_at: Mapped[datetime | None] = mapped_column(Moment)


class Patch(Base):
    """A community, block or building handed out to somebody, from a day to a day (both included)."""

    __tablename__ = "patch"
    __table_args__ = (Index(None, "user_id"), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("block.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    duty: Mapped[str] = mapped_column(String(12), default="in_charge")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)


def in_force(day: Any) -> ColumnElement[bool]:
    """The condition that a patch holds on a day, or on what a parameter will say."""
    return and_(Patch.from_on <= day, or_(Patch.to_on.is_(None), Patch.to_on >= day))


class LoginSession(Base):
    """A login on one device; deleting the row ends it, whatever cookies were copied."""

    __tablename__ = "login_session"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ends_at: Mapped[datetime] = mapped_column(Moment)


class FailedLogin(Base):
    """A wrong password, counted by the limiter per login and per address."""

    __tablename__ = "failed_login"
    __table_args__ = (Index(None, "login", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class AuditEntry(Base):
    """One thing somebody did or looked at. Append-only: a trigger refuses updates and deletes."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "household_id", "at"),
        Index(None, "person_id", "at"),
        Index(None, "community_id", "at"),
        Index(None, "actor_id", "at"),
        # What is taken back is taken back once.
        Index(
            "uq_audit_entry_undoes",
            "undoes_id",
            unique=True,
            sqlite_where=text("undoes_id IS NOT NULL"),
            postgresql_where=text("undoes_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str] = mapped_column(String(40))
    community_id: Mapped[int | None] = mapped_column(Integer)
    household_id: Mapped[int | None] = mapped_column(Integer)
    person_id: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text, default="")
    # The entry whose changes this one takes back: see undoing.py.
    undoes_id: Mapped[int | None] = mapped_column(Integer)
    # What was done to one door told in another's history too: the entry that holds the changes.
    part_of_id: Mapped[int | None] = mapped_column(Integer)


class AuditChange(Base):
    """One row changed below an entry: old → new of the columns that differ, written by a trigger."""

    __tablename__ = "audit_change"
    __table_args__ = (Index(None, "table_name", "row_id"), Index(None, "entry_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    table_name: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int] = mapped_column(Integer)
    operation: Mapped[str] = mapped_column(String(6))
    old: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    new: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Receipt(Base):
    """A field entry that arrived: its key, what it said, and the answer it got."""

    __tablename__ = "receipt"
    __table_args__ = (Index(None, "user_id", "at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # Which phone it came from; '' where a page was sent without the outbox.
    device: Mapped[str] = mapped_column(String(36), default="")
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Phone(Base):
    """What one phone last said of its outbox (对账): entries of its count, and whether the server holds the same."""

    __tablename__ = "phone"
    __table_args__ = (Index(None, "user_id", "device", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # Random, made by the phone; tells two phones of one person apart and nothing else.
    device: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(60), default="")
    made: Mapped[int] = mapped_column(Integer, default=0)
    delivered: Mapped[int] = mapped_column(Integer, default=0)
    waiting: Mapped[int] = mapped_column(Integer, default=0)
    returned: Mapped[int] = mapped_column(Integer, default=0)
    # Since when the oldest entry has been waiting or returned; None where nothing is.
    stuck_since: Mapped[datetime | None] = mapped_column(Moment)
    # SHA-256 over the sorted keys, as the phone and as the server computed it.
    phone_hash: Mapped[str] = mapped_column(String(64), default="")
    server_hash: Mapped[str] = mapped_column(String(64), default="")
    # [{"key", "label", "state"}]: entries in which the two differ.
    differ: Mapped[list[Any]] = mapped_column(JSON, default=list)
    reported_at: Mapped[datetime] = mapped_column(Moment, default=now)


class PersonalLink(Base):
    """The link that lets one building head in without a password; an administrator can withdraw it."""

    __tablename__ = "personal_link"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Scope:
    """What somebody may see: whole communities, and single buildings (with the communities they lie in)."""

    communities: tuple[int, ...] = ()
    buildings: tuple[int, ...] = ()
    lie_in: tuple[int, ...] = ()

    def covers(self, community_id: Any, building_id: Any) -> Any:
        """The SQL condition on a row's community and building columns."""
        if self.communities and self.buildings:
            return community_id.in_(self.communities) | building_id.in_(self.buildings)
        return building_id.in_(self.buildings) if self.buildings else community_id.in_(self.communities)

    def allows(self, community_id: int, building_id: int | None = None) -> bool:
        """The same condition on values; without a building the whole community must be in scope."""
        return community_id in self.communities or (building_id is not None and building_id in self.buildings)

    def touches(self, community_id: int) -> bool:
        """Whether anything of a community is in scope: its map may be opened."""
        return community_id in self.communities or community_id in self.lie_in

    @property
    def seen_communities(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.communities + self.lie_in))


@dataclass(frozen=True)
class Me:
    """The person logged in, as every view and action knows them."""

    id: int
    public_id: str
    login: str
    name: str
    role: str
    language: str
    scope: Scope
    session_id: int = 0
    token: str = ""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    def may(self, *roles: str) -> bool:
        return self.role in roles
