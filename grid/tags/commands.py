"""flask tags purge: for the nightly timer of an install; serving begins with it."""

import click
from flask import Flask
from flask.cli import AppGroup

from grid.core.clock import today
from grid.core.i18n import _
from grid.core.serving import at_start
from grid.tags.carrying_actions import purge_tags

tags = AppGroup("tags", help="Tags of persons.")


def register(app: Flask) -> None:
    app.cli.add_command(tags)
    at_start(app, lambda: purge_tags(today()))


@tags.command()
def purge() -> None:
    """Delete the tags taken off whose days of retention are over, with their own fields."""
    click.echo(_("已删除到期的人员标签：%(n)s 条。", n=purge_tags(today())))
