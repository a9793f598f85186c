"""A visit to a door, and whom it met."""

from datetime import date, datetime

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id


class Visit(Base):
    """走访. `due_on` is the promised next visit; `closed` once it was kept or is no longer needed."""

    __tablename__ = "visit"
    __table_args__ = (
        Index(None, "household_id", "at"),
        Index(
            "ix_visit_due",
            "community_id",
            "due_on",
            sqlite_where=text("closed = 0 AND due_on IS NOT NULL"),
            postgresql_where=text("NOT closed AND due_on IS NOT NULL"),
        ),
        Index(None, "community_id", "at"),
        Index(None, "worker_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(10), default="visit")
    found: Mapped[str] = mapped_column(String(10))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    content: Mapped[str | None] = mapped_column(Text)
    needs: Mapped[str | None] = mapped_column(Text)
    # 慰问: what was brought.
    gift: Mapped[str | None] = mapped_column(String(60))
    due_on: Mapped[date | None] = mapped_column(Date)
    closed: Mapped[bool] = mapped_column(Boolean, default=False)
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class VisitPerson(Base):
    """Somebody a visit met."""

    __tablename__ = "visit_person"
    __table_args__ = (Index(None, "visit_id", "person_id", unique=True), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class VisitWorker(Base):
    """A colleague who came along; whoever recorded the visit is its worker_id."""

    __tablename__ = "visit_worker"
    __table_args__ = (Index(None, "visit_id", "user_id", unique=True), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class VisitPhoto(Base):
    """A picture taken at a visit: at most 1,280 px, without what the camera wrote into it. Its file is in instance/."""

    __tablename__ = "visit_photo"
    __table_args__ = (Index(None, "visit_id"), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    # Of the stored JPEG, which is named by it.
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]


# Of one household's visits. Written so, because for `closed = false` PostgreSQL also walks everybody's open promises.
IS_OPEN = func.coalesce(Visit.closed, true()) == false()
