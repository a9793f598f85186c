"""Places are added beside a building or by their degrees, and one that was taken away is on no map or paper."""

import uuid

import pytest
from sqlalchemy import select

from grid.atlas.queries import ground_or_404
from grid.core.db import db
from grid.documents.houses import sites as sites_on_notices
from grid.register.models import Community, Site
from tests.conftest import LogIn
from tests.factories import Cast, Place

RING = [[[114.40, 30.60], [114.42, 30.60], [114.42, 30.62], [114.40, 30.62], [114.40, 30.60]]]


def adding(**given: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "kind": "police", "name": "警务室", "keeper": "张警官"} | given


def sites() -> list[Site]:
    db.session.rollback()
    return list(db.session.scalars(select(Site).order_by(Site.id)))


def test_it_stands_beside_a_building(cast: Cast, place: Place, log_in: LogIn) -> None:
    house = place.buildings[0]
    house.outline = RING
    db.session.commit()
    admin, words = log_in("admin"), adding(beside=house.public_id, phone="19900012345")

    answers = [admin.post("/sites", data=words) for _ in range(2)]

    (site,) = sites()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (site.lon, site.lat, site.keeper) == (114.41, 30.61, "张警官")
    page = log_in("worker").get("/sites").text
    assert "警务室" in page and "199****2345" in page and f"/sites/{site.public_id}" not in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "地图上放在哪里"),
        ({"lon": "114.4"}, "地图上放在哪里"),
        ({"lon": "214.4", "lat": "30"}, "请填经纬度的度数"),
        ({"lon": "here", "lat": "30"}, "请填数字"),
        ({"name": "", "lon": "114", "lat": "30"}, "请写场所的名称"),
        ({"kind": "casino", "lon": "114", "lat": "30"}, "请从列表里选一项"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post("/sites", data=adding(**given))

    assert answer.status_code == 422 and sentence in answer.text and "张警官" in answer.text
    assert sites() == []


def test_it_is_changed_and_the_maps_are_drawn_anew(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    admin.post("/sites", data=adding(lon="114.4", lat="30.6"))
    before = db.session.scalars(select(Community.geometry_version).where(Community.id == place.community.id)).one()

    answer = admin.post(f"/sites/{sites()[0].public_id}", data=adding(name="新警务室", lon="114.5", lat="30.6"))

    assert answer.location.endswith("done=saved") and (sites()[0].name, sites()[0].lon) == ("新警务室", 114.5)
    after = db.session.scalars(select(Community.geometry_version).where(Community.id == place.community.id)).one()
    assert after == before + 1


def test_one_taken_away_is_on_no_list_map_or_notice(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    for name in ("警务室", "老警务室"):
        admin.post("/sites", data=adding(name=name, lon="114.4", lat="30.6"))
    old = sites()[1].public_id

    answer = admin.post(f"/sites/{old}/remove")

    assert answer.location.endswith("done=removed") and sites()[1].deleted_at
    assert "老警务室" not in admin.get("/sites").text and "警务室" in admin.get("/sites").text
    assert admin.get(f"/sites/{old}").status_code == 404
    assert sites_on_notices([place.community.id]) == {place.community.id: [("police", "警务室")]}
    assert "老警务室" not in admin.get(f"/map/{place.community.public_id}").text
    assert ground_or_404(cast.admin.scope, place.community.public_id).geometry_version == 4


def test_only_an_administrator_changes_them(cast: Cast, place: Place, log_in: LogIn) -> None:
    db.session.add(Site(community_id=place.other.id, kind="school", name="外面学校", lon=1, lat=1))
    db.session.commit()
    outside = sites()[0].public_id

    assert log_in("worker").post("/sites", data=adding(lon="1", lat="1")).status_code == 403
    assert log_in("admin").get(f"/sites/{outside}").status_code == 404
    assert log_in("admin").post(f"/sites/{outside}/remove").status_code == 404
    assert "外面学校" not in log_in("admin").get("/sites").text
    for login in ("head", "street"):
        assert log_in(login).get("/sites").status_code == 403
