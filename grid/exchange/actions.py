"""Applies a plan: all accepted rows in one transaction under one audit entry, or nothing; and takes it back whole."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, func, insert, update

from grid.accounts import audit, undoing
from grid.accounts.actions import PatchEntry, bump_scopes_of, hand_out_patch
from grid.accounts.models import AuditChange, AuditEntry, Me, Receipt, User
from grid.core.clock import now, today
from grid.core.db import Base, batches, db, writing
from grid.core.i18n import _, listed
from grid.core.refusals import Refused
from grid.exchange import progress, queries, resident_holding
from grid.exchange.door_plan import DoorWrites
from grid.exchange.floating_actions import apply_floating
from grid.exchange.lines import CHANGED, NEW, OUTCOMES, Plan
from grid.exchange.map_plan import MapWrites
from grid.exchange.planning import Order, plan_files
from grid.exchange.queries import names_of
from grid.exchange.resident_holding import MANY, Touched
from grid.exchange.resident_plan import ResidentWrites
from grid.exchange.tag_actions import apply_tags
from grid.exchange.visit_writing import write_visits
from grid.register import finding, undo_actions
from grid.register.actions import CommunityEntry, add_starter_tags, next_community_id
from grid.register.addresses import same_no
from grid.register.models import (
    Block,
    Building,
    Community,
    Household,
    PatrolRoute,
    Person,
    PersonTag,
    Residency,
    Unit,
)
from grid.register.summaries import refresh_members
from grid.visits.summaries import refresh_visits

MOST_NAMES = 5
# Rows that are handed to the database together: as fast as all of them, and a tenth of the memory; between two such
# lots somebody may be told how far it is.
AT_ONCE = 5000
# Who began to write earlier may be done later: their changes have numbers that lie so far back, or less.
OVERTAKEN = 10_000

Fields = dict[str, Any]


class Moved(Exception):
    """The register changed since the preview: `plan` is what would happen now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


def apply_files(actor: Me | None, order: Order, day: date, expected: str | None = None) -> Plan:
    """Plan and apply in one go, while nobody else imports; `expected` is the digest of the previewed plan.

    Comparing a long roster takes longer than anybody else should wait for SQLite's write lock: it is done before that
    is taken, and again where somebody wrote meanwhile.
    """
    plan = _planned_and_held(order, day)
    if expected is not None and plan.digest != expected:
        db.session.rollback()
        raise Moved(plan)
    if plan.changes_anything:
        apply(actor, plan, order.upload)
    return plan


def _planned_and_held(order: Order, day: date) -> Plan:
    """A plan that is true until the transaction ends: what it touches is locked, and was read after that or has not
    changed since. A plan made anew that touches more is locked anew, from the beginning and so in one order."""
    plan, since, known = _planned_while_others_work(order, day)
    while True:
        _hold_communities()
        held = _hold(plan)
        n = _changes(since)
        if n == known:
            return plan
        plan, known = plan_files(order, day), n
        if held is None or held.holds(resident_holding.touched(plan.writes)):
            return plan
        db.session.rollback()


def _hold(plan: Plan) -> Touched | None:
    """What is locked for this plan; None where there is nothing to lock."""
    if plan.community_id is None or not isinstance(plan.writes, ResidentWrites):
        return None
    wanted = resident_holding.touched(plan.writes)
    resident_holding.hold(plan.community_id, wanted)
    return wanted


def _planned_while_others_work(order: Order, day: date) -> tuple[Plan, int, int]:
    """The plan, and how many changes of anything it knows of after which one."""
    db.session.rollback()
    token = writing.set(False)
    try:
        since = (db.session.scalar(db.select(func.max(AuditChange.id))) or 0) - OVERTAKEN
        known = _changes(since)
        return plan_files(order, day), since, known
    finally:
        db.session.rollback()
        writing.reset(token)


def _changes(since: int) -> int:
    return db.session.scalar(db.select(func.count()).where(AuditChange.id > since)) or 0


def _hold_communities() -> None:
    """PostgreSQL: imports wait for each other, and hardly anybody else for them: rows that name the community may
    be inserted meanwhile. SQLite's one write lock does it by itself."""
    db.session.execute(db.select(Community.id).with_for_update(key_share=True)).all()


def apply(actor: Me | None, plan: Plan, upload: str | None = None) -> int:
    """Write what the plan says and answer the community's id. Nothing is written if anything fails."""
    progress.begin(progress.WRITING, _how_many(plan.writes))
    words = f"{plan.community}: {', '.join(plan.files)}"[:300] + _counted(plan)
    community_id = plan.community_id or next_community_id()
    with audit.entry(actor, f"import_{plan.kind}", community_id=community_id, words=words) as line:
        plan.entry_id = line.id
        if upload and actor:
            # Beside the rows: whoever stops the process at the moment of the commit can't tell otherwise.
            receipt = {"key": queries.receipt_of(upload), "user_id": actor.id, "fingerprint": plan.digest}
            db.session.execute(insert(Receipt).values(**receipt, answer=str(line.id)))
        if plan.community_id is None:
            _begin_community(actor, community_id, plan.community)
        _APPLY[plan.kind](community_id, plan.writes)
    return community_id


def written_by(upload: str, was_cut_off: bool) -> int | None:
    """The entry that wrote an upload. Of a process that was ended the database may still be finishing the work."""
    if was_cut_off:
        _hold_communities()
    entry_id = queries.entry_of(upload)
    db.session.rollback()
    return entry_id


def _counted(plan: Plan) -> str:
    found = plan.counts
    told = [f"{_(OUTCOMES[outcome])} {found[outcome]}" for outcome in (NEW, CHANGED) if found[outcome]]
    return f" ({listed(told)})"


def _how_many(writes: Any) -> int:
    return sum(len(rows) for rows in vars(writes).values() if isinstance(rows, (list, dict, set)))


def undo_import(actor: Me | None, entry: AuditEntry) -> None:
    """Take a whole import back, as apply_files wrote it, or raise Refused with the reason."""
    assert entry.community_id is not None
    try:
        with undo_actions.taking_back(actor, entry):
            _hold_communities()
            # While the patches are still there: who holds one may see less afterwards.
            bump_scopes_of(entry.community_id)
            refresh_visits(sorted(undo_actions.put_back(entry)))
    except undoing.Entangled as held:
        raise Refused(_why(held)) from held


def _why(held: undoing.Entangled) -> str:
    """Names the rows that hold an import."""
    rows = held.changed or held.hanging
    names = names_of(rows)
    told = listed(names[:MOST_NAMES])
    told = _("%(names)s 等", names=told) if len(names) > MOST_NAMES else told
    if held.changed:
        return _("导入以后又有人改过 %(names)s（共 %(n)s 处），撤销会丢掉那些改动，没有撤销。", names=told, n=len(rows))
    return _("导入以后 %(names)s 用到了导入的内容（共 %(n)s 处），没有撤销。", names=told, n=len(rows))


def _begin_community(actor: Me | None, community_id: int, name: str) -> None:
    """Handed to whoever makes it; from the command line to every administrator."""
    db.session.add(Community(id=community_id, name=name, labels=dict(CommunityEntry(name).labels)))
    db.session.flush()
    add_starter_tags(community_id)
    administrators = db.select(User.id).where(User.role == "administrator", User.is_active)
    holders = [actor.id] if actor else list(db.session.scalars(administrators))
    for user_id in holders:
        hand_out_patch(actor, PatchEntry(user_id=user_id, community_id=community_id, from_on=today()))


def _apply_map(community_id: int, writes: MapWrites) -> None:
    if not (writes.community or writes.blocks or writes.buildings or writes.routes):
        return
    blocks = [{"community_id": community_id, **fields} for id_, fields in writes.blocks if id_ is None]
    _insert(Block, blocks)
    _update(Block, [(id_, fields) for id_, fields in writes.blocks if id_ is not None])
    _write_buildings(community_id, writes.buildings)
    _insert(PatrolRoute, [{"community_id": community_id, **fields} for id_, fields in writes.routes if id_ is None])
    _update(PatrolRoute, [(id_, fields) for id_, fields in writes.routes if id_ is not None])
    version = {"geometry_version": Community.geometry_version + 1}
    db.session.execute(
        update(Community)
        .where(Community.id == community_id)
        .values(**writes.community, **version)
        .execution_options(synchronize_session=False)
    )


def _apply_doors(community_id: int, writes: DoorWrites) -> None:
    _write_buildings(community_id, list(writes.buildings.values()))
    building_ids = {
        same_no(no): id_
        for id_, no in db.session.execute(
            db.select(Building.id, Building.no).where(Building.community_id == community_id)
        )
    }
    units = _units(community_id, writes, building_ids)
    new = [_door_row(community_id, fields, building_ids, units) for id_, fields in writes.doors if id_ is None]
    touched = _insert(Household, new)
    changed = [(id_, fields) for id_, fields in writes.doors if id_ is not None]
    _update(Household, changed)
    _bump(Household, [id_ for id_, _fields in changed])
    _tidy(community_id, touched + [id_ for id_, _fields in changed])
    if writes.buildings:
        db.session.execute(
            update(Community)
            .where(Community.id == community_id)
            .values(geometry_version=Community.geometry_version + 1)
            .execution_options(synchronize_session=False)
        )


def _write_buildings(community_id: int, buildings: Sequence[tuple[int | None, Fields]]) -> None:
    blocks = {
        seq: id_
        for id_, seq in db.session.execute(db.select(Block.id, Block.seq).where(Block.community_id == community_id))
    }
    rows = [(id_, _with_block(fields, blocks)) for id_, fields in buildings]
    new = [
        {"community_id": community_id, "no_order": _order(fields["no"]), **fields}
        for id_, fields in rows
        if id_ is None
    ]
    _insert(Building, new)
    changed = [(id_, fields) for id_, fields in rows if id_ is not None]
    _update(Building, changed)
    if new or any("block_id" in fields for _id, fields in changed):
        bump_scopes_of(community_id)
    renamed = [id_ for id_, fields in changed if "estate" in fields]
    if renamed:
        doors = db.select(Household.id).where(Household.building_id.in_(renamed))
        finding.index_households(list(db.session.scalars(doors)), community_id=community_id)


def _with_block(fields: Fields, blocks: Mapping[int, int]) -> Fields:
    if "block" not in fields:
        return fields
    return {**{k: v for k, v in fields.items() if k != "block"}, "block_id": blocks[fields["block"]]}


def _order(no: str) -> int:
    digits = re.search(r"\d+", no)
    return int(digits[0]) if digits else 0


def _units(community_id: int, writes: DoorWrites, building_ids: Mapping[str, int]) -> dict[tuple[int, int], int]:
    """Ids of all units by building id and number, after making those that are missing."""
    there = _units_of(community_id)
    wanted = {(building_ids[building], no) for building, no in writes.units}
    _insert(
        Unit,
        [
            {"community_id": community_id, "building_id": building_id, "no": no}
            for building_id, no in sorted(wanted - set(there))
        ],
    )
    return _units_of(community_id)


def _units_of(community_id: int) -> dict[tuple[int, int], int]:
    found = db.session.execute(db.select(Unit.building_id, Unit.no, Unit.id).where(Unit.community_id == community_id))
    return {(building_id, no): id_ for building_id, no, id_ in found}


def _door_row(
    community_id: int,
    fields: Fields,
    building_ids: Mapping[str, int],
    units: Mapping[tuple[int, int], int],
) -> Fields:
    building_id = building_ids[fields["building"]]
    rest = {name: value for name, value in fields.items() if name != "building"}
    return {
        "community_id": community_id,
        "building_id": building_id,
        "unit_id": units[building_id, fields["unit_no"]],
        **rest,
    }


def _apply_residents(community_id: int, writes: ResidentWrites) -> None:
    # The plan's own rows get what they lack: a copy of a hundred thousand takes as much memory again.
    new = [(index, fields) for index, (id_, fields) in enumerate(writes.people) if id_ is None]
    for _index, fields in new:
        fields["community_id"] = community_id
    ids = {index: id_ for index, (id_, _fields) in enumerate(writes.people) if id_ is not None}
    made = _insert(Person, [fields for _index, fields in new])
    ids |= dict(zip((index for index, _fields in new), made, strict=True))
    known = [(id_, fields) for id_, fields in writes.people if id_ is not None and fields]
    _update(Person, known)
    _bump(Person, [id_ for id_, _fields in known])
    # Residencies that end come first: a person has at most one that is open.
    _update(Residency, [(id_, fields) for id_, _index, fields in writes.residencies if id_ is not None])
    begun = [(index, fields) for id_, index, fields in writes.residencies if id_ is None]
    for index, fields in begun:
        fields |= {"community_id": community_id, "person_id": ids[index]}
    _insert(Residency, [fields for _index, fields in begun])
    since = today()
    _insert(
        PersonTag,
        [
            {"community_id": community_id, "person_id": ids[index], "tag_id": tag_id, "since": since}
            for index, tag_id in writes.tags
        ],
    )
    _tidy(community_id, sorted(writes.touched))


def _insert(model: type[Base], rows: list[Fields]) -> list[int]:
    """The ids of the new rows, in their order. All rows get the same columns, so that one statement does."""
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    defaults = _plain_defaults(model)
    # The table, not the model: the ORM leaves out what is empty and makes a statement of every pattern of gaps.
    table = cast(Table, model.__table__)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids: list[int] = []
    for some in batches(rows, AT_ONCE):
        alike = [{name: row.get(name, defaults.get(name)) for name in names} for row in some]
        ids += [int(id_) for id_ in db.session.scalars(statement, alike)]
        progress.tell(len(some))
    return ids


def _plain_defaults(model: type[Base]) -> Fields:
    """A column given for one row is given for all: those without it get the column's own default."""
    columns = model.__table__.columns
    return {c.name: c.default.arg for c in columns if c.default is not None and c.default.is_scalar}


def _update(model: type[Base], rows: Sequence[tuple[int, Fields]]) -> None:
    given = [{"id": id_, **fields} for id_, fields in rows if fields]
    if given:
        db.session.execute(update(model), sorted(given, key=lambda row: sorted(row)))
        progress.tell(len(given))


def _bump(model: type[Household] | type[Person], ids: Sequence[int]) -> None:
    """A saved row counts up, so that a form opened before notices."""
    for some in batches(ids):
        db.session.execute(
            update(model)
            .where(model.id.in_(some))
            .values(version=model.version + 1, updated_at=now())
            .execution_options(synchronize_session=False)
        )


def _tidy(community_id: int, household_ids: list[int]) -> None:
    if not household_ids:
        return
    if len(household_ids) > MANY:
        refresh_members(community_id=community_id)
        finding.index_households(community_id=community_id)
    else:
        refresh_members(household_ids)
        finding.index_households(household_ids, community_id=community_id)


_APPLY: dict[str, Callable[[int, Any], None]] = {
    "map": _apply_map,
    "doors": _apply_doors,
    "residents": _apply_residents,
    "floating": apply_floating,
    "tags": apply_tags,
    "visits": write_visits,
}
