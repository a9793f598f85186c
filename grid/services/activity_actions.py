"""Recording activities, completing them later, and their photos."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.addresses import parse_address, short_address
from grid.services.activity_queries import doors_at, took_part
from grid.services.models import Activity, ActivityHousehold, ActivityPhoto
from grid.visits.models import VisitPhoto
from grid.visits.pictures import Picture

MOST_PHOTOS = 20


@dataclass(frozen=True)
class ActivityEntry:
    """`addresses` are those of the households that took part, as typed; `photos` lie in the album already."""

    kind: str
    title: str
    at: datetime
    topic: str = "other"
    theme: str | None = None
    place: str | None = None
    audience: str | None = None
    headcount: int | None = None
    minutes: str | None = None
    addresses: tuple[str, ...] = ()
    photos: tuple[Picture, ...] = ()

    @property
    def columns(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in ("addresses", "photos")}


def record_activity(actor: Me, community_id: int, entry: ActivityEntry, slip: Slip) -> str:
    """Its public id; raises receipts.AlreadyDone or KeyReused."""
    doors = _doors(actor, community_id, entry.addresses)
    with audit.entry(actor, "record_activity", community_id=community_id, words=entry.title):
        receipts.claim(actor, slip.key, slip.said)
        made = Activity(community_id=community_id, recorded_by=actor.id, **entry.columns)
        db.session.add(made)
        db.session.flush()
        _note_doors(made, doors)
        _add_photos(made, entry.photos)
        receipts.answer(slip.key, made.public_id)
        return made.public_id


def edit_activity(actor: Me, activity: Activity, entry: ActivityEntry, version: int, slip: Slip) -> None:
    """Refused where somebody was quicker. Doors that are not the actor's stay as they are."""
    doors = _doors(actor, activity.community_id, entry.addresses)
    with audit.entry(actor, "edit_activity", community_id=activity.community_id, words=entry.title):
        receipts.claim(actor, slip.key, slip.said)
        db.session.refresh(activity, with_for_update=True)
        if activity.version != version:
            raise Refused(_("您打开以后别人改过。下面是您写的；再保存一次，就以您的为准。"), "version")
        for name, value in entry.columns.items():
            setattr(activity, name, value)
        activity.version += 1
        _forget_doors(actor, activity)
        _note_doors(activity, doors)
        _add_photos(activity, entry.photos)
        receipts.answer(slip.key, activity.public_id)


def _doors(actor: Me, community_id: int, addresses: tuple[str, ...]) -> list[int]:
    """Refused with those that are no door of the actor's."""
    codes = {typed: _code(typed) for typed in addresses}
    found = doors_at(actor.scope, community_id, list(codes.values())) if codes else {}
    wrong = [typed for typed, code in codes.items() if code not in found]
    if wrong:
        raise Refused(_("这些门牌找不到：%(wrong)s。请核对，别的都没有动。", wrong="、".join(wrong[:20])), "doors")
    return sorted(set(found.values()))


def _code(typed: str) -> str:
    address = parse_address(typed)
    return short_address(address) if address else typed


def _forget_doors(actor: Me, activity: Activity) -> None:
    own = [door.id for door in took_part(activity.id) if actor.scope.allows(door.community_id, door.building_id)]
    db.session.execute(
        delete(ActivityHousehold).where(
            ActivityHousehold.activity_id == activity.id, ActivityHousehold.household_id.in_(own)
        )
    )


def _note_doors(activity: Activity, doors: list[int]) -> None:
    db.session.add_all(
        ActivityHousehold(community_id=activity.community_id, activity_id=activity.id, household_id=door)
        for door in doors
    )


def _add_photos(activity: Activity, photos: tuple[Picture, ...]) -> None:
    there = len(db.session.scalars(select(ActivityPhoto.id).where(ActivityPhoto.activity_id == activity.id)).all())
    if there + len(photos) > MOST_PHOTOS:
        raise Refused(_("一次活动最多 %(n)s 张照片。", n=MOST_PHOTOS), "photos")
    db.session.add_all(
        ActivityPhoto(
            community_id=activity.community_id,
            activity_id=activity.id,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            size=len(picture.jpeg),
        )
        for picture in photos
    )


def remove_photo(actor: Me, photo: ActivityPhoto, title: str) -> bool:
    """Whether its file can go too: nobody else took the same picture. `title` is the activity's."""
    sha256 = photo.sha256
    with audit.entry(actor, "remove_photo", community_id=photo.community_id, words=title):
        db.session.delete(photo)
    kept = [select(model.id).where(model.sha256 == sha256).limit(1) for model in (VisitPhoto, ActivityPhoto)]
    return all(db.session.scalar(same) is None for same in kept)


def withdraw_activity(actor: Me, activity: Activity) -> None:
    with audit.entry(actor, "withdraw_activity", community_id=activity.community_id, words=activity.title):
        activity.deleted_at = now()
