"""flask import map|doors|residents|floating|tags|visits FILE…: the committee's own files, from the command line."""

import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from grid.core.clock import today
from grid.core.i18n import _, labelled
from grid.core.refusals import Refused
from grid.exchange import archive_commands, queries
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.cells import storable
from grid.exchange.lines import ODD, OUTCOMES, REFUSED, SKIPPED, Line, Plan
from grid.exchange.long_work import carry_on
from grid.exchange.own_uploads import uploads
from grid.exchange.planning import Order, plan_files
from grid.exchange.workbooks import MOST_BYTES, Unreadable

group = AppGroup("import", help="Maps, door lists and rosters in; --dry-run only looks.")

SOME_REFUSED, NOTHING_READ = 1, 2


def _options(command: Any) -> Any:
    command = click.option("--community", help="The community; not needed where there is only one.")(command)
    command = click.option("--dry-run", is_flag=True, help="Say what would happen, write nothing.")(command)
    return click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))(command)


@group.command("map")
@_options
@click.option("--credit", help="Where the map comes from; stands on it.")
def import_map(files: tuple[Path, ...], dry_run: bool, community: str | None, credit: str | None) -> None:
    """Boundary, blocks, buildings and patrol routes (GeoJSON)."""
    run("map", files, dry_run, community, credit)


@group.command("doors")
@_options
def import_doors(files: tuple[Path, ...], dry_run: bool, community: str | None) -> None:
    """Doors and buildings (xlsx, csv)."""
    run("doors", files, dry_run, community)


@group.command("residents")
@_options
def import_residents(files: tuple[Path, ...], dry_run: bool, community: str | None) -> None:
    """Residents (xlsx, csv)."""
    run("residents", files, dry_run, community)


@group.command("floating")
@_options
def import_floating(files: tuple[Path, ...], dry_run: bool, community: str | None) -> None:
    """The floating register (xlsx, csv)."""
    run("floating", files, dry_run, community)


@group.command("tags")
@_options
def import_tags(files: tuple[Path, ...], dry_run: bool, community: str | None) -> None:
    """Tags of known people (xlsx, csv)."""
    run("tags", files, dry_run, community)


@group.command("visits")
@_options
def import_visits(files: tuple[Path, ...], dry_run: bool, community: str | None) -> None:
    """Visits, a month per sheet or all in one (xlsx, csv)."""
    run("visits", files, dry_run, community)


@group.command("undo")
@click.option("--entry", type=int, help="The number of its entry in the log; the last import without it.")
def undo_last(entry: int | None) -> None:
    """Take a whole import back."""
    found = queries.import_with(entry) if entry else queries.last_import()
    if found is None:
        click.echo(_("没有可以撤销的导入。"), err=True)
        sys.exit(NOTHING_READ)
    try:
        undo_import(None, found)
    except Refused as refused:
        click.echo(refused.sentence, err=True)
        sys.exit(SOME_REFUSED)
    click.echo(_("已撤销 %(words)s", words=found.words))


@group.command("carry-on", hidden=True)
@click.argument("token")
@click.argument("task")
def carry_on_with(token: str, task: str) -> None:
    """What the server starts for a long file."""
    carry_on(uploads(), token, task)


def run(kind: str, files: tuple[Path, ...], dry_run: bool, community: str | None, credit: str | None = None) -> None:
    try:
        order = Order(kind, tuple(_read(path) for path in files), community, credit, may_restrict=True)
        plan = plan_files(order, today()) if dry_run else apply_files(None, order, today())
    except Unreadable as reason:
        click.echo(str(reason), err=True)
        sys.exit(NOTHING_READ)
    tell(plan, dry_run)
    sys.exit(SOME_REFUSED if plan.counts[REFUSED] else 0)


def _read(path: Path) -> tuple[str, bytes]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(_("%(name)s 太大，最多 %(n)s MB。", name=path.name, n=MOST_BYTES >> 20))
        return storable(path.name), path.read_bytes()
    except OSError as error:
        raise Unreadable(_("打不开 %(name)s：%(why)s", name=path, why=error.strerror)) from error


def tell(plan: Plan, dry_run: bool) -> None:
    """The counts, then a line for every row somebody should look at."""
    for note in plan.notes:
        click.echo(note)
    for line in plan.lines:
        if line.is_odd or line.outcome in (REFUSED, SKIPPED):
            click.echo(sentence(line))
    found = plan.counts
    click.echo(plan.community + (_("（试运行，没有写入）") if dry_run else ""))
    click.echo("  ".join(f"{name} {found[name]}" for name in OUTCOMES))


def sentence(line: Line) -> str:
    """odd taoyuan.xlsx “人员”第 12 行 4-1-101 王小明：…"""
    mark = ODD if line.is_odd else line.outcome
    return labelled(f"{mark} {line.place} {line.subject}", "；".join(line.remarks))


def register(app: Flask) -> None:
    app.cli.add_command(group)
    group.add_command(archive_commands.import_whole)
    archive_commands.register(app)
