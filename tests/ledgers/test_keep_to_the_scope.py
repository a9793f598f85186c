"""A worker of single buildings reads what happened there and what the whole community shares, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grid.accounts.models import Me, Scope
from grid.cases.models import Screening
from grid.core.clock import today
from grid.core.db import db
from grid.ledgers.ledger_queries import Asked, table, tags_of_community
from grid.ledgers.models import YearDuty
from grid.ledgers.shipped import SHIPPED
from grid.ledgers.sources import Reader
from grid.services.models import Inspection, TeamMember
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.ledgers.given import AT, DAY, PERIOD, add, carry, everything


def seen(me: Me, place: Place, key: str) -> str:
    asked = Asked(place.community, tags_of_community(place.community.id), today())
    return str(table(Reader(me.id, me.role, me.scope), SHIPPED[key], asked))


def _inspect(place: Place, cast: Cast) -> None:
    for building, words in ((place.buildings[0], "自己楼里"), (place.buildings[2], "外片楼里"), (None, "社区门口")):
        add(
            Inspection(
                community_id=place.community.id, building_id=building.id if building else None, kind="hygiene",
                at=AT, place=words, content=words, recorded_by=cast.other_worker.id,
            )
        )  # fmt: skip
    db.session.commit()


def test_inspections_of_other_buildings_are_in_no_list(cast: Cast, place: Place, log_in: LogIn) -> None:
    _inspect(place, cast)
    duty = add(
        YearDuty(
            community_id=place.community.id, year=AT.year, title="卫生", rhythm="month",
            counted={"of": "inspection", "kind": ["hygiene"]},
        )
    )  # fmt: skip
    db.session.commit()

    client = log_in("worker")
    pages = {
        "ledger": client.get(f"/ledgers/hygiene?period={PERIOD}").text,
        "drill": client.get(f"/indicators/hygiene?period={PERIOD}").text,
        "plan": client.get(f"/year-plan/{duty.public_id}").text,
    }

    for where, page in pages.items():
        assert "自己楼里" in page and "社区门口" in page and "外片" not in page, where
    assert "外片楼里" in log_in("admin").get(f"/ledgers/hygiene?period={PERIOD}").text


def test_a_screening_is_for_whoever_has_the_whole_block(cast: Cast, place: Place) -> None:
    for block, words in ((place.blocks[0], "第一片情况"), (place.blocks[1], "第二片情况"), (None, "全社区情况")):
        add(
            Screening(
                community_id=place.community.id, block_id=block.id if block else None, week_on=DAY, on=DAY,
                is_zero=False, content=words, by_id=cast.admin.id,
            )
        )  # fmt: skip
    db.session.commit()
    of_block = seen(cast.worker, place, "screenings")
    house = Scope(buildings=(place.buildings[0].id,), lie_in=(place.community.id,))
    of_house = seen(replace(cast.worker, scope=house), place, "screenings")

    assert "第一片情况" in of_block and "第二片情况" not in of_block and "全社区情况" not in of_block
    assert "情况" not in of_house.replace("排查情况", "")
    assert "全社区情况" in seen(cast.admin, place, "screenings")


@pytest.mark.parametrize("days", [0, 1])
def test_what_ends_today_is_over(cast: Cast, place: Place, days: int) -> None:
    everything(place, cast)
    until = today() + timedelta(days=days)
    carry(place, place.people["曾志伟"], "disabled", until=until, source="到期的标签")
    for member in db.session.query(TeamMember).filter_by(name="队员乙"):
        member.until = until
    db.session.commit()

    assert ("到期的标签" in seen(cast.admin, place, "disabled")) is bool(days)
    assert ("队员乙" in seen(cast.admin, place, "members")) is bool(days)
