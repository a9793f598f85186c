"""导出: any list or ledger as a workbook, in the columns somebody asks for; much of it after a second person agreed."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_file

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.accounts.receipts import Slip, fingerprint
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.i18n import listed
from grid.core.periods import KINDS, period_of, read_period
from grid.core.refusals import Missing, Refused
from grid.exchange import archive_asking, export_actions, export_queries
from grid.exchange.export_actions import ExportEntry
from grid.exchange.export_forms import ColumnSetForm, ExportForm, Line, arranged, chosen, lines_of, typed_lines
from grid.exchange.export_subjects import LISTS, subject_of, subject_or_404
from grid.exchange.export_writing import written
from grid.exchange.models import ColumnSet, ExportRequest
from grid.ledgers import ledger_forms, ledger_queries
from grid.ledgers.columns import Column
from grid.ledgers.ledger_queries import Asked
from grid.ledgers.ledger_views import about, reader, too_many
from grid.ledgers.shipped import SHIPPED, Ledger
from grid.ledgers.sources import Narrowing
from grid.register.models import Community
from grid.register.queries import communities, community_or_404

bp = Blueprint("exports", __name__, url_prefix="/exports")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@allowed("administrator", "grid_worker")
def exports() -> Any:
    return _overview(_community())


def _community(public_id: str = "") -> Community | None:
    """The one that is named, else the reader's first; None where nothing was handed out to them."""
    wanted = public_id or request.values.get("community", "")
    if wanted:
        return community_or_404(me().scope, wanted)
    return next(iter(communities(me().scope)), None)


def _overview(community: Community | None, refused: str = "") -> str:
    here = community.id if community else 0
    return render_template(
        "exchange/exports.html",
        community=community,
        communities=communities(me().scope),
        path="/exports",
        lists=LISTS.values(),
        ledgers=[*SHIPPED.values(), *ledger_queries.definitions(me().scope, here)],
        subject_of=subject_of,
        waiting=export_queries.waiting(me(), here),
        own=[(row, name, export_queries.state_of(row, now())) for row, name in export_queries.own(me(), here)],
        is_alone=me().may("administrator") and not export_queries.has_another_administrator(me(), here, today()),
        has_whole=bool(community and _may_have_whole(community)),
        refused=refused,
    )


@bp.route("/new", methods=["GET", "POST"])
@allowed("administrator", "grid_worker")
def new_export() -> Any:
    subject = request.values.get("subject", "")
    if not subject:
        return see("/exports")
    ledger, asked = _asked_for(subject)
    access = _let_in(ledger, asked)
    if access is None:
        return _ask_why(ledger, asked)
    if request.method == "GET":
        form, lines = _begun(ledger, asked)
        return _page(form, lines, ledger, asked)
    form = ExportForm().offer(ledger.source, _may_have_whole(asked.community))
    lines = typed_lines(ledger.source, request.form)
    if not form.validate():
        return _page(form, lines, ledger, asked), 422
    return _export(form, lines, ledger, asked)


def _asked_for(subject: str) -> tuple[Ledger, Asked]:
    """What is exported, of which community, in which period, narrowed by what."""
    given = request.values
    ledger = subject_or_404(me().scope, subject)
    community = _community_of(ledger)
    tags = ledger_queries.tags_of_community(community.id)
    period = ledger_forms.period_asked(given.get("period"), ledger, today())
    narrowed = ledger_forms.narrowed_by(given, ledger.source.columns, tags)
    narrowed |= ledger_forms.narrowed_beside(given, ledger.source, community.id, me().scope)
    return ledger, Asked(community, tags, today(), period, narrowed)


def _community_of(ledger: Ledger) -> Community:
    if ledger.community_id is not None:
        return db.session.get_one(Community, ledger.community_id)
    found = _community()
    if found is None:
        raise Missing
    return found


def _let_in(ledger: Ledger, asked: Asked) -> str | None:
    """The reason to see a restricted ledger, '' where none is needed, None where somebody must say why first."""
    if not ledger.source.restricted:
        return ""
    reason = ledger_queries.access_reason(me().id, asked.community.id, now())
    if reason is not None:
        note_reading("see_restricted_ledger", community_id=asked.community.id, words=reason)
    return reason


def _ask_why(ledger: Ledger, asked: Asked) -> Response:
    return see(f"/ledgers/{ledger.key}?community={asked.community.public_id}")


def _may_have_whole(community: Community) -> bool:
    return me().may("administrator") and me().scope.allows(community.id)


def _begun(ledger: Ledger, asked: Asked) -> tuple[ExportForm, list[Line]]:
    form = ExportForm(formdata=None, key=new_key()).offer(ledger.source, _may_have_whole(asked.community))
    row = _set_named(request.args.get("set", ""), ledger, asked)
    if row is None:
        return form, lines_of(ledger.source, [{"key": column.key} for column in ledger.columns])
    form.set.data, form.version.data, form.name.data = row.public_id, row.version, row.name
    return form, lines_of(ledger.source, row.columns)


def _set_named(public_id: str, ledger: Ledger, asked: Asked) -> ColumnSet | None:
    sets = export_queries.column_sets(asked.community.id, ledger.source.key)
    return next((row for row in sets if row.public_id == public_id), None)


def _page(form: ExportForm, lines: Sequence[Line], ledger: Ledger, asked: Asked, refused: str = "") -> str:
    count = ledger_queries.count_rows(reader(), ledger, asked)
    part = ExportEntry(
        subject_of(ledger), ledger.source.key, (), asked.period.key if asked.period else "", dict(asked.narrowed)
    )
    return render_template(
        "exchange/export.html",
        form=form,
        lines=lines,
        ledger=ledger,
        asked=asked,
        subject=subject_of(ledger),
        count=count,
        most_alone=export_actions.MOST_ALONE,
        most_whole_alone=export_actions.MOST_WHOLE_ALONE,
        needs_second=export_actions.needs_second(me(), asked.community.id, part, count),
        sets=export_queries.column_sets(asked.community.id, ledger.source.key),
        may_keep=_may_have_whole(asked.community),
        kinds=[(kind, _(ledger_forms.PERIOD_WORDS[kind]), _period_key(kind, asked)) for kind in KINDS],
        fields=ledger_forms.fields_of(asked.narrowed),
        filters=[one for one in ledger.source.asks.values() if one.asked],
        choices_of=partial(_choices_of, asked),
        address=_address(ledger, asked),
        narrowed_words=ledger_queries.narrowed_words(ledger, asked),
        refused=refused,
    )


def _choices_of(asked: Asked, one: Column | Narrowing) -> Sequence[tuple[str, str]]:
    if isinstance(one, Column):
        return ledger_forms.choices_of(one, asked.tags)
    return one.choices(asked.community.id, me().scope) if one.choices else ()


def _period_key(kind: str, asked: Asked) -> str:
    return period_of(kind, min(asked.period.end, asked.today) if asked.period else asked.today).key


def _address(ledger: Ledger, asked: Asked) -> Callable[..., str]:
    """`address(period="2026-11")`: this page with what is asked of it, but for what is given."""

    def address(**changed: str) -> str:
        given = {
            "subject": subject_of(ledger),
            "community": asked.community.public_id,
            "period": asked.period.key if asked.period else "",
            "set": request.values.get("set", ""),
        }
        parts = [(name, value) for name, value in (given | changed).items() if value]
        return "/exports/new?" + urlencode(parts + ledger_forms.fields_of(asked.narrowed))

    return address


def _export(form: ExportForm, lines: Sequence[Line], ledger: Ledger, asked: Asked) -> Any:
    columns = chosen(lines)
    is_whole = bool(form.whole.data) and any(ledger.source.by_key[one["key"]].is_masked for one in columns)
    wanted = arranged(ledger, columns, is_whole)
    count = ledger_queries.count_rows(reader(), wanted, asked)
    if count > export_actions.MOST_ROWS:
        return _page(form, lines, ledger, asked, too_many(count, export_actions.MOST_ROWS)), 422
    entry = _entry(form, lines, wanted, asked, is_whole)
    if not export_actions.needs_second(me(), asked.community.id, entry, count):
        file, count = written(reader(), wanted, asked, me().name, entry.reason)
        if export_actions.note_export(me(), asked.community.id, entry, count):
            return _sent(file, wanted, asked)
    return _ask(form, lines, (ledger, asked), entry, count)


def _entry(form: ExportForm, lines: Sequence[Line], wanted: Ledger, asked: Asked, is_whole: bool) -> ExportEntry:
    return ExportEntry(
        subject=request.values.get("subject", ""),
        source=wanted.source.key,
        columns=chosen(lines),
        period=asked.period.key if asked.period else "",
        narrowed=dict(asked.narrowed),
        is_whole=is_whole,
        reason=form.reason.data or "",
        words=_told(wanted, asked, is_whole),
        slip=Slip(form.key.data, fingerprint(request.form.to_dict(flat=False))),
    )


def _told(wanted: Ledger, asked: Asked, is_whole: bool) -> str:
    """What the log says of it."""
    columns = _("列：%(names)s", names=listed(column.named for column in wanted.columns))
    numbers = (_("完整号码"),) if is_whole else ()
    return " · ".join((about(wanted, asked), columns, *numbers))


def _ask(form: ExportForm, lines: Sequence[Line], what: tuple[Ledger, Asked], entry: ExportEntry, count: int) -> Any:
    community = what[1].community
    try:
        export_actions.ask_export(me(), community.id, entry, count)
    except receipts.AlreadyDone:
        pass
    except Refused as refused:
        form.blame(refused)
        return _page(form, lines, *what), 422
    return see(f"/exports?community={community.public_id}&done=asked")


def _sent(file: IO[bytes], ledger: Ledger, asked: Asked) -> Response:
    size = file.tell()
    file.seek(0)
    name = f"{_(ledger.title)}-{asked.period.key if asked.period else asked.today.isoformat()}.xlsx"
    name = name.replace("/", " ")
    answer = send_file(file, WORKBOOK, as_attachment=True, download_name=name, max_age=0)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/columns")
@allowed("administrator")
def save_columns() -> Any:
    return _keep_columns(None)


@bp.post("/columns/<set_id>")
@allowed("administrator")
def change_columns(set_id: str) -> Any:
    return _keep_columns(export_queries.column_set_or_404(me().scope, set_id))


def _keep_columns(row: ColumnSet | None) -> Any:
    subject = request.form.get("subject") or (row.subject if row else "")
    if not subject:
        return see("/exports")
    ledger, asked = _asked_for(subject)
    if not _may_have_whole(asked.community) or (row and row.subject != ledger.source.key):
        raise Missing
    form, lines = ColumnSetForm().offer(ledger.source, True), typed_lines(ledger.source, request.form)
    if not form.validate():
        return _page(form, lines, ledger, asked), 422
    try:
        if row is None:
            row = export_actions.save_columns(me(), asked.community.id, ledger.source.key, form.entry(lines))
        else:
            export_actions.change_columns(me(), row, form.entry(lines))
    except Refused as refused:
        form.blame(refused)
        return _page(form, lines, ledger, asked), 422
    return see(_address(ledger, asked)(set=row.public_id, done="saved"))


@bp.post("/columns/<set_id>/remove")
@allowed("administrator")
def remove_columns(set_id: str) -> Any:
    row = export_queries.column_set_or_404(me().scope, set_id)
    subject, community = request.form.get("subject", row.subject), db.session.get_one(Community, row.community_id)
    export_actions.remove_columns(me(), row)
    return see("/exports/new?" + urlencode({"subject": subject, "community": community.public_id, "done": "removed"}))


@bp.post("/<request_id>/agree")
@allowed("administrator")
def agree(request_id: str) -> Any:
    return _answer(request_id, lambda row: export_actions.answer_export(me(), row, True), "agreed")


@bp.post("/<request_id>/decline")
@allowed("administrator")
def decline(request_id: str) -> Any:
    return _answer(request_id, lambda row: export_actions.answer_export(me(), row, False), "declined")


@bp.post("/<request_id>/withdraw")
@allowed("administrator", "grid_worker")
def withdraw(request_id: str) -> Any:
    return _answer(request_id, lambda row: export_actions.withdraw_export(me(), row), "withdrawn")


def _answer(request_id: str, act: Callable[[ExportRequest], None], done: str) -> Any:
    row = export_queries.request_or_404(me(), request_id)
    community = db.session.get_one(Community, row.community_id)
    try:
        act(row)
    except Refused as refused:
        return _overview(community, refused.sentence), 422
    return see(f"/exports?community={community.public_id}&done={done}")


@bp.post("/<request_id>/take")
@allowed("administrator", "grid_worker")
def take(request_id: str) -> Any:
    """The rows as they are now, of whatever is in the asker's scope now."""
    row = export_queries.request_or_404(me(), request_id)
    community = db.session.get_one(Community, row.community_id)
    if row.subject == archive_asking.SUBJECT:
        # Its passphrase is chosen where it is taken.
        return see(f"/exports/community?community={community.public_id}")
    try:
        export_actions.refuse_untakeable(me(), row)
        ledger, asked = _as_agreed(row, community)
        if _let_in(ledger, asked) is None:
            return _ask_why(ledger, asked)
        export_actions.refuse_grown(row, ledger_queries.count_rows(reader(), ledger, asked))
        file, n = written(reader(), ledger, asked, me().name, row.reason)
        export_actions.take_export(me(), row, n)
    except Refused as refused:
        return _overview(community, refused.sentence), 422
    return _sent(file, ledger, asked)


def _as_agreed(row: ExportRequest, community: Community) -> tuple[Ledger, Asked]:
    said = row.asked
    if said["is_whole"] and not _may_have_whole(community):
        raise Refused(_("完整号码只有管理员能导出。"))
    ledger = arranged(subject_or_404(me().scope, row.subject), said["columns"], said["is_whole"])
    tags = ledger_queries.tags_of_community(community.id)
    if not set(said["filter"]) <= set(ledger.source.asks):
        # Left out it would be more than was agreed to.
        raise Refused(_("同意的筛选条件现在没有了。请重新申请。"))
    return ledger, Asked(community, tags, today(), read_period(said["period"]), said["filter"])
