"""一户一档 as a kind of paper: many households' sheets with a handful of statements, each an edition of its own."""

from collections.abc import Sequence

from flask import current_app

from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.i18n import language
from grid.documents.editions import new_edition
from grid.documents.papers import Drawn, Options, Paper, Stamp
from grid.documents.printing import stylesheets
from grid.documents.sheet import SHEET_STYLES, sheet_context
from grid.dossier.models import HouseholdFile
from grid.dossier.queries import sheet_files


def write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    """`options`: root (of the link in the QR code, e.g. https://yihu.office), full_ids (whole ID numbers)."""
    files = sheet_files(scope, ids, today(), bool(options.get("full_ids")))
    return [_drawn(file, n, stamp, options) for n, file in enumerate(files, 1)]


def _drawn(file: HouseholdFile, n: int, stamp: Stamp, options: Options) -> Drawn:
    printed = stamp(n)
    edition = new_edition(file, printed.serial or n)
    link = f"{str(options.get('root', '')).rstrip('/')}/p/{edition.token}"
    lang = "en" if language.get() == "en" else "zh-CN"
    template = current_app.jinja_env.get_template("dossier/sheet_print.html")
    return Drawn(template.render(sheet_context(file, link, printed, lang)), file.code, (edition,))


SHEET = Paper("sheet", "household", lambda _options: stylesheets(*SHEET_STYLES), write)
