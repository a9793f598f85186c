"""A print of one paper, drawn by the server's own renderer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import current_app

from grid.accounts.models import Scope
from grid.core.clock import now
from grid.core.labels import moment
from grid.documents.papers import Options, Paper
from grid.documents.printing import Document, render
from grid.documents.sheet import Printed


def folder() -> Path:
    """Where the font configuration and its cache lie."""
    return Path(current_app.instance_path) / "paper"


def printed(by: str, number: str, at: datetime, serial: int) -> Printed:
    """The foot of a document that says what was known at a moment."""
    return Printed(by, moment(at), number, serial)


def draw_paper(paper: Paper, scope: Scope, ids: Sequence[int], by: str, number: str, options: Options) -> Document:
    """One print of a paper: a document per id. In a batch the same is done part by part."""
    at = now()
    drawn = paper.write(scope, ids, lambda n: printed(by, number, at, n), options)
    document = render([one.html for one in drawn], paper.styles(options), folder(), paper.seconds)
    return replace(document, rows=tuple(row for one in drawn for row in one.rows))
