"""记走访: writing visits down, and taking them back."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.refusals import Missing, Refused
from grid.register import queries as doors
from grid.register.models import Household
from grid.tags.queries import has_access
from grid.visits import actions, album, pictures, queries
from grid.visits.forms import VisitForm
from grid.visits.models import Visit, VisitPhoto
from grid.visits.pictures import Picture
from grid.visits.templates import TEMPLATES

bp = Blueprint("visits", __name__)


@bp.get("/households/<public_id>/visits/new")
@allowed("administrator", "grid_worker")
def new_visit(public_id: str) -> Any:
    household = doors.door_or_404(me().scope, public_id)
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    template = TEMPLATES.get(request.args.get("template", ""))
    form = VisitForm.begun(new_key(), request.args.get("kind", "visit"), template)
    return _page(household, form, template.code if template else "")


@bp.post("/households/<public_id>/visits")
@allowed("administrator", "grid_worker")
def record_visit(public_id: str) -> Any:
    household = doors.door_or_404(me().scope, public_id)
    form = VisitForm()
    if not form.validate():
        return _page(household, form), 422
    try:
        entry = form.entry(_words(public_id, form), _kept(form))
        visit_id = actions.record_visit(me(), household, entry)
    except receipts.AlreadyDone as done:
        visit_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _page(household, form), 422
    answer = see(f"/households/{public_id}?done=visit")
    answer.headers["Receipt-Visit"] = visit_id
    return answer


def _words(public_id: str, form: VisitForm) -> dict[str, Any]:
    """All that was sent, and to which door; a photo stands there by its hash."""
    words = {**request.form.to_dict(flat=False), "household": public_id}
    return {**words, "photos": form.photos.digests} if form.photos.sent else words


def _kept(form: VisitForm) -> tuple[Picture, ...]:
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


def _page(household: doors.Door, form: VisitForm, template: str = "") -> str:
    residents = doors.residents(household.id)
    colleagues = queries.colleagues(household.community_id, me().id, today())
    # An outbox keeps the photos it sent.
    if "Outbox-Key" not in request.headers:
        form.photos.ask_again()
    return render_template(
        "visits/new.html",
        household=household,
        form=form.offer(residents, colleagues),
        residents=residents,
        templates=TEMPLATES.values(),
        template=template,
    )


@bp.get("/visits/<public_id>")
@allowed("administrator", "grid_worker")
def visit(public_id: str) -> Any:
    found, household = queries.visit_or_404(me().scope, public_id)
    photos = queries.photos_of(found.id)
    if "photo" in request.args:
        return _large(found, household, [one.public_id for one in photos], request.args["photo"])
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    if photos:
        note_reading("see_photo", community_id=household.community_id, household_id=household.id)
    return render_template(
        "visits/visit.html",
        visit=found,
        household=household,
        met=queries.people_met(found.id),
        visitor=queries.visitor_of(found),
        along=queries.people_along(found.id),
        photos=[(photo.public_id, _thumbnail(photo)) for photo in photos],
        mine=_is_mine(found),
        may_read=all(has_access(me().id, person_id, now()) for person_id in queries.whose_words(found)),
    )


def _large(visit: Visit, household: Household, photos: list[str], wanted: str) -> str:
    """One photo with the way back and on; that it was seen is noted where the picture itself is given."""
    if wanted not in photos:
        raise Missing
    return render_template("visits/photo.html", visit=visit, household=household, photos=photos, wanted=wanted)


def _thumbnail(photo: VisitPhoto) -> str:
    """Inside the page, so that looking at a visit is one line in the log, not one for each of its photos."""
    jpeg = album.picture(_instance(), photo.sha256)
    return f"data:image/jpeg;base64,{b64encode(pictures.small(jpeg)).decode()}" if jpeg else ""


@bp.get("/visits/<public_id>/photos/<photo_id>")
@allowed("administrator", "grid_worker")
def photo(public_id: str, photo_id: str) -> Any:
    found, household = queries.visit_or_404(me().scope, public_id)
    jpeg = album.picture(_instance(), queries.photo_or_404(found, photo_id).sha256)
    if jpeg is None:
        raise Missing
    note_reading("see_photo", community_id=household.community_id, household_id=household.id)
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/visits/<public_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw_visit(public_id: str) -> Any:
    found, household = queries.visit_or_404(me().scope, public_id)
    if not _is_mine(found):
        raise Missing
    actions.withdraw_visit(me(), found)
    return see(f"/households/{household.public_id}?done=withdrawn")


def _is_mine(visit: Any) -> bool:
    return bool(visit.worker_id == me().id or me().role == "administrator")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
