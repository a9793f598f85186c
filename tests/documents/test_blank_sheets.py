"""Sheets to fill in by hand at a new door: the same form, room for a pen, one page each, numbered and logged."""

from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.documents.models import Print
from tests.conftest import LogIn
from tests.documents.test_print import words
from tests.factories import Cast, Place


def test_three_copies_are_three_pages_with_a_number_and_nobodys_name(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("worker").post("/blank-sheets", data={"copies": "3"})

    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    text, kept = words(answer.data), db.session.scalars(select(Print)).one()
    assert (kept.kind, kept.pages, kept.user_id, kept.community_id) == ("blank", 3, cast.worker.id, place.community.id)
    assert text.count("一户一档登记表") == text.count("桃园社区") == text.count(kept.number) == 3
    assert text.count("第 1 / 1 页") == 3
    assert all(word in text for word in ("幢", "单元", "室", "家庭成员", "走访记录", "住户签字", "出租用途"))
    assert "王小明" not in text and "孟网格" in text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "print_blank")).one()
    assert (entry.actor_id, entry.words) == (cast.worker.id, kept.number)


@pytest.mark.parametrize("copies", ["", "0", "51", "viele", "1.5"])
def test_how_many_must_be_one_to_fifty(cast: Cast, place: Place, log_in: LogIn, copies: str) -> None:
    answer = log_in("worker").post("/blank-sheets", data={"copies": copies})

    assert answer.status_code == 422 and 'class="error"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(Print)).all() == []


def test_another_community_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    other = {"copies": "1", "community": place.other.public_id}

    assert log_in("worker").post("/blank-sheets", data=other).status_code == 404
    assert log_in("admin").post("/blank-sheets", data=other).status_code == 404


def test_the_shell_prints_them_too(app: Flask, place: Place, tmp_path: Path) -> None:
    out = tmp_path / "blank.pdf"

    done = app.test_cli_runner().invoke(
        args=["print", "blank", "--copies", "2", "--community", "桃园社区", "--out", str(out)]
    )

    assert done.exit_code == 0, done.output
    assert len(pypdfium2.PdfDocument(out)) == 2 and "命令行" in words(out.read_bytes())
