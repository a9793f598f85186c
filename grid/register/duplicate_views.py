"""People who may be written twice: the list of them, and making one of two."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core import errors
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register import duplicate_actions as actions
from grid.register import duplicate_queries as duplicates
from grid.register import queries
from grid.register.duplicate_actions import FIELDS, JOINED, differing, fits, joined
from grid.register.duplicate_forms import TAKE, MergeForm, merge_form
from grid.register.duplicate_queries import Merge, Two
from grid.register.models import Community
from grid.register.queries import Merged
from grid.register.undo_views import may_undo, undo_token

bp = Blueprint("duplicates", __name__)


@bp.get("/duplicates")
@allowed("administrator", "grid_worker")
def proposed() -> Any:
    return _list(_community_asked(), _merge_asked())


def _list(community: Community, merge: Merge | None) -> str:
    scope = me().scope
    found = duplicates.pairs(scope, community.id)
    number = max(1, request.args.get("page", 1, int))
    return render_template(
        "register/duplicates.html",
        community=community,
        communities=queries.communities(scope),
        page=Page(tuple(found[offset(number) : offset(number) + SIZE]), number, len(found)),
        apart=duplicates.told_apart(scope, community.id),
        merge=merge,
        undo=undo_token(merge.entry.id) if merge and may_undo(me(), merge.entry.action, merge.entry.actor_id) else "",
    )


def _community_asked() -> Community:
    found = queries.communities(me().scope)
    asked = request.args.get("community")
    if asked:
        return queries.community_or_404(me().scope, asked)
    if not found:
        raise Missing
    return found[0]


def _merge_asked() -> Merge | None:
    """The merge that was just done: taking it back is one tap away."""
    kept, other = request.args.get("kept"), request.args.get("merged")
    try:
        return duplicates.merge_or_404(me().scope, kept, other) if kept and other else None
    except Missing:
        # It was taken back meanwhile.
        return None


@bp.get("/duplicates/<public_id>/<other_id>")
@allowed("administrator", "grid_worker")
def side_by_side(public_id: str, other_id: str) -> Any:
    two = duplicates.two_or_404(me().scope, public_id, other_id)
    return _page(two, merge_form(two, new_key()))


@dataclass(frozen=True)
class Sides:
    """A field of two people: its name as it is sent, and what each of them has."""

    name: str
    sent_as: str
    kept: Any
    other: Any
    both: Any = None

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to choose between: what only one of them says is taken."""
        return bool(self.kept and self.other)


def _page(two: Two, form: MergeForm, is_changed: bool = False) -> str:
    for resident in (two.kept, two.other):
        about = {"household_id": resident.residency.household_id, "person_id": resident.person.id}
        note_reading("open_file", community_id=resident.person.community_id, **about)
    kept, other = two.people
    names = differing(two)
    return render_template(
        "register/duplicate.html",
        two=two,
        form=form,
        sides=[_sides(name, getattr(kept, name), getattr(other, name)) for name in names],
        same=[(name, getattr(kept, name)) for name in FIELDS if name not in names and getattr(kept, name)],
        tags=duplicates.open_tags(two),
        is_changed=is_changed,
    )


def _sides(name: str, kept: Any, other: Any) -> Sides:
    may_both = name in JOINED and kept and other and fits(name, kept, other)
    return Sides(name, TAKE + name, kept, other, joined(name, kept, other) if may_both else None)


@bp.post("/duplicates/<public_id>/<other_id>")
@allowed("administrator", "grid_worker")
def merge(public_id: str, other_id: str) -> Any:
    try:
        two = duplicates.two_or_404(me().scope, public_id, other_id)
    except Merged as gone:
        # The button was pressed twice.
        if gone.into != public_id:
            raise
        return see(f"/duplicates?kept={public_id}&merged={other_id}")
    form = MergeForm()
    if not form.validate():
        return _page(two, form), 422
    community = two.kept.residency.household.community_id
    slip = form.slip({**request.form.to_dict(flat=False), "kept": public_id, "other": other_id})
    try:
        actions.merge_people(me(), two, form.entry(), slip)
    except receipts.AlreadyDone:
        pass
    except actions.Changed:
        return _changed(public_id, other_id, form)
    except Refused as refused:
        form.blame(refused)
        return _page(duplicates.two_or_404(me().scope, public_id, other_id), form), 422
    return see(f"/duplicates?community={_public_id(community)}&kept={public_id}&merged={other_id}")


def _changed(public_id: str, other_id: str, form: MergeForm) -> Any:
    two = duplicates.two_or_404(me().scope, public_id, other_id)
    form.now_over(two)
    form.key.data = new_key()
    return _page(two, form, is_changed=True), 409


def _public_id(community_id: int) -> str:
    return next((c.public_id for c in queries.communities(me().scope) if c.id == community_id), "")


@bp.post("/duplicates/<public_id>/<other_id>/apart")
@allowed("administrator", "grid_worker")
def tell_apart(public_id: str, other_id: str) -> Any:
    two = duplicates.two_or_404(me().scope, public_id, other_id)
    actions.tell_apart(me(), two)
    return see(f"/duplicates?community={_public_id(two.kept.person.community_id)}&done=apart")


@bp.post("/duplicates/<public_id>/<other_id>/doubted")
@allowed("administrator", "grid_worker")
def doubt_again(public_id: str, other_id: str) -> Any:
    two = duplicates.two_or_404(me().scope, public_id, other_id)
    actions.doubt_again(me(), two)
    return see(f"/duplicates?community={_public_id(two.kept.person.community_id)}&done=doubted")


def _follow(gone: Merged) -> Any:
    """An old link to somebody who was written twice leads to who is left; what was typed goes to nobody by itself."""
    if request.method != "GET":
        return errors.page(409)
    path = request.path.replace(f"/{gone.public_id}", f"/{gone.into}")
    return redirect(path, 302)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_error_handler(Merged, _follow)
