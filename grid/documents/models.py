"""The print log: every paper that left the house, with the number that stands on each of its pages."""

import secrets
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import ALPHABET


class Print(Base):
    """One document: what, for whom, when, how many pages."""

    __tablename__ = "print"
    __table_args__ = (Index(None, "community_id", "at"), Index(None, "household_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    pages: Mapped[int] = mapped_column(Integer, default=1)
    reason: Mapped[str] = mapped_column(String(200), default="")


def new_number(day: date) -> str:
    """YH-20261123-7K3QF2: the day, and six characters that tell prints of a day apart without counting them."""
    return f"YH-{day:%Y%m%d}-" + "".join(secrets.choice(ALPHABET[:31]) for _ in range(6))
