"""The comprehensive-management map as a paper: size, orientation, variant and layer are its options."""

from collections.abc import Sequence

from flask import render_template

from grid.accounts.models import Scope
from grid.atlas.sheet import STYLES, map_sheet_context, sheet_rules
from grid.atlas.spread import Page
from grid.core.clock import today
from grid.core.db import db
from grid.core.refusals import Missing
from grid.documents.papers import Drawn, Options, Paper, Stamp
from grid.documents.printing import stylesheets
from grid.register.models import Community


def page_of(options: Options) -> Page:
    return Page(options.get("size", "A3"), options.get("orientation", "landscape"))


def styles(options: Options) -> list[str]:
    return [*stylesheets(*STYLES), sheet_rules(page_of(options))]


def write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    return [_map(scope, community_id, stamp, serial, options) for serial, community_id in enumerate(ids, 1)]


def _map(scope: Scope, community_id: int, stamp: Stamp, serial: int, options: Options) -> Drawn:
    community = db.session.get(Community, community_id)
    if community is None:
        raise Missing
    variant, layer = options.get("variant", "internal"), options.get("layer")
    context = map_sheet_context(scope, community.public_id, today(), stamp(serial), page_of(options), variant, layer)
    return Drawn(render_template("atlas/map_sheet.html", **context), community.name)


MAP = Paper("map", "community", styles, write, seconds=120)
