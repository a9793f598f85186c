"""The pack a worker takes along: the own patch as pieces of pages, put together on the phone (docs/phone.md)."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from flask import render_template

from grid.accounts.access import me
from grid.atlas.views import elevation
from grid.core.clock import local, now, today
from grid.core.templating import part
from grid.dossier.models import HouseholdFile
from grid.dossier.queries import household_files, printed
from grid.register.actions import HouseholdEntry
from grid.register.forms import HouseholdForm, as_sent
from grid.register.queries import Door
from grid.today.queries import today_of
from grid.visits.forms import VisitForm
from grid.visits.queries import colleagues
from grid.visits.templates import TEMPLATES

# Stands for the household in the forms that are drawn once; the phone puts its id and its number there.
ANY = Door(0, "@", 0, 0, "@code")


def pack() -> tuple[str, bytes]:
    """A version that changes with what is in it, and the JSON. For whoever has single buildings in scope."""
    person = me()
    files = household_files(person.scope, today())
    inside: dict[str, Any] = {
        "user": person.public_id,
        "name": person.name,
        "pages": dict(_pages(files)),
        "forms": _forms(),
        "editions": {token: door for tokens in printed for token, door in tokens(person.scope).items()},
        "households": {file.public_id: _household(file, row) for file, row in files},
    }
    version = hashlib.sha256(json.dumps(inside, sort_keys=True).encode()).hexdigest()[:16]
    stamp = {"version": version, "at": local(now()).isoformat(timespec="seconds")}
    return version, json.dumps(inside | stamp, ensure_ascii=False, separators=(",", ":")).encode()


def zipped(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _pages(files: list[tuple[HouseholdFile, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    # Restricted tags stay behind, with what their rules ask for.
    found = today_of(me().scope, me().id, today(), restricted=False)
    yield "/today", render_template("today/_today.html", today=found, building="", name=me().name)
    for building in dict.fromkeys(file.building_public_id for file, _row in files):
        yield f"/buildings/{building}", _inside(elevation(building).get_data(as_text=True))


def _forms() -> dict[str, str]:
    visit = VisitForm(formdata=None, key="").offer([], _colleagues())
    ready = {"templates": TEMPLATES.values(), "template": ""}
    household = HouseholdForm(formdata=None, key="", version=0)
    return {
        "visit": _inside(render_template("visits/new.html", household=ANY, form=visit, residents=[], **ready)),
        "household": _inside(render_template("register/household.html", household=ANY, form=household)),
    }


def _colleagues() -> list[tuple[Any, ...]]:
    """Who may come along anywhere in the patch; the server passes over whom a door's community does not have."""
    found = (one for of in me().scope.seen_communities for one in colleagues(of, me().id, today()))
    return list(dict.fromkeys(found))


def _inside(page: str) -> str:
    """What stands in a page's <main>."""
    return page.split('<main id="main" tabindex="-1">', 1)[1].rsplit("</main>", 1)[0].strip()


def _household(file: HouseholdFile, row: Mapping[str, Any]) -> dict[str, Any]:
    sent = as_sent({field.name: row[field.name] for field in fields(HouseholdEntry)})
    return {
        "code": file.code,
        "page": part("sync/_household.html", file=file, today=today()),
        "version": file.version,
        "fields": {name: value for name, value in sent.items() if value},
        "residents": [[resident.public_id, resident.name] for resident in file.residents],
    }
