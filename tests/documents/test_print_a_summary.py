"""The monthly and year-end report says on paper what it says on the screen, and names no resident."""

import io
import re
from datetime import date, datetime, timedelta
from typing import Any

import pypdfium2
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.cases.models import Case, Screening
from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.core.periods import read_period
from grid.documents.models import Print
from grid.ledgers.models import Target
from grid.ledgers.summaries import summary
from grid.ledgers.summary_sections import Section
from grid.services.models import Activity, Inspection, InspectionItem, Patrol, ServiceRecord
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place

DAY = date(2026, 3, 9)
TODAY = date(2026, 11, 18)


def at(day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=ZONE)


def fill(place: Place, cast: Cast, n: int, day: date = DAY, **more: Any) -> None:
    """`n` of everything on a day."""
    given: dict[str, Any] = {"community_id": place.community.id} | more
    by: dict[str, Any] = {"recorded_by": cast.worker.id}
    helped: dict[str, Any] = {"kind": "comfort", "content": "慰问王小明", "amount": 100}
    door = place.doors["1-1-101"].id
    seen = {"household_id": door, "worker_id": cast.worker.id, "found": "home"}
    case = {"owner_id": cast.worker.id, "source": "visit", "content": "王小明家漏水", "level_reached": "street"}
    before = db.session.query(Case).count()
    for nth in range(n):
        inspection = Inspection(kind="fire", at=at(day), **by, **given)
        db.session.add(inspection)
        db.session.flush()
        fault = {"inspection_id": inspection.id, "words": "灭火器", "is_fine": False, "due_on": day}
        db.session.add_all(
            [
                Visit(at=at(day), **seen, **given),
                Case(no=f"{before + nth}", type="dispute", at=at(day), outcome="agreed", **case, **by, **given),
                Screening(week_on=day - timedelta(days=day.weekday()), on=day, by_id=cast.worker.id, **given),
                Patrol(started_at=at(day), ended_at=at(day), headcount=3, **by, **given),
                InspectionItem(community_id=given["community_id"], seq=1, **fault),
                ServiceRecord(household_id=door, on=day, **helped, **by, **given),
                Activity(kind="lecture", title="x", at=at(day), headcount=40, **by, **given),
            ]
        )
    db.session.commit()


def sections(place: Place, cast: Cast, key: str = "2026-03", day: date = TODAY) -> dict[str, Section]:
    period = read_period(key)
    assert period
    return {one.title: one for one in summary(cast.admin.scope, place.community.id, period, day)}


def everything_said(found: dict[str, Section]) -> list[str]:
    cells = [c for one in found.values() for table in one.tables for row in [table.headings, *table.rows] for c in row]
    return [sentence for one in found.values() for sentence in one.sentences] + cells


def test_it_counts_the_rows_of_the_period_alone(place: Place, cast: Cast) -> None:
    fill(place, cast, 3)
    fill(place, cast, 2, date(2026, 4, 8))
    fill(place, cast, 2, community_id=place.other.id)
    fill(place, cast, 2, deleted_at=at())

    month, year = (sections(place, cast, key) for key in ("2026-03", "2026"))

    for found, n in ((month, 3), (year, 5)):
        assert found["走访"].sentences[0].startswith(f"走访 {n} 次，见到 1 户；其中在家 {n} 次")
        assert found["事件和调解"].sentences == [
            f"受理事件 {n} 件，办结 0 件，期末在办 {n} 件，其中超期 0 件。",
            f"受理矛盾纠纷 {n} 件，调解 {n} 件，调解成功 {n} 件。",
        ]
        assert found["事件和调解"].tables[0].rows[-1] == ["合计", *map(str, (n, 0, n, 0, 0, 0, n))]
        assert found["检查和整改"].sentences == [f"检查 {n} 次，查出问题 {n} 处，已整改 0 处，到期未整改 {n} 处。"]
        assert found["服务"].sentences == [f"服务居民 {n} 次，发放救助和慰问金 {100 * n} 元。"]
        assert found["活动"].tables[0].rows == [["讲座", str(n), str(40 * n)]]
    assert month["排查和巡逻"].sentences[0] == "排查 3 次，覆盖 1 周，其中零报告 3 次。"
    assert year["排查和巡逻"].sentences[1] == "巡逻 5 次，2 天有巡逻，参加 15 人次。"
    assert [float(shape.words) for shape in year["走访"].charts[0].shapes][2:4] == [3, 2]


def test_the_weeks_of_the_chart_are_the_whole_month(place: Place, cast: Cast) -> None:
    for day in (1, 2, 8, 30, 31):
        fill(place, cast, 1, date(2026, 3, day))

    (chart,) = sections(place, cast)["走访"].charts

    # The first of March is a Sunday.
    assert [(shape.label, shape.words) for shape in chart.shapes] == [
        ("03-01 – 03-01", "1"),
        ("03-02 – 03-08", "2"),
        ("03-09 – 03-15", "0"),
        ("03-16 – 03-22", "0"),
        ("03-23 – 03-29", "0"),
        ("03-30 – 03-31", "2"),
    ]


def test_targets_stand_with_what_is_missing_and_restricted_ones_nowhere(place: Place, cast: Cast) -> None:
    given: dict[str, Any] = {"community_id": place.community.id, "year": 2026}
    db.session.add(Target(indicator="mediation", plan="1", value=1.0, **given))
    db.session.add(Target(indicator="filed", plan="11", value=1.0, **given))
    db.session.add(Target(indicator="talks_monthly", plan="11", value=1.0, **given))
    fill(place, cast, 2)

    (table,) = sections(place, cast)["指标"].tables

    rows = {row[1]: row[2:] for row in table.rows}
    assert rows["矛盾纠纷调解率"] == ["1", "≥ 100 %", "100 %", "✓ 达到", ""]
    assert rows["一户一档率"][3] == "! 未达到" and "户" in rows["一户一档率"][4]
    assert len(rows) == 2


def words_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in pages))


def print_it(admin: FlaskClient, **given: str) -> Any:
    return admin.post("/summaries/print", data={"period": "2026-03", "remarks": ""} | given)


def test_the_paper_says_what_the_page_says(place: Place, cast: Cast, log_in: LogIn) -> None:
    fill(place, cast, 3)
    given: dict[str, Any] = {"community_id": place.community.id, "year": 2026}
    db.session.add(Target(indicator="filed", plan="11", value=1.0, **given))
    db.session.commit()
    admin = log_in("admin")
    page = admin.get("/summaries?period=2026-03").text

    answer = print_it(admin, remarks="下月重点：防火。\n入户宣传。")

    assert answer.mimetype == "application/pdf"
    paper = words_of(answer.data)
    said = [words for words in everything_said(sections(place, cast, day=today())) if words]
    assert len(said) > 100
    assert [words for words in said if re.sub(r"\s+", "", words) not in paper] == []
    assert [words for words in said if words not in page] == []
    assert "下月重点：防火。入户宣传。" in paper and "桃园社区工作月报" in paper
    log = db.session.execute(select(Print)).scalar_one()
    assert (log.kind, log.about, log.reason, log.pages) == ("summary", "2026年3月", "", log.pages)
    assert log.number in paper
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "print_summary")).scalar_one()
    assert entry.words == log.number and "防火" not in entry.words


def test_no_resident_is_named(place: Place, cast: Cast, log_in: LogIn) -> None:
    fill(place, cast, 3)

    admin = log_in("admin")
    for text in (admin.get("/summaries?period=2026").text, words_of(print_it(admin, period="2026").data)):
        assert "2026年" in text and "工作年报" in text
        assert not [name for name in place.people if name in text]
        assert "1-1-101" not in text


def test_it_is_for_administrators_of_the_whole(place: Place, cast: Cast, log_in: LogIn) -> None:
    for login, status in (("worker", 403), ("head", 403), ("street", 403), ("admin", 200)):
        client = log_in(login)

        assert client.get("/summaries").status_code == status
        assert client.post("/summaries/print").status_code == status
    assert log_in("admin").get(f"/summaries?community={place.other.public_id}").status_code == 404


def test_remarks_too_long_are_kept_and_said(place: Place, cast: Cast, log_in: LogIn) -> None:
    answer = print_it(log_in("admin"), remarks="长" * 2001)

    assert answer.status_code == 422 and "太长了" in answer.text and "长" * 2001 in answer.text
