"""Writes what an import of tags says of known people."""

from sqlalchemy import insert, update

from grid.core.clock import now
from grid.core.db import db
from grid.exchange.tag_plan import TagWrites
from grid.register.models import Person, PersonTag
from grid.register.summaries import refresh_members


def apply_tags(community_id: int, writes: TagWrites) -> None:
    if writes.given:
        db.session.execute(insert(PersonTag), [{"community_id": community_id, **row} for row in writes.given])
    for id_, fields in writes.changed:
        _put(PersonTag, id_, fields)
    for id_ in sorted(writes.people):
        # A form of the person opened before must not put the tags back unseen: see register/actions.py.
        counted = {"version": Person.version + 1, "updated_at": now()}
        note = {"note": writes.notes[id_]} if id_ in writes.notes else {}
        _put(Person, id_, counted | note)
    if writes.doors:
        refresh_members(sorted(writes.doors))


def _put(model: type[Person] | type[PersonTag], id_: int, fields: dict[str, object]) -> None:
    db.session.execute(
        update(model).where(model.id == id_).values(**fields).execution_options(synchronize_session=False)
    )
