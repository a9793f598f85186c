"""The print log with the number that stands on each page, the batches on their way, and the editions of sheets."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import ALPHABET, public_id


class Print(Base):
    """One paper or one batch: what of whom, by whom and why, how many sheets and pages."""

    __tablename__ = "print"
    __table_args__ = (Index(None, "community_id", "at"), Index(None, "household_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    # How many sheets (documents that count their own pages), and how many pages they have together.
    sheets: Mapped[int] = mapped_column(Integer, default=1)
    pages: Mapped[int] = mapped_column(Integer, default=1)
    # What was chosen, in words: 3幢、5幢; 低保; A3 公示.
    about: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")


class PrintJob(Base):
    """A batch on its way: open until every part is done or somebody stops it. Its sheets are gone a day later."""

    __tablename__ = "print_job"
    __table_args__ = (Index(None, "community_id"), Index(None, "user_id", "made_at"), Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # None from the shell.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    print_id: Mapped[int] = mapped_column(ForeignKey("print.id"))
    # Which paper (documents/papers.py), and what its drawing is told beside the doors or buildings.
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # open, done, cancelled or failed.
    state: Mapped[str] = mapped_column(String(10), default="open")
    # One file per building, beside the whole.
    split: Mapped[bool] = mapped_column(Boolean, default=False)
    total: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class PrintPart(Base):
    """Some sheets of a batch, drawn together. Its PDF and its being done are one commit, whoever is killed when."""

    __tablename__ = "print_part"
    __table_args__ = (
        Index(None, "job_id", "seq", unique=True),
        Index(None, "community_id"),
        Index(None, "state", "seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"))
    seq: Mapped[int] = mapped_column(Integer)
    # Ids of households, buildings or the community, in the order of the paper; `first` is the serial of the first.
    items: Mapped[list[int]] = mapped_column(JSON)
    first: Mapped[int] = mapped_column(Integer)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    # waiting, taken or done; taken by a worker until a moment that it keeps moving while it is alive.
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    taken_by: Mapped[str | None] = mapped_column(String(40))
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    pages: Mapped[int] = mapped_column(Integer, default=0)
    # Whose sheet shows an empty box: [[address, characters], …].
    missing: Mapped[list[Any] | None] = mapped_column(JSON)
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Edition(Base):
    """One household's sheet as it was printed: the token of its QR code, and what the facts on it were.

    `facts` holds a short keyed hash per fact (documents/editions.py): enough to say what has changed since, not what
    it was; that stands in the audit log.
    """

    __tablename__ = "edition"
    __table_args__ = (Index(None, "household_id", "id"), Index(None, "community_id"), Index(None, "print_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    token: Mapped[str] = mapped_column(String(22), unique=True)
    print_id: Mapped[int] = mapped_column(ForeignKey("print.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    # Which sheet of its print it is, from 1.
    serial: Mapped[int] = mapped_column(Integer, default=1)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


def new_number(day: date) -> str:
    """YH-20261123-7K3QF2: the day, and six characters that tell prints of a day apart without counting them."""
    return f"YH-{day:%Y%m%d}-" + "".join(secrets.choice(ALPHABET[:31]) for _ in range(6))
