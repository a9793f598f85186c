"""场所: the list, adding and changing one."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.accounts.receipts import Slip, fingerprint
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Refused
from grid.register.models import Community, Site
from grid.register.queries import buildings
from grid.services import site_actions, site_queries
from grid.services.asked import community_asked, frame, managed_community
from grid.services.queries import row_to_change
from grid.services.site_forms import SiteForm, site_form

bp = Blueprint("sites", __name__, url_prefix="/sites")


@bp.get("")
@allowed("administrator", "grid_worker")
def sites() -> Any:
    community = community_asked()
    return render_template("services/sites.html", kinds=site_queries.sites_by_kind(community.id), **frame(community))


@bp.get("/new")
@allowed("administrator")
def new_site() -> Any:
    return _page(managed_community(), SiteForm(formdata=None, key=new_key()))


def _page(community: Community, form: SiteForm, site: Site | None = None) -> str:
    form.offer(buildings(me().scope, community.id))
    return render_template("services/site_edit.html", form=form, site=site, **frame(community))


@bp.post("")
@allowed("administrator")
def add_site() -> Any:
    community = managed_community()
    form = SiteForm().offer(buildings(me().scope, community.id))
    if not form.validate():
        return _page(community, form), 422
    try:
        slip = Slip(form.key.data, fingerprint(request.form.to_dict(flat=False)))
        site_actions.add_site(me(), community.id, form.entry(), slip)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _page(managed_community(), form), 422
    return _back(community, "added")


def _back(community: Community, done: str) -> Any:
    return see(f"/sites?community={community.public_id}&done={done}")


@bp.get("/<public_id>")
@allowed("administrator")
def site(public_id: str) -> Any:
    found = row_to_change(me().scope, Site, public_id)
    return _page(_community_of(found), site_form(found, new_key()), found)


def _community_of(found: Site) -> Community:
    return db.session.get_one(Community, found.community_id)


@bp.post("/<public_id>")
@allowed("administrator")
def save_site(public_id: str) -> Any:
    found = row_to_change(me().scope, Site, public_id)
    community = _community_of(found)
    form = SiteForm().offer(buildings(me().scope, community.id))
    if not form.validate():
        return _page(community, form, found), 422
    try:
        site_actions.edit_site(me(), found, form.entry())
    except Refused as refused:
        form.blame(refused)
        return _page(community, form, found), 422
    return _back(community, "saved")


@bp.post("/<public_id>/remove")
@allowed("administrator")
def remove_site(public_id: str) -> Any:
    found = row_to_change(me().scope, Site, public_id)
    community = _community_of(found)
    site_actions.remove_site(me(), found)
    return _back(community, "removed")
