"""Locks what a roster is about to change, in the order in which moves do: numbers, doors, people.

On SQLite whoever writes is alone anyway.
"""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from grid.core.db import batches, db
from grid.exchange.resident_plan import ResidentWrites
from grid.register.actions import hold_numbers
from grid.register.models import Household, Person

# From so many doors on, all of the community are locked and summed up at once: fewer, larger statements.
MANY = 800


@dataclass(frozen=True)
class Touched:
    """What somebody else could change meanwhile, so that the roster's rows would not be true any more."""

    numbers: frozenset[str]
    doors: frozenset[int]
    people: frozenset[int]

    def holds(self, other: "Touched") -> bool:
        return self.numbers >= other.numbers and self.doors >= other.doors and self.people >= other.people


def touched(writes: ResidentWrites) -> Touched:
    numbers = (fields.get("id_hash") for _id, fields in writes.people)
    known = (id_ for id_, _fields in writes.people if id_ is not None)
    return Touched(frozenset(filter(None, numbers)), frozenset(writes.touched), frozenset(known))


def hold(community_id: int, wanted: Touched) -> None:
    """Until the transaction ends. Others may still name these rows, as with a visit; they can't change them."""
    if db.session.connection().dialect.name == "sqlite":
        return
    hold_numbers(community_id, wanted.numbers)
    if len(wanted.doors) > MANY:
        _lock(select(Household.id).where(Household.community_id == community_id).order_by(Household.id))
    else:
        for doors in batches(sorted(wanted.doors)):
            _lock(select(Household.id).where(Household.id.in_(doors)).order_by(Household.id))
    for people in batches(sorted(wanted.people)):
        _lock(select(Person.id).where(Person.id.in_(people)).order_by(Person.id))


def _lock(rows: Select[int]) -> None:
    """Counted, so that the ids of a whole community do not come over."""
    db.session.execute(select(func.count()).select_from(rows.with_for_update(key_share=True).subquery()))
