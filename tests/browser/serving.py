"""A server for the browser: the demo community on an instance of its own, until it is told to stop.

A process of its own, because keys and settings are those of one application per process. Started again on the same
instance it is the same server after a power cut.
"""

import sys
from pathlib import Path

from flask_migrate import upgrade
from waitress import serve

from grid import create_app
from grid.core.clock import today
from grid.core.db import db
from grid.demo.actions import load_demo

DOORS = 300


def main(port: int, instance: Path) -> None:
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'yihu.db'}"}, instance)
    is_new = not (instance / "demo-accounts.json").exists()
    with app.app_context():
        upgrade()
        if is_new:
            load_demo(DOORS, today(), instance)
        db.session.remove()
    serve(app, host="127.0.0.1", port=port, threads=4, ident=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
