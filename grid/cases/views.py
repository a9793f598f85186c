"""事件: the list, opening one, one case with its steps."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.cases import actions, case_queries, queries, report_views, screening_queries, screening_views
from grid.cases.case_forms import CaseForm, Place
from grid.cases.case_queries import CaseFile, CaseFilter
from grid.cases.step_actions import Outrun, possible_steps, take_step
from grid.cases.step_forms import FORMS, StepForm, step_form
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.forms import new_key, tidy
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register.models import Building, Community
from grid.register.queries import (
    building_or_404,
    buildings,
    communities,
    community_id_or_404,
    household_or_404,
    residents,
)

bp = Blueprint("cases", __name__)


@bp.get("/cases")
@allowed("administrator", "grid_worker")
def cases() -> Any:
    wanted, number = _wanted(), request.args.get("page", 1, int)
    asked = (me().scope, me().id, wanted, today())
    found = case_queries.cases(*asked, SIZE, offset(number))
    page = Page(tuple(found), max(1, number), case_queries.count_cases(*asked))
    types = CODES["case_type"].choices()
    several = communities(me().scope)
    return render_template(
        "cases/cases.html", page=page, wanted=wanted, types=types, communities=several, today=today()
    )


def _wanted() -> CaseFilter:
    state, type_ = request.args.get("state", ""), request.args.get("type", "")
    return CaseFilter(
        state if state in case_queries.STATES else "open",
        type_ if type_ in CODES["case_type"] else None,
        request.args.get("owner") == "mine",
        tidy(request.args.get("q", ""))[:50] or None,
    )


@bp.get("/cases/new")
@allowed("administrator", "grid_worker")
def new_case() -> Any:
    place = _place(request.args)
    source = "screening" if place.screening else "counter"
    return _form_page(place, CaseForm(formdata=None, key=new_key(), source=source))


def _place(asked: Any) -> Place:
    """The household a case is about, or only a building, or what a screening was of, or a community."""
    if asked.get("household"):
        household = household_or_404(me().scope, asked["household"])
        building = db.session.get_one(Building, household.building_id)
        return Place(db.session.get_one(Community, household.community_id), building, household)
    screening = screening_queries.screening_or_404(me().scope, asked["screening"]) if asked.get("screening") else None
    if asked.get("building") and "community" not in asked:
        building = building_or_404(me().scope, asked["building"])
        if screening and screening.community_id != building.community_id:
            raise Missing
        return Place(db.session.get_one(Community, building.community_id), building, None, screening)
    of = screening.community_id if screening else community_id_or_404(me().scope, asked.get("community", ""))
    return Place(db.session.get_one(Community, of), screening=screening)


def _offered(place: Place, form: CaseForm) -> CaseForm:
    building_id = place.building.id if place.building else None
    houses = [] if place.building else buildings(me().scope, place.community.id)
    if place.screening and place.screening.block_id:
        houses = [house for house in houses if house.block_id == place.screening.block_id]
    people = queries.looking_after(place.community.id, building_id, today())
    others = [one for one in people if one[0] != me().id]
    return form.offer(houses, others, residents(place.household.id) if place.household else ())


def _form_page(place: Place, form: CaseForm) -> str:
    _note(place.community.id, place.household.id if place.household else None)
    several = () if place.building or place.screening else communities(me().scope)
    return render_template("cases/new.html", place=place, communities=several, form=_offered(place, form))


def _note(community_id: int, household_id: int | None) -> None:
    if household_id is not None:
        note_reading("open_file", community_id=community_id, household_id=household_id)


@bp.post("/cases")
@allowed("administrator", "grid_worker")
def open_case() -> Any:
    place = _place(request.form)
    form = _offered(place, CaseForm())
    if not form.validate():
        return _form_page(place, form), 422
    try:
        public_id = actions.open_case(me(), form.entry(request.form.to_dict(flat=False), place)).public_id
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(place, form), 422
    return _next(public_id, "opened")


def _next(public_id: str, done: str) -> Any:
    """Back to the case, or to the list: who gives away what lies in no building may not see it any more."""
    try:
        _found(public_id)
    except Missing:
        return see("/cases?done=given")
    return see(f"/cases/{public_id}?done={done}")


def _found(public_id: str) -> CaseFile:
    return case_queries.case_or_404(me().scope, me().id, public_id)


@bp.get("/cases/<public_id>")
@allowed("administrator", "grid_worker")
def case(public_id: str) -> Any:
    return _page(_found(public_id))


def _page(file: CaseFile, typed: StepForm | None = None, outrun: bool = False) -> str:
    held = file.case
    _note(held.community_id, held.household_id)
    people = queries.looking_after(held.community_id, held.building_id, today())
    others = [one for one in people if one[0] != held.owner_id]
    kinds = dict.fromkeys((*possible_steps(held), *((typed.kind,) if typed else ())))
    forms = [typed if typed and typed.kind == kind else step_form(kind, typed=False) for kind in kinds]
    return render_template(
        "cases/case.html",
        file=file,
        case=held,
        parties=case_queries.parties(held.id),
        steps=case_queries.timeline(held.id),
        forms=[form.offer(others) for form in forms],
        typed=typed,
        outrun=outrun,
        today=today(),
    )


@bp.post("/cases/<public_id>/steps")
@allowed("administrator", "grid_worker")
def take_a_step(public_id: str) -> Any:
    file, kind = _found(public_id), request.form.get("kind", "")
    if kind not in FORMS:
        abort(400)
    held = file.case
    form = step_form(kind, typed=True).offer(queries.looking_after(held.community_id, held.building_id, today()))
    if not form.validate():
        return _page(file, form), 422
    try:
        take_step(me(), held, request.form.get("version", 0, int), form.entry())
    except Outrun:
        return _page(_found(public_id), form, outrun=True), 409
    except Refused as refused:
        form.blame(refused)
        return _page(_found(public_id), form), 422
    return _next(public_id, kind)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(report_views.bp)
    app.register_blueprint(screening_views.bp)
