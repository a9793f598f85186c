"""记走访: writing visits down, and taking them back."""

import uuid
from typing import Any

from flask import Blueprint, Flask, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.register import queries as doors
from grid.visits import actions, queries
from grid.visits.forms import VisitForm

bp = Blueprint("visits", __name__)


@bp.get("/households/<public_id>/visits/new")
@allowed("administrator", "grid_worker")
def new_visit(public_id: str) -> Any:
    household = doors.door_or_404(me().scope, public_id)
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    form = VisitForm(formdata=None, key=str(uuid.uuid4()))
    return _page(household, form)


@bp.post("/households/<public_id>/visits")
@allowed("administrator", "grid_worker")
def record_visit(public_id: str) -> Any:
    household = doors.door_or_404(me().scope, public_id)
    form = VisitForm()
    if not form.validate():
        return _page(household, form), 422
    try:
        words = {**request.form.to_dict(flat=False), "household": public_id}
        visit_id = actions.record_visit(me(), household, form.entry(words))
    except receipts.AlreadyDone as done:
        visit_id = done.answer
    except receipts.KeyReused:
        form.key.data = str(uuid.uuid4())
        form.found.errors = [_("这张表单已经存过一次，内容却不一样。要另记一次走访，请再点保存。")]
        return _page(household, form), 422
    except Refused as refused:
        form[refused.field].errors = [refused.sentence]
        return _page(household, form), 422
    answer = see(f"/households/{public_id}?done=visit")
    answer.headers["Receipt-Key"] = str(form.key.data)
    answer.headers["Receipt-Visit"] = visit_id
    return answer


def _page(household: doors.Door, form: VisitForm) -> str:
    residents = doors.residents(household.id)
    return render_template("visits/new.html", household=household, form=form.offer(residents), residents=residents)


@bp.get("/visits/<public_id>")
@allowed("administrator", "grid_worker")
def visit(public_id: str) -> Any:
    found, household = queries.visit_or_404(me().scope, public_id)
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    return render_template(
        "visits/visit.html", visit=found, household=household, met=queries.people_met(found.id), mine=_is_mine(found)
    )


@bp.post("/visits/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_visit(public_id: str) -> Any:
    found, household = queries.visit_or_404(me().scope, public_id)
    if not _is_mine(found):
        raise Missing
    actions.withdraw_visit(me(), found)
    return see(f"/households/{household.public_id}?done=withdrawn")


def _is_mine(visit: Any) -> bool:
    return bool(visit.worker_id == me().id or me().role == "administrator")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
