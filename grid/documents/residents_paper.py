"""某日居住名单: who lived behind one door, or in a whole building, on a day."""

from collections.abc import Sequence
from datetime import date

from flask import render_template

from grid.accounts.models import Scope
from grid.documents.houses import houses
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets
from grid.dossier.queries import residents_on


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    """`options`: on (the day, as ISO), door (the number of the only one, and its code as `code`)."""
    day = date.fromisoformat(str(options["on"]))
    return [
        Drawn(
            render_template(
                "documents/residents_sheet.html",
                house=house,
                day=day,
                code=options.get("code"),
                doors=[door for door in residents_on(house.id, day, options.get("door")) if door.residents],
                title=house.title,
                printed=stamp(n),
                lang=lang(),
            ),
            house.title,
        )
        for n, house in enumerate(houses(scope, ids), 1)
    ]


def _styles(_options: Options) -> list[str]:
    return stylesheets("paper.css", "contacts_sheet.css")


RESIDENTS = Paper("residents", "building", _styles, _write)
