"""flask print sheets, flask print purge, flask worker."""

import os
import shutil
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from grid.accounts.models import Scope
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import _, listed
from grid.core.refusals import Refused
from grid.documents import attendant, jobs, keeping
from grid.documents.choosing import Choice, chosen_doors
from grid.documents.commands import community_named
from grid.documents.files import file_of
from grid.documents.models import Print, PrintJob
from grid.documents.printing import PrintingFailed
from grid.documents.progress import progress
from grid.documents.worker import Worker
from grid.register.addresses import same_no
from grid.register.models import Community
from grid.register.queries import buildings, tags

processes = click.option("--processes", type=click.IntRange(1, 16), help="Renderers side by side, 2 if there is room.")


def register(app: Flask, group: AppGroup) -> None:
    group.add_command(print_sheets)
    group.add_command(purge)
    app.cli.add_command(worker)


@click.command("sheets")
@click.option("--building", "numbers", multiple=True, help="Only of this building, e.g. 3; several times for several.")
@click.option("--tag", help="Only households in which somebody carries this tag.")
@click.option("--changed", "which", flag_value="changed", help="Only those that have changed since they were printed.")
@click.option("--never", "which", flag_value="never", help="Only those that were never printed.")
@click.option("--split", is_flag=True, help="One file per building, into the folder OUT.")
@click.option("--resume", metavar="NUMBER", help="Go on with a batch that was interrupted, by its number.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A PDF file; with --split a folder.")
@click.option("--community", help="Its name, where there are several.")
@processes
def print_sheets(
    numbers: tuple[str, ...], tag: str | None, which: str | None, split: bool, resume: str | None, out: Path,
    community: str | None, processes: int | None,
) -> None:  # fmt: skip
    """Print the household sheets of a whole community, or of a part of it."""
    if resume:
        job = job_numbered(resume)
    else:
        place = community_named(community)
        choice = Choice(place.id, (), building_ids(place, numbers), tag_id(place, tag), which or "all")
        job = _ordered(place, choice, split, numbers)
    click.echo(_("%(n)s 份，编号 %(number)s。中断了可以用 --resume 接着印。", n=job.total, number=jobs.number_of(job)))
    _work(job, processes)
    _saved(job, out)


def building_ids(place: Community, numbers: tuple[str, ...]) -> tuple[int, ...]:
    here = buildings(Scope(communities=(place.id,)), place.id)
    found = {number: [b.id for b in here if same_no(b.no) == same_no(number)] for number in numbers}
    for number, ids in found.items():
        if not ids:
            raise click.ClickException(_("%(name)s没有 %(no)s 这幢楼。", name=place.name, no=number))
    return tuple(ids[0] for ids in found.values())


def tag_id(place: Community, label: str | None) -> int | None:
    if label is None:
        return None
    there = {tag.label: tag.id for tag in tags(place.id)}
    if label not in there:
        raise click.ClickException(_("没有“%(tag)s”这个标签。有：%(tags)s", tag=label, tags=listed(there)))
    return there[label]


def job_numbered(number: str) -> PrintJob:
    job = db.session.scalar(select(PrintJob).join(Print, Print.id == PrintJob.print_id).where(Print.number == number))
    if job is None:
        raise click.ClickException(_("没有编号 %(number)s 的批量打印。", number=number))
    return job


def _ordered(place: Community, choice: Choice, split: bool, numbers: tuple[str, ...]) -> PrintJob:
    items = chosen_doors(Scope(communities=(place.id,)), choice, today())
    about = listed(_("%(no)s幢", no=no) for no in numbers) or _("全部楼栋")
    options = {"root": current_app.config["ROOT_URL"]}
    try:
        return jobs.order(None, jobs.BatchEntry("sheet", place.id, items, options, split, about))
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None


def _work(job: PrintJob, processes: int | None) -> None:
    job_id, total = job.id, job.total
    db.session.rollback()
    with click.progressbar(length=total, show_pos=True, file=sys.stderr) as bar:

        def done() -> bool:
            found = progress(db.session.get_one(PrintJob, job_id), now())
            bar.update(found.done - bar.pos)
            db.session.rollback()
            return found.job.state != "open"

        Worker(_app(), processes or _room()).run(done=done)


def _saved(job: PrintJob, out: Path) -> None:
    db.session.expire_all()
    found = progress(job, now())
    if job.state != "done":
        raise click.ClickException(job.message or _("停下了"))
    try:
        for file in found.files:
            building = next((b for b in _houses(job) if b.public_id == file.building), None)
            if bool(building) == job.split:
                target = out / f"{building.no}.pdf" if building else out
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file_of(job, building.id if building else None), target)
    except PrintingFailed as failed:
        raise click.ClickException(failed.message) from None
    for whose, signs in found.missing:
        click.echo(_("有字印不出来，纸上是空框：%(characters)s", characters=f"{whose} {signs}"), err=True)
    click.echo(_("%(file)s：%(pages)s 页，编号 %(number)s", file=out, pages=found.pages, number=found.number))


def _houses(job: PrintJob) -> list[Any]:
    return buildings(Scope(communities=(job.community_id,)), job.community_id) if job.split else []


@click.command("purge")
def purge() -> None:
    """Delete the files of batches that are a day old. The server does so by itself; nightly for gunicorn."""
    keeping.tidy()


@click.command("worker")
@click.option("--attached", is_flag=True, help="Beside a server: ends with it, and after a minute without work.")
@processes
def worker(attached: bool, processes: int | None) -> None:
    """Draw the batches that are waiting. Also on another machine, with the same DATABASE_URL and keys."""
    made = Worker(_app(), processes or _room())
    signal.signal(signal.SIGTERM, lambda *_: made.stopping.set())
    if attached:
        if not attendant.hold(attendant.lock_file(Path(current_app.instance_path))):
            return
        threading.Thread(target=_end_with_parent, daemon=True).start()
        with suppress(AttributeError):
            os.nice(10)
    made.run(idle=60.0 if attached else None)


def _app() -> Flask:
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return found


def _room() -> int:
    return min(2, os.cpu_count() or 1)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
