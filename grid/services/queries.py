"""Rows of a whole community: whoever works anywhere in it reads them, who is in charge of all of it changes them."""

from typing import Any, TypeVar, cast

from sqlalchemy import select

from grid.accounts.models import Scope
from grid.core.db import Base, db
from grid.core.refusals import Missing

Row = TypeVar("Row", bound=Base)


def row_to_read(scope: Scope, kind: type[Row], public_id: str) -> Row:
    found: Any = _row(kind, public_id)
    if not scope.touches(found.community_id):
        raise Missing
    return cast(Row, found)


def row_to_change(scope: Scope, kind: type[Row], public_id: str) -> Row:
    found: Any = _row(kind, public_id)
    if not scope.allows(found.community_id):
        raise Missing
    return cast(Row, found)


def _row(kind: Any, public_id: str) -> Any:
    found = db.session.scalar(select(kind).where(kind.public_id == public_id))
    if found is None or getattr(found, "deleted_at", None):
        raise Missing
    return found
