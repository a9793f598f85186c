"""年度计划: the duties of a year, what counts for each, and changing them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.ledgers import duty_actions as actions
from grid.ledgers.asked import asked_community, asked_year, is_a_page
from grid.ledgers.duty_counting import Event, counted_words
from grid.ledgers.duty_forms import DutyForm, TickForm
from grid.ledgers.duty_queries import Line, duty_or_404, lines, own_duty_or_404, year_plan
from grid.ledgers.models import YearDuty
from grid.register.queries import communities

bp = Blueprint("year_plan", __name__, url_prefix="/year-plan")

# Pages that only those in charge of a whole community may open.
OF_THE_WHOLE = ("/work-plans/", "/visits/")


@bp.get("")
@allowed("administrator", "grid_worker")
def plan() -> Any:
    community, day = asked_community(), today()
    year = asked_year(day)
    found = year_plan(community.id, year, day)
    return render_template(
        "ledgers/year_plan.html",
        community=community,
        communities=communities(me().scope),
        year=year,
        lines=found,
        late=[line for line in found if line.late],
        month=day.month if year == day.year else 1,
        may_edit=may_edit(community.id),
    )


def may_edit(community_id: int) -> bool:
    return me().may("administrator") and me().scope.allows(community_id)


@bp.post("/template")
@allowed("administrator")
def put_in() -> Any:
    community = asked_community(whole=True)
    year = asked_year(today())
    actions.put_in_shipped(me(), community.id, year)
    return see(f"/year-plan?community={community.public_id}&year={year}&done=put_in")


@bp.get("/new")
@allowed("administrator")
def new() -> Any:
    community = asked_community(whole=True)
    return _form(DutyForm(formdata=None, key=new_key()), community.public_id, asked_year(today()))


def _form(form: DutyForm, community: str, year: int, duty: YearDuty | None = None, status: int = 200) -> Any:
    page = render_template("ledgers/duty_form.html", form=form, community=community, year=year, duty=duty)
    return page, status


@bp.post("")
@allowed("administrator")
def add() -> Any:
    community, form = asked_community(whole=True), DutyForm()
    form.year = year = asked_year(today())
    if not form.validate():
        return _form(form, community.public_id, year, status=422)
    try:
        made = actions.add_duty(me(), community.id, year, form.entry(), form.slip(request.form.to_dict(flat=False)))
    except receipts.AlreadyDone as done:
        made = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form(form, community.public_id, year, status=422)
    return see(f"/year-plan/{made}?done=added")


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def duty(public_id: str) -> Any:
    return _duty(duty_or_404(me().scope, public_id))


def _duty(found: YearDuty, form: TickForm | None = None, status: int = 200) -> Any:
    day = today()
    (line,) = lines([found], day)
    page = render_template(
        "ledgers/duty.html",
        line=line,
        duty=found,
        words=counted_words(found.counted),
        months=_by_month(line),
        path_of=lambda event: _path(event, found.community_id),
        form=form or TickForm(formdata=None, on=day),
        today=day,
        me_id=me().id,
        may_edit=may_edit(found.community_id),
        community=next(one for one in communities(me().scope) if one.id == found.community_id),
    )
    return page, status


def _by_month(line: Line) -> list[tuple[int, int, Sequence[Any]]]:
    """The cells in which something is to be done, the present month's unfolded by the page."""
    return [(cell.first, cell.last, cell.turns) for cell in line.cells if cell.turns]


def _path(event: Event, community_id: int) -> str:
    """Where a row can be read: only what the reader may open, and where such a page is there."""
    scope = me().scope
    is_whole = scope.allows(community_id)
    if not event.path or (event.path.startswith(OF_THE_WHOLE) and not is_whole):
        return ""
    if event.building_id is not None and not scope.allows(community_id, event.building_id):
        return ""
    return event.path if is_a_page(event.path) else ""


@bp.get("/<public_id>/edit")
@allowed("administrator")
def edit(public_id: str) -> Any:
    found = own_duty_or_404(me().scope, public_id)
    return _form(DutyForm(formdata=None, key=new_key()).fill(found), "", found.year, found)


@bp.post("/<public_id>")
@allowed("administrator")
def change(public_id: str) -> Any:
    found, form = own_duty_or_404(me().scope, public_id), DutyForm()
    form.year = found.year
    if not form.validate():
        return _form(form, "", found.year, found, 422)
    try:
        actions.change_duty(me(), found, form.entry(), form.read_version)
    except actions.Overtaken as overtaken:
        found = own_duty_or_404(me().scope, public_id)
        form.blame(overtaken)
        form.version.data, form.version.raw_data = str(found.version), None
        return _form(form, "", found.year, found, 409)
    return see(f"/year-plan/{public_id}?done=saved")


@bp.post("/<public_id>/remove")
@allowed("administrator")
def remove(public_id: str) -> Any:
    found = own_duty_or_404(me().scope, public_id)
    community = next(one for one in communities(me().scope) if one.id == found.community_id)
    year = found.year
    actions.take_away_duty(me(), found)
    return see(f"/year-plan?community={community.public_id}&year={year}&done=removed")


@bp.post("/<public_id>/ticks")
@allowed("administrator", "grid_worker")
def tick(public_id: str) -> Any:
    found, form = duty_or_404(me().scope, public_id), TickForm()
    if not form.validate():
        return _duty(found, form, 422)
    try:
        actions.tick_duty(me(), found, _period(found, form.first_day), form.day, form.note.data)
    except Refused as refused:
        form.blame(refused)
        return _duty(found, form, 422)
    return see(f"/year-plan/{public_id}?done=ticked")


@bp.post("/<public_id>/ticks/remove")
@allowed("administrator", "grid_worker")
def untick(public_id: str) -> Any:
    found, form = duty_or_404(me().scope, public_id), TickForm()
    if form.period_on.data is None:
        return _duty(found, status=422)
    actions.untick_duty(me(), found, form.period_on.data)
    return see(f"/year-plan/{public_id}?done=unticked")


def _period(found: YearDuty, first: date) -> date:
    """A first day that is one of the duty's."""
    (line,) = lines([found], today())
    if all(turn.start != first for turn in line.turns):
        raise Missing
    return first
