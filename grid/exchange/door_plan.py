"""Compares a door list with the register: buildings from the summary sheet, then every door."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grid.core.i18n import _
from grid.exchange import cells, telling
from grid.exchange.columns import Layout, find_layout, rows_below
from grid.exchange.fields import BUILDINGS, DOORS
from grid.exchange.finding_tables import tables
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, SKIPPED, Line, Plan, differing
from grid.exchange.queries import DoorKey, Doors, Known
from grid.exchange.rowcells import RowCells
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import Sheet
from grid.register.addresses import Address, level_no, plain, room_no, same_no, short_address
from grid.register.id_numbers import IdNumber

MOST_FLOORS = 200
MOST_UNITS = 99
LONGEST_ROOM = 12
# Where a word is in no list, the row says 其他 and the word stands in the note.
_OTHER = {"use": "other", "occupancy": "other", "rental_use": "99"}


@dataclass
class DoorWrites:
    """What an applied door list changes: id of the row that is there, else None, and the fields.
    A building says its block by `seq`; new doors say their building and unit by number."""

    buildings: dict[str, tuple[int | None, dict[str, Any]]] = field(default_factory=dict)
    units: dict[tuple[str, int], None] = field(default_factory=dict)
    doors: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)


@dataclass
class _List:
    """What is filled while the sheets are read."""

    known: Doors
    writes: DoorWrites = field(default_factory=DoorWrites)
    lines: list[Line] = field(default_factory=list)
    summary_rows: dict[str, int] = field(default_factory=dict)
    # Where among `lines` each building is told of.
    told_at: dict[str, int] = field(default_factory=dict)
    door_rows: dict[DoorKey, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)


def plan_doors(
    files: Sequence[tuple[str, Sequence[Sheet]]], name: str, known: Doors, vocabulary: Vocabulary | None = None
) -> Plan:
    """Every sheet with rooms is a door list, every other with building numbers a summary."""
    listed, words = _List(known), vocabulary or Vocabulary()
    plan = Plan("doors", tuple(file for file, _sheets in files), known.community_id, name, listed.writes)
    wanted = _("房屋表要有“楼号”和“房间”两列，楼栋表要有“楼号”一列。")
    found = tables(files, lambda sheet: _layout_of(sheet, words), plan.notes, wanted)
    for file, sheet, layout in sorted(found, key=lambda one: "room" in one[2].columns):
        if "room" in layout.columns:
            _read_doors(listed, file, sheet, layout)
        else:
            _read_buildings(listed, file, sheet, layout)
    plan.lines.extend(listed.lines)
    return plan


def _layout_of(sheet: Sheet, words: Vocabulary) -> Layout | None:
    layout = find_layout(sheet, DOORS, ("building", "room"), "doors", words)
    return layout or find_layout(sheet, BUILDINGS, ("building",), "buildings", words)


def _read_buildings(listed: _List, file: str, sheet: Sheet, layout: Layout) -> None:
    for row, kind in rows_below(sheet, layout, "building"):
        if kind != "data":
            continue
        read = RowCells(row, layout)
        no = level_no(read.raw("building"))
        subject = _("%(no)s幢", no=no or "?")
        about = (file, sheet.name, row.number)
        if no is None or len(no) > LONGEST_ROOM:
            why = _("%(column)s里没有楼号", column=layout.place("building"))
            listed.lines.append(Line(*about, REFUSED, subject, (), (why,)))
            continue
        key = same_no(no)
        if key in listed.summary_rows:
            why = _("和第 %(n)s 行是同一栋楼", n=listed.summary_rows[key])
            listed.lines.append(Line(*about, SKIPPED, subject, (), (why,)))
            continue
        listed.summary_rows[key] = row.number
        there = listed.known.buildings.get(key)
        fields = _building_fields(listed, read, there)
        new = differing(there.facts if there else {}, fields)
        if there is None:
            listed.writes.buildings[key] = (None, {"no": no} | new)
        elif new:
            listed.writes.buildings[key] = (there.id, new)
        outcome = NEW if there is None else CHANGED if new else SAME
        told = telling.changes(there.facts if there else {}, new)
        listed.told_at[key] = len(listed.lines)
        listed.lines.append(Line(*about, outcome, subject, told, tuple(read.remarks), marks=tuple(read.marks)))


def _building_fields(listed: _List, read: RowCells, there: Known | None) -> dict[str, Any]:
    fields = {
        "estate": read.text("estate", 50),
        "floors": read.whole("floors", 1, MOST_FLOORS),
        "built_year": read.whole("built_year", 1800, 2100),
        "head_name": read.text("head_name", 50),
        "head_phone": read.phones("head_phone"),
        "note": read.text("note", cells.LONGEST_NOTE),
    }
    said = cells.words(read.raw("block"))
    seq = _block_seq(listed.known, said)
    if said and seq is None:
        read.remarks.append(_("没有片区“%(name)s”，楼栋先不归片区", name=said[:20]))
    elif seq is not None and not (there and there.facts["block_id"] == listed.known.blocks[seq].id):
        fields["block"] = seq
    return fields


def _block_seq(known: Doors, said: str) -> int | None:
    """第1片区, 一片区 and the block's own name are the same block."""
    if not said:
        return None
    for seq, block in known.blocks.items():
        if block.facts["name"] == said:
            return seq
    numeral = re.search(r"\d+", plain(re.sub(r"(?:片区|网格|大组|组|区)$", "单元", said)))
    return int(numeral[0]) if numeral and int(numeral[0]) in known.blocks else None


def _read_doors(listed: _List, file: str, sheet: Sheet, layout: Layout) -> None:
    for row, kind in rows_below(sheet, layout, "room"):
        if kind != "data":
            continue
        read = RowCells(row, layout)
        listed.lines.append(_door_line(listed, read, file, sheet.name))


def _door_line(listed: _List, read: RowCells, file: str, sheet: str) -> Line:
    about = (file, sheet, read.row.number)
    no, room = level_no(read.raw("building")), room_no(read.raw("room"))
    unit = _unit_no(read.raw("unit"))
    shown = short_address(Address(None, no, str(unit) if unit else None, room)) or "?"
    fault = _fault_of_door(read, no, unit, room)
    if fault or no is None or unit is None or room is None:
        return Line(*about, REFUSED, shown, (), (fault or "",))
    fields = _door_fields(read, room)
    if fields["floor"] is None:
        why = _("%(column)s看不出楼层", column=read.layout.place("floor"))
        return Line(*about, REFUSED, shown, (), (why,))
    key = (same_no(no), unit, same_no(room))
    if key in listed.door_rows:
        return _repeated(listed, about, shown, key, fields)
    listed.door_rows[key] = (read.row.number, fields)
    _note_building(listed, read, no, about)
    listed.writes.units.setdefault((key[0], unit))
    there = listed.known.doors.get(key)
    new = differing(there.facts if there else {}, fields)
    if there is None:
        listed.writes.doors.append((None, {"building": key[0], "unit_no": unit, "code": shown} | new))
    elif new:
        listed.writes.doors.append((there.id, new))
    if read.row.hidden:
        read.remarks.append(_("这一行在表里是隐藏的，照常导入"))
    outcome = NEW if there is None else CHANGED if new else SAME
    told = telling.changes(there.facts, new) if there else telling.added(new)
    return Line(*about, outcome, shown, told, tuple(read.remarks), marks=tuple(read.marks))


def _fault_of_door(read: RowCells, no: str | None, unit: int | None, room: str | None) -> str | None:
    layout = read.layout
    if no is None or len(no) > LONGEST_ROOM:
        return _("%(column)s里没有楼号", column=layout.place("building"))
    if unit is None:
        return _("%(column)s里的单元不是 1 到 99 的数字", column=layout.place("unit"))
    if room is None or len(room) > LONGEST_ROOM:
        return _("%(column)s里没有房间号", column=layout.place("room"))
    return None


def _unit_no(cell: Any) -> int | None:
    """0 for a building without units; None where the words are no number."""
    if cells.words(cell) in ("", "无", "-", "0"):
        return 0
    no = level_no(cell)
    return int(no) if no and no.isdecimal() and int(no) <= MOST_UNITS else None


def _door_fields(read: RowCells, room: str) -> dict[str, Any]:
    floor, floor_to = _floors(read.raw("floor"), room)
    note = read.text("note", cells.LONGEST_NOTE)
    coded = {name: read.code(name, name) for name in ("use", "occupancy", "rental_use")}
    unknown = [name for name, code in coded.items() if code is None and cells.words(read.raw(name))]
    coded |= {name: _OTHER[name] for name in unknown}
    extra = [cells.words(read.raw(name))[:20] for name in unknown]
    owner_id = IdNumber.read(read.raw("owner_id_no"))
    if owner_id:
        read.taken("owner_id_no", (None, list(owner_id.warnings)))
    return {
        "floor": floor,
        "floor_to": floor_to,
        "room": room,
        **coded,
        "layout": read.text("layout", 20),
        "area": read.taken("area", cells.read_number(read.raw("area"), _("面积"), 0.01, 999_999)),
        "owner_name": read.text("owner_name", 50),
        "owner_phone": read.phones("owner_phone"),
        "owner_id_no": owner_id.value if owner_id else None,
        "landlord_duty": read.flag("landlord_duty"),
        "note": "；".join([part for part in (note, *extra) if part]) or None,
    }


def _floors(cell: Any, room: str) -> tuple[int | None, int | None]:
    """Floor and upper floor of a duplex; without a cell the room number tells: 1203 is on 12, B1-01 on -1."""
    said = cells.words(cell).replace("地下", "-").replace("负", "-").replace("层", "").replace("楼", "")
    said = re.sub(r"^B(?=\d)", "-", said.upper())
    span = re.fullmatch(r"(-?\d{1,3})(?:\s*[-~—至到、]\s*(-?\d{1,3}))?", said)
    if span:
        low, high = int(span[1]), int(span[2]) if span[2] else None
        return (low, high) if high is None or high > low else (low, None)
    if said:
        return None, None
    below = re.match(r"^(?:B|-|负|地下)(\d)", room)
    if below:
        return -int(below[1]), None
    digits = re.match(r"^(\d{1,2})\d{2}\D*$", room)
    return (int(digits[1]) or 1 if digits else 1), None


def _note_building(listed: _List, read: RowCells, no: str, about: tuple[str, str, int]) -> None:
    """A building the summary did not tell of, and what only the door rows know of it."""
    key = same_no(no)
    there = listed.known.buildings.get(key)
    id_, planned = listed.writes.buildings.get(key, (there.id if there else None, {}))
    said: dict[str, Any] = {"has_lift": read.flag("has_lift")}
    if key not in listed.summary_rows:
        said["floors"] = read.whole("floors", 1, MOST_FLOORS)
    known = dict(there.facts) | planned if there else planned
    new = {name: value for name, value in differing(known, said).items() if name not in planned}
    if there is None and not planned:
        read.remarks.append(_("登记里没有 %(no)s 幢，随这一户新建", no=no))
        new["no"] = no
    elif there and new:
        _tell_building(listed, key, Line(*about, CHANGED, _("%(no)s幢", no=no), telling.changes(there.facts, new)))
    if new:
        listed.writes.buildings[key] = (id_, planned | new)


def _tell_building(listed: _List, key: str, line: Line) -> None:
    """One line a building: what the door rows add to it stands with the summary's."""
    at = listed.told_at.setdefault(key, len(listed.lines))
    if at == len(listed.lines):
        listed.lines.append(line)
    else:
        before = listed.lines[at]
        listed.lines[at] = replace(before, outcome=CHANGED, changes=before.changes + line.changes)


def _repeated(listed: _List, about: tuple[str, str, int], shown: str, key: DoorKey, fields: Mapping[str, Any]) -> Line:
    number, before = listed.door_rows[key]
    if before == fields:
        return Line(*about, SKIPPED, shown, (), (_("和第 %(n)s 行一样", n=number),))
    return Line(*about, REFUSED, shown, (), (_("第 %(n)s 行已经有这一户，内容不同", n=number),))
