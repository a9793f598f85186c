"""台账: the list, one as a table, and a community's own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request

from grid.accounts import receipts
from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.forms import new_key
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.paging import Page
from grid.core.periods import KINDS, period_of
from grid.core.refusals import Refused
from grid.ledgers import ledger_actions, ledger_forms, ledger_queries
from grid.ledgers.ledger_queries import Asked
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.shipped import OFFERED, SHIPPED, Ledger, ledger_of
from grid.ledgers.sources import Reader, Source
from grid.ledgers.tables import shown
from grid.register.models import Community
from grid.register.queries import communities, community_or_404, whole_community_or_404
from grid.tags.access_forms import AskForm

bp = Blueprint("ledgers", __name__, url_prefix="/ledgers")


def reader() -> Reader:
    return Reader(me().id, me().role, me().scope)


@bp.get("")
@allowed("administrator", "grid_worker")
def ledgers() -> Any:
    known = communities(me().scope)
    wanted = request.args.get("community", "")
    community = community_or_404(me().scope, wanted) if wanted else next(iter(known), None)
    own = ledger_queries.definitions(me().scope, community.id) if community else []
    return render_template(
        "ledgers/ledgers.html",
        shipped=SHIPPED.values(),
        own=own,
        community=community,
        communities=known,
        path="/ledgers",
    )


def asked_for(ledger: Ledger) -> Asked:
    """The community, period and choices that the present request names."""
    if ledger.community_id is not None:
        community = db.session.get_one(Community, ledger.community_id)
    else:
        wanted = request.values.get("community", "")
        community = community_or_404(me().scope, wanted or _first())
    tags = ledger_queries.tags_of_community(community.id)
    narrowed = ledger_forms.narrowed_by(request.values, ledger.columns, tags)
    return Asked(
        community, tags, today(), ledger_forms.period_asked(request.values.get("period"), ledger, today()), narrowed
    )


def _first() -> str:
    known = communities(me().scope)
    return known[0].public_id if known else ""


def let_in(ledger: Ledger, asked: Asked) -> str | None:
    """The reason to see a ledger, '' where none is needed; None where somebody must say why first."""
    if not ledger.source.restricted:
        return ""
    reason = ledger_queries.access_reason(me().id, asked.community.id, now())
    if reason is not None:
        note_reading("see_restricted_ledger", community_id=asked.community.id, words=reason)
    return reason


@bp.get("/<key>")
@allowed("administrator", "grid_worker")
def ledger(key: str) -> Any:
    found = ledger_queries.ledger_or_404(me().scope, key)
    asked = asked_for(found)
    if let_in(found, asked) is None:
        return ask_why(found, asked)
    return ledger_page(found, asked)


def ask_why(found: Ledger, asked: Asked, form: AskForm | None = None) -> str:
    form = form or AskForm(formdata=None)
    return render_template("ledgers/ask_why.html", ledger=found, community=asked.community, form=form)


def ledger_page(found: Ledger, asked: Asked, refused: str = "") -> str:
    number = max(1, request.args.get("page", 1, int))
    table = ledger_queries.table(reader(), found, asked, number)
    return render_template(
        "ledgers/ledger.html",
        ledger=found,
        table=table,
        page=Page(table.rows, number, table.count),
        asked=asked,
        kinds=[(kind, _(ledger_forms.PERIOD_WORDS[kind]), _period_key(kind, asked)) for kind in KINDS],
        fields=ledger_forms.fields_of(asked.narrowed),
        filters=[column for column in found.columns if column.asked in ("among", "yes_no")],
        choices_of=ledger_forms.choices_of,
        address=_address(found, asked),
        communities=communities(me().scope) if found.community_id is None else [],
        shown=shown,
        refused=refused,
        may_change=found.community_id is not None and _may_change(asked.community),
    )


def _may_change(community: Community) -> bool:
    return me().may("administrator") and me().scope.allows(community.id)


def _period_key(kind: str, asked: Asked) -> str:
    return period_of(kind, min(asked.period.end, asked.today) if asked.period else asked.today).key


def _address(found: Ledger, asked: Asked) -> Any:
    """`address(period="2026-11")`: this ledger with what is asked of it, but for what is given."""

    def address(**changed: str) -> str:
        given = {"community": asked.community.public_id, "period": asked.period.key if asked.period else ""} | changed
        parts = [(name, value) for name, value in given.items() if value]
        return f"/ledgers/{found.key}?" + urlencode(parts + ledger_forms.fields_of(asked.narrowed))

    return address


@bp.post("/<key>/access")
@allowed("administrator", "grid_worker")
def open_restricted(key: str) -> Any:
    found = ledger_queries.ledger_or_404(me().scope, key)
    asked, form = asked_for(found), AskForm()
    if not found.source.restricted:
        abort(400)
    if not form.validate():
        return ask_why(found, asked, form), 422
    ledger_actions.open_restricted(me(), asked.community.id, form.said)
    return see(f"/ledgers/{found.key}?community={asked.community.public_id}")


def too_many(count: int, most: int) -> str:
    return _("这里有 %(count)s 行，一次最多 %(most)s 行。请选短一点的时间，或者先筛选。", count=count, most=most)


def about(found: Ledger, asked: Asked) -> str:
    """What the logs say of a ledger that leaves."""
    period = asked.period.title if asked.period else ""
    return " · ".join(part for part in (_(found.title), period, ledger_queries.narrowed_words(found, asked)) if part)


@bp.route("/new", methods=["GET", "POST"])
@allowed("administrator")
def new_ledger() -> Any:
    community = whole_community_or_404(me().scope, request.values.get("community") or _first())
    source = OFFERED.get(request.values.get("source", ""))
    if source is None:
        return render_template("ledgers/choose_source.html", community=community, sources=OFFERED.values())
    if request.method == "GET":
        form = ledger_forms.LedgerForm(formdata=None, key=new_key()).offer(source)
        form.columns.data, form.signatures.data = [], "、".join((_("填表人"), _("负责人")))
        return _form_page(form, community, source, {})
    form, narrowed = ledger_forms.LedgerForm().offer(source), _narrowed(community, source)
    if not form.validate():
        return _form_page(form, community, source, narrowed), 422
    try:
        entry = form.entry(narrowed, request.form.to_dict(flat=False))
        public_id = ledger_actions.define(me(), community.id, entry).public_id
    except receipts.AlreadyDone as done:
        public_id = done.answer
    except Refused as refused:
        form.blame(refused)
        return _form_page(form, community, source, narrowed), 422
    return see(f"/ledgers/{public_id}")


def _narrowed(community: Community, source: Source) -> dict[str, Any]:
    tags = ledger_queries.tags_of_community(community.id)
    return ledger_forms.narrowed_by(request.form, source.columns, tags)


def _form_page(
    form: ledger_forms.LedgerForm,
    community: Community,
    source: Source,
    wanted: Mapping[str, Any],
    row: LedgerDefinition | None = None,
) -> str:
    return render_template(
        "ledgers/edit.html",
        form=form,
        community=community,
        source=source,
        wanted=wanted,
        tags=ledger_queries.tags_of_community(community.id),
        choices_of=ledger_forms.choices_of,
        row=row,
    )


def _own_or_404(public_id: str) -> tuple[LedgerDefinition, Community]:
    row = ledger_queries.definition_or_404(me().scope, public_id)
    community = db.session.get_one(Community, row.community_id)
    return row, whole_community_or_404(me().scope, community.public_id)


@bp.route("/<public_id>/edit", methods=["GET", "POST"])
@allowed("administrator")
def edit_ledger(public_id: str) -> Any:
    row, community = _own_or_404(public_id)
    source = OFFERED[row.source]
    if request.method == "GET":
        form = ledger_forms.LedgerForm(formdata=None, key=new_key()).offer(source).show(row)
        return _form_page(form, community, source, ledger_of(row).filter, row)
    form, narrowed = ledger_forms.LedgerForm().offer(source), _narrowed(community, source)
    if not form.validate():
        return _form_page(form, community, source, narrowed, row), 422
    try:
        ledger_actions.redefine(me(), row, form.entry(narrowed, {}))
    except Refused as refused:
        form.blame(refused)
        row, community = _own_or_404(public_id)
        return _form_page(form, community, source, narrowed, row), 422
    return see(f"/ledgers/{public_id}")


@bp.post("/<public_id>/take-away")
@allowed("administrator")
def take_away(public_id: str) -> Any:
    row, community = _own_or_404(public_id)
    ledger_actions.take_away(me(), row)
    return see(f"/ledgers?community={community.public_id}")
