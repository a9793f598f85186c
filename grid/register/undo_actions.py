"""Taking back what was done to people and doors."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, undoing
from grid.accounts.models import AuditEntry, Me
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register import finding
from grid.register.models import Community, Household, Residency
from grid.register.summaries import refresh_members

# Actions that write rows which an undo can put back; what they add is theirs alone.
UNDOABLE = {
    "move_in",
    "move_out",
    "change_flat",
    "split_household",
    "merge_households",
    "record_birth",
    "record_death",
    "name_head",
    "change_landlord",
    "end_tenancy",
    "merge_people",
}
# Visits change neither who lives where nor what somebody is found by.
VISITED = {"visit", "visit_person", "visit_worker"}
# From so many doors on, the whole community is summed up and indexed at once.
MANY = 800


def undo(actor: Me | None, entry: AuditEntry) -> set[int]:
    """Take an action back under an entry of its own, and answer the ids of the doors it was about.

    Raises Refused: it was taken back already, somebody changed the same since, or something later hangs on it.
    An import's undo opens the entry around this one. What was told behind another door is taken back whole.
    """
    entry = whole(entry)
    about = {"community_id": entry.community_id, "household_id": entry.household_id, "person_id": entry.person_id}
    try:
        with audit.entry(actor, "undo", **about, words=entry.words, undoes_id=entry.id):
            done = undoing.what_was_done(entry.id)
            doors = doors_of(done)
            db.session.execute(
                select(Household.id).where(Household.id.in_(doors)).order_by(Household.id).with_for_update()
            )
            undoing.hold_still()
            undoing.take_back(done)
            if done.rows.keys() & {"community", "block", "building"}:
                _drawn_anew(entry.community_id)
            if done.rows.keys() - VISITED:
                _sum_up(entry.community_id, doors)
            _tell_again(entry.id)
    except IntegrityError:
        if undoing.is_undone(entry.id):
            raise Refused(_("已经撤销过了。")) from None
        raise
    except undoing.Entangled as held:
        raise Refused(_sentence(held)) from held
    return doors


def whole(entry: AuditEntry) -> AuditEntry:
    """The entry that holds the changes, of one that tells them behind another door."""
    return db.session.get_one(AuditEntry, entry.part_of_id) if entry.part_of_id else entry


def _tell_again(entry_id: int) -> None:
    """Where the action was told, its undoing is told: behind the other doors too, those that are still there."""
    told = select(AuditEntry.household_id, AuditEntry.person_id).where(AuditEntry.part_of_id == entry_id)
    there = told.where(AuditEntry.household_id.in_(select(Household.id)))
    for household_id, person_id in db.session.execute(there).all():
        assert household_id
        audit.also_about(household_id, person_id)


def doors_of(done: undoing.Done) -> set[int]:
    """Where a change of a person, of who lives where or of a door itself shows."""
    people = done.rows.get("person", set()) | done.values["person_id"]
    found = done.rows.get("household", set()) | done.values["household_id"]
    for ids, column, answer in (
        (people, Residency.person_id, Residency.household_id),
        (done.rows.get("residency", set()), Residency.id, Residency.household_id),
        (done.rows.get("building", set()), Household.building_id, Household.id),
    ):
        some = sorted(ids)
        for start in range(0, len(some), undoing.BATCH):
            there = select(answer).where(column.in_(some[start : start + undoing.BATCH]))
            found |= set(db.session.scalars(there))
    return found


def _drawn_anew(community_id: int | None) -> None:
    community = db.session.get(Community, community_id)
    if community is not None:
        community.geometry_version += 1
        db.session.flush()


def _sum_up(community_id: int | None, doors: set[int]) -> None:
    if community_id is None or not doors:
        return
    some = None if len(doors) > MANY else sorted(doors)
    refresh_members(some, None if some else community_id)
    finding.index_households(some, community_id=community_id)


def _sentence(held: undoing.Entangled) -> str:
    if held.changed:
        n = len(held.changed)
        return _("之后又有人改过其中 %(n)s 处，撤销会丢掉那些改动，没有撤销。请直接改正。", n=n)
    return _("之后已经有 %(n)s 条记录用到了它（走访、事件、打印等），没有撤销。请直接改正。", n=len(held.hanging))
