"""Has an upload planned or applied: at once, or for a long file beside the server."""

from flask import current_app

from grid.core.clock import today
from grid.core.db import db, writing
from grid.exchange import background
from grid.exchange.planning import Order, as_allowed, plan_files
from grid.exchange.uploads import Upload, Uploads
from grid.exchange.workbooks import Unreadable


def plan(uploads: Uploads, kept: Upload, order: Order) -> None:
    """Raises Unreadable, and forgets what could never be read."""
    # Reading a roster takes seconds: let go of the write lock meanwhile, others are working.
    db.session.rollback()
    writing.set(False)
    if background.is_long(kept):
        start(uploads, kept, background.PLAN)
        return
    try:
        uploads.planned(kept, plan_files(as_allowed(order, kept.owner_id), today()))
    except Unreadable:
        if not kept.is_planned:
            uploads.discard(kept)
        raise


def start(uploads: Uploads, kept: Upload, task: str) -> None:
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    here = {"GRID_INSTANCE": current_app.instance_path, "DATABASE_URL": url}
    background.start(uploads.folder, kept.token, task, here)
