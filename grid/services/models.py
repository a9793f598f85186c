"""What a committee does beside visits and cases. Rows without a building belong to the whole community."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id
from grid.core.personal import Personal
from grid.register.models import once


class Team(Base):
    """队伍, until the day it was dissolved."""

    __tablename__ = "team"
    __table_args__ = (Index(None, "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(50))
    leader: Mapped[str | None] = mapped_column(String(50))
    phone: Mapped[str | None] = mapped_column(Personal)
    founded_on: Mapped[date | None] = mapped_column(Date)
    dissolved_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)


class TeamMember(Base):
    """Somebody of the register, or a name and a phone; a member until the day of leaving."""

    __tablename__ = "team_member"
    __table_args__ = (Index(None, "team_id"), Index(None, "community_id"), Index(None, "person_id"), once("team_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str | None] = mapped_column(Personal)
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)


class Shift(Base):
    """排班: a team's turn on a day, before anybody has walked."""

    __tablename__ = "shift"
    __table_args__ = (Index(None, "community_id", "on_day"), Index(None, "team_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_route.id"))
    on: Mapped[date] = mapped_column("on_day", Date)
    # "19:00" and "21:00"; an end before the beginning is on the next day.
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
    who: Mapped[str | None] = mapped_column(String(200))


class Patrol(Base):
    """巡逻 that took place. No trail of where anybody walked: the route, the hours, who, and what was found."""

    __tablename__ = "patrol"
    __table_args__ = (Index(None, "community_id", "started_at"), Index(None, "team_id"), Index(None, "shift_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_route.id"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime] = mapped_column(Moment)
    headcount: Mapped[int] = mapped_column(Integer, default=1)
    who: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class PatrolFinding(Base):
    """Something a patrol found; what must be looked after became a case."""

    __tablename__ = "patrol_finding"
    __table_args__ = (Index(None, "patrol_id"), Index(None, "community_id"), Index(None, "case_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    patrol_id: Mapped[int] = mapped_column(ForeignKey("patrol.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    place: Mapped[str | None] = mapped_column(String(100))
    content: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))


class Checklist(Base):
    """检查表 of a kind of inspection, for one kind of site or for any. `items` are sentences, in order."""

    __tablename__ = "checklist"
    __table_args__ = (Index(None, "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(10))
    site_kind: Mapped[str | None] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(50))
    items: Mapped[list[Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Inspection(Base):
    """检查: a checklist gone through at a site, at a building or somewhere else; `holiday` where it was for one."""

    __tablename__ = "inspection"
    __table_args__ = (Index(None, "community_id", "at"), Index(None, "site_id"), Index(None, "building_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    checklist_id: Mapped[int | None] = mapped_column(ForeignKey("checklist.id"))
    kind: Mapped[str] = mapped_column(String(10))
    holiday: Mapped[str | None] = mapped_column(String(12))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    place: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(Moment)
    inspectors: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[str | None] = mapped_column(Text)
    # Whoever is in charge of the place: the name, and the signature as the path of an SVG drawing of 300 × 100.
    signer: Mapped[str | None] = mapped_column(String(50))
    signature: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class InspectionItem(Base):
    """A line of the checklist as it was found; what is amiss is to be put right by a day, and looked at again."""

    __tablename__ = "inspection_item"
    __table_args__ = (
        Index(None, "inspection_id", "seq"),
        Index(None, "community_id", "due_on"),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    seq: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(String(200))
    # None: does not apply here.
    is_fine: Mapped[bool | None] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    # 复查: the day it was found in order, and by whom.
    rectified_on: Mapped[date | None] = mapped_column(Date)
    rechecked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recheck_note: Mapped[str | None] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))


class ServiceRecord(Base):
    """服务记录: what was done for a household or somebody of it."""

    __tablename__ = "service_record"
    __table_args__ = (Index(None, "community_id", "on_day"), Index(None, "household_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    on: Mapped[date] = mapped_column("on_day", Date)
    content: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(12), default="done")
    # Yuan, where money was given.
    amount: Mapped[float | None] = mapped_column(Numeric(11, 2, asdecimal=False))
    gift: Mapped[str | None] = mapped_column(String(60))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Activity(Base):
    """活动: a lecture, a meeting, a board put up, a feast. Heads are counted per event: somebody may be there twice."""

    __tablename__ = "activity"
    __table_args__ = (Index(None, "community_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(10), default="other")
    # The theme day of the year plan it was for, e.g. 世界无烟日.
    theme: Mapped[str | None] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str | None] = mapped_column(String(100))
    audience: Mapped[str | None] = mapped_column(String(12))
    headcount: Mapped[int | None] = mapped_column(Integer)
    # 会议记录: what was said and decided.
    minutes: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class ActivityHousehold(Base):
    """A household that took part, where they were listed."""

    __tablename__ = "activity_household"
    __table_args__ = (
        Index(None, "activity_id", "household_id", unique=True),
        Index(None, "household_id"),
        Index(None, "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))


class ActivityPhoto(Base):
    """A picture of an activity, kept as the visits' pictures are."""

    __tablename__ = "activity_photo"
    __table_args__ = (Index(None, "activity_id"), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]


class WorkPlan(Base):
    """周工作计划 of one worker: written, handed in, checked, archived."""

    __tablename__ = "work_plan"
    __table_args__ = (Index(None, "community_id", "week_on"), Index(None, "user_id", "week_on", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # The Monday.
    week_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    remark: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)


class WorkPlanItem(Base):
    """A line of a week's plan, and whether it was done."""

    __tablename__ = "work_plan_item"
    __table_args__ = (Index(None, "work_plan_id", "seq"), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    work_plan_id: Mapped[int] = mapped_column(ForeignKey("work_plan.id"))
    seq: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(String(200))
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str | None] = mapped_column(String(200))


class Award(Base):
    """评选: what a household or somebody was honoured with in a year."""

    __tablename__ = "award"
    __table_args__ = (Index(None, "community_id", "year"), Index(None, "household_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    # Of a person, or of the family as it is called.
    name: Mapped[str] = mapped_column(String(50))
    on: Mapped[date] = mapped_column("on_day", Date)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
