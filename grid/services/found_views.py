"""People and doors of the register found while one types, to be chosen in a form."""

from typing import Any

from flask import Blueprint, make_response, request

from grid.accounts.access import allowed, me, note_reading, only_reads
from grid.core.forms import clean
from grid.core.htmx import vary
from grid.core.templating import part
from grid.register import finding
from grid.register.forms import LONGEST_WORDS
from grid.register.queries import community_id_or_404
from grid.register.readings import query_key

bp = Blueprint("services_found", __name__, url_prefix="/services")
MOST = 8


@bp.post("/find")
@allowed("administrator", "grid_worker")
@only_reads
def find() -> Any:
    """What answers to the words, as choices of the field `chosen`; only people, or only doors."""
    return vary(make_response(part("services/_found.html", **found_for(request.form.get("wanted", "person")))))


def found_for(wanted: str) -> dict[str, Any]:
    """Context of the choices."""
    words = clean(request.form.get("words", ""))[:LONGEST_WORDS]
    community_id = community_id_or_404(me().scope, request.form.get("community", ""))
    hits = finding.find(me().scope, community_id, words) if words else []
    if hits and len(query_key(words)) >= 7 and finding.hashed_for(query_key(words)):
        note_reading("find_by_number", community_id=community_id)
    return {"words": words, "hits": choices(hits, wanted), "chosen": request.form.get("chosen", "")}


def choices(hits: list[Any], wanted: str) -> list[tuple[str, str, str]]:
    """Public id, the name or door, and what stands beside it; the best first, each once."""
    found: dict[str, tuple[str, str, str]] = {}
    for hit in hits:
        household, code, estate, name, person = hit[1], hit[2], hit[3], hit[6], hit[7]
        if wanted == "household":
            found.setdefault(household, (household, code, name or estate or ""))
        elif person:
            found.setdefault(person, (person, name, code))
    return list(found.values())[:MOST]
