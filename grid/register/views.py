"""Editing doors and people, moving in and out, the register list and the finder."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Flask, make_response, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading, only_reads
from grid.accounts.receipts import fingerprint
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.forms import clean, new_key
from grid.core.htmx import see, vary, wants_fragment
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing, Refused
from grid.core.templating import part
from grid.register import actions, duplicate_views, finding, forms, move_views, queries, undo_views, words
from grid.register.actions import Clash
from grid.register.id_numbers import IdNumber
from grid.register.models import Block, Community, Household
from grid.register.readings import query_key

bp = Blueprint("register", __name__)


@bp.get("/households/<public_id>/edit")
@allowed("administrator", "grid_worker")
def edit_household(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    note_reading("open_file", community_id=household.community_id, household_id=household.id)
    form = forms.household_form(household, new_key())
    return render_template("register/household.html", household=household, form=form)


@bp.post("/households/<public_id>")
@allowed("administrator", "grid_worker")
def save_household(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    form = forms.HouseholdForm()
    if not form.validate():
        return render_template("register/household.html", household=household, form=form), 422
    try:
        slip = _slip(form, "household", public_id)
        version = actions.edit_household(me(), household, form.entry(), form.version.data, slip)
    except receipts.AlreadyDone as done:
        version = done.answer
    except Refused as refused:
        form.blame(refused)
        return render_template("register/household.html", household=household, form=form), 422
    except Clash as clash:
        note_reading("open_file", community_id=household.community_id, household_id=household.id)
        return _clash_page(clash, f"/households/{public_id}", "household", form, household.code)
    return _saved(f"/households/{public_id}?done=saved", version)


def _saved(url: str, version: str) -> Any:
    """An outbox is told the version its edit made: what the same person typed on top of it is no clash."""
    answer = see(url)
    answer.headers["Receipt-Version"] = version
    return answer


def _slip(form: Any, kind: str, public_id: str) -> receipts.Slip:
    """The words as sent, and to which row: a key sent elsewhere is not a repeat."""
    return receipts.Slip(form.key.data, fingerprint({**request.form.to_dict(flat=False), kind: public_id}))


@bp.get("/people/<public_id>/edit")
@allowed("administrator", "grid_worker")
def edit_person(public_id: str) -> Any:
    resident = queries.resident_or_404(me().scope, public_id)
    about = _about(resident)
    note_reading("open_file", **about)
    tags = queries.tags(resident.person.community_id)
    carried = [tag.tag_id for tag in queries.tags_of(resident.person.id)]
    form = forms.person_form(resident, new_key(), tags, carried)
    return render_template("register/person.html", resident=resident, form=form)


def _about(resident: queries.Resident) -> dict[str, int]:
    residency = resident.residency
    return {
        "community_id": residency.community_id,
        "household_id": residency.household_id,
        "person_id": residency.person_id,
    }


@bp.post("/people/<public_id>")
@allowed("administrator", "grid_worker")
def save_person(public_id: str) -> Any:
    resident = queries.resident_or_404(me().scope, public_id)
    form = forms.PersonForm().offer(queries.tags(resident.person.community_id))
    if not form.validate():
        return render_template("register/person.html", resident=resident, form=form), 422
    entry = form.entry(resident.person)
    home = resident.residency.household.public_id
    try:
        slip = _slip(form, "person", public_id)
        version = actions.edit_person(me(), resident, entry, form.version.data, slip, form.tags.data, today())
    except receipts.AlreadyDone as done:
        version = done.answer
    except Clash as clash:
        note_reading("open_file", **_about(resident))
        person = queries.resident_or_404(me().scope, public_id).person
        carried = {str(tag.tag_id) for tag in queries.tags_of(person.id)}
        saved = [choice.label for choice in form.tags.choices if choice.value in carried]
        return _clash_page(clash, f"/people/{public_id}", "person", form, person.name, saved)
    except Refused as refused:
        form.blame(refused)
        resident = queries.resident_or_404(me().scope, public_id)
        return render_template("register/person.html", resident=resident, form=form), 422
    doubt = "&doubt=id" if form.id_no.data and _is_doubtful(form.id_no.data) else ""
    return _saved(f"/households/{home}?done=saved&who={public_id}{doubt}", version)


def _is_doubtful(id_no: str) -> bool:
    read = IdNumber.read(id_no)
    return read is not None and bool(read.warnings)


def _clash_page(clash: Clash, action: str, table: str, form: Any, title: str, saved_tags: Sequence[str] = ()) -> Any:
    """Field by field: what they saved, what was typed here; everything else goes along unchanged."""
    body = render_template(
        "register/clash.html",
        clash=clash,
        key=new_key(),
        action=action,
        table=table,
        form=form,
        title=title,
        sides=[_side(clash, name) for name in clash.fields],
        rest=[(k, "" if k == "id_no" else v) for k, v in forms.as_sent(clash.yours).items() if k not in clash.fields],
        saved_tags=saved_tags,
    )
    return body, 409


class Side(NamedTuple):
    """A field with what it was, what they saved, what was typed here, and how the choice is sent."""

    name: str
    was: Any
    theirs: Any
    yours: Any
    sent_as: str
    theirs_sent: str
    yours_sent: str
    propose_yours: bool


def _side(clash: Clash, name: str) -> Side:
    was, theirs, yours = clash.base[name], clash.theirs[name], clash.yours[name]
    sent = forms.as_sent({"theirs": theirs, "yours": yours})
    sent_as = name
    if name == "id_no":
        # A stored ID number never goes into a page: an empty field keeps it, a tick takes it away.
        sent["theirs"] = ""
        if yours is None:
            sent_as, sent["yours"] = "remove_id_no", "y"
    return Side(name, was, theirs, yours, sent_as, sent["theirs"], sent["yours"], was != yours)


@bp.route("/people/<public_id>/id", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def reveal_id(public_id: str) -> Any:
    """The whole ID number, once, for a reason that is written down with who asked."""
    resident = queries.resident_or_404(me().scope, public_id)
    form = forms.RevealForm()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        note_reading("open_file", **_about(resident))
        return render_template("register/reveal.html", resident=resident, form=form, number=None), status
    note_reading("reveal_id", **_about(resident), words=form.reason.data)
    answer = render_template("register/reveal.html", resident=resident, form=form, number=resident.person.id_no)
    return answer, 200, {"Cache-Control": "no-store"}


@bp.route("/households/<public_id>/move-in", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def move_in(public_id: str) -> Any:
    household = queries.household_or_404(me().scope, public_id)
    if request.method == "GET":
        return _move_in_page(household, forms.move_in_form(today(), new_key()))
    form = forms.MoveInForm()
    if not form.validate():
        return _move_in_page(household, form), 422
    try:
        who = actions.move_in(me(), household, form.entry({**request.form.to_dict(flat=False), "household": public_id}))
    except receipts.AlreadyDone as done:
        who = done.answer
    except Refused as refused:
        form.blame(refused)
        # The tick is offered again only where it helps.
        form.move_here.data = form.move_here.data and refused.field == "move_here"
        db.session.refresh(household)
        return _move_in_page(household, form), 422
    doubt = "&doubt=id" if form.id_no.data and _is_doubtful(form.id_no.data) else ""
    return see(f"/households/{public_id}?done=moved_in&who={who}{doubt}")


def _move_in_page(household: Household, form: forms.MoveInForm) -> str:
    return render_template("register/move_in.html", household=household, form=form)


@bp.route("/people/<public_id>/move-out", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def move_out(public_id: str) -> Any:
    resident = queries.resident_or_404(me().scope, public_id)
    if request.method == "GET":
        return _move_out_page(resident, forms.move_out_form(today()))
    form = forms.MoveOutForm()
    home = resident.residency.household.public_id
    if not form.validate():
        return _move_out_page(resident, form), 422
    try:
        actions.move_out(me(), resident, form.entry())
    except Refused as refused:
        form[refused.field].errors = [refused.sentence]
        return _move_out_page(queries.resident_or_404(me().scope, public_id), form), 422
    return see(f"/households/{home}?done=moved_out")


def _move_out_page(resident: queries.Resident, form: forms.MoveOutForm) -> str:
    here = queries.residents(resident.residency.household_id)
    is_last = all(one.person is resident.person for one in here)
    return render_template("register/move_out.html", resident=resident, form=form, is_last=is_last)


@bp.get("/households")
@allowed("administrator", "grid_worker")
def households() -> Any:
    community = _community_asked(request.args.get("community"))
    scope = me().scope
    wanted = _wanted(community, request.args)
    number = request.args.get("page", 1, int)
    total = queries.count_households(scope, wanted)
    found = queries.households(scope, wanted, SIZE, offset(number))
    return render_template(
        "register/households.html",
        community=community,
        communities=queries.communities(scope),
        blocks=_blocks_seen(community.id),
        buildings=queries.buildings(scope, community.id),
        page=Page(tuple(found), max(1, number), total),
        asked=request.args,
        today=today(),
        occupancies=CODES["occupancy"].choices(),
        uses=CODES["use"].choices(),
    )


def _blocks_seen(community_id: int) -> list[Block]:
    """Those with a building in scope; whoever has the whole community sees the empty ones too."""
    scope, found = me().scope, queries.blocks(community_id)
    if scope.allows(community_id):
        return found
    seen = {building.block_id for building in queries.buildings(scope, community_id)}
    return [block for block in found if block.id in seen]


def _wanted(community: Community, asked: Mapping[str, str]) -> queries.RegisterFilter:
    scope = me().scope
    building = queries.building_or_404(scope, asked["building"]) if asked.get("building") else None
    block = next((b for b in _blocks_seen(community.id) if b.public_id == asked.get("block")), None)
    days = asked.get("unvisited", "")
    return queries.RegisterFilter(
        community_id=community.id,
        block_id=block.id if block else None,
        building_id=building.id if building else None,
        occupancy=asked.get("occupancy") or None,
        use=asked.get("use") or None,
        not_visited_since=_days_before(today(), days),
    )


def _days_before(day: date, days: str) -> date | None:
    return day - timedelta(days=int(days)) if days.isdecimal() and len(days) < 5 else None


def _community_asked(public_id: str | None) -> Community:
    """The one asked for, else the reader's first."""
    if public_id:
        return queries.community_or_404(me().scope, public_id)
    found = queries.communities(me().scope)
    if not found:
        raise Missing
    return found[0]


@bp.route("/find", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
@only_reads
def find() -> Any:
    """The finder. Words travel by POST only: a name or number must not stand in an address or a log."""
    given = request.form if request.method == "POST" else request.args
    asked = clean(request.form.get("words", ""))
    if len(asked) > forms.LONGEST_WORDS:
        asked = ""
    scope, community_id = me().scope, queries.community_id_or_404(me().scope, given.get("community", ""))
    hits = finding.find(scope, community_id, asked) if asked else []
    if hits and _is_number(asked):
        # Whose number it is is told by the answer; the number itself stands in no log.
        note_reading("find_by_number", community_id=community_id)
    context: dict[str, Any] = {"words": asked, "hits": hits, "most": finding.MOST}
    # The part is asked for with every letter typed: it needs neither the form nor the list of communities.
    if wants_fragment():
        return vary(make_response(part("register/_found.html", **context)))
    found = queries.communities(scope)
    context |= {"communities": found, "community": next(c for c in found if c.id == community_id)}
    return vary(make_response(render_template("register/find.html", form=forms.FinderForm(), **context)))


def _is_number(words: str) -> bool:
    """A whole phone or ID number, rather than the last digits of one."""
    asked = query_key(words)
    return len(asked) >= 7 and bool(finding.hashed_for(asked))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    duplicate_views.register(app)
    app.register_blueprint(move_views.bp)
    app.register_blueprint(undo_views.bp)
    app.jinja_env.globals.update(show_value=words.show_value, column_label=words.column_label)
