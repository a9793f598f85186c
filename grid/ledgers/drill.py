"""From a figure to the rows it was counted from: by block, by worker, and one by one with a link to each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select

from grid.accounts.models import Me, Scope, User
from grid.accounts.queries import in_charge_of_blocks
from grid.cases.models import Case, Screening
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.paging import SIZE, Page, offset
from grid.ledgers.figures import seen
from grid.ledgers.indicators import COUNT, Indicator
from grid.ledgers.indicators.base import Frame
from grid.register.models import Block, Building, Household, Person, Residency
from grid.services.inspection_queries import may_be_read
from grid.services.models import Activity, Inspection, Patrol, ServiceRecord, Team
from grid.visits.models import Visit


@dataclass(frozen=True)
class Share:
    """A block or a worker in a figure: `who` is in charge of the block."""

    name: str
    met: float
    n: float
    who: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{round(100 * self.met / self.n, 1):g} %" if self.n else "–"


class Title(NamedTuple):
    """How a row is shown: its name, a line below, and where it leads."""

    name: str
    below: str
    href: str | None


class Item(NamedTuple):
    title: Title
    day: date | None
    is_met: bool


def has_blocks(indicator: Indicator) -> bool:
    return not (indicator.is_typed or indicator.is_shared or indicator.hidden)


def by_block(scope: Scope, indicator: Indicator, frame: Frame, community_id: int, names: bool) -> list[Share]:
    """In the order of the blocks, then what lies in none, or in no building. Three statements at most.

    Without names where the reader may see none.
    """
    assert indicator.rows
    row = indicator.rows(frame).subquery().c
    outside = row.building_id.is_(None)
    found = db.session.execute(
        select(Block.id, Block.name, outside, func.sum(row.met), func.sum(row.n))
        .select_from(row.id.table)
        .outerjoin(Building, row.building_id == Building.id)
        .outerjoin(Block, Block.id == Building.block_id)
        .where(seen(scope, indicator, row, community_id))
        .group_by(Block.id, Block.name, Block.seq, outside)
        .order_by(Block.seq.is_(None), Block.seq, outside)
    ).all()
    in_charge = in_charge_of_blocks(community_id, frame.today) if names else {}
    return [
        Share(
            name or (_("不在楼栋") if is_outside else _("没有划片")), float(met), float(n), in_charge.get(block_id, ())
        )
        for block_id, name, is_outside, met, n in found
    ]


def by_worker(reader: Me, indicator: Indicator, frame: Frame, community_id: int) -> list[Share]:
    """Whose rows they are; a worker reads only the own line."""
    assert indicator.rows
    row = indicator.rows(frame).subquery().c
    asked = (
        select(User.name, func.sum(row.met), func.sum(row.n))
        .join(row.id.table, row.worker_id == User.id)
        .where(seen(reader.scope, indicator, row, community_id))
        .group_by(User.id, User.name)
        .order_by(func.sum(row.met).desc(), User.name)
    )
    if not reader.may("administrator"):
        asked = asked.where(User.id == reader.id)
    return [Share(name, float(met), float(n)) for name, met, n in db.session.execute(asked)]


def items(
    reader: Me, indicator: Indicator, frame: Frame, community_id: int, is_met: bool, number: int
) -> Page[Item] | None:
    """The rows that are met, or not, a page at a time, the newest first; None where nobody may read them."""
    if indicator.of is None or indicator.rows is None or not reader.may("administrator", "grid_worker"):
        return None
    row = indicator.rows(frame).subquery().c
    wanted = [seen(reader.scope, indicator, row, community_id)]
    if indicator.unit != COUNT and not indicator.base:
        wanted.append(row.met >= row.n if is_met else row.met < row.n)
    if indicator.of == "inspection":
        wanted.append(row.id.in_(select(Inspection.id).where(may_be_read(reader.scope))))
    if indicator.of == "worker" and not reader.may("administrator"):
        wanted.append(row.worker_id == reader.id)
    total = db.session.scalar(select(func.count()).select_from(row.id.table).where(*wanted)) or 0
    found = db.session.execute(
        select(row.id, row.day)
        .where(*wanted)
        .order_by(row.day.desc(), row.building_id, row.id)
        .limit(SIZE)
        .offset(offset(number))
    ).all()
    titles = _TITLES[indicator.of]([id_ for id_, _day in found])
    shown = [Item(titles[id_], day, is_met) for id_, day in found if id_ in titles]
    return Page(tuple(shown), max(1, number), total)


Titles = Callable[[Sequence[int]], dict[int, Title]]
_TITLES: dict[str, Titles] = {}


def _titles(of: str) -> Callable[[Titles], Titles]:
    def keep(titles: Titles) -> Titles:
        _TITLES[of] = titles
        return titles

    return keep


def _named(statement: Any, name: Callable[..., Title]) -> dict[int, Title]:
    return {id_: name(*rest) for id_, *rest in db.session.execute(statement)}


@_titles("household")
def _households(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Household.id, Household.public_id, Household.code, Building.estate)
        .join(Building, Building.id == Household.building_id)
        .where(Household.id.in_(ids)),
        lambda public_id, code, estate: Title(code, estate or "", f"/households/{public_id}"),
    )


@_titles("person")
def _people(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Person.id, Person.name, Household.public_id, Household.code)
        .join(Residency, and_(Residency.person_id == Person.id, Residency.to_on.is_(None)))
        .join(Household, Household.id == Residency.household_id)
        .where(Person.id.in_(ids)),
        lambda name, public_id, code: Title(name, code, f"/households/{public_id}"),
    )


@_titles("visit")
def _visits(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Visit.id, Visit.public_id, Household.code, Visit.kind, Visit.found, User.name)
        .join(Household, Household.id == Visit.household_id)
        .join(User, User.id == Visit.worker_id)
        .where(Visit.id.in_(ids)),
        lambda public_id, code, kind, found, who: Title(
            code,
            f"{CODES['visit_kind'].text(kind)} · {CODES['found'].text(found)} · {who}",
            f"/visits/{public_id}",
        ),
    )


@_titles("case")
def _cases(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Case.id, Case.public_id, Case.no, Case.type, Building.no, Household.code, Case.place)
        .outerjoin(Building, Building.id == Case.building_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .where(Case.id.in_(ids)),
        lambda public_id, no, type_, building, code, place: Title(
            f"{CODES['case_type'].text(type_)} {no}",
            code or place or (_("%(no)s 幢", no=building) if building else ""),
            f"/cases/{public_id}",
        ),
    )


@_titles("screening")
def _screenings(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Screening.id, Screening.is_zero, Block.name, User.name)
        .join(User, User.id == Screening.by_id)
        .outerjoin(Block, Block.id == Screening.block_id)
        .where(Screening.id.in_(ids)),
        lambda is_zero, block, who: Title(
            block or _("全社区"), f"{_('零报告') if is_zero else _('有发现')} · {who}", "/screenings"
        ),
    )


@_titles("patrol")
def _patrols(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Patrol.id, Patrol.public_id, Team.name, Patrol.headcount)
        .outerjoin(Team, Team.id == Patrol.team_id)
        .where(Patrol.id.in_(ids)),
        lambda public_id, team, heads: Title(team or _("巡逻"), _("%(n)s 人", n=heads), f"/patrols/{public_id}"),
    )


@_titles("activity")
def _activities(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Activity.id, Activity.public_id, Activity.title, Activity.kind, Activity.headcount).where(
            Activity.id.in_(ids)
        ),
        lambda public_id, title, kind, heads: Title(
            title,
            CODES["activity_kind"].text(kind) + (" · " + _("%(n)s 人", n=heads) if heads is not None else ""),
            f"/activities/{public_id}",
        ),
    )


@_titles("inspection")
def _inspections(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Inspection.id, Inspection.public_id, Inspection.kind, Inspection.holiday, Inspection.place).where(
            Inspection.id.in_(ids)
        ),
        lambda public_id, kind, holiday, place: Title(
            CODES["holiday"].text(holiday) or CODES["inspection_kind"].text(kind),
            place or "",
            f"/inspections/{public_id}",
        ),
    )


@_titles("service")
def _services(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(ServiceRecord.id, ServiceRecord.kind, Household.public_id, Household.code)
        .join(Household, Household.id == ServiceRecord.household_id)
        .where(ServiceRecord.id.in_(ids)),
        lambda kind, public_id, code: Title(code, CODES["service_kind"].text(kind), f"/households/{public_id}"),
    )


@_titles("team")
def _teams(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(Team.id, Team.public_id, Team.name, Team.kind).where(Team.id.in_(ids)),
        lambda public_id, name, kind: Title(name, CODES["team_kind"].text(kind), f"/teams/{public_id}"),
    )


@_titles("worker")
def _workers(ids: Sequence[int]) -> dict[int, Title]:
    return _named(
        select(User.id, User.name).where(User.id.in_(ids)), lambda name: Title(name, _("周计划"), "/work-plans")
    )
