"""Reading visits: those of a household, and the promises that fall due."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, false, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import db
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Building, Community, Household, Person, Residency
from grid.visits.models import Visit, VisitPerson, VisitPhoto, VisitWorker

MOST_DUE = 60
MOST_ALONG = 30

_along = aliased(User)

_lines = (
    select(
        Visit.public_id,
        Visit.at,
        Visit.kind,
        Visit.found,
        Visit.topics,
        Visit.content,
        Visit.needs,
        Visit.due_on,
        Visit.closed,
        User.name,
        Visit.gift,
        select(func.aggregate_strings(_along.name, "\n"))
        .join(VisitWorker, VisitWorker.user_id == _along.id)
        .where(VisitWorker.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
        .label("along"),
        select(func.count())
        .select_from(VisitPhoto)
        .where(VisitPhoto.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
        .label("n_photos"),
    )
    .join(User, User.id == Visit.worker_id)
    .where(Visit.deleted_at.is_(None))
)
_visits = Prepared(
    _lines.where(Visit.household_id == bindparam("household_id"))
    .order_by(Visit.at.desc(), Visit.id.desc())
    .limit(bindparam("most"))
)
_counted_back = (
    select(
        Visit.id,
        func.row_number().over(partition_by=Visit.household_id, order_by=(Visit.at.desc(), Visit.id.desc())).label("n"),
    )
    .join(Household, Household.id == Visit.household_id)
    .where(Household.building_id.in_(bindparam("buildings", expanding=True)), Visit.deleted_at.is_(None))
    .subquery()
)
_latest = Prepared(
    _lines.with_only_columns(Visit.household_id, *_lines.selected_columns)
    .join(_counted_back, _counted_back.c.id == Visit.id)
    .where(_counted_back.c.n <= bindparam("most"))
    .order_by(Visit.household_id, Visit.at.desc(), Visit.id.desc())
)


def visits_to(household_id: int, most: int = 20) -> Sequence[tuple[Any, ...]]:
    """The latest visits to a door, newest first; who came along stands one name a line."""
    return _visits.rows(household_id=household_id, most=most)


def latest_visits_in(buildings: Sequence[int], most: int) -> Sequence[tuple[Any, ...]]:
    """The latest visits to each door of some buildings: household id, then the columns of `visits_to`."""
    return _latest.rows(buildings=buildings, most=most)


def visit_or_404(scope: Scope, public_id: str) -> tuple[Visit, Household]:
    found = db.session.execute(
        select(Visit, Household)
        .join(Household, Household.id == Visit.household_id)
        .where(Visit.public_id == public_id, Visit.deleted_at.is_(None))
    ).first()
    if found is None or not scope.allows(found[1].community_id, found[1].building_id):
        raise Missing
    return found[0], found[1]


def people_met(visit_id: int) -> list[str]:
    return list(
        db.session.scalars(
            select(Person.name)
            .join(VisitPerson, VisitPerson.person_id == Person.id)
            .where(VisitPerson.visit_id == visit_id)
            .order_by(VisitPerson.id)
        )
    )


def visitor_of(visit: Visit) -> str:
    return db.session.scalar(select(User.name).where(User.id == visit.worker_id)) or ""


def people_along(visit_id: int) -> list[str]:
    return list(
        db.session.scalars(
            select(User.name)
            .join(VisitWorker, VisitWorker.user_id == User.id)
            .where(VisitWorker.visit_id == visit_id)
            .order_by(VisitWorker.id)
        )
    )


_colleagues = Prepared(
    select(User.id, User.public_id, User.name)
    .where(
        User.is_active,
        or_(User.role == "grid_worker", User.role == "administrator"),
        User.id != bindparam("without"),
        User.id.in_(
            select(Patch.user_id).where(Patch.community_id == bindparam("community_id"), in_force(bindparam("day")))
        ),
    )
    # Grid workers first, then the administrators.
    .order_by(User.role.desc(), User.name, User.id)
    .limit(MOST_ALONG)
)


def colleagues(community_id: int, without: int, day: date) -> Sequence[tuple[Any, ...]]:
    """Who may come along on a visit: id, public id and name of those who work in a community on a day."""
    return _colleagues.rows(community_id=community_id, without=without, day=day)


def photos_of(visit_id: int) -> list[VisitPhoto]:
    return list(db.session.scalars(select(VisitPhoto).where(VisitPhoto.visit_id == visit_id).order_by(VisitPhoto.id)))


def photo_or_404(visit: Visit, public_id: str) -> VisitPhoto:
    found = db.session.scalar(
        select(VisitPhoto).where(VisitPhoto.visit_id == visit.id, VisitPhoto.public_id == public_id)
    )
    if found is None:
        raise Missing
    return found


# The climb: building, unit, floor, room, so that the list is walked from door to door.
_climb = (Household.community_id, Building.no_order, Building.no, Household.unit_no, Household.floor, Household.room)
_head = (
    select(func.min(Person.name))
    .join(Residency, Residency.person_id == Person.id)
    .where(Residency.household_id == Household.id, Residency.to_on.is_(None), Residency.is_head)
    .correlate(Household)
    .scalar_subquery()
)
_door = (
    Household.public_id,
    Household.code,
    Building.estate,
    Household.n_members,
    Household.last_visit_on,
    _head.label("head"),
)

# Promises: closed = 0 stands as a literal so that the partial index serves.
_due_promises = Prepared(
    select(*_door, func.min(Visit.due_on).label("due_on"))
    .select_from(Visit)
    .join(Household, Household.id == Visit.household_id)
    .join(Building, Building.id == Household.building_id)
    .where(
        Visit.worker_id == bindparam("worker_id"),
        Visit.due_on <= bindparam("day"),
        Visit.due_on.is_not(None),
        Visit.closed == false(),
        Visit.deleted_at.is_(None),
        Household.deleted_at.is_(None),
        or_(
            Household.community_id.in_(bindparam("communities", expanding=True)),
            Household.building_id.in_(bindparam("buildings", expanding=True)),
        ),
    )
    .group_by(Household.id, Building.id)
    .order_by(*_climb)
    .limit(bindparam("most"))
)


def due_follow_ups(scope: Scope, worker_id: int, day: date, most: int = MOST_DUE) -> Sequence[tuple[Any, ...]]:
    """Households a worker promised to see again by a day, as a climb: door, head, day promised."""
    return _due_promises.rows(
        worker_id=worker_id,
        day=day,
        communities=scope.communities,
        buildings=scope.buildings,
        most=most,
    )


def _unvisited(scope_condition: Any) -> Prepared:
    return Prepared(
        select(*_door)
        .join(Building, Building.id == Household.building_id)
        .where(
            scope_condition,
            Household.use == "dwelling",
            Household.n_members > 0,
            or_(Household.last_visit_on.is_(None), Household.last_visit_on < bindparam("since")),
            Household.deleted_at.is_(None),
        )
        .order_by(*_climb)
        .limit(bindparam("most"))
    )


_whole = Household.community_id.in_(bindparam("communities", expanding=True))
_single = Household.building_id.in_(bindparam("buildings", expanding=True))
# One statement for each kind of scope, because an OR over both would read every door.
_unvisited_in = {
    "communities": _unvisited(_whole),
    "buildings": _unvisited(_single),
    "both": _unvisited(or_(_whole, _single)),
}


def long_unvisited(scope: Scope, since: date, most: int = MOST_DUE) -> Sequence[tuple[Any, ...]]:
    """Inhabited dwellings where nobody was met since a day, or never, as a climb."""
    if scope.communities and scope.buildings:
        given = {"communities": scope.communities, "buildings": scope.buildings}
        return _unvisited_in["both"].rows(**given, since=since, most=most)
    if scope.communities:
        return _unvisited_in["communities"].rows(communities=scope.communities, since=since, most=most)
    return _unvisited_in["buildings"].rows(buildings=scope.buildings, since=since, most=most)


_recorded = Prepared(
    select(func.count())
    .select_from(Visit)
    .where(
        Visit.worker_id == bindparam("worker_id"), Visit.recorded_at >= bindparam("since"), Visit.deleted_at.is_(None)
    )
)


def visits_recorded(worker_id: int, since: datetime) -> int:
    """How many visits a worker has recorded since a moment, as the server counts them."""
    ((count,),) = _recorded.rows(worker_id=worker_id, since=since)
    return int(count)


_every = Prepared(
    select(func.min(Community.visit_every_days)).where(Community.id.in_(bindparam("communities", expanding=True)))
)


def visit_every_days(scope: Scope) -> int:
    """After how many days a household is due again: the strictest of the communities seen."""
    ((days,),) = _every.rows(communities=scope.seen_communities)
    return days or 30
