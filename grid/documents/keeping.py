"""How long the sheets of a batch are kept: a day after its end, then they go from the database and from the disk."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select

from grid.core.clock import now
from grid.core.db import db
from grid.documents.models import PrintJob, PrintPart

KEPT = timedelta(hours=24)


def folder_of(public_id: str) -> Path:
    """Where the joined files of a job lie; '' is the folder of all."""
    return Path(current_app.instance_path) / "paper" / "jobs" / public_id


def is_gone(job: PrintJob, at: datetime) -> bool:
    return job.ended_at is not None and job.ended_at < at - KEPT


def tidy() -> None:
    """Throw away what has been kept for a day, and files of which nobody knows the job any more."""
    at = now()
    for public_id in purge(at):
        shutil.rmtree(folder_of(public_id), ignore_errors=True)
    for folder in _folders():
        if folder.stat().st_mtime < (at - KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def is_anything_kept() -> bool:
    """Whether there is something to throw away one day."""
    return bool(_folders()) or db.session.scalar(select(PrintPart.id).limit(1)) is not None


def _folders() -> list[Path]:
    return list(folder_of("").iterdir()) if folder_of("").is_dir() else []


def purge(at: datetime) -> list[str]:
    """Throw away the sheets of jobs that ended a day ago; the public ids of those jobs."""
    still_there = select(PrintPart.id).where(PrintPart.job_id == PrintJob.id)
    old = select(PrintJob.id, PrintJob.public_id).where(PrintJob.ended_at < at - KEPT, still_there.exists())
    found = db.session.execute(old).all()
    db.session.rollback()
    for job_id, _public_id in found:
        throw_away(job_id)
    return [public_id for _id, public_id in found]


def throw_away(job_id: int) -> None:
    """All parts of a job, a few at a time: SQLite overwrites what it deletes, and others want to write meanwhile."""
    some = select(PrintPart.id).where(PrintPart.job_id == job_id).limit(10)
    while ids := list(db.session.scalars(some)):
        db.session.execute(delete(PrintPart).where(PrintPart.id.in_(ids)))
        db.session.commit()
    db.session.rollback()
