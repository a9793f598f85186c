"""Taking back what was done to people and doors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grid.accounts import audit, undoing
from grid.accounts.models import AuditEntry, Me
from grid.core.db import batches, db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register import finding, queries
from grid.register.models import Community, Household, Residency
from grid.register.summaries import refresh_members
from grid.register.undo_stays import refuse_second_stays

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
    What was told behind another door is taken back whole.
    """
    entry = whole(entry)
    try:
        with taking_back(actor, entry):
            return put_back(entry)
    except undoing.Entangled as held:
        raise Refused(_sentence(held)) from held


@contextmanager
def taking_back(actor: Me | None, entry: AuditEntry) -> Iterator[None]:
    """The entry of the log under which another one is taken back: once, by whoever comes first."""
    entry_id = entry.id
    _refuse_twice(entry_id)
    about = {"community_id": entry.community_id, "household_id": entry.household_id, "person_id": entry.person_id}
    try:
        with audit.entry(actor, "undo", **about, words=entry.words, undoes_id=entry_id):
            yield
    except IntegrityError:
        # Two pressed the button at once. All is rolled back by now, so that it can be asked.
        _refuse_twice(entry_id)
        raise


def _refuse_twice(entry_id: int) -> None:
    if undoing.is_undone(entry_id):
        raise Refused(_("已经撤销过了。"))


def put_back(entry: AuditEntry) -> set[int]:
    """Inside `taking_back`; raises Entangled."""
    done = undoing.what_was_done(entry.id)
    doors = doors_of(done)
    _hold(sorted(doors))
    undoing.hold_still()
    refuse_second_stays(done)
    undoing.take_back(done)
    if done.rows.keys() & {"community", "block", "building"}:
        _drawn_anew(entry.community_id)
    if done.rows.keys() - VISITED:
        _sum_up(entry.community_id, doors)
    _tell_again(entry.id)
    return doors


def _hold(doors: list[int]) -> None:
    for some in batches(doors):
        db.session.execute(select(Household.id).where(Household.id.in_(some)).order_by(Household.id).with_for_update())


def whole(entry: AuditEntry) -> AuditEntry:
    """The entry that holds the changes, of one that tells them behind another door."""
    return db.session.get_one(AuditEntry, entry.part_of_id) if entry.part_of_id else entry


def told_behind(entry: AuditEntry) -> list[Household]:
    """The doors in whose history an action stands, those that are still there; the one it was done at first."""
    others = db.session.scalars(select(AuditEntry.household_id).where(AuditEntry.part_of_id == entry.id))
    doors = queries.households_with({entry.household_id or 0, *(id_ or 0 for id_ in others)})
    return sorted(doors, key=lambda door: door.id != entry.household_id)


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
        for some in batches(sorted(ids)):
            found |= set(db.session.scalars(select(answer).where(column.in_(some))))
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
