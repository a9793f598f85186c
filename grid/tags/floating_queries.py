"""流动登记: who came from elsewhere or went there for a while, whose permit runs out, and who should be in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Scope
from grid.core.db import db
from grid.register.models import Building, Floating, Household, Person, Residency

# A 居住证 is stamped once a year, within the month before each full year of living here (居住证暂行条例, 国令第663号,
# article 10). That we speak up 30 days before the day in 有效期到 is our own rule: a round month.
AHEAD = timedelta(days=30)
KINDS = ("in", "out", "expired", "soon", "none", "missing", "left")

# `ledgers` lies above and says here what share the plans ask for: community, year → 0.9, or None.
goals: list[Callable[[int, int], float | None]] = []

_lives = and_(Residency.person_id == Person.id, Residency.to_on.is_(None))
_in_force = Floating.left_on.is_(None)


def permit_in_force(day: date) -> Any:
    """A 居住证 not stamped in time is suspended until it is (居住证暂行条例, article 10). That a permit without a day
    counts as in force is our own rule."""
    return and_(Floating.permit_kind.is_not(None), or_(Floating.expires_on.is_(None), Floating.expires_on >= day))


def should_be_registered() -> Any:
    """Beside Person, Residency and Household: they live here as floating people, or as tenants of nobody knows what
    kind."""
    return and_(
        # Beside an outer join nobody who moved out has a residency at all.
        Residency.id.is_not(None),
        Residency.to_on.is_(None),
        Household.deleted_at.is_(None),
        Person.died_on.is_(None),
        or_(
            Person.population_kind == "floating",
            and_(Person.population_kind.is_(None), Residency.live_kind == "tenant"),
        ),
    )


def of_those_who_came(selected: Select[Any], day: date) -> Select[Any]:
    """办卡率 is counted over these: registered by a day, not gone, and living here.

    That is the plan's measure and not the law's: who has lived here less than half a year may not apply for a 居住证
    yet (居住证暂行条例, article 2), and is counted all the same.
    """
    return (
        selected.select_from(Floating)
        .join(Person, Person.id == Floating.person_id)
        .join(Residency, _lives)
        .join(Household, Household.id == Residency.household_id)
        .where(
            Floating.direction == "in",
            or_(Floating.left_on.is_(None), Floating.left_on > day),
            or_(Floating.registered_on.is_(None), Floating.registered_on <= day),
            Person.deleted_at.is_(None),
        )
    )


@dataclass(frozen=True)
class FloatingFilter:
    """What the register is narrowed to; a kind that is no word of KINDS means all in force."""

    community_id: int
    kind: str = ""
    block_id: int | None = None
    building_id: int | None = None
    name: str = ""


class Entry(NamedTuple):
    """A line of the register; of somebody who is missing in it all about the registration is None."""

    id: str
    name: str
    code: str | None
    landlord_duty: bool | None
    owner_name: str | None
    live_kind: str | None
    direction: str | None
    reason: str | None
    permit_kind: str | None
    permit_no: str | None
    registered_on: date | None
    expires_on: date | None
    employed_by: str | None
    rented_by: str | None
    went_to: str | None
    left_on: date | None
    left_reason: str | None


_columns = (
    Person.public_id,
    Person.name,
    Household.code,
    Household.landlord_duty,
    Household.owner_name,
    Residency.live_kind,
    Floating.direction,
    Floating.reason,
    Floating.permit_kind,
    Floating.permit_no,
    Floating.registered_on,
    Floating.expires_on,
    Floating.employed_by,
    Floating.rented_by,
    Floating.went_to,
    Floating.left_on,
    Floating.left_reason,
)


def has_left() -> Any:
    """Registrations that ended, of those who did not come again."""
    later = aliased(Floating)
    came_again = (
        select(later.id)
        .where(later.person_id == Floating.person_id, or_(later.left_on.is_(None), later.left_on > Floating.left_on))
        .exists()
    )
    return and_(Floating.left_on.is_not(None), ~came_again)


def of_kind(kind: str, day: date) -> tuple[Any, ...]:
    came = (_in_force, Floating.direction == "in")
    return {
        "in": came,
        "out": (_in_force, Floating.direction == "out"),
        "expired": (*came, Floating.expires_on < day),
        "soon": (*came, Floating.expires_on.between(day, day + AHEAD)),
        "none": (*came, Floating.permit_kind.is_(None)),
        "missing": (Floating.id.is_(None), should_be_registered()),
        "left": (has_left(),),
    }.get(kind, (_in_force,))


def _register(scope: Scope, wanted: FloatingFilter, day: date, *columns: Any) -> Select[Any]:
    is_missing = wanted.kind == "missing"
    registration = and_(Floating.person_id == Person.id, *((_in_force,) if is_missing else ()))
    statement = (
        select(*columns)
        .select_from(Person)
        .join(Floating, registration, isouter=is_missing)
        .outerjoin(Residency, _lives)
        .outerjoin(Household, Household.id == Residency.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
    )
    return statement.where(Person.deleted_at.is_(None), *of_kind(wanted.kind, day), *_narrowed(scope, wanted))


def _narrowed(scope: Scope, wanted: FloatingFilter) -> list[Any]:
    """Who lives behind no door any more is for those who have the whole community."""
    where = [
        Person.community_id == wanted.community_id,
        scope.covers(Person.community_id, Household.building_id),
    ]
    if wanted.block_id is not None:
        where.append(Building.block_id == wanted.block_id)
    if wanted.building_id is not None:
        where.append(Household.building_id == wanted.building_id)
    if wanted.name:
        where.append(Person.name.icontains(wanted.name, autoescape=True))
    return where


def floating(scope: Scope, wanted: FloatingFilter, day: date, most: int, skip: int = 0) -> list[Entry]:
    """Those whose permit runs out soonest first, then by door."""
    runs_out = case((and_(Floating.expires_on >= day, Floating.expires_on <= day + AHEAD), 0), else_=1)
    found = db.session.execute(
        _register(scope, wanted, day, *_columns)
        .order_by(
            runs_out,
            case((runs_out == 0, Floating.expires_on), else_=None),
            Building.no_order.is_(None),
            Building.no_order,
            Household.unit_no,
            Household.floor,
            Household.room,
            Person.id,
            Floating.id,
        )
        .limit(most)
        .offset(skip)
    )
    return [Entry(*row) for row in found]


def count_floating(scope: Scope, wanted: FloatingFilter, day: date) -> int:
    return db.session.scalar(_register(scope, wanted, day, func.count())) or 0


class PermitRate(NamedTuple):
    """办卡率: n of m who came have a permit in force."""

    n: int
    m: int
    goal: float | None

    @property
    def percent(self) -> float:
        return round(100 * self.n / self.m, 1) if self.m else 0

    @property
    def goal_percent(self) -> str:
        return f"{100 * (self.goal or 0):g}"

    @property
    def is_reached(self) -> bool:
        return self.goal is None or self.n >= self.goal * self.m


def permit_rate(scope: Scope, wanted: FloatingFilter, day: date) -> PermitRate:
    """As the indicator counts it, of what the page is narrowed to but for its kind."""
    met = func.coalesce(func.sum(case((permit_in_force(day), 1), else_=0)), 0)
    statement = of_those_who_came(select(met, func.count()), day)
    statement = statement.join(Building, Building.id == Household.building_id).where(*_narrowed(scope, wanted))
    n, m = db.session.execute(statement).one()
    asked = [goal for of in goals if (goal := of(wanted.community_id, day.year)) is not None]
    return PermitRate(int(n), int(m), max(asked, default=None))


def floating_of(person_id: int) -> Floating | None:
    """The open row of a person, else None: who left and comes again gets a new one."""
    return db.session.scalar(
        select(Floating)
        .where(Floating.person_id == person_id, Floating.left_on.is_(None))
        .order_by(Floating.id.desc())
        .limit(1)
    )


def former_registrations(person_id: int) -> Sequence[Floating]:
    """Those that ended, the last first."""
    return db.session.scalars(
        select(Floating)
        .where(Floating.person_id == person_id, Floating.left_on.is_not(None))
        .order_by(Floating.left_on.desc(), Floating.id.desc())
    ).all()
