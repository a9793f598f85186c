"""One's own uploads, as long as their communities are in scope as a whole."""

from flask import current_app

from grid.accounts.access import me
from grid.core.refusals import Missing
from grid.exchange.uploads import Upload, Uploads
from grid.register.models import Community
from grid.register.queries import whole_communities


def uploads() -> Uploads:
    return Uploads(current_app.config["INSTANCE"] / "uploads")


def mine() -> list[Community]:
    return whole_communities(me().scope)


def upload_or_404(token: str) -> Upload:
    found = uploads().find(token, me().id)
    if found is None:
        raise Missing
    if not found.is_new_community and found.community_id not in [one.id for one in mine()]:
        raise Missing
    return found
