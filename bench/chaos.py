"""`python -m bench.chaos`: many phones, a bad line, servers killed in the middle. Counts what was lost or doubled.

Visits, edits and reports go through `bench/line.py` to gunicorn, whose workers are killed (-9) all the time and all
of it now and then. At the end the rows, the distinct keys and the acknowledgements must be the same number.
"""

import argparse
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.asking import wait_for
from bench.line import Line
from bench.outbox import Entry, Phone
from bench.sides import free_port
from grid import create_app
from grid.accounts.models import LoginSession
from grid.accounts.queries import token_hash
from grid.core.clock import now, today
from grid.core.config import ROOT
from grid.core.db import db
from grid.demo.actions import load_demo

SERVER = os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
PHONES = 24
WORKERS = ("-w", "3", "--timeout", "60", "--no-control-socket", "--log-level", "critical")


def main() -> int:
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="yihu-chaos-") as folder:
        url, drop = database(asked.db, Path(folder))
        try:
            return run(Path(folder), url, asked)
        finally:
            drop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=20261124)
    return parser.parse_args()


def database(engine: str, folder: Path) -> tuple[str, Any]:
    """A new one, and how to throw it away."""
    if engine == "sqlite":
        return f"sqlite:///{folder / 'yihu.db'}", lambda: None
    name = f"yihu_chaos_{secrets.token_hex(4)}"
    admin = create_engine(make_url(SERVER).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C.UTF-8'"))
    url = make_url(SERVER).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)

    def drop() -> None:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    return url, drop


def run(folder: Path, url: str, asked: argparse.Namespace) -> int:
    os.environ["GRID_INSTANCE"], os.environ["DATABASE_URL"] = str(folder), url
    app = create_app({"SQLALCHEMY_DATABASE_URI": url}, folder)
    with app.app_context():
        upgrade()
        load_demo(300, today(), folder)
        phones, before = list(make_phones(app, asked)), effects()
        db.session.remove()
        db.engine.dispose()
    server = Killed(free_port())
    line = Line(server.port, asked.seed)
    for phone in phones:
        phone.port = line.port
    began = time.monotonic()
    crowd = [threading.Thread(target=phone.empty) for phone in phones]
    for thread in crowd:
        thread.start()
    server.kill_until_all_have_ended(crowd, phones, random.Random(asked.seed))
    seconds = time.monotonic() - began
    line.stop()
    server.stop()
    with app.app_context():
        rows = {name: n - before[name] for name, n in effects().items()}
        return judge(phones, rows, line, server, asked, seconds)


class Killed:
    """gunicorn with three workers, which do not live long."""

    def __init__(self, port: int) -> None:
        self.port, self.kills, self.restarts = port, 0, 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", *WORKERS, "--bind", f"127.0.0.1:{self.port}", "app:app"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(self.port)

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_until_all_have_ended(
        self, crowd: list[threading.Thread], phones: list[Phone], dice: random.Random
    ) -> None:
        """One worker after every few dozen acknowledgements, so that a slow machine gets on as well."""
        done, enough = 0, 40
        while any(thread.is_alive() for thread in crowd):
            time.sleep(0.05)
            acknowledged = sum(len(phone.delivered) for phone in phones)
            if acknowledged - done < enough:
                continue
            done, enough = acknowledged, dice.randrange(20, 100)
            if dice.random() < 0.05:
                self.stop()
                self.restarts += 1
                self.start()
            else:
                self._kill_a_worker(dice)

    def _kill_a_worker(self, dice: random.Random) -> None:
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if workers:
            os.kill(int(dice.choice(workers)), signal.SIGKILL)
            self.kills += 1


def make_phones(app: Flask, asked: argparse.Namespace) -> Iterator[Phone]:
    """Three phones of each worker, each with doors of its own to edit; and those of the building heads."""
    workers, heads = (
        accounts("p.block_id = b.block_id", "grid_worker"),
        accounts("p.building_id = b.id", "building_head"),
    )
    each = -(-asked.submissions // PHONES)
    for n in range(PHONES):
        user = heads[n % len(heads)] if n % 8 == 7 else workers[n % len(workers)]
        entries = list(reports(user, each) if user in heads else rounds(user, n, each, random.Random(asked.seed + n)))
        yield Phone(user.public_id, 0, lambda user_id=user.id: cookie(app, user_id), entries, asked.seed + n)


def accounts(holds: str, role: str) -> list[Any]:
    """Those of a role whose patch has doors."""
    doors = f"patch p JOIN building b ON {holds} JOIN household h ON h.building_id = b.id"
    sql = (
        "SELECT id, public_id, role, login FROM user_account WHERE role = :role "
        f"AND id IN (SELECT p.user_id FROM {doors} WHERE p.duty = 'in_charge') ORDER BY id"
    )
    return list(db.session.execute(text(sql), {"role": role}))


def rounds(user: Any, n: int, most: int, dice: random.Random) -> Iterator[Entry]:
    """A worker's day: four visits, then an edit of a door that only this phone edits."""
    doors = db.session.execute(
        text(
            "SELECT h.public_id FROM household h JOIN building b ON b.id = h.building_id "
            "JOIN patch p ON p.block_id = b.block_id WHERE p.user_id = :user AND p.duty = 'in_charge' ORDER BY h.id"
        ),
        {"user": user.id},
    ).scalars()
    mine = list(doors)
    edited, version = mine[n % len(mine)], 0
    for k in range(most):
        if k % 5 == 4:
            version += 1
            yield Entry(f"/households/{edited}", {"version": str(version), "use": "dwelling", "note": f"{n}-{k}"})
        else:
            yield Entry(
                f"/households/{dice.choice(mine)}/visits", {"found": "home", "kind": "visit", "content": f"{n}-{k}"}
            )


def reports(user: Any, most: int) -> Iterator[Entry]:
    """A building head's, in short."""
    building, unit, room = db.session.execute(
        text(
            "SELECT b.public_id, h.unit_no, h.room FROM patch p JOIN building b ON b.id = p.building_id "
            "JOIN household h ON h.building_id = b.id WHERE p.user_id = :user ORDER BY h.id LIMIT 1"
        ),
        {"user": user.id},
    ).one()
    for k in range(most):
        yield Entry("/report", {"kind": "visitor", "door": f"{building}:{unit}-{room}", "facts": f"{user.login}-{k}"})


def cookie(app: Flask, user_id: int) -> str:
    """A session made at the desk: passwords take their time on purpose."""
    with app.app_context():
        token = secrets.token_urlsafe(24)
        ends = now() + timedelta(hours=8)
        db.session.add(LoginSession(token_hash=token_hash(token), user_id=user_id, ends_at=ends))
        db.session.commit()
        db.session.remove()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer
        return "yihu=" + str(signer.dumps({"_user_id": token, "_fresh": True, "csrf_token": secrets.token_hex(20)}))


# What the entries did: a visit is a row, an edit raises its door's version by one, a report is a row.
EFFECTS = {
    "visits": "SELECT count(*) FROM visit",
    "edits": "SELECT sum(version - 1) FROM household",
    "reports": "SELECT count(*) FROM visitor_report",
}


def effects() -> dict[str, int]:
    return {name: int(db.session.scalar(text(sql)) or 0) for name, sql in EFFECTS.items()}


def judge(
    phones: list[Phone], rows: dict[str, int], line: Line, server: Killed, asked: argparse.Namespace, seconds: float
) -> int:
    acknowledged = [key for phone in phones for key in phone.delivered]
    keys = set(db.session.scalars(text("SELECT key FROM receipt")))
    returned = [one for phone in phones for one in phone.returned]
    lost, doubled = len(set(acknowledged) - keys), sum(rows.values()) - len(keys)
    tries = sum((phone.seen for phone in phones), Counter[str]())
    made = -(-asked.submissions // PHONES) * PHONES
    print(f"{made} entries of {PHONES} phones on {asked.db} in {seconds:.0f} s, {tries.total()} sendings")
    print("the line: " + ", ".join(f"{name} {n}" for name, n in sorted(line.done.items())))
    print(f"the server: {server.kills} workers killed, {server.restarts} times all of it")
    print("rows: " + ", ".join(f"{name} {n}" for name, n in rows.items()))
    print(f"rows {sum(rows.values())} = distinct keys {len(keys)} = acknowledgements {len(acknowledged)}")
    print(f"lost {lost}  doubled {doubled}  returned {len(returned)} {Counter(status for _key, status in returned)}")
    right = len(acknowledged) == len(keys) == sum(rows.values()) == made
    print("ok" if right and not (lost or doubled or returned) else "FAILED")
    figures = {"entries": made, "db": asked.db, "lost": lost, "doubled": doubled, "errors": len(returned)}
    print(json.dumps(figures))
    return 0 if right and not (lost or doubled or returned) else 1


if __name__ == "__main__":
    sys.exit(main())
