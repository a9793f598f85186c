"""People who may be written twice are proposed, with why, and never decided."""

import uuid
from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from sqlalchemy import select

from grid.accounts.receipts import Slip
from grid.core.db import db
from grid.register.duplicate_actions import MergeEntry, merge_people, proposals, tell_apart
from grid.register.duplicate_queries import (
    CROWD,
    SAME_BIRTH,
    SAME_NUMBER,
    SAME_PHONE,
    mark_of,
    pairs,
    stays_of,
    two_or_404,
)
from grid.register.models import Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person

NUMBER = "990101198001011218"
BORN = date(1970, 5, 6)


def proposed(cast: Cast, place: Place) -> list[tuple[str, str, tuple[str, ...]]]:
    found = pairs(cast.admin.scope, place.community.id)
    return [(pair.first.person.name, pair.second.person.name, pair.why) for pair in found]


def test_nobody_is_proposed_where_all_differ(cast: Cast, place: Place) -> None:
    make_person(place.doors["1-1-201"], "李芳", birth=date(1982, 3, 5))
    make_person(place.doors["2-1-101"], "李芳", birth=date(1982, 3, 4))

    assert proposed(cast, place) == []


def test_one_number_makes_a_pair_whatever_the_names_and_doors(cast: Cast, place: Place) -> None:
    make_person(place.doors["3-1-102"], "王晓明", id_no=NUMBER)

    assert proposed(cast, place) == [("王小明", "王晓明", (SAME_NUMBER,))]


def test_the_same_reading_birth_and_building_make_a_pair(cast: Cast, place: Place) -> None:
    place.people["单雄信"].birth = BORN
    make_person(place.doors["1-2-301"], "善雄信", birth=BORN)
    make_person(place.doors["1-2-302"], "丹雄信", birth=BORN)
    make_person(place.doors["1-2-302"], "单雄鑫", birth=BORN)
    make_person(place.doors["1-2-302"], "秦琼", birth=BORN)
    make_person(place.doors["2-1-101"], "单雄信", birth=BORN)

    found = proposed(cast, place)

    names = {frozenset(pair[:2]) for pair in found}
    assert frozenset(("单雄信", "善雄信")) in names and frozenset(("单雄信", "丹雄信")) in names
    assert frozenset(("善雄信", "丹雄信")) not in names
    assert not any("秦琼" in pair for pair in names)
    assert {pair[2] for pair in found} == {(SAME_BIRTH,)}


def test_the_same_name_and_phone_in_a_building_make_a_pair(cast: Cast, place: Place) -> None:
    make_person(place.doors["1-2-301"], "王小明", phone="19900012345")
    make_person(place.doors["2-1-101"], "王小明", phone="19900012345")

    assert proposed(cast, place) == [("王小明", "王小明", (SAME_PHONE,))]


def test_who_moved_out_last_from_the_building_is_compared_too(cast: Cast, place: Place) -> None:
    gone = make_person(place.doors["1-2-301"], "李芳", birth=date(1982, 3, 4))
    db.session.scalars(select(Residency).where(Residency.person_id == gone.id)).one().to_on = date(2024, 1, 1)
    db.session.commit()

    assert [pair[2] for pair in proposed(cast, place)] == [(SAME_BIRTH,)]


def test_all_that_agrees_is_told_and_the_one_with_the_number_comes_first(cast: Cast, place: Place) -> None:
    person = place.people["王小明"]
    person.birth = BORN
    make_person(place.doors["1-1-102"], "王小明", birth=BORN, phone=person.phone, ethnic="01", education="20", sex="1")

    (pair,) = pairs(cast.admin.scope, place.community.id)

    assert pair.first.person.id == person.id
    assert pair.why == (SAME_BIRTH, SAME_PHONE)


def test_who_was_deleted_is_out(cast: Cast, place: Place) -> None:
    twice = make_person(place.doors["3-1-102"], "王小明", id_no=NUMBER)
    twice.deleted_at = twice.updated_at
    db.session.commit()

    assert proposed(cast, place) == []


def test_a_worker_sees_the_pairs_wholly_inside_the_patch(cast: Cast, place: Place) -> None:
    make_person(place.doors["3-1-102"], "王小明", id_no=NUMBER)
    make_person(place.doors["2-1-102"], "李芳", birth=BORN)
    make_person(place.doors["2-1-102"], "李方", birth=BORN)
    db.session.commit()

    assert len(pairs(cast.admin.scope, place.community.id)) == 2
    (seen,) = pairs(cast.worker.scope, place.community.id)
    assert {seen.first.person.name, seen.second.person.name} == {"李芳", "李方"}
    assert pairs(cast.other_worker.scope, place.community.id) == []


def test_a_crowd_under_one_number_stays_a_short_list(cast: Cast, place: Place) -> None:
    for n in range(40):
        make_person(place.doors["2-1-102"], f"人{n}", id_no="000000000000000000")
    db.session.commit()

    assert len(pairs(cast.admin.scope, place.community.id)) == 39


def test_two_people_are_told_apart_and_doubted_again(cast: Cast, place: Place, log_in: LogIn) -> None:
    twice = make_person(place.doors["1-1-102"], "王小明", id_no=NUMBER)
    db.session.commit()
    admin, address = log_in("admin"), f"/duplicates/{place.people['王小明'].public_id}/{twice.public_id}"

    for _twice in (1, 2):
        assert admin.post(f"{address}/apart").status_code == 303

    assert proposed(cast, place) == []
    page = admin.get("/duplicates").get_data(as_text=True)
    assert "已确认不是同一个人" in page and "没有看起来重复的人" in page
    assert admin.post(f"{address}/doubted").status_code == 303
    assert len(proposed(cast, place)) == 1


def test_the_page_says_why_and_hides_the_numbers(cast: Cast, place: Place, log_in: LogIn) -> None:
    make_person(place.doors["1-1-102"], "王小明", id_no=NUMBER, phone="19900012345")
    db.session.commit()

    page = log_in("worker").get("/duplicates").get_data(as_text=True)

    assert "身份证号相同" in page and "姓名、电话、楼栋相同" in page and "1-1-102" in page
    assert NUMBER not in page and "19900012345" not in page and "990101********1218" in page
    assert "/duplicates?community=" in log_in("worker").get("/households").get_data(as_text=True)


def test_only_two_people_of_one_community_are_compared(cast: Cast, place: Place, log_in: LogIn) -> None:
    here = place.people["王小明"]
    stranger = db.session.scalars(select(Person).where(Person.name == "王外人")).one()
    beside = place.people["曾志伟"]
    worker, admin = log_in("worker"), log_in("admin")

    assert worker.get(f"/duplicates/{here.public_id}/{beside.public_id}").status_code == 404
    assert worker.post(f"/duplicates/{here.public_id}/{beside.public_id}/apart").status_code == 404
    assert admin.get(f"/duplicates/{here.public_id}/{here.public_id}").status_code == 404
    assert admin.get(f"/duplicates/{here.public_id}/{stranger.public_id}").status_code == 404
    assert admin.get(f"/duplicates/{here.public_id}/{beside.public_id}").status_code == 200
    assert two_or_404(cast.admin.scope, here.public_id, beside.public_id).other.person.name == "曾志伟"


def test_the_list_asks_the_same_of_the_database_however_long_it_is(
    cast: Cast, place: Place, count_queries: Callable[[], int]
) -> None:
    make_person(place.doors["1-1-102"], "王小明", id_no=NUMBER)
    db.session.commit()
    community = place.community.id
    count_queries()
    few = (len(pairs(cast.admin.scope, community)), count_queries())

    for n in range(30):
        make_person(place.doors["2-1-102"], f"张{n}", birth=BORN, id_no=f"9901011970050{n:05d}")
        make_person(place.doors["2-1-201"], f"张{n}", birth=BORN, id_no=f"9901011970050{n:05d}")
    db.session.commit()
    count_queries()

    assert few == (1, 5)
    assert (len(pairs(cast.admin.scope, community)), count_queries()) == (31, 5)


@pytest.fixture
def crowd(place: Place) -> list[Person]:
    """More people under one number typed for want of one than are compared two by two."""
    people = [make_person(place.doors["2-1-102"], f"人{n}", id_no="000000000000000000") for n in range(CROWD + 2)]
    db.session.commit()
    return people


def test_of_a_crowd_everybody_comes_up_until_one_is_left(cast: Cast, place: Place, crowd: list[Person]) -> None:
    merged = 0
    while found := pairs(cast.admin.scope, place.community.id):
        # Whoever is kept: now the one that all are compared with, now another.
        kept, other = (found[0].first, found[0].second)[:: (-1) ** merged]
        two = two_or_404(cast.admin.scope, kept.person.public_id, other.person.public_id)
        stays = mark_of(stays_of(kept.person.id, other.person.id))
        entry = MergeEntry(kept.person.version, other.person.version, stays, proposals(two))
        merge_people(cast.admin, two, entry, Slip(uuid.uuid4().hex, ""))
        merged += 1

    assert merged == len(crowd) - 1
    assert [person.deleted_at for person in crowd].count(None) == 1


def test_of_a_crowd_told_apart_all_come_up_two_by_two(cast: Cast, place: Place, crowd: list[Person]) -> None:
    asked = []
    while found := pairs(cast.admin.scope, place.community.id):
        two = two_or_404(cast.admin.scope, found[0].first.person.public_id, found[0].second.person.public_id)
        tell_apart(cast.admin, two)
        asked.append(frozenset(person.id for person in two.people))

    assert len(asked) == len(set(asked))
    assert set(asked) == {frozenset(couple) for couple in combinations((person.id for person in crowd), 2)}


def test_of_a_crowd_a_worker_sees_those_of_the_patch_whoever_came_first(
    cast: Cast, place: Place, crowd: list[Person]
) -> None:
    stay = db.session.scalars(select(Residency).where(Residency.person_id == crowd[0].id)).one()
    stay.household_id = place.doors["3-1-102"].id
    db.session.commit()

    assert len(pairs(cast.admin.scope, place.community.id)) == len(crowd) - 1
    assert len(pairs(cast.worker.scope, place.community.id)) == len(crowd) - 2


def test_in_a_crowd_of_one_birthday_names_are_compared_with_all(cast: Cast, place: Place) -> None:
    for name in ("赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "张伟", "章伟"):
        make_person(place.doors["2-1-102"], name, birth=BORN)
    db.session.commit()

    assert proposed(cast, place) == [("张伟", "章伟", (SAME_BIRTH,))]
