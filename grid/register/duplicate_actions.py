"""Making one of two people who are one, and saying of two that they are two."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, Index, RowMapping, Table, UniqueConstraint, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now, today
from grid.core.db import Base, db
from grid.core.i18n import gettext as _
from grid.core.personal import keyed_hash
from grid.core.refusals import Refused
from grid.register import finding
from grid.register.actions import hold_doors
from grid.register.duplicate_days import Spell, Stay, one_at_a_time, one_life, together
from grid.register.duplicate_queries import Couple, Two, first_day, mark_of, stays_of
from grid.register.id_numbers import IdNumber
from grid.register.models import ONCE, Floating, Household, KnownApart, Person, PersonTag, Residency
from grid.register.summaries import refresh_members

KEPT, OTHER, BOTH = "kept", "other", "both"
# What is chosen field by field; the kind of a document goes with its number.
FIELDS = (
    *("name", "phone", "sex", "birth", "id_no", "population_kind"),
    *("hukou_address", "hukou_region", "residency_match", "former_name"),
    *("ethnic", "marital", "political", "education", "occupation", "employer", "health", "photo", "died_on", "note"),
)
# What both of can be kept, and what parts them.
JOINED = {"phone": ";", "note": "\n"}
# As forms take them.
LONGEST = {"phone": 60, "note": 2000}


class Changed(Exception):
    """Somebody changed one of the two, or where they live, after the page was opened."""


@dataclass(frozen=True)
class MergeEntry:
    """Which side each field is taken from, and where two present homes are, which one holds from which day."""

    version: int
    other_version: int
    # What stays_of looked like: see mark_of.
    stays: str
    sides: Mapping[str, str]
    home: str = KEPT
    since: date | None = None


def differing(two: Two) -> list[str]:
    kept, other = two.people
    return [name for name in FIELDS if (getattr(kept, name) or None) != (getattr(other, name) or None)]


def proposals(two: Two) -> dict[str, str]:
    """For each field that differs: the one that is filled, both where both can be, else the one saved last."""
    kept, other = two.people
    newer = OTHER if other.updated_at > kept.updated_at else KEPT
    return {name: _proposal(name, getattr(kept, name), getattr(other, name), newer) for name in differing(two)}


def _proposal(name: str, kept: Any, other: Any, newer: str) -> str:
    if not kept or not other:
        return KEPT if kept else OTHER
    if name in JOINED and fits(name, kept, other):
        return BOTH
    if name == "id_no":
        return OTHER if _is_sound(other) and not _is_sound(kept) else KEPT
    return newer


def _is_sound(id_no: str) -> bool:
    read = IdNumber.read(id_no)
    return read is not None and read.value is not None and not read.warnings


def joined(name: str, kept: str, other: str) -> str:
    """Each number, and each note, once."""
    sign = JOINED[name]
    parts = [part.strip() for part in (*kept.split(sign), *other.split(sign))] if name == "phone" else [kept, other]
    return sign.join(dict.fromkeys(part for part in parts if part))


def fits(name: str, kept: str | None, other: str | None) -> bool:
    """Whether both can be kept: a form must be able to save it again."""
    return len(joined(name, kept or "", other or "")) <= LONGEST[name]


def merge_people(actor: Me, two: Two, entry: MergeEntry, slip: Slip) -> None:
    """Make `two.kept` the one, with all that was said of the other; once, however often it is sent.

    Raises Changed, Refused, receipts.AlreadyDone or KeyReused.
    """
    kept, other = two.people
    home, old_home = two.kept.residency.household_id, two.other.residency.household_id
    about: dict[str, Any] = {"community_id": kept.community_id, "household_id": home, "person_id": kept.id}
    words = kept.name if kept.name == other.name else f"{kept.name}、{other.name}"
    with audit.entry(actor, "merge_people", **about, words=words):
        receipts.claim(actor, slip.key, slip.said)
        stays = _held(two, entry)
        doors = {stay.household_id for stay in stays}
        if old_home != home:
            audit.also_about(old_home, other.id)
        _take_fields(kept, other, entry)
        _join_stays(two, stays, entry)
        _join_tags(kept.id, other.id)
        _join_floating(kept.id, other.id)
        _forget_doubts(kept.id, other.id)
        _follow(kept.id, other.id)
        other.deleted_at, other.merged_into_id = now(), kept.id
        kept.version = other.version = max(kept.version, other.version) + 1
        kept.updated_at = other.updated_at = now()
        db.session.flush()
        refresh_members(sorted(doors))
        finding.index_households(sorted(doors), community_id=kept.community_id)
        receipts.answer(slip.key, kept.public_id)


def _held(two: Two, entry: MergeEntry) -> list[Residency]:
    """Doors, then people, each in one order; then whether all is as the page said, and behind the doors held."""
    ids = sorted(person.id for person in two.people)
    held = {stay.household_id for stay in stays_of(*ids)}
    hold_doors(*held)
    db.session.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update())
    for person in two.people:
        db.session.refresh(person)
    db.session.expire_all()
    kept, other = two.people
    stays = stays_of(*ids)
    told = (entry.version, entry.other_version, entry.stays)
    if told != (kept.version, other.version, mark_of(stays)) or kept.deleted_at or other.deleted_at:
        raise Changed
    if not held.issuperset(stay.household_id for stay in stays):
        # A home that was taken back when the doors were read and is there again.
        raise Changed
    return stays


def _take_fields(kept: Person, other: Person, entry: MergeEntry) -> None:
    sides = {name: entry.sides.get(name, KEPT) for name in FIELDS}
    number = OTHER if sides["id_no"] == OTHER else KEPT
    if kept.id_no == other.id_no and not kept.id_kind:
        number = OTHER
    for name, side in (*sides.items(), ("id_kind", number)):
        if side == BOTH and name in JOINED and fits(name, getattr(kept, name), getattr(other, name)):
            setattr(kept, name, joined(name, getattr(kept, name) or "", getattr(other, name) or "") or None)
        elif side == OTHER:
            setattr(kept, name, getattr(other, name))
    kept.id_hash = keyed_hash("id", kept.id_no) if kept.id_no else None


def _join_stays(two: Two, stays: Sequence[Residency], entry: MergeEntry) -> None:
    kept, other = two.people
    mine = [stay for stay in stays if stay.person_id == kept.id]
    theirs = [stay for stay in stays if stay.person_id == other.id]
    here = next((stay for stay in mine if stay.to_on is None), None)
    there = next((stay for stay in theirs if stay.to_on is None), None)
    days = {row.id: _stay(row) for row in stays}
    _hand_over(theirs, kept.id, is_closed=here is not None)
    if here and there:
        days = _one_home(days, here, there, entry)
    if kept.died_on is not None:
        _end_with_life(days, stays, kept.died_on)
    own = {row.id for row in mine}
    # The present home first, then what the kept one's rows say, the newest first.
    order = sorted(days.values(), key=lambda stay: (stay.to_on is None, stay.id in own, stay.days), reverse=True)
    _write_stays([*mine, *theirs], one_life(order))


def _stay(row: Residency) -> Stay:
    return Stay(row.id, row.household_id, row.from_on, row.to_on)


def _hand_over(theirs: Sequence[Residency], kept_id: int, is_closed: bool) -> None:
    """Before the kept one's are written: so an undo, which goes in this order, never has two homes at a time."""
    for row in theirs:
        row.person_id = kept_id
        if is_closed and row.to_on is None:
            row.to_on = today()
    db.session.flush()


def _one_home(days: dict[int, Stay], here: Residency, there: Residency, entry: MergeEntry) -> dict[int, Stay]:
    """The days of all stays, where of two present homes one is left; what else is said of the two is written."""
    if here.household_id == there.household_id:
        _be_both(here, there)
        since = first_day((days[here.id].from_on, days[there.id].from_on))
        return {id_: stay for id_, stay in days.items() if id_ != there.id} | {
            here.id: replace(days[here.id], from_on=since)
        }
    present, rival = (there, here) if entry.home == OTHER else (here, there)
    since = _since(days[present.id], entry)
    rival.went_to = db.session.scalar(select(Household.code).where(Household.id == present.household_id))
    rival.reason = "moved"
    days = days | {present.id: replace(days[present.id], from_on=since)}
    ended = replace(days.pop(rival.id), to_on=since)
    # Who came there only later never lived there.
    return days if ended.from_on and ended.from_on >= since else days | {rival.id: ended}


def _since(present: Stay, entry: MergeEntry) -> date:
    since = entry.since or present.from_on
    if since is None:
        raise Refused(_("请填写从哪一天起住在这里：登记上没有迁入日期。"), "since")
    if since > today():
        raise Refused(_("这一天还没到，请核对。"), "since")
    return since


def _be_both(here: Residency, there: Residency) -> None:
    """Behind one door twice: head if either is."""
    if there.is_head and not here.is_head:
        here.is_head, here.relation = True, there.relation
    for name in ("relation", "live_kind", "came_from"):
        setattr(here, name, getattr(here, name) or getattr(there, name))


def _end_with_life(days: dict[int, Stay], rows: Sequence[Residency], died_on: date) -> None:
    """Who is known to have died lives nowhere now."""
    for row in rows:
        stay = days.get(row.id)
        if stay and stay.to_on is None:
            days[row.id] = replace(stay, to_on=max(died_on, stay.from_on or died_on))
            row.reason = "died"


def _write_stays(rows: Sequence[Residency], life: Sequence[Stay]) -> None:
    left: defaultdict[int, list[Stay]] = defaultdict(list)
    for stay in life:
        left[stay.id].append(stay)
    # The present home is opened last: till then the other one may still be open, and there is one at a time.
    for row in sorted(rows, key=lambda row: any(stay.to_on is None for stay in left[row.id])):
        if not left[row.id]:
            db.session.delete(row)
        for nth, stay in enumerate(left[row.id]):
            _write_stay(row if nth == 0 else _copy(row), stay)
        db.session.flush()


def _write_stay(row: Residency, stay: Stay) -> None:
    row.from_on, row.to_on = stay.from_on, stay.to_on


def _copy(row: Residency) -> Residency:
    again = Residency(**{c.name: getattr(row, c.name) for c in Residency.__table__.columns if c.name != "id"})
    db.session.add(again)
    return again


def _join_tags(kept_id: int, other_id: int) -> None:
    """Restricted ones too, whoever merges: nobody is told of them, and none is lost."""
    rows = db.session.scalars(
        select(PersonTag).where(PersonTag.person_id.in_((kept_id, other_id))).order_by(PersonTag.id)
    ).all()
    by_tag: defaultdict[int, dict[int, PersonTag]] = defaultdict(dict)
    for row in rows:
        by_tag[row.tag_id][row.id] = row
    for carried in by_tag.values():
        for spell in one_at_a_time([_spell(row, kept_id) for row in carried.values()], today()):
            carried[spell.id].since, carried[spell.id].until = spell.since, spell.until
    for row in rows:
        row.person_id = kept_id
    db.session.flush()


def _spell(row: PersonTag, kept_id: int) -> Spell:
    return Spell(row.id, row.since, row.until, (bool(row.attrs), bool(row.carer), row.person_id == kept_id))


def _join_floating(kept_id: int, other_id: int) -> None:
    """Of two open registrations the later one holds; the other ended when it began."""
    of_both = (Floating.person_id.in_((kept_id, other_id)), Floating.left_on.is_(None))
    rows = db.session.scalars(select(Floating).where(*of_both)).all()
    ordered = sorted(rows, key=lambda row: (row.registered_on or date.min, row.expires_on or date.min, row.id))
    for row in ordered[:-1]:
        row.left_on = ordered[-1].registered_on or today()
        row.version += 1
        row.updated_at = now()
    db.session.flush()


def _forget_doubts(kept_id: int, other_id: int) -> None:
    """Whom the other one was told apart from, the kept one is."""
    doubts = db.session.scalars(
        select(KnownApart).where(or_(KnownApart.first_id == other_id, KnownApart.second_id == other_id))
    ).all()
    for doubt in doubts:
        third = doubt.first_id + doubt.second_id - other_id
        if third == kept_id or _apart(kept_id, third):
            db.session.delete(doubt)
        else:
            doubt.first_id, doubt.second_id = min(kept_id, third), max(kept_id, third)
    db.session.flush()


def _follow(kept_id: int, other_id: int) -> None:
    """Every row of every feature that names the other one names the kept one."""
    for table, column in naming_people():
        for others in _unique_with(table, column):
            db.session.execute(delete(table).where(column == other_id, _is_there(table, column, others, kept_id)))
        if ONCE in table.info:
            _be_there_once(table, column, (kept_id, other_id))
        db.session.execute(update(table).where(column == other_id).values({column.name: kept_id}))
    db.session.expire_all()


def naming_people() -> Iterator[tuple[Table, Column[Any]]]:
    """The columns that name a person, whichever feature keeps the rows."""
    person: Any = Person.__table__
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            if key.column is person.c.id:
                yield table, key.parent


def _unique_with(table: Table, column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """With which other columns a person may be there once only, of the whole table."""
    rules: list[Index | UniqueConstraint] = [index for index in table.indexes if index.unique]
    rules += [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    for rule in rules:
        is_partial = isinstance(rule, Index) and rule.dialect_options["postgresql"]["where"] is not None
        if column.name in rule.columns and not is_partial:
            yield [table.c[other.name] for other in rule.columns if other.name != column.name]


def _is_there(table: Table, column: Column[Any], others: Sequence[Column[Any]], kept_id: int) -> Any:
    twin = table.alias()
    return exists().where(twin.c[column.name] == kept_id, *(twin.c[other.name] == other for other in others))


def _be_there_once(table: Table, column: Column[Any], people: Couple) -> None:
    """Of rows that name both for one thing at one time, one is left, with what any of them says."""
    found = select(table).where(column.in_(people)).order_by(table.c.id)
    groups: defaultdict[tuple[Any, ...], dict[int, RowMapping]] = defaultdict(dict)
    for row in db.session.execute(found).mappings():
        groups[tuple(row[name] for name in table.info[ONCE])][row["id"]] = row
    for rows in groups.values():
        spells = [
            Spell(id_, row.get("since"), row.get("until"), (row[column] == people[0],)) for id_, row in rows.items()
        ]
        for stays, others in together(spells):
            if others:
                _go_into(table, rows[stays.id], [rows[one.id] for one in others], stays)


def _go_into(table: Table, row: RowMapping, others: Sequence[RowMapping], days: Spell) -> None:
    said = {name: _said(name, [row[name], *(one[name] for one in others)]) for name in row}
    said |= {name: getattr(days, name) for name in ("since", "until") if name in row}
    db.session.execute(delete(table).where(table.c.id.in_([one["id"] for one in others])))
    db.session.execute(update(table).where(table.c.id == row["id"]).values(said))


def _said(name: str, values: Sequence[Any]) -> Any:
    """What the first says that says anything; both, where both can be kept."""
    first, *others = [value for value in values if value is not None] or [None]
    for other in others if name in JOINED else ():
        first = joined(name, first, other) if fits(name, first, other) else first
    return first


def tell_apart(actor: Me, two: Two) -> None:
    """They look like one and are two; said twice, it changes nothing."""
    first, second = sorted(person.id for person in two.people)
    if _apart(first, second):
        return
    try:
        with audit.entry(actor, "tell_apart", **_about(two)):
            db.session.add(KnownApart(community_id=two.kept.person.community_id, first_id=first, second_id=second))
    except IntegrityError:
        # Somebody else has just said the same.
        if not _apart(first, second):
            raise


def doubt_again(actor: Me, two: Two) -> None:
    """Propose them again."""
    first, second = sorted(person.id for person in two.people)
    if _apart(first, second):
        with audit.entry(actor, "doubt_again", **_about(two)):
            db.session.execute(delete(KnownApart).where(KnownApart.first_id == first, KnownApart.second_id == second))


def _apart(one: int, another: int) -> bool:
    rows = exists().where(KnownApart.first_id == min(one, another), KnownApart.second_id == max(one, another))
    return bool(db.session.scalar(select(rows)))


def _about(two: Two) -> dict[str, Any]:
    kept, other = two.people
    return {
        "community_id": kept.community_id,
        "household_id": two.kept.residency.household_id,
        "person_id": kept.id,
        "words": f"{kept.name}、{other.name}",
    }
