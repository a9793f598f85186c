"""What an address asks about: which community, which year, which period."""

from datetime import date

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from grid.accounts.access import me
from grid.core.periods import Period, period_of, read_period
from grid.register.models import Community
from grid.register.queries import communities, community_or_404, whole_community_or_404
from grid.services.asked import NoPatch


def asked_community(whole: bool = False) -> Community:
    """The one named, else the reader's first; `whole` where a patch of single buildings is not enough."""
    wanted = request.values.get("community", "")
    if wanted:
        return (whole_community_or_404 if whole else community_or_404)(me().scope, wanted)
    found = [one for one in communities(me().scope) if not whole or me().scope.allows(one.id)]
    if not found:
        raise NoPatch
    return found[0]


def asked_year(today: date) -> int:
    found = read_period(request.values.get("year"))
    return found.start.year if found and found.kind == "year" else today.year


def asked_period(today: date) -> Period:
    """A month or a year; the present month where none is asked for."""
    found = read_period(request.values.get("period"))
    return found if found and found.kind in ("month", "year") else period_of("month", today)


def is_a_page(path: str) -> bool:
    """Whether this address can be opened at all."""
    try:
        current_app.url_map.bind("").match(path.split("?")[0], "GET")
    except HTTPException:
        return False
    return True
