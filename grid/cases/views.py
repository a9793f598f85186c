"""事件: the list, one case, opening and closing it."""

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.cases import actions, forms, queries, report_views
from grid.cases.queries import CaseFile
from grid.core.clock import today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Refused
from grid.register.models import Building, Household
from grid.register.queries import building_or_404, household_or_404

bp = Blueprint("cases", __name__)
Place = tuple[Building, Household | None]


@bp.get("/cases")
@allowed("administrator", "grid_worker")
def cases() -> Any:
    is_open = request.args.get("state") != "closed"
    number = request.args.get("page", 1, int)
    found = queries.cases(me().scope, me().id, is_open, SIZE, offset(number))
    page = Page(tuple(found), max(1, number), queries.count_cases(me().scope, is_open))
    return render_template("cases/cases.html", page=page, is_open=is_open, today=today())


@bp.get("/cases/new")
@allowed("administrator", "grid_worker")
def new_case() -> Any:
    place = _place(request.args)
    if place is None:
        # A case is opened from where it belongs.
        return see("/find")
    return _form_page(place, forms.CaseForm(formdata=None, key=new_key()))


def _place(asked: Any) -> Place | None:
    """The household a case is about, or only a building."""
    if asked.get("household"):
        household = household_or_404(me().scope, asked["household"])
        return db.session.get_one(Building, household.building_id), household
    return (building_or_404(me().scope, asked["building"]), None) if asked.get("building") else None


def _form_page(place: Place, form: forms.CaseForm) -> str:
    building, household = place
    _note(building.community_id, household.id if household else None)
    return render_template("cases/new.html", building=building, household=household, form=form)


def _note(community_id: int, household_id: int | None) -> None:
    if household_id is not None:
        note_reading("open_file", community_id=community_id, household_id=household_id)


@bp.post("/cases")
@allowed("administrator", "grid_worker")
def open_case() -> Any:
    place, form = _place(request.form), forms.CaseForm()
    if place is None:
        abort(400)
    if not form.validate():
        return _form_page(place, form), 422
    try:
        public_id = actions.open_case(me(), form.entry(request.form.to_dict(flat=False), *place)).public_id
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(place, form), 422
    return see(f"/cases/{public_id}?done=opened")


@bp.get("/cases/<public_id>")
@allowed("administrator", "grid_worker")
def case(public_id: str) -> Any:
    return _page(queries.case_or_404(me().scope, public_id), forms.CloseForm(formdata=None))


def _page(file: CaseFile, form: forms.CloseForm) -> str:
    _note(file.case.community_id, file.case.household_id)
    return render_template("cases/case.html", file=file, case=file.case, form=form, today=today())


@bp.post("/cases/<public_id>/close")
@allowed("administrator", "grid_worker")
def close_case(public_id: str) -> Any:
    file, form = queries.case_or_404(me().scope, public_id), forms.CloseForm()
    if not form.validate():
        return _page(file, form), 422
    try:
        actions.close_case(me(), file.case, str(form.result.data), today())
    except Refused as refused:
        form.result.errors = [refused.sentence]
        return _page(queries.case_or_404(me().scope, public_id), form), 422
    return see(f"/cases/{public_id}?done=closed")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(report_views.bp)
