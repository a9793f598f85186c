"""What the plans ask: put in by one tap, side by side where plans differ, changed by one at a time."""

import uuid
from typing import Any

from flask import Flask
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.ledgers import figures, target_actions
from grid.ledgers.models import HandFigure, Target
from grid.ledgers.target_defaults import DEFAULTS
from tests.conftest import LogIn
from tests.factories import Cast, Place


def fields(**given: Any) -> dict[str, Any]:
    plain = {"key": str(uuid.uuid4()), "indicator": "filed", "plan": "11", "comparator": "at_least", "value": "95"}
    return plain | given


def test_one_tap_puts_in_what_the_plans_ask_and_a_second_adds_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    client, year = log_in("admin"), today().year

    for _time in range(2):
        answer = client.post("/targets/defaults", data={"community": place.community.public_id, "year": year})
        assert answer.status_code == 303

    assert len(figures.targets(place.community.id, year)) == len(DEFAULTS)
    assert figures.targets(place.other.id, year) == figures.targets(place.community.id, year - 1) == []


def test_plans_that_differ_stand_side_by_side(cast: Cast, place: Place, log_in: LogIn) -> None:
    target_actions.put_in_defaults(cast.admin, place.community.id, today().year)

    lines = figures.figures_with_targets(cast.admin.scope, place.community.id, today().year, today())
    page = log_in("admin").get("/targets").get_data(as_text=True)

    jobs = next(line for line in lines if line.indicator.key == "jobs")
    assert [(one.target.plan, one.asked, one.gap) for one in jobs.standings] == [
        ("9", "≥ 80 人", "还差 80 人"),
        ("11", "≥ 50 人", "还差 50 人"),
    ]
    assert "2 份计划各有要求" in page


def test_a_gap_says_how_many_households_in_how_many_buildings(cast: Cast, place: Place) -> None:
    target_actions.put_in_defaults(cast.admin, place.community.id, today().year)
    place.doors["2-1-201"].filed_on = today()
    place.doors["3-2-302"].filed_on = today()
    db.session.commit()

    lines = figures.figures_with_targets(cast.admin.scope, place.community.id, today().year, today())

    filed = next(line for line in lines if line.indicator.key == "filed")
    assert filed.figure.parts == "2 / 4"
    assert [one.gap for one in filed.standings] == ["还差 2 户，在 1 栋"]
    distances = [line.distance for line in lines if line.state == figures.SHORT]
    assert distances == sorted(distances, reverse=True)


def test_a_target_is_added_edited_and_taken_away(cast: Cast, place: Place, log_in: LogIn) -> None:
    client, said = log_in("admin"), fields(words="一户一档率")
    first = client.post("/targets", data=said)
    assert client.post("/targets", data=said).status_code == first.status_code == 303
    (made,) = figures.targets(place.community.id, today().year)
    assert (made.value, made.words) == (0.95, "一户一档率")

    page = client.get(f"/targets/{made.public_id}").get_data(as_text=True)
    assert 'value="95"' in page
    client.post(f"/targets/{made.public_id}", data=fields(value="0", comparator="at_most", version="1"))
    late = client.post(f"/targets/{made.public_id}", data=fields(value="88.5", version="1"))

    assert late.status_code == 409
    assert 'value="88.5"' in late.get_data(as_text=True)
    db.session.expire_all()
    assert (made.value, made.comparator, made.version) == (0, "at_most", 2)
    assert client.post(f"/targets/{made.public_id}/remove", data={"version": "2"}).status_code == 303
    assert client.get(f"/targets/{made.public_id}").status_code == 404


def test_what_was_typed_wrongly_is_kept(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")

    for wrong in ({"value": "120"}, {"value": "-1"}, {"value": "nan"}, {"value": "多"}, {"indicator": "none"}):
        answer = client.post("/targets", data=fields(words="原来的话") | wrong)

        assert answer.status_code == 422, wrong
        assert "原来的话" in answer.get_data(as_text=True)
    assert db.session.scalars(select(Target)).all() == []


def test_the_newest_typed_figure_of_a_year_counts(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    client, day = log_in("admin"), today().replace(day=1)
    target_actions.put_in_defaults(cast.admin, place.community.id, day.year)
    entry = {"indicator": "family_doctor", "numerator": "90", "denominator": "100", "origin": "卫生服务站"}

    for numerator, as_of in (("95", day), ("90", day.replace(year=day.year - 1))):
        said = entry | {"numerator": numerator, "as_of": as_of.isoformat(), "key": str(uuid.uuid4())}
        assert client.post("/hand-figures", data=said).status_code == 303
        assert client.post("/hand-figures", data=said).status_code == 303

    assert len(db.session.scalars(select(HandFigure)).all()) == 2
    lines = figures.figures_with_targets(cast.admin.scope, place.community.id, day.year, today())
    doctor = next(line for line in lines if line.indicator.key == "family_doctor")
    assert (doctor.figure.text, doctor.standings[0].gap) == ("95 %", "还差 5 人")
    assert "卫生服务站" in client.get("/indicators/family_doctor").get_data(as_text=True)


def test_a_typed_figure_must_make_sense(cast: Cast, place: Place, log_in: LogIn) -> None:
    client = log_in("admin")
    entry = {
        "indicator": "family_doctor",
        "numerator": "90",
        "denominator": "100",
        "origin": "站",
        "as_of": "2026-01-01",
    }

    for wrong in ({"denominator": "80"}, {"denominator": ""}, {"as_of": "2090-01-01"}, {"indicator": "filed"}):
        answer = client.post("/hand-figures", data=entry | wrong | {"key": str(uuid.uuid4())})

        assert answer.status_code == 422, wrong
        assert "站" in answer.get_data(as_text=True)
    assert db.session.scalars(select(HandFigure)).all() == []
