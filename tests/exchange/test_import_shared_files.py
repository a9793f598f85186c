"""The messy sample roster goes in as it is judged row by row."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.codes import CODES
from grid.core.db import db
from grid.exchange.actions import apply_files
from grid.exchange.planning import Order, plan_files
from grid.register.models import Household, Person, PersonTag, Residency, Tag

DAY = date(2026, 11, 23)
MAP = ("map/boundary.geojson", "map/blocks.geojson", "map/buildings.geojson")
DOORS = ("rosters/taoyuan-doors.xlsx",)


def given(shared: Path, kind: str, names: Sequence[str]) -> Order:
    return Order(kind, tuple((Path(name).name, (shared / name).read_bytes()) for name in names))


@pytest.fixture
def taoyuan(app: Flask, shared: Path) -> Path:
    """The community with its map and doors."""
    for kind, names in (("map", MAP), ("doors", DOORS)):
        apply_files(None, given(shared, kind, names), DAY)
    return shared


def test_the_messy_roster_is_judged_row_by_row(taoyuan: Path) -> None:
    expected = json.loads((taoyuan / "rosters/taoyuan-messy.expected.json").read_text())
    order = given(taoyuan, "residents", ("rosters/taoyuan-messy.xlsx",))

    plan = apply_files(None, order, DAY)

    judged = {line.row: "warn" if line.is_odd else _JUDGED[line.outcome] for line in plan.lines}
    wrong = [
        (row["row"], row["case"], row["outcome"], judged.get(row["row"], "skip"))
        for row in expected["rows"]
        if judged.get(row["row"], "skip") not in (row["outcome"], *row.get("also_ok", ()))
    ]
    assert wrong == []
    held = _held()
    differing = [
        (row["row"], row["case"], name, held.get(_key(row["values"]), {}).get(name), value)
        for row in expected["rows"]
        if row["outcome"] in ("accept", "warn") and judged.get(row["row"]) in ("accept", "warn")
        for name, value in row["values"].items()
        if not _agrees(row, name, held.get(_key(row["values"]), {}))
    ]
    assert differing == []
    told = {row["row"]: row for row in expected["rows"]}
    made = {number for number, outcome in judged.items() if outcome in ("accept", "warn")}
    assert set(judged) <= set(told), "a row that is no person of the expectations"
    assert set(held) == {_key(told[number]["values"]) for number in made}, "somebody else came in, or somebody did not"
    assert len(held) == len(made)
    assert not plan_files(order, DAY).changes_anything


_JUDGED = {"new": "accept", "changed": "accept", "same": "accept", "refused": "refuse", "skipped": "skip"}


def _key(values: dict[str, Any]) -> tuple[str, str]:
    return values["name"].replace("😀", ""), values["door"]


def _agrees(row: dict[str, Any], name: str, held: dict[str, Any]) -> bool:
    if name not in held:
        return name in ("relation_text",) and row["values"][name] in (held.get("note") or "")
    wanted = row["values"][name]
    if name == "tags":
        return sorted(held[name]) == sorted(wanted)
    also = row.get("also_ok_values", {}).get(name, [])
    return held[name] in [wanted, *(also if isinstance(also, list) else [_ALSO[also](wanted)])]


# Answers that are right too and that the expectations only describe.
_ALSO: dict[str, Callable[[Any], Any]] = {
    "the 15 digits": lambda number: number[:6] + number[8:17],
    "without the emoji": lambda name: name.replace("😀", ""),
    "with +86": lambda phones: [f"+86{phone}" for phone in phones],
    # What would be kept as it was typed is not: it contradicts the ID number, or is none.
    "as typed": lambda sex: sex,
    "the 17 digits as typed": lambda _nothing: None,
}


def _held() -> dict[tuple[str, str], dict[str, Any]]:
    """What the register holds, in the words of the expectations."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    rows = db.session.execute(
        select(Person, Residency, Household.code).join(Residency, Residency.person_id == Person.id).join(Household)
    )
    for person, residency, door in rows.all():
        tags = select(Tag.label).join(PersonTag).where(PersonTag.person_id == person.id)
        found[person.name, door] = {
            "name": person.name,
            "door": door,
            "id_no": person.id_no,
            "birth": person.birth.isoformat() if person.birth else None,
            "sex": {"1": "男", "2": "女"}.get(person.sex or ""),
            "phones": person.phone.split(";") if person.phone else [],
            "relation": _relation(residency),
            "is_head": residency.is_head,
            "live_kind": {"tenant": "租户"}.get(residency.live_kind or ""),
            "tags": db.session.scalars(tags).all(),
            "note": person.note,
        }
    return found


def _relation(residency: Residency) -> str | None:
    if residency.relation:
        return CODES["relation"].text(residency.relation)
    return {"tenant": "租户", "lodger": "寄居"}.get(residency.live_kind or "")
