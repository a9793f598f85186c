"""Mounts the pages of tags."""

from flask import Flask

from grid.tags import definition_views


def register(app: Flask) -> None:
    app.register_blueprint(definition_views.bp)
