"""Cases, and the reports of building heads, which are gone after a while."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id


class Case(Base):
    """事件: what somebody looks after until it is closed. `no` is 2026-0012, counted per community and year."""

    __tablename__ = "case_file"
    __table_args__ = (
        Index(None, "community_id", "no", unique=True),
        Index(
            "ix_case_file_open",
            "owner_id",
            "due_on",
            sqlite_where=text("closed_on IS NULL"),
            postgresql_where=text("closed_on IS NULL"),
        ),
        Index(None, "household_id"),
        Index(None, "building_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    no: Mapped[str] = mapped_column(String(12))
    type: Mapped[str] = mapped_column(String(10))
    # visit, report, counter or phone.
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    result: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None] = mapped_column(Date)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class VisitorReport(Base):
    """来访报告: facts of an event in a head's own building. No ID number, no picture of the person, no blacklist.

    Gone on `purge_on`, and its words with it: the audit log keeps who did what when, never what was reported.
    """

    __tablename__ = "visitor_report"
    __table_args__ = (
        Index(None, "building_id", "state"),
        Index(None, "reporter_id", "reported_at"),
        Index(None, "community_id", "purge_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(12))
    seen_at: Mapped[datetime] = mapped_column(Moment)
    headcount: Mapped[int | None] = mapped_column(Integer)
    facts: Mapped[str | None] = mapped_column(Text)
    # waiting (待核), verified (已核实), turned (已转) or closed (已结).
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    result: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(Moment, default=now)
    purge_on: Mapped[date] = mapped_column(Date)
