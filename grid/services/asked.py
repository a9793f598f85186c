"""What a page of a whole community begins with: which one was asked for, and what the reader may do there."""

from typing import Any

from flask import request

from grid.accounts.access import me
from grid.core.refusals import Missing
from grid.register.models import Community
from grid.register.queries import communities, community_or_404, whole_community_or_404


def community_asked() -> Community:
    """The one asked for, else the reader's first."""
    if wanted := request.values.get("community", ""):
        return community_or_404(me().scope, wanted)
    found = communities(me().scope)
    if not found:
        raise Missing
    return found[0]


def managed_community() -> Community:
    """The same for whoever is in charge of all of it."""
    return whole_community_or_404(me().scope, community_asked().public_id)


def manages(community_id: int) -> bool:
    return me().may("administrator") and me().scope.allows(community_id)


def frame(community: Community) -> dict[str, Any]:
    """What stands around every such page."""
    return {
        "community": community,
        "communities": communities(me().scope),
        "may_manage": manages(community.id),
    }
