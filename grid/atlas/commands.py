"""flask atlas colours: writes the style sheet of the layers."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from grid.atlas.layers import stylesheet

group = AppGroup("atlas", help="The map's own files.")


def register(app: Flask) -> None:
    app.cli.add_command(group)


@group.command("colours")
def colours() -> None:
    """Write static/css/layers.css from grid/atlas/layers.py."""
    target = Path(str(current_app.static_folder)) / "css" / "layers.css"
    target.write_text(stylesheet(), encoding="utf-8")
    click.echo(str(target))
