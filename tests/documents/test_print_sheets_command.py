"""`flask print sheets`: the household sheets of a community from the shell, also after an interruption."""

import io
from pathlib import Path

import pypdfium2
from flask import Flask
from sqlalchemy import select

from grid.core.db import db
from grid.documents import jobs
from grid.documents.models import Edition, Print, PrintJob
from tests.factories import Place


def sheets(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(io.BytesIO(path.read_bytes()))
    return [page.get_textpage().get_text_range() for page in document]


def run(app: Flask, place: Place, *words: str, fails: bool = False) -> str:
    db.session.commit()
    told = app.test_cli_runner().invoke(args=["print", "sheets", "--community", place.community.name, *words])
    db.session.expire_all()
    assert (told.exit_code == 0) is not fails, told.output
    return told.output


def test_one_building_and_then_what_has_changed(app: Flask, place: Place, tmp_path: Path) -> None:
    out = tmp_path / "一幢.pdf"

    told = run(app, place, "--building", "1", "--out", str(out))

    number = db.session.scalars(select(Print.number)).one()
    assert number in told and [f"{number} · {n}/12" in text for n, text in enumerate(sheets(out), 1)] == [True] * 12
    assert "一份也没有" in run(app, place, "--changed", "--out", str(out), fails=True)
    place.doors["1-1-102"].note = "换了锁"
    run(app, place, "--changed", "--out", str(out))
    assert ["换了锁" in text for text in sheets(out)] == [True]


def test_a_folder_with_a_file_per_building(app: Flask, place: Place, tmp_path: Path) -> None:
    run(app, place, "--split", "--out", str(tmp_path))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.pdf", "2.pdf", "3.pdf"]
    assert len(sheets(tmp_path / "2.pdf")) == 12


def test_going_on_after_an_interruption(app: Flask, place: Place, tmp_path: Path) -> None:
    doors = [(door.id, None) for door in place.doors.values()]
    jobs.order(None, jobs.BatchEntry("sheet", place.community.id, doors, per_part=10))
    number = db.session.scalars(select(Print.number)).one()
    out = tmp_path / "all.pdf"

    run(app, place, "--resume", number, "--out", str(out))

    assert len(sheets(out)) == len(doors) == len(list(db.session.scalars(select(Edition))))
    assert db.session.scalars(select(PrintJob.state)).one() == "done"


def test_what_is_not_there_is_said(app: Flask, place: Place, tmp_path: Path) -> None:
    out = str(tmp_path / "x.pdf")

    assert "没有 99 这幢楼" in run(app, place, "--building", "99", "--out", out, fails=True)
    assert "没有“渔民”这个标签" in run(app, place, "--tag", "渔民", "--out", out, fails=True)
    assert "没有编号 YH-1" in run(app, place, "--resume", "YH-1", "--out", out, fails=True)
