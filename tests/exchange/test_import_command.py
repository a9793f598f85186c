"""flask import …: what it prints and how it ends."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.db import db
from grid.register.models import Person
from tests.exchange.books import book, doors, feature, geojson, people
from tests.exchange.test_import_residents import FIRST
from tests.factories import Cast, Place
from tests.rows import differences, snapshot


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(people(FIRST, ("关羽", None, None, None, None, "无", "3-1-102", None, None)))
    return path


def test_it_prints_the_counts_and_a_line_per_odd_row(app: Flask, place: Place, roster: Path) -> None:
    told = app.test_cli_runner().invoke(args=["import", "residents", str(roster), "--community", "桃园社区"])

    assert told.exit_code == 0
    assert "new 2  changed 0  odd 1  refused 0  same 0" in told.output
    assert "odd 名册.xlsx “人员”第 3 行" in told.output
    assert db.session.scalars(select(Person).where(Person.name == "刘备")).one()


def test_a_dry_run_says_the_same_and_writes_nothing(app: Flask, place: Place, roster: Path) -> None:
    told = app.test_cli_runner().invoke(
        args=["import", "residents", str(roster), "--community", "桃园社区", "--dry-run"]
    )

    assert told.exit_code == 0
    assert "new 2" in told.output
    assert db.session.scalars(select(Person).where(Person.name == "刘备")).all() == []


def test_it_ends_with_1_when_a_row_was_refused(app: Flask, place: Place, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(people(FIRST, (None, *FIRST[1:])))

    told = app.test_cli_runner().invoke(args=["import", "residents", str(path), "--community", "桃园社区"])

    assert told.exit_code == 1
    assert "refused a.xlsx “人员”第 3 行" in told.output


@pytest.mark.parametrize("content", [None, b"%PDF-1.7"])
def test_it_ends_with_2_when_nothing_could_be_read(
    app: Flask, place: Place, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "a.xlsx"
    if content:
        path.write_bytes(content)

    told = app.test_cli_runner().invoke(args=["import", "doors", str(path), "--community", "桃园社区"])

    assert told.exit_code == 2
    assert "a.xlsx" in told.output


FLOATING = ("姓名", "现住址", "流入原因")
TAGS = ("姓名", "住址", "人员类别")
VISITS = ("走访对象", "居住地址", "走访时间")
# Of each kind a file with a row that goes in, and one with a row that does not.
FILES = {
    "map": (
        geojson(feature(layer="building", 楼号="9")),
        geojson(feature(outline=[[[0, 0]]], layer="building", 楼号="9")),
    ),
    "doors": (doors(("9", 1, 101)), doors(("9", 1, None))),
    "residents": (people(FIRST), people((None, *FIRST[1:]))),
    "floating": (
        book(("表", [FLOATING, ("王小明", "1-1-101", "务工")])),
        book(("表", [FLOATING, ("无此人", "1-1-101", "务工")])),
    ),
    "tags": (book(("表", [TAGS, ("王小明", "1-1-101", "低保")])), book(("表", [TAGS, ("无此人", "1-1-101", "低保")]))),
    "visits": (
        book(("表", [VISITS, ("王小明", "1-1-101", "2026-01-05")])),
        book(("表", [VISITS, ("王小明", "1-1-101", "昨天")])),
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_prints_its_counts_ends_with_0_1_or_2_and_a_dry_run_writes_nothing(
    app: Flask, place: Place, cast: Cast, tmp_path: Path, kind: str
) -> None:
    ending = "geojson" if kind == "map" else "xlsx"
    good, bad, torn = (tmp_path / f"{name}.{ending}" for name in ("good", "bad", "torn"))
    good.write_bytes(FILES[kind][0])
    bad.write_bytes(FILES[kind][1])
    torn.write_bytes(b"%PDF-1.7")

    def told(path: Path, *more: str) -> tuple[int, str]:
        args = ["import", kind, str(path), "--community", "桃园社区", *more]
        answer = app.test_cli_runner().invoke(args=args)
        db.session.rollback()
        return answer.exit_code, answer.output

    before = snapshot()
    code, output = told(good, "--dry-run")
    assert code == 0 and "new 1  changed 0" in output and "没有写入" in output
    code, output = told(bad)
    assert code == 1 and "refused 1" in output and "refused bad" in output
    code, output = told(torn)
    assert code == 2 and "torn" in output
    assert differences(before) == {}
    assert told(good)[0] == 0
    assert differences(before) != {}


@pytest.mark.parametrize("content", [None, b"%PDF-1.7"])
def test_a_whole_community_that_cannot_be_read_ends_with_2_too(
    app: Flask, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "a.yihu"
    if content:
        path.write_bytes(content)

    told = app.test_cli_runner().invoke(args=["import", "community", str(path)])

    assert told.exit_code == 2
    assert told.output.strip()
