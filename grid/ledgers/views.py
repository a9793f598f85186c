"""台账、指标、目标、年度计划: what the rows of all features come to."""

from flask import Flask

from grid.ledgers import indicator_views, ledger_views, target_views


def register(app: Flask) -> None:
    app.register_blueprint(ledger_views.bp)
    app.register_blueprint(indicator_views.bp)
    app.register_blueprint(target_views.bp)
