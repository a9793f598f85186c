"""Mounts the pages of 台账 and 指标."""

from flask import Flask

from grid.ledgers import duty_views, workload_views


def register(app: Flask) -> None:
    for feature in (duty_views, workload_views):
        feature.register(app)
