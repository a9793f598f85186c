"""检查: the list, an inspection on the phone, its page and its rechecks."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register.models import Community
from grid.register.queries import buildings, communities
from grid.services import asked
from grid.services import inspection_actions as actions
from grid.services import inspection_queries as queries
from grid.services.checklist_queries import checklists
from grid.services.inspection_forms import InspectionForm, RecheckForm, StartForm
from grid.services.inspection_queries import InspectionFile
from grid.services.models import Inspection

bp = Blueprint("inspections", __name__, url_prefix="/inspections")


@bp.get("")
@allowed("administrator", "grid_worker")
def inspections() -> Any:
    community, number = asked.community_asked(), request.args.get("page", 1, int)
    kind, state = request.args.get("kind"), request.args.get("state")
    wanted = queries.Wanted(
        community.id,
        today(),
        kind if kind in CODES["inspection_kind"] else None,
        state if state in ("open", "overdue") else None,
    )
    found = queries.inspections(me().scope, wanted, SIZE, offset(number))
    return render_template(
        "services/inspections.html",
        community=community,
        communities=communities(me().scope),
        page=Page(tuple(found), max(1, number), queries.count_inspections(me().scope, wanted)),
        wanted=wanted,
        kinds=CODES["inspection_kind"].choices(),
        may_edit_checklists=me().may("administrator"),
    )


@bp.get("/new")
@allowed("administrator", "grid_worker")
def new_inspection() -> Any:
    community = asked.community_asked()
    if "checklist" not in request.args:
        return _start_page(StartForm(formdata=None, building=request.args.get("building")), community)
    start = StartForm(formdata=request.args)
    _offer(start, community)
    if not start.validate():
        return _start_page(start, community), 422
    form = InspectionForm(formdata=None, key=new_key(), inspectors=me().name, **start.data)
    form.begin(start.checklist.picked, today(), request.args.get("all") == "fine")
    return _form_page(form, community)


def _offer(form: StartForm, community: Community) -> None:
    here = buildings(me().scope, community.id)
    form.offer(checklists(community.id), queries.sites(community.id), here)


def _start_page(form: StartForm, community: Community) -> str:
    if not form.checklist.choices:
        _offer(form, community)
    return render_template(
        "services/inspection_start.html",
        form=form,
        community=community,
        communities=communities(me().scope),
        may_edit_checklists=me().may("administrator"),
    )


def _form_page(form: InspectionForm, community: Community) -> str:
    if not form.checklist.choices:
        _offer(form, community)
    return render_template("services/inspection_form.html", form=form, community=community)


@bp.post("")
@allowed("administrator", "grid_worker")
def record_inspection() -> Any:
    community, form = asked.community_asked(), InspectionForm()
    _offer(form, community)
    if not form.validate():
        return (_form_page if form.checklist.picked else _start_page)(form, community), 422
    try:
        slip = form.slip(request.form.to_dict(flat=False))
        public_id = actions.record_inspection(me(), form.entry(community.id), slip)
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(form, community), 422
    return see(f"/inspections/{public_id}?done=recorded")


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def inspection(public_id: str) -> Any:
    return _page(queries.inspection_or_404(me().scope, public_id))


def _page(file: InspectionFile, seq: int = 0, form: RecheckForm | None = None) -> str:
    """`form` is that of item `seq`, come back with what is wrong with it."""
    return render_template(
        "services/inspection.html",
        file=file,
        inspection=file.inspection,
        today=today(),
        mine=_is_mine(file.inspection),
        forms={
            item.seq: form if form and item.seq == seq else RecheckForm(formdata=None, result="fine", day=today())
            for item in file.amiss
        },
    )


def _is_mine(inspection: Inspection) -> bool:
    return inspection.recorded_by == me().id or me().may("administrator")


@bp.post("/<public_id>/items/<int:seq>/recheck")
@allowed("administrator", "grid_worker")
def recheck(public_id: str, seq: int) -> Any:
    file, form = queries.inspection_or_404(me().scope, public_id), RecheckForm()
    item, form.today = queries.item_or_404(file, seq), today()
    if not form.validate() or form.day.data is None:
        return _page(file, seq, form), 422
    act = actions.recheck_item if form.result.data == "fine" else actions.give_more_time
    try:
        act(me(), item, form.day.data, form.note.data)
    except Refused as refused:
        form.result.errors = [refused.sentence]
        return _page(queries.inspection_or_404(me().scope, public_id), seq, form), 422
    return see(f"/inspections/{public_id}?done=rechecked")


@bp.post("/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_inspection(public_id: str) -> Any:
    file = queries.inspection_or_404(me().scope, public_id)
    if not _is_mine(file.inspection):
        raise Missing
    actions.withdraw_inspection(me(), file.inspection)
    return see(f"/inspections?community={file.community.public_id}&done=withdrawn")
