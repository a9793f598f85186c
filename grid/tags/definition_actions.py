"""Defining tags without programming, within the guard rails."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.ids import public_id
from grid.core.refusals import Refused
from grid.register.models import Tag
from grid.register.starter_tags import RETENTION_DAYS
from grid.register.summaries import refresh_members
from grid.tags.definition_queries import carriers_of, label_is_taken, was_ever_carried
from grid.tags.guard_rails import refuse_forbidden


@dataclass(frozen=True)
class TagEntry:
    """A tag as an administrator words it; `fields` as Tag.fields holds them."""

    label: str
    group: str
    restricted: bool
    viewers: list[str] | None
    contact_every_days: int | None
    contact_kind: str | None
    grace_days: int
    retention_days: int | None
    fields: list[dict[str, Any]]


def add_tag(actor: Me, community_id: int, entry: TagEntry, slip: Slip) -> str:
    """A new tag, once however often it is sent: raises receipts.AlreadyDone or KeyReused. Gives its public id."""
    with audit.entry(actor, "add_tag", community_id=community_id, words=entry.label):
        receipts.claim(actor, slip.key, slip.said)
        _refuse_nonsense(community_id, entry)
        tag = Tag(community_id=community_id, code=f"own_{public_id()}", **_kept(entry))
        db.session.add(tag)
        db.session.flush()
        receipts.answer(slip.key, tag.public_id)
    return tag.public_id


def edit_tag(actor: Me, tag: Tag, entry: TagEntry, version: int) -> None:
    """Save over `version`. Who may see it decides what is counted, so the doors are summed up again."""
    with audit.entry(actor, "edit_tag", community_id=tag.community_id, words=entry.label):
        db.session.refresh(tag, with_for_update=True)
        if tag.version != version or tag.deleted_at is not None:
            raise Refused(_("这个标签刚刚有人改过。请刷新页面看一看，再改一次。"), "label")
        _refuse_nonsense(tag.community_id, entry, tag)
        was_open = tag.is_open
        for name, value in _kept(entry).items():
            setattr(tag, name, value)
        tag.version += 1
        db.session.flush()
        if tag.is_open != was_open:
            refresh_members(community_id=tag.community_id)


def remove_tag(actor: Me, tag: Tag) -> None:
    """Nobody can be given it any more; what was carried before stays as long as it is to be kept."""
    with audit.entry(actor, "remove_tag", community_id=tag.community_id, words=tag.label):
        db.session.refresh(tag, with_for_update=True)
        if n := carriers_of(tag.id):
            # How many carry a restricted one is not told either.
            many = "" if tag.restricted else f" {n} "
            raise Refused(_("还有%(many)s人带着这个标签。先从他们身上取下，再停用。", many=many))
        tag.deleted_at = now()
        tag.version += 1


def _kept(entry: TagEntry) -> Mapping[str, Any]:
    """What is restricted is not kept for ever, whatever was left empty."""
    given = asdict(entry)
    if entry.restricted and entry.retention_days is None:
        given["retention_days"] = RETENTION_DAYS
    return given


def _refuse_nonsense(community_id: int, entry: TagEntry, tag: Tag | None = None) -> None:
    refuse_forbidden("label", [entry.label])
    for n, field in enumerate(entry.fields):
        refuse_forbidden(f"label_{n}", [field["label"], *field["choices"]])
    if label_is_taken(community_id, entry.label, tag.id if tag else None):
        raise Refused(_("已经有叫“%(label)s”的标签。", label=entry.label), "label")
    if tag is not None and tag.restricted != entry.restricted and was_ever_carried(tag.id):
        raise Refused(_switched(tag), "restricted")


def _switched(tag: Tag) -> str:
    if tag.restricted:
        return _("有人带着或带过这个受限标签，不能改成普通标签：那会让大家都看到。请另建一个普通标签。")
    return _("有人带着或带过这个标签，户档的修改记录里有它的名字，不能改成受限标签。请另建一个受限标签。")
