"""The household sheet and the map as PDF, from the same objects as the pages."""

from pathlib import Path

from flask import current_app, render_template

from grid.accounts.models import Scope
from grid.atlas.sheet import STYLES as MAP_STYLES
from grid.atlas.sheet import map_sheet_context, sheet_rules
from grid.core.clock import local, now, today
from grid.core.i18n import language
from grid.documents.printing import Document, render, stylesheets
from grid.documents.sheet import SHEET_STYLES, Printed, sheet_context
from grid.dossier.models import HouseholdFile


def folder() -> Path:
    """Where the font configuration and its cache lie."""
    return Path(current_app.instance_path) / "paper"


def printed(by: str, number: str) -> Printed:
    return Printed(by=by, at=local(now()).strftime("%Y-%m-%d %H:%M"), number=number)


def draw_sheet(file: HouseholdFile, link: str, by: str, number: str) -> Document:
    """One household's A4 sheet; `link` opens the file after login and stands in the QR code."""
    lang = "en" if language.get() == "en" else "zh-CN"
    html = render_template("dossier/sheet_print.html", **sheet_context(file, link, printed(by, number), lang))
    return render(html, stylesheets(*SHEET_STYLES), folder())


def draw_map(
    scope: Scope, community_id: str, by: str, number: str, size: str, variant: str, layer: str | None
) -> Document:
    """The comprehensive-management map of a whole community in scope, A4 to A0, landscape."""
    context = map_sheet_context(scope, community_id, today(), printed(by, number), size, variant, layer)
    html = render_template("atlas/map_sheet.html", **context)
    return render(html, [*stylesheets(*MAP_STYLES), sheet_rules(size)], folder())
