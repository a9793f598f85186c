"""Writes what an import of floating people says into the floating register."""

from sqlalchemy import insert, update

from grid.core.clock import now
from grid.core.db import db
from grid.exchange.floating_plan import FloatingWrites
from grid.register.models import Floating


def apply_floating(community_id: int, writes: FloatingWrites) -> None:
    if writes.new:
        db.session.execute(insert(Floating), [{"community_id": community_id, **row} for row in writes.new])
    for id_, fields in writes.changed:
        counted = {"version": Floating.version + 1, "updated_at": now()}
        db.session.execute(
            update(Floating)
            .where(Floating.id == id_)
            .values(**fields, **counted)
            .execution_options(synchronize_session=False)
        )
