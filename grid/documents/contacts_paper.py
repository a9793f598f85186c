"""The contact list (住户信息联系表) of a building: whom to call at every door, with room for a pen.

Phones are masked. Whole ones are for an administrator with a reason; who asks is checked where it is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import render_template

from grid.accounts.models import Scope
from grid.atlas.elevation import unit_label
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.core.personal import mask_phone
from grid.core.refusals import Refused
from grid.documents.houses import Door, Staff, UnitHead, doors, heads, houses, units
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets

PHONES = ("masked", "full")
# From a number as it is kept to what stands on the paper.
Show = Callable[[str | None], str]


class Call(NamedTuple):
    """Somebody to call about a door; `role` says who, where it is not the head."""

    name: str
    role: str
    phones: str


class Line(NamedTuple):
    """One door."""

    room: str
    calls: list[Call]
    members: int
    # 空置, 商铺 and the like.
    state: str
    emergency: str
    emergency_phones: str


@dataclass(frozen=True)
class Group:
    """The doors of a unit."""

    title: str
    head: str
    lines: list[Line]

    @property
    def people(self) -> int:
        return sum(line.members for line in self.lines)


def whole(phone: str | None) -> str:
    """Numbers as they are dialled; several are parted by a semicolon."""
    return "; ".join(part.strip() for part in (phone or "").split(";"))


def needs_reason(options: Options) -> bool:
    return options.get("phones") == "full" and not str(options.get("reason") or "").strip()


def reason_refused() -> Refused:
    return Refused(_("打印完整电话要写明用途，例如：防汛转移、停水通知。用途会记入打印日志。"), "reason")


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    if needs_reason(options):
        raise reason_refused()
    found = houses(scope, ids)
    show = whole if options.get("phones") == "full" else mask_phone
    there, people, unit_heads = doors(ids), heads(ids), units(ids)
    staff = Staff({house.community_id for house in found}, today())
    return [
        Drawn(
            render_template(
                "documents/contacts_sheet.html",
                house=house,
                title=house.title,
                workers=listed(worker.name for worker in staff.of_house(house)),
                groups=_groups(there.get(house.id, []), unit_heads.get(house.id, []), people, show),
                has_whole=show is whole,
                reason=str(options.get("reason") or ""),
                printed=stamp(n),
                lang=lang(),
            ),
            house.title,
        )
        for n, house in enumerate(found, 1)
    ]


People = dict[int, tuple[str, str | None]]


def _groups(here: Sequence[Door], unit_heads: Sequence[UnitHead], people: People, show: Show) -> list[Group]:
    named = {head.unit: head for head in unit_heads}
    found: dict[int, list[Line]] = {}
    for door in here:
        found.setdefault(door.unit, []).append(_line(door, people.get(door.id), show))
    return [Group(unit_label(unit), _head(named.get(unit), show), lines) for unit, lines in found.items()]


def _head(head: UnitHead | None, show: Show) -> str:
    return " ".join(part for part in (head.name, show(head.phone)) if part) if head else ""


def _line(door: Door, head: tuple[str, str | None] | None, show: Show) -> Line:
    return Line(
        door.room,
        _calls(door, head, show),
        door.members,
        _state(door),
        door.emergency_name or "",
        show(door.emergency_phone),
    )


def _calls(door: Door, head: tuple[str, str | None] | None, show: Show) -> list[Call]:
    """The head of the household, whoever else was named as contact, and who owns a home that is let or empty."""
    found: list[Call] = []
    if head:
        found.append(Call(head[0], "", show(head[1] or _same(head[0], door.contact_name, door.contact_phone))))
    if door.contact_name or door.contact_phone:
        found.append(Call(door.contact_name or "", _("联系人"), show(door.contact_phone)))
    if door.owner_name and (door.occupancy in ("rented", "vacant") or not found):
        found.append(Call(door.owner_name, _("业主"), show(door.owner_phone)))
    # Each person once, and again where another number is known.
    return [call for n, call in enumerate(found) if not any(_says(before, call) for before in found[:n])]


def _says(before: Call, call: Call) -> bool:
    return before.name == call.name and call.phones in ("", before.phones)


def _same(name: str, other: str | None, phone: str | None) -> str | None:
    return phone if name == other else None


def _state(door: Door) -> str:
    """What somebody with the list in hand should know before knocking."""
    words = [CODES["use"].text(door.use)] if door.use != "dwelling" else []
    if door.occupancy in ("rented", "vacant"):
        words.append(CODES["occupancy"].text(door.occupancy))
    elif not door.members and not words:
        words.append(_("无人登记"))
    return listed(words)


def _styles(options: Options) -> list[str]:
    return stylesheets("paper.css", "contacts_sheet.css")


CONTACTS = Paper("contacts", "building", _styles, _write)
