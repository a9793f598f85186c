"""Export of a street: 100,000 residents as a workbook, each step in a fresh process, against bare openpyxl.

`python -m bench --only exporting` measures nothing else. The raw side has the same finished cells on the disk and does
nothing but append them to a sheet of openpyxl, write only and without any looks: no database, no words made of codes.
"""

import json
import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from openpyxl import Workbook
from sqlalchemy import insert, select

from bench import load
from bench.figures import Figure
from grid import create_app
from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.config import instance_folder
from grid.core.db import db
from grid.exchange.export_subjects import LISTS
from grid.exchange.export_writing import written
from grid.ledgers.columns import Cell
from grid.ledgers.ledger_queries import Asked, every_row, tags_of_community
from grid.ledgers.sources import Reader
from grid.register.actions import CommunityEntry, add_community
from grid.register.models import Block, Building, Community, Household, Person, Residency, Unit

PEOPLE, BUILDINGS, FLOORS, ROOMS = 100_000, 175, 50, 4
HOMES = BUILDINGS * FLOORS * ROOMS
# MB at the highest, Flask and SQLAlchemy with it: as much for 100,000 rows as for a thousand.
PEAK = 250.0
LIST = LISTS["residents"]


def figures(engine: str) -> list[Figure]:
    """Of an empty database of their own: figures of the city stay as they are."""
    folder = instance_folder() / "bench" / f"export-{engine}"
    folder.mkdir(parents=True, exist_ok=True)
    url = load.sqlite_url(folder) if engine == "sqlite" else load.postgresql_url("E", folder)
    load.clear(url)
    said = {step: fresh(step, folder, url) for step in ("begin", "bare", "export")}
    ours, bare = said["export"], said["bare"]
    ratio = ours["cpu"] / bare["cpu"]
    speed, raw = PEOPLE / ours["seconds"], PEOPLE / bare["seconds"]
    return [
        Figure("export 100,000 rows", engine, "L", ours["seconds"], "s", bare["seconds"]),
        Figure("export cpu", engine, "L", ours["cpu"], "s", bare["cpu"], ratio),
        Figure("exported rows a second", engine, "L", speed, "", raw),
        Figure("peak exporting", engine, "L", ours["peak"], "MB", bare["peak"], limit=PEAK, ok=ours["peak"] <= PEAK),
    ]


def fresh(step: str, folder: Path, url: str) -> dict[str, float]:
    """Seconds of a step on the clock and of the processor, and the most memory its process had, in MB."""
    env = dict(os.environ, GRID_INSTANCE=str(folder), DATABASE_URL=url)
    done = subprocess.run([sys.executable, "-m", "bench.exporting", step], env=env, stdout=subprocess.PIPE, check=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def begin() -> None:
    """A street with its residents, and the cells of its list as the bare side gets them."""
    upgrade()
    community = add_community(None, CommunityEntry("长街社区"))
    fill(community.id)
    with cells().open("wb") as file:
        for row in every_row(*asked()):
            pickle.dump(row, file)


def fill(community_id: int) -> None:
    here = {"community_id": community_id}
    block = Block(seq=1, name="一片区", **here)
    db.session.add(block)
    db.session.flush()
    houses = [Building(block_id=block.id, no=str(n), no_order=n, estate="长街小区", **here) for n in range(BUILDINGS)]
    db.session.add_all(houses)
    db.session.flush()
    units = [Unit(building_id=house.id, no=1, **here) for house in houses]
    db.session.add_all(units)
    db.session.flush()
    at = {"unit": [unit.id for unit in units], "building": [house.id for house in houses]}
    db.session.execute(insert(Household), [home(n, at, here) for n in range(HOMES)])
    doors = list(db.session.scalars(select(Household.id).order_by(Household.id)))
    db.session.execute(insert(Person), [person(n, here) for n in range(PEOPLE)])
    people = list(db.session.scalars(select(Person.id).order_by(Person.id)))
    db.session.execute(
        insert(Residency),
        [
            {
                "person_id": one, "household_id": doors[n * HOMES // PEOPLE], "is_head": n % 3 == 0,
                "relation": "02" if n % 3 == 0 else "10", "live_kind": "head_family", "from_on": date(2020, 1, 1),
                **here,
            }
            for n, one in enumerate(people)
        ],
    )  # fmt: skip
    db.session.commit()


def home(n: int, at: dict[str, list[int]], here: dict[str, Any]) -> dict[str, Any]:
    building, rest = divmod(n, FLOORS * ROOMS)
    floor, room = divmod(rest, ROOMS)
    name = f"{floor + 1}{room + 1:02}"
    ids = {"building_id": at["building"][building], "unit_id": at["unit"][building]}
    return {"unit_no": 1, "floor": floor + 1, "room": name, "code": f"{building}-1-{name}", **ids, **here}


def person(n: int, here: dict[str, Any]) -> dict[str, Any]:
    birth = date(1940 + n % 80, 1 + n % 12, 1 + n % 28)
    return {
        "name": f"居民{n}", "sex": str(1 + n % 2), "birth": birth, "phone": f"1990{n:07}",
        "id_no": f"99{n % 10000:04}{birth:%Y%m%d}{n % 10000:04}", "hukou_address": "长街一号", "occupation": "职员",
        "employer": "饮料厂", "marital": "20", "education": "20", **here,
    }  # fmt: skip


def cells() -> Path:
    return Path(os.environ["GRID_INSTANCE"]) / "cells.pickle"


def asked() -> tuple[Reader, Any, Asked]:
    community = db.session.scalars(select(Community)).one()
    reader = Reader(0, "administrator", Scope(communities=(community.id,)))
    return reader, LIST, Asked(community, tags_of_community(community.id), today())


def bare() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("人员")
    for row in kept():
        sheet.append(row)
    with (cells().parent / "bare.xlsx").open("wb") as file:
        book.save(file)


def kept() -> Iterator[tuple[Cell, ...]]:
    with cells().open("rb") as file:
        for _row in range(PEOPLE):
            yield pickle.load(file)


def export() -> None:
    file, count = written(*asked(), "社长", "区里统计")
    file.close()
    if count != PEOPLE:
        raise SystemExit(f"bench: {count} rows exported")


STEPS: dict[str, Callable[[], None]] = {"begin": begin, "bare": bare, "export": export}


def main() -> int:
    step = sys.argv[1]
    app = create_app()
    began, spent = time.perf_counter(), time.process_time()
    with app.app_context():
        STEPS[step]()
    said = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - spent, "peak": highest()}
    print(json.dumps(said))
    return 0


def highest() -> float:
    """The most memory this process had, in MB; what getrusage tells is its parent's too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
