"""Every kind of paper: of what it is made, in which styles, and who writes its pages.

A single print, a batch, the shell and the worker all draw through the same `Paper`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grid.accounts.models import Scope
from grid.core.i18n import language
from grid.documents.sheet import Printed

# What the reader chose beside the doors or buildings: plain values that JSON can hold.
Options = Mapping[str, Any]
# The foot of the n-th document of a print, from 1.
Stamp = Callable[[int], Printed]


def lang() -> str:
    """The language of a page, as HTML names it."""
    return "en" if language.get() == "en" else "zh-CN"


@dataclass(frozen=True)
class Drawn:
    """One document: a page of HTML that counts its own pages. `about` names it where a character is missing."""

    html: str
    about: str
    # Rows to be written together with the PDF, e.g. the edition of a household's sheet.
    rows: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Paper:
    """`level` says what the ids given to `write` are: household, building or community.

    `write(scope, ids, stamp, options)` gives one document per id, in the order of the ids, the first with `stamp(1)`;
    ids outside the scope raise Missing. `styles(options)` is the text of the style sheets.
    """

    kind: str
    level: str
    styles: Callable[[Options], list[str]]
    write: Callable[[Scope, Sequence[int], Stamp, Options], list[Drawn]]
    # Drawing alone, on a busy machine, is stopped after so long.
    seconds: int = 30
