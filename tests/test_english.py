"""Somebody reads in English: what the product says is English, what the committee wrote stays as it is."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from grid.core import i18n
from grid.core.db import db
from grid.register.models import PersonTag, Tag
from tests.conftest import LogIn
from tests.factories import Cast, Place

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# An example of how addresses are written, and the name of the other language.
EXAMPLES = {"幢", "单元", "室", "简体中文"}


@pytest.fixture
def in_english() -> Iterator[None]:
    before = i18n.language.set("en")
    yield
    i18n.language.reset(before)


def written_by_people(cast: Cast, place: Place) -> set[str]:
    names = {place.community.name, place.other.name, "光谷街道", "一大组", "桃园小区", "教工小区"}
    names |= {block.name for block in place.blocks} | set(place.people)
    # The fields of tags are the committee's own words, those that come along too.
    for fields in db.session.scalars(select(Tag.fields).where(Tag.fields.is_not(None))):
        names |= {word for field in fields or () for word in (field["label"], *field.get("choices", ()))}
    return names | {one.name for one in (cast.admin, cast.worker, cast.head, cast.street, cast.other_worker)}


def give_tags(place: Place) -> None:
    person = place.people["王小明"]
    for tag in db.session.scalars(select(Tag).where(Tag.community_id == place.community.id)):
        db.session.add(PersonTag(community_id=place.community.id, person_id=person.id, tag_id=tag.id))
    db.session.commit()


def spoken(page: str) -> Iterator[str]:
    """Every text of a page, and what a screen reader is told."""
    soup = BeautifulSoup(page, "html5lib")
    for hidden in soup(["script", "style"]):
        hidden.decompose()
    yield from soup.stripped_strings
    for tag in soup.find_all(True):
        yield from (str(tag[name]) for name in ("aria-label", "placeholder", "title") if tag.has_attr(name))


def paths(cast: Cast, place: Place) -> dict[str, list[str]]:
    door, person = place.doors["1-1-101"].public_id, place.people["王小明"].public_id
    map_, building = f"/map/{place.community.public_id}", f"/buildings/{place.buildings[0].public_id}"
    layers = ("visits", "occupancy", "tags", "completeness")
    return {
        "admin": [
            *("/today", "/find", "/households", "/imports", "/staff", "/staff/new", "/audit", "/settings", "/me"),
            *("/communities/new", f"/communities/{place.community.public_id}/start", f"/staff/{cast.worker.public_id}"),
            *(f"/households/{door}{page}" for page in ("", "/edit", "/move-in", "/visits/new")),
            *(f"/people/{person}/{page}" for page in ("edit", "id", "move-out")),
            *(f"{page}?layer={layer}" for page in (map_, building) for layer in layers),
        ],
        "head": ["/my-building"],
        "street": ["/street", map_],
    }


@pytest.mark.parametrize("login", ["admin", "head", "street"])
def test_no_page_in_english_says_chinese_of_its_own(login: str, cast: Cast, place: Place, log_in: LogIn) -> None:
    give_tags(place)
    known = "|".join(sorted(written_by_people(cast, place) | EXAMPLES, key=len, reverse=True))
    client = log_in(login)
    client.post("/me/language", data={"language": "en"})

    for path in paths(cast, place)[login]:
        page = client.get(path)
        assert page.status_code == 200, path
        words = " ".join(spoken(page.get_data(as_text=True)))
        assert CHINESE.findall(re.sub(known, "", words)) == [], path


def test_an_address_a_list_and_a_remark_are_put_together_the_english_way(in_english: None) -> None:
    assert i18n.joined("桃园小区", "Building 1", "", "Room 101") == "桃园小区 Building 1 Room 101"
    assert i18n.listed(["a", "b"]) == "a, b"
    assert i18n.labelled("Name", "missing") == "Name: missing"


def test_they_stay_together_in_chinese() -> None:
    assert i18n.joined("桃园小区", "1幢", "", "101室") == "桃园小区1幢101室"
    assert i18n.listed(["甲", "乙"]) == "甲、乙"
    assert i18n.labelled("姓名", "没有填") == "姓名：没有填"
