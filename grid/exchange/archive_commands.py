"""flask export community|map FILE and flask import community FILE."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from grid.core.db import db
from grid.core.i18n import _, labelled
from grid.core.refusals import Refused
from grid.exchange import queries
from grid.exchange.archive import Content
from grid.exchange.archive_checking import is_sealed_file
from grid.exchange.archive_reading import import_community as read_in
from grid.exchange.archive_sealing import SHORTEST
from grid.exchange.archive_writing import ArchiveEntry, export_community
from grid.exchange.map_export import export_map
from grid.exchange.workbooks import Unreadable
from grid.register.models import Community
from grid.register.queries import community_named
from grid.register.words import table_label

exports = AppGroup("export", help="A whole community or its map into a file.")

SOME_REFUSED, NOTHING_READ = 1, 2

_to_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_of = click.option("--community", help="The community; not needed where there is only one.")
_passphrase_file = click.option(
    "--passphrase-file", type=click.Path(path_type=Path, dir_okay=False), help="A file with the passphrase."
)


@exports.command("community")
@_to_file
@_of
@click.option("--reason", default="", help="Why; stands in the log.")
@_passphrase_file
@click.option("--passphrase", is_flag=True, help="Ask for a passphrase. Without one anybody can read the file.")
def export_whole(
    file: Path, community: str | None, reason: str, passphrase_file: Path | None, passphrase: bool
) -> None:
    """Everything of a community in one file, for an empty install."""
    try:
        there = _community(community)
        words = _words_of(passphrase_file) if passphrase_file else _typed(twice=True) if passphrase else ""
        if words and len(words) < SHORTEST:
            raise Refused(_("口令至少 %(n)s 个字。", n=SHORTEST))
        content = export_community(None, ArchiveEntry(there.id, there.name, reason[:200], words), file, _instance())
    except (Refused, OSError) as refusal:
        _stop(refusal, SOME_REFUSED)
    tell(content)
    if not words:
        click.echo(_("没有设口令：拿到文件的人都能看到里面的身份证号和电话，请收好。"), err=True)


@exports.command("map")
@_to_file
@_of
def export_drawn(file: Path, community: str | None) -> None:
    """Boundary, blocks, buildings and patrol routes as GeoJSON; nothing about anybody."""
    try:
        there = _community(community)
        content = export_map(None, there.id, there.name)
        file.write_bytes(content)
    except (Refused, OSError) as refusal:
        _stop(refusal, SOME_REFUSED)
    click.echo(_("%(name)s 的地图：%(n)s 个图形。", name=there.name, n=len(json.loads(content)["features"])))


@click.command("community")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_passphrase_file
def import_whole(file: Path, passphrase_file: Path | None) -> None:
    """A whole community from `flask export community`, into an empty install."""
    try:
        words = _words_of(passphrase_file) if passphrase_file else _typed() if is_sealed_file(file) else ""
        done = read_in(None, file, words, _instance())
    except Unreadable as reason:
        _stop(reason, NOTHING_READ)
    except FileNotFoundError as gone:
        _stop(_("打不开 %(name)s：%(why)s", name=gone.filename, why=gone.strerror), NOTHING_READ)
    except (Refused, OSError) as refusal:
        _stop(refusal, SOME_REFUSED)
    tell(done.content)
    if done.renamed:
        click.echo(_("这些账号名这里已经有人用了，导入的改成：%(logins)s。", logins="、".join(done.renamed)))
    click.echo(
        _(
            "账号都没有密码：请用 flask user add --role administrator --community %(name)s 建一个管理员，"
            "登录后在“人员”里给各人发新密码。",
            name=done.content.community,
        )
    )


def tell(content: Content) -> None:
    """A line per table that has rows."""
    for table, rows in content.rows.items():
        if rows:
            click.echo(f"{table} {rows}  {table_label(table).removeprefix(table)}".rstrip())
    click.echo(
        labelled(content.community, _("%(rows)s 行、%(photos)s 张照片", rows=content.n_rows, photos=content.photos))
    )
    if content.missing:
        click.echo(_("有 %(n)s 张照片的文件早就不在了，没有导出。", n=content.missing), err=True)


def _community(name: str | None) -> Community:
    found = community_named(name.strip()) if name else None
    if name and found is None:
        raise Refused(_("没有叫“%(name)s”的社区。", name=name[:50]))
    if found is not None:
        return found
    there = queries.all_communities()
    if len(there) != 1:
        names = "、".join(one.name for one in there[:10])
        raise Refused(
            _("有好几个社区（%(names)s），请用 --community 写明是哪一个。", names=names) if there else _("还没有社区。")
        )
    return there[0]


def _words_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise Refused(_("口令文件请存成 UTF-8 的文本。")) from None


def _typed(twice: bool = False) -> str:
    return str(click.prompt(_("口令"), hide_input=True, confirmation_prompt=_("再输一次口令") if twice else False))


def _stop(reason: Any, code: int) -> Any:
    db.session.rollback()
    click.echo(str(reason), err=True)
    sys.exit(code)


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


def register(app: Flask) -> None:
    app.cli.add_command(exports)
