"""台账、指标、目标、年度计划: what the rows of all features come to."""

from flask import Flask

from grid.ledgers import duty_views, indicator_views, ledger_views, target_views, workload_views


def register(app: Flask) -> None:
    app.register_blueprint(ledger_views.bp)
    app.register_blueprint(indicator_views.bp)
    app.register_blueprint(target_views.bp)
    app.register_blueprint(duty_views.bp)
    app.register_blueprint(workload_views.bp)
