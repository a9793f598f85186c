"""日志: who did or looked at what."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.htmx import see
from grid.core.paging import SIZE, offset
from grid.register.addresses import parse_address, short_address
from grid.register.queries import whole_community_or_404
from grid.staff import forms, log, queries

bp = Blueprint("log", __name__)
# Deeper than this nobody turns pages: the filters find it sooner.
LAST_PAGE = 200


@bp.get("/audit")
@allowed("administrator")
def audit_log() -> Any:
    known = queries.communities(me().scope)
    if not known:
        return see("/communities/new")
    form = forms.LogForm(request.args)
    chosen = _chosen(form.community.data)
    ids = (chosen,) if chosen else tuple(community.id for community in known)
    people = log.people_in(me().scope, ids)
    form.community.choices = [("", forms.everything()), *((c.public_id, c.name) for c in known)]
    form.who.choices = [("", forms.everything()), *people]
    form.action.choices = forms.action_choices({*log.actions_in(me().scope, ids), form.action.data})
    page = min(max(1, request.args.get("page", 1, int)), LAST_PAGE)
    lines = log.log(me().scope, _asked(form, ids), SIZE + 1, offset(page)) if form.validate() else []
    return render_template(
        "staff/log.html",
        form=form,
        communities=known,
        lines=lines[:SIZE],
        number=page,
        newer=_turned(page - 1) if page > 1 else None,
        older=_turned(page + 1) if len(lines) > SIZE and page < LAST_PAGE else None,
        narrowed=any(request.args.values()),
    )


def _chosen(public_id: str | None) -> int | None:
    return whole_community_or_404(me().scope, public_id).id if public_id else None


def _asked(form: forms.LogForm, ids: tuple[int, ...]) -> log.Asked:
    if not form.household.data:
        return form.asked(ids, None)
    typed = form.household.data
    address = parse_address(typed)
    code = short_address(address) if address else typed
    return form.asked(ids, log.doors_called(me().scope, ids, {typed, code}))


def _turned(page: int) -> str:
    """The same question, another page."""
    return "/audit?" + urlencode({**request.args, "page": page})
