"""How far a batch is, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from grid.accounts.models import User
from grid.core.db import db
from grid.core.paging import SIZE, Page, offset
from grid.documents.models import Print, PrintJob, PrintPart
from grid.register.models import Building, Community, Household

# The pace is that of the last parts.
LAST = 8


@dataclass(frozen=True)
class File:
    """What can be downloaded: the whole, or one building (its public id) of it."""

    building: str
    name: str
    sheets: int
    pages: int
    bytes: int

    @property
    def megabytes(self) -> str:
        return f"{self.bytes / 1_000_000:.1f}"


@dataclass(frozen=True)
class Progress:
    job: PrintJob
    number: str
    about: str
    reason: str
    done: int
    pages: int
    # None until a part is done, or where nothing is left to do.
    seconds_left: int | None
    files: tuple[File, ...]
    # (whose, characters that no font could draw)
    missing: tuple[tuple[str, str], ...]

    @property
    def minutes_left(self) -> int:
        """0 where seconds say it better."""
        return round((self.seconds_left or 0) / 60) if (self.seconds_left or 0) >= 90 else 0


def progress(job: PrintJob, at: datetime) -> Progress:
    number, about, reason = db.session.execute(
        select(Print.number, Print.about, Print.reason).where(Print.id == job.print_id)
    ).one()
    parts = db.session.execute(
        select(
            PrintPart.building_id, PrintPart.items, PrintPart.state, PrintPart.done_at, PrintPart.pages,
            PrintPart.missing, func.length(PrintPart.pdf).label("bytes"),
        ).where(PrintPart.job_id == job.id).order_by(PrintPart.seq)
    ).all()  # fmt: skip
    done = [part for part in parts if part.state == "done"]
    missing = tuple((whose, signs) for part in done for whose, signs in part.missing or ())
    finished = sum(len(part.items) for part in done)
    return Progress(
        job, number, about, reason, finished, sum(part.pages for part in done),
        seconds_left(job, finished, done, at), _files(job, done) if job.state == "done" else (), missing,
    )  # fmt: skip


def seconds_left(job: PrintJob, finished: int, done: Sequence[Any], at: datetime) -> int | None:
    """From how long the last parts took; a worker that stopped lets the rest look longer, as it is."""
    if job.state != "open" or not done:
        return None
    last = sorted((part for part in done), key=lambda part: part.done_at)[-LAST:]
    began = last[0].done_at if len(last) > 1 else job.made_at
    drawn = sum(len(part.items) for part in (last[1:] if len(last) > 1 else last))
    return round((at - began).total_seconds() / max(drawn, 1) * (job.total - finished))


def _files(job: PrintJob, done: Sequence[Any]) -> tuple[File, ...]:
    if not done:
        return ()
    whole = _file("", "", done)
    if not job.split:
        return (whole,)
    ids = list(dict.fromkeys(part.building_id for part in done))
    houses = {b.id: b for b in db.session.scalars(select(Building).where(Building.id.in_(ids)))}
    of = {one: [part for part in done if part.building_id == one] for one in ids}
    return (whole, *(_file(houses[one].public_id, houses[one].no, of[one]) for one in ids))


def _file(building: str, name: str, parts: Sequence[Any]) -> File:
    sheets, pages = sum(len(part.items) for part in parts), sum(part.pages for part in parts)
    return File(building, name, sheets, pages, sum(part.bytes or 0 for part in parts))


def jobs_of(user_id: int, most: int = 20) -> Sequence[Row[*tuple[Any, ...]]]:
    """Somebody's own batches, the latest first: job, number, about."""
    return db.session.execute(
        select(PrintJob, Print.number, Print.about)
        .join(Print, Print.id == PrintJob.print_id)
        .where(PrintJob.user_id == user_id)
        .order_by(PrintJob.made_at.desc(), PrintJob.id.desc())
        .limit(most)
    ).all()


def print_log(communities: Sequence[int], number: str, page: int) -> Page[Row[*tuple[Any, ...]]]:
    """Every paper printed of these communities, the latest first; one alone by its number."""
    wanted: list[ColumnElement[bool]] = [Print.community_id.in_(communities)]
    if number:
        wanted.append(Print.number == number)
    lines = (
        select(
            Print.at, Print.number, Print.kind, Print.about, Print.reason, Print.sheets, Print.pages,
            User.name.label("who"), Community.name.label("community"), Household.code, Household.public_id,
            PrintJob.state,
        )
        .join(Community, Community.id == Print.community_id)
        .outerjoin(User, User.id == Print.user_id)
        .outerjoin(Household, Household.id == Print.household_id)
        .outerjoin(PrintJob, PrintJob.print_id == Print.id)
        .where(*wanted)
        .order_by(Print.at.desc(), Print.id.desc())
    )  # fmt: skip
    total = db.session.scalar(select(func.count()).select_from(Print).where(*wanted)) or 0
    found = db.session.execute(lines.limit(SIZE).offset(offset(page))).all()
    return Page(tuple(found), page, total)
