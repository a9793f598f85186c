"""Adding, changing and taking away a site; the maps are drawn anew."""

from dataclasses import asdict, dataclass

from sqlalchemy import update

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now
from grid.core.db import db
from grid.register.models import Community, Site


@dataclass(frozen=True)
class SiteEntry:
    kind: str
    name: str
    lon: float
    lat: float
    keeper: str | None = None
    phone: str | None = None


def add_site(actor: Me, community_id: int, entry: SiteEntry, slip: Slip) -> None:
    with audit.entry(actor, "add_site", community_id=community_id, words=entry.name):
        receipts.claim(actor, slip.key, slip.said)
        site = Site(community_id=community_id, **asdict(entry))
        db.session.add(site)
        db.session.flush()
        _draw_anew(community_id)
        receipts.answer(slip.key, site.public_id)


def edit_site(actor: Me, site: Site, entry: SiteEntry) -> None:
    with audit.entry(actor, "edit_site", community_id=site.community_id, words=entry.name):
        for name, value in asdict(entry).items():
            setattr(site, name, value)
        _draw_anew(site.community_id)


def remove_site(actor: Me, site: Site) -> None:
    """It leaves the lists and maps; what was inspected there keeps its name."""
    with audit.entry(actor, "remove_site", community_id=site.community_id, words=site.name):
        site.deleted_at = site.deleted_at or now()
        _draw_anew(site.community_id)


def _draw_anew(community_id: int) -> None:
    db.session.execute(
        update(Community)
        .where(Community.id == community_id)
        .values(geometry_version=Community.geometry_version + 1)
        .execution_options(synchronize_session=False)
    )
