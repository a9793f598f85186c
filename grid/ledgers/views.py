"""What the feature puts on the web."""

from flask import Flask

from grid.ledgers import ledger_views


def register(app: Flask) -> None:
    app.register_blueprint(ledger_views.bp)
