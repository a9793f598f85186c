"""目标: what the plans ask in a year. 手填数据: figures that other offices give."""

from typing import Any

from flask import Blueprint, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.ledgers import figures, target_actions
from grid.ledgers.indicators import INDICATORS
from grid.ledgers.models import Target
from grid.ledgers.target_forms import HandForm, TargetForm, form_of
from grid.ledgers.target_queries import figures_typed
from grid.register.models import Community
from grid.register.queries import communities, whole_communities, whole_community_or_404

bp = Blueprint("targets", __name__)


def place() -> Community:
    """The community asked for, else the first of which all is in scope."""
    wanted = request.values.get("community", "")
    if wanted:
        return whole_community_or_404(me().scope, wanted)
    mine = whole_communities(me().scope)
    if not mine:
        raise Missing
    return mine[0]


def year_asked() -> int:
    """This year, the last or the next."""
    wanted = request.values.get("year", "")
    this = today().year
    return int(wanted) if wanted in {str(this - 1), str(this), str(this + 1)} else this


def frame_of(community: Community) -> dict[str, Any]:
    whole = whole_communities(me().scope)
    return {"community": community, "communities": whole}


@bp.get("/targets")
@allowed("administrator")
def targets() -> Any:
    community, year = place(), year_asked()
    return render_template(
        "ledgers/targets.html",
        groups=_grouped(figures.targets(community.id, year)),
        words=figures.asked_words,
        year=year,
        years=[today().year - 1, today().year, today().year + 1],
        **frame_of(community),
    )


def _grouped(found: list[Target]) -> list[tuple[Any, list[Target]]]:
    """By indicator, so that plans that contradict each other stand side by side."""
    return [
        (indicator, mine)
        for key, indicator in INDICATORS.items()
        if (mine := [target for target in found if target.indicator == key])
    ]


@bp.post("/targets/defaults")
@allowed("administrator")
def defaults() -> Any:
    community, year = place(), year_asked()
    target_actions.put_in_defaults(me(), community.id, year)
    return see(f"/targets?community={community.public_id}&year={year}&done=put_in")


@bp.get("/targets/new")
@allowed("administrator")
def new_target() -> Any:
    form = TargetForm(formdata=None, key=new_key(), indicator=request.args.get("indicator"))
    return _new(place(), form)


def _new(community: Community, form: TargetForm, status: int = 200) -> Any:
    return render_template(
        "ledgers/target.html", form=form, target=None, year=year_asked(), **frame_of(community)
    ), status


@bp.post("/targets")
@allowed("administrator")
def add_target() -> Any:
    community, form = place(), TargetForm()
    if not form.validate():
        return _new(community, form, 422)
    try:
        target_actions.add_target(
            me(), community.id, year_asked(), form.slip(request.form.to_dict(flat=False)), form.entry()
        )
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _new(community, form, 422)
    return see(f"/targets?community={community.public_id}&year={year_asked()}&done=saved")


@bp.get("/targets/<public_id>")
@allowed("administrator")
def target(public_id: str) -> Any:
    found = target_actions.target_or_404(me().scope, public_id)
    return _edit(found, form_of(found, new_key()))


def _edit(found: Target, form: TargetForm, status: int = 200) -> Any:
    community = next(one for one in communities(me().scope) if one.id == found.community_id)
    page = render_template("ledgers/target.html", form=form, target=found, year=found.year, **frame_of(community))
    return page, status


@bp.post("/targets/<public_id>")
@allowed("administrator")
def edit_target(public_id: str) -> Any:
    found, form = target_actions.target_or_404(me().scope, public_id), TargetForm()
    if not form.validate():
        return _edit(found, form, 422)
    try:
        target_actions.edit_target(me(), found, form.seen_version, form.entry())
    except Refused as refused:
        return _clash(public_id, form, refused)
    return _back_to_list(found)


def _clash(public_id: str, form: TargetForm, refused: Refused) -> Any:
    """Somebody was quicker: what was typed stays, and the next attempt is against what is there now."""
    found = target_actions.target_or_404(me().scope, public_id)
    form.version.data = found.version
    form.blame(refused)
    return _edit(found, form, 409)


@bp.post("/targets/<public_id>/remove")
@allowed("administrator")
def remove_target(public_id: str) -> Any:
    found, form = target_actions.target_or_404(me().scope, public_id), TargetForm()
    if not form.seen_version:
        abort(400)
    try:
        target_actions.take_away_target(me(), found, form.seen_version)
    except Refused as refused:
        now = form_of(target_actions.target_or_404(me().scope, public_id), new_key())
        now.blame(refused)
        return _edit(found, now, 409)
    return _back_to_list(found)


def _back_to_list(found: Target) -> Any:
    community = next(one for one in communities(me().scope) if one.id == found.community_id)
    return see(f"/targets?community={community.public_id}&year={found.year}&done=saved")


@bp.get("/hand-figures")
@allowed("administrator")
def hand_figures() -> Any:
    form = HandForm(formdata=None, key=new_key(), indicator=request.args.get("indicator"), as_of=today())
    return _hand(place(), form)


def _hand(community: Community, form: HandForm, status: int = 200) -> Any:
    page = render_template(
        "ledgers/hand_figures.html", form=form, typed=figures_typed(community.id), **frame_of(community)
    )
    return page, status


@bp.post("/hand-figures")
@allowed("administrator")
def enter_figure() -> Any:
    community, form = place(), HandForm()
    if not form.validate():
        return _hand(community, form, 422)
    try:
        target_actions.enter_figure(me(), community.id, form.entry(request.form.to_dict(flat=False)))
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _hand(community, form, 422)
    return see(f"/hand-figures?community={community.public_id}&done=saved")
