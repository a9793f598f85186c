"""What the plans ask of a figure, what was typed of figures from elsewhere, and by whom."""

from dataclasses import dataclass

from sqlalchemy import func, select

from grid.accounts.models import User
from grid.core.db import db
from grid.core.periods import period_of
from grid.ledgers.figures import Figure
from grid.ledgers.indicators import INDICATORS
from grid.ledgers.models import HandFigure, Target
from grid.tags import floating_queries

# Typed a few times a year each: the last hundred reach back far enough.
MOST = 100


@dataclass(frozen=True)
class Typed:
    """One entry: the figure as of a day, who typed it."""

    figure: Figure
    by: str


def figures_typed(community_id: int) -> list[Typed]:
    """The newest first."""
    found = db.session.execute(
        select(HandFigure, User.name)
        .join(User, User.id == HandFigure.entered_by)
        .where(HandFigure.community_id == community_id, HandFigure.indicator.in_(INDICATORS))
        .order_by(HandFigure.as_of.desc(), HandFigure.id.desc())
        .limit(MOST)
    )
    return [Typed(_figure(one), name) for one, name in found]


def _figure(one: HandFigure) -> Figure:
    return Figure(
        INDICATORS[one.indicator],
        period_of("year", one.as_of),
        one.numerator,
        one.denominator,
        as_of=one.as_of,
        origin=one.origin,
    )


def permit_goal(community_id: int, year: int) -> float | None:
    """The highest share of permits that a plan asks for; None where none does."""
    return db.session.scalar(
        select(func.max(Target.value)).where(
            Target.community_id == community_id,
            Target.year == year,
            Target.indicator == "permits",
            Target.comparator == "at_least",
            Target.deleted_at.is_(None),
        )
    )


floating_queries.goals.append(permit_goal)
