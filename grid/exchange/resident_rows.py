"""Reads the rows of a roster: each becomes a draft of a person behind a door, or a line that says why not."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid.core.i18n import N_, _
from grid.core.personal import keyed_hash
from grid.exchange import cells
from grid.exchange.columns import Layout, find_layout, rows_below
from grid.exchange.door_finding import DoorNotFound, address_in, find_door
from grid.exchange.fields import LABELS, RESIDENTS
from grid.exchange.lines import REFUSED, SKIPPED, Line
from grid.exchange.queries import DoorKey, Doors, People
from grid.exchange.rowcells import RowCells
from grid.exchange.vocabulary import TAG, Vocabulary
from grid.exchange.workbooks import Sheet
from grid.register.dates import read_birth, read_date
from grid.register.id_numbers import IdNumber

HEAD = "02"
OTHER_RELATION = "80"
RESTRICTED = N_("受限标签没有写入：先打开“帮教谈话台账”写明原因，半小时内再导入一次")
RELATION = "code:relation"
# What a word in the column of relations may also say.
LIVES = ("tenant", "lodger", "owner")
_CODES = ("ethnic", "political", "marital", "education", "health", "population_kind")


# A door and how it is called.
Home = tuple[DoorKey, str]


@dataclass(slots=True, eq=False)
class Draft:
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
    # Judged beside the other rows about the same person.
    is_judged: bool = False

    @property
    def is_current(self) -> bool:
        return self.residency.get("to_on") is None


@dataclass
class Roster:
    """What is filled while the rows are read."""

    doors: Doors
    people: People
    today: date
    may_restrict: bool = False
    drafts: list[Draft | Line] = field(default_factory=list)
    ids: dict[str, Draft] = field(default_factory=dict)
    # By ID number: the rows of whoever stands behind several doors.
    homes: dict[str, list[Draft]] = field(default_factory=dict)
    # By door and name.
    named: dict[tuple[int, str], list[Draft]] = field(default_factory=dict)


def layout_of(sheet: Sheet, vocabulary: Vocabulary | None = None) -> Layout | None:
    found = find_layout(sheet, RESIDENTS, ("name",), "residents", vocabulary)
    if found and {"address", "door", "building"} & set(found.columns):
        return found
    return None


def read_sheet(roster: Roster, file: str, sheet: Sheet, layout: Layout) -> None:
    above: Home | None = None
    for row, kind in rows_below(sheet, layout, "name"):
        read = RowCells(row, layout)
        about = (file, sheet.name, row.number)
        if kind == "empty-door":
            why = _("写的是空户，没有录入人员")
            roster.drafts.append(Line(*about, SKIPPED, cells.words(read.raw("name")), (), (why,)))
        if kind == "left-out":
            above = _home_of(roster, read, above)
        if kind != "data":
            continue
        one = _draft(roster, file, sheet.name, read, above)
        read.row = row.without_cells
        roster.drafts.append(one)
        above = (one.key, one.door) if isinstance(one, Draft) else None


def _home_of(roster: Roster, read: RowCells, above: Home | None) -> Home | None:
    """Of a row that somebody left out: the rows under it may live there without saying so."""
    try:
        return _door(roster, read, above)
    except DoorNotFound:
        return None


def _draft(roster: Roster, file: str, sheet: str, read: RowCells, above: Home | None) -> Draft | Line:
    about = (file, sheet, read.row.number)
    name, remarks = cells.read_name(read.raw("name"))
    if name is None:
        subject = cells.words(read.raw("name"))[:20] or "?"
        return Line(*about, REFUSED, subject, (), tuple(read.layout.about("name", r) for r in remarks))
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
    draft = Draft(file, sheet, read, key, household.id, door, person, residency, tags, word)
    _check_repeats(roster, draft)
    return draft


def _door(roster: Roster, read: RowCells, above: Home | None) -> Home:
    address = address_in(read)
    if address is None:
        relation = cells.words(read.raw("relation"))
        starts = not relation or relation in ("户主", "本人") or relation in cells.TENANTS
        if above is None or starts:
            raise DoorNotFound(_("没有住址"))
        read.remarks.append(_("没有住址，按上一行算 %(door)s", door=above[1]))
        return above
    return find_door(roster.doors, address, read.remarks)


def _person_fields(roster: Roster, read: RowCells, name: str) -> dict[str, Any]:
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


def _birth(roster: Roster, read: RowCells, number: IdNumber | None) -> date | None:
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


def _tags(roster: Roster, read: RowCells) -> tuple[list[str], list[str]]:
    vocabulary = read.layout.vocabulary
    taught = vocabulary.learnt.get(TAG, {})
    labels, unknown, remarks = cells.read_tags(read.raw("tags"), roster.people.tags, taught)
    for word in unknown:
        if word not in taught:
            vocabulary.wonder(TAG, word, read.place)
    shut = roster.people.restricted & set(labels)
    if shut and not roster.may_restrict:
        labels = [label for label in labels if label not in shut]
        remarks = [*remarks, _(RESTRICTED)]
    read.taken("tags", (None, remarks))
    return labels, [_("类别：%(words)s", words="、".join(unknown))] if unknown else []


def _residency_fields(roster: Roster, read: RowCells, person: dict[str, Any], notes: list[str]) -> dict[str, Any]:
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


def _unknown_day(roster: Roster, read: RowCells, name: str) -> date:
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
    if said.day is None:
        notes.append(f"{read.layout.headings[name]}：{cells.words(read.raw(name))[:20]}")
    return said.day


def _relation(read: RowCells, notes: list[str]) -> tuple[str | None, str | None]:
    """Relation code and how they live; words in no list become 其他 and stay in the note."""
    word = cells.words(read.raw("relation"))
    if not word:
        return None, None
    lives = _lives(word, read.layout.vocabulary.means(RELATION, word))
    if lives:
        return None, lives
    code = read.code("relation", "relation")
    code = HEAD if code == "01" else code
    if code is None:
        notes.append(_("与户主关系：%(word)s", word=word[:20]))
        code = OTHER_RELATION
    return code, "head_family"


def _lives(word: str, learnt: str | None) -> str | None:
    """租户 and the like say how somebody lives, not whose relation they are."""
    if learnt in LIVES:
        return learnt
    among = {"tenant": cells.TENANTS, "lodger": cells.LODGERS, "owner": cells.OWNERS}
    return next((kind for kind, words in among.items() if word in words), None) if learnt is None else None


def _check_repeats(roster: Roster, draft: Draft) -> None:
    """The same person twice in the files: once behind a door is enough; a contradiction is for a human."""
    number = draft.person["id_hash"]
    first = roster.ids.get(number) if number else None
    if first and first.person["name"] != draft.person["name"]:
        draft.fault = _("和第 %(n)s 行的身份证号相同而姓名不同", n=first.read.row.number)
        return
    behind = roster.named.setdefault((draft.household_id, draft.person["name"]), [])
    same = next((one for one in behind if _may_be_one(one.person, draft.person)), None)
    if same is None:
        behind.append(draft)
    else:
        draft.repeats = _("和第 %(n)s 行是同一个人", n=same.read.row.number)
        _fill_in(same, draft)
    if number:
        _keep_number(roster, number, same or draft)


def _may_be_one(person: dict[str, Any], other: dict[str, Any]) -> bool:
    """As a row finds somebody of the register behind its door: by number, else by name and birth."""
    if person["id_hash"] and other["id_hash"]:
        return bool(person["id_hash"] == other["id_hash"])
    return len({person["birth"], other["birth"]} - {None}) < 2


def _fill_in(above: Draft, below: Draft) -> None:
    """What only the row below says of the person is kept with the row above."""
    for name, value in below.person.items():
        if name != "died_on" and above.person.get(name) is None:
            above.person[name] = value
    above.tags += [label for label in below.tags if label not in above.tags]


def _keep_number(roster: Roster, number: str, draft: Draft) -> None:
    first = roster.ids.setdefault(number, draft)
    homes = roster.homes.get(number, [first])
    if draft not in homes:
        roster.homes[number] = [*homes, draft]
