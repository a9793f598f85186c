"""A community's name, words and rhythm; and the first minute of a new one."""

import pytest

from grid.accounts.models import Patch
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Community, Tag
from tests.conftest import LogIn
from tests.factories import Cast, Place

GIVEN = {
    "name": "桃园社区",
    "code": "",
    "street": "光谷街道",
    "visit_every_days": "45",
    "report_days": "14",
    "preset": "estate",
}


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def test_the_levels_can_have_other_names(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    answer = admin.post("/settings", data=GIVEN)

    assert answer.status_code == 303
    db.session.rollback()
    community = db.session.get(Community, place.community.id)
    assert community is not None
    assert community.labels == {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    assert (community.visit_every_days, community.report_days, community.code) == (45, 14, None)
    own = GIVEN | {"preset": "own", "block": "网格", "building": "楼", "unit": "门", "household": "户"}
    assert admin.post("/settings", data=own).status_code == 303
    assert 'value="网格"' in text(admin.get("/settings"))
    assert "<ins>片区 网格" in text(admin.get("/audit?action=edit_community"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "请填写社区名称"),
        ({"name": "槐荫社区"}, "已经有一个社区叫这个名字"),
        ({"code": "12345"}, "12 位数字"),
        ({"visit_every_days": "0"}, "1 到 365"),
        ({"visit_every_days": "viel"}, "1 到 365"),
        ({"report_days": "0"}, "1 到 365"),
        ({"report_days": "366"}, "1 到 365"),
        ({"report_days": ""}, "1 到 365"),
        ({"preset": "own", "block": "网格"}, "请给这一级取个名字"),
        ({"preset": "königlich"}, "请从列表里选一项"),
    ],
)
def test_what_is_wrong_is_said(place: Place, cast: Cast, log_in: LogIn, given: dict[str, str], sentence: str) -> None:
    answer = log_in("admin").post("/settings", data=GIVEN | given)

    assert answer.status_code == 422 and sentence in text(answer)
    db.session.rollback()
    assert db.session.get(Community, place.community.id).visit_every_days == 30  # type: ignore[union-attr]


def test_a_community_outside_is_not_there(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    assert admin.get(f"/settings?community={place.other.public_id}").status_code == 404
    assert admin.post(f"/settings?community={place.other.public_id}", data=GIVEN).status_code == 404
    assert admin.get(f"/communities/{place.other.public_id}/start").status_code == 404


def test_a_new_community_belongs_to_its_maker(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    answer = admin.post("/communities/new", data={"name": "新桥社区", "code": "９９０１０１００１００９"})

    assert answer.status_code == 303
    made = db.session.query(Community).filter_by(name="新桥社区").one()
    assert made.code == "990101001009"
    assert answer.location == f"/communities/{made.public_id}/start"
    patch = db.session.query(Patch).filter_by(community_id=made.id).one()
    assert (patch.user_id, patch.from_on, patch.to_on) == (cast.admin.id, today(), None)
    assert db.session.query(Tag).filter_by(community_id=made.id).count() > 15
    start = text(admin.get(answer.location))
    assert "导入地图" in start and "导入房屋" in start and "导入人员" in start
    assert f'href="/imports?community={made.public_id}&amp;kind=map"' in start
    ready = text(admin.get(f"/imports?community={made.public_id}&kind=map"))
    assert f'selected value="{made.public_id}"' in ready
    assert "新桥社区" in text(admin.get(f"/staff?community={made.public_id}"))


def test_a_name_is_taken_once(place: Place, cast: Cast, log_in: LogIn) -> None:
    answer = log_in("admin").post("/communities/new", data={"name": "槐荫社区"})

    assert answer.status_code == 422 and "已经有一个社区叫这个名字" in text(answer)
