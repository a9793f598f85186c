"""/healthz and /readyz, for whoever watches the server."""

import shutil
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app, jsonify
from sqlalchemy import text

from grid.core.db import db

LEAST_FREE = 200 * 1024 * 1024


def register(app: Flask) -> None:
    @app.get("/healthz", endpoint="healthz")
    def healthz() -> Any:
        return "ok\n", 200, {"Content-Type": "text/plain"}

    @app.get("/readyz", endpoint="readyz")
    def readyz() -> Any:
        found = checks()
        return jsonify(found), 200 if all(found.values()) else 503

    for endpoint in ("healthz", "readyz"):
        view: Any = app.view_functions[endpoint]
        view.allowed = frozenset({"anyone"})


def checks() -> dict[str, bool]:
    """database answers · migrations are all applied · the disk has room."""
    found = {"database": False, "migrations": False, "disk": False}
    try:
        connection = db.session.connection()
        connection.execute(text("SELECT 1"))
        found["database"] = True
        script = ScriptDirectory(current_app.extensions["migrate"].directory)
        here = MigrationContext.configure(connection).get_current_revision()
        found["migrations"] = here == script.get_current_head()
    except Exception:
        db.session.rollback()
    found["disk"] = shutil.disk_usage(current_app.instance_path).free > LEAST_FREE
    return found
