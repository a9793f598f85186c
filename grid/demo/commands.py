"""flask demo load, accounts, remove."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.demo import accounts, actions

demo = AppGroup("demo", help="The demo community, invented by the project itself.")


def register(app: Flask) -> None:
    app.cli.add_command(demo)


@demo.command()
@click.option("--doors", default=3000, type=click.IntRange(50, 200_000), help="About how many doors.")
@click.option("--if-empty", is_flag=True, help="Only where there is no community yet.")
def load(doors: int, if_empty: bool) -> None:
    """Load the demo community into the database."""
    if if_empty and not actions.database_is_empty():
        return
    try:
        loaded = actions.load_demo(doors, today(), _instance())
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(
        _(
            "%(names)s 已装入：%(doors)s 户、%(people)s 人、%(visits)s 次走访。",
            names="、".join(loaded.communities),
            doors=loaded.doors,
            people=loaded.people,
            visits=loaded.visits,
        )
    )


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--quiet", is_flag=True, help="Say nothing where there is no demo community.")
def show_accounts(as_json: bool, quiet: bool) -> None:
    """List the demo accounts: role, login, password, patch."""
    shown = accounts.kept(_instance())
    if as_json:
        click.echo(json.dumps([asdict(account) for account in shown], ensure_ascii=False))
        return
    if not shown and quiet:
        return
    if not shown:
        raise click.ClickException(_("还没有演示社区，请先运行 flask demo load。"))
    table = [(_("角色"), _("登录名"), _("密码"), _("姓名"), _("辖区"))]
    table += [(CODES["role"].text(a.role), a.login, a.password, a.name, a.patch) for a in shown]
    click.echo("\n".join(aligned(table)))


@demo.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
def remove(yes: bool) -> None:
    """Throw the demo community away, with its accounts."""
    if not yes:
        click.confirm(_("演示社区的全部内容和账号都会删除，继续吗？"), abort=True)
    try:
        actions.remove_demo(_instance())
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(_("演示社区已删除。"))


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns; a Chinese character takes two places in a terminal."""
    widths = [max(_width(cell) for cell in column) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])
