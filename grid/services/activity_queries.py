"""Reading activities: for everybody who has something of the community; who took part, only of one's own doors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from grid.accounts.models import Scope, User
from grid.core.db import Found, db
from grid.core.periods import Period
from grid.core.refusals import Missing
from grid.register.models import Building, Community, Household
from grid.services.models import Activity, ActivityHousehold, ActivityPhoto

# Whatever is decided there is to be read later.
MEETINGS = ("meeting", "joint_meeting")


@dataclass(frozen=True)
class Wanted:
    community_id: int
    period: Period | None = None
    kind: str | None = None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Activity.community_id == wanted.community_id,
        Activity.deleted_at.is_(None),
    ]
    if wanted.period:
        start, end = wanted.period.moments
        conditions += [Activity.at >= start, Activity.at < end]
    if wanted.kind:
        conditions.append(Activity.kind == wanted.kind)
    return conditions


LACKS_MINUTES = Activity.kind.in_(MEETINGS) & Activity.minutes.is_(None)


def _of_activity(model: Any) -> Any:
    return select(func.count()).select_from(model).where(model.activity_id == Activity.id).scalar_subquery()


def activities(wanted: Wanted, most: int, skip: int = 0) -> Sequence[Found]:
    """One page of the list, the latest first."""
    return db.session.execute(
        select(
            Activity.public_id,
            Activity.kind,
            Activity.topic,
            Activity.theme,
            Activity.title,
            Activity.at,
            Activity.place,
            Activity.headcount,
            LACKS_MINUTES,
            _of_activity(ActivityPhoto),
        )
        .where(*_conditions(wanted))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(most)
        .offset(skip)
    ).all()


def sums(wanted: Wanted) -> tuple[int, int]:
    """Activities, and heads in all of them."""
    found = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Activity.headcount), 0)).where(*_conditions(wanted))
    ).one()
    return int(found[0]), int(found[1] or 0)


@dataclass(frozen=True)
class ActivityFile:
    """`doors` are the reader's own; `beyond` counts those of others that took part too."""

    activity: Activity
    community: Community
    recorder: str
    doors: tuple[tuple[str, str], ...]
    beyond: int
    photos: tuple[ActivityPhoto, ...]

    @property
    def lacks_minutes(self) -> bool:
        return self.activity.kind in MEETINGS and not self.activity.minutes


def activity_or_404(scope: Scope, public_id: str) -> ActivityFile:
    found = db.session.execute(
        select(Activity, Community, User.name)
        .join(Community, Community.id == Activity.community_id)
        .join(User, User.id == Activity.recorded_by)
        .where(Activity.public_id == public_id, Activity.deleted_at.is_(None))
    ).first()
    if found is None or not scope.touches(found[0].community_id):
        raise Missing
    doors = took_part(found[0].id)
    own = [door for door in doors if scope.allows(door.community_id, door.building_id)]
    photos = db.session.scalars(
        select(ActivityPhoto).where(ActivityPhoto.activity_id == found[0].id).order_by(ActivityPhoto.id)
    )
    return ActivityFile(
        *found, tuple((door.public_id, door.code) for door in own), len(doors) - len(own), tuple(photos)
    )


def took_part(activity_id: int) -> list[Household]:
    """In the order of a walk."""
    return list(
        db.session.scalars(
            select(Household)
            .join(ActivityHousehold, ActivityHousehold.household_id == Household.id)
            .join(Building, Building.id == Household.building_id)
            .where(ActivityHousehold.activity_id == activity_id, Household.deleted_at.is_(None))
            .order_by(Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room)
        )
    )


def doors_at(scope: Scope, community_id: int, codes: Sequence[str]) -> dict[str, int]:
    """Of several addresses those that are in scope: code → household.id."""
    found = db.session.execute(
        select(Household.code, Household.id).where(
            Household.community_id == community_id,
            Household.code.in_(codes),
            Household.deleted_at.is_(None),
            scope.covers(Household.community_id, Household.building_id),
        )
    )
    return {code: household_id for code, household_id in found}


def photo_or_404(file: ActivityFile, public_id: str) -> ActivityPhoto:
    found = next((photo for photo in file.photos if photo.public_id == public_id), None)
    if found is None:
        raise Missing
    return found
