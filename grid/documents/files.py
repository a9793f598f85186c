"""The finished files of a batch: its parts joined once, kept in the private folder until the batch is thrown away."""

import secrets
import shutil
import threading
from collections import defaultdict
from pathlib import Path

from sqlalchemy import select

from grid.core.clock import now
from grid.core.db import db
from grid.core.refusals import Missing
from grid.documents.joining import DISK_FULL, failure, join
from grid.documents.keeping import folder_of, is_gone
from grid.documents.models import PrintJob, PrintPart

# Four thousand pages take a few seconds.
SECONDS = 120
# Whoever taps twice waits for the first file; other jobs are not kept waiting.
_joining: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def file_of(job: PrintJob, building_id: int | None = None) -> Path:
    """The PDF of a finished job, or of one building of it. Raises Missing when it is gone, PrintingFailed."""
    if job.state != "done" or is_gone(job, now()):
        raise Missing
    out = folder_of(job.public_id) / f"{building_id or 'whole'}.pdf"
    if not out.exists():
        with _joining[job.public_id]:
            if not out.exists():
                _join(job, building_id, out)
    return out


def _join(job: PrintJob, building_id: int | None, out: Path) -> None:
    found = db.session.execute(
        select(PrintPart.id, PrintPart.items, PrintPart.building_id)
        .where(PrintPart.job_id == job.id, PrintPart.state == "done")
        .order_by(PrintPart.seq)
    ).all()
    wanted = [part.id for part in found if building_id in (None, part.building_id)]
    # While they are being thrown away some are there and some are not: then none is given.
    if not wanted or sum(len(part.items) for part in found) != job.total:
        raise Missing
    parts = out.parent / secrets.token_hex(8)
    try:
        parts.mkdir(parents=True)
        # One after the other: a part is a few hundred kilobytes, all of them may be fifty megabytes.
        joined = parts / "joined.pdf"
        join([_written(part_id, parts / f"{part_id}.pdf") for part_id in wanted], joined, SECONDS, job.public_id)
        joined.replace(out)
    except OSError as error:
        raise failure(DISK_FULL if error.errno == DISK_FULL else 1, str(error)) from error
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _written(part_id: int, path: Path) -> Path:
    pdf = db.session.scalar(select(PrintPart.pdf).where(PrintPart.id == part_id))
    if pdf is None:
        raise Missing
    path.write_bytes(pdf)
    return path
