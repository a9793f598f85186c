"""Making accounts, handing out patches and taking them back, a community's settings. Nobody locks himself out."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from grid.accounts import actions as accounts_actions
from grid.accounts import audit
from grid.accounts.actions import AccountEntry, PatchEntry
from grid.accounts.models import Me, Patch, Scope, User
from grid.accounts.passwords import hash_password
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.labels import moment
from grid.core.refusals import Refused
from grid.register import actions as register_actions
from grid.register.actions import CommunityEntry
from grid.register.models import DEFAULT_LABELS, Community
from grid.staff import phones, queries
from grid.staff.queries import Account

# Without look-alikes (0 o, 1 l i): it is read aloud or copied from a slip of paper. 12 signs are 59 bits.
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"


def first_password() -> str:
    """kfm7-3qzt-p9wd"""
    return "-".join("".join(secrets.choice(SIGNS) for _sign in range(4)) for _part in range(3))


@dataclass(frozen=True)
class HandOut:
    """What somebody gets: the community, or blocks and buildings of it, from a day to a day."""

    community_id: int
    from_on: date
    to_on: date | None = None
    duty: str = "in_charge"
    block_ids: Sequence[int] = ()
    building_ids: Sequence[int] = ()

    def entries(self, user_id: int) -> list[PatchEntry]:
        given = {"from_on": self.from_on, "to_on": self.to_on, "duty": self.duty}
        parts = [{"block_id": i} for i in self.block_ids] + [{"building_id": i} for i in self.building_ids]
        return [PatchEntry(user_id, self.community_id, **given, **part) for part in parts or [{}]]  # type: ignore[arg-type]


@dataclass(frozen=True)
class NewAccount:
    login: str
    name: str
    role: str
    phone: str | None = None


def add_account(actor: Me | None, entry: NewAccount, patches: HandOut | None) -> tuple[User, str]:
    """The account with its first patches, and its password, which nobody can read again."""
    if len(entry.login) < 2 or not all(sign.isalnum() or sign in "._-@" for sign in entry.login):
        raise Refused(_("账号名至少 2 个字，只用字母、数字、汉字和 . _ - @，中间不空格。"), "login")
    if queries.login_taken(entry.login):
        raise Refused(_("这个账号名已经有人用了，请换一个。"), "login")
    password = first_password()
    community_id = patches.community_id if patches else None
    try:
        with audit.entry(actor, "add_account", community_id=community_id, words=entry.login):
            account = AccountEntry(entry.login, entry.name, entry.role, password, entry.phone)
            user = accounts_actions.add_account(actor, account)
            if patches:
                _hand_out(actor, user.id, entry.role, patches)
    except IntegrityError:
        # Somebody else took the login in the same second.
        raise Refused(_("这个账号名已经有人用了，请换一个。"), "login") from None
    return user, password


def hand_out(actor: Me, account: Account, given: HandOut) -> None:
    if not account.is_active:
        raise Refused(_("这个账号已停用，请先启用。"))
    with audit.entry(actor, "hand_out_patch", community_id=given.community_id, words=account.name):
        _hand_out(actor, account.id, account.role, given)


def _hand_out(actor: Me | None, user_id: int, role: str, given: HandOut) -> None:
    """Inside an open audit entry."""
    _fits(role, given)
    _is_free(user_id, role, given)
    for entry in given.entries(user_id):
        accounts_actions.hand_out_patch(actor, entry)


def _fits(role: str, given: HandOut) -> None:
    if given.to_on is not None and given.to_on < given.from_on:
        raise Refused(_("结束日期比开始日期还早，请核对。"), "to_on")
    parts = bool(given.block_ids or given.building_ids)
    if role in ("administrator", "street_viewer") and parts:
        raise Refused(_("管理员和街道查看总是负责整个社区。"))
    if role in ("grid_worker", "building_head") and not parts:
        raise Refused(_("请至少选一个片区或一栋楼。"), "blocks" if role == "grid_worker" else "buildings")
    if role == "building_head" and given.block_ids:
        raise Refused(_("楼栋长只负责楼栋，请选楼。"), "buildings")


def _is_free(user_id: int, role: str, given: HandOut) -> None:
    """Not the same thing twice to one person, and one worker in charge of a block at a time."""
    found = queries.overlapping(given.community_id, given.block_ids, given.building_ids, given.from_on, given.to_on)
    for holder_id, name, holder_role, duty, block_id, _building_id in found:
        if holder_id == user_id:
            raise Refused(_("这段时间里已经分给他了，不用再分。"))
        both = role == holder_role == "grid_worker" and duty == given.duty == "in_charge"
        if both and block_id is not None:
            raise Refused(_("这个片区这段时间由%(name)s负责。请改选“协助”，或先收回原来的。", name=name), "duty")


def end_patch(actor: Me, account: Account, patch: Patch, last_day: date, anyway: bool = False) -> None:
    """Take a patch back; `last_day` still counts. The day before it begins means: it never was.

    What still waits in their phone would be refused afterwards: `anyway` where the phone is lost.
    """
    if patch.to_on is not None and patch.to_on < last_day:
        raise Refused(_("这个范围已经到期或收回了。"))
    if (last_day - patch.from_on).days < -1:
        raise Refused(_("结束日期比开始日期还早，请核对。"), "to_on")
    waiting = phones.unsent_of(account.id)
    if waiting and not anyway:
        said = {"name": account.name, "n": waiting.entries, "since": moment(waiting.since)}
        sentence = _(
            "%(name)s的手机里有 %(n)s 条没发出（从 %(since)s 起）。请先连网发完；手机丢了，就勾选“照样收回”。", **said
        )
        raise Refused(sentence, "anyway")
    if account.role == "administrator":
        if account.id == actor.id and not queries.administrator_stays(patch, actor.id, last_day):
            raise Refused(_("这是您自己最后的范围，收回了就进不来了。请另一位管理员来做。"), "to_on")
        if not queries.administrator_stays(patch, None, last_day):
            raise Refused(_("这个社区就没有管理员了。请先给另一位管理员分配这个社区。"), "to_on")
    with audit.entry(actor, "end_patch", community_id=patch.community_id, words=account.name):
        accounts_actions.end_patch(actor, patch, last_day)


def edit_account(actor: Me, account: Account, name: str, phone: str | None, today: date) -> None:
    if account.id != actor.id:
        _only_ours(actor.scope, account, today)
    with audit.entry(actor, "edit_account", community_id=_home(account), words=account.login):
        _change(account.id, name=name, phone=phone)


def reset_password(actor: Me, account: Account, today: date) -> str:
    """A new password, told once; all their devices are put out."""
    if account.id == actor.id:
        raise Refused(_("自己的密码请在“我的”页面改。"))
    _only_ours(actor.scope, account, today)
    password = first_password()
    with audit.entry(actor, "reset_password", community_id=_home(account), words=account.login):
        _change(account.id, password_hash=hash_password(password))
        accounts_actions.end_sessions(account.id)
    return password


def deactivate(actor: Me, account: Account, today: date) -> None:
    if account.id == actor.id:
        raise Refused(_("不能停用自己的账号。请另一位管理员来做。"))
    _only_ours(actor.scope, account, today)
    with audit.entry(actor, "deactivate_account", community_id=_home(account), words=account.login):
        _change(account.id, is_active=False)
        accounts_actions.withdraw_links(account.id, now())


def give_link(actor: Me, account: Account, today: date) -> str:
    """A building head's way in without a password: the token, told once."""
    if account.role != "building_head":
        raise Refused(_("个人链接只发给楼栋长。"))
    if not account.is_active:
        raise Refused(_("这个账号已停用，请先启用。"))
    _only_ours(actor.scope, account, today)
    with audit.entry(actor, "give_link", community_id=_home(account), words=account.login):
        return accounts_actions.give_link(actor, account.id, now())


def withdraw_link(actor: Me, account: Account, today: date) -> None:
    _only_ours(actor.scope, account, today)
    with audit.entry(actor, "withdraw_link", community_id=_home(account), words=account.login):
        accounts_actions.withdraw_links(account.id, now())


def activate(actor: Me, account: Account, today: date) -> None:
    _only_ours(actor.scope, account, today)
    with audit.entry(actor, "activate_account", community_id=_home(account), words=account.login):
        _change(account.id, is_active=True)


def _only_ours(scope: Scope, account: Account, today: date) -> None:
    # Who resets a password can log in with it, so it must not open more than the actor may see.
    if queries.works_elsewhere(scope, account.id, today):
        raise Refused(_("这个账号还在别的社区工作，请那边的管理员一起处理。"))


def _home(account: Account) -> int:
    return account.patches[-1].community_id


def _change(user_id: int, **values: object) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(**values))


@dataclass(frozen=True)
class SettingsEntry:
    name: str
    code: str | None
    street: str | None
    visit_every_days: int = 30
    report_days: int = 30
    labels: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_LABELS))


def edit_community(actor: Me, community: Community, entry: SettingsEntry) -> None:
    if queries.name_taken(entry.name, community.id):
        raise Refused(_("已经有一个社区叫这个名字，请换一个。"), "name")
    with _one_of_a_name(), audit.entry(actor, "edit_community", community_id=community.id, words=entry.name):
        community.name = entry.name
        community.code = entry.code
        community.street = entry.street
        community.visit_every_days = entry.visit_every_days
        community.report_days = entry.report_days
        community.labels = dict(entry.labels)


@contextmanager
def _one_of_a_name() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        # Somebody else took the name in the same second.
        raise Refused(_("已经有一个社区叫这个名字，请换一个。"), "name") from None


def add_community(actor: Me, name: str, code: str | None, today: date) -> Community:
    """A new community, handed out to its maker from today."""
    if queries.name_taken(name):
        raise Refused(_("已经有一个社区叫这个名字，请换一个。"), "name")
    new_id = register_actions.next_community_id()
    with _one_of_a_name(), audit.entry(actor, "add_community", community_id=new_id, words=name):
        community = register_actions.add_community(actor, CommunityEntry(name, code), new_id)
        accounts_actions.hand_out_patch(actor, PatchEntry(actor.id, community.id, from_on=today))
    return community
