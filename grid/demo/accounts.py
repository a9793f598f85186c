"""The accounts that come with the demo community: who they are, their passwords for this install, their patches."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import select

from grid.accounts.actions import AccountEntry, PatchEntry, add_account, hand_out_patch
from grid.accounts.models import User
from grid.core.db import db
from grid.demo.invention import Community
from grid.demo.writing import Written

WORKERS = (
    ("wang", "王秀兰"), ("li", "李志强"), ("zhang", "张海燕"), ("liu", "刘建平"), ("chen", "陈晓红"), ("yang", "杨帆"),
)  # fmt: skip
_SYLLABLES = (
    "bai", "bei", "chun", "dou", "feng", "gao", "gui", "hai", "hao", "hong", "hua", "jia", "jin", "kai",
    "lan", "lin", "liu", "mei", "ming", "mian", "nan", "ning", "ping", "qiao", "qing", "ruo", "shan",
    "shu", "song", "tao", "tian", "wan", "wei", "xia", "xing", "xue", "yang", "yin", "yuan", "yun", "zhi",
    "zhu",
)  # fmt: skip


@dataclass(frozen=True)
class DemoAccount:
    """A line of `flask demo accounts`."""

    role: str
    login: str
    password: str
    name: str
    patch: str


def readable_password() -> str:
    """Three syllables and two digits, e.g. shan-mei-yun-47: easily typed on a phone."""
    return "-".join(secrets.choice(_SYLLABLES) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"


class Cast:
    """Makes the accounts one after the other and remembers what to show of them."""

    def __init__(self, today: date, before: Sequence[DemoAccount] = ()) -> None:
        self.shown = list(before)
        self._since = today - timedelta(days=400)

    def administrator(self) -> User:
        return self._add("administrator", "admin", "沈书宁")

    def street_viewer(self) -> User:
        return self._add("street_viewer", "jiedao", "顾明远")

    def whole(self, users: Sequence[User], made: Community, written: Written) -> None:
        for user in users:
            self._give(user, written.community_id, made.name)

    def workers(self, made: Community, written: Written) -> list[int]:
        """One worker per block; the first also helps in the second block."""
        users = [self._add("grid_worker", login, name) for login, name in WORKERS]
        for user, block_id, block in zip(users, written.blocks, made.blocks, strict=True):
            self._give(user, written.community_id, f"{made.name}{block}", block_id=block_id)
        self._give(
            users[0], written.community_id, f"{made.blocks[1]}（协助）", block_id=written.blocks[1], duty="helps"
        )
        return [user.id for user in users]

    def heads(self, made: Community, written: Written) -> dict[int, int]:
        """Building heads of one house per block, by the names they have in the register: building no → account."""
        users = {}
        for no in made.reporting:
            person = made.heads[no]
            user = self._add("building_head", f"lou{no}", person.name, person.phone)
            self._give(user, written.community_id, f"{made.name}{no}幢", building_id=written.buildings[no])
            users[no] = user.id
        return users

    def _add(self, role: str, login: str, name: str, phone: str | None = None) -> User:
        password, login = readable_password(), _free(login)
        user = add_account(None, AccountEntry(login, name, role, password, phone or f"199000990{len(self.shown):02d}"))
        self.shown.append(DemoAccount(role, login, password, name, ""))
        return user

    def _give(
        self, user: User, community_id: int, words: str, *,
        block_id: int | None = None, building_id: int | None = None, duty: str = "in_charge",
    ) -> None:  # fmt: skip
        hand_out_patch(
            None, PatchEntry(user.id, community_id, self._since, block_id=block_id, building_id=building_id, duty=duty)
        )
        self.shown = [
            DemoAccount(a.role, a.login, a.password, a.name, "、".join(filter(None, (a.patch, words))))
            if a.login == user.login
            else a
            for a in self.shown
        ]


def _free(login: str) -> str:
    """The login, or with a number behind it where somebody has it already."""
    taken = set(db.session.scalars(select(User.login).where(User.login.startswith(login))))
    numbered = (f"{login}{n}" for n in count(2))
    return login if login not in taken else next(other for other in numbered if other not in taken)


def _path(instance: Path) -> Path:
    return instance / "demo-accounts.json"


def keep(instance: Path, shown: Sequence[DemoAccount]) -> None:
    """Where only the one who runs the install can read them; no file where there is nobody to show."""
    if not shown:
        return forget(instance)
    part = _path(instance).with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in shown], file, ensure_ascii=False, indent=1)
    os.replace(part, _path(instance))
    return None


def kept(instance: Path) -> list[DemoAccount]:
    """The accounts of this install, or none."""
    if not _path(instance).exists():
        return []
    return [DemoAccount(**account) for account in json.loads(_path(instance).read_text(encoding="utf-8"))]


def forget(instance: Path) -> None:
    _path(instance).unlink(missing_ok=True)
