"""检查表: what is looked at in each kind of inspection."""

from typing import Any

from flask import Blueprint, render_template

from grid.accounts.access import allowed, me
from grid.core.db import db
from grid.core.htmx import see
from grid.core.refusals import Refused
from grid.register.models import Community
from grid.register.queries import communities, whole_community_or_404
from grid.services import asked
from grid.services import checklist_actions as actions
from grid.services import checklist_queries as queries
from grid.services.checklist_forms import ChecklistForm
from grid.services.models import Checklist

bp = Blueprint("checklists", __name__, url_prefix="/checklists")


def _community() -> Community:
    return whole_community_or_404(me().scope, asked.community_asked().public_id)


@bp.get("")
@allowed("administrator")
def checklists() -> Any:
    return _list(_community())


def _list(community: Community, refused: str = "", status: int = 200) -> Any:
    page = render_template(
        "services/checklists.html",
        community=community,
        communities=communities(me().scope),
        checklists=queries.checklists(community.id),
        refused=refused,
    )
    return page, status


@bp.post("/starter")
@allowed("administrator")
def add_starter_checklists() -> Any:
    community = _community()
    try:
        actions.add_starter_checklists(me(), community.id)
    except Refused as refused:
        return _list(community, refused.sentence, 422)
    return _back(community.public_id, "started")


def _back(community: str, done: str) -> Any:
    return see(f"/checklists?community={community}&done={done}")


@bp.get("/new")
@allowed("administrator")
def new_checklist() -> Any:
    return _form_page(ChecklistForm(formdata=None), _community())


def _form_page(form: ChecklistForm, community: Community | None = None, checklist: Checklist | None = None) -> str:
    return render_template("services/checklist.html", form=form, community=community, checklist=checklist)


@bp.post("")
@allowed("administrator")
def add_checklist() -> Any:
    community, form = _community(), ChecklistForm()
    if not form.validate():
        return _form_page(form, community), 422
    actions.add_checklist(me(), community.id, form.entry())
    return _back(community.public_id, "saved")


@bp.get("/<public_id>")
@allowed("administrator")
def checklist(public_id: str) -> Any:
    found = queries.checklist_or_404(me().scope, public_id)
    return _form_page(ChecklistForm.of(found), checklist=found)


@bp.post("/<public_id>")
@allowed("administrator")
def edit_checklist(public_id: str) -> Any:
    found, form = queries.checklist_or_404(me().scope, public_id), ChecklistForm()
    if not form.validate():
        return _form_page(form, checklist=found), 422
    try:
        actions.edit_checklist(me(), found, form.entry(), form.seen)
    except Refused as refused:
        form.blame(refused)
        found = queries.checklist_or_404(me().scope, public_id)
        form.version.data = str(found.version)
        return _form_page(form, checklist=found), 422
    return _back(_home_of(found), "saved")


def _home_of(checklist: Checklist) -> str:
    return db.session.get_one(Community, checklist.community_id).public_id


@bp.post("/<public_id>/withdraw")
@allowed("administrator")
def withdraw_checklist(public_id: str) -> Any:
    found = queries.checklist_or_404(me().scope, public_id)
    actions.withdraw_checklist(me(), found)
    return _back(_home_of(found), "withdrawn")
