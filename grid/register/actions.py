"""Changing the register. Each action is one transaction with one audit entry; the actor comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Date, case, func, insert, literal, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, receipts
from grid.accounts import queries as accounts_queries
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now
from grid.core.clock import today as this_day
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.personal import keyed_hash
from grid.core.refusals import Refused
from grid.register import finding, queries
from grid.register.id_numbers import IdNumber
from grid.register.models import DEFAULT_LABELS, Community, Floating, Household, Person, PersonTag, Residency, Tag
from grid.register.starter_tags import FIELDS, GRACE_DAYS, RESTRICTED, RETENTION_DAYS, STARTER
from grid.register.summaries import refresh_members


@dataclass
class Clash(Exception):
    """Somebody saved meanwhile. Per field: what it was, what they made of it, what was typed here."""

    version: int
    base: Mapping[str, Any]
    theirs: Mapping[str, Any]
    yours: Mapping[str, Any]
    by: str = ""

    @property
    def fields(self) -> list[str]:
        """The fields in which theirs and yours differ, in the form's order."""
        return [name for name in self.yours if self.theirs[name] != self.yours[name]]


@dataclass(frozen=True)
class CommunityEntry:
    name: str
    code: str | None = None
    street: str | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_LABELS))


def next_community_id() -> int:
    """Known before the community is there: the log must say from its first line whose the line is."""
    if db.session.connection().dialect.name == "postgresql":
        return int(db.session.scalar(select(func.nextval(func.pg_get_serial_sequence("community", "id")))) or 0)
    return int(db.session.scalar(select(func.coalesce(func.max(Community.id), 0) + 1)) or 0)


def add_community(actor: Me | None, entry: CommunityEntry, new_id: int | None = None) -> Community:
    """A new community with the starter tags. Whoever makes it gets it as a patch in `staff`."""
    community_id = new_id or next_community_id()
    with audit.entry(actor, "add_community", community_id=community_id, words=entry.name):
        community = Community(
            id=community_id, name=entry.name, code=entry.code, street=entry.street, labels=dict(entry.labels)
        )
        db.session.add(community)
        db.session.flush()
        add_starter_tags(community.id)
    return community


def add_starter_tags(community_id: int) -> None:
    """Inside an open audit entry."""
    given = [(*tag, False) for tag in STARTER] + [(*tag, True) for tag in RESTRICTED]
    db.session.execute(
        insert(Tag),
        [
            {
                "community_id": community_id,
                "code": code,
                "label": label,
                "group": group,
                "contact_every_days": days,
                "contact_kind": kind,
                "grace_days": GRACE_DAYS if days else 0,
                "restricted": restricted,
                "retention_days": RETENTION_DAYS if restricted else None,
                "fields": _starter_fields(code),
            }
            for code, label, group, days, kind, restricted in given
        ],
    )


def _starter_fields(code: str) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": label, "kind": kind, "choices": list(choices), "needed": False}
        for key, label, kind, choices in FIELDS.get(code, ())
    ]


@dataclass(frozen=True)
class HouseholdEntry:
    """What may be said of a door. Its address is not among it: a door never moves."""

    use: str
    occupancy: str | None
    layout: str | None
    area: float | None
    owner_name: str | None
    owner_phone: str | None
    rental_use: str | None
    landlord_duty: bool | None
    contact_name: str | None
    contact_phone: str | None
    emergency_name: str | None
    emergency_phone: str | None
    family_kind: str | None
    safe_family: bool | None
    filed_on: date | None
    verified_on: date | None
    note: str | None


def edit_household(actor: Me, household: Household, entry: HouseholdEntry, version: int, slip: Slip) -> str:
    """Save what was typed over `version` and give the version it has now, or raise Clash with all three sides.

    Once, however often it is sent: raises receipts.AlreadyDone (with that version) or KeyReused.
    """
    about: dict[str, Any] = {"community_id": household.community_id, "household_id": household.id}
    with audit.entry(actor, "edit_household", **about):
        receipts.claim(actor, slip.key, slip.said)
        _save(household, entry, version)
        saved = str(household.version)
        receipts.answer(slip.key, saved)
    return saved


@dataclass(frozen=True)
class PersonEntry:
    """What may be said of a person. Only the name is required."""

    name: str
    former_name: str | None
    id_kind: str | None
    id_no: str | None
    sex: str | None
    birth: date | None
    ethnic: str | None
    marital: str | None
    political: str | None
    education: str | None
    occupation: str | None
    employer: str | None
    phone: str | None
    hukou_region: str | None
    hukou_address: str | None
    population_kind: str | None
    residency_match: str | None
    health: str | None
    note: str | None


def edit_person(
    actor: Me, resident: queries.Resident, entry: PersonEntry, version: int, slip: Slip, tag_ids: list[int], today: date
) -> str:
    """Save a person's facts and unrestricted tags, like edit_household."""
    person, entry = resident.person, _completed(entry)
    about: dict[str, Any] = {"household_id": resident.residency.household_id, "person_id": person.id}
    with audit.entry(actor, "edit_person", community_id=person.community_id, **about):
        receipts.claim(actor, slip.key, slip.said)
        _hold_number(person.community_id, entry.id_no)
        hold_doors(resident.residency.household_id)
        db.session.refresh(person, with_for_update=True)
        _refuse_taken_id(actor, person, entry.id_no)
        rises = _save(person, entry, version)
        person.id_hash = keyed_hash("id", person.id_no) if person.id_no else None
        # A version stands for the tags too: whoever opened the page before them must not take them away unseen.
        if set_tags(person, tag_ids, today) and not rises:
            person.version += 1
            person.updated_at = now()
        db.session.flush()
        _tidy(person.community_id, [resident.residency.household_id])
        saved = str(person.version)
        receipts.answer(slip.key, saved)
    return saved


def hold_numbers(community_id: int, id_hashes: Iterable[str]) -> None:
    """One at a time with one ID number, before it is looked up; SQLite writes one at a time anyway.

    Numbers share a lock: a roster has more of them than PostgreSQL keeps locks.
    """
    locks = sorted({crc32(id_hash.encode()) % NUMBER_LOCKS for id_hash in id_hashes})
    if locks and db.session.connection().dialect.name == "postgresql":
        db.session.execute(_lock_numbers, {"community_id": community_id, "locks": locks})


NUMBER_LOCKS = 1024
_lock_numbers = text(
    "SELECT count(pg_advisory_xact_lock(:community_id, n)) FROM unnest(CAST(:locks AS integer[])) AS n"
)


def _hold_number(community_id: int, id_no: str | None) -> None:
    hold_numbers(community_id, [keyed_hash("id", id_no)] if id_no else [])


def hold_doors(*household_ids: int) -> None:
    """Lock doors before what is behind them is read and summed up; in one order, so that none waits in a ring."""
    wanted = select(Household.id).where(Household.id.in_(household_ids)).order_by(Household.id)
    db.session.execute(wanted.with_for_update())


def _refuse_taken_id(actor: Me, person: Person, id_no: str | None) -> None:
    """One number, one person; where the other lives is told only to those who may see it."""
    if not id_no or id_no == person.id_no:
        return
    holder = queries.holder_of_id(person.community_id, keyed_hash("id", id_no))
    if holder is None or holder[0].id == person.id:
        return
    if holder[1] is not None and actor.scope.allows(holder[1].community_id, holder[1].building_id):
        who = {"name": holder[0].name, "code": holder[1].code}
        raise Refused(_("这个号码已经登记给 %(code)s 的%(name)s，请核对。", **who), "id_no")
    raise Refused(_("这个号码已经登记给社区里的另一个人，请核对；弄不清就找管理员。"), "id_no")


def _save(row: Household | Person, entry: Any, version: int) -> bool:
    """Inside an open audit entry. Whether the row has a new version now."""
    # On PostgreSQL the row is locked before its version is compared; SQLite holds the one write lock.
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise _clash(row, entry, version)
    changed = {name: value for name, value in asdict(entry).items() if getattr(row, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = now()
    db.session.flush()
    if isinstance(row, Household):
        _tidy(row.community_id, [row.id], names_changed=False)
    return True


def _clash(row: Household | Person, entry: Any, version: int) -> Clash:
    yours = asdict(entry)
    theirs = {name: getattr(row, name) for name in yours}
    base, by = as_of(row, version)
    return Clash(row.version, {name: base.get(name, theirs[name]) for name in yours}, theirs, yours, by)


def as_of(row: Household | Person, version: int) -> tuple[dict[str, Any], str]:
    """The fields that changed since a version, as they were then, and who changed them last."""
    table = type(row).__table__
    before: dict[str, Any] = {}
    entry_ids: list[int] = []
    for change in accounts_queries.changes_of(table.name, row.id):  # type: ignore[attr-defined]
        if change.operation != "update" or not change.old:
            break
        before |= {name: _read(table.c[name], value) for name, value in change.old.items() if name in table.c}
        entry_ids += [change.entry_id] if change.entry_id else []
        if change.old.get("version") == version:
            break
    return before, accounts_queries.name_of_actor(entry_ids[0]) if entry_ids else ""


def _read(column: Any, value: Any) -> Any:
    """A value out of the audit log's JSON as the column's Python type."""
    if value is None:
        return None
    kind = column.type
    if kind.python_type is date and isinstance(value, str):
        return date.fromisoformat(value[:10])
    if kind.python_type is bool:
        return bool(value)
    if hasattr(kind, "process_result_value") and isinstance(value, str):
        return kind.process_result_value(value, None)
    return value


def set_tags(person: Person, tag_ids: list[int], today: date) -> bool:
    """Make the person's open unrestricted tags exactly these; inside an open audit entry. Whether any changed."""
    known = {tag.id: tag for tag in queries.tags(person.community_id)}
    carried = {tag.tag_id: tag for tag in queries.tags_of(person.id) if tag.tag_id in known}
    wanted = set(tag_ids) & set(known)
    for tag_id, carrying in carried.items():
        if tag_id not in wanted:
            carrying.until = today
    for tag_id in sorted(wanted - set(carried)):
        db.session.add(PersonTag(community_id=person.community_id, person_id=person.id, tag_id=tag_id, since=today))
    return wanted != set(carried)


# 与户主关系: the codes of a head.
HEADS = ("02", "01")
# The tick of the form and the message that asks for it.
MOVE_HERE = N_("就是同一个人，从原来的住处迁过来")


@dataclass(frozen=True)
class MoveInEntry:
    """Somebody comes to live behind a door: a new person, or one the community knows already.

    `key` is the client-made UUID, `said` the fingerprint of the words.
    """

    key: str
    said: str
    name: str
    from_on: date
    relation: str | None = None
    is_head: bool = False
    live_kind: str | None = None
    came_from: str | None = None
    id_no: str | None = None
    phone: str | None = None
    sex: str | None = None
    birth: date | None = None
    population_kind: str | None = None
    # The same ID number lives elsewhere in the community: move them here instead of refusing.
    move_here: bool = False


Entry = TypeVar("Entry", PersonEntry, MoveInEntry)


def _completed(entry: Entry) -> Entry:
    """Birth and sex stand in the ID number; what somebody typed wins."""
    read = IdNumber.read(entry.id_no)
    if read is None:
        return entry
    born = read.birth if read.birth and read.birth <= this_day() else None
    return replace(entry, birth=entry.birth or born, sex=entry.sex or read.sex)


def move_in(actor: Me, household: Household, entry: MoveInEntry) -> str:
    """Open a residency, and the person where the ID number is not known yet; answers the person's public id.

    Once, however often it is sent: raises receipts.AlreadyDone or KeyReused.
    """
    if entry.from_on > this_day():
        raise Refused(_("迁入日期还没到：等搬来了再登记。"), "from_on")
    about: dict[str, Any] = {"community_id": household.community_id, "household_id": household.id}
    with audit.entry(actor, "move_in", **about, words=f"{entry.name} → {household.code}，{entry.from_on}"):
        receipts.claim(actor, entry.key, entry.said)
        known = _hold_known(household, entry)
        if known is not None:
            _refuse_move(actor, household, entry, *known)
        old_household = None
        if known is not None:
            person, old_household = known
            _fill_empty(person, entry)
            if old_household is not None:
                _close_current(person, entry.from_on, household.code)
        else:
            person = _new_person(household, entry)
        if entry.is_head:
            _no_other_head(household.id)
        residency = Residency(
            community_id=household.community_id,
            person_id=person.id,
            household_id=household.id,
            relation=entry.relation,
            is_head=entry.is_head,
            live_kind=entry.live_kind,
            from_on=entry.from_on,
            came_from=entry.came_from or (old_household.code if old_household else None),
        )
        db.session.add(residency)
        _flush_residency()
        if old_household is not None:
            audit.also_about(old_household.id, person.id)
        _tidy(household.community_id, [household.id] + ([old_household.id] if old_household else []))
        receipts.answer(entry.key, person.public_id)
        return person.public_id


def _hold_known(household: Household, entry: MoveInEntry) -> tuple[Person, Household | None] | None:
    """Who has this ID number already and where they live, with both doors and the person locked."""
    _hold_number(household.community_id, entry.id_no)
    seen = _known_person(household, entry)
    hold_doors(household.id, *([seen[1].id] if seen and seen[1] else []))
    if seen is None:
        return None
    db.session.refresh(seen[0], with_for_update=True)
    known = _known_person(household, entry)
    if known is None or known[1] is not seen[1]:
        raise Refused(_("这个人的住处刚刚有人改过，请刷新再看一看。"), "id_no")
    return known


def _known_person(household: Household, entry: MoveInEntry) -> tuple[Person, Household | None] | None:
    return queries.holder_of_id(household.community_id, keyed_hash("id", entry.id_no)) if entry.id_no else None


def _refuse_move(
    actor: Me, household: Household, entry: MoveInEntry, person: Person, lives_at: Household | None
) -> None:
    """Who lives elsewhere stays there, unless they are to be moved."""
    if _plain(person.name) != _plain(entry.name):
        raise Refused(_sentence_of_other_name(actor, person, lives_at), "id_no")
    if person.died_on is not None:
        raise Refused(_("登记上这个人已经去世，请核对号码；弄错了就找管理员。"), "id_no")
    if lives_at is None:
        _refuse_overlap(person, entry.from_on)
        return
    if lives_at.id == household.id:
        raise Refused(_("这个身份证号的人已经住在这一户。"), "id_no")
    if not actor.scope.allows(lives_at.community_id, lives_at.building_id):
        raise Refused(_("这个身份证号的人登记在您范围以外的住处，请管理员办理迁移。"), "id_no")
    if not entry.move_here:
        raise Refused(
            _("%(name)s 现在登记在 %(code)s。如果搬过来了，请勾选“%(tick)s”。",
              name=person.name, code=lives_at.code, tick=_(MOVE_HERE)), "move_here"
        )  # fmt: skip
    since = queries.free_since([person.id]).get(person.id)
    if since is not None and entry.from_on < since:
        raise Refused(_("这个人 %(day)s 才住进 %(code)s，迁入日期不能更早。", day=since, code=lives_at.code), "from_on")


def _refuse_overlap(person: Person, from_on: date) -> None:
    """Who left another door on a day did not live behind this one before it."""
    left = queries.free_since([person.id]).get(person.id)
    if left is not None and from_on < left:
        raise Refused(_("这个人 %(day)s 才从原来的住处迁出，迁入日期不能更早。", day=left), "from_on")


def _fill_empty(person: Person, entry: MoveInEntry) -> None:
    """What was typed for somebody known already fills what is empty; what is there stays."""
    typed = {name: getattr(entry, name) for name in ("phone", "sex", "birth", "population_kind")}
    filled = {name: value for name, value in typed.items() if value and not getattr(person, name)}
    for name, value in filled.items():
        setattr(person, name, value)
    if filled:
        person.version += 1
        person.updated_at = now()


def _flush_residency() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        # An undo moved them meanwhile: it locks neither the number nor the people.
        raise Refused(_("这个人的住处刚刚有人改过，请刷新再看一看。"), "id_no") from None


def _plain(name: str) -> str:
    return "".join(name.split())


def _sentence_of_other_name(actor: Me, person: Person, lives_at: Household | None) -> str:
    """The name is told only to those who may see where the person lives, or lived last."""
    home = (lives_at.community_id, lives_at.building_id) if lives_at else _last_home(person.id)
    if home is not None and actor.scope.allows(*home):
        return _("这个号码登记的人叫%(name)s，请核对。", name=person.name)
    return _("这个号码已经登记给社区里的另一个人，请核对；弄不清就找管理员。")


def _last_home(person_id: int) -> tuple[int, int] | None:
    """Community and building of the door that somebody left last."""
    found = db.session.execute(
        select(Household.community_id, Household.building_id)
        .join(Residency, Residency.household_id == Household.id)
        .where(Residency.person_id == person_id)
        .order_by(Residency.to_on.desc(), Residency.id.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def _new_person(household: Household, entry: MoveInEntry) -> Person:
    entry = _completed(entry)
    person = Person(
        community_id=household.community_id,
        name=entry.name,
        id_no=entry.id_no,
        id_hash=keyed_hash("id", entry.id_no) if entry.id_no else None,
        id_kind="111" if entry.id_no else None,
        phone=entry.phone,
        sex=entry.sex,
        birth=entry.birth,
        population_kind=entry.population_kind,
    )
    db.session.add(person)
    db.session.flush()
    return person


def _no_other_head(household_id: int) -> None:
    """Nor anybody who is called one: how the former head stands to the new one is not known."""
    was_head = or_(Residency.is_head, Residency.relation.in_(HEADS))
    db.session.execute(
        update(Residency)
        .where(Residency.household_id == household_id, Residency.to_on.is_(None), was_head)
        .values(is_head=False, relation=case((Residency.relation.in_(HEADS), None), else_=Residency.relation))
    )


def _close_current(person: Person, day: date, went_to: str) -> None:
    db.session.execute(
        update(Residency)
        .where(Residency.person_id == person.id, Residency.to_on.is_(None))
        .values(to_on=day, went_to=went_to, reason="moved")
    )


@dataclass(frozen=True)
class MoveOutEntry:
    to_on: date
    reason: str = "moved"
    went_to: str | None = None
    # Of a door left empty: what it is now.
    occupancy: str | None = None
    left_reason: str | None = None


def move_out(actor: Me, resident: queries.Resident, entry: MoveOutEntry) -> None:
    """End a residency; a death also dates the person's end. Sent again, it changes nothing."""
    residency, person = resident.residency, resident.person
    if entry.to_on > this_day():
        raise Refused(_("迁出日期还没到：等搬走了再登记。"), "to_on")
    hold_doors(residency.household_id)
    db.session.refresh(person, with_for_update=True)
    db.session.refresh(residency, ["to_on", "reason", "went_to"], with_for_update=True)
    if residency.to_on is not None:
        _refuse_unless_as_said(residency, entry)
        return
    since = queries.free_since([person.id]).get(person.id)
    if since is not None and entry.to_on < since:
        raise Refused(_("迁出日期比迁入日期还早，请核对。"), "to_on")
    about: dict[str, Any] = {
        "community_id": residency.community_id,
        "household_id": residency.household_id,
        "person_id": person.id,
    }
    home = db.session.get_one(Household, residency.household_id)
    why = None if entry.reason == "died" else entry.left_reason
    words = f"{person.name} {home.code} → {entry.went_to or '…'}，{entry.to_on}{told_why(why)}"
    with audit.entry(actor, "move_out", **about, words=words):
        residency.to_on = entry.to_on
        residency.reason = entry.reason
        residency.went_to = entry.went_to
        if entry.reason == "died":
            person.died_on = entry.to_on
            person.version += 1
        close_floating([person.id], entry.to_on, why)
        db.session.flush()
        if entry.occupancy:
            _say_empty(home, entry.occupancy)
        _tidy(residency.community_id, [residency.household_id])


def told_why(left_reason: str | None) -> str:
    """What the history says after the day: of who has no registration it alone keeps why they left."""
    return f"，{CODES['outflow_reason'].text(left_reason)}" if left_reason else ""


def close_floating(people: Sequence[int], day: date, left_reason: str | None = None) -> None:
    """Inside an open audit entry: who has gone is not registered as staying here any more."""
    gone = case((Floating.registered_on > day, Floating.registered_on), else_=literal(day, Date))
    is_open = (Floating.person_id.in_(people), Floating.direction == "in", Floating.left_on.is_(None))
    db.session.execute(
        update(Floating)
        .where(*is_open)
        .values(left_on=gone, left_reason=left_reason, version=Floating.version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )


def _say_empty(household: Household, occupancy: str) -> None:
    """The last one has gone."""
    db.session.refresh(household, with_for_update=True)
    if household.occupancy != occupancy and not queries.residents(household.id):
        household.occupancy = occupancy
        household.version += 1
        household.updated_at = now()


def _refuse_unless_as_said(residency: Residency, entry: MoveOutEntry) -> None:
    """Somebody has left already; the same words once more are the same move."""
    if (residency.to_on, residency.reason, residency.went_to) != (entry.to_on, entry.reason, entry.went_to):
        raise Refused(_("这个人已经迁出了，请刷新户档看看最新情况。"), "to_on")


def _tidy(community_id: int, household_ids: list[int], names_changed: bool = True) -> None:
    """Bring the summaries and, where names or doors changed, the search keys up to date."""
    refresh_members(household_ids)
    if names_changed:
        finding.index_households(household_ids, community_id=community_id)
