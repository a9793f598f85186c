"""The street sees sums without names; a building head sees the own house without residents."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from grid.accounts.actions import end_patch
from grid.accounts.models import Patch, User
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Person
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def end_yesterday(user_id: int, community_id: int) -> None:
    patch = db.session.query(Patch).filter_by(user_id=user_id, community_id=community_id).one()
    end_patch(None, patch, today() - timedelta(days=1))  # type: ignore[arg-type]


def cells(page: str, row: str) -> list[str]:
    """The figures behind a row's heading."""
    part = page.split(f"{row}</", 1)[1].split("</tr>", 1)[0]
    return [piece.split(">", 1)[1].split("<", 1)[0] for piece in part.split("<td")[1:]]


def test_the_street_sees_the_sums_of_its_communities(place: Place, cast: Cast, log_in: LogIn) -> None:
    place.doors["1-1-101"].last_visit_on = today() - timedelta(days=3)
    place.doors["1-1-102"].last_visit_on = today() - timedelta(days=31)
    db.session.commit()

    page = text(log_in("street").get("/street"))

    # Blocks, buildings, doors, occupied, rented, people, visited, completeness.
    assert cells(page, "桃园社区</a>")[:7] == ["2", "3", "36", "4", "1", "5", "25 %"]
    assert cells(page, "槐荫社区</a>")[:6] == ["1", "1", "1", "1", "0", "1"]
    assert cells(page, "合计")[:6] == ["3", "4", "37", "5", "1", "6"]
    assert f'href="/map/{place.community.public_id}"' in page


def test_the_street_and_the_map_say_the_same_of_visits(place: Place, cast: Cast, log_in: LogIn) -> None:
    place.community.visit_every_days = 60
    for code in ("1-1-101", "1-1-102", "2-1-201", "1-2-101"):
        place.doors[code].last_visit_on = today() - timedelta(days=45)
    db.session.commit()
    street = log_in("street")

    # 1-2-101 is empty: there is nobody to visit, and it counts on neither side.
    assert cells(text(street.get("/street")), "桃园社区</a>")[6] == "75 %"
    assert "走访 100%" in text(street.get(f"/map/{place.community.public_id}"))


def test_the_street_sees_no_names_and_no_doors(place: Place, cast: Cast, log_in: LogIn) -> None:
    page = text(log_in("street").get("/street"))

    for name in db.session.query(Person.name):
        assert name[0] not in page
    for code in place.doors:
        assert code not in page


def test_the_street_sees_only_what_was_handed_out(place: Place, cast: Cast, log_in: LogIn) -> None:
    end_yesterday(cast.street.id, place.other.id)

    page = text(log_in("street").get("/street"))

    assert "桃园社区" in page and "槐荫社区" not in page


def test_the_sums_take_the_same_statements_for_any_number_of_communities(
    place: Place, cast: Cast, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    street = log_in("street")
    street.get("/street")
    count_queries()
    street.get("/street")
    few = count_queries()
    from grid.register.actions import CommunityEntry, add_community

    viewer = db.session.get(User, cast.street.id)
    assert viewer is not None
    for n in range(5):
        factories.hand_out(viewer, add_community(None, CommunityEntry(f"第{n}社区")))
    street.get("/street")
    count_queries()

    assert "第4社区" in text(street.get("/street"))
    assert count_queries() == few


@pytest.mark.parametrize("login", ["admin", "worker", "head"])
def test_only_the_street_opens_the_sums(cast: Cast, log_in: LogIn, login: str) -> None:
    assert log_in(login).get("/street").status_code == 403


def test_a_head_sees_the_own_house_and_whom_to_call(place: Place, cast: Cast, log_in: LogIn) -> None:
    db.session.query(User).filter_by(id=cast.worker.id).update({"phone": "19900055555"})
    db.session.commit()

    page = text(log_in("head").get("/my-building"))

    assert "1 幢" in page and "桃园小区" in page and "12 户" in page and "3 层" in page
    assert 'href="tel:19900055555"' in page and "孟网格" in page
    assert "桃园社区" in page and "社长" in page
    assert "傅外人" not in page


def test_a_head_sees_no_residents_and_no_register(place: Place, cast: Cast, log_in: LogIn) -> None:
    head = log_in("head")
    page = text(head.get("/my-building"))

    for name in db.session.query(Person.name):
        assert name[0] not in page
    for path in ("/households", "/find", f"/households/{place.doors['1-1-101'].public_id}", "/staff"):
        assert head.get(path).status_code == 403


def test_a_head_whose_patch_ended_sees_nothing(place: Place, cast: Cast, log_in: LogIn) -> None:
    end_yesterday(cast.head.id, place.community.id)

    page = text(log_in("head").get("/my-building"))

    assert "现在没有楼栋分给您" in page and "桃园小区" not in page


def test_whoever_has_two_duties_stands_there_once(place: Place, cast: Cast, log_in: LogIn) -> None:
    worker = db.session.get(User, cast.worker.id)
    assert worker is not None
    factories.hand_out(worker, place.community, building_id=place.buildings[0].id)
    db.session.query(Patch).filter_by(building_id=place.buildings[0].id, user_id=worker.id).update({"duty": "helps"})
    db.session.commit()

    page = text(log_in("head").get("/my-building"))

    assert page.count("孟网格") == 1 and page.count("<h1") == 1
