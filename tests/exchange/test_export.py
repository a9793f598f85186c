"""Any list or ledger leaves as a workbook: the columns asked for, of one's own scope, the reason in the last row."""

import io
import zipfile
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.exchange.export_subjects import LISTS
from grid.register.models import Tag
from tests.conftest import LogIn
from tests.exchange.exporting import REASON, export, fields, rows_of, sheet_of
from tests.factories import Cast, Place, make_tag
from tests.ledgers.given import AT, PERIOD, everything


def told(action: str) -> list[str]:
    found = select(AuditEntry.words).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return list(db.session.scalars(found))


def test_the_page_offers_every_list_and_ledger(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    page = worker.get("/exports").text

    for subject in (*LISTS, "ledger:visits", "ledger:talks"):
        assert f"/exports/new?subject={subject}&" in page
    assert 'href="/exports"' in worker.get("/today").text


def test_columns_stand_in_the_order_and_under_the_headings_asked_for(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)

    book = export(
        log_in("admin"), "residents", ["name", "door", "birth"], n_name="3", n_door="1", n_birth="２", h_name="居民姓名"
    )

    head, *rows = sheet_of(book.data)
    assert head == ["序号", "门牌", "出生日期", "居民姓名"]
    assert rows[0] == [1, "1-1-101", "", "王小明"] and [7, "2-1-201", date(1985, 3, 3), "回归人"] in rows


def test_a_column_written_to_the_place_of_another_takes_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    columns = ["door", "name", "sex", "age"]

    up = export(log_in("admin"), "residents", columns, n_sex="1")
    down = export(log_in("admin"), "residents", columns, n_door="3", n_age="")

    assert sheet_of(up.data)[0] == ["序号", "性别", "门牌", "姓名", "年龄"]
    assert sheet_of(down.data)[0] == ["序号", "姓名", "性别", "门牌", "年龄"]


def test_days_are_days_numbers_are_numbers_and_id_numbers_are_words(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)

    visits = rows_of(export(log_in("admin"), "visits", ["at", "due_on", "content"], period=PERIOD).data)
    people = rows_of(export(log_in("admin"), "residents", ["id_no", "age"], whole="y").data)
    homes = rows_of(export(log_in("admin"), "households", ["area", "n_members"]).data)

    assert visits[0][1] == AT.replace(tzinfo=None) and isinstance(visits[0][1], datetime)
    assert people[0][1] == "990101198001011218" and isinstance(people[2][2], int)
    assert 88.5 in [row[1] for row in homes] and all(isinstance(row[2], int) for row in homes)


def test_the_last_row_and_the_log_say_who_when_what_for_and_how_many(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)

    book = export(log_in("worker"), "residents", ["name", "sex"], f_sex="1")

    last = sheet_of(book.data)[-1][0]
    assert last.startswith("内部使用 · 导出人 孟网格 · 20") and last.endswith(f"用途：{REASON} · 2 行")
    assert told("export") == [f"现住人员 · 性别：男性 · 列：姓名、性别 · 2 行 · {REASON}"]


@pytest.mark.parametrize("reason", ["", "  ", "看看"])
def test_nothing_leaves_without_a_reason(cast: Cast, place: Place, log_in: LogIn, reason: str) -> None:
    admin = log_in("admin")

    answer = export(admin, "residents", ["name"], reason=reason, h_name="居民")

    assert answer.status_code == 422 and "请写明用途" in answer.text and 'value="居民"' in answer.text
    assert told("export") == []


def test_numbers_are_masked_unless_an_administrator_asks_for_whole_ones(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    masked = export(log_in("admin"), "residents", ["name", "id_no", "phone"])
    whole = export(log_in("admin"), "residents", ["name", "id_no", "phone"], whole="y")
    worker = log_in("worker")
    refused = export(worker, "residents", ["name", "id_no"], whole="y")

    assert "990101198001011218" not in str(sheet_of(masked.data))
    assert rows_of(whole.data)[0][2:] == ["990101198001011218", "19900012345"]
    assert refused.status_code == 422 and "只有管理员" in refused.text
    assert 'name="whole"' not in worker.get("/exports/new?subject=residents").text
    assert [("完整号码" in words) for words in told("export")] == [False, True]


def test_a_worker_takes_the_rows_of_the_own_patch(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    worker, admin = log_in("worker"), log_in("admin")

    for subject in LISTS:
        mine = str(sheet_of(export(worker, subject).data))
        assert "外片" not in mine and "曾志伟" not in mine and "3-2-302" not in mine, subject

    assert "曾志伟" in str(sheet_of(export(admin, "residents").data))


@pytest.mark.parametrize("login", ["head", "street"])
def test_heads_and_the_street_take_nothing(cast: Cast, place: Place, log_in: LogIn, login: str) -> None:
    client = log_in(login)

    codes = [client.get("/exports").status_code, client.get("/exports/new?subject=residents").status_code]

    assert [*codes, export(client, "residents").status_code] == [403, 403, 403]


def test_another_community_is_not_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, other = log_in("admin"), place.other.public_id

    answers = (
        admin.get(f"/exports?community={other}"),
        admin.get(f"/exports/new?subject=residents&community={other}"),
        export(admin, "residents", community=other),
        export(admin, "nothing", ["name"]),
        export(admin, "ledger:nothing", ["name"]),
        export(admin, "talks", ["name"]),
    )

    assert [answer.status_code for answer in answers] == [404] * 6


def test_restricted_tags_are_in_no_list(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    shut = Tag(community_id=place.community.id, code="own_1", label="只给管理员", group="care", viewers=[])
    db.session.add(shut)
    db.session.flush()
    make_tag(place.people["王小明"], "own_1")
    db.session.commit()
    admin, worker = log_in("admin"), log_in("worker")

    for subject in LISTS:
        taken = [str(sheet_of(export(client, subject).data)) for client in (admin, worker)]
        assert all("刑满" not in text and "谈话记录" not in text for text in taken), subject
        assert "只给管理员" not in taken[1], subject
    narrowed = export(admin, "tagged", ["name", "tag"], f_tag="released")
    assert "刑满" not in str(sheet_of(narrowed.data))


def test_what_is_no_column_is_not_taken(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")

    nothing = export(admin, "residents", [])
    unknown = export(admin, "residents", ["name", "password_hash"])

    assert (nothing.status_code, unknown.status_code) == (422, 422)
    assert "请至少选一列" in nothing.text and told("export") == []


def test_a_list_carries_its_filter_to_the_page(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    admin = log_in("admin")

    link = admin.get("/households?occupancy=rented").text.partition('href="/exports/new?')[2].partition('"')[0]
    page = admin.get("/exports/new?" + link.replace("&amp;", "&")).text

    assert "房屋状态：出租" in page and "<b>1 行</b>" in page and 'name="f_occupancy" value="rented"' in page


def test_the_ledger_leads_to_its_export_with_its_period(cast: Cast, place: Place, log_in: LogIn) -> None:
    everything(place, cast)
    admin = log_in("admin")
    before = AT - timedelta(days=40)

    link = admin.get(f"/ledgers/visits?period={before:%Y-%m}").text.partition("/exports/new?")[2].partition('"')[0]
    book = export(admin, "ledger:visits", period=f"{before:%Y-%m}")

    assert f"period={before:%Y-%m}" in link and "subject=ledger:visits" in link
    assert "四十天前的走访" in str(rows_of(book.data)) and len(rows_of(book.data)) == 1
    assert admin.post("/ledgers/visits/xlsx").status_code in (404, 405)


def test_the_workbook_is_ready_to_read_and_to_print(cast: Cast, place: Place, log_in: LogIn) -> None:
    book = export(log_in("admin"), "residents", ["name", "phone"]).data

    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None and sheet.freeze_panes == "A4" and sheet.print_title_rows == "$3:$3"
    assert sheet.auto_filter.ref == "A3:C8" and sheet.column_dimensions["C"].width > 10
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        properties = parts.read("docProps/core.xml").decode()
    assert "一户一档" in properties and "社长" not in properties and "lastModifiedBy" not in properties


def test_it_is_sent_as_a_file_that_nobody_keeps(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("admin").post("/exports/new", data=fields("residents"))

    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Content-Length"] == str(len(answer.data))
    assert "attachment" in answer.headers["Content-Disposition"]
