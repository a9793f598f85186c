"""工作月报、年报: the report of a month or a year on the screen, and as a PDF."""

from typing import Any

from flask import Blueprint, Flask, render_template

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.forms import Form, NoteField
from grid.core.i18n import N_
from grid.core.periods import Period
from grid.documents import actions
from grid.documents.answers import as_pdf
from grid.documents.sheets import draw_paper
from grid.documents.summary_paper import SUMMARY, title_of
from grid.ledgers.asked import asked_community, asked_period
from grid.ledgers.summaries import summary
from grid.register.models import Community
from grid.register.queries import whole_communities

bp = Blueprint("summaries", __name__, url_prefix="/summaries")


class RemarksForm(Form):
    """What is printed below the figures and kept nowhere."""

    remarks = NoteField(N_("说明和打算"), render_kw={"rows": 4})


@bp.get("")
@allowed("administrator")
def preview() -> Any:
    return _page(asked_community(whole=True), asked_period(today()), RemarksForm(formdata=None))


def _page(community: Community, period: Period, form: RemarksForm, status: int = 200) -> Any:
    page = render_template(
        "documents/summary.html",
        title=title_of(community.name, period),
        community=community,
        communities=whole_communities(me().scope),
        period=period,
        sections=summary(me().scope, community.id, period, today()),
        form=form,
        today=today(),
    )
    return page, status


@bp.post("/print")
@allowed("administrator")
def print_summary() -> Any:
    who, community, period = me(), asked_community(whole=True), asked_period(today())
    form = RemarksForm()
    if not form.validate():
        return _page(community, period, form, 422)
    options = {"period": period.key, "remarks": form.remarks.data or ""}
    community_id = community.id
    number, document = actions.print_document(
        who,
        actions.PrintEntry(SUMMARY.kind, community_id, about=period.title),
        lambda number: draw_paper(SUMMARY, who.scope, [community_id], who.name, number, options),
    )
    return as_pdf(document, f"summary-{number}")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
