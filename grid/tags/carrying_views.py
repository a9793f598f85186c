"""标签 of one person: what they carry, giving, changing and taking off; restricted ones open with a reason."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import now
from grid.core.htmx import see
from grid.core.refusals import Refused
from grid.register.models import Tag
from grid.register.queries import Resident, resident_or_404
from grid.tags import carrying_actions as actions
from grid.tags import carrying_forms as forms
from grid.tags import carrying_queries as queries
from grid.tags.access_actions import ask_access
from grid.tags.access_forms import AskForm
from grid.tags.carrying_queries import Carried
from grid.tags.queries import access_until, has_access

bp = Blueprint("person_tags", __name__, url_prefix="/persons/<public_id>")


@bp.get("/tags")
@allowed("administrator", "grid_worker")
def tags(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    _note(resident)
    carried = queries.carried_by(resident.person.id, me().role)
    to_give = queries.tags_to_give(resident.person.community_id, me().role, carried)
    return render_template("tags/person.html", resident=resident, carried=carried, to_give=to_give)


def _note(resident: Resident, restricted: bool = False) -> None:
    """Every look at what is restricted is written down, without the door: see access_actions.py."""
    about = {"community_id": resident.person.community_id, "person_id": resident.person.id}
    if restricted:
        note_reading("open_restricted", **about)
    else:
        note_reading("open_file", household_id=resident.residency.household_id, **about)


@bp.get("/restricted")
@allowed("administrator", "grid_worker")
def restricted(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    until = access_until(me().id, resident.person.id, now())
    if until is None:
        return _ask(resident, AskForm(formdata=None))
    _note(resident, restricted=True)
    carried = queries.carried_by(resident.person.id, me().role, restricted=True)
    page = render_template(
        "tags/restricted.html",
        resident=resident,
        carried=carried,
        to_give=queries.tags_to_give(resident.person.community_id, me().role, carried, restricted=True),
        talks=queries.talks_with(resident.person.id) if carried else (),
        until=until,
    )
    return page, 200, {"Cache-Control": "no-store"}


def _ask(resident: Resident, form: AskForm) -> str:
    return render_template("tags/ask.html", resident=resident, form=form)


@bp.post("/restricted")
@allowed("administrator", "grid_worker")
def open_restricted(public_id: str) -> Any:
    resident, form = resident_or_404(me().scope, public_id), AskForm()
    if not form.validate():
        return _ask(resident, form), 422
    ask_access(me(), resident.person.community_id, form.said, now(), resident.person.id)
    return see(f"/persons/{public_id}/restricted")


class Closed(Exception):
    """What is restricted needs a reason first, or once more."""


@bp.errorhandler(Closed)
def ask_again(_error: Closed) -> Any:
    return see(f"/persons/{(request.view_args or {})['public_id']}/restricted")


def _open(resident: Resident, tag: Tag) -> None:
    """Whoever looks at a restricted tag has said why within the half hour, or is asked."""
    if tag.restricted and not has_access(me().id, resident.person.id, now()):
        raise Closed
    _note(resident, tag.restricted)


def _list(public_id: str, tag: Tag, done: str) -> Any:
    return see(f"/persons/{public_id}/{'restricted' if tag.restricted else 'tags'}?done={done}")


@bp.get("/tags/new")
@allowed("administrator", "grid_worker")
def new_tag(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    if not request.args.get("tag"):
        return see(f"/persons/{public_id}/tags")
    tag = queries.tag_to_give_or_404(resident.person.community_id, request.args["tag"], me().role)
    _open(resident, tag)
    return _form(resident, tag, forms.give_form(tag))


def _form(resident: Resident, tag: Tag, form: forms.CarryForm, carried: Carried | None = None, **more: Any) -> str:
    given = {"resident": resident, "tag": tag, "form": form, "carried": carried, "off": forms.take_off_form()}
    return render_template("tags/carry.html", **given | more)


@bp.post("/tags")
@allowed("administrator", "grid_worker")
def give_tag(public_id: str) -> Any:
    resident = resident_or_404(me().scope, public_id)
    if not request.form.get("tag"):
        return tags(public_id), 422
    tag = queries.tag_to_give_or_404(resident.person.community_id, request.form["tag"], me().role)
    _open(resident, tag)
    form = forms.form_for(tag)()
    if not form.validate():
        return _form(resident, tag, form), 422
    try:
        slip = form.slip({**request.form.to_dict(flat=False), "person": public_id})
        actions.give_tag(me(), resident, tag, form.entry(), slip)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _form(resident_or_404(me().scope, public_id), tag, form), 422
    return _list(public_id, tag, "given")


def _carried(public_id: str, carried_id: str) -> tuple[Resident, Carried]:
    resident = resident_or_404(me().scope, public_id)
    carried = queries.carried_or_404(resident.person.id, carried_id, me().role)
    _open(resident, carried.tag)
    return resident, carried


@bp.get("/tags/<carried_id>")
@allowed("administrator", "grid_worker")
def edit_tag(public_id: str, carried_id: str) -> Any:
    resident, carried = _carried(public_id, carried_id)
    return _form(resident, carried.tag, forms.edit_form(carried.tag, carried.carrying), carried)


@bp.post("/tags/<carried_id>")
@allowed("administrator", "grid_worker")
def save_tag(public_id: str, carried_id: str) -> Any:
    resident, carried = _carried(public_id, carried_id)
    form = forms.form_for(carried.tag)()
    if not form.validate():
        return _form(resident, carried.tag, form, carried), 422
    try:
        actions.edit_tag(me(), resident, carried, form.entry(), form.mark.data or "")
    except Refused as refused:
        form.blame(refused)
        resident, carried = _carried(public_id, carried_id)
        return _form(resident, carried.tag, form, carried), 422
    return _list(public_id, carried.tag, "saved")


@bp.post("/tags/<carried_id>/take-off")
@allowed("administrator", "grid_worker")
def take_off(public_id: str, carried_id: str) -> Any:
    resident, carried = _carried(public_id, carried_id)
    off, tag = forms.TakeOffForm(), carried.tag
    until = off.until.data if off.validate() else None
    if until is None:
        return _form(resident, tag, forms.edit_form(tag, carried.carrying), carried, off=off), 422
    try:
        actions.take_tag_off(me(), resident, carried, until)
    except Refused as refused:
        off.blame(refused)
        resident, carried = _carried(public_id, carried_id)
        return _form(resident, tag, forms.edit_form(tag, carried.carrying), carried, off=off), 422
    return _list(public_id, tag, "taken_off")
