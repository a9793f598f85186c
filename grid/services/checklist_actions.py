"""Writing checklists: what was inspected by one stays as it was found."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Community
from grid.services.checklist_queries import checklists
from grid.services.models import Checklist
from grid.services.starter_checklists import STARTERS


@dataclass(frozen=True)
class ChecklistEntry:
    kind: str
    title: str
    items: tuple[str, ...]
    site_kind: str | None = None

    @property
    def columns(self) -> dict[str, object]:
        return asdict(self) | {"items": list(self.items)}


def add_checklist(actor: Me, community_id: int, entry: ChecklistEntry) -> None:
    with audit.entry(actor, "add_checklist", community_id=community_id, words=entry.title):
        db.session.add(Checklist(community_id=community_id, **entry.columns))


def add_starter_checklists(actor: Me | None, community_id: int) -> None:
    """The shipped ones, for a community that has none."""
    with audit.entry(actor, "add_checklist", community_id=community_id):
        db.session.execute(select(Community.id).where(Community.id == community_id).with_for_update())
        if checklists(community_id):
            raise Refused(_("已经有检查表了，请直接改或新增。"))
        db.session.add_all(
            Checklist(
                community_id=community_id,
                kind=starter.kind,
                site_kind=starter.site_kind,
                title=_(starter.title),
                items=[_(words) for words in starter.items],
            )
            for starter in STARTERS
        )


def edit_checklist(actor: Me, checklist: Checklist, entry: ChecklistEntry, version: int) -> None:
    """Refused where somebody was quicker than the page that `version` comes from."""
    with audit.entry(actor, "edit_checklist", community_id=checklist.community_id, words=entry.title):
        db.session.refresh(checklist, with_for_update=True)
        if checklist.version != version:
            raise Refused(_("您打开以后别人改过。下面是您写的；再保存一次，就以您的为准。"), "version")
        for name, value in entry.columns.items():
            setattr(checklist, name, value)
        checklist.version += 1


def withdraw_checklist(actor: Me, checklist: Checklist) -> None:
    with audit.entry(actor, "withdraw_checklist", community_id=checklist.community_id, words=checklist.title):
        checklist.deleted_at = now()
