"""Compares a visit roster with the register: whose door it was, whom it met, and whether the visit is there already.

What could mean two people or two doors is asked. Nothing is guessed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from grid.core.clock import ZONE, local, now, today
from grid.core.codes import CODES
from grid.core.i18n import N_, _
from grid.exchange import cells
from grid.exchange.door_finding import DoorNotFound, find_door
from grid.exchange.lines import NEW, REFUSED, SAME, SKIPPED, Change, Line, Plan
from grid.exchange.queries import Doors
from grid.exchange.visit_queries import Dweller, Made, Slot, Visited, slot
from grid.exchange.visit_rows import VisitRoster, VisitRow
from grid.register.addresses import Address, same_no, short_address

# The answer for a door where nobody is named.
DOOR = "door"
MOST_OPTIONS = 9
LONGEST_TOLD = 60
TWO_CHARACTER_SURNAMES = frozenset(
    (
        "欧阳", "上官", "司马", "诸葛", "尉迟", "长孙", "慕容", "皇甫", "夏侯", "东方",
        "公孙", "令狐", "宇文", "司徒", "南宫", "西门", "端木", "独孤", "申屠", "鲜于",
    )
)  # fmt: skip
_FORM_OF_ADDRESS = re.compile(
    r"^(?:[老小]\w|\w{1,2}(?:阿姨|叔叔?|师傅|大爷|大妈|大娘|大姐|大哥|大叔|奶奶|爷爷|婆婆|伯伯|嫂子?|姨|姐|哥|妈|爹"
    r"|先生|女士|小姐|太太|老师|老人|医生|老板|某某?|家))$"
)
_LABELS = {
    "at": N_("走访时间"),
    "kind": N_("走访方式"),
    "found": N_("走访结果"),
    "workers": N_("参与人员"),
    "topics": N_("走访内容"),
    "content": N_("情况记录"),
}


@dataclass(frozen=True)
class Target:
    """Where a visit went and whom it met. `unnamed` are words about somebody that it didn't meet, or not by name."""

    household_id: int
    door: str
    people: frozenset[int] = frozenset()
    unnamed: str = ""


@dataclass(frozen=True)
class VisitWrite:
    """One new visit. `worker_id` None: whoever imports it."""

    fields: Mapping[str, Any]
    worker_id: int | None
    along: tuple[int, ...]
    people: frozenset[int]


@dataclass
class VisitWrites:
    visits: list[VisitWrite] = field(default_factory=list)


class _Fault(Exception):
    """Why a row can't go in, at which column, and what can be answered instead."""

    def __init__(self, sentence: str, column: str, options: Mapping[str, tuple[str, Target]] | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.column, self.options = sentence, column, options or {}


@dataclass
class _Roster:
    """What is filled while the rows are settled. `places` names the doors; `seen` the rows that were taken."""

    doors: Doors
    visited: Visited
    latest: datetime
    answers: Mapping[str, str]
    writes: VisitWrites
    places: dict[int, tuple[str, int, str]] = field(default_factory=dict)
    seen: dict[tuple[Slot, frozenset[int] | str], VisitRow] = field(default_factory=dict)

    def shown(self, household_id: int) -> str:
        no, unit, room = self.places[household_id]
        return short_address(Address(None, no, str(unit) if unit else None, room))


def end_of(day: date) -> datetime:
    """The last moment that a visit imported on a day can have been made: now, where that day is today."""
    return now() if day == today() else datetime.combine(day, time.max, ZONE)


def plan_visits(
    roster: VisitRoster, name: str, doors: Doors, visited: Visited, latest: datetime, answers: Mapping[str, str]
) -> Plan:
    """Pure: nothing is asked of the database and nothing is written. Visits after `latest` have not been made yet."""
    writes = VisitWrites()
    places = {door.id: (no, unit, door.facts["room"]) for (no, unit, _room), door in doors.doors.items()}
    settled = _Roster(doors, visited, latest, answers, writes, places)
    plan = Plan("visits", roster.files, doors.community_id, name, writes, notes=list(roster.notes))
    plan.lines.extend(_settle(settled, row) for row in roster.rows)
    plan.notes += _strangers(roster.rows, visited)
    return plan


def _strangers(rows: Iterable[VisitRow], visited: Visited) -> list[str]:
    """Said once, not at each of a thousand rows: names of colleagues that no account has."""
    unknown = dict.fromkeys(name for row in rows for name in row.workers if name not in visited.workers)
    if not unknown:
        return []
    names = "、".join(list(unknown)[:20])
    return [
        _(
            "参与人员里没有账号或有重名的：%(names)s。姓名记在情况记录里；一行里都没有账号时记在导入人名下。",
            names=names,
        )
    ]


def _settle(roster: _Roster, row: VisitRow) -> Line:
    options: Mapping[str, tuple[str, Target]] = {}
    try:
        _refuse_moment(roster, row)
        try:
            target = _target(roster, row)
        except _Fault as asked:
            options = asked.options
            target = _answered(roster, row, options, asked)
    except _Fault as fault:
        row.remark(fault.column, fault.sentence)
        return _line(row, REFUSED, row.said or "?", options=options)
    return _compared(roster, row, target, options)


def _line(row: VisitRow, outcome: str, subject: str, changes: tuple[Change, ...] = (), **more: Any) -> Line:
    options = tuple((value, words) for value, (words, _target) in more.get("options", {}).items())
    about = (row.file, row.sheet, row.number, outcome, subject)
    return Line(*about, changes, tuple(row.read.remarks), options, tuple(row.read.marks))


def _refuse_moment(roster: _Roster, row: VisitRow) -> None:
    if row.at is None:
        raise _Fault(row.moment.fault or _("没有走访时间"), "at")
    if row.at > roster.latest:
        raise _Fault(_("走访时间 %(at)s 还没到，到了以后再导入", at=_told_at(row)), "at")


def _answered(roster: _Roster, row: VisitRow, options: Mapping[str, tuple[str, Target]], asked: _Fault) -> Target:
    """What somebody chose, or what was chosen at an earlier import of the same row; else the question stands."""
    chosen = options.get(roster.answers.get(_key(row), ""))
    if chosen:
        return chosen[1]
    for _words, target in options.values():
        if _made(roster, row, target):
            return target
    raise asked


def _key(row: VisitRow) -> str:
    return Line(row.file, row.sheet, row.number, REFUSED, "").key


def _target(roster: _Roster, row: VisitRow) -> Target:
    """The one door and the people a row means, or a question."""
    if row.address is None:
        return _by_name(roster, row, roster.places, _("没写住址"))
    try:
        key, _shown = find_door(roster.doors, row.address, row.read.remarks)
    except DoorNotFound as missing:
        return _without_door(roster, row, row.address, missing.sentence)
    return _behind(roster, row, roster.doors.doors[key].id)


def _without_door(roster: _Roster, row: VisitRow, address: Address, why: str) -> Target:
    """The address ends at the building or the unit: the name may tell the door. A wrong address tells nothing."""
    if not _is_short(roster, address):
        raise _Fault(why, "address", _named(roster, row, roster.places))
    within = [household_id for household_id, place in roster.places.items() if _lies_in(place, address)]
    return _by_name(roster, row, within, _("住址只写到%(said)s", said=_place_words(address)))


def _is_short(roster: _Roster, address: Address) -> bool:
    if roster.doors.building_of(address.building) is None:
        return False
    no, room = same_no(address.building), same_no(address.room)
    return address.room is None or (address.unit is None and len(roster.doors.units_with.get((no, room), ())) > 1)


def _lies_in(place: tuple[str, int, str], address: Address) -> bool:
    no, unit, room = place
    return (
        no == same_no(address.building)
        and (address.unit is None or same_no(address.unit) == str(unit))
        and (address.room is None or same_no(address.room) == same_no(room))
    )


def _place_words(address: Address) -> str:
    unit = f"{address.unit}单元" if address.unit else ""
    return f"{address.building}幢{unit}{address.room or ''}"


def _by_name(roster: _Roster, row: VisitRow, within: Iterable[int], why: str) -> Target:
    """Found by the name alone inside some doors: said, and asked where the name is borne twice."""
    if not row.names:
        raise _Fault(_("%(why)s，也没写走访对象，不知道是哪一户", why=why), "address")
    if len(row.names) > 1:
        raise _Fault(_("%(why)s，几个人的姓名定不了是哪一户，请补上住址", why=why), "address")
    options = _named(roster, row, within)
    if len(options) == 1:
        ((_words, target),) = options.values()
        row.remark("address", _("%(why)s，按姓名记到 %(door)s", why=why, door=target.door))
        return target
    if not options:
        elsewhere = _named(roster, row, roster.places)
        raise _Fault(_("%(why)s，那里没有登记叫“%(name)s”的人", why=why, name=row.said), "name", elsewhere)
    raise _Fault(_("%(why)s，叫“%(name)s”的不止一人，请选是哪一位", why=why, name=row.said), "name", options)


def _behind(roster: _Roster, row: VisitRow, household_id: int) -> Target:
    """The people a row names behind a known door."""
    door = roster.shown(household_id)
    if not row.names:
        row.remark("name", _("没写走访对象，只记到这一户"))
        return Target(household_id, door)
    if len(row.names) > 1:
        return _several(roster, row, household_id)
    found = _of_name(roster, household_id, row.names[0], _day(row))
    if len(found) == 1:
        return Target(household_id, door, frozenset((found[0].person_id,)))
    if found:
        options = {one.public_id: (_words(roster, one, birth=True), _at(roster, one)) for one in found}
        why = _("%(door)s 有 %(n)s 个人叫“%(name)s”，请选是哪一位", door=door, n=len(found), name=row.said)
        raise _Fault(why, "name", options)
    raise _unknown(roster, row, household_id)


def _of_name(roster: _Roster, household_id: int, name: str, day: date) -> list[Dweller]:
    """Of several those who lived there on the day: who had left, or had not come yet, was not met."""
    found = _one_each(one for one in roster.visited.by_door.get(household_id, ()) if one.name == name)
    there = [one for one in found if one.lived_there(day)]
    return there if len(found) > 1 and there else found


def _one_each(dwellers: Iterable[Dweller]) -> list[Dweller]:
    return list({one.person_id: one for one in dwellers}.values())


def _several(roster: _Roster, row: VisitRow, household_id: int) -> Target:
    """Several names in a cell: whoever is known was met, the others stay as words."""
    people, unknown = set(), []
    for name in row.names:
        found = _of_name(roster, household_id, name, _day(row))
        if len(found) == 1:
            people.add(found[0].person_id)
        else:
            unknown.append(name)
    if not people:
        raise _unknown(roster, row, household_id)
    if unknown:
        names = "、".join(unknown)
        row.remark("name", _("没有对上：%(names)s，姓名记在情况记录里", names=names))
    return Target(household_id, roster.shown(household_id), frozenset(people), "、".join(unknown))


def _unknown(roster: _Roster, row: VisitRow, household_id: int) -> _Fault:
    """Nobody of this name behind the door: the door without a name, the same name elsewhere, or a like one here."""
    door = roster.shown(household_id)
    elsewhere = _named(roster, row, roster.places) if len(row.names) == 1 else {}
    here = _like(roster, row, household_id)
    asked = {DOOR: (_("记在 %(door)s，不写见到谁", door=door), Target(household_id, door, unnamed=row.said))}
    options = dict(list((asked | elsewhere | here).items())[:MOST_OPTIONS])
    about = {"door": door, "name": row.said}
    if elsewhere:
        named = "、".join(target.door for _words, target in list(elsewhere.values())[:3])
        why = _("“%(name)s”没有登记在 %(door)s，登记在 %(elsewhere)s，请选记到哪里", elsewhere=named, **about)
    elif _FORM_OF_ADDRESS.match(row.names[0]):
        why = _("“%(name)s”是称呼，不是姓名，请选是 %(door)s 的哪一位", **about)
    else:
        why = _("%(door)s 没有登记叫“%(name)s”的人，请选怎么记", **about)
    return _Fault(why, "name", options)


def _named(roster: _Roster, row: VisitRow, within: Iterable[int]) -> dict[str, tuple[str, Target]]:
    """Everybody of the row's name inside some doors, each where they lived on the day."""
    if len(row.names) != 1:
        return {}
    doors = set(within)
    homes: dict[int, list[Dweller]] = {}
    for one in roster.visited.by_name.get(row.names[0], ()):
        if one.household_id in doors:
            homes.setdefault(one.person_id, []).append(one)
    found = [_home_on(_day(row), some) for some in homes.values()]
    return {one.public_id: (_words(roster, one), _at(roster, one)) for one in found[:MOST_OPTIONS]}


def _home_on(day: date, homes: Sequence[Dweller]) -> Dweller:
    """Where somebody lived on a day; of other days the present home, else the last."""
    return max(homes, key=lambda one: (one.lived_there(day), one.to_on is None, one.to_on or date.min))


def _like(roster: _Roster, row: VisitRow, household_id: int) -> dict[str, tuple[str, Target]]:
    """Who lived behind a door on the day with the same surname."""
    surname = _surname(re.sub(r"^[老小](?=\w$)", "", row.names[0]))
    found = _one_each(
        one
        for one in roster.visited.by_door.get(household_id, ())
        if one.lived_there(_day(row)) and _surname(one.name) == surname
    )
    return {one.public_id: (_words(roster, one), _at(roster, one)) for one in found}


def _surname(name: str) -> str:
    return name[:2] if name[:2] in TWO_CHARACTER_SURNAMES else name[:1]


def _words(roster: _Roster, one: Dweller, birth: bool = False) -> str:
    said = f"{one.name} {roster.shown(one.household_id)}"
    return _("%(who)s（%(year)s 年生）", who=said, year=one.birth.year) if birth and one.birth else said


def _at(roster: _Roster, one: Dweller) -> Target:
    return Target(one.household_id, roster.shown(one.household_id), frozenset((one.person_id,)))


def _day(row: VisitRow) -> date:
    assert row.moment.day
    return row.moment.day


def _compared(roster: _Roster, row: VisitRow, target: Target, options: Mapping[str, tuple[str, Target]]) -> Line:
    """New, there already, or a second row about the same visit."""
    subject = f"{target.door} {row.said}".strip()
    target = _met(row, target)
    first = roster.seen.setdefault((_slot(row, target), target.people or target.unnamed), row)
    if first is not row:
        row.read.remarks.append(_("和“%(sheet)s”第 %(n)s 行是同一次走访", sheet=first.sheet, n=first.number))
        return _line(row, SKIPPED, subject, options=options)
    there = _made(roster, row, target)
    if there:
        if row.details and row.details not in there.content:
            row.remark("content", _("登记里这次走访的情况记录写法不同，没有改动"))
        return _line(row, SAME, subject, options=options)
    write = _write(roster, row, target)
    roster.writes.visits.append(write)
    return _line(row, NEW, subject, _changes(row, write), options=options)


def _met(row: VisitRow, target: Target) -> Target:
    """Where nobody was at home nobody was met; whom it was for stays as words."""
    return target if row.found == "home" else replace(target, people=frozenset(), unnamed=row.said)


def _slot(row: VisitRow, target: Target) -> Slot:
    assert row.at
    return slot(target.household_id, row.at, row.kind)


def _made(roster: _Roster, row: VisitRow, target: Target) -> Made | None:
    """The visit of the register that a row tells of: it met the same people, or nobody and has the same words."""
    target = _met(row, target)
    for made in roster.visited.made.get(_slot(row, target), ()):
        if target.people and target.people <= made.people:
            return made
        if not target.people and not made.people and target.unnamed in made.content:
            return made
    return None


def _write(roster: _Roster, row: VisitRow, target: Target) -> VisitWrite:
    known = [roster.visited.workers[name] for name in row.workers if name in roster.visited.workers]
    fields = {
        "household_id": target.household_id,
        "at": row.at,
        "kind": row.kind,
        "found": row.found,
        "topics": list(row.topics),
        "content": _content(roster, row, target),
    }
    return VisitWrite(fields, known[0] if known else None, tuple(dict.fromkeys(known[1:])), target.people)


def _content(roster: _Roster, row: VisitRow, target: Target) -> str | None:
    """The details as written, below them what has no field of its own."""
    unknown = [name for name in row.workers if name not in roster.visited.workers]
    parts = [row.details]
    parts += [_("走访对象：%(who)s", who=target.unnamed)] if target.unnamed else []
    parts += [_("参与：%(names)s", names="、".join(unknown))] if unknown else []
    return "\n".join(part for part in (*parts, *row.kept) if part)[: cells.LONGEST_NOTE] or None


def _told_at(row: VisitRow) -> str:
    assert row.at
    return local(row.at).strftime("%Y-%m-%d %H:%M" if row.moment.clock else "%Y-%m-%d")


def _changes(row: VisitRow, write: VisitWrite) -> tuple[Change, ...]:
    """What a new visit holds."""
    told = {
        "at": _told_at(row),
        "kind": CODES["visit_kind"].text(row.kind),
        "found": CODES["found"].text(row.found),
        "workers": "、".join(row.workers),
        "topics": "、".join(CODES["topic"].text(code) for code in row.topics),
        "content": (write.fields["content"] or "").replace("\n", " ")[:LONGEST_TOLD],
    }
    return tuple(Change(_(_LABELS[name]), "—", words) for name, words in told.items() if words)
