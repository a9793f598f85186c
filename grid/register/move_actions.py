"""Moves as people say them: change of flat, split, merger, birth, death, new head, new landlord, tenants leaving.

Each is one entry with one day, told behind every door it touches, and can be taken back: undo_actions.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.core.clock import now
from grid.core.clock import today as this_day
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register import queries
from grid.register.actions import HEADS, _tidy, close_floating, hold_doors, told_why
from grid.register.addresses import parse_address, short_address
from grid.register.models import Household, Person, Residency

# 与户主关系: the codes of a spouse.
SPOUSES = ("10", "11", "12")
LONGEST_ROOM = Household.__table__.c.room.type.length  # type: ignore[attr-defined]
# So many people are named in a line of the history.
NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Move:
    """`key` is the client-made UUID, `said` the fingerprint of the words; `on` is the day it happened."""

    key: str
    said: str
    on: date


@dataclass(frozen=True, kw_only=True)
class ChangeFlatEntry(Move):
    """Some or all of a door go to another. People by public id; `relations` say how each stands to the head there."""

    people: tuple[str, ...]
    to: str
    head: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)
    # Who is head of those that stay; of the door left empty, its state.
    head_of_rest: str | None = None
    occupancy: str | None = None


@dataclass(frozen=True, kw_only=True)
class SplitEntry(Move):
    """Some leave to be a household of their own, behind another door or (`to` empty) a new one beside."""

    people: tuple[str, ...]
    head: str
    to: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)
    head_of_rest: str | None = None


@dataclass(frozen=True, kw_only=True)
class MergeEntry(Move):
    """All of another door come to this one."""

    other: str
    head: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)
    occupancy: str | None = None


@dataclass(frozen=True, kw_only=True)
class BirthEntry(Move):
    name: str
    sex: str | None = None
    relation: str | None = None
    population_kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeathEntry(Move):
    head: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)
    occupancy: str | None = None


@dataclass(frozen=True, kw_only=True)
class HeadEntry(Move):
    head: str
    relations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LandlordEntry(Move):
    owner_name: str
    owner_phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class TenancyEntry(Move):
    people: tuple[str, ...]
    occupancy: str | None = "vacant"
    went_to: str | None = None
    left_reason: str | None = None


def change_flat(actor: Me, household: Household, entry: ChangeFlatEntry) -> Household:
    """People of one door live behind another from a day on. Raises receipts.AlreadyDone or KeyReused, like the rest."""
    to = _door_asked(actor, household, entry.to, "to")
    words = _told(_names(household, entry.people), f"{household.code} → {to.code}", entry.on)
    with _move(actor, "change_flat", household, entry, words):
        _hold(household, to)
        going, staying = _parted(household, entry.people)
        arrived = _go(going, household, to, entry.on)
        _settle(to, arrived, entry.head, entry.relations)
        _settle(household, [], entry.head_of_rest, {}, staying)
        _leave_empty(household, entry.occupancy)
        _live_in(to, arrived)
        _finish(household, to)
    return to


def split_household(actor: Me, household: Household, entry: SplitEntry) -> Household:
    """Some of a door become a household of their own; the door they have from then on."""
    to = _door_asked(actor, household, entry.to, "to") if entry.to else None
    names = _names(household, entry.people)
    words = _told(names, f"{household.code} → {to.code if to else _room_beside(household)[1]}", entry.on)
    with _move(actor, "split_household", household, entry, words):
        _hold(household, *([to] if to else []))
        going, staying = _parted(household, entry.people)
        if not staying:
            raise Refused(_("全家都走就不是分户，请用“换房”。"), "people")
        if entry.head not in entry.people:
            raise Refused(_("请从分出去的人里选新户主。"), "head")
        if to is not None and queries.residents(to.id):
            raise Refused(_("%(code)s 已经住着人。搬到一起住请用“换房”。", code=to.code), "to")
        to = to or _new_door_beside(household)
        arrived = _go(going, household, to, entry.on)
        _settle(to, arrived, entry.head, entry.relations)
        _settle(household, [], entry.head_of_rest, {}, staying)
        _live_in(to, arrived)
        _finish(household, to)
    return to


def merge_households(actor: Me, household: Household, entry: MergeEntry) -> None:
    """All who live behind another door live behind this one from a day on; the other is left empty."""
    other = _door_asked(actor, household, entry.other, "other")
    words = _told([r.person.name for r in queries.residents(other.id)], f"{other.code} → {household.code}", entry.on)
    with _move(actor, "merge_households", household, entry, words):
        _hold(household, other)
        going, here = _behind(other), _behind(household)
        if not going:
            raise Refused(_("%(code)s 现在没有人住，不用并户。", code=other.code), "other")
        arrived = _go(going, other, household, entry.on)
        _settle(household, arrived, entry.head, entry.relations, here)
        _leave_empty(other, entry.occupancy)
        _live_in(household, arrived)
        _finish(household, other)


def record_birth(actor: Me, household: Household, entry: BirthEntry) -> Person:
    """A newborn lives where the family does; an ID number comes later."""
    with _move(actor, "record_birth", household, entry, _told([entry.name], household.code, entry.on)):
        _hold(household)
        here = _behind(household)
        person = Person(
            community_id=household.community_id,
            name=entry.name,
            sex=entry.sex,
            birth=entry.on,
            population_kind=entry.population_kind,
        )
        db.session.add(person)
        db.session.flush()
        head = next((r for r in here if r.is_head), None)
        db.session.add(
            Residency(
                community_id=household.community_id,
                person_id=person.id,
                household_id=household.id,
                relation=entry.relation,
                live_kind=head.live_kind if head else None,
                from_on=_came_on(entry.on, here),
            )
        )
        _finish(household)
        receipts.answer(entry.key, person.public_id)
    return person


def _came_on(birth: date, here: Sequence[Residency]) -> date:
    """The day of the birth, unless the whole family came here later."""
    came = [r.from_on or date.min for r in here]
    return max(birth, min(came)) if came else birth


def record_death(actor: Me, resident: queries.Resident, entry: DeathEntry) -> None:
    """Ends a residency and dates the person's end; where it was the head, somebody else is the head."""
    person, household = resident.person, resident.residency.household
    with _move(actor, "record_death", household, entry, _told([person.name], household.code, entry.on), person.id):
        _hold(household)
        dead, others = _parted(household, (person.public_id,))
        _refuse_too_early(entry.on, dead)
        _close(dead[0], entry.on, "died")
        db.session.refresh(person, with_for_update=True)
        person.died_on = entry.on
        _counted(person)
        close_floating([person.id], entry.on)
        _settle(household, [], entry.head, entry.relations, others)
        _leave_empty(household, entry.occupancy)
        _finish(household)


def name_head(actor: Me, household: Household, entry: HeadEntry) -> None:
    """A new head; how the others stand to the new one is as said, else as it was."""
    words = _told(_names(household, (entry.head,)), household.code, entry.on)
    with _move(actor, "name_head", household, entry, words):
        _hold(household)
        here = _behind(household)
        head = _one_of(here, entry.head)
        if head.is_head:
            raise Refused(_("%(name)s 已经是户主了。", name=head.person.name), "head")
        _refuse_too_early(entry.on, [head])
        _lead(here, head, here, keeps=True)
        _relate(here, entry.relations)
        _finish(household)


def change_landlord(actor: Me, household: Household, entry: LandlordEntry) -> None:
    """The home has another owner, who has not signed the duty of a landlord yet."""
    words = f"{household.code}：{household.owner_name or '—'} → {entry.owner_name}，{entry.on}"
    with _move(actor, "change_landlord", household, entry, words):
        _hold(household)
        owner = {"owner_name": entry.owner_name, "owner_phone": entry.owner_phone, "owner_id_no": None}
        is_let = household.occupancy == "rented" or household.landlord_duty is not None
        _put(household, landlord_duty=False if is_let else None, **owner)
        _finish(household)


def end_tenancy(actor: Me, household: Household, entry: TenancyEntry) -> None:
    """The tenants leave on one day."""
    words = _told(_names(household, entry.people), household.code, entry.on) + told_why(entry.left_reason)
    with _move(actor, "end_tenancy", household, entry, words):
        _hold(household)
        going, staying = _parted(household, entry.people)
        _refuse_too_early(entry.on, going)
        if staying and entry.occupancy == "vacant":
            raise Refused(_("还有人住在这里，房屋状态不能是空置。"), "occupancy")
        for residency in going:
            _close(residency, entry.on, "lease_ended", entry.went_to)
        close_floating([r.person_id for r in going], entry.on, entry.left_reason)
        if entry.occupancy:
            _put(household, occupancy=entry.occupancy)
        _finish(household)


@contextmanager
def _move(
    actor: Me, action: str, household: Household, entry: Move, words: str, person_id: int | None = None
) -> Iterator[None]:
    """One entry of the log around a move, done once however often it is sent."""
    about: dict[str, Any] = {"household_id": household.id, "person_id": person_id}
    with audit.entry(actor, action, community_id=household.community_id, words=words, **about):
        receipts.claim(actor, entry.key, entry.said)
        if entry.on > this_day():
            raise Refused(_("日期还没到：等办了再登记。"), "on")
        yield


def _told(names: Sequence[str], where: str, on: date) -> str:
    """What the history says beside the name of the move: who, from which door to which, when."""
    more = f"…（{len(names)}）" if len(names) > NAMED else ""
    return f"{'、'.join(names[:NAMED])}{more} {where}，{on}"


def _names(household: Household, people: Sequence[str]) -> list[str]:
    here = (Person.community_id == household.community_id, Person.public_id.in_(people))
    return list(db.session.scalars(select(Person.name).where(*here).order_by(Person.id)))


def _door_asked(actor: Me, household: Household, typed: str, about: str) -> Household:
    """Another door of the community, by its address in any spelling, or Refused."""
    address = parse_address(typed)
    codes = (typed.strip(), short_address(address) if address else "")
    found = next((door for code in codes if (door := queries.household_at(household.community_id, code))), None)
    if found is None:
        raise Refused(_("社区里没有 %(door)s 这一户，请核对房号，例如 3-2-501。", door=typed.strip()), about)
    if found.id == household.id:
        raise Refused(_("%(code)s 就是这一户，请填另一户的房号。", code=found.code), about)
    if not actor.scope.allows(found.community_id, found.building_id):
        raise Refused(_("%(code)s 不在您的范围内，请管理员办理。", code=found.code), about)
    return found


def other_door(actor: Me, household: Household, typed: str) -> Household:
    """The door that a merger is asked for, before anything is done."""
    return _door_asked(actor, household, typed, "other")


def _hold(*doors: Household) -> None:
    hold_doors(*(door.id for door in doors))
    for door in doors:
        db.session.refresh(door, with_for_update=True)


def _behind(household: Household) -> list[Residency]:
    """Who lives there as the database has it now, the doors being held."""
    db.session.flush()
    return [resident.residency for resident in queries.residents(household.id, hold=True)]


def _parted(household: Household, people: Sequence[str]) -> tuple[list[Residency], list[Residency]]:
    """Those meant and the others behind a door; Refused where somebody meant has left meanwhile."""
    here = _behind(household)
    going = [r for r in here if r.person.public_id in people]
    if not people:
        raise Refused(_("请选是哪些人。"), "people")
    if len(going) < len(set(people)):
        raise Refused(_("有人刚刚已经不住这里了，请刷新再看一看。"), "people")
    return going, [r for r in here if r not in going]


def _one_of(here: Sequence[Residency], person: str) -> Residency:
    found = next((r for r in here if r.person.public_id == person), None)
    if found is None:
        raise Refused(_("请从住在这里的人里选户主。"), "head")
    return found


def _refuse_too_early(on: date, going: Sequence[Residency]) -> None:
    """Nobody leaves before they came, nor before they left where they lived last."""
    since = queries.free_since([r.person_id for r in going])
    for residency in going:
        day = since.get(residency.person_id)
        if day is not None and on < day:
            raise Refused(_("%(name)s 是 %(day)s 住进来的，日期不能更早。", name=residency.person.name, day=day), "on")


def _close(residency: Residency, on: date, reason: str, went_to: str | None = None) -> None:
    residency.to_on, residency.reason, residency.went_to = on, reason, went_to


def _go(going: Sequence[Residency], of: Household, to: Household, on: date) -> list[Residency]:
    """End where they lived, begin where they live: nobody lives behind two doors on one day."""
    _refuse_too_early(on, going)
    for residency in going:
        _close(residency, on, "moved", to.code)
    db.session.flush()
    arrived = [
        Residency(
            community_id=to.community_id,
            person=old.person,
            household_id=to.id,
            relation=old.relation,
            is_head=old.is_head,
            live_kind=old.live_kind,
            from_on=on,
            came_from=of.code,
        )
        for old in going
    ]
    db.session.add_all(arrived)
    try:
        db.session.flush()
    except IntegrityError:
        # An undo moved them meanwhile: it locks no people.
        raise Refused(_("这个人的住处刚刚有人改过，请刷新再看一看。"), "people") from None
    return arrived


def _settle(
    household: Household,
    arrived: Sequence[Residency],
    head: str | None,
    relations: Mapping[str, str],
    here: Sequence[Residency] | None = None,
) -> None:
    """Who is head behind a door after people came or left, and how the others stand to the head."""
    if here is None:
        here = [r for r in _behind(household) if r not in arrived]
    everybody = [*here, *arrived]
    if head:
        chosen = _one_of(everybody, head)
        family = here if chosen in here else arrived
        _lead(everybody, chosen, family, keeps=chosen in here or chosen.is_head)
    elif any(r.is_head for r in here) or not any(r.is_head for r in arrived):
        # How somebody stood to the head of the other door tells nothing here.
        for residency in arrived:
            residency.is_head, residency.relation = False, None
    _relate(everybody, relations)
    db.session.flush()


def _lead(everybody: Sequence[Residency], head: Residency, family: Sequence[Residency], keeps: bool) -> None:
    """One is the head and nobody else. Of the `family` that the head is of, a former head is the spouse of their
    spouse, and with `keeps` the others stand to the head as they stood before; of all the rest it is not known."""
    married = head.relation in SPOUSES
    for residency in everybody:
        if residency.is_head or residency.relation in HEADS:
            residency.is_head = False
            residency.relation = SPOUSES[0] if married and residency in family else None
        elif not (keeps and residency in family):
            residency.relation = None
    head.is_head, head.relation = True, HEADS[0]


def _relate(everybody: Sequence[Residency], relations: Mapping[str, str]) -> None:
    """What was said of how each stands to the head."""
    for residency in everybody:
        said = relations.get(residency.person.public_id)
        if said and not residency.is_head:
            residency.relation = said


def _leave_empty(household: Household, occupancy: str | None) -> None:
    """A door behind which nobody lives any more is vacant, unless somebody knows better."""
    if not _behind(household):
        _put(household, occupancy=occupancy or "vacant")


def _live_in(household: Household, arrived: Sequence[Residency]) -> None:
    """A door that was vacant is lived in; let or by its own, where that is clear from who came."""
    if household.occupancy not in (None, "vacant"):
        return
    kinds = {residency.live_kind for residency in arrived}
    if kinds == {"tenant"}:
        _put(household, occupancy="rented")
    elif household.occupancy == "vacant" or kinds <= {"owner", "head_family"}:
        _put(household, occupancy="own")


def _put(household: Household, **facts: Any) -> None:
    changed = {name: value for name, value in facts.items() if getattr(household, name) != value}
    for name, value in changed.items():
        setattr(household, name, value)
    if changed:
        _counted(household)


def _counted(row: Household | Person) -> None:
    row.version += 1
    row.updated_at = now()


def _finish(household: Household, *others: Household) -> None:
    """Told behind the other doors too, and all summed up."""
    db.session.flush()
    for other in others:
        audit.also_about(other.id)
    _tidy(household.community_id, [household.id, *(other.id for other in others)])


def _room_beside(household: Household) -> tuple[str, str]:
    """Room and code of the next free door beside: 501-1, 3-2-501-1."""
    in_unit = (Household.building_id == household.building_id, Household.unit_no == household.unit_no)
    taken = set(db.session.scalars(select(Household.room).where(*in_unit)))
    n = next(n for n in range(1, len(taken) + 2) if f"{household.room}-{n}" not in taken)
    return f"{household.room}-{n}", f"{household.code}-{n}"


def _new_door_beside(household: Household) -> Household:
    room, code = _room_beside(household)
    if len(room) > LONGEST_ROOM:
        raise Refused(_("这里的房号太长，不能再加小号。请填分到哪一户。"), "to")
    alike = ("community_id", "building_id", "unit_id", "unit_no", "floor", "floor_to", "use")
    made = Household(room=room, code=code, **{name: getattr(household, name) for name in alike})
    db.session.add(made)
    db.session.flush()
    return made
