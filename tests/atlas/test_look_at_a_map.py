"""Opening the map: what is drawn for whom, how it is coloured, and where a tap leads."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Site


def page(client, address, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return BeautifulSoup(answer.get_data(as_text=True), "html5lib")


def houses(soup):
    """Number → the link of its building on the map."""
    return {link.title.text.split("幢")[0]: link for link in soup.select("svg#map a.b")}


@pytest.fixture
def map_of(place):
    return f"/map/{place.community.public_id}"


def test_a_community_without_outlines_still_has_a_map(log_in, cast, map_of):
    soup = page(log_in("admin"), map_of)

    assert set(houses(soup)) == {"1", "2", "3"}
    assert "示意图" in soup.select_one(".legend").text
    assert [text.text for text in soup.select("svg#map .names text")] == ["第1片区", "第2片区"]


def test_one_community_opens_at_once_and_keeps_the_layer(log_in, cast, map_of):
    answer = log_in("admin").get("/map?layer=tags")

    assert (answer.status_code, answer.location) == (303, f"{map_of}?layer=tags")


def test_several_communities_are_a_choice(log_in, cast):
    soup = page(log_in("street"), "/map")

    assert [link.text.split()[0] for link in soup.select("ul.rows a")] == ["桃园社区", "槐荫社区"]


def test_a_worker_sees_the_own_patch_and_nothing_beside_it(log_in, cast, map_of):
    soup = page(log_in("worker"), map_of)

    assert set(houses(soup)) == {"1", "2"}
    assert [text.text for text in soup.select("svg#map .names text")] == ["第1片区"]
    assert [text.text for text in soup.select("svg#map .numbers text")] == ["1", "2"]
    assert "第2片区" not in soup.text and "教工小区" not in soup.text


def test_a_map_outside_the_scope_is_not_there(log_in, cast, place):
    assert log_in("worker").get(f"/map/{place.other.public_id}").status_code == 404
    assert log_in("admin").get("/map/nowhere").status_code == 404


def test_a_building_head_has_no_map(log_in, cast, map_of, place):
    client = log_in("head")

    for address in ("/map", map_of, f"/buildings/{place.buildings[0].public_id}"):
        assert client.get(address).status_code == 403


def test_visits_colour_the_buildings(log_in, cast, map_of, place):
    for code, door in place.doors.items():
        if code.startswith("1-"):
            door.last_visit_on = today() - timedelta(days=3)
        if code.startswith("2-"):
            door.n_members = 1
        if code in ("2-1-101", "2-1-102", "2-1-201"):
            door.last_visit_on = today() - timedelta(days=30)
        if code == "3-1-101":
            door.last_visit_on = today() - timedelta(days=31)
    db.session.commit()

    found = houses(page(log_in("admin"), map_of))

    assert [found[no]["class"][1] for no in "123"] == ["l-visit-4", "l-visit-1", "l-visit-0"]
    assert found["2"].title.text == "2幢 · 12 户 · 走访 25%"
    assert found["1"]["fill"] == "url(#l-visit-4)"


@pytest.mark.parametrize("layer", ["visits", "occupancy", "tags", "completeness"])
def test_every_colour_on_the_map_stands_in_the_legend(log_in, cast, map_of, layer):
    soup = page(log_in("admin"), f"{map_of}?layer={layer}")

    drawn = {link["class"][1] for link in soup.select("svg#map a.b")}
    assert drawn == {swatch["class"][-1] for swatch in soup.select(".legend .swatch")}
    assert drawn <= {pattern["id"] for pattern in soup.select("svg#map pattern")}
    assert soup.select_one('.layers [aria-current="true"]')["href"].endswith(f"layer={layer}")


def test_an_unknown_layer_is_the_first_one(log_in, cast, map_of):
    soup = page(log_in("admin"), f"{map_of}?layer=<script>")

    assert soup.select_one('.layers [aria-current="true"]').text == "走访"


def test_changing_the_layer_swaps_exactly_what_a_reload_would_show(log_in, cast, map_of):
    client = log_in("admin")

    fragment = page(client, f"{map_of}?layer=occupancy", **{"HX-Request": "true", "HX-Request-Type": "partial"})
    whole = page(client, f"{map_of}?layer=occupancy")

    assert fragment.select_one("#atlas") == whole.select_one("#atlas")
    assert not fragment.select("nav.rail")


def test_a_tap_leads_to_the_elevation_without_script(log_in, cast, map_of):
    client = log_in("worker")
    link = houses(page(client, f"{map_of}?layer=tags"))["1"]

    assert client.get(link["href"]).status_code == 200
    assert link["href"].endswith("?layer=tags")


def test_the_street_sees_sums_only(log_in, cast, map_of, place):
    client = log_in("street")
    place.buildings[0].head_name = "邱楼长"
    db.session.commit()
    link = houses(page(client, map_of))["1"]

    glance = page(client, link["href"])

    assert "12户" in "".join(glance.select_one(".counts").text.split())
    assert "邱楼长" not in glance.text and "打开楼盘表" not in glance.text
    assert client.get(f"/buildings/{place.buildings[0].public_id}").status_code == 403


def test_a_building_at_a_glance(log_in, cast, place):
    place.buildings[0].head_name = "邱楼长"
    place.doors["1-1-101"].last_visit_on = today()
    db.session.commit()

    soup = page(
        log_in("worker"),
        f"/buildings/{place.buildings[0].public_id}/summary",
        **{"HX-Request": "true", "HX-Request-Type": "partial"},
    )

    counts = {item.b.text: item.text.removeprefix(item.b.text) for item in soup.select(".counts li")}
    assert counts["12"].startswith("户") and counts["3"].startswith("人")
    assert "邱楼长" in soup.text
    assert soup.select_one('[role="button"]')["href"] == f"/buildings/{place.buildings[0].public_id}"
    assert not soup.select("nav.rail")


def test_a_building_outside_the_patch_is_not_there(log_in, cast, place):
    client = log_in("worker")
    outside = place.buildings[2].public_id

    assert client.get(f"/buildings/{outside}").status_code == 404
    assert client.get(f"/buildings/{outside}/summary").status_code == 404


def test_sites_and_the_credit_are_shown(log_in, cast, place, map_of):
    ring = [[[114.40, 30.60], [114.41, 30.60], [114.41, 30.61], [114.40, 30.61], [114.40, 30.60]]]
    place.community.outline = ring
    place.community.map_credit = "© OpenStreetMap contributors"
    place.community.geometry_version += 1
    db.session.add(Site(community_id=place.community.id, kind="police", name="警务室", lon=114.405, lat=30.605))
    db.session.commit()

    soup = page(log_in("admin"), map_of)

    assert soup.select_one(".credit").text.strip() == "© OpenStreetMap contributors"
    assert [sign.text for sign in soup.select("svg#map .site text")] == ["警"]


def test_a_new_outline_is_drawn_with_the_next_version(log_in, cast, place, map_of):
    client = log_in("admin")
    before = houses(page(client, map_of))["1"].path["d"]
    place.buildings[0].outline = [[[114.40, 30.60], [114.401, 30.60], [114.401, 30.601], [114.40, 30.60]]]
    place.community.geometry_version += 1
    db.session.commit()

    assert houses(page(client, map_of))["1"].path["d"] != before


def test_the_number_of_statements_does_not_grow_with_the_buildings(log_in, cast, place, map_of, count_queries):
    from tests import factories

    client = log_in("admin")
    page(client, map_of)
    count_queries()
    page(client, map_of)
    few = count_queries()
    for no in range(10, 30):
        building = factories.make_building(place.community, place.blocks[0], no, "新村")
        factories.make_doors(building, 2, 6, 2)
    place.community.geometry_version += 1
    db.session.commit()
    page(client, map_of)
    count_queries()

    assert len(houses(page(client, map_of))) == 23
    assert count_queries() == few <= 4


def test_without_any_patch_the_page_says_what_to_do(log_in, cast, app):
    from tests import factories

    factories.make_user("nobody", "grid_worker", "新来的")
    db.session.commit()

    assert "请找社区管理员" in page(log_in("nobody"), "/map").text


def test_whoever_sees_the_whole_community_may_ask_for_it_on_paper(log_in, cast, map_of):
    admin, street, worker = (page(log_in(login), map_of) for login in ("admin", "street", "worker"))

    assert admin.select_one("details.print form")["action"] == f"{map_of}/print"
    assert admin.select_one('details.print [name="variant"]')
    assert street.select_one("details.print form") and not street.select_one('details.print [name="variant"]')
    assert not worker.select_one("details.print")


def test_the_levels_have_the_communitys_own_names(log_in, cast, place, map_of):
    place.community.labels = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    place.buildings[2].block_id = None
    for n, block in enumerate(place.blocks, 1):
        block.name = f"{n}组"
    db.session.commit()

    soup = page(log_in("admin"), map_of)
    glance = page(log_in("admin"), f"/buildings/{place.buildings[2].public_id}/summary")

    assert (
        "小区数 3 · 住户数 36" in soup.select_one(".map-head").text and "未划大组" in soup.select_one(".buildings").text
    )
    assert "片区" not in soup.select_one("main").text
    assert "未划大组" in glance.text and "住户数" in glance.text and "片区" not in glance.select_one("main").text
