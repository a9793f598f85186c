"""Sending the export page and reading the workbook that comes back."""

import io
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from grid.exchange.export_subjects import LISTS
from grid.ledgers.shipped import SHIPPED

REASON = "区民政局统计"


def fields(subject: str, columns: Sequence[str] | None = None, **more: Any) -> dict[str, Any]:
    """What the page sends: the columns it proposes unless others are asked for, numbered in their order."""
    known = SHIPPED | {"": None} if subject.startswith("ledger:") else LISTS
    proposed = known.get(subject.removeprefix("ledger:"))
    keys = columns if columns is not None else [column.key for column in proposed.columns] if proposed else []
    numbers = {f"n_{key}": str(n) for n, key in enumerate(keys, 1)}
    return {"subject": subject, "columns": list(keys), "reason": REASON, "key": str(uuid.uuid4()), **numbers, **more}


def export(client: FlaskClient, subject: str, columns: Sequence[str] | None = None, **more: Any) -> TestResponse:
    return client.post("/exports/new", data=fields(subject, columns, **more))


def sheet_of(data: bytes) -> list[list[Any]]:
    """Every row from the headings on; days as days, moments as moments, nothing as ''."""
    sheet = load_workbook(io.BytesIO(data)).active
    return [[_value(cell) for cell in row] for row in sheet.iter_rows(min_row=3)]  # type: ignore[union-attr]


def _value(cell: Any) -> Any:
    if isinstance(cell.value, datetime) and cell.number_format == "yyyy-mm-dd":
        return cell.value.date()
    return "" if cell.value is None else cell.value


def rows_of(data: bytes) -> list[list[Any]]:
    """The rows between the headings and the total."""
    rows = sheet_of(data)[1:]
    return rows[: next(n for n, row in enumerate(rows) if str(row[0]).startswith("合计"))]
