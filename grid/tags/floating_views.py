"""流动登记: the list, and the entry of one person."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Refused
from grid.register.models import Floating
from grid.register.queries import Resident, communities, community_id_or_404, resident_or_404
from grid.tags import floating_queries as queries
from grid.tags.floating_actions import record_floating
from grid.tags.floating_forms import FloatingForm, floating_form

bp = Blueprint("floating", __name__)


@bp.get("/floating")
@allowed("administrator", "grid_worker")
def floating() -> Any:
    scope, day = me().scope, today()
    community_id = community_id_or_404(scope, request.args.get("community", ""))
    kind, number = request.args.get("kind", ""), request.args.get("page", 1, int)
    found = queries.floating(scope, community_id, kind, day, SIZE, offset(number))
    known = communities(scope)
    return render_template(
        "tags/floating.html",
        page=Page(tuple(found), max(1, number), queries.count_floating(scope, community_id, kind, day)),
        kind=kind if kind in queries.KINDS else "",
        communities=known,
        community=next(c for c in known if c.id == community_id),
        today=day,
        soon=day + queries.AHEAD,
    )


@bp.get("/persons/<public_id>/floating")
@allowed("administrator", "grid_worker")
def floating_of(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    held = queries.floating_of(resident.person.id)
    return _page(resident, held, floating_form(held))


def _page(resident: Resident, held: Floating | None, form: FloatingForm) -> str:
    about = {"household_id": resident.residency.household_id, "person_id": resident.person.id}
    note_reading("open_file", community_id=resident.person.community_id, **about)
    return render_template("tags/floating_person.html", resident=resident, held=held, form=form)


@bp.post("/persons/<public_id>/floating")
@allowed("administrator", "grid_worker")
def save_floating(public_id: str) -> Any:
    resident, form = resident_or_404(me().scope, public_id), FloatingForm()
    held = queries.floating_of(resident.person.id)
    if not form.validate():
        return _page(resident, held, form), 422
    home = resident.residency.household.public_id
    try:
        record_floating(me(), resident, form.entry(held), form.version.data or 0)
    except Refused as refused:
        form.blame(refused)
        resident = resident_or_404(me().scope, public_id)
        return _page(resident, queries.floating_of(resident.person.id), form), 422
    return see(f"/households/{home}?done=saved")
