"""Places people turn to or that must be looked after."""

from sqlalchemy import func, select

from grid.core.codes import CODES
from grid.core.db import db
from grid.register.models import Site


def sites_by_kind(community_id: int) -> list[tuple[str, list[Site]]]:
    """Kinds in the order of their list, each with its sites by name."""
    wanted = select(Site).where(Site.community_id == community_id, Site.deleted_at.is_(None))
    found = list(db.session.scalars(wanted.order_by(Site.name, Site.id)))
    grouped = [(kind, [site for site in found if site.kind == kind]) for kind, _l in CODES["site_kind"].items]
    return [(kind, sites) for kind, sites in grouped if sites]


def count_sites(community_id: int) -> int:
    wanted = select(func.count()).select_from(Site)
    return db.session.scalar(wanted.where(Site.community_id == community_id, Site.deleted_at.is_(None))) or 0
