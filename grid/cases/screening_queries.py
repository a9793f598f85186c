"""每周排查: a week's screenings, block by block. A reader sees the blocks of which every building is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import exists, func, select

from grid.accounts.models import Scope, User
from grid.accounts.queries import in_charge_of_blocks
from grid.cases.case_queries import readable
from grid.cases.models import Case, Screening
from grid.core.db import Found, db
from grid.core.periods import Period, period_of
from grid.core.refusals import Missing
from grid.register.models import Block, Building, Community

# How many weeks back one is reminded of what is missing.
WEEKS_BACK = 8


class Done(NamedTuple):
    """What was told for a week: by whom, on which day, and how many cases were opened from it."""

    public_id: str
    block_id: int | None
    is_zero: bool
    content: str | None
    on: date
    by: str
    n_cases: int


@dataclass(frozen=True)
class Line:
    """A block, or the whole community, with who is in charge and what was told for the week."""

    block: Block | None
    in_charge: tuple[str, ...]
    done: Done | None
    week: Period

    @property
    def is_late(self) -> bool:
        return self.done is not None and self.done.on > self.week.end


def blocks_of(scope: Scope, community_id: int) -> list[Block]:
    """The blocks of a community that are wholly the reader's."""
    wanted = select(Block).where(Block.community_id == community_id).order_by(Block.seq)
    if not scope.allows(community_id):
        mine = Building.id.in_(scope.buildings)
        of_block = Building.block_id == Block.id
        wanted = wanted.where(exists().where(of_block, mine), ~exists().where(of_block, ~mine))
    return list(db.session.scalars(wanted))


def block_or_404(scope: Scope, public_id: str) -> Block:
    found = db.session.scalar(select(Block).where(Block.public_id == public_id))
    if found is None or not _reads(scope, found.community_id, found.id):
        raise Missing
    return found


def _reads(scope: Scope, community_id: int, block_id: int | None) -> bool:
    if scope.allows(community_id):
        return True
    return block_id is not None and block_id in {block.id for block in blocks_of(scope, community_id)}


def screening_or_404(scope: Scope, public_id: str) -> Screening:
    found = db.session.scalar(select(Screening).where(Screening.public_id == public_id, Screening.deleted_at.is_(None)))
    if found is None or not _reads(scope, found.community_id, found.block_id):
        raise Missing
    return found


def screened(community_id: int, block_id: int | None, week_on: date) -> str | None:
    """Who has told already of a block's week, or of the whole community's."""
    return db.session.scalar(
        select(User.name)
        .join(Screening, Screening.by_id == User.id)
        .where(
            Screening.community_id == community_id,
            Screening.block_id.is_(None) if block_id is None else Screening.block_id == block_id,
            Screening.week_on == week_on,
            Screening.deleted_at.is_(None),
        )
    )


def lines_of(scope: Scope, community: Community, week: Period, today: date) -> list[Line]:
    """The reader's blocks with what was told of each; the whole community first, where it was screened as one."""
    mine = blocks_of(scope, community.id)
    done = {one.block_id: one for one in _done(community.id, week.start)}
    charged = in_charge_of_blocks(community.id, min(today, week.end))
    lines = [Line(block, charged.get(block.id, ()), done.get(block.id), week) for block in mine]
    is_whole = scope.allows(community.id) and (None in done or not mine)
    return [Line(None, (), done.get(None), week), *lines] if is_whole else lines


def _done(community_id: int, week_on: date) -> list[Done]:
    n_cases = (
        select(func.count())
        .where(Case.screening_id == Screening.id, Case.deleted_at.is_(None))
        .correlate(Screening)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(
            Screening.public_id,
            Screening.block_id,
            Screening.is_zero,
            Screening.content,
            Screening.on,
            User.name,
            n_cases,
        )
        .join(User, User.id == Screening.by_id)
        .where(Screening.community_id == community_id, Screening.week_on == week_on, Screening.deleted_at.is_(None))
    )
    return [Done(*one) for one in found]


def missing_weeks(scope: Scope, community_id: int, today: date) -> list[tuple[Period, int]]:
    """Past weeks in which blocks of the reader's were not screened, the newest first, with how many.

    Nothing is missing before the community's first screening; a screening of the whole community is one of each block.
    """
    mine = {block.id for block in blocks_of(scope, community_id)}
    last = period_of("week", today).before
    told: dict[date, set[int | None]] = {}
    for week_on, block_id in _told(community_id, last.start - timedelta(weeks=WEEKS_BACK - 1)):
        told.setdefault(week_on, set()).add(block_id)
    first = db.session.scalar(_first.where(Screening.community_id == community_id))
    weeks = [period_of("week", last.start - timedelta(weeks=n)) for n in range(WEEKS_BACK)]
    counted = [
        (week, len(mine - told.get(week.start, set())))
        for week in weeks
        if first and week.start >= first and None not in told.get(week.start, set())
    ]
    return [(week, n) for week, n in counted if n]


_first = select(func.min(Screening.week_on)).where(Screening.deleted_at.is_(None))


def _told(community_id: int, since: date) -> Sequence[Found]:
    return db.session.execute(
        select(Screening.week_on, Screening.block_id).where(
            Screening.community_id == community_id, Screening.week_on >= since, Screening.deleted_at.is_(None)
        )
    ).all()


def cases_of(scope: Scope, user_id: int, screening: Screening) -> Sequence[Found]:
    """What was opened from it and the reader may open: public id, no, type, content, closed on, place, building."""
    return db.session.execute(
        select(
            Case.public_id, Case.no, Case.type, Case.content, Case.closed_on, Case.place, Building.no.label("building")
        )
        .outerjoin(Building, Building.id == Case.building_id)
        .where(
            Case.screening_id == screening.id,
            Case.deleted_at.is_(None),
            readable(scope, user_id),
        )
        .order_by(Case.id)
    ).all()


def name_of(screening: Screening) -> str:
    """Who told it."""
    return db.session.scalar(select(User.name).where(User.id == screening.by_id)) or ""
