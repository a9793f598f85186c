"""What begins like a formula is words in every place of a workbook that somebody's words can come to."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell as SheetCell

from grid.core.db import db
from grid.ledgers.models import LedgerDefinition
from tests.conftest import LogIn
from tests.exchange.exporting import export
from tests.factories import Cast, Place
from tests.ledgers.given import PERIOD, visit

pytestmark = pytest.mark.once

PAYLOADS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    '=HYPERLINK("http://example.org","点我")',
    "\t=1",
    "=cmd|' /C calc'!A0",
)


def cells(data: bytes) -> list[SheetCell]:
    sheet: Any = load_workbook(io.BytesIO(data)).active
    found = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in found)
    return found


def standing(data: bytes, payload: str) -> list[SheetCell]:
    """The cells that hold the payload and nothing else: all of them words, and quoted."""
    found = [cell for cell in cells(data) if cell.value == payload]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)
    return found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_names_and_notes(cast: Cast, place: Place, log_in: LogIn, payload: str) -> None:
    place.people["王小明"].name = payload
    visit(place, "1-1-101", cast.worker.id, met=place.people["王小明"], content=payload)
    db.session.commit()
    worker = log_in("worker")

    people = export(worker, "residents", ["name"])
    visits = export(worker, "visits", ["met", "content"], period=PERIOD)
    ledger = export(worker, "ledger:visits", period=PERIOD)

    assert [len(standing(book.data, payload)) for book in (people, visits, ledger)] == [1, 2, 2]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_headings_and_reasons(cast: Cast, place: Place, log_in: LogIn, payload: str) -> None:
    typed = payload.strip()

    book = export(log_in("admin"), "residents", ["name", "sex"], h_name=payload, reason=f"{payload} 统计")

    assert [cell.coordinate for cell in standing(book.data, typed)] == ["B3"]
    assert str(cells(book.data)[-3].value).endswith(f"用途：{typed} 统计 · 5 行")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_titles_and_signatures(cast: Cast, place: Place, log_in: LogIn, payload: str) -> None:
    row = LedgerDefinition(community_id=place.community.id, title=payload, source="residents", made_by=cast.admin.id)
    row.columns, row.filter, row.signatures = ["name"], {}, [payload]
    db.session.add(row)
    db.session.commit()

    book = export(log_in("admin"), f"ledger:{row.public_id}", ["name"])

    assert [cell.coordinate for cell in standing(book.data, payload)] == ["A1"]
    title = load_workbook(io.BytesIO(book.data)).sheetnames[0]
    assert title and len(title) <= 31 and not set(title) & set("[]:*?/\\'\t")


def test_what_xml_cannot_hold_is_left_out_and_line_breaks_stay(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place, "1-1-101", cast.worker.id, content="第一行\r\n第二行\x01\x0b\ufffe完 _x000D_ ")
    db.session.commit()

    book = export(log_in("worker"), "visits", ["content"], period=PERIOD)

    assert "第一行\n第二行完 _x000D_ " in [cell.value for cell in cells(book.data)]
