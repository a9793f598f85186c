"""Definitions, targets, figures typed by hand and the duties of a year: never a second copy of a row."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id


class LedgerDefinition(Base):
    """台账 that a committee put together: a source, some of its columns, a filter. The shipped ones are in the code."""

    __tablename__ = "ledger_definition"
    __table_args__ = (Index(None, "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    title: Mapped[str] = mapped_column(String(50))
    # A key of the sources, keys of its columns, and {column's key: what is asked of it}.
    source: Mapped[str] = mapped_column(String(30))
    columns: Mapped[list[str]] = mapped_column(JSON)
    filter: Mapped[dict[str, Any]] = mapped_column("filter_by", JSON, default=dict)
    # week, month, quarter or year: what is proposed; None: as of a day.
    period: Mapped[str | None] = mapped_column(String(10))
    # Who signs below the table, e.g. ["填表人", "负责人"].
    signatures: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Target(Base):
    """What a plan asks of an indicator in a year. Plans contradict each other: one row per plan, never a constant."""

    __tablename__ = "target"
    __table_args__ = (Index(None, "community_id", "year", "indicator"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    year: Mapped[int] = mapped_column(Integer)
    indicator: Mapped[str] = mapped_column(String(40))
    # The number of the work plan and, in a few words, what it says.
    plan: Mapped[str] = mapped_column(String(10))
    words: Mapped[str | None] = mapped_column(String(100))
    # at_least, at_most or equal; a rate is 0.95, a count is 4.
    comparator: Mapped[str] = mapped_column(String(10), default="at_least")
    value: Mapped[float] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class HandFigure(Base):
    """A figure that our rows cannot give, typed in with where it comes from. The newest of a year counts."""

    __tablename__ = "hand_figure"
    __table_args__ = (Index(None, "community_id", "indicator", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    indicator: Mapped[str] = mapped_column(String(40))
    as_of: Mapped[date] = mapped_column(Date)
    numerator: Mapped[float] = mapped_column(Float)
    # None where it is a count or an area.
    denominator: Mapped[float | None] = mapped_column(Float)
    # Which office gave it.
    origin: Mapped[str | None] = mapped_column(String(100))
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime] = mapped_column(Moment, default=now)


class YearDuty(Base):
    """A duty of the year plan: what, how often, and what counts as done."""

    __tablename__ = "year_duty"
    __table_args__ = (Index(None, "community_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(80))
    plan: Mapped[str | None] = mapped_column(String(10))
    rhythm: Mapped[str] = mapped_column(String(12))
    # Months it applies to (1–12), None: all; of `dates`: [["2026-05-01", "2026-05-05", "劳动节"], …].
    months: Mapped[list[int] | None] = mapped_column(JSON)
    dates: Mapped[list[Any] | None] = mapped_column(JSON)
    # What is counted: {"of": "activity", "kind": "lecture", "topic": "health"}; None: ticked by hand.
    counted: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    times: Mapped[int] = mapped_column(Integer, default=1)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class DutyTick(Base):
    """Somebody says that a duty without rows of its own was done in a period."""

    __tablename__ = "duty_tick"
    __table_args__ = (Index(None, "duty_id", "period_on", unique=True), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    duty_id: Mapped[int] = mapped_column(ForeignKey("year_duty.id"))
    # The first day of the period.
    period_on: Mapped[date] = mapped_column(Date)
    on: Mapped[date] = mapped_column("on_day", Date)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str | None] = mapped_column(Text)
