"""打印: a ledger."""

from typing import Any

from flask import Blueprint, Flask

from grid.accounts.access import allowed, me
from grid.documents import actions
from grid.documents.answers import as_pdf
from grid.documents.ledger_paper import LEDGER, MOST_ROWS
from grid.documents.sheets import draw_paper
from grid.ledgers import ledger_queries
from grid.ledgers.ledger_views import about, ask_why, asked_for, ledger_page, let_in, reader, too_many

bp = Blueprint("ledger_papers", __name__)


@bp.post("/ledgers/<key>/print")
@allowed("administrator", "grid_worker")
def print_ledger(key: str) -> Any:
    """A restricted one bears the reason that was given when it was opened."""
    who = me()
    ledger = ledger_queries.ledger_or_404(who.scope, key)
    asked = asked_for(ledger)
    reason = let_in(ledger, asked)
    if reason is None:
        return ask_why(ledger, asked), 422
    count = ledger_queries.count_rows(reader(), ledger, asked)
    if count > MOST_ROWS:
        return ledger_page(ledger, asked, too_many(count, MOST_ROWS)), 422
    options = {
        "ledger": key,
        "period": asked.period.key if asked.period else "",
        "narrowed": asked.narrowed,
        "user_id": who.id,
        "role": who.role,
    }
    place_id = asked.community.id
    entry = actions.PrintEntry("ledger", place_id, reason=reason, about=about(ledger, asked))
    number, document = actions.print_document(
        who, entry, lambda number: draw_paper(LEDGER, who.scope, [place_id], who.name, number, options)
    )
    return as_pdf(document, f"ledger-{number}")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
