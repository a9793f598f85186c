"""LibreOffice opens every kind of workbook that leaves, and shows the same cells."""

import csv
import io
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from grid.core.db import db
from grid.exchange.export_subjects import LISTS
from grid.ledgers.shipped import SHIPPED
from tests.conftest import LogIn
from tests.exchange.books import PERSON_HEADINGS, people
from tests.exchange.exporting import export
from tests.exchange.test_hand_back import ODD
from tests.exchange.test_import_residents import FIRST
from tests.exchange.test_no_formula import PAYLOADS
from tests.exchange.test_upload import send
from tests.factories import Cast, Place
from tests.ledgers.given import PERIOD, everything, visit

pytestmark = pytest.mark.once

SOFFICE = shutil.which("soffice")
# Parted by commas, quoted by ", in UTF-8, from the first line, and each cell as it is shown.
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true"
FORMS = {"yyyy-mm-dd": "%Y-%m-%d", "yyyy-mm-dd hh:mm": "%Y-%m-%d %H:%M"}


@pytest.fixture
def soffice() -> str:
    if SOFFICE is None:
        missing = "NOT TESTED: no soffice (apt-get install libreoffice-calc-nogui)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return SOFFICE


def books(place: Place, cast: Cast, log_in: LogIn) -> dict[str, bytes]:
    """One of every list and every ledger, of a roster handed back, and with what begins like a
    formula."""
    everything(place, cast)
    for payload in PAYLOADS:
        visit(place, "1-1-101", cast.worker.id, content=payload, gift=payload)
    db.session.commit()
    admin = log_in("admin")
    admin.post("/ledgers/talks/access", data={"words": "季度谈话检查"})
    subjects = {f"list-{key}": key for key in LISTS} | {f"ledger-{key}": f"ledger:{key}" for key in SHIPPED}
    found = {name: export(admin, subject, period=PERIOD).data for name, subject in subjects.items()}
    for name, content in (("marked.xlsx", people(FIRST, ODD)), ("marked.csv", _as_csv(PERSON_HEADINGS, FIRST, ODD))):
        where = send(admin, "residents", (name, content), community=place.community.public_id).location
        found[name.replace(".", "-")] = admin.get(f"{where}/marked/0").data
    found["whole"] = export(admin, "residents", ["name", "id_no", "phone"], whole="y", h_name="=1+1").data
    return found


def _as_csv(*rows: tuple[str | None, ...]) -> bytes:
    return "\n".join(",".join(cell or "" for cell in row) for row in rows).encode()


def shown_by_us(data: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(data)).active
    return [[_shown(cell) for cell in row] for row in sheet.iter_rows()]  # type: ignore[union-attr]


def _shown(cell: object) -> str:
    value = cell.value  # type: ignore[attr-defined]
    if isinstance(value, datetime):
        return value.strftime(FORMS[cell.number_format])  # type: ignore[attr-defined]
    return "" if value is None else str(value)


def shown_by_libreoffice(soffice: str, folder: Path, books: dict[str, bytes]) -> dict[str, list[list[str]]]:
    """All of them in one go: it takes longer to start than to open a workbook."""
    for name, data in books.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    files = [str(folder / f"{name}.xlsx") for name in books]
    command = [soffice, profile, "--headless", "--norestore", "--convert-to", AS_SHOWN, "--outdir", str(folder)]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=300)
    return {name: _read(folder / f"{name}.csv") for name in books}


def _read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))


def test_every_workbook_opens_and_shows_the_same(
    soffice: str, cast: Cast, place: Place, log_in: LogIn, tmp_path: Path
) -> None:
    made = books(place, cast, log_in)
    assert len(made) == len(LISTS) + len(SHIPPED) + 3

    opened = shown_by_libreoffice(soffice, tmp_path, made)

    for name, data in made.items():
        assert opened[name] == shown_by_us(data), name
    texts = [cell for row in opened["list-visits"] for cell in row]
    assert [payload for payload in PAYLOADS if texts.count(payload) != 2] == []
    assert "990101198001011218" in str(opened["whole"]) and "=1+1" in opened["whole"][2]
