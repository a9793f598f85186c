"""What the household sheet needs beside the file itself: the QR code, who printed it, rows left for a pen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grid.core.qr import qr
from grid.dossier.models import HouseholdFile, Resident, VisitLine

SHEET_STYLES = ("paper.css", "sheet.css")
# Millimetres as sheet.css draws them; the body is A4 less its margins and a little air for what was guessed low.
BODY = 297 - 12 - 18 - 4
# The same of a page after the first, under its repeated table head; and how far a guess may be out on each page.
OVERLEAF, DOUBT = 297 - 18 - 18 - 4 - 7.8, 30.0
MASTHEAD, FIRST_HEADING, HEADING, SIGNATURES = 31.0, 6.2, 10.4, 22.0
ROW, BLANK_ROW, LINE, PADDING = 7.8, 8.2, 4.2, 1.9
# Characters of a line in a column: the note, a member's narrow columns, the words of a visit.
NOTE_LINE, NARROW_LINE, WORDS_LINE = 48, 6, 36
LONG_ADDRESS = 22
# Which mask the QR code has; any will do.
MASK = 3
# People for whom a form to fill in by hand has a row.
HAND_RESIDENTS = 6
FEWEST_RESIDENTS, FEWEST_VISITS, MOST_BLANK = 4, 3, 14


@dataclass(frozen=True)
class Printed:
    """The line at the foot: who, when (as shown), and the number that stands in the print log."""

    by: str
    at: str
    number: str
    # Which sheet of its print it is, where the one who stamps knows; else its place among those written together.
    serial: int = 0


@dataclass(frozen=True)
class Blank:
    """Empty rows at the end of a table."""

    residents: int = 0
    visits: int = 0


def sheet_context(
    file: HouseholdFile, link: str, printed: Printed, lang: str = "zh-CN", whole_ids: bool = False
) -> dict[str, Any]:
    """What templates/dossier/sheet_print.html is rendered with."""
    return {
        "whole_ids": whole_ids,
        "file": file,
        "title": file.address,
        "qr": qr(link, mask=MASK),
        "blank": blank_rows(file),
        "address_is_long": len(file.address) > LONG_ADDRESS,
        "printed": printed,
        "lang": lang,
    }


def by_hand_context(community: str, labels: Mapping[str, str], printed: Printed, lang: str = "zh-CN") -> dict[str, Any]:
    """The same for a form to fill in at a new door: every field there, nothing in it, one page."""
    nothing: dict[str, Any] = dict.fromkeys(("residents", "former", "visits", "tags"), ())
    left = BODY - (MASTHEAD + FIRST_HEADING + 6 * ROW + 2 * (HEADING + ROW) + SIGNATURES) - HAND_RESIDENTS * BLANK_ROW
    return {
        "by_hand": True,
        "file": {**nothing, "community": community, "labels": labels, "landlord_duty": None, "area": None},
        "title": community,
        "blank": Blank(HAND_RESIDENTS, int(left // BLANK_ROW)),
        "printed": printed,
        "lang": lang,
    }


def blank_rows(file: HouseholdFile) -> Blank:
    """Rows that still fit on the last page: a few for people, the rest for visits."""
    fewest = 0 if file.visits else FEWEST_VISITS
    people = max(0, FEWEST_RESIDENTS - len(file.residents))
    left = BODY - height(file) - people * BLANK_ROW
    if left < fewest * BLANK_ROW and file.residents:
        # Rather without rows for more people than over the page.
        left, people = left + people * BLANK_ROW, 0
    if left < fewest * BLANK_ROW:
        return Blank(people, max(fewest, room_overleaf(-left)))
    return Blank(people, min(MOST_BLANK, int(left // BLANK_ROW)))


def room_overleaf(over: float) -> int:
    """Rows for a pen on the last of several pages, where `over` mm did not fit on the first: none in doubt."""
    pages, on_last = divmod(over, OVERLEAF)
    room = OVERLEAF - on_last - DOUBT * (pages + 1)
    return min(MOST_BLANK, int(room // BLANK_ROW)) if on_last > SIGNATURES and room > 0 else 0


def height(file: HouseholdFile) -> float:
    """About how tall the filled sheet is, in millimetres."""
    parts = [MASTHEAD, FIRST_HEADING, house(file), HEADING + ROW, HEADING + ROW, SIGNATURES]
    parts += [row(longest(person), NARROW_LINE) for person in file.residents]
    parts += [HEADING + ROW + ROW * len(file.former)] if file.former else []
    parts += [row(words(visit), WORDS_LINE) for visit in file.visits]
    return sum(parts)


def house(file: HouseholdFile) -> float:
    rented = bool(file.rental_use or file.landlord_duty is not None)
    return ROW * (4 + rented) + row(len(file.note), NOTE_LINE)


def longest(person: Resident) -> int:
    """Of the columns that wrap."""
    work = f"{person.occupation} {person.employer}".strip()
    return max(len(person.hukou), len(work), len("、".join(person.tags)))


def words(visit: VisitLine) -> int:
    return len("、".join(visit.topics)) + 1 + len(visit.words)


def row(characters: int, line: int) -> float:
    return max(ROW, PADDING + LINE * math.ceil(characters / line))
