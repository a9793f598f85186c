"""Batches: ordered, taken part by part, delivered, stopped, thrown away.

A part's PDF, the editions of its sheets and its being done are one commit: whoever is killed when, each sheet is
there once. A worker holds a part by a lease that it renews while it lives; a part whose lease ran out is taken anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import AuditEntry, Me
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.documents.keeping import throw_away
from grid.documents.models import Edition, Print, PrintJob, PrintPart, new_number

LEASE = timedelta(seconds=15)
# More than this at once is a street's whole register and is asked for community by community.
MOST = 20_000
SHEETS_PER_PART = 25


@dataclass(frozen=True)
class BatchEntry:
    """What is ordered. `items` are (id, id of its building or None) in the order of the paper."""

    kind: str
    community_id: int
    items: Sequence[tuple[int, int | None]]
    options: dict[str, Any] = field(default_factory=dict)
    split: bool = False
    about: str = ""
    reason: str = ""
    # Sheets that are drawn together.
    per_part: int = SHEETS_PER_PART
    slip: receipts.Slip | None = None


def order(actor: Me | None, entry: BatchEntry) -> PrintJob:
    """Note a batch with all its parts; a worker does the rest."""
    if not entry.items:
        raise Refused(_("按这样选，一份也没有。请放宽一个条件。"))
    if len(entry.items) > MOST:
        raise Refused(_("一次最多印 %(n)s 份。请分几次，按片区或楼栋来选。", n=MOST))
    number = new_number(today())
    with audit.entry(actor, f"print_{entry.kind}", community_id=entry.community_id, words=f"{number} {entry.about}"):
        if actor and entry.slip:
            receipts.claim(actor, entry.slip.key, entry.slip.said)
        made = _noted(actor, entry, number)
        if entry.slip:
            receipts.answer(entry.slip.key, f"/print/jobs/{made.public_id}")
    return made


def _noted(actor: Me | None, entry: BatchEntry, number: str) -> PrintJob:
    by = actor.id if actor else None
    printed = Print(
        number=number, kind=entry.kind, at=now(), user_id=by, community_id=entry.community_id, sheets=len(entry.items),
        pages=0, about=entry.about[:200], reason=entry.reason,
    )  # fmt: skip
    db.session.add(printed)
    db.session.flush()
    job = PrintJob(
        community_id=entry.community_id, user_id=by, print_id=printed.id, kind=entry.kind,
        options=entry.options, split=entry.split, total=len(entry.items),
    )  # fmt: skip
    db.session.add(job)
    db.session.flush()
    db.session.connection().execute(insert(PrintPart), _parts(job, entry))
    return job


def _parts(job: PrintJob, entry: BatchEntry) -> list[dict[str, Any]]:
    """Cut into parts; where one file per building is wanted, none reaches across two."""
    runs = [list(run) for _key, run in groupby(entry.items, lambda item: item[1] if entry.split else None)]
    cuts = [some[at : at + entry.per_part] for some in runs for at in range(0, len(some), entry.per_part)]
    first, parts = 1, []
    for seq, cut in enumerate(cuts):
        building = cut[0][1] if entry.split else None
        parts.append(
            {"community_id": job.community_id, "job_id": job.id, "seq": seq, "items": [item for item, _b in cut],
             "first": first, "building_id": building, "state": "waiting", "tries": 0, "pages": 0}
        )  # fmt: skip
        first += len(cut)
    return parts


@dataclass(frozen=True)
class Taken:
    """A part in a worker's hands, with what it needs to know of its job."""

    part_id: int
    job_id: int
    community_id: int
    kind: str
    options: dict[str, Any]
    items: list[int]
    first: int
    total: int
    tries: int
    number: str
    print_id: int
    user_id: int | None


def _free(at: datetime) -> Any:
    """Parts that nobody holds, of jobs that are open."""
    lost = (PrintPart.state == "taken") & (PrintPart.taken_until < at)
    return (PrintJob.state == "open") & or_(PrintPart.state == "waiting", lost)


def is_work() -> bool:
    """Whether there is a part to take or a job to close."""
    unfinished = select(PrintPart.id).where(PrintPart.job_id == PrintJob.id, PrintPart.state != "done")
    free = select(PrintJob.id).join(PrintPart, PrintPart.job_id == PrintJob.id).where(_free(now()))
    ready = select(PrintJob.id).where(PrintJob.state == "open", ~unfinished.exists())
    return db.session.scalar(free.limit(1)) is not None or db.session.scalar(ready.limit(1)) is not None


def take(worker: str) -> Taken | None:
    """The next part of any open job, held for a while; small jobs are not kept waiting by large ones."""
    at = now()
    found = db.session.execute(
        select(PrintPart, PrintJob, Print.number)
        .join(PrintJob, PrintJob.id == PrintPart.job_id)
        .join(Print, Print.id == PrintJob.print_id)
        .where(_free(at))
        .order_by(PrintPart.seq, PrintPart.job_id)
        .limit(1)
        .with_for_update(of=PrintPart, skip_locked=True)
    ).first()
    if found is None:
        db.session.rollback()
        return None
    part, job, number = found
    part.state, part.taken_by, part.taken_until, part.tries = "taken", worker, at + LEASE, part.tries + 1
    taken = Taken(
        part.id, job.id, job.community_id, job.kind, job.options, part.items, part.first, job.total, part.tries,
        number, job.print_id, job.user_id,
    )  # fmt: skip
    db.session.commit()
    return taken


def renew(worker: str, part_id: int) -> None:
    """Keep the part a worker has in hand from being taken for lost."""
    held = (PrintPart.id == part_id) & (PrintPart.taken_by == worker) & (PrintPart.state == "taken")
    db.session.execute(update(PrintPart).where(held).values(taken_until=now() + LEASE))
    db.session.commit()


@dataclass(frozen=True)
class Delivery:
    """A part that is drawn, from what was there `at` that moment. `rows` come per sheet (editions); `missing` are
    (whose, characters) no font could draw."""

    pdf: bytes
    pages: int
    rows: Sequence[Sequence[Any]] = ()
    missing: Sequence[tuple[str, str]] = ()
    at: datetime = field(default_factory=now)


def deliver(worker: str, taken: Taken, delivery: Delivery) -> bool:
    """Put a part into its job, with everything that belongs to it; False where it is no longer wanted from us."""
    # Holding the job's row, nobody stops it between this look and the commit.
    is_open = update(PrintJob).where(PrintJob.id == taken.job_id, PrintJob.state == "open").values(message="")
    if db.session.execute(is_open).rowcount != 1 or not _put(worker, taken, delivery):  # type: ignore[attr-defined]
        db.session.rollback()
        return False
    _keep_rows(taken, delivery)
    db.session.commit()
    return True


def _put(worker: str, taken: Taken, delivery: Delivery) -> bool:
    mine = (PrintPart.id == taken.part_id) & (PrintPart.state == "taken") & (PrintPart.taken_by == worker)
    done = {"state": "done", "done_at": now(), "pdf": delivery.pdf, "pages": delivery.pages}
    found = db.session.execute(update(PrintPart).where(mine).values(done | {"missing": list(delivery.missing)}))
    return bool(found.rowcount == 1)  # type: ignore[attr-defined]


def _keep_rows(taken: Taken, delivery: Delivery) -> None:
    """The editions, and a line in the log of each household of which a sheet now exists."""
    entries = []
    for n, rows in enumerate(delivery.rows):
        for made in rows:
            made.print_id, made.serial, made.at = taken.print_id, taken.first + n, delivery.at
            db.session.execute(insert(type(made)).values(_as_values(made)))
            if isinstance(made, Edition):
                entries.append(_entry(taken, made.household_id))
    if entries:
        db.session.connection().execute(insert(AuditEntry), entries)


def _as_values(made: Any) -> dict[str, Any]:
    """Plain values, not an object of the session: a delivery that failed is delivered again."""
    columns = type(made).__table__.columns
    return {c.key: getattr(made, c.key) for c in columns if getattr(made, c.key) is not None}


def _entry(taken: Taken, household_id: int) -> dict[str, Any]:
    return audit.EMPTY | {
        "at": now(), "actor_id": taken.user_id, "action": "print_sheet", "community_id": taken.community_id,
        "household_id": household_id, "words": taken.number,
    }  # fmt: skip


def give_back(worker: str, taken: Taken, message: str = "") -> None:
    """Lay a part down again, because the disk is full, the database was away or the worker has to go."""
    held = (PrintPart.id == taken.part_id) & (PrintPart.taken_by == worker) & (PrintPart.state == "taken")
    back = {"state": "waiting", "taken_by": None, "taken_until": None, "tries": max(0, taken.tries - 1)}
    db.session.execute(update(PrintPart).where(held).values(back))
    say(taken.job_id, message)


def say(job_id: int, message: str) -> None:
    """Tell whoever waits for a job what is the matter; '' when it is over."""
    differs = (PrintJob.id == job_id) & (PrintJob.message != message[:300])
    db.session.execute(update(PrintJob).where(differs).values(message=message[:300]))
    db.session.commit()


def settle() -> int:
    """Close the jobs whose every part is done; how many."""
    unfinished = select(PrintPart.id).where(PrintPart.job_id == PrintJob.id, PrintPart.state != "done")
    ready = list(db.session.scalars(select(PrintJob.id).where(PrintJob.state == "open", ~unfinished.exists())))
    db.session.rollback()
    for job_id in ready:
        _close(job_id)
    return len(ready)


def _close(job_id: int) -> None:
    number, community_id = db.session.execute(
        select(Print.number, PrintJob.community_id).join(PrintJob).where(PrintJob.id == job_id)
    ).one()
    db.session.rollback()
    with audit.entry(None, "finish_print", community_id=community_id, words=number):
        job = db.session.scalar(select(PrintJob).where(PrintJob.id == job_id).with_for_update())
        if job and job.state == "open":
            job.state, job.ended_at = "done", now()
            pages = select(func.sum(PrintPart.pages)).where(PrintPart.job_id == job_id).scalar_subquery()
            db.session.execute(update(Print).where(Print.id == job.print_id).values(pages=pages))


def stop(actor: Me | None, job: PrintJob, state: str = "cancelled", message: str = "") -> None:
    """End a job that is open. Nobody could download anything of it, so none of its sheets counts as printed."""
    if job.state != "open":
        return
    with audit.entry(actor, "stop_print", community_id=job.community_id, words=number_of(job)):
        held = db.session.scalar(select(PrintJob).where(PrintJob.id == job.id).with_for_update())
        if held is None or held.state != "open":
            return
        held.state, held.ended_at, held.message = state, now(), message[:300]
        db.session.execute(delete(Edition).where(Edition.print_id == held.print_id))
        db.session.execute(update(Print).where(Print.id == held.print_id).values(sheets=0, pages=0))
    throw_away(job.id)


def fail(taken: Taken, message: str) -> None:
    """End a job that cannot be drawn, with the reason."""
    job = db.session.get(PrintJob, taken.job_id)
    if job:
        stop(None, job, "failed", message)


def number_of(job: PrintJob) -> str:
    return db.session.scalar(select(Print.number).where(Print.id == job.print_id)) or ""


def own_job_or_404(reader: Me, public_id: str) -> PrintJob:
    """A job is its owner's alone: whoever else wants the sheets prints them in their own name."""
    job = db.session.scalar(select(PrintJob).where(PrintJob.public_id == public_id))
    if job is None or job.user_id != reader.id or not reader.scope.touches(job.community_id):
        raise Missing
    return job


def is_any_open() -> bool:
    """Whether some job is not at its end, be its parts free or held by a worker that may be dead."""
    return db.session.scalar(select(PrintJob.id).where(PrintJob.state == "open").limit(1)) is not None
