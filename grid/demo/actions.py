"""Loads the demo community in one transaction, and throws it away in one."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, or_, select, update

from grid.accounts import audit
from grid.accounts.models import AuditChange, AuditEntry, LoginSession, Patch, User
from grid.accounts.passwords import matches
from grid.core.db import Base, db
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.demo import accounts
from grid.demo.case_writing import write_affairs
from grid.demo.duties import write_duties
from grid.demo.floating import write_floating
from grid.demo.invention import CODES_BEGIN, Invention, invent
from grid.demo.ledgers import write_ledgers
from grid.demo.targets import write_targets
from grid.demo.teamwork import write_teamwork
from grid.demo.writing import sum_up, write_register, write_visits
from grid.demo.year_plans import write_year_plans
from grid.register.models import Community
from grid.services.models import ActivityPhoto
from grid.visits import album
from grid.visits.models import VisitPhoto


@dataclass(frozen=True)
class Loaded:
    communities: tuple[str, ...]
    doors: int
    people: int
    visits: int


def demo_communities() -> list[int]:
    return list(db.session.scalars(select(Community.id).where(Community.code.startswith(CODES_BEGIN))))


def database_is_empty() -> bool:
    return db.session.scalar(select(Community.id).limit(1)) is None


def load_demo(doors: int, today: date, instance: Path) -> Loaded:
    """Invent and write everything, or raise Refused and write nothing."""
    _refuse_if_there()
    made = invent(doors, today=today)
    with audit.entry(None, "load_demo", words=made.communities[0].name):
        _without_triggers()
        cast = accounts.Cast(today, _still_good(accounts.kept(instance)))
        _write(made, cast)
        audit.install_triggers(db.session.connection())
        accounts.keep(instance, cast.shown)
    return _counted(made)


def _refuse_if_there() -> None:
    if demo_communities():
        raise Refused(_("演示社区已经在了。要重新生成，请先运行 flask demo remove。"))


def _without_triggers() -> None:
    """A line of history per invented row would double the database and tell nobody anything."""
    db.session.flush()
    audit.remove_triggers(db.session.connection())


def _write(made: Invention, cast: accounts.Cast) -> None:
    wide = [cast.administrator(), cast.street_viewer()]
    for nth, community in enumerate(made.communities):
        written = write_register(community, made.today)
        cast.whole(wide, community, written)
        workers = cast.workers(community, written)
        heads = cast.heads(community, written) if nth == 0 else {}
        visits = write_visits(community, written, workers)
        if nth == 0:
            write_affairs(made, written, visits, workers, heads)
            write_floating(community, written, made.today)
            write_duties(community, written, workers, made.today)
            write_teamwork(made.today, written, wide[0].id, workers)
            write_ledgers(written.community_id, wide[0].id)
            write_year_plans(written.community_id, workers, made.today)
            write_targets(written.community_id, len(written.people), wide[0].id, made.today)
        sum_up(written.community_id)
    # The tiny one has no workers of its own: its visits are the administrator's.
    written = write_register(made.small, made.today)
    cast.whole(wide, made.small, written)
    write_visits(made.small, written, [wide[0].id] * len(made.small.blocks))
    sum_up(written.community_id)


def _counted(made: Invention) -> Loaded:
    names = select(Community.name).where(Community.code.startswith(CODES_BEGIN)).order_by(Community.id)
    return Loaded(
        communities=tuple(db.session.scalars(names)),
        doors=sum(len(community.homes) for community in made.all),
        people=sum(len(home.present()) for community in made.all for home in community.homes),
        visits=sum(len(community.visits) for community in made.all),
    )


def remove_demo(instance: Path) -> int:
    """Delete the demo communities with all that hangs on them and their accounts; the number of communities.

    Their history goes too: it speaks of nobody, and a later row must not inherit it with a number.
    """
    doomed = demo_communities()
    if not doomed:
        raise Refused(_("没有演示社区可删。"))
    with audit.entry(None, "remove_demo"):
        _without_triggers()
        users = _demo_users(doomed)
        pictures = _pictures(doomed)
        _forget_history(doomed)
        for table in reversed(Base.metadata.sorted_tables):
            belongs = _belongs(table, doomed)
            if belongs is not None:
                db.session.execute(delete(table).where(belongs))
        _dismiss(users)
        audit.install_triggers(db.session.connection())
        accounts.keep(instance, _still_good(accounts.kept(instance)))
    # A picture goes after the row that named it, unless somebody elsewhere took the same.
    album.forget(instance, pictures - _pictures())
    return len(doomed)


def _pictures(communities: list[int] | None = None) -> set[str]:
    """Those that rows name, of some communities or of all."""
    found: set[str] = set()
    for model in (VisitPhoto, ActivityPhoto):
        named = select(model.sha256)
        wanted = named if communities is None else named.where(model.community_id.in_(communities))
        found |= set(db.session.scalars(wanted))
    return found


def _still_good(shown: list[accounts.DemoAccount]) -> list[accounts.DemoAccount]:
    """The lines with which somebody can still log in: after removing, at most the only administrator."""
    hashes = {user.login: user.password_hash for user in db.session.scalars(select(User).where(User.is_active))}
    return [
        replace(account, patch="")
        for account in shown
        if account.login in hashes and matches(hashes[account.login], account.password)
    ]


def _belongs(table: Table, communities: list[int]) -> Any:
    """The condition under which a row hangs on one of the communities, or None for tables of another kind."""
    if table.name in ("audit_entry", "audit_change", "user_account"):
        return None
    if table is Community.__table__:
        return table.c.id.in_(communities)
    if "community_id" in table.c:
        return table.c.community_id.in_(communities)
    parents = [
        column.in_(select(key.column).where(key.column.table.c.community_id.in_(communities)))
        for column in table.c
        for key in column.foreign_keys
        if "community_id" in key.column.table.c
    ]
    return or_(*parents) if parents else None


def _forget_history(communities: list[int]) -> None:
    for table in Base.metadata.sorted_tables:
        belongs = _belongs(table, communities)
        if belongs is not None and "id" in table.c and table.name not in audit.UNWATCHED:
            ids = select(table.c.id).where(belongs)
            gone = (AuditChange.table_name == table.name) & AuditChange.row_id.in_(ids)
            db.session.execute(delete(AuditChange).where(gone))
    db.session.execute(delete(AuditEntry).where(AuditEntry.community_id.in_(communities)))


def _demo_users(communities: list[int]) -> list[int]:
    """Accounts whose every patch lies in the demo communities, without the only administrator there is."""
    elsewhere = select(Patch.user_id).where(Patch.community_id.not_in(communities))
    here = select(Patch.user_id).where(Patch.community_id.in_(communities))
    users = list(db.session.scalars(select(User.id).where(User.id.in_(here), User.id.not_in(elsewhere))))
    remaining = select(func.count()).where(User.role == "administrator", User.is_active, User.id.not_in(users))
    if not db.session.scalar(remaining):
        heads = set(db.session.scalars(select(User.id).where(User.id.in_(users), User.role == "administrator")))
        users = [user for user in users if user not in heads]
    return users


def _dismiss(users: list[int]) -> None:
    """Delete the accounts; one that has worked elsewhere too stays as a name in history and can't log in."""
    db.session.execute(delete(LoginSession).where(LoginSession.user_id.in_(users)))
    needed = _referred_to(users)
    db.session.execute(delete(User).where(User.id.in_(set(users) - needed)))
    for user_id in needed:
        db.session.execute(
            update(User).where(User.id == user_id).values(is_active=False, login=User.login + f"#{user_id}")
        )


def _referred_to(users: list[int]) -> set[int]:
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.c
        for key in column.foreign_keys
        if key.column.table is User.__table__
    ]
    return {user for column in columns for user in db.session.scalars(select(column).where(column.in_(users)))}
