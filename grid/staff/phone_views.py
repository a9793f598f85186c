"""手机对账: whether what the workers' phones made has arrived."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import now
from grid.staff import phones, queries

bp = Blueprint("phones", __name__)


@bp.get("/staff/phones")
@allowed("administrator")
def all_phones() -> Any:
    community = queries.community_asked(me().scope, request.args.get("community"))
    at = now()
    return render_template(
        "staff/phones.html",
        community=community,
        communities=queries.communities(me().scope),
        phones=phones.phones_in(me().scope, community.id, at),
        at=at,
    )
