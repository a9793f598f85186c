"""Looking at the figures: what each role sees of them, and nobody more than that."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from grid.accounts.models import User
from grid.core.clock import today
from grid.core.db import db
from grid.core.periods import period_of
from grid.ledgers import figures, target_actions
from grid.ledgers.indicators import INDICATORS
from grid.register.models import Person
from grid.services.models import Activity
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person, make_tag
from tests.ledgers.full_year import at, write_year


def names(place: Place) -> set[str]:
    people = {name for (name,) in db.session.query(Person.name)}
    return people | {name for (name,) in db.session.query(User.name) if name != "街道办"}


def test_the_street_sees_sums_and_no_names(cast: Cast, place: Place, log_in: LogIn) -> None:
    write_year(place, cast)
    target_actions.put_in_defaults(cast.admin, place.community.id, today().year)
    client = log_in("street")
    paths = ["/indicators", f"/indicators?community={place.community.public_id}"]
    paths += [f"/indicators/{key}" for key, one in INDICATORS.items() if not one.hidden]

    for path in paths:
        answer = client.get(path)
        page = answer.get_data(as_text=True)

        assert answer.status_code == 200, path
        assert not [name for name in names(place) if name in page], path
        assert "/households/" not in page and "/cases/" not in page, path
    assert "槐荫社区" in client.get("/indicators/filed").get_data(as_text=True)
    assert client.get("/indicators/talks_monthly").status_code == 404
    assert "帮教" not in client.get(paths[1]).get_data(as_text=True)


def test_guidance_talks_are_numbers_without_a_list(cast: Cast, place: Place, log_in: LogIn) -> None:
    write_year(place, cast)
    people = {name for (name,) in db.session.query(Person.name)}

    page = log_in("admin").get("/indicators/talks_monthly").get_data(as_text=True)

    assert "这项只出数字，不列名单" in page
    assert not [name for name in people if name in page]
    assert "/households/" not in page


def test_guidance_is_no_figure_of_a_workers(cast: Cast, place: Place, log_in: LogIn) -> None:
    write_year(place, cast)
    target_actions.put_in_defaults(cast.admin, place.community.id, today().year)
    admin, worker = log_in("admin"), log_in("worker")

    assert [worker.get(f"/indicators/talks_{every}").status_code for every in ("monthly", "quarterly")] == [404, 404]
    assert "帮教" not in worker.get("/indicators").text.split("<main")[1]
    assert "帮教" in admin.get("/indicators").text


def test_a_tag_that_not_everybody_may_see_is_not_counted(cast: Cast, place: Place, log_in: LogIn) -> None:
    tag, _row = make_tag(place.people["王小明"], "disabled", attrs={"grade": "一级"})
    db.session.commit()
    asked = (INDICATORS["disabled_graded"], period_of("year", today()), today(), place.community.id)
    before = figures.figure(cast.worker.scope, *asked)

    tag.viewers = []
    db.session.commit()

    assert (before.denominator, figures.figure(cast.worker.scope, *asked).denominator) == (1, 0)


def test_rows_that_are_missing_can_be_opened(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.doors["1-1-101"].filed_on = today()
    db.session.commit()
    client = log_in("worker")

    missing = client.get("/indicators/filed").get_data(as_text=True)
    done = client.get("/indicators/filed?show=met").get_data(as_text=True)

    door = place.doors["1-1-101"].public_id
    assert f"/households/{place.doors['1-1-102'].public_id}" in missing and door not in missing
    assert f"/households/{door}" in done and place.doors["1-1-102"].public_id not in done
    # The other block is somebody else's.
    assert place.doors["3-2-302"].public_id not in missing + done


def test_a_worker_reads_only_the_own_weekly_plans(cast: Cast, place: Place, log_in: LogIn) -> None:
    write_year(place, cast)

    mine = log_in("worker").get("/indicators/work_plans").get_data(as_text=True)
    all_ = log_in("admin").get("/indicators/work_plans").get_data(as_text=True)

    assert "孟网格" in mine and "傅外人" not in mine
    assert "孟网格" in all_ and "傅外人" in all_


def test_an_evening_that_was_missed_is_told(cast: Cast, place: Place, log_in: LogIn) -> None:
    held = at(today() - timedelta(days=40))
    db.session.add(
        Activity(community_id=place.community.id, kind="meeting", title="例会", at=held, recorded_by=cast.admin.id)
    )
    db.session.commit()

    page = log_in("admin").get(f"/indicators/meetings?year={held.year}").get_data(as_text=True)

    assert f"/activities/{db.session.query(Activity).one().public_id}" in page
    assert "没有记录的有" in page


@pytest.mark.parametrize("path", ["/indicators/nothing", "/indicators?community=elsewhere"])
def test_what_is_not_there_is_not_found(cast: Cast, place: Place, log_in: LogIn, path: str) -> None:
    assert log_in("admin").get(path).status_code == 404


@pytest.mark.parametrize("asked", ["2026-99", "1", "9999", "2026-W03", "x"])
def test_an_impossible_period_is_this_year(cast: Cast, place: Place, log_in: LogIn, asked: str) -> None:
    page = log_in("admin").get(f"/indicators/filed?period={asked}").get_data(as_text=True)

    assert f"桃园社区 · {today().year}年" in page


def test_somebody_without_a_patch_is_told_what_to_do(cast: Cast, place: Place, log_in: LogIn) -> None:
    from tests.factories import make_user

    make_user("new", "grid_worker", "新来的")
    db.session.commit()

    page = log_in("new").get("/indicators").get_data(as_text=True)

    assert "还没有社区分给您" in page


@pytest.mark.parametrize(
    "path", ["/indicators", "/indicators/filed", "/indicators/visits", "/targets", "/hand-figures"]
)
def test_the_number_of_statements_is_constant(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int], path: str
) -> None:
    target_actions.put_in_defaults(cast.admin, place.community.id, today().year)
    write_year(place, cast)
    client = log_in("admin")
    client.get(path)
    count_queries()

    client.get(path)
    few = count_queries()
    for nth in range(20):
        make_person(place.doors["1-2-201"], f"新居民{nth}")
    write_more_activities(place, cast)
    client.get(path)
    count_queries()
    client.get(path)
    many = count_queries()

    assert few == many
    # One for each computed indicator with a target, one for all typed ones, and what every page asks.
    assert few < 50


def write_more_activities(place: Place, cast: Cast) -> None:
    db.session.add_all(
        Activity(
            community_id=place.community.id,
            kind="culture",
            title=f"演出{nth}",
            at=at(today() - timedelta(days=nth)),
            recorded_by=cast.admin.id,
        )
        for nth in range(30)
    )
    db.session.commit()
