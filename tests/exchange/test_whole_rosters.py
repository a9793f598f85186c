"""The committee's sample rosters go in whole, each twice is once, and undone one by one everything is as before."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.exchange.actions import apply_files, undo_import
from grid.exchange.lines import REFUSED, Plan
from grid.exchange.planning import KINDS, Order, plan_files
from grid.register.models import Building, Community, Household, Person, Residency
from grid.visits.models import Visit, VisitPerson
from tests.factories import hand_out, make_user
from tests.rows import differences, snapshot

DAY = date(2026, 11, 23)
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Step:
    """A file of one kind: what it counts the first time, and what the register holds afterwards."""

    kind: str
    files: tuple[str, ...]
    counts: dict[str, int]
    holds: Callable[[Path, Plan], None]

    def order(self, shared: Path) -> Order:
        return Order(self.kind, tuple((Path(name).name, (shared / name).read_bytes()) for name in self.files))


def counted(plan: Plan) -> dict[str, int]:
    return {outcome: n for outcome, n in plan.counts.items() if n}


def how_many(*where: Any) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0


def the_map(shared: Path, plan: Plan) -> None:
    buildings = db.session.scalars(select(Building)).all()
    assert len(buildings) == 133
    assert all(building.outline and building.block_id for building in buildings)


def the_doors(shared: Path, plan: Plan) -> None:
    uses = dict(db.session.execute(select(Household.use, func.count()).group_by(Household.use)).all())
    assert uses == {"dwelling": 2995, "shop": 41, "garage": 6}
    duplex = db.session.execute(select(Household.floor, Household.floor_to).where(Household.floor_to.is_not(None)))
    assert [tuple(row) for row in duplex] == [(5, 6), (5, 6)]


def the_people(shared: Path, plan: Plan) -> None:
    assert how_many(Person.id > 0) == 8606
    assert how_many(Residency.to_on.is_(None)) == 8606 - 77 - 15
    assert how_many(Person.population_kind == "floating") == 1451
    assert db.session.scalar(select(func.sum(Household.n_members))) == 8606 - 77 - 15


def the_migrants(shared: Path, plan: Plan) -> None:
    assert len(plan.lines) == 400 and plan.counts[REFUSED] == 0
    assert how_many(Person.id > 0) == 8606


def the_visits(shared: Path, plan: Plan) -> None:
    """Every row that the expectations list is odd or refused, and no other."""
    expected = json.loads((shared / "rosters/visits-2026.expected.json").read_text())
    assert len(plan.lines) == expected["total"]
    lines = {(line.sheet, line.row): line for line in plan.lines if line.remarks}
    assert set(lines) == {(odd["sheet"], odd["row"]) for odd in expected["odd"]}
    wrong = [(odd, lines[odd["sheet"], odd["row"]]) for odd in expected["odd"] if not _agrees(odd, lines)]
    assert wrong == []
    assert how_many(Visit.id > 0) == plan.counts["new"]
    nobody = how_many(Visit.found == "nobody")
    assert how_many(VisitPerson.id > 0) == plan.counts["new"] - nobody and nobody > 100
    assert how_many(Household.last_visit_on.is_not(None)) > 1000


def _agrees(odd: dict[str, Any], lines: Any) -> bool:
    """Who could be two, or is nobody, is asked about; one of the name in a building tells the door."""
    line = lines[odd["sheet"], odd["row"]]
    words = "\n".join(said for _value, said in line.options)
    values = [value for value, _said in line.options]
    if odd["why"].startswith("address without unit"):
        return bool(line.outcome == "new" and line.subject == f"{odd['door']} {odd['name']}")
    if odd["why"].startswith("ambiguous: no address"):
        return bool(line.outcome == REFUSED and all(f"{odd['name']} {door}" in words for door in odd["door"]))
    if odd["why"].startswith("ambiguous"):
        return bool(line.outcome == REFUSED and len(values) == 2 and "door" not in values)
    if odd["why"].startswith("dated"):
        return bool(line.outcome == REFUSED and not values)
    if odd["door"] is None:
        return bool(line.outcome == REFUSED and "door" not in values)
    elsewhere = odd["why"].partition("(registered at ")[2].strip(")")
    return bool(line.outcome == REFUSED and values[0] == "door" and odd["door"] in words and elsewhere in words)


STEPS = (
    Step(
        "map",
        ("map/boundary.geojson", "map/blocks.geojson", "map/buildings.geojson"),
        {"new": 140},
        the_map,
    ),
    Step("doors", ("rosters/taoyuan-doors.xlsx",), {"new": 3042, "changed": 98}, the_doors),
    Step("residents", ("rosters/taoyuan-residents.xlsx",), {"new": 8606}, the_people),
    Step("floating", ("rosters/floating.csv",), {}, the_migrants),
    Step("visits", ("rosters/visits-2026.xlsx",), {"new": 1940, "odd": 4, "refused": 53}, the_visits),
)


@pytest.fixture
def steps(app: Flask) -> Sequence[Step]:
    return [step for step in STEPS if step.kind in KINDS]


def test_each_goes_in_whole_twice_is_once_and_undone_is_as_before(
    shared: Path, steps: Sequence[Step], subtests: pytest.Subtests
) -> None:
    done = []
    for step in steps:
        before = snapshot()
        with subtests.test(f"{step.kind} in whole"):
            plan = apply_files(None, step.order(shared), DAY)
            assert counted(plan) == step.counts or not step.counts
            step.holds(shared, plan)
        done.append((step, before, last_entry()))
        with subtests.test(f"{step.kind} twice is once"):
            again = plan_files(step.order(shared), DAY)
            assert not again.changes_anything and again.counts["refused"] == plan.counts["refused"]
        if step.kind == "map":
            give_accounts(shared)
    # The first import began the community with its starter tags and accounts: that stays.
    for step, before, entry_id in reversed(done[1:]):
        with subtests.test(f"{step.kind} undone"):
            take_back(entry_id)
            assert differences(before) == {}


def last_entry() -> int:
    return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def give_accounts(shared: Path) -> None:
    """The colleagues whose names stand in the roster of visits."""
    expected = json.loads((shared / "rosters/visits-2026.expected.json").read_text())
    community = db.session.scalars(select(Community)).one()
    for n, name in enumerate(expected["workers"]):
        hand_out(make_user(f"worker-{n}", "grid_worker", name), community)
    db.session.commit()


def take_back(entry_id: int) -> None:
    undo_import(None, db.session.get_one(AuditEntry, entry_id))
