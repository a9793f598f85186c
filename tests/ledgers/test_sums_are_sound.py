"""Sums hold everything once: people with two tags, what lies in no building, the week across New Year."""

from datetime import date

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry, User
from grid.cases.models import Case
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.periods import period_of, read_period
from grid.ledgers import drill, figures
from grid.ledgers.indicators import INDICATORS
from grid.ledgers.indicators.base import Frame
from grid.ledgers.ledger_queries import Asked, table, tags_of_community
from grid.ledgers.models import YearDuty
from grid.ledgers.shipped import SHIPPED
from grid.ledgers.sources import Reader
from grid.ledgers.summaries import summary
from grid.register.models import Floating
from tests.conftest import LogIn
from tests.exchange.exporting import REASON, export
from tests.factories import Cast, Place
from tests.ledgers.given import AT, PERIOD, add, carry, everything, visit


def test_somebody_with_two_tags_is_added_up_once(cast: Cast, place: Place) -> None:
    given = everything(place, cast)
    carry(place, given.poor, "extreme_poverty")
    db.session.commit()

    reader = Reader(cast.admin.id, "administrator", cast.admin.scope)
    asked = Asked(place.community, tags_of_community(place.community.id), today())
    whole, page = (table(reader, SHIPPED["relief"], asked, number) for number in (None, 1))

    totals = dict(zip((h.key for h in whole.headings), whole.totals, strict=True))
    assert whole.count == 3 and (totals["amount"], totals["n_services"]) == (1001, 4)
    assert whole.rows == page.rows
    at = [h.key for h in whole.headings].index("amount")
    assert sorted(str(row[at]) for row in whole.rows) == ["", "500.5", "500.5"]


def test_blocks_add_up_to_the_figure(cast: Cast, place: Place) -> None:
    for n, building in enumerate((place.buildings[0], place.buildings[2], None)):
        add(
            Case(
                community_id=place.community.id, building_id=building.id if building else None, no=f"2026-{n}",
                type="security", incident="theft", source="phone", at=AT, content="x", owner_id=cast.worker.id,
                recorded_by=cast.worker.id,
            )
        )  # fmt: skip
    db.session.commit()
    period, indicator = period_of("month", AT.date()), INDICATORS["thefts"]

    shares = drill.by_block(cast.admin.scope, indicator, Frame(period, today()), place.community.id, True)

    figure = figures.figure(cast.admin.scope, indicator, period, today(), place.community.id)
    assert [(one.name, one.met) for one in shares] == [("第1片区", 1), ("第2片区", 1), ("不在楼栋", 1)]
    assert figure.value == 3


def test_the_week_across_new_year_is_in_one_report(cast: Cast, place: Place) -> None:
    for year in (2025, 2026):
        add(YearDuty(community_id=place.community.id, year=year, title=f"每周排查{year}", rhythm="week"))
    db.session.commit()

    def late(period: str) -> list[list[str]]:
        asked = read_period(period)
        assert asked
        found = next(
            one
            for one in summary(cast.admin.scope, place.community.id, asked, date(2026, 6, 1))
            if one.title == "年度计划"
        )
        return [list(row) for part in found.tables for row in part.rows]

    assert late("2025") == [["每周排查2025", "0", "52"]]
    assert late("2025-12") == [["每周排查2025", "0", "5"]]
    assert late("2026-01") == [["每周排查2026", "0", "4"]]


def test_floating_people_who_are_gone_or_to_come_are_not_counted(cast: Cast, place: Place) -> None:
    given = everything(place, cast)
    given.old.deleted_at = now()
    other = given.poor
    for day in (date(2025, 3, 1), date(2026, 10, 5)):
        add(Floating(community_id=place.community.id, person_id=other.id, registered_on=day))
    db.session.commit()

    population = summary(cast.admin.scope, place.community.id, period_of("month", date(2026, 9, 1)), today())[0]

    assert list(population.tables[0].rows[0])[-1] == "2"


def test_the_workload_that_leaves_is_in_the_log(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")

    assert export(client, "workload", period=PERIOD).status_code == 200

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert entry.actor_id == cast.admin.id and entry.community_id == place.community.id
    assert (entry.words or "").startswith("工作量 · 2026年11月") and REASON in client.get("/audit").text


@pytest.mark.parametrize("other", ["孟网格二", "傅外人"])
def test_figures_lead_only_to_the_rows_that_were_counted(cast: Cast, place: Place, log_in: LogIn, other: str) -> None:
    db.session.get_one(User, cast.other_worker.id).name = other
    db.session.commit()

    page = log_in("worker").get(f"/workload?period={PERIOD}").text

    assert ("/ledgers/visits?" in page) is (other == "傅外人")
    assert (
        "/ledgers/inspections" not in page and "/ledgers/activities" not in page and "/ledgers/screenings" not in page
    )


def test_words_are_found_whatever_their_case(cast: Cast, place: Place, log_in: LogIn) -> None:
    visit(place, "1-1-101", cast.worker.id, content="Wi-Fi 坏了")
    visit(place, "1-1-102", cast.worker.id, content="别的事")
    db.session.commit()

    page = log_in("admin").get(f"/ledgers/visits?period={PERIOD}&f_content=wI-fI").text

    assert "Wi-Fi 坏了" in page and "别的事" not in page
