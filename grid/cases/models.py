"""Cases with their timeline, weekly screenings, and the reports of building heads, which are gone after a while."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id
from grid.core.personal import Personal
from grid.register.models import once


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
        Index(None, "community_id", "at"),
        Index(None, "screening_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # None for a matter of the whole community: `place` says where. Only those in charge of all of it see such a case.
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    place: Mapped[str | None] = mapped_column(String(100))
    screening_id: Mapped[int | None] = mapped_column(ForeignKey("screening.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    no: Mapped[str] = mapped_column(String(12))
    type: Mapped[str] = mapped_column(String(10))
    # Of a 矛盾纠纷: the code list's dispute_type.
    dispute_type: Mapped[str | None] = mapped_column(String(4))
    # A fire, an accident or a theft that happened, as the plans count them (own code list `incident`).
    incident: Mapped[str | None] = mapped_column(String(10))
    # GB/T 31000: how many people it concerns, and how grave it is.
    scale: Mapped[str | None] = mapped_column(String(4))
    level: Mapped[str | None] = mapped_column(String(4))
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    # Where it lies now (building, community or street), and the highest it went: 小事不出门，大事不出社区.
    lies_at: Mapped[str] = mapped_column(String(10), default="community")
    level_reached: Mapped[str] = mapped_column(String(10), default="community")
    # Of the last mediation.
    method: Mapped[str | None] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(10))
    revisit_on: Mapped[date | None] = mapped_column(Date)
    satisfaction: Mapped[str | None] = mapped_column(String(6))
    result: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None] = mapped_column(Date)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class CaseParty(Base):
    """当事人: somebody of the register, or a name and a phone."""

    __tablename__ = "case_party"
    __table_args__ = (
        Index(None, "case_id"),
        Index(None, "community_id"),
        Index(None, "person_id"),
        once("case_id", "side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    side: Mapped[str] = mapped_column(String(10), default="asks")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str | None] = mapped_column(Personal)


class CaseStep(Base):
    """One entry of a case's timeline: what was done, by whom, and where the case went."""

    __tablename__ = "case_step"
    __table_args__ = (Index(None, "case_id", "at"), Index(None, "community_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # Of a mediation, of a handing up or down or on, of a revisit.
    method: Mapped[str | None] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(10))
    to_level: Mapped[str | None] = mapped_column(String(10))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    satisfaction: Mapped[str | None] = mapped_column(String(6))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Screening(Base):
    """每周排查: a week's look for disputes and hazards in a block, or in a whole community. Nothing found is told."""

    __tablename__ = "screening"
    __table_args__ = (Index(None, "community_id", "week_on"), Index(None, "block_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("block.id"))
    # The Monday of the week it is for, and the day it was done.
    week_on: Mapped[date] = mapped_column(Date)
    on: Mapped[date] = mapped_column("on_day", Date)
    # 零报告: nothing was found. Else what was, in a sentence; what must be looked after is a case of its own.
    is_zero: Mapped[bool] = mapped_column(Boolean, default=True)
    content: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
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
