"""flask import …: what it prints and how it ends."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.db import db
from grid.register.models import Person
from tests.exchange.books import people
from tests.exchange.test_import_residents import FIRST
from tests.factories import Place


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
