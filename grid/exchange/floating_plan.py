"""Compares a list of floating people with the floating register: who is new in it, what changed, who left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.codes import CODES
from grid.core.i18n import N_, _
from grid.core.personal import mask_id
from grid.exchange import queries
from grid.exchange.fields import RESIDENTS
from grid.exchange.finding_tables import tables
from grid.exchange.floating_rows import PERMIT, Draft, Register, layout_of, read_sheet
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, SKIPPED, Change, Line, Plan, differing
from grid.exchange.person_finding import Known
from grid.exchange.queries import Doors, People
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import Sheet

LABELS = {
    "direction": N_("流动方向"),
    "reason": N_("流动原因"),
    "outflow": N_("流出原因"),
    "permit_kind": N_("证件"),
    "permit_no": N_("证件编号"),
    "registered_on": N_("登记日期"),
    "expires_on": N_("有效期到"),
    "dwelling_kind": N_("住所类型"),
    "employed_by": N_("用工单位"),
    "rented_by": N_("出租人"),
    "went_to": N_("去向"),
    "left_on": N_("离开日期"),
    "left_reason": N_("离开原因"),
}
CODED = {
    "direction": "direction",
    # Those of coming are among those of going.
    "reason": "outflow_reason",
    "left_reason": "outflow_reason",
    "permit_kind": "permit_type",
    "dwelling_kind": "dwelling_type",
}

# All registrations of each person, by the person's id, the oldest first.
Registrations = Mapping[int, Sequence[queries.Known]]


@dataclass
class FloatingWrites:
    """`new`: whole rows with the person's id; `changed`: id of a registration, fields."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def plan_floating(
    files: Sequence[tuple[str, Sequence[Sheet]]],
    name: str,
    doors: Doors,
    people: People,
    registrations: Registrations,
    today: date,
    words: Vocabulary,
) -> Plan:
    """Pure: nothing is asked of the database and nothing is written."""
    register, writes = Register(Known(doors, people), today), FloatingWrites()
    plan = Plan("floating", tuple(file for file, _s in files), doors.community_id, name, writes)
    wanted = _("流动人口表要有“姓名”一列，还要有“身份证号”或“现住址”，和“流入原因”“办证类型”等。")
    for file, sheet, layout in tables(files, lambda sheet: layout_of(sheet, words), plan.notes, wanted, RESIDENTS):
        read_sheet(register, file, sheet, layout)
    for one in register.drafts:
        plan.lines.append(one if isinstance(one, Line) else _settle(register.known, registrations, writes, one))
    return plan


def _settle(known: Known, registrations: Registrations, writes: FloatingWrites, draft: Draft) -> Line:
    subject = known.subject(draft.person)
    if draft.fault:
        return Line(*draft.about, REFUSED, subject, (), (draft.fault,))
    if draft.repeats:
        return Line(*draft.about, SKIPPED, subject, (), (draft.repeats,))
    remarks = tuple(draft.read.remarks)
    held = _held(registrations.get(draft.person.id, ()), draft)
    if held is None:
        row = draft.fields | {"direction": draft.fields["direction"] or "in"}
        writes.new.append(row | {"person_id": draft.person.id})
        return Line(*draft.about, NEW, subject, _changes({}, _said(row)), remarks)
    if held.facts["left_on"] and not draft.fields["left_on"]:
        ended = _("这一次登记已于 %(day)s 续办或注销，没有改动", day=held.facts["left_on"])
        return Line(*draft.about, SKIPPED, subject, (), (ended,))
    changed = _differing(held.facts, draft)
    if changed:
        writes.changed.append((held.id, changed))
    return Line(*draft.about, CHANGED if changed else SAME, subject, _changes(held.facts, changed), remarks)


def _held(rows: Sequence[queries.Known], draft: Draft) -> queries.Known | None:
    """The registration a row means: the one in force, or one that ended already. None: it is a new one."""
    begun, left = draft.fields["registered_on"], draft.fields["left_on"]
    in_force = next((row for row in rows if not row.facts["left_on"]), None)
    for row in rows:
        if not row.facts["left_on"]:
            continue
        if row.facts["left_on"] == left if left else begun and row.facts["registered_on"] == begun:
            is_meant = left or in_force is None or in_force.facts["registered_on"] != begun
            return row if is_meant else in_force
    began_later = in_force and left and (in_force.facts["registered_on"] or left) > left
    return None if began_later else in_force


def _differing(held: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """An empty cell changes nothing, but the word that there is no permit does."""
    changed = differing(held, draft.fields)
    if draft.has_no_permit:
        changed |= {name: None for name in PERMIT if held[name] is not None}
    return changed


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    return tuple(Change(_(LABELS[name]), _told(name, old.get(name)), _told(name, value)) for name, value in new.items())


def _told(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if name in CODED:
        return CODES[CODED[name]].text(value)
    if name == "permit_no":
        return mask_id(value)
    return str(value)[:60]
