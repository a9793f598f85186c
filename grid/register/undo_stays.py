"""What an undo must not bring about: somebody behind two doors on one day, two heads behind a door, and such.

The rows of an action may be as they were left, and yet others were written since that can't be beside what they were.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from grid.accounts.models import AuditChange
from grid.accounts.undoing import Done, Entangled, Row, stands
from grid.core.db import batches, db
from grid.register.models import Floating, Residency

DAYS, HEADS = {"person_id", "from_on", "to_on"}, {"household_id", "to_on", "is_head"}
NAMES = ("id", "person_id", "household_id", "from_on", "to_on", "is_head")


@dataclass(frozen=True)
class Lived:
    """A residency; days as they are stored, '' where nobody knows or it is open."""

    id: int
    person_id: int
    household_id: int
    from_on: str
    to_on: str
    is_head: bool
    # The columns that an undo writes.
    put: frozenset[str] = frozenset()

    def shares_a_day(self, other: "Lived") -> bool:
        is_before = self.to_on and self.to_on <= other.from_on
        return not is_before and not (other.to_on and other.to_on <= self.from_on)

    def is_head_now(self) -> bool:
        return self.is_head and not self.to_on


def refuse_second_stays(done: Done) -> None:
    """Raises Entangled with the rows written since."""
    last = db.session.scalar(select(func.max(AuditChange.id)).where(AuditChange.entry_id == done.entry_id)) or 0
    held = set(_lived_since(done, last)) | set(_registered_since(done, last))
    if held:
        raise Entangled(changed=held)


def _lived_since(done: Done, last: int) -> Iterator[Row]:
    by_person, by_door = defaultdict(list), defaultdict(list)
    for stay in _again(done):
        by_person[stay.person_id].append(stay)
        by_door[stay.household_id].append(stay)
    found: dict[int, Lived] = {}
    for column, ids in ((Residency.person_id, by_person), (Residency.household_id, by_door)):
        found |= {stay.id: stay for stay in _written_since(column, sorted(ids), last)}
    for stay in found.values():
        twice = any(one.put & DAYS and one.shares_a_day(stay) for one in by_person[stay.person_id])
        heads = stay.is_head_now() and any(one.put & HEADS and one.is_head_now() for one in by_door[stay.household_id])
        if (twice or heads) and stay.id not in done.rows["residency"]:
            yield "residency", stay.id


def _again(done: Done) -> Iterator[Lived]:
    """The residencies as they will be again."""
    before = {row_id: held for (table, row_id), held in done.before.items() if table == "residency"}
    for some in batches(sorted(before)):
        for row in db.session.execute(_columns().where(Residency.id.in_(some))).mappings():
            yield _lived({**row, **before[row["id"]]}, before[row["id"]])
    for (table, row_id), held in done.removed.items():
        if table == "residency":
            yield _lived({**dict.fromkeys(NAMES), **held, "id": row_id}, held)


def _written_since(column: Any, ids: list[int], last: int) -> Iterator[Lived]:
    change = AuditChange
    of_row = (change.table_name == "residency", change.row_id == Residency.id)
    written = select(change.id).where(*of_row, change.id > last, stands(change)).exists()
    for some in batches(ids):
        for row in db.session.execute(_columns().where(column.in_(some), written)).mappings():
            yield _lived(row, {})


def _columns() -> Any:
    return select(*(Residency.__table__.c[name] for name in NAMES))


def _lived(row: Any, put: Any) -> Lived:
    first, end = (str(row[name] or "") for name in ("from_on", "to_on"))
    return Lived(row["id"], row["person_id"], row["household_id"], first, end, bool(row["is_head"]), frozenset(put))


def _registered_since(done: Done, last: int) -> Iterator[Row]:
    """Open registrations of those whose closed one would be open again."""
    opened = [
        row_id
        for (table, row_id), held in done.before.items()
        if table == "floating" and "left_on" in held and held["left_on"] is None
    ]
    change = AuditChange
    written = select(change.id).where(
        change.table_name == "floating", change.row_id == Floating.id, change.id > last, stands(change)
    )
    for some in batches(opened):
        people = select(Floating.person_id).where(Floating.id.in_(some))
        is_open = (Floating.person_id.in_(people), Floating.left_on.is_(None), Floating.id.not_in(some))
        for row_id in db.session.scalars(select(Floating.id).where(*is_open, written.exists())):
            yield "floating", row_id
