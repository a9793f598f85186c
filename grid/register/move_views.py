"""迁移: what happened behind a door, in the words people use, and one screen for each."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.db import db
from grid.core.htmx import see
from grid.core.i18n import N_
from grid.core.refusals import Refused
from grid.register import move_actions as actions
from grid.register import move_forms as forms
from grid.register import queries
from grid.register.models import Household
from grid.register.queries import Resident

bp = Blueprint("moves", __name__)


class Screen(NamedTuple):
    """What a move is called, what is asked about it in which order, and what it means."""

    form: type[forms.MoveForm]
    title: str
    icon: str
    means: str
    asked: tuple[str, ...]


# By the action's name, in the order in which the page offers them.
SCREENS = {
    "change_flat": Screen(
        forms.ChangeFlatForm, N_("换房"), "arrow-right-left", N_("住在这里的人，搬到社区里的另一户。"),
        ("people", "to", "on", "head", "relations", "head_of_rest", "occupancy"),
    ),
    "split_household": Screen(
        forms.SplitForm, N_("分户"), "network", N_("几个人分出去单过：到另一户，或在旁边新设一户。"),
        ("people", "head", "to", "on", "relations", "head_of_rest"),
    ),
    "merge_households": Screen(
        forms.MergeForm, N_("并户"), "users", N_("另一户的人都并到这里来，那一户就空了。"),
        ("other", "on", "head", "relations", "occupancy"),
    ),
    "record_birth": Screen(
        forms.BirthForm, N_("出生"), "plus", N_("家里添了孩子，还没有身份证号也能登记。"),
        ("name", "on", "sex", "relation", "population_kind"),
    ),
    "record_death": Screen(
        forms.DeathForm, N_("去世"), "user-minus", N_("居住到那一天为止，流动登记一并结束。档案会留着。"),
        ("on", "head", "relations", "occupancy"),
    ),
    "name_head": Screen(
        forms.HeadForm, N_("换户主"), "user", N_("家里换一个人当户主。"),
        ("head", "on", "relations"),
    ),
    "change_landlord": Screen(
        forms.LandlordForm, N_("换房东"), "key-round", N_("房子卖了、过户了。出租责任书要重新签。"),
        ("owner_name", "owner_phone", "on"),
    ),
    "end_tenancy": Screen(
        forms.TenancyForm, N_("租户退租"), "log-out", N_("租户同一天都搬走，流动登记一并结束。"),
        ("people", "on", "occupancy", "went_to", "left_reason"),
    ),
}  # fmt: skip
PATHS = {
    "change_flat": "change-flat",
    "split_household": "split",
    "merge_households": "merge",
    "record_birth": "birth",
    "name_head": "new-head",
    "change_landlord": "new-landlord",
    "end_tenancy": "tenants-leave",
}
# Only where somebody lives, and only where several do.
_OF_SOMEBODY, _OF_SEVERAL = ("change_flat", "name_head", "end_tenancy"), ("split_household", "name_head")


@bp.get("/households/<public_id>/moves")
@allowed("administrator", "grid_worker")
def moves(public_id: str) -> Any:
    """发生了什么事？"""
    household = queries.household_or_404(me().scope, public_id)
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    here = queries.residents(household.id)
    offered = [
        (PATHS[action], screen)
        for action, screen in SCREENS.items()
        if action in PATHS and (here or action not in _OF_SOMEBODY) and (len(here) > 1 or action not in _OF_SEVERAL)
    ]
    return render_template("register/moves.html", household=household, residents=here, offered=offered)


@bp.route("/households/<public_id>/change-flat", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def change_flat(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    everybody = [r.person.public_id for r in queries.residents(household.id)]
    asked = [one for one in everybody if one == request.args.get("who")] or everybody
    return _move("change_flat", household, lambda entry: actions.change_flat(me(), household, entry), people=asked)


@bp.route("/households/<public_id>/split", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def split(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    return _move("split_household", household, lambda entry: actions.split_household(me(), household, entry))


@bp.route("/households/<public_id>/merge", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def merge(public_id: str) -> Any:
    """First the other door, then who is head of all."""
    household = queries.household_or_404(me().scope, public_id)
    typed = request.values.get("other", "").strip()
    form = forms.WhichDoorForm(formdata=None, other=typed)
    try:
        other = actions.other_door(me(), household, typed) if typed else None
    except Refused as refused:
        form.blame(refused)
        return render_template("register/which_door.html", household=household, form=form), 422
    if other is None:
        status = 200 if request.method == "GET" else 422
        return render_template("register/which_door.html", household=household, form=form), status
    note_reading("open_file", community_id=other.community_id, household_id=other.id)
    return _move(
        "merge_households",
        household,
        lambda entry: actions.merge_households(me(), household, entry),
        lambda: [*queries.residents(household.id), *queries.residents(other.id)],
        other=other.code,
    )


@bp.route("/households/<public_id>/birth", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def birth(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    first = next(iter(queries.residents(household.id)), None)
    return _move(
        "record_birth",
        household,
        lambda entry: actions.record_birth(me(), household, entry),
        population_kind=first.person.population_kind if first else None,
    )


@bp.route("/people/<public_id>/death", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def death(public_id: str) -> Any:
    resident = queries.resident_or_404(me().scope, public_id)
    household = queries.household_or_404(me().scope, resident.residency.household.public_id)
    name = resident.person.name
    return _move(
        "record_death",
        household,
        lambda entry: actions.record_death(me(), resident, entry),
        lambda: [r for r in queries.residents(household.id) if r.person.public_id != public_id],
        name,
    )


@bp.route("/households/<public_id>/new-head", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def new_head(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    return _move("name_head", household, lambda entry: actions.name_head(me(), household, entry))


@bp.route("/households/<public_id>/new-landlord", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def new_landlord(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    return _move("change_landlord", household, lambda entry: actions.change_landlord(me(), household, entry))


@bp.route("/households/<public_id>/tenants-leave", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def tenants_leave(public_id: str) -> Any:
    """Those who are known as tenants are ticked; where nobody is, all of a home that is let."""
    household = queries.household_or_404(me().scope, public_id)
    here = queries.residents(household.id)
    tenants = [r.person.public_id for r in here if r.residency.live_kind == "tenant"]
    if not tenants and household.occupancy == "rented":
        tenants = [r.person.public_id for r in here]
    return _move("end_tenancy", household, lambda entry: actions.end_tenancy(me(), household, entry), people=tenants)


def _move(
    action: str,
    household: Household,
    act: Callable[[Any], Any],
    whom: Callable[[], Sequence[Resident]] | None = None,
    about: str = "",
    **known: Any,
) -> Any:
    """One screen: asked, then done and told on the household's page, or shown again with what is amiss.

    `whom` gives the people it may be about, those behind the door unless said; `known` fills a form that is opened.
    """
    screen = SCREENS[action]
    whom = whom or (lambda: queries.residents(household.id))
    if request.method == "GET":
        return _page(screen, household, forms.fresh(screen.form, **known).offer(whom()), about)
    form: Any = screen.form().offer(whom())
    if not form.validate():
        return _page(screen, household, form, about), 422
    home = household.public_id
    try:
        act(form.entry(household))
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        db.session.refresh(household)
        return _page(screen, household, form.offer(whom()), about), 422
    return see(f"/households/{home}?done={action}")


def _page(screen: Screen, household: Household, form: forms.MoveForm, about: str) -> str:
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    relations = forms.relation_choices()
    return render_template(
        "register/move.html", screen=screen, household=household, form=form, about=about, relations=relations
    )
