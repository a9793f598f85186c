"""Making a paper: drawn, numbered and logged before it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import now, today
from grid.core.db import db, writing
from grid.documents.models import Print, new_number
from grid.documents.printing import Document


@dataclass(frozen=True)
class PrintEntry:
    """What is printed: the kind of paper, of which community and household, what of it in words, for what reason."""

    kind: str
    community_id: int
    household_id: int | None = None
    reason: str = ""
    about: str = ""
    sheets: int = 1


def print_document(actor: Me | None, entry: PrintEntry, draw: Callable[[str], Document]) -> tuple[str, Document]:
    """`draw` gets the number that must stand on every page; nothing is logged when it raises PrintingFailed."""
    number = new_number(today())
    # Let go of the database while drawing: it takes a while, and others want to write.
    db.session.rollback()
    document = _drawn(draw, number)
    place = {"community_id": entry.community_id, "household_id": entry.household_id}
    with audit.entry(actor, f"print_{entry.kind}", **place, words=number):
        made = Print(
            number=number,
            kind=entry.kind,
            at=now(),
            user_id=actor.id if actor else None,
            sheets=entry.sheets,
            pages=document.pages,
            about=entry.about[:200],
            reason=entry.reason,
            **place,
        )
        db.session.add(made)
        db.session.flush()
        for row in document.rows:
            row.print_id = made.id
            db.session.add(row)
    return number, document


def _drawn(draw: Callable[[str], Document], number: str) -> Document:
    """What drawing still reads, it reads without SQLite's write lock."""
    token = writing.set(False)
    try:
        return draw(number)
    finally:
        db.session.rollback()
        writing.reset(token)
