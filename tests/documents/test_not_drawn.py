"""A character no font has: whoever prints is told whose name it is in before there is a sheet with an empty box."""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from flask import Flask
from sqlalchemy import select

from grid.core.db import db
from grid.documents.models import Edition, Print
from tests.conftest import LogIn
from tests.documents.test_print import words
from tests.factories import Cast, Place

NO_FONT_HAS = "\U0003134a"


def test_it_names_the_characters_and_whose_they_are_and_prints_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.people["李芳"].name = f"李{NO_FONT_HAS}"

    answer = log_in("worker").post(f"/households/{place.doors['1-1-101'].public_id}/sheet")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f"名字里有这些字的人：李{NO_FONT_HAS}。" in page
    assert db.session.scalars(select(Print)).all() == [] and db.session.scalars(select(Edition)).all() == []


def test_it_is_printed_all_the_same_where_somebody_wants_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    door.note = f"备注{NO_FONT_HAS}"
    worker = log_in("worker")

    asked = worker.post(f"/households/{door.public_id}/sheet").get_data(as_text=True)
    answer = worker.post(f"/households/{door.public_id}/sheet", data={"anyway": "y"})

    assert "人名都印得出来" in asked and 'name="anyway" value="y"' in asked
    assert answer.mimetype == "application/pdf" and "王小明" in words(answer.data)


def test_the_reason_for_whole_numbers_is_not_lost_on_the_way(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    door.note = NO_FONT_HAS

    page = (
        log_in("admin")
        .post(f"/households/{door.public_id}/sheet", data={"full_ids": "y", "reason": "核对"})
        .get_data(as_text=True)
    )

    assert 'name="full_ids" value="y"' in page and 'name="reason" value="核对"' in page


def test_the_shell_says_it_beside_the_file(app: Flask, cast: Cast, place: Place, tmp_path: Path) -> None:
    place.doors["1-1-101"].note = NO_FONT_HAS
    db.session.commit()

    done = app.test_cli_runner().invoke(
        args=["print", "sheet", "1-1-101", "--community", "桃园社区", "--out", str(tmp_path / "sheet.pdf")]
    )

    assert done.exit_code == 0 and f"有字印不出来，纸上是空框：{NO_FONT_HAS}" in done.output


@pytest.mark.parametrize("name", ["王㛃", "陈䶮", "李𠮷", "赵𬭚", "長孙陳"])
def test_rare_names_print_and_can_be_copied(cast: Cast, place: Place, log_in: LogIn, tmp_path: Path, name: str) -> None:
    place.people["李芳"].name = name

    answer = log_in("worker").post(f"/households/{place.doors['1-1-101'].public_id}/sheet")

    assert answer.status_code == 200 and name in words(answer.data)
    if which("pdftotext"):
        sheet = tmp_path / "sheet.pdf"
        sheet.write_bytes(answer.data)
        told = subprocess.run(
            ["pdftotext", "-layout", str(sheet), "-"], capture_output=True, check=True
        ).stdout.decode()
        assert name in told
