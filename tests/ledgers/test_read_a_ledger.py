"""Every ledger that comes along says the same on the screen, in the workbook and on paper."""

import io
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.core.periods import read_period
from grid.ledgers.ledger_queries import Asked, table, tags_of_community
from grid.ledgers.shipped import SHIPPED
from grid.ledgers.sources import Reader
from grid.ledgers.tables import LedgerTable, shown
from grid.register.models import Floating, Residency
from tests.conftest import LogIn
from tests.exchange.exporting import export, sheet_of
from tests.factories import Cast, Place, make_person
from tests.ledgers.given import AT, HOSTILE, PERIOD, everything, visit


def on_screen(page: str) -> list[list[str]]:
    """The rows between the head and the total row, then the total row."""
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.index("<tbody>") :], re.S)
    return [[unescape(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)] for row in rows]


def in_workbook(data: bytes) -> tuple[list[list[Any]], list[str]]:
    """The same, and the words below."""
    rows = [[told(cell) for cell in row] for row in sheet_of(data)[1:]]
    end = next(n for n, row in enumerate(rows) if str(row[0]).startswith("合计"))
    return rows[: end + 1], [str(row[0]) for row in rows[end + 1 :] if row[0]]


def told(cell: Any) -> Any:
    """A workbook's moments know no zone: the committee's is meant."""
    return cell.replace(tzinfo=ZONE) if isinstance(cell, datetime) else cell


def bare(text: str) -> str:
    """Without what a line break in a narrow column adds."""
    return re.sub(r"[\s\u200b\ufffe\ufeff\u00ad\u0002-]", "", text)


def on_paper(pdf: bytes) -> str:
    return bare("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf))))


def read(client: FlaskClient, key: str, place: Place) -> tuple[str, bytes, bytes]:
    if key == "talks":
        client.post("/ledgers/talks/access", data={"words": "季度检查", "community": place.community.public_id})
    data = {"period": PERIOD, "community": place.community.public_id}
    page = client.get(f"/ledgers/{key}", query_string=data)
    book = export(client, f"ledger:{key}", **data)
    paper = client.post(f"/ledgers/{key}/print", data=data)
    assert (page.status_code, book.status_code, paper.status_code) == (200, 200, 200)
    return page.text, book.data, paper.data


@pytest.mark.parametrize("key", SHIPPED)
def test_screen_workbook_and_paper_say_the_same(cast: Cast, place: Place, log_in: LogIn, key: str) -> None:
    everything(place, cast)

    page, book, paper = read(log_in("admin"), key, place)

    screen, (sheet, below) = on_screen(page), in_workbook(book)
    assert len(screen) > 1 and [[shown(cell) for cell in row] for row in sheet] == screen
    text = on_paper(paper)
    for row in screen:
        for cell in row:
            assert bare(cell) in text, cell
    assert text.count(bare(screen[-1][0])) >= 1
    assert any("社长" in line for line in below) and "社长" in text


@pytest.mark.parametrize("key", SHIPPED)
def test_a_worker_sees_the_rows_of_their_own_block(cast: Cast, place: Place, log_in: LogIn, key: str) -> None:
    everything(place, cast)

    page, book, paper = read(log_in("worker"), key, place)

    for text in (page, str(in_workbook(book)), on_paper(paper)):
        assert "外片" not in text and "曾志伟" not in text and "3-2-302" not in text
        assert "过期的报告" not in text and "撤回的走访" not in text and "退出的队员" not in text
        assert "19900012345" not in text and "990101198001011218" not in text
    if key != "talks":
        assert "刑满" not in page + str(in_workbook(book)) + on_paper(paper)


def ledgers_of(cast: Cast, place: Place) -> dict[str, LedgerTable]:
    db.session.commit()
    asked = (place.community, tags_of_community(place.community.id), today())
    reader = Reader(cast.admin.id, "administrator", cast.admin.scope)
    found = {}
    for key, ledger in SHIPPED.items():
        period = read_period(PERIOD) if ledger.source.at is not None else None
        found[key] = table(reader, ledger, Asked(*asked, period))
    return found


def test_the_numbers_are_those_of_the_rows(cast: Cast, place: Place) -> None:
    everything(place, cast)

    found = ledgers_of(cast, place)

    def total(key: str, column: str) -> Any:
        return dict(zip((h.key for h in found[key].headings), found[key].totals, strict=True))[column]

    counts = {key: one.count for key, one in found.items()}
    assert counts == {
        "residents": 9, "floating": 2, "rentals": 1, "households": 36, "visits": 3, "disputes": 2, "screenings": 2,
        "reports": 2, "patrols": 2, "inspections": 1, "hygiene": 1, "talks": 1, "relief": 2, "elderly": 2,
        "disabled": 1, "employment": 1, "members": 2, "activities": 2, "meetings": 1, "requests": 1, "work-plans": 2,
    }  # fmt: skip
    assert total("rentals", "area") == 88.5
    assert (total("relief", "amount"), total("relief", "n_services")) == (1001, 4)
    assert (total("patrols", "headcount"), total("patrols", "findings")) == (6, 1)
    assert (total("inspections", "amiss"), total("inspections", "rectified")) == (1, 1)
    assert (total("activities", "headcount"), total("activities", "households")) == (30, 2)
    assert (total("work-plans", "planned"), total("work-plans", "done")) == (4, 2)
    assert total("reports", "headcount") == 4


def test_one_more_visit_changes_its_ledger_and_no_other(cast: Cast, place: Place) -> None:
    given = everything(place, cast)
    before = ledgers_of(cast, place)

    visit(place, "1-1-102", cast.worker.id, AT + timedelta(hours=1), given.poor, content="新的走访")

    after = ledgers_of(cast, place)
    assert {key for key in SHIPPED if after[key] != before[key]} == {"visits"}
    assert after["visits"].count == before["visits"].count + 1
    new = [row for row in after["visits"].rows if "新的走访" in row]
    old = [row[1:] for row in after["visits"].rows if "新的走访" not in row]
    assert len(new) == 1 and old == [row[1:] for row in before["visits"].rows]


def test_what_begins_like_a_formula_is_text(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)

    page, book, paper = read(log_in("worker"), "visits", place)

    cells = [cell for row in load_workbook(io.BytesIO(book)).active.iter_rows() for cell in row]
    (hostile,) = [cell for cell in cells if cell.value == HOSTILE]
    assert hostile.data_type == "s" and HOSTILE.replace("<", "&lt;") not in page and "<b>&amp;长" not in page
    assert bare(HOSTILE) in on_paper(paper)


def test_the_pages_of_a_long_ledger_are_its_rows_in_order(cast: Cast, place: Place, log_in: LogIn) -> None:
    for code, door in place.doors.items():
        for n in range(3):
            make_person(door, f"居民{code}-{n}")
    db.session.commit()
    client = log_in("admin")

    pages = [on_screen(client.get(f"/ledgers/residents?page={n}").text) for n in (1, 2, 3, 9)]

    whole = in_workbook(export(client, "ledger:residents").data)[0]
    rows = [row for page in pages for row in page[:-1]]
    assert [len(page) - 1 for page in pages] == [50, 50, 13, 0]
    assert rows == [[shown(cell) for cell in row] for row in whole[:-1]]
    assert pages[0][-1] == pages[2][-1] and pages[0][-1][0] == "合计 113"
    doors = [row[2] for row in rows]
    assert doors == sorted(doors)


def test_a_period_and_a_choice_narrow_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    client = log_in("worker")

    quarter = client.get("/ledgers/visits?period=2026-Q4").text
    october = client.get("/ledgers/visits?period=2026-10").text
    talks = client.get("/ledgers/visits?period=2026-11&f_kind=talk&f_kind=nonsense&f_found=").text

    assert "四十天前的走访" not in client.get(f"/ledgers/visits?period={PERIOD}").text
    assert "四十天前的走访" in quarter and "回归人" in quarter
    assert "四十天前的走访" in october and "回归人" not in october
    assert "这段时间没有记录" in client.get("/ledgers/visits?period=2025-W03").text
    assert "回归人" in talks and "谈话记录" not in quarter + talks and "走访方式：谈话" in talks and "合计 1<" in talks


@pytest.mark.parametrize("login", ["head", "street"])
def test_heads_and_the_street_see_none(cast: Cast, place: Place, log_in: LogIn, login: str) -> None:
    client = log_in(login)

    assert client.get("/ledgers").status_code == 403
    assert client.get("/ledgers/visits").status_code == 403
    assert export(client, "ledger:visits").status_code == 403
    assert client.post("/ledgers/visits/print").status_code == 403


def test_another_community_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")

    assert client.get(f"/ledgers/visits?community={place.other.public_id}").status_code == 404
    assert export(client, "ledger:visits", community=place.other.public_id).status_code == 404
    assert client.get("/ledgers/nothing").status_code == 404


def test_the_ledger_of_floating_people_has_those_who_are_not_registered(cast: Cast, place: Place) -> None:
    people, home = place.people, place.doors["1-1-102"]
    home.landlord_duty = False
    people["单雄信"].population_kind = people["欧阳娜"].population_kind = people["李芳"].population_kind = "floating"
    facts = {"community_id": place.community.id, "employed_by": "建筑公司", "rented_by": "赵房东"}
    db.session.add(Floating(person_id=people["单雄信"].id, permit_kind="01", permit_no="JZ12345678", **facts))
    # Who left and lives here still is not registered; who moved out is not in it at all.
    db.session.add(Floating(person_id=people["李芳"].id, left_on=today(), **facts))
    db.session.query(Residency).filter_by(person_id=people["欧阳娜"].id).update({"to_on": today()})
    db.session.commit()

    found = ledgers_of(cast, place)["floating"]

    keys = [heading.key for heading in found.headings]
    rows = {row[keys.index("name")]: dict(zip(keys, row, strict=True)) for row in found.rows}
    asked = ("is_registered", "permit_kind", "permit_no", "employed_by", "rented_by", "landlord_duty")
    assert {name: tuple(row[key] for key in asked) for name, row in rows.items()} == {
        "单雄信": ("是", "居住证", "JZ******78", "建筑公司", "赵房东", "否"),
        "李芳": ("否", "", "", "", "", ""),
    }
    assert found.count == 2
