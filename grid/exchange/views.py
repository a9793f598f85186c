"""导入: files in, a preview of every row, then all of it in one step or nothing."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, make_response, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.htmx import see, vary, wants_fragment
from grid.core.i18n import gettext as _
from grid.core.paging import FURTHEST
from grid.core.refusals import Missing
from grid.exchange import actions, archive_views, background, beginning, export_views, learning_views, undo_views
from grid.exchange.cells import storable
from grid.exchange.forms import ImportForm
from grid.exchange.long_work import altered_words, moved_words
from grid.exchange.own_uploads import mine, upload_or_404, uploads
from grid.exchange.planning import Order, as_allowed, plan_files
from grid.exchange.previewing import MOST_WHOLE, asked_for, preview_of, progress_of
from grid.exchange.uploads import Altered, Upload, Uploads
from grid.exchange.workbooks import Unreadable
from grid.register.queries import community_named
from grid.register.undo_views import undo_token

bp = Blueprint("exchange", __name__, url_prefix="/imports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@allowed("administrator")
def begin() -> Any:
    uploads().sweep()
    return _page(_form())


@bp.post("")
@allowed("administrator")
def upload() -> Any:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        order = _order(form)
        kept = uploads().begin(me().id, order)
        beginning.plan(uploads(), kept, order)
    except Unreadable as reason:
        form.files.errors = [str(reason)]
        return _page(form), 422
    return see(f"/imports/{kept.token}")


@bp.get("/<token>")
@allowed("administrator")
def preview(token: str) -> Any:
    found = upload_or_404(token)
    if background.is_running(uploads().folder, token):
        return vary(make_response(_progress(found)))
    if wants_fragment():
        # It has come to an end: the page is another one now.
        return see(f"/imports/{token}")
    # Whatever ended on the way is read once more: the process may have ended between the two looks.
    return _preview(_settled(upload_or_404(token)))


def _progress(found: Upload) -> str:
    page = "exchange/_progress.html" if wants_fragment() else "exchange/progress.html"
    return render_template(page, upload=found, progress=progress_of(uploads().folder, found.token))


@bp.post("/<token>/choose")
@allowed("administrator")
def choose(token: str) -> Any:
    """Which of the rows that were shown go in, and what was answered."""
    found, form = _at_rest(token), request.form
    if found is None:
        return see(f"/imports/{token}")
    shown = set(form.getlist("shown"))
    wanted = {"all": shown, "none": set[str]()}.get(form.get("set", ""), set(form.getlist("wanted")))
    answers = dict(zip(form.getlist("asked"), form.getlist("answer"), strict=False))
    chosen = uploads().choose(found, shown, wanted, answers)
    try:
        beginning.plan(uploads(), chosen, uploads().order(chosen))
    except Altered:
        return _preview(found, altered_words()), 409
    except Unreadable as reason:
        return _preview(found, str(reason)), 422
    return see(asked_for(found).address(token))


@bp.post("/<token>/apply")
@allowed("administrator")
def apply(token: str) -> Any:
    found = _at_rest(token)
    if found is None or not found.is_planned:
        return see(f"/imports/{token}")
    if background.is_long(found):
        beginning.start(uploads(), found, background.APPLY)
        return see(f"/imports/{token}")
    try:
        with uploads().alone(found):
            _apply_once(token, found.owner_id)
    except Altered:
        return _preview(found, altered_words()), 409
    except Unreadable as reason:
        return _preview(found, str(reason)), 422
    except actions.Moved as moved:
        return _preview(uploads().planned(found, moved.plan), moved_words()), 409
    return see(f"/imports/{token}")


def _apply_once(token: str, owner_id: int) -> None:
    """Whoever waited for another press of the same button finds it done."""
    found = uploads().find(token, owner_id)
    if found is None:
        raise Altered
    if not found.is_applied:
        plan = actions.apply_files(me(), as_allowed(uploads().order(found), me().id), today(), expected=found.digest)
        uploads().close(found, plan.entry_id)


@bp.post("/<token>/stop")
@allowed("administrator")
def stop(token: str) -> Any:
    found = upload_or_404(token)
    if background.stop(uploads().folder, token):
        found = _settled(found)
        background.done(uploads().folder, token)
        if not found.is_applied:
            uploads().fail(found, _("已停下，什么也没有写入。"))
    return see(f"/imports/{token}")


def _at_rest(token: str) -> Upload | None:
    """An upload that is neither written nor being worked at."""
    found = upload_or_404(token)
    if background.is_running(uploads().folder, token):
        return None
    found = _settled(found)
    return None if found.is_applied else found


def _settled(found: Upload) -> Upload:
    """What became of an upload: whatever ended on the way, it may have been written just before."""
    if found.is_applied:
        return found
    was_cut_off = background.state(uploads().folder, found.token) is not None
    entry_id = actions.written_by(found.token, was_cut_off)
    if entry_id:
        uploads().close(found, entry_id)
    return upload_or_404(found.token)


@bp.post("/<token>/again")
@allowed("administrator")
def again(token: str) -> Any:
    """Plan once more what was interrupted."""
    found = _at_rest(token)
    if found:
        beginning.start(uploads(), found, background.PLAN)
    return see(f"/imports/{token}")


@bp.post("/<token>/discard")
@allowed("administrator")
def discard(token: str) -> Any:
    found = upload_or_404(token)
    if background.stop(uploads().folder, token) and _settled(found).is_applied:
        return see(f"/imports/{token}")
    uploads().discard(found)
    return see("/imports")


@bp.get("/<token>/marked/<int:number>")
@allowed("administrator")
def marked(token: str, number: int) -> Any:
    """The file as it came, with the cells marked that something is to be said of."""
    from grid.exchange.hand_back import MarkedRows, marked_workbook  # openpyxl is slow to import.

    found = upload_or_404(token)
    if not 0 <= number < len(found.names) or found.is_applied or not found.is_planned or found.kind == "map":
        raise Missing
    try:
        name, content = uploads().file(found, number)
    except Altered:
        raise Missing from None
    sheets = [sheet for sheet in found.sheets if sheet.file == name]
    lines = [line for tab in found.counts if tab != "odd" for line in uploads().lines(found, tab) if line.file == name]
    answer = make_response(marked_workbook(name, content, MarkedRows(sheets, lines), found.rows > MOST_WHOLE))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="marked-{number + 1}.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form() -> ImportForm:
    # A link may say what and where to; what is sent wins.
    form = ImportForm(kind=request.args.get("kind", "residents"), community=request.args.get("community"))
    form.offer(mine())
    return form


def _page(form: ImportForm) -> str:
    return render_template("exchange/imports.html", form=form, recent=undo_views.recent())


def _order(form: ImportForm) -> Order:
    chosen = {one.public_id: one for one in mine()}.get(form.community.data or "")
    name = chosen.name if chosen else form.new_community.data
    if chosen is None and name and community_named(name):
        raise Unreadable(_("不能用“%(name)s”这个社区名称，请换一个，或从列表里选。", name=name))
    files = tuple((_bare(file.filename), file.read()) for file in form.files.data)
    if len({name for name, _content in files}) < len(files):
        raise Unreadable(_("有两个文件同名，请改一个名字，才分得清哪一行在哪个文件里。"))
    order = Order(form.kind.data, files, name, form.credit.data, chosen.id if chosen else None, is_new=chosen is None)
    return order if name else _named_by_map(order)


def _bare(filename: str) -> str:
    return storable(filename).replace("\\", "/").rsplit("/", 1)[-1][:120]


def _named_by_map(order: Order) -> Order:
    """A map that tells the name of its community begins that one, never one that is there already."""
    return replace(order, community=plan_files(order, today()).community)


def _preview(found: Upload, trouble: str = "") -> str:
    was_interrupted = background.state(uploads().folder, found.token) is not None and not found.is_applied
    interrupted = _("中途断了（也许电脑重启过），什么也没有写入。请再试一次。") if was_interrupted else ""
    trouble = trouble or interrupted or found.trouble
    if not found.is_planned:
        return render_template("exchange/waiting.html", upload=found, trouble=trouble)
    number = min(max(1, request.args.get("page", 1, type=int)), FURTHEST)
    shown = preview_of(uploads(), found, asked_for(found), number)
    undo = undo_token(found.entry_id) if found.entry_id else ""
    return render_template(
        "exchange/preview.html", upload=found, shown=shown, trouble=trouble, undo=undo, most_whole=MOST_WHOLE
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(undo_views.bp)
    app.register_blueprint(learning_views.bp)
    archive_views.register(app)
    app.register_blueprint(export_views.bp)
    # Rosters hold whole ID numbers: none waits for the next import to be forgotten.
    Uploads(app.config["INSTANCE"] / "uploads").sweep()
