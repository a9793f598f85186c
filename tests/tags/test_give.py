"""Somebody is given a tag with its own fields; it is changed and taken off again."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Person, PersonTag, Tag
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_tag


def tag_of(code: str, place: Place) -> Tag:
    return db.session.scalars(select(Tag).where(Tag.code == code, Tag.community_id == place.community.id)).one()


def typed(tag: Tag, **given: Any) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "tag": tag.public_id, "since": str(today())} | given


def carried(person: Person) -> list[PersonTag]:
    db.session.rollback()
    return list(db.session.scalars(select(PersonTag).where(PersonTag.person_id == person.id).order_by(PersonTag.id)))


def at(person: Person) -> str:
    return f"/persons/{person.public_id}/tags"


def test_a_tag_is_given_with_its_fields_and_stands_on_the_household_page(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker, person, tag = log_in("worker"), place.people["王小明"], tag_of("low_income", place)
    assert f"{at(person)}/new?tag={tag.public_id}" in worker.get(at(person)).text
    form = worker.get(f"{at(person)}/new?tag={tag.public_id}").text
    assert "每月保障金额" in form

    answer = worker.post(at(person), data=typed(tag, own_amount="620", own_from_on="2026-01-01", source="民政名单"))

    assert answer.location == f"{at(person)}?done=given"
    (row,) = carried(person)
    assert (row.attrs, row.source, row.since) == ({"amount": 620, "from_on": "2026-01-01"}, "民政名单", today())
    page = worker.get(f"/households/{place.doors['1-1-101'].public_id}").text
    assert "低保" in page and "620" in page and "2026-01-01" in page and at(person) in page
    db.session.refresh(place.doors["1-1-101"])
    assert place.doors["1-1-101"].n_tags == 1


def test_sent_twice_it_is_given_once_and_nobody_carries_it_twice(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person, tag = log_in("worker"), place.people["王小明"], tag_of("veteran", place)
    words = typed(tag)

    codes = [worker.post(at(person), data=words).status_code for _ in range(2)]
    other = worker.post(at(person), data=typed(tag, source="本人说的"))

    assert codes == [303, 303] and other.status_code == 422
    assert "已经有这个标签" in other.text and "本人说的" in other.text
    assert len(carried(person)) == 1


@pytest.mark.parametrize(
    ("code", "given", "sentence"),
    [
        ("low_income", {"own_amount": "六百"}, "请填数字"),
        ("low_income", {"own_amount": "NaN"}, "请填数字"),
        ("low_income", {"own_from_on": "去年"}, "这样的日期"),
        ("disabled", {"own_grade": "九级"}, "请从列表里选一项"),
        ("veteran", {"since": "2099-01-01"}, "还没到"),
    ],
)
def test_each_field_is_read_by_its_kind(
    cast: Cast, place: Place, log_in: LogIn, code: str, given: dict[str, str], sentence: str
) -> None:
    person, tag = place.people["王小明"], tag_of(code, place)

    answer = log_in("worker").post(at(person), data=typed(tag, source="街道", **given))

    assert answer.status_code == 422 and sentence in answer.text and 'value="街道"' in answer.text
    assert carried(person) == []


@pytest.mark.parametrize("kind", ["text", "number", "date", "choice", "yes_no"])
def test_what_is_needed_is_asked_for(cast: Cast, place: Place, log_in: LogIn, kind: str) -> None:
    tag, person = tag_of("veteran", place), place.people["王小明"]
    tag.fields = [{"key": "f1", "label": "要填的", "kind": kind, "choices": ["甲", "乙"], "needed": True}]
    db.session.commit()
    filled = {"text": "好", "number": "1.5", "date": "2026-01-31", "choice": "乙", "yes_no": "0"}[kind]
    worker = log_in("worker")

    empty = worker.post(at(person), data=typed(tag, own_f1=""))
    answer = worker.post(at(person), data=typed(tag, own_f1=filled))

    assert empty.status_code == 422 and 'class="error"' in empty.text
    assert answer.status_code == 303
    assert carried(person)[0].attrs == {"f1": {"number": 1.5, "yes_no": False}.get(kind, filled)}
    page = worker.get(at(person)).text
    assert "要填的" in page and ("否" if kind == "yes_no" else filled) in page


def test_it_is_changed_by_one_at_a_time(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, worker = place.people["王小明"], log_in("worker")
    _tag, row = make_tag(person, "low_income", attrs={"amount": 500})
    db.session.commit()
    url = f"{at(person)}/{row.public_id}"
    form = worker.get(url).text
    mark = re.search(r'name="mark"[^>]*value="([^"]+)"', form)
    assert mark and 'value="500"' in form
    words = {"key": str(uuid.uuid4()), "mark": mark[1], "own_amount": "550"}

    codes = [worker.post(url, data=words | {"key": str(uuid.uuid4())}).status_code for _ in range(2)]
    late = worker.post(url, data=words | {"own_amount": "999"})

    assert codes == [303, 422]
    assert "刚刚有人改过" in late.text and "999" in late.text
    assert carried(person)[0].attrs == {"amount": 550}


def test_taken_off_it_is_history(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, worker = place.people["王小明"], log_in("worker")
    _tag, row = make_tag(person, "low_income", since=date(2026, 1, 1))
    db.session.commit()
    url = f"{at(person)}/{row.public_id}/take-off"

    early = worker.post(url, data={"until": "2025-01-01"})
    future = worker.post(url, data={"until": str(today() + timedelta(days=1))})
    nothing = worker.post(url, data={"until": ""})
    off = worker.post(url, data={"until": str(today())})
    again = worker.post(url, data={"until": str(today())})

    assert [a.status_code for a in (early, future, nothing, off, again)] == [422, 422, 422, 303, 422]
    assert "比开始的日子还早" in early.text and "已经取下" in again.text
    assert carried(person)[0].until == today()
    assert "以前有过的 1 个" in worker.get(at(person)).text
    db.session.refresh(place.doors["1-1-101"])
    assert place.doors["1-1-101"].n_tags == 0


def test_a_form_of_the_person_opened_before_does_not_take_it_away(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, person = log_in("worker"), place.people["王小明"]
    before = person.version

    worker.post(at(person), data=typed(tag_of("veteran", place)))
    stale = worker.post(
        f"/people/{person.public_id}",
        data={"key": str(uuid.uuid4()), "version": str(before), "name": "王小明", "phone": "19900012345"},
    )

    assert stale.status_code in (409, 422)
    assert [row.until for row in carried(person)] == [None]


def test_outside_the_patch_there_is_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, other = place.people["王小明"], log_in("other")
    _tag, row = make_tag(person)
    _noise, not_theirs = make_tag(place.people["曾志伟"])
    db.session.commit()

    assert other.get(at(person)).status_code == 404
    assert other.post(at(person), data=typed(tag_of("veteran", place))).status_code == 404
    assert other.get(f"{at(person)}/{row.public_id}").status_code == 404
    assert log_in("worker").get(f"{at(person)}/{not_theirs.public_id}").status_code == 404
    assert log_in("head").get(at(person)).status_code == 403


@pytest.mark.parametrize("stored", ["很多", "NaN", "2025-02-30", 3.5, True, "一级"])
@pytest.mark.parametrize("kind", ["text", "number", "date", "choice", "yes_no"])
def test_what_was_filled_in_is_shown_when_its_field_became_another_kind(
    cast: Cast, place: Place, log_in: LogIn, kind: str, stored: Any
) -> None:
    person = place.people["王小明"]
    tag, row = make_tag(person, attrs={"f1": stored})
    tag.fields = [{"key": "f1", "label": "情况", "kind": kind, "choices": ["甲", "乙"], "needed": False}]
    db.session.commit()
    admin = log_in("admin")

    page = admin.get(f"/persons/{person.public_id}/tags").text
    form = admin.get(f"/persons/{person.public_id}/tags/{row.public_id}")

    assert form.status_code == 200 and ("是" if stored is True else str(stored)) in page.split("<main")[1]
