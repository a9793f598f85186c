"""评选: by year and kind, adding one, withdrawing one."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.register.models import Community, Household
from grid.register.queries import buildings, household_or_404
from grid.services import award_actions, award_queries, found_views
from grid.services.asked import community_asked, frame, managed_community
from grid.services.award_forms import AwardForm
from grid.services.models import Award
from grid.services.queries import row_to_change

bp = Blueprint("awards", __name__, url_prefix="/awards")


@bp.get("")
@allowed("administrator", "grid_worker")
def awards() -> Any:
    community, this_year = community_asked(), today().year
    year = request.args.get("year", this_year, int)
    year = year if 1990 <= year <= 2100 else this_year
    return render_template(
        "services/awards.html",
        year=year,
        years=award_queries.years(me().scope, community.id, this_year),
        kinds=award_queries.awards_by_kind(me().scope, community.id, year),
        **frame(community),
    )


@bp.get("/new")
@allowed("administrator")
def new_award() -> Any:
    form = AwardForm(formdata=None, key=new_key(), year=today().year, on=today())
    form.kind.data = request.args.get("kind") or "safe_family"
    return _page(managed_community(), form)


def _page(community: Community, form: AwardForm) -> str:
    form.offer(buildings(me().scope, community.id))
    hits: dict[str, Any] = {"words": "", "hits": [], "chosen": ""}
    if request.method == "POST":
        hits = found_views.found_for("household")
    return render_template("services/award_new.html", form=form, **hits, **frame(community))


@bp.post("")
@allowed("administrator")
def add_award() -> Any:
    community = managed_community()
    form = AwardForm().offer(buildings(me().scope, community.id))
    valid = form.validate()
    if "search" in request.form:
        return _page(community, form)
    if not valid:
        return _page(community, form), 422
    try:
        slip = Slip(form.key.data, fingerprint(request.form.to_dict(flat=False)))
        award_actions.add_award(me(), community.id, form.entry(_household(community, form)), slip)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _page(managed_community(), form), 422
    return see(f"/awards?community={community.public_id}&year={form.year.data}&done=added")


def _household(community: Community, form: AwardForm) -> Household | None:
    if not form.chosen.data:
        return None
    found = household_or_404(me().scope, form.chosen.data)
    if found.community_id != community.id:
        raise Missing
    return found


@bp.post("/<public_id>/withdraw")
@allowed("administrator")
def withdraw_award(public_id: str) -> Any:
    award = row_to_change(me().scope, Award, public_id)
    community = db.session.get_one(Community, award.community_id).public_id
    year = award.year
    award_actions.withdraw_award(me(), award)
    return see(f"/awards?community={community}&year={year}&done=withdrawn")
