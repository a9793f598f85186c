"""流动登记: the list, and the registrations of one person."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.core.forms import clean
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register.models import Block, Building, Floating
from grid.register.queries import (
    Resident,
    blocks,
    building_or_404,
    buildings,
    communities,
    community_id_or_404,
    resident_or_404,
)
from grid.tags import floating_actions as actions
from grid.tags import floating_forms as forms
from grid.tags import floating_queries as queries
from grid.tags.floating_queries import FloatingFilter

bp = Blueprint("floating", __name__)
LONGEST_NAME = 50
PERSON, RENEWAL, LEAVING = "tags/floating_person.html", "tags/floating_renewal.html", "tags/floating_leaving.html"


@bp.get("/floating")
@allowed("administrator", "grid_worker")
def floating() -> Any:
    scope, day = me().scope, today()
    community_id = community_id_or_404(scope, request.args.get("community", ""))
    houses = buildings(scope, community_id)
    parts = _blocks_of(community_id, houses)
    wanted, number = _wanted(community_id, parts), request.args.get("page", 1, int)
    known = communities(scope)
    return render_template(
        "tags/floating.html",
        page=Page(
            tuple(queries.floating(scope, wanted, day, SIZE, offset(number))),
            max(1, number),
            queries.count_floating(scope, wanted, day),
        ),
        wanted=wanted,
        rate=queries.permit_rate(scope, wanted, day),
        communities=known,
        community=next(c for c in known if c.id == community_id),
        blocks=parts,
        buildings=houses,
        asked=request.args,
        today=day,
        soon=day + queries.AHEAD,
    )


def _blocks_of(community_id: int, houses: list[Building]) -> list[Block]:
    there = {house.block_id for house in houses}
    return [block for block in blocks(community_id) if block.id in there]


def _wanted(community_id: int, parts: list[Block]) -> FloatingFilter:
    asked = request.args
    building = building_or_404(me().scope, asked["building"]) if asked.get("building") else None
    return FloatingFilter(
        community_id,
        kind=asked["kind"] if asked.get("kind") in queries.KINDS else "",
        block_id=next((part.id for part in parts if part.public_id == asked.get("block")), None),
        building_id=building.id if building else None,
        name=clean(asked.get("name", ""))[:LONGEST_NAME],
    )


@bp.get("/persons/<public_id>/floating")
@allowed("administrator", "grid_worker")
def floating_of(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    held, home = queries.floating_of(resident.person.id), resident.residency.household
    landlord = home.owner_name if home.occupancy == "rented" else None
    form = forms.floating_form(held, employed_by=resident.person.employer, rented_by=landlord)
    return _page(resident, held, form)


def _page(resident: Resident, held: Floating | None, form: Any, template: str = PERSON) -> str:
    about = {"household_id": resident.residency.household_id, "person_id": resident.person.id}
    note_reading("open_file", community_id=resident.person.community_id, **about)
    former = queries.former_registrations(resident.person.id)
    return render_template(template, resident=resident, held=held, form=form, former=former, today=today())


@bp.post("/persons/<public_id>/floating")
@allowed("administrator", "grid_worker")
def save_floating(public_id: str) -> Any:
    resident, form = resident_or_404(me().scope, public_id), forms.FloatingForm()
    held = queries.floating_of(resident.person.id)
    if not form.validate():
        return _page(resident, held, form), 422
    home = resident.residency.household.public_id
    try:
        actions.record_floating(me(), resident, form.entry(held), form.version.data or 0)
    except Refused as refused:
        return _again(public_id, form, refused)
    return see(f"/households/{home}?done=saved")


def _again(public_id: str, form: Any, refused: Refused, template: str = PERSON) -> Any:
    form.blame(refused)
    resident = resident_or_404(me().scope, public_id)
    return _page(resident, queries.floating_of(resident.person.id), form, template), 422


def _held_or_404(resident: Resident) -> Floating:
    """Only what is in force is renewed or ended."""
    held = queries.floating_of(resident.person.id)
    if held is None:
        raise Missing
    return held


@bp.get("/persons/<public_id>/floating/renewal")
@allowed("administrator", "grid_worker")
def renewal(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    held = _held_or_404(resident)
    return _page(resident, held, forms.renewal_form(held), RENEWAL)


@bp.post("/persons/<public_id>/floating/renewal")
@allowed("administrator", "grid_worker")
def renew(public_id: str) -> Any:
    resident, form = resident_or_404(me().scope, public_id), forms.RenewalForm()
    held = _held_or_404(resident)
    if not form.validate():
        return _page(resident, held, form, RENEWAL), 422
    try:
        actions.renew_permit(me(), resident, form.entry(held), form.version.data or 0)
    except Refused as refused:
        return _again(public_id, form, refused, RENEWAL)
    return see(f"/persons/{public_id}/floating?done=saved")


@bp.get("/persons/<public_id>/floating/leaving")
@allowed("administrator", "grid_worker")
def leaving(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    held = _held_or_404(resident)
    return _page(resident, held, forms.leaving_form(held), LEAVING)


@bp.post("/persons/<public_id>/floating/leaving")
@allowed("administrator", "grid_worker")
def leave(public_id: str) -> Any:
    resident, form = resident_or_404(me().scope, public_id), forms.LeavingForm()
    held = _held_or_404(resident)
    if not form.validate():
        return _page(resident, held, form, LEAVING), 422
    try:
        actions.leave(me(), resident, form.day(), form.version.data or 0, form.left_reason.data)
    except Refused as refused:
        return _again(public_id, form, refused, LEAVING)
    return see(f"/persons/{public_id}/floating?done=saved")
