"""标签: the administrator defines what people can be, with fields and rules, without programming."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.core.db import db
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.register.models import Community, Tag
from grid.register.queries import communities, whole_communities, whole_community_or_404
from grid.tags import definition_actions as actions
from grid.tags import definition_queries as queries
from grid.tags.definition_forms import TagForm, new_tag_form, tag_form

bp = Blueprint("tags", __name__)


def _place() -> Community:
    """The community asked for, else the reader's first."""
    wanted = request.values.get("community", "")
    if wanted:
        return whole_community_or_404(me().scope, wanted)
    found = whole_communities(me().scope)
    if not found:
        raise Missing
    return found[0]


@bp.get("/tags")
@allowed("administrator")
def tags() -> Any:
    community = _place()
    groups = queries.tags_by_group(community.id)
    return render_template("tags/tags.html", community=community, communities=communities(me().scope), groups=groups)


@bp.get("/tags/new")
@allowed("administrator")
def new_tag() -> Any:
    return _page(_place(), new_tag_form())


def _page(community: Community, form: TagForm, tag: Tag | None = None, refused: str = "") -> str:
    return render_template("tags/tag.html", community=community, form=form, tag=tag, refused=refused)


@bp.post("/tags")
@allowed("administrator")
def add_tag() -> Any:
    community, form = _place(), TagForm()
    if not form.validate():
        return _page(community, form), 422
    try:
        slip = form.slip({**request.form.to_dict(flat=False), "community": community.public_id})
        actions.add_tag(me(), community.id, form.entry(), slip)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _page(db.session.merge(community), form), 422
    return see(f"/tags?community={community.public_id}&done=added")


@bp.get("/tags/<public_id>")
@allowed("administrator")
def edit_tag(public_id: str) -> Any:
    tag = queries.tag_or_404(me().scope, public_id)
    return _page(_of(tag), tag_form(tag), tag)


def _of(tag: Tag) -> Community:
    return db.session.get_one(Community, tag.community_id)


@bp.post("/tags/<public_id>")
@allowed("administrator")
def save_tag(public_id: str) -> Any:
    tag, form = queries.tag_or_404(me().scope, public_id), TagForm()
    community = _of(tag).public_id
    if not form.validate():
        return _page(_of(tag), form, tag), 422
    try:
        actions.edit_tag(me(), tag, form.entry(), form.version.data or 0)
    except Refused as refused:
        form.blame(refused)
        return _page(_of(tag), form, queries.tag_or_404(me().scope, public_id)), 422
    return see(f"/tags?community={community}&done=saved")


@bp.post("/tags/<public_id>/remove")
@allowed("administrator")
def remove_tag(public_id: str) -> Any:
    tag = queries.tag_or_404(me().scope, public_id)
    community = _of(tag).public_id
    try:
        actions.remove_tag(me(), tag)
    except Refused as refused:
        tag = queries.tag_or_404(me().scope, public_id)
        return _page(_of(tag), tag_form(tag), tag, refused.sentence), 422
    return see(f"/tags?community={community}&done=removed")
