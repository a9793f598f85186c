"""Compares a roster of people with the register: who is new, who changed, who left, who died."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from grid.core.i18n import _
from grid.exchange import telling
from grid.exchange.finding_tables import tables
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, SKIPPED, Change, Line, Plan, differing
from grid.exchange.queries import Doors, Lived, People
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
    _settle_heads(roster)
    plan.lines = list(_settled(roster, writes))
    return plan


def _settled(roster: Roster, writes: ResidentWrites) -> Iterator[Line]:
    """Each draft goes once its line is there: a hundred thousand of both take too much."""
    drafts, roster.drafts = roster.drafts[::-1], []
    roster.ids.clear()
    roster.named.clear()
    while drafts:
        one = drafts.pop()
        yield one if isinstance(one, Line) else _settle(roster, writes, one)


def _settle_heads(roster: Roster) -> None:
    """One head behind a door; the family of a tenant lives as tenants; nobody at all is said once."""
    behind: dict[int, list[Draft]] = defaultdict(list)
    for one in roster.drafts:
        if isinstance(one, Draft) and one.fault is None and one.repeats is None:
            behind[one.household_id].append(one)
    for household_id, drafts in behind.items():
        _one_head(roster, household_id, [draft for draft in drafts if draft.is_current])
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
    here = {known.id for draft in drafts if (known := _known(roster, draft))}
    if others - here:
        taken = _("登记里已有户主")
    for draft in drafts:
        if not draft.residency["is_head"]:
            continue
        if taken:
            draft.residency["is_head"] = False
            draft.read.remarks.append(_("%(why)s，这一行按家庭成员录入", why=taken))
        else:
            taken = _("第 %(n)s 行已是这一户的户主", n=draft.read.row.number)


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


def _settle(roster: Roster, writes: ResidentWrites, draft: Draft) -> Line:
    about = (draft.file, draft.sheet, draft.read.row.number)
    subject = f"{draft.door} {draft.person['name']}"
    if draft.repeats:
        return Line(*about, SKIPPED, subject, (), (draft.repeats,))
    known = _known(roster, draft) if draft.fault is None else None
    fault = draft.fault or (_fault(draft, known) if known else None)
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
    if draft.is_current and now is None and known.residencies:
        gone = max(r["to_on"] for r in known.residencies)
        return _("登记里这个人已于 %(day)s 迁出；若又搬回，请办迁入", day=gone)
    if there is None and draft.is_current and known.facts["died_on"]:
        return _("登记里这个人已经去世")
    if not draft.read.guessed_day and _is_elsewhere_then(draft, known):
        return _("登记里这个人那段时间住在另一户，请核对迁入、迁出日期")
    return None


def _is_elsewhere_then(draft: Draft, known: Lived) -> bool:
    """Nobody lives behind two doors on one day, as far as the days are known."""
    there = known.at(draft.household_id) or {}
    first, end = _days({**there, **{name: day for name, day in draft.residency.items() if day}})
    others = [_days(one) for one in known.residencies if one["id"] != there.get("id")]
    return any(first < left and came < end for came, left in others)


def _days(stay: Mapping[str, Any]) -> tuple[date, date]:
    """Of a stay whose beginning nobody knows, its last day."""
    end = stay.get("to_on") or date.max
    return stay.get("from_on") or end - timedelta(days=1), end


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


def _change(roster: Roster, writes: ResidentWrites, draft: Draft, known: Lived) -> tuple[Change, ...]:
    """Put down what differs, and tell it. An empty cell changes nothing."""
    person = differing(known.facts, _without_guessed_days(draft, known))
    there = known.at(draft.household_id)
    residency = differing(there or {}, _comparable(draft, there))
    tags = [label for label in draft.tags if label not in known.tags]
    if not (person or residency or tags):
        return ()
    writes.people.append((known.id, person))
    index = len(writes.people) - 1
    if there is None:
        writes.residencies.append((None, index, {"household_id": draft.household_id, **draft.residency}))
    elif residency:
        writes.residencies.append((there["id"], index, residency))
    writes.tags += [(index, roster.people.tags[label]) for label in tags]
    writes.touched.add(draft.household_id)
    told = telling.changes({**known.facts, **(there or {})}, {**person, **residency})
    return told + (telling.changes({}, {"tags": roster.people.told(tags)}) if tags else ())


def _comparable(draft: Draft, there: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without a word about the relation the row says nothing of the head either."""
    fields = dict(draft.residency)
    if there is not None and not draft.relation_word:
        fields.pop("is_head")
    return fields


def _without_guessed_days(draft: Draft, known: Lived) -> dict[str, Any]:
    """The roster says that somebody left or died but not when: a day that is known already stays."""
    there = known.at(draft.household_id)
    if draft.read.guessed_day and there and there["to_on"]:
        draft.residency["to_on"] = None
    if draft.read.guessed_day and known.facts["died_on"]:
        return {**draft.person, "died_on": None}
    return draft.person
