"""flask print, flask doctor."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from grid.accounts.models import Scope
from grid.atlas.layers import LAYERS
from grid.atlas.sheet import VARIANTS
from grid.atlas.spread import SIZES
from grid.core import health
from grid.core.db import db
from grid.core.i18n import _, listed
from grid.documents import actions
from grid.documents.forms import MOST_BLANK
from grid.documents.map_paper import MAP
from grid.documents.printing import Document, PrintingFailed, doctor, probe
from grid.documents.sheet_paper import BLANK, SHEET
from grid.documents.sheets import draw_paper, folder
from grid.register.addresses import parse_address, short_address
from grid.register.models import Community
from grid.register.queries import household_at

group = AppGroup("print", help="The same documents as the pages, into a file.")


def register(app: Flask) -> None:
    from grid.documents import batch_commands, building_commands

    building_commands.register(group)
    batch_commands.register(app, group)
    app.cli.add_command(group)
    app.cli.add_command(doctor_command)


def community_named(name: str | None) -> Community:
    """The community of that name, or the only one; else a sentence that lists them."""
    there = list(db.session.scalars(select(Community).where(Community.deleted_at.is_(None)).order_by(Community.id)))
    found = [c for c in there if name in (None, c.name)]
    if len(found) != 1:
        names = "、".join(c.name for c in there) or _("还没有社区")
        raise click.ClickException(_("请用 --community 指明哪个社区：%(names)s", names=names))
    return found[0]


@group.command("sheet")
@click.argument("addresses", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A PDF file; several go into a folder.")
@click.option("--community", help="Its name, where there are several.")
def print_sheet(addresses: tuple[str, ...], out: Path, community: str | None) -> None:
    """Print the household sheet of ADDRESSES, e.g. 3-2-501."""
    place = community_named(community)
    scope = Scope(communities=(place.id,))
    for address in addresses:
        read = parse_address(address)
        door = household_at(place.id, short_address(read) if read else address)
        if door is None:
            raise click.ClickException(_("%(name)s没有 %(address)s 这一户。", name=place.name, address=address))
        target = out if len(addresses) == 1 else out / f"{door.code}.pdf"
        entry = actions.PrintEntry("sheet", place.id, door.id)
        _write(entry, partial(_sheet, scope, door.id), target)


def _sheet(scope: Scope, household_id: int, number: str) -> Document:
    return draw_paper(SHEET, scope, [household_id], _("命令行"), number, {"root": current_app.config["ROOT_URL"]})


@group.command("blank")
@click.option("--copies", type=click.IntRange(1, MOST_BLANK), default=1)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A PDF file.")
@click.option("--community", help="Its name, where there are several.")
def print_blank(copies: int, out: Path, community: str | None) -> None:
    """Print household sheets to fill in by hand at a new door."""
    place = community_named(community)
    scope, options = Scope(communities=(place.id,)), {"copies": copies}
    _write(
        actions.PrintEntry("blank", place.id),
        partial(draw_paper, BLANK, scope, [place.id], _("命令行"), options=options),
        out,
    )


@group.command("map")
@click.option("--size", type=click.Choice(tuple(SIZES)), default="A3")
@click.option("--portrait", is_flag=True, help="Upright; else landscape.")
@click.option("--variant", type=click.Choice(VARIANTS), default="internal")
@click.option("--layer", type=click.Choice(LAYERS), help="Colour the buildings by this layer.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A PDF file.")
@click.option("--community", help="Its name, where there are several.")
def print_map(size: str, portrait: bool, variant: str, layer: str | None, out: Path, community: str | None) -> None:
    """Print the comprehensive-management map (综合治理区域图)."""
    place = community_named(community)
    scope, community_id = Scope(communities=(place.id,)), place.id
    orientation = "portrait" if portrait else "landscape"
    options = {"size": size, "orientation": orientation, "variant": variant, "layer": layer}
    _write(
        actions.PrintEntry("map", place.id),
        lambda number: draw_paper(MAP, scope, [community_id], _("命令行"), number, options),
        out,
    )


def _write(entry: actions.PrintEntry, draw: Callable[[str], Document], target: Path) -> None:
    try:
        number, document = actions.print_document(None, entry, draw)
    except PrintingFailed as failed:
        raise click.ClickException(failed.message) from None
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(document.pdf)
    if document.missing:
        click.echo(_("有字印不出来，纸上是空框：%(characters)s", characters=listed(document.missing)), err=True)
    click.echo(_("%(file)s：%(pages)s 页，编号 %(number)s", file=target, pages=document.pages, number=number))


@click.command("doctor")
def doctor_command() -> None:
    """Check what the product needs: database, migrations, disk, Pango, fonts. Says the line to type."""
    names = {"database": _("数据库"), "migrations": _("数据库结构"), "disk": _("磁盘空间")}
    advice = {
        "database": _("请检查 DATABASE_URL 或 instance 目录的权限"),
        "migrations": _("请执行：flask db upgrade"),
        "disk": _("请清理磁盘，至少留出 200 MB"),
    }
    found = [(names[k], ok, advice[k]) for k, ok in health.checks().items()]
    found += [(check.name, check.ok, check.advice) for check in (*doctor(), probe(folder()))]
    for name, ok, step in found:
        click.echo(f"{'✓' if ok else '✗'} {name}" + ("" if ok else f"：{step}"))
    sys.exit(0 if all(ok for _name, ok, _step in found) else 1)
