"""Somebody records an activity, says who took part, adds minutes and photos."""

import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.services.models import Activity, ActivityHousehold, ActivityPhoto
from grid.visits import album
from tests.conftest import LogIn
from tests.factories import Cast, Place


def activity(**given: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "kind": "lecture",
        "title": "反诈骗讲座",
        "topic": "legal",
        "at": f"{today()} 09:30",
    } | given


def picture(colour: str) -> tuple[BytesIO, str]:
    written = BytesIO()
    Image.new("RGB", (60, 40), colour).save(written, "JPEG")
    return BytesIO(written.getvalue()), f"{colour}.jpg"


def rows(model: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(model.id)))


def test_it_is_recorded_once_with_the_households_that_took_part(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    words = activity(doors="1-1-101，1幢1单元102室 1-1-101", headcount="30", place="活动室")

    first, again = worker.post("/activities", data=words), worker.post("/activities", data=words)

    assert first.location == again.location and len(rows(Activity)) == 1
    took_part = {row.household_id for row in rows(ActivityHousehold)}
    assert took_part == {place.doors["1-1-101"].id, place.doors["1-1-102"].id}
    page = worker.get(first.location).text
    assert "1-1-102" in page and "活动室" in page
    listed = worker.get("/activities").text
    assert "反诈骗讲座" in listed and "<b>30</b> 人次" in listed


def test_wrong_doors_are_named_and_kept_as_typed(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("worker").post("/activities", data=activity(doors="1-1-101 9-9-9 3-1-101"))

    assert answer.status_code == 422 and "找不到：9-9-9、3-1-101" in answer.text
    assert "1-1-101 9-9-9 3-1-101" in answer.text and rows(Activity) == []


def test_of_who_took_part_one_sees_ones_own_and_keeps_the_others(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    url = log_in("admin").post("/activities", data=activity(doors="1-1-101 3-1-101")).location.split("?")[0]
    page, form = worker.get(url).text, worker.get(f"{url}/edit").text
    assert "1-1-101" in page and "3-1-101" not in page + form and "另有 1 户" in page

    worker.post(url, data=activity(version="1", doors="1-1-102"))

    assert {row.household_id for row in rows(ActivityHousehold)} == {
        place.doors["1-1-102"].id,
        place.doors["3-1-101"].id,
    }


def test_a_meeting_without_minutes_is_marked_until_they_are_there(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    url = worker.post("/activities", data=activity(kind="joint_meeting")).location.split("?")[0]
    worker.post("/activities", data=activity(title="别的讲座"))
    assert "还缺会议记录" in worker.get(url).text and worker.get("/activities").text.count("还缺会议记录") == 1

    words = activity(kind="joint_meeting", version="1", minutes="一、通报\n二、议定")
    assert worker.post(url, data=words).status_code == 303

    assert "还缺会议记录" not in worker.get(url).text + worker.get("/activities").text


def test_the_second_editor_is_told_and_may_insist(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")
    url = worker.post("/activities", data=activity()).location.split("?")[0]
    admin.post(url, data=activity(version="1", title="先改的"))

    late = worker.post(url, data=activity(version="1", title="后改的"))
    assert late.status_code == 422 and "别人改过" in late.text and "后改的" in late.text
    assert rows(Activity)[0].title == "先改的"

    assert worker.post(url, data=activity(version="2", title="后改的")).status_code == 303
    assert rows(Activity)[0].title == "后改的"


def test_photos_are_given_out_in_scope_only_and_each_is_noted(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker, instance = log_in("worker"), Path(app.config["INSTANCE"])
    words = activity(photos=[picture("red"), picture("blue")])
    url = worker.post("/activities", data=words, content_type="multipart/form-data").location.split("?")[0]
    (first, gone), (second, kept) = ((photo.public_id, photo.sha256) for photo in rows(ActivityPhoto))
    assert worker.get(url).text.count("data:image/jpeg") == 2

    large = worker.get(f"{url}/photos/{first}")
    assert large.mimetype == "image/jpeg" and large.headers["Cache-Control"] == "private, no-store"
    noted = [entry.action for entry in rows(AuditEntry)]
    assert noted.count("see_activity_photo") == 2

    assert worker.post(f"{url}/photos/{first}/remove").status_code == 303
    assert [photo.public_id for photo in rows(ActivityPhoto)] == [second]
    assert album.picture(instance, gone) is None and album.picture(instance, kept)
    assert worker.get(f"{url}/photos/{first}").status_code == 404


def test_a_file_that_is_no_photo_is_named(cast: Cast, place: Place, log_in: LogIn) -> None:
    words = activity(photos=[(BytesIO(b"no picture"), "会议.jpg")])

    answer = log_in("worker").post("/activities", data=words, content_type="multipart/form-data")

    assert answer.status_code == 422 and "会议.jpg" in answer.text and "再选一次" in answer.text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": ""}, "请选一项"),
        ({"title": " "}, "请写活动名称"),
        ({"at": ""}, "请选时间"),
        ({"headcount": "很多"}, "请填整数"),
        ({"headcount": "-3"}, "0 到 99999"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("worker").post("/activities", data=activity(place="老地方", **given))

    assert answer.status_code == 422 and sentence in answer.text and "老地方" in answer.text
    assert rows(Activity) == []


def test_periods_and_kinds_narrow_the_list(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    admin.post("/activities", data=activity())
    admin.post("/activities", data=activity(kind="culture", title="包粽子"))
    admin.post("/activities", data=activity(title="前年的讲座", at=f"{today().year - 2}-05-05 09:00"))

    this_year, of_kind = admin.get("/activities").text, admin.get("/activities?kind=culture").text

    assert "反诈骗讲座" in this_year and "前年的讲座" not in this_year
    assert "前年的讲座" in admin.get(f"/activities?period={today().year - 2}").text
    assert "前年的讲座" in admin.get("/activities?period=all").text
    assert "包粽子" in of_kind and "反诈骗讲座" not in of_kind


def test_other_communities_and_roles_see_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    noise = Activity(
        community_id=place.other.id,
        kind="lecture",
        title="外面的",
        at=rows(AuditEntry)[0].at,
        recorded_by=cast.admin.id,
    )
    db.session.add(noise)
    db.session.commit()

    worker = log_in("worker")
    assert worker.get(f"/activities/{noise.public_id}").status_code == 404
    assert worker.post("/activities", data=activity(community=place.other.public_id)).status_code == 404
    assert "外面的" not in worker.get("/activities?period=all").text
    assert log_in("street").get("/activities").status_code == log_in("head").get("/activities").status_code == 403
