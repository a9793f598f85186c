"""The finished files of a batch: its parts joined once, kept in the private folder until the batch is thrown away."""

import shutil
import threading
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from grid.core.db import db
from grid.core.refusals import Missing
from grid.documents.jobs import KEPT
from grid.documents.joining import DISK_FULL, failure, join
from grid.documents.models import PrintJob, PrintPart

# Four thousand pages take a few seconds.
SECONDS = 120
_joining = threading.Lock()


def folder_of(public_id: str) -> Path:
    return Path(current_app.instance_path) / "paper" / "jobs" / public_id


def file_of(job: PrintJob, building_id: int | None = None) -> Path:
    """The PDF of a finished job, or of one building of it. Raises Missing when it is gone, PrintingFailed."""
    if job.state != "done":
        raise Missing
    out = folder_of(job.public_id) / f"{building_id or 'whole'}.pdf"
    with _joining:
        if not out.exists():
            _join(job, building_id, out)
    return out


def _join(job: PrintJob, building_id: int | None, out: Path) -> None:
    wanted = select(PrintPart.id).where(PrintPart.job_id == job.id, PrintPart.state == "done").order_by(PrintPart.seq)
    if building_id is not None:
        wanted = wanted.where(PrintPart.building_id == building_id)
    ids = list(db.session.scalars(wanted))
    if not ids:
        raise Missing
    parts = out.with_suffix(".parts")
    parts.mkdir(parents=True, exist_ok=True)
    try:
        # One after the other: a part is a few hundred kilobytes, all of them may be fifty megabytes.
        join([_written(part_id, parts / f"{part_id}.pdf") for part_id in ids], out, SECONDS, job.public_id)
    except OSError as error:
        raise failure(DISK_FULL if error.errno == DISK_FULL else 1, str(error)) from error
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _written(part_id: int, path: Path) -> Path:
    pdf = db.session.scalar(select(PrintPart.pdf).where(PrintPart.id == part_id))
    path.write_bytes(pdf or b"")
    return path


def throw_away_old(at: datetime) -> None:
    """Files that have lain here as long as the parts of a batch are kept."""
    jobs_folder = folder_of("")
    for folder in jobs_folder.iterdir() if jobs_folder.is_dir() else ():
        if folder.stat().st_mtime < (at - KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)
