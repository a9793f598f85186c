"""The household sheet and the map as PDF, from the same objects as the pages."""

from pathlib import Path

from flask import current_app, render_template

from grid.accounts.models import Scope
from grid.core.clock import local, now
from grid.core.i18n import language
from grid.documents.map_paper import MAP
from grid.documents.papers import Options
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


def draw_map(scope: Scope, community_id: int, by: str, number: str, options: Options) -> Document:
    """The comprehensive-management map of a whole community in scope."""
    drawn = MAP.write(scope, [community_id], lambda _serial: printed(by, number), options)
    return render([one.html for one in drawn], MAP.styles(options), folder())
