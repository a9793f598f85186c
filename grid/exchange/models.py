"""What a committee's files taught, the columns it exports, and exports that a second person agrees to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id


class LearntWord(Base):
    """How one committee writes something: a heading over a column, a relation, a tag.

    `kind` is `heading:` with the kind of file (heading:residents), `code:` with the list (code:relation), or `tag`;
    `said` is the word as files.bare or cells.words give it, `means` the field, the code or the label.
    """

    __tablename__ = "learnt_word"
    __table_args__ = (Index(None, "community_id", "kind", "said", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(30))
    said: Mapped[str] = mapped_column(String(60))
    means: Mapped[str] = mapped_column(String(60))


class ColumnSet(Base):
    """The columns of an export in the order somebody asks for. `columns`: [{"key", "heading"}]."""

    __tablename__ = "column_set"
    __table_args__ = (Index(None, "community_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(50))
    # The key of a ledger's source.
    subject: Mapped[str] = mapped_column(String(30))
    columns: Mapped[list[Any]] = mapped_column(JSON)
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class ExportRequest(Base):
    """Somebody wants more rows, or more in them, than one person may take alone; a second one agrees or declines.

    `asked` is what the export page was sent: columns, filter, period, whole numbers. What somebody took alone is here
    too, agreed to by themselves.
    """

    __tablename__ = "export_request"
    __table_args__ = (Index(None, "community_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    subject: Mapped[str] = mapped_column(String(30))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    n_rows: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    # None: nobody has answered.
    is_agreed: Mapped[bool | None] = mapped_column(Boolean)
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
