"""导入: files in, a preview of every row, then all of it in one step or nothing."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, current_app, render_template, request

from grid.accounts.access import allowed, me
from grid.core.clock import now, today
from grid.core.db import db, writing
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.paging import SIZE, Page, offset
from grid.core.refusals import Missing
from grid.exchange import actions, archive_views, export_views
from grid.exchange.cells import storable
from grid.exchange.forms import ImportForm
from grid.exchange.lines import OUTCOMES
from grid.exchange.planning import KINDS, Order, plan_files
from grid.exchange.uploads import Altered, Upload, Uploads, first_tab
from grid.exchange.workbooks import Unreadable
from grid.register.models import Community
from grid.register.queries import communities, community_named
from grid.tags.queries import has_ledger_access

bp = Blueprint("exchange", __name__, url_prefix="/imports")


@bp.get("")
@allowed("administrator")
def begin() -> Any:
    _uploads().sweep()
    return _page(_form())


@bp.post("")
@allowed("administrator")
def upload() -> Any:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        order = _order(form)
        # Reading a long roster takes seconds: let go of the write lock meanwhile, others are working.
        db.session.rollback()
        writing.set(False)
        plan = plan_files(_as_allowed(order), today())
    except Unreadable as reason:
        form.files.errors = [str(reason)]
        return _page(form), 422
    kept = _uploads().keep(me().id, order, plan)
    return see(f"/imports/{kept.token}")


@bp.get("/<token>")
@allowed("administrator")
def preview(token: str) -> Any:
    return _preview(_upload_or_404(token))


@bp.post("/<token>/apply")
@allowed("administrator")
def apply(token: str) -> Any:
    upload = _upload_or_404(token)
    if upload.is_applied:
        return see(f"/imports/{token}")
    try:
        with _uploads().alone(upload):
            _apply_once(token, upload.owner_id)
    except Altered:
        return _preview(upload, _("保存的文件不见了或被改过，没有写入。请重新上传。")), 409
    except Unreadable as reason:
        return _preview(upload, str(reason)), 422
    except actions.Moved as moved:
        upload = _uploads().replan(upload, moved.plan)
        return _preview(upload, _("预览之后登记有变动，没有写入。下面是按现在的登记重新比对的结果，请再看一遍。")), 409
    return see(f"/imports/{token}")


def _apply_once(token: str, owner_id: int) -> None:
    """Whoever waited for another press of the same button finds it done."""
    upload = _uploads().find(token, owner_id)
    if upload is None:
        raise Altered
    if not upload.is_applied:
        actions.apply_files(me(), _as_allowed(_uploads().order(upload)), today(), expected=upload.digest)
        _uploads().close(upload)


@bp.post("/<token>/discard")
@allowed("administrator")
def discard(token: str) -> Any:
    _uploads().discard(_upload_or_404(token))
    return see("/imports")


def _form() -> ImportForm:
    # A link may say what and where to; what is sent wins.
    form = ImportForm(kind=request.args.get("kind", "residents"), community=request.args.get("community"))
    form.offer(_mine())
    return form


def _mine() -> list[Community]:
    """The communities that are in scope as a whole."""
    scope = me().scope
    return [one for one in communities(scope) if scope.allows(one.id)]


def _page(form: ImportForm) -> str:
    return render_template("exchange/imports.html", form=form)


def _order(form: ImportForm) -> Order:
    chosen = {one.public_id: one for one in _mine()}.get(form.community.data or "")
    name = chosen.name if chosen else form.new_community.data
    if chosen is None and name and community_named(name):
        raise Unreadable(_("不能用“%(name)s”这个社区名称，请换一个，或从列表里选。", name=name))
    files = tuple((_bare(file.filename), file.read()) for file in form.files.data)
    order = Order(form.kind.data, files, name, form.credit.data, chosen.id if chosen else None, is_new=chosen is None)
    return order if name else _named_by_map(order)


def _as_allowed(order: Order) -> Order:
    """Restricted tags are for whoever has said why, in the half hour after it."""
    there = order.community_id
    return replace(order, may_restrict=there is not None and has_ledger_access(me().id, there, now()))


def _bare(filename: str) -> str:
    return storable(filename).replace("\\", "/").rsplit("/", 1)[-1][:120]


def _named_by_map(order: Order) -> Order:
    """A map that tells the name of its community begins that one, never one that is there already."""
    return replace(order, community=plan_files(order, today()).community)


def _uploads() -> Uploads:
    return Uploads(current_app.config["INSTANCE"] / "uploads")


def _upload_or_404(token: str) -> Upload:
    """One's own upload, while its community (where there is one) is in scope."""
    found = _uploads().find(token, me().id)
    if found is None:
        raise Missing
    if not found.is_new_community and found.community_id not in [one.id for one in _mine()]:
        raise Missing
    return found


def _preview(upload: Upload, trouble: str = "") -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in OUTCOMES else first_tab(upload.counts)
    number = max(1, request.args.get("page", 1, type=int))
    lines = tuple(_uploads().lines(upload, tab, offset(number), SIZE))
    return render_template(
        "exchange/preview.html",
        upload=upload,
        kind=_(KINDS[upload.kind]),
        tabs=[(name, _(word), upload.counts[name]) for name, word in OUTCOMES.items()],
        tab=tab,
        page=Page(lines, number, upload.counts[tab]),
        trouble=trouble,
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    archive_views.register(app)
    app.register_blueprint(export_views.bp)
    # Rosters hold whole ID numbers: none waits for the next import to be forgotten.
    Uploads(app.config["INSTANCE"] / "uploads").sweep()
