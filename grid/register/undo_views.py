"""撤销: what was done is taken back, after one look at what that means."""

from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer

from grid.accounts import undoing
from grid.accounts.access import allowed, me
from grid.accounts.models import AuditEntry, Me
from grid.core.db import db
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.register.models import Household
from grid.register.undo_actions import UNDOABLE, told_behind, undo, whole
from grid.register.words import action_label

bp = Blueprint("undo", __name__)


def undo_token(entry_id: int) -> str:
    """Names an entry of the log in a page, without its number being a thing to count up."""
    return str(_signer().dumps(entry_id))


def entry_of(token: str) -> AuditEntry:
    """The entry that a token names, whole where it was told behind another door; Missing where there is none."""
    try:
        entry = db.session.get(AuditEntry, int(_signer().loads(token)))
    except (BadSignature, ValueError, TypeError):
        raise Missing from None
    if entry is None:
        raise Missing
    return whole(entry)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="undo")


def may_undo(who: Me, action: str, actor_id: int | None) -> bool:
    """Whether somebody is offered it: what they did themselves, an administrator also what others did."""
    return action in UNDOABLE and (who.may("administrator") or actor_id == who.id)


def _move_or_404(token: str) -> tuple[AuditEntry, list[Household]]:
    """A move with the doors it was told behind, all of them in the reader's scope."""
    entry = entry_of(token)
    doors = told_behind(entry) if entry.action in UNDOABLE else []
    if not doors or not all(me().scope.allows(door.community_id, door.building_id) for door in doors):
        raise Missing
    return entry, doors


def _refusal(entry: AuditEntry) -> str:
    """Why the reader may not take it back, or ''."""
    if undoing.is_undone(entry.id):
        return _("已经撤销过了。")
    return "" if may_undo(me(), entry.action, entry.actor_id) else _("这是别人办的，请管理员撤销。")


@bp.get("/undo/<token>")
@allowed("administrator", "grid_worker")
def ask(token: str) -> Any:
    """What will be put back, before it is."""
    entry, doors = _move_or_404(token)
    return _page(entry, doors, _refusal(entry))


@bp.post("/undo")
@allowed("administrator", "grid_worker")
def take_back() -> Any:
    token = request.form.get("token", "")
    if not token:
        abort(400)
    entry, doors = _move_or_404(token)
    home = doors[0].public_id
    if undoing.is_undone(entry.id):
        # The button was pressed twice.
        return see(f"/households/{home}?done=undone")
    try:
        if sentence := _refusal(entry):
            raise Refused(sentence)
        undo(me(), entry)
    except Refused as refused:
        return _page(*_move_or_404(token), refused.sentence), 422
    return see(f"/households/{home}?done=undone")


def _page(entry: AuditEntry, doors: list[Household], refused: str = "") -> str:
    return render_template(
        "register/undo.html",
        entry=entry,
        action=action_label(entry.action),
        doors=doors,
        token=undo_token(entry.id),
        refused=refused,
    )
