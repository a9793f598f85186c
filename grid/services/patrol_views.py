"""巡逻: the month night by night, recording one, and the rota."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me
from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import local, now, today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.periods import period_of, read_period
from grid.core.refusals import Missing, Refused
from grid.register.models import Community
from grid.register.queries import buildings
from grid.services import patrol_actions, patrol_queries, shift_actions, team_queries
from grid.services.asked import community_asked, frame, managed_community, manages
from grid.services.models import Patrol, Shift
from grid.services.patrol_forms import WEEKDAYS, PatrolForm, ShiftsForm
from grid.services.queries import row_to_change, row_to_read

bp = Blueprint("patrols", __name__)
# So much of the rota is shown, and proposed for planning.
ROTA = timedelta(days=28)


@bp.get("/patrols")
@allowed("administrator", "grid_worker")
def patrols() -> Any:
    community, day = community_asked(), today()
    asked = read_period(request.args.get("month"))
    month = asked if asked and asked.kind == "month" else period_of("month", day)
    nights = patrol_queries.nights(community.id, month)
    states = [night.state(day) for night in nights]
    return render_template(
        "services/patrols.html",
        month=month,
        nights=nights,
        today=day,
        weekdays=WEEKDAYS,
        blanks=month.start.weekday(),
        sums={
            "walked": states.count("walked"),
            "missing": states.count("missing"),
            "findings": sum(patrol.findings for night in nights for patrol in night.patrols),
        },
        **frame(community),
    )


@bp.get("/patrols/new")
@allowed("administrator", "grid_worker")
def new_patrol() -> Any:
    shift = _shift(request.args.get("shift"))
    community = _community(shift)
    form = PatrolForm(formdata=None, key=new_key(), **(_of_shift(shift) if shift else _of_now()))
    return _patrol_page(community, _offered(form, community), shift)


def _shift(public_id: str | None) -> Shift | None:
    return row_to_read(me().scope, Shift, public_id) if public_id else None


def _community(shift: Shift | None) -> Community:
    return db.session.get_one(Community, shift.community_id) if shift else community_asked()


def _of_now() -> dict[str, Any]:
    """A patrol of the last hour, or of an evening that was forgotten."""
    at, forgotten = local(now()), _day(request.args.get("on", ""))
    if forgotten and forgotten < at.date():
        return {"on": forgotten, "starts": "19:00", "ends": "21:00"}
    return {"on": at.date(), "starts": f"{max(0, at.hour - 1):02d}:00", "ends": f"{at.hour:02d}:{at.minute:02d}"}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _of_shift(shift: Shift) -> dict[str, Any]:
    who = shift.who or ""
    return {
        "on": shift.on,
        "starts": shift.starts,
        "ends": shift.ends,
        "who": who,
        "headcount": len(who.split("、")) if who else None,
        "team": _public_id(team_queries.teams(shift.community_id), shift.team_id),
        "route": _public_id(patrol_queries.routes(shift.community_id), shift.route_id),
    }


def _public_id(rows: list[Any], row_id: int | None) -> str | None:
    return next((row.public_id for row in rows if row.id == row_id), None)


def _offered(form: PatrolForm, community: Community) -> PatrolForm:
    houses = buildings(me().scope, community.id)
    return form.offer(team_queries.teams(community.id), patrol_queries.routes(community.id), houses)


def _patrol_page(community: Community, form: PatrolForm, shift: Shift | None) -> str:
    return render_template("services/patrol_new.html", form=form, shift=shift, **frame(community))


@bp.post("/patrols")
@allowed("administrator", "grid_worker")
def record_patrol() -> Any:
    shift = _shift(request.form.get("shift"))
    community = _community(shift)
    form = _offered(PatrolForm(), community)
    if not form.validate():
        return _patrol_page(community, form, shift), 422
    slip = Slip(form.key.data, fingerprint(request.form.to_dict(flat=False)))
    try:
        public_id = patrol_actions.record_patrol(me(), community.id, form.entry(shift), slip)
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        _blame(form, refused)
        shift = _shift(request.form.get("shift"))
        return _patrol_page(_community(shift), form, shift), 422
    return see(f"/patrols/{public_id}?done=recorded")


def _blame(form: PatrolForm, refused: Refused) -> None:
    """A case that can't be opened so is the fault of the findings."""
    if refused.field == "due_on":
        wrong = next(f for f in form.findings if f.form.is_case.data and f.form.due_on.data)
        wrong.form.due_on.errors = [refused.sentence]
        form.findings.errors = [refused.sentence]
        return
    form.blame(refused)


@bp.get("/patrols/<public_id>")
@allowed("administrator", "grid_worker")
def patrol(public_id: str) -> Any:
    file = patrol_queries.patrol_or_404(me().scope, public_id)
    return render_template(
        "services/patrol.html",
        file=file,
        patrol=file.patrol,
        findings=patrol_queries.findings_of(me().scope, file.patrol),
        may_withdraw=_may_withdraw(file.patrol),
    )


def _may_withdraw(found: Patrol) -> bool:
    return found.recorded_by == me().id or manages(found.community_id)


@bp.post("/patrols/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_patrol(public_id: str) -> Any:
    found = row_to_read(me().scope, Patrol, public_id)
    if not _may_withdraw(found):
        raise Missing
    patrol_actions.withdraw_patrol(me(), found)
    return see("/patrols?done=withdrawn")


@bp.get("/shifts")
@allowed("administrator", "grid_worker")
def shifts() -> Any:
    day = today()
    form = ShiftsForm(
        formdata=None, key=new_key(), from_on=day, to_on=day + ROTA - timedelta(days=1), starts="19:00", ends="21:00"
    )
    return _rota_page(community_asked(), form)


def _rota_page(community: Community, form: ShiftsForm) -> str:
    day = today()
    form.offer(team_queries.teams(community.id), patrol_queries.routes(community.id))
    return render_template(
        "services/shifts.html",
        form=form,
        days=_by_day(patrol_queries.shifts(community.id, day, day + ROTA)),
        today=day,
        weekdays=WEEKDAYS,
        **frame(community),
    )


def _by_day(turns: Any) -> list[tuple[Any, list[Any]]]:
    days = dict.fromkeys(turn.on for turn in turns)
    return [(day, [turn for turn in turns if turn.on == day]) for day in days]


@bp.post("/shifts")
@allowed("administrator")
def plan_shifts() -> Any:
    community = managed_community()
    form = ShiftsForm().offer(team_queries.teams(community.id), patrol_queries.routes(community.id))
    if not form.validate():
        return _rota_page(community, form), 422
    slip = Slip(form.key.data, fingerprint(request.form.to_dict(flat=False)))
    try:
        n = str(shift_actions.plan_shifts(me(), form.entry(), slip))
    except receipts.AlreadyDone as done:
        n = done.answer
    except Refused as refused:
        form.blame(refused)
        return _rota_page(managed_community(), form), 422
    return see(f"/shifts?community={community.public_id}&done=planned&n={n}")


@bp.post("/shifts/<public_id>/remove")
@allowed("administrator")
def remove_shift(public_id: str) -> Any:
    shift = row_to_change(me().scope, Shift, public_id)
    community = db.session.get_one(Community, shift.community_id).public_id
    try:
        shift_actions.remove_shift(me(), shift)
    except Refused:
        return see(f"/shifts?community={community}&done=walked")
    return see(f"/shifts?community={community}&done=removed")
