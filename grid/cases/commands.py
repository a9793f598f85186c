"""flask reports purge: for the nightly timer of an install where nobody reports for weeks; serving begins with it."""

import click
from flask import Flask
from flask.cli import AppGroup

from grid.cases import actions
from grid.core.clock import today
from grid.core.i18n import _
from grid.core.serving import at_start

reports = AppGroup("reports", help="Reports of building heads.")


def register(app: Flask) -> None:
    app.cli.add_command(reports)
    at_start(app, lambda: actions.purge_reports(today()))


@reports.command()
def purge() -> None:
    """Delete the reports whose day has come, with their words."""
    click.echo(_("已删除到期的来访报告：%(n)s 条。", n=actions.purge_reports(today())))
