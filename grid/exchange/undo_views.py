"""The last imports, and taking one of them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template

from grid.accounts.access import allowed, me
from grid.accounts.models import AuditEntry
from grid.accounts.undoing import is_undone
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.exchange import queries
from grid.exchange.actions import undo_import
from grid.register.undo_views import entry_of, undo_token
from grid.register.words import action_label

bp = Blueprint("exchange_undo", __name__, url_prefix="/imports")
MOST_RECENT = 10


@dataclass(frozen=True)
class Recent:
    """One import in the list: `token` opens the page that takes it back."""

    at: datetime
    who: str
    what: str
    words: str
    token: str
    undone_at: datetime | None


def recent() -> list[Recent]:
    found = queries.imports_of(me().scope.communities, MOST_RECENT)
    return [_recent(one.entry, one.who, one.undone_at) for one in found]


def _recent(entry: AuditEntry, who: str, undone_at: datetime | None) -> Recent:
    return Recent(entry.at, who, action_label(entry.action), entry.words, undo_token(entry.id), undone_at)


def _entry_or_404(token: str) -> AuditEntry:
    entry = entry_of(token)
    is_import = entry.action.startswith("import_")
    if not is_import or entry.community_id is None or not me().scope.allows(entry.community_id):
        raise Missing
    return entry


@bp.get("/<token>/undo")
@allowed("administrator")
def confirm(token: str) -> Any:
    return _page(token, _entry_or_404(token))


@bp.post("/<token>/undo")
@allowed("administrator")
def undo(token: str) -> Any:
    entry = _entry_or_404(token)
    try:
        undo_import(me(), entry)
    except Refused as refused:
        return _page(token, _entry_or_404(token), refused.sentence), 422
    return see("/imports#recent")


def _page(token: str, entry: AuditEntry, trouble: str = "") -> str:
    return render_template(
        "exchange/undo.html",
        told=_recent(entry, "", None),
        token=token,
        written=queries.written_by(entry.id),
        is_undone=is_undone(entry.id),
        trouble=trouble,
    )
