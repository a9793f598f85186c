"""Compares a roster of people with the register: who is new, who changed, who left, who died."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import _
from grid.exchange import telling
from grid.exchange.finding_tables import tables
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, SKIPPED, Change, Line, Plan, differing
from grid.exchange.queries import Doors, Lived, People
from grid.exchange.resident_days import fault_with_register, settle_homes, take_known_days
from grid.exchange.resident_rows import HEAD, Draft, Roster, layout_of, read_sheet
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import Sheet


@dataclass
class ResidentWrites:
    """What an applied roster changes. New people bring their residency and tags; of known ones only what differs.

    `people`: person id or None, fields. `residencies`: residency id or None, index into `people`, fields.
    `tags`: index into `people`, tag id.
    """

    people: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)
    residencies: list[tuple[int | None, int, dict[str, Any]]] = field(default_factory=list)
    tags: list[tuple[int, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)


def plan_residents(
    files: Sequence[tuple[str, Sequence[Sheet]]],
    name: str,
    doors: Doors,
    people: People,
    today: date,
    vocabulary: Vocabulary | None = None,
    may_restrict: bool = False,
) -> Plan:
    """Pure: nothing is asked of the database and nothing is written."""
    roster, writes, known = Roster(doors, people, today, may_restrict), ResidentWrites(), vocabulary or Vocabulary()
    plan = Plan("residents", tuple(file for file, _s in files), doors.community_id, name, writes)
    wanted = _("人员表要有“姓名”一列，还要有“居住地址”，或“现住小区/建筑”和“门牌地址”。")
    for file, sheet, layout in tables(files, lambda sheet: layout_of(sheet, known), plan.notes, wanted):
        read_sheet(roster, file, sheet, layout)
    for number, drafts in roster.homes.items():
        if _found_by(roster, number, drafts) is None:
            settle_homes(drafts, None, _fault)
    for drafts, lived in _told_twice(roster):
        settle_homes(drafts, lived, _fault)
    _settle_heads(roster)
    plan.lines.extend(_settled(roster, writes))
    return plan


def _settled(roster: Roster, writes: ResidentWrites) -> Iterator[Line]:
    """Each draft goes once its line is there: a hundred thousand of both take too much."""
    drafts, roster.drafts = roster.drafts[::-1], []
    roster.ids.clear()
    roster.named.clear()
    while drafts:
        one = drafts.pop()
        yield one if isinstance(one, Line) else _settle(roster, writes, one)


def _told_twice(roster: Roster) -> list[tuple[list[Draft], Lived]]:
    """People of the register whom several rows are about, with those rows."""
    told: dict[int, Draft] = {}
    twice: dict[int, tuple[list[Draft], Lived]] = {}
    for one in roster.drafts:
        if not isinstance(one, Draft) or one.fault or one.repeats:
            continue
        known = _known(roster, one)
        first = told.setdefault(known.id, one) if known else one
        if known and first is not one:
            twice.setdefault(known.id, ([first], known))[0].append(one)
    return list(twice.values())


def _settle_heads(roster: Roster) -> None:
    """One head behind a door; the family of a tenant lives as tenants; nobody at all is said once."""
    behind: dict[int, list[Draft]] = defaultdict(list)
    for one in roster.drafts:
        if isinstance(one, Draft) and one.fault is None and one.repeats is None:
            behind[one.household_id].append(one)
    for household_id, drafts in behind.items():
        _one_head(roster, household_id, drafts)
        rented = any(draft.residency["live_kind"] == "tenant" for draft in drafts)
        if rented and not any(draft.residency["relation"] == HEAD for draft in drafts):
            for draft in drafts:
                if draft.residency["live_kind"] == "head_family":
                    draft.residency["live_kind"] = "tenant"
        elif not rented and not any(d.residency["relation"] == HEAD for d in drafts):
            words = [draft for draft in drafts if draft.relation_word and draft.is_current]
            if words and household_id not in roster.people.headed:
                words[0].read.remarks.append(_("%(door)s 没有户主，请核对", door=words[0].door))


def _one_head(roster: Roster, household_id: int, drafts: list[Draft]) -> None:
    taken: str | None = None
    others = roster.people.heads.get(household_id, set())
    if others - {known.id for draft in drafts if (known := _heads_no_more(roster, draft))}:
        taken = _("登记里已有户主")
    for draft in drafts:
        if not draft.is_current or not draft.residency["is_head"]:
            continue
        if taken:
            draft.residency["is_head"] = False
            draft.read.remarks.append(_("%(why)s，这一行按家庭成员录入", why=taken))
        else:
            taken = _("第 %(n)s 行已是这一户的户主", n=draft.read.row.number)


def _heads_no_more(roster: Roster, draft: Draft) -> Lived | None:
    """Whom a row takes from the head of the household, or names again: they left, or are said to be what they are."""
    known = _known(roster, draft)
    if known is None or (draft.is_current and not draft.relation_word):
        return None
    take_known_days(draft, known)
    return None if not draft.is_judged and _fault(draft, known) else known


def _known(roster: Roster, draft: Draft) -> Lived | None:
    """The person of the register a row means: by ID number, else by name and birth behind the door."""
    person = draft.person
    if person["id_hash"] and person["id_hash"] in roster.people.by_id:
        return roster.people.by_id[person["id_hash"]]
    for known in roster.people.by_door.get((draft.household_id, person["name"]), ()):
        if person["id_hash"] and known.facts["id_hash"]:
            continue
        births = {person["birth"], known.facts["birth"]} - {None}
        if len(births) < 2:
            return known
    return None


def _found_by(roster: Roster, number: str, drafts: Sequence[Draft]) -> Lived | None:
    """Whom the rows with a number mean; by that number from now on, where one of them is found by name."""
    known = next((found for draft in drafts if (found := _known(roster, draft))), None)
    if known is not None:
        roster.people.by_id.setdefault(number, known)
    return known


def _settle(roster: Roster, writes: ResidentWrites, draft: Draft) -> Line:
    about = (draft.file, draft.sheet, draft.read.row.number)
    subject = f"{draft.door} {draft.person['name']}"
    if draft.repeats:
        return Line(*about, SKIPPED, subject, (), (draft.repeats,))
    known = _known(roster, draft) if draft.fault is None else None
    if known:
        take_known_days(draft, known)
    fault = draft.fault or (_fault(draft, known) if known and not draft.is_judged else None)
    if fault:
        return Line(*about, REFUSED, subject, (), (fault,))
    if known is None:
        _add(roster, writes, draft)
        told = telling.added(_said(roster, draft))
        return Line(*about, NEW, subject, told, tuple(draft.read.remarks), marks=tuple(draft.read.marks))
    told = _change(roster, writes, draft, known)
    outcome = CHANGED if told else SAME
    return Line(*about, outcome, subject, told, tuple(draft.read.remarks), marks=tuple(draft.read.marks))


def _fault(draft: Draft, known: Lived) -> str | None:
    if known.facts["name"] != draft.person["name"]:
        return _("登记里这个身份证号的人叫“%(name)s”，请核对", name=known.facts["name"])
    there = known.at(draft.household_id)
    now = known.current
    if now and now["household_id"] != draft.household_id and draft.is_current:
        return _("这个人现在登记在另一户；若已搬家，请先办迁移")
    if draft.is_current and now is None and known.residencies and not known.is_new:
        gone = max(r["to_on"] for r in known.residencies)
        return _("登记里这个人已于 %(day)s 迁出；若又搬回，请办迁入", day=gone)
    if there is None and draft.is_current and known.facts["died_on"]:
        return _("登记里这个人已经去世")
    return fault_with_register(draft, known)


def _said(roster: Roster, draft: Draft) -> dict[str, Any]:
    said = {**draft.person, **draft.residency, "tags": roster.people.told(draft.tags) or None}
    return {name: value for name, value in said.items() if value not in (None, False, "")}


def _add(roster: Roster, writes: ResidentWrites, draft: Draft) -> None:
    writes.people.append((None, draft.person))
    index = len(writes.people) - 1
    draft.residency["household_id"] = draft.household_id
    writes.residencies.append((None, index, draft.residency))
    writes.tags += [(index, roster.people.tags[label]) for label in draft.tags]
    writes.touched.add(draft.household_id)
    number = draft.person["id_hash"]
    if number in roster.homes:
        stay = {"id": 0, **draft.residency}
        roster.people.by_id[number] = Lived(
            index, {"died_on": None, **draft.person}, [stay], set(draft.tags), is_new=True
        )


def _change(roster: Roster, writes: ResidentWrites, draft: Draft, known: Lived) -> tuple[Change, ...]:
    """Put down what differs, and tell it. An empty cell changes nothing."""
    person = differing(known.facts, draft.person)
    there = known.at(draft.household_id)
    residency = differing(there or {}, _comparable(draft, there))
    tags = [label for label in draft.tags if label not in known.tags]
    if not (person or residency or tags):
        return ()
    index = _write_person(writes, known, person)
    if there is None:
        residency = {"household_id": draft.household_id, **draft.residency}
        writes.residencies.append((None, index, residency))
    elif residency:
        writes.residencies.append((there["id"], index, residency))
    # Where they lived otherwise, too: they are found there by what the row says of them.
    writes.touched.update(one["household_id"] for one in known.residencies)
    # What the rows below are compared with.
    stay = {"id": 0, **(there or {}), **residency}
    known.residencies = [*(one for one in known.residencies if one is not there), stay]
    known.tags.update(tags)
    writes.tags += [(index, roster.people.tags[label]) for label in tags]
    writes.touched.add(draft.household_id)
    told = telling.changes({**known.facts, **(there or {})}, {**person, **residency})
    return told + (telling.changes({}, {"tags": roster.people.told(tags)}) if tags else ())


def _write_person(writes: ResidentWrites, known: Lived, fields: dict[str, Any]) -> int:
    """Their place among the people that are written."""
    if known.is_new:
        writes.people[known.id][1].update(fields)
        return known.id
    writes.people.append((known.id, fields))
    return len(writes.people) - 1


def _comparable(draft: Draft, there: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without a word about the relation the row says nothing of the head either."""
    fields = dict(draft.residency)
    if there is not None and not draft.relation_word:
        fields.pop("is_head")
    return fields
