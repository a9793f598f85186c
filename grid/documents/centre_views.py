"""打印: what can be printed, batches on their way, and the log of everything that was printed."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, make_response, render_template, request, send_file

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.accounts.models import Scope
from grid.atlas import layers, plates
from grid.atlas import queries as atlas
from grid.atlas.spread import SIZES
from grid.core.clock import now, today
from grid.core.forms import new_key
from grid.core.htmx import see, vary, wants_fragment
from grid.core.refusals import Missing, Refused
from grid.core.serving import at_start
from grid.documents import attendant, choosing, files, jobs
from grid.documents.answers import root_url
from grid.documents.forms import MOST_BLANK, BatchForm
from grid.documents.kinds import PAPERS
from grid.documents.models import PrintJob
from grid.documents.progress import jobs_of, print_log, progress
from grid.register.models import Building, Community
from grid.register.queries import blocks, building_or_404, buildings, communities, community_or_404, tags

bp = Blueprint("print_centre", __name__, url_prefix="/print")

# Papers of which one can have many at once.
BATCHES = ("sheet", "elevation", "contacts", "notice")
# Papers of a whole community, printed at once; whole in scope, but for the blank sheet.
WHOLE = ("map", "network", "blank")
PAGES_A_SHEET, SHEETS_A_MINUTE = 1.2, 600
# Files are cut into parts of so many sheets, by what a sheet is of.
PER_PART = {"household": jobs.SHEETS_PER_PART, "building": 10, "community": 1}


def kind_among(kinds: tuple[str, ...]) -> str:
    wanted = request.values.get("kind", BATCHES[0])
    if wanted not in kinds:
        abort(404)
    return wanted


def kinds_for(community: Community) -> tuple[str, ...]:
    """What the reader may print of a community."""
    is_whole = me().may("administrator") and me().scope.allows(community.id)
    return BATCHES + tuple(kind for kind in WHOLE if is_whole or kind == "blank")


def place() -> Community:
    """The community asked for, else the reader's first."""
    wanted = request.values.get("community", "")
    if wanted:
        return community_or_404(me().scope, wanted)
    found = communities(me().scope)
    if not found:
        raise NoPatch
    return found[0]


class NoPatch(Exception):
    """Nothing has been handed out to the reader yet."""


@bp.errorhandler(NoPatch)
def nothing_to_print(_error: NoPatch) -> Any:
    return render_template("documents/no_patch.html")


def offered(form: BatchForm, community: Community) -> BatchForm:
    """Only what lies in the reader's scope: whole blocks, where all of a block does."""
    here = buildings(me().scope, community.id)
    is_whole = me().scope.allows(community.id)
    everything = here if is_whole else buildings(Scope(communities=(community.id,)), community.id)
    beyond = {b.block_id for b in everything if b not in here}
    mine = {b.block_id for b in here} - beyond
    return form.offer([b for b in blocks(community.id) if b.id in mine], here, tags(community.id))


def items_of(form: BatchForm, community: Community) -> list[choosing.Item]:
    choice = form.choice(community.id)
    if PAPERS[form.kind.data].level == "household":
        return choosing.chosen_doors(me().scope, choice, today())
    return choosing.chosen_buildings(me().scope, choice)


@bp.get("")
@allowed("administrator", "grid_worker")
def centre() -> Any:
    community = place()
    kind = kind_among(kinds_for(community))
    if kind in WHOLE:
        return _whole(kind, community)
    form = BatchForm(formdata=None, key=new_key(), kind=kind, community=community.public_id)
    form.which.data = request.args.get("which") if request.args.get("which") in choosing.WHICH else "all"
    return _centre(offered(form, community), community)


def _frame(kind: str, community: Community) -> dict[str, Any]:
    """What stands around the choice of every kind."""
    return {
        "kind": kind,
        "kinds": kinds_for(community),
        "community": community,
        "communities": communities(me().scope),
        "jobs": jobs_of(me().id),
        "may_see_log": me().may("administrator"),
    }


def _whole(kind: str, community: Community) -> Any:
    return render_template(
        "documents/whole.html",
        layers=layers.LAYERS,
        name_of=layers.name,
        sizes=SIZES,
        most_blank=MOST_BLANK,
        **_frame(kind, community),
    )


def _centre(form: BatchForm, community: Community, refused: str = "", status: int = 200) -> Any:
    page = render_template(
        "documents/centre.html",
        form=form,
        refused=refused,
        houses=_by_block(form.houses, community),
        map=_map(community),
        **_frame(form.kind.data, community),
    )
    return page, status


def _by_block(here: Sequence[Building], community: Community) -> list[tuple[Any, list[Building]]]:
    """Blocks with their buildings; those of no block come last."""
    of_blocks = [(block, [b for b in here if b.block_id == block.id]) for block in blocks(community.id)]
    return [pair for pair in [*of_blocks, (None, [b for b in here if b.block_id is None])] if pair[1]]


def _map(community: Community) -> Any:
    """The map to choose by, uncoloured; a street's choice of communities has none."""
    scope = me().scope
    ground = atlas.ground_or_404(scope, community.public_id)
    sums = atlas.sums(scope, ground.id, today(), layers.LAYERS[1])
    return plates.coloured(plates.plate_of(ground, sums), layers.LAYERS[1], scope, ground, sums)


@bp.post("/count")
@allowed("administrator", "grid_worker")
def count() -> Any:
    """How many sheets the choice as it stands would give."""
    kind_among(BATCHES)
    community = place()
    form = offered(BatchForm(), community)
    found = len(items_of(form, community)) if form.validate() else 0
    guess = _guess(found) if form.kind.data == "sheet" and found > 10 else None
    return render_template("documents/_count.html", count=found, is_valid=not form.errors, guess=guess)


def _guess(sheets: int) -> tuple[int, int]:
    """About how many pages, and how many minutes on an office computer."""
    return round(sheets * PAGES_A_SHEET), max(1, round(sheets / SHEETS_A_MINUTE))


@bp.post("/jobs")
@allowed("administrator", "grid_worker")
def order() -> Any:
    kind, community = kind_among(BATCHES), place()
    form = offered(BatchForm(), community)
    if not form.validate():
        return _centre(form, community, status=422)
    entry = jobs.BatchEntry(
        kind,
        community.id,
        items_of(form, community),
        form.options() | {"root": root_url()},
        bool(form.split.data),
        form.words(),
        form.reason.data or "",
        PER_PART[PAPERS[kind].level],
        form.slip(request.form.to_dict(flat=False)),
    )
    try:
        made = jobs.order(me(), entry)
    except receipts.AlreadyDone as done:
        return see(done.answer)
    except Refused as refused:
        form.key.data = new_key()
        return _centre(form, community, refused.sentence, status=422)
    attendant.wake()
    return see(f"/print/jobs/{made.public_id}")


def _mine(public_id: str) -> PrintJob:
    return jobs.own_job_or_404(me(), public_id)


@bp.get("/jobs/<public_id>")
@allowed("administrator", "grid_worker")
def job(public_id: str) -> Any:
    found = _mine(public_id)
    if found.state == "open":
        attendant.wake()
    page = render_template(
        "documents/_job.html" if wants_fragment() else "documents/job.html", progress=progress(found, now()), job=found
    )
    return vary(make_response(page))


@bp.post("/jobs/<public_id>/stop")
@allowed("administrator", "grid_worker")
def stop(public_id: str) -> Any:
    jobs.stop(me(), _mine(public_id))
    return see(f"/print/jobs/{public_id}")


@bp.get("/jobs/<public_id>/pdf")
@allowed("administrator", "grid_worker")
def whole_pdf(public_id: str) -> Any:
    return _file(_mine(public_id), None)


@bp.get("/jobs/<public_id>/buildings/<building>")
@allowed("administrator", "grid_worker")
def building_pdf(public_id: str, building: str) -> Any:
    return _file(_mine(public_id), building_or_404(me().scope, building))


def _file(found: PrintJob, building: Building | None) -> Any:
    if not choosing.lies_within(me().scope, found):
        raise Missing
    number = jobs.number_of(found)
    note_reading("open_print", community_id=found.community_id, words=number)
    name = f"{number}-{building.public_id}.pdf" if building else f"{number}.pdf"
    answer = send_file(
        files.file_of(found, building.id if building else None), mimetype="application/pdf", download_name=name
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/log")
@allowed("administrator")
def log() -> Any:
    number = request.args.get("number", "").strip()[:24]
    wanted = request.args.get("page", "1")
    page = print_log(me().scope.seen_communities, number, int(wanted) if wanted.isdecimal() else 1)
    return render_template("documents/log.html", page=page, number=number, many=len(me().scope.seen_communities) > 1)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    attendant.attend(app)
    at_start(app, attendant.begin)
