"""设置: a community's name, its words and its rhythm; and how a new community begins."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.htmx import see
from grid.core.refusals import Refused
from grid.register.models import LEVELS
from grid.register.queries import whole_community_or_404
from grid.staff import actions, forms, queries

bp = Blueprint("settings", __name__)


@bp.route("/settings", methods=["GET", "POST"])
@allowed("administrator")
def settings() -> Any:
    if not me().scope.communities:
        return see("/communities/new")
    community = queries.community_asked(me().scope, request.args.get("community"))
    known = queries.communities(me().scope)
    form = forms.SettingsForm() if request.method == "POST" else forms.settings_form(community)
    page = {"community": community, "communities": known, "form": form, "levels": LEVELS}
    if request.method == "GET":
        return render_template("staff/settings.html", **page)
    if not form.validate():
        return render_template("staff/settings.html", **page), 422
    try:
        actions.edit_community(me(), community, form.entry())
    except Refused as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return render_template("staff/settings.html", **page), 422
    return see(f"/settings?community={community.public_id}&done=saved")


@bp.route("/communities/new", methods=["GET", "POST"])
@allowed("administrator")
def new_community() -> Any:
    form = forms.CommunityForm()
    if request.method == "GET":
        return render_template("staff/new_community.html", form=form)
    if not form.validate():
        return render_template("staff/new_community.html", form=form), 422
    try:
        community = actions.add_community(me(), str(form.name.data), form.code.data, today())
    except Refused as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return render_template("staff/new_community.html", form=form), 422
    return see(f"/communities/{community.public_id}/start")


@bp.get("/communities/<public_id>/start")
@allowed("administrator")
def start(public_id: str) -> Any:
    """The first minute: what to bring in next."""
    return render_template("staff/start.html", community=whole_community_or_404(me().scope, public_id))
