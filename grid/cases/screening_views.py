"""每周排查: a week at a time, block by block."""

from typing import Any

from flask import Blueprint, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.cases import screening_queries as queries
from grid.cases.models import Screening
from grid.cases.screening_actions import record_screening, withdraw_screening
from grid.cases.screening_forms import ScreeningForm
from grid.core.clock import today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.periods import Period, period_of, read_period
from grid.core.refusals import Refused
from grid.register.models import Block, Community
from grid.register.queries import communities, community_id_or_404

bp = Blueprint("screenings", __name__)


def _week() -> Period:
    """The week asked for, else this one."""
    found = read_period(request.values.get("week"))
    return found if found and found.kind == "week" else period_of("week", today())


@bp.get("/screenings")
@allowed("administrator", "grid_worker")
def screenings() -> Any:
    return _page(_community())


def _community() -> Community:
    return db.session.get_one(Community, community_id_or_404(me().scope, request.values.get("community", "")))


def _page(community: Community, refused: Refused | None = None) -> str:
    week = _week()
    return render_template(
        "cases/screenings.html",
        community=community,
        communities=communities(me().scope),
        week=week,
        is_whole=me().scope.allows(community.id),
        lines=queries.lines_of(me().scope, community, week, today()),
        missing=queries.missing_weeks(me().scope, community.id, today()),
        new_key=new_key,
        refused=refused,
        today=today(),
    )


@bp.get("/screenings/new")
@allowed("administrator", "grid_worker")
def new_screening() -> Any:
    of = _of()
    return _form_page(*of, ScreeningForm(formdata=None, key=new_key())) if of else see("/screenings")


def _of() -> tuple[Community, Block | None] | None:
    """The block that is asked for, or a whole community; None where the reader has only a part of that."""
    if request.values.get("block"):
        block = queries.block_or_404(me().scope, request.values["block"])
        return db.session.get_one(Community, block.community_id), block
    community = _community()
    return (community, None) if me().scope.allows(community.id) else None


def _form_page(community: Community, block: Block | None, form: ScreeningForm) -> str:
    return render_template("cases/new_screening.html", community=community, block=block, week=_week(), form=form)


@bp.post("/screenings")
@allowed("administrator", "grid_worker")
def record() -> Any:
    of = _of()
    if of is None:
        abort(400)
    (community, block), form, week = of, ScreeningForm(), _week()
    if not form.validate():
        return _form_page(community, block, form), 422
    entry = form.entry(request.form.to_dict(flat=False), community.id, block.id if block else None, week)
    try:
        public_id = record_screening(me(), entry).public_id
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        if form.is_zero.data:
            return _page(community, refused), 422
        form.blame(refused)
        return _form_page(community, block, form), 422
    if form.is_zero.data:
        return see(f"/screenings?community={community.public_id}&week={week.key}&done=zero")
    return see(f"/screenings/{public_id}?done=found")


@bp.get("/screenings/<public_id>")
@allowed("administrator", "grid_worker")
def screening(public_id: str) -> Any:
    held = queries.screening_or_404(me().scope, public_id)
    return render_template(
        "cases/screening.html",
        screening=held,
        block=db.session.get(Block, held.block_id) if held.block_id else None,
        by=queries.name_of(held),
        cases=queries.cases_of(me().scope, me().id, held),
        may_withdraw=me().may("administrator"),
        week=period_of("week", held.week_on),
    )


@bp.post("/screenings/<public_id>/withdraw")
@allowed("administrator")
def withdraw(public_id: str) -> Any:
    held: Screening = queries.screening_or_404(me().scope, public_id)
    week = period_of("week", held.week_on)
    withdraw_screening(me(), held)
    return see(f"/screenings?week={week.key}&done=withdrawn")
