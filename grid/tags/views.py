"""Mounts the pages of tags."""

from flask import Flask

from grid.tags import carrying_views, definition_views, floating_views


def register(app: Flask) -> None:
    app.register_blueprint(definition_views.bp)
    app.register_blueprint(carrying_views.bp)
    app.register_blueprint(floating_views.bp)
