"""一户一档 as paper: sheets by the dozen with a handful of statements, each an edition of its own; and blank ones."""

from collections.abc import Sequence
from typing import Any

from flask import current_app

from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.refusals import Missing
from grid.documents.editions import new_edition
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets
from grid.documents.sheet import SHEET_STYLES, by_hand_context, sheet_context
from grid.dossier.models import HouseholdFile
from grid.dossier.queries import sheet_files
from grid.register.queries import communities


def write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    """`options`: root (of the link in the QR code, e.g. https://yihu.office), full_ids (whole ID numbers)."""
    files = sheet_files(scope, ids, today(), bool(options.get("full_ids")))
    return [_drawn(file, n, stamp, options) for n, file in enumerate(files, 1)]


def _drawn(file: HouseholdFile, n: int, stamp: Stamp, options: Options) -> Drawn:
    printed = stamp(n)
    edition = new_edition(file, printed.serial or n)
    link = f"{str(options.get('root', '')).rstrip('/')}/p/{edition.token}"
    context = sheet_context(file, link, printed, lang(), bool(options.get("full_ids")))
    return Drawn(_html(context), file.code, (edition,))


def write_blank(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    """Forms to fill in by hand, `copies` of each community named; each is a document with its own stamp."""
    places = [
        place for place in communities(scope) for _copy in range(int(options.get("copies", 1))) if place.id in ids
    ]
    if not set(ids) <= {place.id for place in places}:
        raise Missing
    return [
        Drawn(_html(by_hand_context(place.name, place.labels, stamp(n), lang())), place.name)
        for n, place in enumerate(places, 1)
    ]


def _html(context: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template("dossier/sheet_print.html").render(context)


def _styles(_options: Options) -> list[str]:
    return stylesheets(*SHEET_STYLES)


SHEET = Paper("sheet", "household", _styles, write)
BLANK = Paper("blank", "community", _styles, write_blank)
