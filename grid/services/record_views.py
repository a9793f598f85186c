"""服务记录: the list with its sums, a new one for a household, one of them."""

from typing import Any

from flask import Blueprint, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.forms import LINE, new_key, tidy
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register.addresses import parse_address, short_address
from grid.register.models import Community, Household
from grid.register.queries import communities, household_at, household_or_404, residents
from grid.services import asked
from grid.services import record_actions as actions
from grid.services import record_queries as queries
from grid.services.models import ServiceRecord
from grid.services.record_forms import RecordForm

bp = Blueprint("service_records", __name__, url_prefix="/service-records")


@bp.get("")
@allowed("administrator", "grid_worker")
def service_records() -> Any:
    household = _household_asked()
    community = None if household else asked.community_asked()
    wanted = _wanted(household, community)
    number = request.args.get("page", 1, int)
    total, households, yuan = queries.sums(me().scope, wanted)
    found = queries.service_records(me().scope, wanted, SIZE, offset(number))
    if household:
        note_reading("open_file", community_id=household.community_id, household_id=household.id)
    return render_template(
        "services/records.html",
        household=household,
        community=community,
        communities=communities(me().scope),
        page=Page(tuple(found), max(1, number), total),
        households=households,
        yuan=yuan,
        wanted=wanted,
        periods=asked.periods(),
        kinds=CODES["service_kind"].choices(),
    )


def _household_asked() -> Household | None:
    wanted = request.values.get("household")
    return household_or_404(me().scope, wanted) if wanted else None


def _wanted(household: Household | None, community: Community | None) -> queries.Wanted:
    kind = request.args.get("kind")
    kind = kind if kind in CODES["service_kind"] else None
    words = tidy(request.args.get("words", ""))[:LINE]
    if household:
        return queries.Wanted(household.community_id, None, kind, words, household.id)
    assert community
    return queries.Wanted(community.id, asked.period(), kind, words)


@bp.get("/new")
@allowed("administrator", "grid_worker")
def new_record() -> Any:
    household = _household_asked()
    if household is None:
        return _door_page()
    return _form_page(household, RecordForm(formdata=None, key=new_key(), on=today()))


def _door_page() -> Any:
    """For whom: an address as everyone types it leads on to the form."""
    community = asked.community_asked()
    typed = tidy(request.args.get("address", ""))[:LINE]
    found = _door(community, typed) if typed else None
    if found:
        return see(f"/service-records/new?household={found.public_id}")
    refused = _("找不到“%(typed)s”这一户，请核对，例如：3-2-501。", typed=typed) if typed else ""
    page = render_template(
        "services/record_door.html",
        community=community,
        communities=communities(me().scope),
        typed=typed,
        refused=refused,
    )
    return page, 422 if refused else 200


def _door(community: Community, typed: str) -> Household | None:
    address = parse_address(typed)
    found = household_at(community.id, short_address(address)) if address else None
    return found if found and me().scope.allows(found.community_id, found.building_id) else None


def _form_page(household: Household, form: RecordForm) -> str:
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    return render_template("services/record_form.html", household=household, form=form.offer(residents(household.id)))


@bp.post("")
@allowed("administrator", "grid_worker")
def record_service() -> Any:
    household, form = _household_asked(), RecordForm()
    if household is None:
        abort(400)
    form.offer(residents(household.id))
    if not form.validate():
        return _form_page(household, form), 422
    try:
        slip = form.slip(request.form.to_dict(flat=False))
        public_id = actions.record_service(me(), household, form.entry(), slip)
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(household, form), 422
    return see(f"/service-records/{public_id}?done=recorded")


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def service_record(public_id: str) -> Any:
    file = queries.record_or_404(me().scope, public_id)
    note_reading("open_file", community_id=file.household.community_id, household_id=file.household.id)
    return render_template("services/record.html", file=file, record=file.record, mine=_is_mine(file.record))


def _is_mine(record: ServiceRecord) -> bool:
    return record.recorded_by == me().id or me().may("administrator")


@bp.post("/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_service(public_id: str) -> Any:
    file = queries.record_or_404(me().scope, public_id)
    if not _is_mine(file.record):
        raise Missing
    actions.withdraw_service(me(), file.record)
    return see(f"/households/{file.household.public_id}?done=withdrawn")
