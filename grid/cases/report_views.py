"""三个按钮: what a building head reports. 来访报告: what the committee does about it."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.cases import actions, forms, queries
from grid.cases.queries import ReportFile
from grid.core.clock import today
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.register.queries import communities

bp = Blueprint("reports", __name__)


@bp.get("/report")
@allowed("building_head")
def three_buttons() -> Any:
    return render_template(
        "cases/three_buttons.html",
        reports=queries.reports_of(me().scope, me().id, today()),
        has_house=bool(me().scope.buildings or me().scope.communities),
        today=today(),
    )


@bp.get("/report/new")
@allowed("building_head")
def new_report() -> Any:
    button = request.args.get("kind", "")
    if not button:
        return see("/report")
    if button not in forms.BUTTONS:
        raise Missing
    return _form_page(forms.ReportForm(formdata=None, key=new_key(), kind=forms.BUTTONS[button][0]))


def _form_page(form: forms.ReportForm) -> str:
    houses = queries.houses(me().scope)
    return render_template(
        "cases/report.html", form=form.propose(houses), houses=houses, kinds=forms.BUTTONS[form.button]
    )


@bp.post("/report")
@allowed("building_head")
def report_visitor() -> Any:
    form = forms.ReportForm()
    if not form.validate():
        return _form_page(form), 422
    try:
        actions.report_visitor(me(), form.entry(request.form.to_dict(flat=False)))
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _form_page(form), 422
    return see("/report?done=sent")


@bp.get("/reports")
@allowed("administrator", "grid_worker")
def reports() -> Any:
    found = queries.reports(me().scope, today())
    return render_template("cases/reports.html", reports=found, communities=communities(me().scope))


@bp.get("/reports/<public_id>")
@allowed("administrator", "grid_worker")
def report(public_id: str) -> Any:
    return _page(_found(public_id))


def _found(public_id: str) -> ReportFile:
    return queries.report_or_404(me().scope, public_id, today())


def _page(
    file: ReportFile,
    refused: Refused | None = None,
    closing: forms.CloseForm | None = None,
    turning: forms.TurnForm | None = None,
    status: int = 200,
) -> Any:
    # Without the door: its page would tell of the report when that is long gone.
    note_reading("open_report", community_id=file.report.community_id)
    page = render_template(
        "cases/worker_report.html",
        file=file,
        report=file.report,
        may=[state for state, before in actions.BEFORE.items() if file.report.state in before],
        refused=refused,
        closing=closing or forms.CloseForm(formdata=None),
        turning=turning or forms.TurnForm(formdata=None),
    )
    return page, status


@bp.post("/reports/<public_id>/verify")
@allowed("administrator", "grid_worker")
def verify_report(public_id: str) -> Any:
    try:
        actions.verify_report(me(), _found(public_id).report)
    except Refused as refused:
        return _page(_found(public_id), refused, status=422)
    return see(f"/reports/{public_id}?done=verified")


@bp.post("/reports/<public_id>/move-in")
@allowed("administrator", "grid_worker")
def turn_into_move_in(public_id: str) -> Any:
    file = _found(public_id)
    try:
        actions.turn_into_move_in(me(), file.report)
    except Refused as refused:
        return _page(_found(public_id), refused, status=422)
    assert file.household
    return see(f"/households/{file.household.public_id}/move-in")


@bp.post("/reports/<public_id>/case")
@allowed("administrator", "grid_worker")
def turn_into_case(public_id: str) -> Any:
    file, form = _found(public_id), forms.TurnForm()
    if not form.validate():
        return _page(file, turning=form, status=422)
    try:
        opened = actions.turn_into_case(me(), file.report, form.entry(file.report))
    except Refused as refused:
        if refused.field:
            form.blame(refused)
        return _page(_found(public_id), refused, turning=form, status=422)
    return see(f"/cases/{opened.public_id}?done=opened")


@bp.post("/reports/<public_id>/close")
@allowed("administrator", "grid_worker")
def close_report(public_id: str) -> Any:
    file, form = _found(public_id), forms.CloseForm()
    if not form.validate():
        return _page(file, closing=form, status=422)
    try:
        actions.close_report(me(), file.report, str(form.result.data))
    except Refused as refused:
        return _page(_found(public_id), refused, closing=form, status=422)
    return see(f"/reports/{public_id}?done=closed")
