"""Logging in and out, and making accounts."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, update

from grid.accounts import audit, queries
from grid.accounts.models import FailedLogin, LoginSession, Me, Patch, PersonalLink, Phone, User
from grid.accounts.passwords import hash_password, matches
from grid.accounts.receipts import device
from grid.core.db import db

WINDOW = timedelta(minutes=15)
FAILURES_PER_LOGIN = 5
FAILURES_PER_ADDRESS = 30
LASTS = timedelta(days=7)
LINK_LASTS = timedelta(days=180)
# What wrong links are counted under: no account can be called so.
BY_LINK = "/r"


class WrongPassword(Exception):
    """Login or password don't fit; which of them is not told."""


class WrongLink(Exception):
    """Unknown, withdrawn, or of an account that is closed; which of them is not told."""


class TooManyFailures(Exception):
    """The limiter: wait before the next try."""


@dataclass(frozen=True)
class LoginEntry:
    login: str
    password: str
    address: str
    device: str


def log_in(entry: LoginEntry, at: datetime) -> tuple[User, str]:
    """The user and a fresh session's token (kept only as a hash), or WrongPassword, TooManyFailures."""
    of_login, of_address = queries.failures(at - WINDOW, entry.login, entry.address)
    if of_login >= FAILURES_PER_LOGIN or of_address >= FAILURES_PER_ADDRESS:
        raise TooManyFailures
    found = queries.user_by_login(entry.login)
    user_id, kept = (found.id, found.password_hash) if found and found.is_active else (0, None)
    # Checking a password takes a while on purpose: nobody else waits for it.
    db.session.rollback()
    if not matches(kept, entry.password):
        db.session.execute(insert(FailedLogin), {"login": entry.login, "address": entry.address, "at": at})
        db.session.commit()
        raise WrongPassword
    user = db.session.get_one(User, user_id)
    with audit.entry(None, "log_in", words=user.login):
        token = _begin_session(user, entry.device, at, at + LASTS)
    return user, token


def _begin_session(user: User, device: str, at: datetime, ends_at: datetime) -> str:
    """The new session's token. Inside an open audit entry."""
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(LoginSession).where(LoginSession.ends_at < at))
    db.session.execute(delete(FailedLogin).where(FailedLogin.at < at - timedelta(days=1)))
    db.session.add(
        LoginSession(
            token_hash=queries.token_hash(token),
            user_id=user.id,
            device=device[:200],
            created_at=at,
            seen_at=at,
            ends_at=ends_at,
        )
    )
    user.last_login_at = at
    return token


def log_in_by_link(link: str, address: str, device: str, at: datetime) -> tuple[User, str]:
    """The building head whose link it is and a session for half a year, or WrongLink, TooManyFailures."""
    if queries.failures(at - WINDOW, BY_LINK, address)[1] >= FAILURES_PER_ADDRESS:
        raise TooManyFailures
    held = queries.hold_link(link)
    if held is None:
        db.session.execute(insert(FailedLogin), {"login": BY_LINK, "address": address, "at": at})
        db.session.commit()
        raise WrongLink
    kept, user = held
    with audit.entry(None, "log_in", words=user.login):
        kept.used_at = at
        token = _begin_session(user, device, at, at + LINK_LASTS)
    return user, token


def give_link(actor: Me, user_id: int, at: datetime) -> str:
    """A new personal link's token, kept only as a hash; the older ones open nothing any more. Inside an audit entry."""
    withdraw_links(user_id, at)
    token = secrets.token_urlsafe(24)
    db.session.add(PersonalLink(user_id=user_id, token_hash=queries.token_hash(token), made_by=actor.id, made_at=at))
    db.session.flush()
    return token


def withdraw_links(user_id: int, at: datetime) -> None:
    """Whoever came in by such a link is out at once. Inside an open audit entry."""
    mine = PersonalLink.user_id == user_id, PersonalLink.withdrawn_at.is_(None)
    db.session.execute(update(PersonalLink).where(*mine).values(withdrawn_at=at))
    end_sessions(user_id)


def log_out(actor: Me) -> None:
    with audit.entry(actor, "log_out"):
        # A phone that logs out has sent everything and forgets its name.
        if device.get():
            db.session.execute(delete(Phone).where(Phone.user_id == actor.id, Phone.device == device.get()))
        db.session.execute(delete(LoginSession).where(LoginSession.id == actor.session_id))


def end_sessions(user_id: int) -> None:
    """Put somebody out on every device. Inside an open audit entry."""
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


def choose_language(actor: Me, language: str) -> None:
    with audit.entry(actor, "choose_language", words=language):
        db.session.execute(update(User).where(User.id == actor.id).values(language=language))


def change_password(actor: Me, password: str) -> None:
    """A new password puts every other device out."""
    with audit.entry(actor, "change_password"):
        db.session.execute(update(User).where(User.id == actor.id).values(password_hash=hash_password(password)))
        db.session.execute(
            delete(LoginSession).where(LoginSession.user_id == actor.id, LoginSession.id != actor.session_id)
        )


@dataclass(frozen=True)
class AccountEntry:
    login: str
    name: str
    role: str
    password: str
    phone: str | None = None
    language: str = "zh"


def add_account(actor: Me | None, entry: AccountEntry) -> User:
    with audit.entry(actor, "add_account", words=entry.login):
        user = User(
            login=entry.login,
            name=entry.name,
            role=entry.role,
            phone=entry.phone,
            language=entry.language,
            password_hash=hash_password(entry.password),
        )
        db.session.add(user)
        db.session.flush()
    return user


@dataclass(frozen=True)
class PatchEntry:
    """What is handed out: exactly the community, or one block or building of it."""

    user_id: int
    community_id: int
    from_on: date
    block_id: int | None = None
    building_id: int | None = None
    to_on: date | None = None
    duty: str = "in_charge"


def hand_out_patch(actor: Me | None, entry: PatchEntry) -> Patch:
    with audit.entry(actor, "hand_out_patch", community_id=entry.community_id):
        patch = Patch(**{name: getattr(entry, name) for name in PatchEntry.__dataclass_fields__})
        db.session.add(patch)
        db.session.flush()
        bump_scope(entry.user_id)
    return patch


def end_patch(actor: Me, patch: Patch, last_day: date) -> None:
    with audit.entry(actor, "end_patch", community_id=patch.community_id):
        patch.to_on = last_day
        bump_scope(patch.user_id)


def bump_scope(user_id: int) -> None:
    """Make every server process read this user's patches again."""
    db.session.execute(update(User).where(User.id == user_id).values(scope_version=User.scope_version + 1))


def bump_scopes_of(community_id: int) -> None:
    """The same for all who hold a patch there: its buildings moved between blocks, or are new."""
    holders = Patch.__table__.select().with_only_columns(Patch.user_id).where(Patch.community_id == community_id)
    db.session.execute(update(User).where(User.id.in_(holders)).values(scope_version=User.scope_version + 1))
