"""队伍: the list by kind, one team, and who is in it."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.register.models import Community
from grid.register.queries import resident_or_404
from grid.services import found_views, team_actions, team_forms, team_queries
from grid.services.asked import community_asked, frame, managed_community, manages
from grid.services.models import Team
from grid.services.queries import row_to_change, row_to_read

bp = Blueprint("teams", __name__, url_prefix="/teams")


@bp.get("")
@allowed("administrator", "grid_worker")
def teams() -> Any:
    community = community_asked()
    return render_template(
        "services/teams.html",
        kinds=team_queries.teams_by_kind(community.id, today()),
        dissolved=team_queries.dissolved_teams(community.id),
        **frame(community),
    )


@bp.get("/new")
@allowed("administrator")
def new_team() -> Any:
    form = team_forms.TeamForm(formdata=None, key=new_key(), kind=request.args.get("kind") or "volunteers")
    return _edit_page(managed_community(), form)


def _edit_page(community: Community, form: team_forms.TeamForm, team: Team | None = None) -> str:
    return render_template("services/team_edit.html", form=form, team=team, **frame(community))


@bp.post("")
@allowed("administrator")
def add_team() -> Any:
    community, form = managed_community(), team_forms.TeamForm()
    if not form.validate():
        return _edit_page(community, form), 422
    try:
        public_id = team_actions.add_team(me(), community.id, form.entry(), _slip(form))
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _edit_page(community, form), 422
    return see(f"/teams/{public_id}?done=added")


def _slip(form: Any, **beside: str) -> Slip:
    return Slip(form.key.data, fingerprint({**request.form.to_dict(flat=False), **beside}))


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def team(public_id: str) -> Any:
    found = row_to_read(me().scope, Team, public_id)
    return render_template(
        "services/team.html",
        team=found,
        members=team_queries.members(found.id, today()),
        may_manage=manages(found.community_id),
    )


@bp.get("/<public_id>/edit")
@allowed("administrator")
def edit_team(public_id: str) -> Any:
    found = row_to_change(me().scope, Team, public_id)
    return _edit_page(_community_of(found), team_forms.team_form(found, new_key()), found)


def _community_of(found: Team) -> Community:
    return db.session.get_one(Community, found.community_id)


@bp.post("/<public_id>")
@allowed("administrator")
def save_team(public_id: str) -> Any:
    found, form = row_to_change(me().scope, Team, public_id), team_forms.TeamForm()
    if not form.validate():
        return _edit_page(_community_of(found), form, found), 422
    try:
        team_actions.edit_team(me(), found, form.entry(), form.version.data or 0)
    except Refused as refused:
        form.blame(refused)
        return _edit_page(_community_of(found), form, row_to_change(me().scope, Team, public_id)), 422
    return see(f"/teams/{public_id}?done=saved")


@bp.post("/<public_id>/dissolve")
@allowed("administrator")
def dissolve_team(public_id: str) -> Any:
    team_actions.dissolve_team(me(), row_to_change(me().scope, Team, public_id), today())
    return see(f"/teams/{public_id}?done=dissolved")


@bp.get("/<public_id>/members/new")
@allowed("administrator")
def new_member(public_id: str) -> Any:
    found = row_to_change(me().scope, Team, public_id)
    return _member_page(found, team_forms.MemberForm(formdata=None, key=new_key(), since=today()))


def _member_page(found: Team, form: team_forms.MemberForm) -> str:
    hits = {"words": "", "hits": [], "chosen": ""}
    if request.method == "POST":
        hits = found_views.found_for("person")
    return render_template("services/member_new.html", team=found, form=form, community=_community_of(found), **hits)


@bp.post("/<public_id>/members")
@allowed("administrator")
def add_member(public_id: str) -> Any:
    found, form = row_to_change(me().scope, Team, public_id), team_forms.MemberForm()
    valid = form.validate()
    if "search" in request.form:
        return _member_page(found, form)
    if not valid:
        return _member_page(found, form), 422
    try:
        name, person_id = _who(found, form)
        team_actions.add_member(me(), found, form.entry(name, person_id), _slip(form, team=public_id), today())
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _member_page(row_to_change(me().scope, Team, public_id), form), 422
    return see(f"/teams/{public_id}?done=joined")


def _who(found: Team, form: team_forms.MemberForm) -> tuple[str, int | None]:
    """The person chosen in the register, else the name that was typed."""
    if form.chosen.data:
        person = resident_or_404(me().scope, form.chosen.data).person
        if person.community_id != found.community_id:
            raise Missing
        return person.name, person.id
    if not form.name.data:
        raise Refused(_("请在户档里选一个人，或者写姓名。"), "name")
    return form.name.data, None


@bp.post("/<public_id>/members/<member_id>/leave")
@allowed("administrator")
def leave_team(public_id: str, member_id: str) -> Any:
    found = row_to_change(me().scope, Team, public_id)
    member = team_queries.member_of(found.id, member_id)
    if member is None:
        raise Missing
    team_actions.leave_team(me(), found, member, today())
    return see(f"/teams/{public_id}?done=left")
