"""Compares a list of tags with what people carry: who gets one, of which tags something else is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import N_, _
from grid.exchange.cells import LONGEST_NOTE
from grid.exchange.fields import RESIDENTS
from grid.exchange.finding_tables import tables
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, Change, Line, Plan, differing
from grid.exchange.person_finding import Known
from grid.exchange.queries import Doors, Lived, People
from grid.exchange.tag_queries import Tags
from grid.exchange.tag_rows import Draft, TagList, layout_of, read_sheet
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import Sheet

LABELS = {"since": N_("开始日期"), "source": N_("从哪里知道的"), "carer": N_("联系人")}


@dataclass
class TagWrites:
    """`given`: whole rows; `changed`: id of what somebody carries, fields; `notes` by person.

    `people` and `doors` are those whose open tags or note changed: what is summed up and locked for all to see.
    """

    given: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    doors: set[int] = field(default_factory=set)


@dataclass
class _Work:
    known: Known
    tags: Tags
    today: date
    writes: TagWrites
    given: set[tuple[int, str]] = field(default_factory=set)


def plan_tags(
    files: Sequence[tuple[str, Sequence[Sheet]]],
    name: str,
    doors: Doors,
    people: People,
    tags: Tags,
    today: date,
    words: Vocabulary,
    may_restrict: bool = False,
) -> Plan:
    """Pure: nothing is asked of the database and nothing is written."""
    listed, writes = TagList(Known(doors, people), tags, today, may_restrict), TagWrites()
    plan = Plan("tags", tuple(file for file, _s in files), doors.community_id, name, writes)
    wanted = _("标签表要有“姓名”和“人员类别”两列，还要有“身份证号”或“住址”。")
    for file, sheet, layout in tables(files, lambda sheet: layout_of(sheet, words), plan.notes, wanted, RESIDENTS):
        read_sheet(listed, file, sheet, layout)
    work = _Work(listed.known, tags, today, writes)
    plan.lines.extend(one if isinstance(one, Line) else _settle(work, one) for one in listed.drafts)
    return plan


def _settle(work: _Work, draft: Draft) -> Line:
    subject = work.known.subject(draft.person)
    if draft.fault:
        return Line(*draft.about, REFUSED, subject, (), (draft.fault,))
    told: list[Change] = []
    outcome = SAME
    for label in draft.labels:
        is_new, changes = _one(work, draft, label)
        outcome = NEW if is_new else CHANGED if changes and outcome == SAME else outcome
        told += changes
    noted = _note(work, draft)
    outcome = CHANGED if noted and outcome == SAME else outcome
    return Line(*draft.about, outcome, subject, (*told, *noted), tuple(draft.read.remarks))


def _one(work: _Work, draft: Draft, label: str) -> tuple[bool, list[Change]]:
    """Whether somebody gets a tag, and what to say of it. What is not for all is not named in what is kept."""
    person = draft.person
    held = work.tags.carried.get(person.id, {}).get(label)
    if held is None:
        return _give(work, draft, label)
    changed = differing(held.facts, draft.said)
    if not changed:
        return False, []
    work.writes.changed.append((held.id, changed))
    _touch(work, person, label)
    return False, _changes(held.facts, changed)


def _give(work: _Work, draft: Draft, label: str) -> tuple[bool, list[Change]]:
    if (draft.person.id, label) in work.given:
        return False, []
    work.given.add((draft.person.id, label))
    said = draft.said | {"since": draft.said["since"] or work.today}
    work.writes.given.append({"person_id": draft.person.id, "tag_id": work.tags.ids[label], **said})
    _touch(work, draft.person, label)
    name = _(label) if label not in work.tags.restricted else _("受限标签")
    return True, [Change(_("人员类别"), "—", name), *_changes({}, {k: v for k, v in said.items() if v is not None})]


def _touch(work: _Work, person: Lived, label: str) -> None:
    if label not in work.tags.open:
        return
    work.writes.people.add(person.id)
    if person.current:
        work.writes.doors.add(person.current["household_id"])


def _note(work: _Work, draft: Draft) -> list[Change]:
    """What the note does not say yet goes behind it."""
    held = work.writes.notes.get(draft.person.id, draft.person.facts["note"] or "")
    wanted = [note for note in draft.notes if note not in held]
    note = "；".join(part for part in (held, *wanted) if part)
    if not wanted or len(note) > LONGEST_NOTE:
        return []
    work.writes.notes[draft.person.id] = note
    work.writes.people.add(draft.person.id)
    return [Change(_("备注"), "—", "；".join(wanted)[:60])]


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    return [Change(_(LABELS[name]), str(old.get(name) or "—"), str(value)) for name, value in new.items()]
