"""Reading visits: those of a household, and where somebody has to go again."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from grid.accounts.models import Patch, Scope, User, in_force
from grid.core.db import db
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.register.models import Building, Household, Person, PersonTag, Residency, Tag
from grid.tags.carrying_queries import talks
from grid.visits.contact_rules import last_contact
from grid.visits.models import Visit, VisitPerson, VisitPhoto, VisitWorker

MOST_ALONG = 30
MOST_TALKS = 50

_along = aliased(User)


def is_confidential() -> Any:
    """A talk with somebody who carries or carried a restricted tag: its words open with the tag, see `talks_with`."""
    return and_(
        Visit.kind == "talk",
        exists()
        .where(
            VisitPerson.visit_id == Visit.id,
            PersonTag.person_id == VisitPerson.person_id,
            Tag.id == PersonTag.tag_id,
            Tag.restricted == true(),
        )
        .correlate(Visit),
    )


_lines = (
    select(
        Visit.public_id,
        Visit.at,
        Visit.kind,
        Visit.found,
        Visit.topics,
        case((is_confidential(), None), else_=Visit.content).label("content"),
        case((is_confidential(), None), else_=Visit.needs).label("needs"),
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


def _latest(here: Any) -> Prepared:
    """The latest visits to each of several doors."""
    counted_back = (
        select(
            Visit.id,
            func.row_number()
            .over(partition_by=Visit.household_id, order_by=(Visit.at.desc(), Visit.id.desc()))
            .label("n"),
        )
        .join(Household, Household.id == Visit.household_id)
        .where(here, Visit.deleted_at.is_(None))
        .subquery()
    )
    return Prepared(
        _lines.with_only_columns(Visit.household_id, *_lines.selected_columns)
        .join(counted_back, counted_back.c.id == Visit.id)
        .where(counted_back.c.n <= bindparam("most"))
        .order_by(Visit.household_id, Visit.at.desc(), Visit.id.desc())
    )


_latest_in = _latest(Household.building_id.in_(bindparam("buildings", expanding=True)))
_latest_to = _latest(Visit.household_id.in_(bindparam("households", expanding=True)))


def visits_to(household_id: int, most: int = 20) -> Sequence[tuple[Any, ...]]:
    """The latest visits to a door, newest first; who came along stands one name a line."""
    return _visits.rows(household_id=household_id, most=most)


def latest_visits_in(buildings: Sequence[int], most: int) -> Sequence[tuple[Any, ...]]:
    """The latest visits to each door of some buildings: household id, then the columns of `visits_to`."""
    return _latest_in.rows(buildings=buildings, most=most)


def latest_visits_to(households: Sequence[int], most: int) -> Sequence[tuple[Any, ...]]:
    """The same for doors by their ids."""
    return _latest_to.rows(households=households, most=most)


def visit_or_404(scope: Scope, public_id: str) -> tuple[Visit, Household]:
    found = db.session.execute(
        select(Visit, Household)
        .join(Household, Household.id == Visit.household_id)
        .where(Visit.public_id == public_id, Visit.deleted_at.is_(None))
    ).first()
    if found is None or not scope.allows(found[1].community_id, found[1].building_id):
        raise Missing
    return found[0], found[1]


def whose_words(visit: Visit) -> list[int]:
    """The people met whose restricted tags keep a talk's words from all that have not said why."""
    met = select(VisitPerson.person_id).join(Visit, Visit.id == VisitPerson.visit_id)
    return list(db.session.scalars(met.where(Visit.id == visit.id, is_confidential())))


def confidential_among(visit_ids: Collection[int]) -> set[int]:
    """Those of some visits whose words belong to a restricted tag."""
    return set(db.session.scalars(select(Visit.id).where(Visit.id.in_(visit_ids), is_confidential())))


def talks_with(person_id: int) -> Sequence[tuple[Any, ...]]:
    """The talks somebody had, newest first: public id, moment, worker, words."""
    found = db.session.execute(
        select(Visit.public_id, Visit.at, User.name, Visit.content)
        .join(VisitPerson, VisitPerson.visit_id == Visit.id)
        .join(User, User.id == Visit.worker_id)
        .where(VisitPerson.person_id == person_id, Visit.kind == "talk", Visit.deleted_at.is_(None))
        .order_by(Visit.at.desc(), Visit.id.desc())
        .limit(MOST_TALKS)
    )
    return [tuple(row) for row in found]


talks.append(talks_with)


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


# Where a door comes in the climb: community, building, unit, floor, when somebody is found there, room.
_at = case((Household.home_hours == "morning", 0), (Household.home_hours == "afternoon", 1),
           (Household.home_hours == "evening", 2), else_=3)  # fmt: skip
CLIMB = (
    Household.community_id,
    Building.no_order,
    Building.no,
    Household.unit_no,
    Household.floor,
    _at.label("found_at"),
    Household.room,
    Household.id,
)


class Scoped:
    """One select for each kind of scope, because an OR over communities and buildings would read every row.

    `of` are the rows that lie in the scope: doors, or what else stands beside a community and a building;
    `also` is what belongs to somebody beside the single buildings.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], of: Any = Household, also: Any = None) -> None:
        standing = statement.where(of.deleted_at.is_(None))
        whole = of.community_id.in_(bindparam("communities", expanding=True))
        single = of.building_id.in_(bindparam("buildings", expanding=True))
        single = single if also is None else or_(single, also)
        self._communities = Prepared(standing.where(whole))
        self._buildings = Prepared(standing.where(single))
        self._both = Prepared(standing.where(or_(whole, single)))

    def rows(self, scope: Scope, **given: Any) -> Sequence[tuple[Any, ...]]:
        if scope.communities and scope.buildings:
            return self._both.rows(communities=scope.communities, buildings=scope.buildings, **given)
        if scope.communities:
            return self._communities.rows(communities=scope.communities, **given)
        return self._buildings.rows(buildings=scope.buildings, **given)


def _contacts(*only: Any) -> Scoped:
    # From the few tags with a rule, not from every door.
    return Scoped(
        select(
            *CLIMB,
            Household.building_id,
            PersonTag.person_id,
            PersonTag.since,
            Residency.from_on,
            Tag.contact_every_days,
            Tag.contact_kind,
            Tag.grace_days,
            Tag.restricted,
            last_contact().label("last_on"),
        )
        .select_from(Tag)
        .join(PersonTag, PersonTag.tag_id == Tag.id)
        .join(Person, Person.id == PersonTag.person_id)
        .join(Residency, Residency.person_id == PersonTag.person_id)
        .join(Household, Household.id == Residency.household_id)
        .join(Building, Building.id == Household.building_id)
        .where(
            Tag.community_id.in_(bindparam("seen", expanding=True)),
            Tag.contact_every_days.is_not(None),
            Tag.deleted_at.is_(None),
            PersonTag.until.is_(None),
            Person.deleted_at.is_(None),
            Residency.to_on.is_(None),
            *only,
        )
    )


_in_charge = (
    select(Patch.id)
    .where(
        Patch.user_id == bindparam("in_charge"),
        Patch.duty == "in_charge",
        in_force(bindparam("day")),
        or_(
            Patch.building_id == Household.building_id,
            and_(Patch.building_id.is_(None), Patch.block_id == Building.block_id),
            and_(Patch.building_id.is_(None), Patch.block_id.is_(None), Patch.community_id == Household.community_id),
        ),
    )
    .correlate(Household, Building)
    .exists()
)
_all_contacts = _contacts(or_(Tag.restricted == false(), _in_charge))
_open_contacts = _contacts(Tag.restricted == false())


def contacts(scope: Scope, in_charge: int = 0, day: date | None = None) -> Sequence[tuple[Any, ...]]:
    """Everybody whose tag asks for contact every so often.

    Climb, building, person, since, from, rule, whether it is restricted, last contact. Restricted rules come only
    where somebody is named, and only of the doors that this person is in charge of on that day.
    """
    if not in_charge:
        return _open_contacts.rows(scope, seen=scope.seen_communities)
    return _all_contacts.rows(scope, seen=scope.seen_communities, in_charge=in_charge, day=day)


# closed = 0 stands as a literal so that the partial index serves.
_promises = Scoped(
    select(*CLIMB, Household.building_id, Visit.due_on)
    .select_from(Visit)
    .join(Household, Household.id == Visit.household_id)
    .join(Building, Building.id == Household.building_id)
    .where(
        Visit.community_id.in_(bindparam("seen", expanding=True)),
        Visit.due_on <= bindparam("until"),
        Visit.due_on.is_not(None),
        Visit.closed == false(),
        Visit.deleted_at.is_(None),
    )
)


def promises(scope: Scope, until: date) -> Sequence[tuple[Any, ...]]:
    """Next visits promised for a day or before, whoever promised them: climb, building, day."""
    return _promises.rows(scope, until=until, seen=scope.seen_communities)


_unvisited = Scoped(
    select(*CLIMB, Household.building_id, Household.last_visit_on)
    .join(Building, Building.id == Household.building_id)
    .where(
        Household.use == "dwelling",
        Household.n_members > 0,
        or_(Household.last_visit_on.is_(None), Household.last_visit_on <= bindparam("since")),
    )
)


def unvisited(scope: Scope, since: date) -> Sequence[tuple[Any, ...]]:
    """Inhabited dwellings where nobody was met after a day, or ever: climb, building, last day somebody was."""
    return _unvisited.rows(scope, since=since)


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
