"""A ledger (台账) on A4 landscape: the table of the screen, its head on each page, totals and signatures below."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template

from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.db import db
from grid.core.periods import read_period
from grid.core.refusals import Missing
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets
from grid.ledgers import ledger_queries
from grid.ledgers.ledger_queries import Asked
from grid.ledgers.sources import Reader
from grid.ledgers.tables import Heading, LedgerTable, shown
from grid.register.models import Community

# More rows than a reader, or the renderer, bears at once.
MOST_ROWS = 1500
# Between the margins, in millimetres; what each kind of column would like to have of it.
WIDTH = 273
WISHES = {
    "row": 17, "moment": 31, "day": 20, "number": 15, "age": 11, "yes_no": 16, "code": 18, "id": 34, "phone": 24,
    "place": 22, "names": 26, "tags": 24, "codes": 24, "fields": 30,
}  # fmt: skip
OTHERWISE = 24
# Sentences, not words; and words that are short.
SENTENCES = frozenset(
    {"content", "minutes", "facts", "result", "needs", "words", "items", "remark", "title", "hukou_address"}
)
SHORT = frozenset(
    {"door", "estate"}
    | {"name", "head", "contact_name", "owner_name", "worker", "owner", "reporter", "handler", "who", "by", "no"}
)
FONT, SMALLEST = 8.6, 5.4
RIGHT = frozenset({"number", "age"})


class PaperColumn(NamedTuple):
    """A heading with its share of the width, in per cent."""

    label: str
    width: float
    is_right: bool


def _wish(heading: Heading) -> float:
    if heading.key in SENTENCES:
        return 42
    if heading.show == "code" and heading.key == "sex":
        return 11
    return 20 if heading.key in SHORT else WISHES.get(heading.show, OTHERWISE)


def columns_of(table: LedgerTable) -> list[PaperColumn]:
    wishes = [_wish(heading) for heading in table.headings]
    return [
        PaperColumn(heading.label, round(100 * wish / sum(wishes), 3), heading.show in RIGHT)
        for heading, wish in zip(table.headings, wishes, strict=True)
    ]


def font_of(table: LedgerTable) -> float:
    """Smaller letters where many columns share the width."""
    wished = sum(_wish(heading) for heading in table.headings)
    return round(max(SMALLEST, min(FONT, FONT * WIDTH / wished)), 2)


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    """`ids` are of communities; `options` name the ledger, what is asked of it, and as whom it is read."""
    return [_written(scope, one, n, stamp, options) for n, one in enumerate(ids, 1)]


def _written(scope: Scope, community_id: int, n: int, stamp: Stamp, options: Options) -> Drawn:
    community = db.session.get(Community, community_id)
    if community is None or not scope.touches(community_id):
        raise Missing
    ledger = ledger_queries.ledger_or_404(scope, str(options["ledger"]))
    tags = ledger_queries.tags_of_community(community_id)
    asked = Asked(community, tags, today(), read_period(options.get("period")), options.get("narrowed") or {})
    reader = Reader(int(options["user_id"]), str(options["role"]), scope)
    table = ledger_queries.table(reader, ledger, asked)
    page = render_template(
        "documents/ledger_sheet.html",
        table=table,
        columns=columns_of(table),
        font=font_of(table),
        title=table.title,
        shown=shown,
        printed=stamp(n),
        lang=lang(),
    )
    return Drawn(page, table.title)


def _styles(_options: Options) -> list[str]:
    return stylesheets("paper.css", "ledger_sheet.css")


LEDGER = Paper("ledger", "community", _styles, _write, seconds=120)
