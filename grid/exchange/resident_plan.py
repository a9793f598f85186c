"""Compares a roster of people with the register: who is new, who changed, who left, who died."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import _
from grid.core.personal import keyed_hash
from grid.exchange import cells, telling
from grid.exchange.columns import Layout, find_layout, rows_below
from grid.exchange.door_finding import DoorNotFound, address_in, find_door
from grid.exchange.door_plan import sheet_notes
from grid.exchange.fields import LABELS, RESIDENTS
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, SKIPPED, Change, Line, Plan, differing
from grid.exchange.queries import DoorKey, Doors, Lived, People
from grid.exchange.rowcells import RowCells
from grid.exchange.workbooks import Sheet, Unreadable
from grid.register.dates import read_birth, read_date
from grid.register.id_numbers import IdNumber

HEAD = "02"
OTHER_RELATION = "80"
_CODES = ("ethnic", "political", "marital", "education", "health", "population_kind")


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


@dataclass
class _Draft:
    """One row that names a person behind a door."""

    file: str
    sheet: str
    read: RowCells
    key: DoorKey
    household_id: int
    door: str
    person: dict[str, Any]
    residency: dict[str, Any]
    tags: list[str]
    relation_word: str
    fault: str | None = None
    repeats: str | None = None

    @property
    def is_current(self) -> bool:
        return self.residency.get("to_on") is None


@dataclass
class _Roster:
    """What is filled while the rows are read."""

    doors: Doors
    people: People
    today: date
    writes: ResidentWrites = field(default_factory=ResidentWrites)
    drafts: list[_Draft | Line] = field(default_factory=list)
    ids: dict[str, _Draft] = field(default_factory=dict)
    named: dict[tuple[int, str, Any], _Draft] = field(default_factory=dict)


def plan_residents(
    files: Sequence[tuple[str, Sequence[Sheet]]], name: str, doors: Doors, people: People, today: date
) -> Plan:
    """Pure: nothing is asked of the database and nothing is written."""
    roster = _Roster(doors, people, today)
    plan = Plan("residents", tuple(file for file, _s in files), doors.community_id, name, roster.writes)
    found = False
    for file, sheets in files:
        for sheet in sheets:
            layout = _layout(sheet)
            plan.notes += sheet_notes(file, sheet, layout)
            if layout and not sheet.hidden:
                found = True
                _read_sheet(roster, file, sheet, layout)
    if not found:
        wanted = _("人员表要有“姓名”一列，还要有“居住地址”，或“现住小区/建筑”和“门牌地址”。")
        raise Unreadable(_("%(names)s 里没有找到表头。%(wanted)s", names="、".join(plan.files), wanted=wanted))
    _settle_heads(roster)
    plan.lines = [one if isinstance(one, Line) else _settle(roster, one) for one in roster.drafts]
    return plan


def _layout(sheet: Sheet) -> Layout | None:
    found = find_layout(sheet, RESIDENTS, ("name",))
    if found and {"address", "door", "building"} & set(found.columns):
        return found
    return None


def _read_sheet(roster: _Roster, file: str, sheet: Sheet, layout: Layout) -> None:
    above: _Draft | None = None
    for row, kind in rows_below(sheet, layout, "name"):
        read = RowCells(row, layout)
        about = (file, sheet.name, row.number)
        if kind == "empty-door":
            why = _("写的是空户，没有录入人员")
            roster.drafts.append(Line(*about, SKIPPED, cells.words(read.raw("name")), (), (why,)))
        if kind != "data":
            continue
        one = _draft(roster, file, sheet.name, read, above)
        roster.drafts.append(one)
        above = one if isinstance(one, _Draft) else None


def _draft(roster: _Roster, file: str, sheet: str, read: RowCells, above: _Draft | None) -> _Draft | Line:
    about = (file, sheet, read.row.number)
    name, remarks = cells.read_name(read.raw("name"))
    if name is None:
        subject = cells.words(read.raw("name"))[:20] or "?"
        return Line(*about, REFUSED, subject, (), tuple(f"{read.layout.place('name')}：{r}" for r in remarks))
    read.taken("name", (name, remarks))
    try:
        key, door = _door(roster, read, above)
    except DoorNotFound as missing:
        return Line(*about, REFUSED, name, (), (missing.sentence,))
    household = roster.doors.doors[key]
    person = _person_fields(roster, read, name)
    tags, notes = _tags(roster, read)
    word = cells.words(read.raw("relation"))
    residency = _residency_fields(roster, read, person, notes)
    note = read.text("note", cells.LONGEST_NOTE)
    person["note"] = "；".join(part for part in (note, *notes) if part) or None
    if read.row.hidden:
        read.remarks.append(_("这一行在表里是隐藏的，照常导入"))
    draft = _Draft(file, sheet, read, key, household.id, door, person, residency, tags, word)
    _check_repeats(roster, draft)
    return draft


def _door(roster: _Roster, read: RowCells, above: _Draft | None) -> tuple[DoorKey, str]:
    address = address_in(read)
    if address is None:
        relation = cells.words(read.raw("relation"))
        starts = not relation or relation in ("户主", "本人") or relation in cells.TENANTS
        if above is None or starts:
            raise DoorNotFound(_("没有住址"))
        read.remarks.append(_("没有住址，按上一行算 %(door)s", door=above.door))
        return above.key, above.door
    return find_door(roster.doors, address, read.remarks)


def _person_fields(roster: _Roster, read: RowCells, name: str) -> dict[str, Any]:
    number = IdNumber.read(read.raw("id_no"))
    if number:
        read.taken("id_no", (None, list(number.warnings)))
    value = number.value if number else None
    person: dict[str, Any] = {
        "name": name,
        "former_name": read.text("former_name", 50),
        "id_kind": number.kind if number and value else None,
        "id_no": value,
        "id_hash": keyed_hash("id", value) if value else None,
        "sex": _sex(read, number),
        "birth": _birth(roster, read, number),
        "phone": read.phones("phone"),
        "occupation": read.text("occupation", 50),
        "employer": read.text("employer", 100),
        "hukou_address": read.text("hukou_address", 200) or read.text("hukou_building", 200),
    }
    apart = read.flag("apart")
    person["residency_match"] = None if apart is None else "02" if apart else "01"
    return person


def _sex(read: RowCells, number: IdNumber | None) -> Any:
    said = read.code("sex", "sex")
    known = number.sex if number else None
    if said and known and said in "12" and said != known:
        read.remarks.append(_("%(column)s和身份证号不一致，以身份证号为准", column=read.layout.place("sex")))
    return known or said


def _birth(roster: _Roster, read: RowCells, number: IdNumber | None) -> date | None:
    known = number.birth if number else None
    if known and known > roster.today:
        known = None
    said = read_birth(read.raw("birth"), roster.today)
    if known:
        if said and said.day and said.day != known:
            read.remarks.append(_("%(column)s和身份证号不一致，以身份证号为准", column=read.layout.place("birth")))
        return known
    if said and said.warning:
        read.taken("birth", (None, [said.warning]))
    return said.day if said else None


def _tags(roster: _Roster, read: RowCells) -> tuple[list[str], list[str]]:
    labels, unknown, remarks = cells.read_tags(read.raw("tags"), roster.people.tags)
    read.taken("tags", (None, remarks))
    return labels, [_("类别：%(words)s", words="、".join(unknown))] if unknown else []


def _residency_fields(roster: _Roster, read: RowCells, person: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Also puts into `person` and `notes` what belongs there: codes, the day of death, words nobody knows."""
    for name in _CODES:
        person[name] = read.code(name, name)
        if person[name] is None and cells.words(read.raw(name)):
            notes.append(f"{read.layout.headings[name]}：{cells.words(read.raw(name))[:20]}")
    relation, live_kind = _relation(read, notes)
    fields: dict[str, Any] = {
        "relation": relation,
        "is_head": relation == HEAD,
        "live_kind": live_kind,
        "from_on": _moved_in(read, notes),
        "to_on": None,
        "went_to": None,
        "reason": None,
    }
    if read.flag("died"):
        died_on = _day(read, "died_on", notes) or _unknown_day(roster, read, "died_on")
        person["died_on"] = died_on
        fields |= {"to_on": died_on, "reason": "died"}
    elif read.flag("left"):
        left_on = _day(read, "left_on", notes) or _unknown_day(roster, read, "left_on")
        fields |= {"to_on": left_on, "went_to": read.text("went_to", 200), "reason": "moved"}
    if fields["to_on"] and fields["from_on"] and fields["from_on"] > fields["to_on"]:
        read.remarks.append(_("迁入日期比迁出日期晚，迁入日期没有采用"))
        fields["from_on"] = None
    return fields


def _unknown_day(roster: _Roster, read: RowCells, name: str) -> date:
    read.guessed_day = True
    read.remarks.append(_("没有%(field)s，按导入当天算", field=_(LABELS[_DAY_LABEL[name]])))
    return roster.today


_DAY_LABEL = {"died_on": "died_on", "left_on": "to_on"}


def _moved_in(read: RowCells, notes: list[str]) -> date | None:
    """People remember the month they moved in: its first day stands for it."""
    said = read_date(read.raw("moved_in"))
    if said and said.partial and len(said.partial) == len("2021-05"):
        return date.fromisoformat(f"{said.partial}-01")
    return _day(read, "moved_in", notes)


def _day(read: RowCells, name: str, notes: list[str]) -> date | None:
    said = read_date(read.raw(name))
    if said is None:
        return None
    if said.warning:
        read.taken(name, (None, [said.warning]))
        notes.append(f"{read.layout.headings[name]}：{cells.words(read.raw(name))[:20]}")
    return said.day


def _relation(read: RowCells, notes: list[str]) -> tuple[str | None, str | None]:
    """Relation code and how they live; words in no list become 其他 and stay in the note."""
    word = cells.words(read.raw("relation"))
    if not word:
        return None, None
    if word in cells.TENANTS:
        return None, "tenant"
    if word in cells.LODGERS:
        return None, "lodger"
    if word in cells.OWNERS:
        return None, "owner"
    code, remarks = cells.read_code("relation", word)
    code = HEAD if code == "01" else code
    if code is None:
        read.taken("relation", (None, remarks))
        notes.append(_("与户主关系：%(word)s", word=word[:20]))
        code = OTHER_RELATION
    return code, "head_family"


def _check_repeats(roster: _Roster, draft: _Draft) -> None:
    """The same person twice in the files: once is enough; a contradiction is for a human."""
    person = draft.person
    if person["id_hash"]:
        first = roster.ids.get(person["id_hash"])
        if first is None:
            roster.ids[person["id_hash"]] = draft
        elif first.person["name"] != person["name"]:
            draft.fault = _("和第 %(n)s 行的身份证号相同而姓名不同", n=first.read.row.number)
        elif first.household_id != draft.household_id and first.is_current and draft.is_current:
            draft.fault = _("第 %(n)s 行写他住 %(door)s，一人只能住一处", n=first.read.row.number, door=first.door)
        elif first.household_id == draft.household_id:
            draft.repeats = _("和第 %(n)s 行是同一个人", n=first.read.row.number)
        if first is not None:
            return
    mark = (draft.household_id, person["name"], person["id_hash"] or person["birth"])
    first = roster.named.setdefault(mark, draft)
    if first is not draft:
        draft.repeats = _("和第 %(n)s 行是同一个人", n=first.read.row.number)


def _settle_heads(roster: _Roster) -> None:
    """One head behind a door; the family of a tenant lives as tenants; nobody at all is said once."""
    behind: dict[int, list[_Draft]] = defaultdict(list)
    for one in roster.drafts:
        if isinstance(one, _Draft) and one.fault is None and one.repeats is None:
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


def _one_head(roster: _Roster, household_id: int, drafts: list[_Draft]) -> None:
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


def _known(roster: _Roster, draft: _Draft) -> Lived | None:
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


def _settle(roster: _Roster, draft: _Draft) -> Line:
    about = (draft.file, draft.sheet, draft.read.row.number)
    subject = f"{draft.door} {draft.person['name']}"
    if draft.repeats:
        return Line(*about, SKIPPED, subject, (), (draft.repeats,))
    known = _known(roster, draft) if draft.fault is None else None
    fault = draft.fault or (_fault(draft, known) if known else None)
    if fault:
        return Line(*about, REFUSED, subject, (), (fault,))
    if known is None:
        _add(roster, draft)
        told = telling.added(_said(draft))
        return Line(*about, NEW, subject, told, tuple(draft.read.remarks))
    told = _change(roster, draft, known)
    return Line(*about, CHANGED if told else SAME, subject, told, tuple(draft.read.remarks))


def _fault(draft: _Draft, known: Lived) -> str | None:
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
    return None


def _said(draft: _Draft) -> dict[str, Any]:
    said = {**draft.person, **draft.residency, "tags": "、".join(draft.tags) or None}
    return {name: value for name, value in said.items() if value not in (None, False, "")}


def _add(roster: _Roster, draft: _Draft) -> None:
    writes = roster.writes
    writes.people.append((None, draft.person))
    index = len(writes.people) - 1
    writes.residencies.append((None, index, {"household_id": draft.household_id, **draft.residency}))
    writes.tags += [(index, roster.people.tags[label]) for label in draft.tags]
    writes.touched.add(draft.household_id)


def _change(roster: _Roster, draft: _Draft, known: Lived) -> tuple[Change, ...]:
    """Put down what differs, and tell it. An empty cell changes nothing."""
    writes = roster.writes
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
    return told + (telling.changes({}, {"tags": "、".join(tags)}) if tags else ())


def _comparable(draft: _Draft, there: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without a word about the relation the row says nothing of the head either."""
    fields = dict(draft.residency)
    if there is not None and not draft.relation_word:
        fields.pop("is_head")
    return fields


def _without_guessed_days(draft: _Draft, known: Lived) -> dict[str, Any]:
    """The roster says that somebody left or died but not when: a day that is known already stays."""
    there = known.at(draft.household_id)
    if draft.read.guessed_day and there and there["to_on"]:
        draft.residency["to_on"] = None
    if draft.read.guessed_day and known.facts["died_on"]:
        return {**draft.person, "died_on": None}
    return draft.person
