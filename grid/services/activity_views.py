"""活动: the list, one of them with its photos, recording and completing it."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.register.models import Community
from grid.register.queries import communities
from grid.services import activity_actions as actions
from grid.services import activity_queries as queries
from grid.services import asked
from grid.services.activity_forms import ActivityForm
from grid.services.activity_queries import ActivityFile
from grid.services.models import Activity, ActivityPhoto
from grid.visits import album, pictures
from grid.visits.pictures import Picture

bp = Blueprint("activities", __name__, url_prefix="/activities")


@bp.get("")
@allowed("administrator", "grid_worker")
def activities() -> Any:
    community, number = asked.community_asked(), request.args.get("page", 1, int)
    kind = request.args.get("kind")
    wanted = queries.Wanted(community.id, asked.period(), kind if kind in CODES["activity_kind"] else None)
    total, heads = queries.sums(wanted)
    return render_template(
        "services/activities.html",
        community=community,
        communities=communities(me().scope),
        page=Page(tuple(queries.activities(wanted, SIZE, offset(number))), max(1, number), total),
        heads=heads,
        wanted=wanted,
        periods=asked.periods(),
        kinds=CODES["activity_kind"].choices(),
    )


@bp.get("/new")
@allowed("administrator", "grid_worker")
def new_activity() -> Any:
    kind = request.args.get("kind")
    begun = {"kind": kind if kind in CODES["activity_kind"] else None, "theme": request.args.get("theme")}
    return _form_page(ActivityForm(formdata=None, key=new_key(), **begun), asked.community_asked())


def _form_page(form: ActivityForm, community: Community, file: ActivityFile | None = None) -> str:
    form.photos.ask_again()
    return render_template("services/activity_form.html", form=form, community=community, file=file)


@bp.post("")
@allowed("administrator", "grid_worker")
def record_activity() -> Any:
    community, form = asked.community_asked(), ActivityForm()
    if not form.validate():
        return _form_page(form, community), 422
    try:
        entry, slip = form.entry(_kept(form)), form.slip(request.form.to_dict(flat=False))
        public_id = actions.record_activity(me(), community.id, entry, slip)
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(form, community), 422
    return see(f"/activities/{public_id}?done=saved")


def _kept(form: ActivityForm) -> tuple[Picture, ...]:
    """The photos that were sent, made small and on the disk."""
    if not form.photos.sent:
        return ()
    # That takes seconds: let go of the write lock meanwhile, others are working.
    db.session.rollback()
    made = tuple(pictures.read_picture(name, content) for name, content in form.photos.sent)
    for picture in made:
        album.keep(_instance(), picture)
    return made


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


@bp.get("/<public_id>")
@allowed("administrator", "grid_worker")
def activity(public_id: str) -> Any:
    file = queries.activity_or_404(me().scope, public_id)
    if file.photos:
        note_reading("see_activity_photo", community_id=file.activity.community_id, words=file.activity.title)
    return render_template(
        "services/activity.html",
        file=file,
        activity=file.activity,
        photos=[(photo.public_id, _thumbnail(photo)) for photo in file.photos],
        mine=_is_mine(file.activity),
    )


def _thumbnail(photo: ActivityPhoto) -> str:
    """Inside the page, as the visits' are; "" where the file is gone."""
    jpeg = album.picture(_instance(), photo.sha256)
    return f"data:image/jpeg;base64,{b64encode(pictures.small(jpeg)).decode()}" if jpeg else ""


def _is_mine(activity: Activity) -> bool:
    return activity.recorded_by == me().id or me().may("administrator")


@bp.get("/<public_id>/edit")
@allowed("administrator", "grid_worker")
def change_activity(public_id: str) -> Any:
    file = queries.activity_or_404(me().scope, public_id)
    return _form_page(ActivityForm.of(new_key(), file), file.community, file)


@bp.post("/<public_id>")
@allowed("administrator", "grid_worker")
def edit_activity(public_id: str) -> Any:
    file, form = queries.activity_or_404(me().scope, public_id), ActivityForm()
    if not form.validate():
        return _form_page(form, file.community, file), 422
    try:
        entry, slip = form.entry(_kept(form)), form.slip({**request.form.to_dict(flat=False), "activity": public_id})
        actions.edit_activity(me(), file.activity, entry, form.seen, slip)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        return _refused(form, public_id, refused)
    return see(f"/activities/{public_id}?done=saved")


def _refused(form: ActivityForm, public_id: str, refused: Refused) -> Any:
    form.blame(refused)
    file = queries.activity_or_404(me().scope, public_id)
    if refused.field == "version":
        form.version.data = str(file.activity.version)
    return _form_page(form, file.community, file), 422


@bp.get("/<public_id>/photos/<photo_id>")
@allowed("administrator", "grid_worker")
def photo(public_id: str, photo_id: str) -> Any:
    file = queries.activity_or_404(me().scope, public_id)
    jpeg = album.picture(_instance(), queries.photo_or_404(file, photo_id).sha256)
    if jpeg is None:
        raise Missing
    note_reading("see_activity_photo", community_id=file.activity.community_id, words=file.activity.title)
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/<public_id>/photos/<photo_id>/remove")
@allowed("administrator", "grid_worker")
def remove_photo(public_id: str, photo_id: str) -> Any:
    file = queries.activity_or_404(me().scope, public_id)
    found = queries.photo_or_404(file, photo_id)
    if not _is_mine(file.activity):
        raise Missing
    sha256 = found.sha256
    if actions.remove_photo(me(), found, file.activity.title):
        album.forget(_instance(), [sha256])
    return see(f"/activities/{public_id}?done=removed")


@bp.post("/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_activity(public_id: str) -> Any:
    file = queries.activity_or_404(me().scope, public_id)
    if not _is_mine(file.activity):
        raise Missing
    actions.withdraw_activity(me(), file.activity)
    return see(f"/activities?community={file.community.public_id}&done=withdrawn")
