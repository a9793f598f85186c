"""The finder: one box that understands names, readings, addresses and the ends of numbers."""

import pytest
from bs4 import BeautifulSoup

from grid.core.db import db
from grid.register.finding import find
from tests.conftest import LogIn
from tests.factories import Cast, Place


def found(cast: Cast, place: Place, words: str) -> list[tuple[str, str | None]]:
    hits = find(cast.admin.scope, place.community.id, words)
    return [(code, name) for _key, _door, code, _estate, _n, _last, name, *_person in hits]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("王", "王小明"), ("明", "王小明"), ("小明", "王小明"), ("wxm", "王小明"), ("xiaoming", "王小明"),
        ("WangXM".lower()[:4], "王小明"), ("shan", "单雄信"), ("dan", "单雄信"), ("zeng", "曾志伟"),
        ("ceng", "曾志伟"), ("ouyang", "欧阳娜"), ("oyn", "欧阳娜"), ("2345", "王小明"), ("19900012345", "王小明"),
        ("1218", "王小明"), ("990101198001011218", "王小明"), ("054321", "曾志伟"),
    ],
)  # fmt: skip
def test_a_person_is_found_by(cast: Cast, place: Place, words: str, name: str) -> None:
    assert name in [who for _code, who in found(cast, place, words)]


@pytest.mark.parametrize("words", ["3-2-302", "3幢2单元302室", "３－２－３０２", "教工小区3号楼2单元302", "3#2单元302"])
def test_a_door_is_found_by(cast: Cast, place: Place, words: str) -> None:
    assert found(cast, place, words)[0] == ("3-2-302", None)


def test_all_doors_of_a_building_begin_with_its_number(cast: Cast, place: Place) -> None:
    codes = [code for code, _name in found(cast, place, "3幢")]

    assert codes and all(code.startswith("3-") for code in codes)


@pytest.mark.parametrize("words", ["", "   ", "#", "不存在的人", "%", "' OR 1=1 --", "\x00", "9" * 500])
def test_nothing_is_found_for(cast: Cast, place: Place, words: str) -> None:
    assert found(cast, place, words) == []


def test_other_communities_and_other_patches_do_not_appear(cast: Cast, place: Place) -> None:
    assert ("1-1-101", "王外人") not in found(cast, place, "王")
    assert find(cast.worker.scope, place.community.id, "曾志伟") == []
    assert find(cast.worker.scope, place.community.id, "3-2-302") == []


def test_words_travel_by_post_only(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")

    by_get = worker.get("/find?words=王小明").get_data(as_text=True)
    by_post = worker.post("/find", data={"words": "王小明"}).get_data(as_text=True)
    fragment = worker.post(
        "/find", data={"words": "王小明"}, headers={"HX-Request-Type": "partial", "HX-Request": "true"}
    )

    assert place.doors["1-1-101"].public_id not in by_get
    assert place.doors["1-1-101"].public_id in by_post
    assert (
        fragment.get_data(as_text=True).lstrip().startswith("<section")
        and "HX-Request-Type" in fragment.headers["Vary"]
    )


def test_who_moved_out_is_not_found_and_a_new_name_is(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["单雄信"]
    worker = log_in("worker")

    worker.post(f"/people/{person.public_id}/move-out", data={"to_on": "2026-01-31", "reason": "moved"})
    worker.post(
        f"/households/{place.doors['1-1-102'].public_id}/move-in",
        data={"key": "q" * 20, "name": "仇英", "from_on": "2026-02-01"},
    )

    db.session.expire_all()
    assert found(cast, place, "单雄信") == []
    assert found(cast, place, "qiu") == [("1-1-102", "仇英")] == found(cast, place, "仇")


def test_what_is_found_is_read_out_because_its_frame_stays(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    page = BeautifulSoup(worker.get("/find").get_data(as_text=True), "html5lib")
    part = worker.post(
        "/find", data={"words": "王"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    ).get_data(as_text=True)

    assert page.select("[aria-live=polite] > #found") and "aria-live" not in part
