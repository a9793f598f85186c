"""The household sheet and the map as PDF, from the same objects as the pages."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flask import current_app, render_template

from grid.accounts.models import Scope
from grid.atlas.sheet import STYLES as MAP_STYLES
from grid.atlas.sheet import map_sheet_context, sheet_rules
from grid.core.clock import local, now, today
from grid.documents.papers import Options, Paper
from grid.documents.printing import Document, render, stylesheets
from grid.documents.sheet import Printed


def folder() -> Path:
    """Where the font configuration and its cache lie."""
    return Path(current_app.instance_path) / "paper"


def printed(by: str, number: str) -> Printed:
    return Printed(by=by, at=local(now()).strftime("%Y-%m-%d %H:%M"), number=number)


def draw_paper(paper: Paper, scope: Scope, ids: Sequence[int], by: str, number: str, options: Options) -> Document:
    """One print of a paper: a document per id. In a batch the same is done part by part."""
    drawn = paper.write(scope, ids, lambda n: replace(printed(by, number), serial=n), options)
    document = render([one.html for one in drawn], paper.styles(options), folder())
    return replace(document, rows=tuple(row for one in drawn for row in one.rows))


def draw_map(
    scope: Scope, community_id: str, by: str, number: str, size: str, variant: str, layer: str | None
) -> Document:
    """The comprehensive-management map of a whole community in scope, A4 to A0, landscape."""
    context = map_sheet_context(scope, community_id, today(), printed(by, number), size, variant, layer)
    html = render_template("atlas/map_sheet.html", **context)
    return render(html, [*stylesheets(*MAP_STYLES), sheet_rules(size)], folder())
