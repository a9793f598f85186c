"""Opening a building: every door in its place, in the colours of the layer, leading to its file."""

from datetime import timedelta

from bs4 import BeautifulSoup

from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Household


def page(client, building, query="", **headers):
    answer = client.get(f"/buildings/{building.public_id}{query}", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return BeautifulSoup(answer.get_data(as_text=True), "html5lib")


def lines(soup):
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in soup.select(".doors tbody tr")]


def cell(soup, room, unit=1):
    return soup.select(f'.doors td:has(b:-soup-contains-own("{room}"))')[unit - 1]


def test_floors_and_units_stand_as_on_the_house(log_in, cast, place):
    soup = page(log_in("worker"), place.buildings[0])

    assert [head.text for head in soup.select(".doors thead th")] == ["楼层", "1单元", "2单元"]
    assert [line[0] for line in lines(soup)] == ["3层", "2层", "1层"]
    assert [cell.split()[0] for cell in lines(soup)[2][1:]] == ["101", "102", "101", "102"]


def test_a_door_names_its_head_and_leads_to_its_file(log_in, cast, place):
    door = cell(page(log_in("worker"), place.buildings[0]), "101")

    assert "王小明 2人" in door.text
    assert door.a["href"] == f"/households/{place.doors['1-1-101'].public_id}"


def test_visits_are_days_and_a_sign(log_in, cast, place):
    place.doors["1-1-101"].last_visit_on = today() - timedelta(days=12)
    place.doors["1-1-102"].last_visit_on = today() - timedelta(days=200)
    place.doors["1-1-201"].n_members = 1
    db.session.commit()
    soup = page(log_in("worker"), place.buildings[0])

    found = [(cell(soup, room)["class"][1], cell(soup, room).i.text) for room in ("101", "102", "201", "202")]

    # Nobody lives in 202: there is nobody to visit.
    assert found == [("l-visit-4", "●12"), ("l-visit-1", "○200"), ("l-visit-0", "×"), ("l-none", "")]


def test_occupancy_is_a_colour_and_a_character(log_in, cast, place):
    soup = page(log_in("worker"), place.buildings[0], "?layer=occupancy")

    found = [(cell(soup, room)["class"][1], cell(soup, room).i.text) for room in ("101", "102", "201")]

    assert found == [("l-home-own", "自"), ("l-home-rented", "租"), ("l-home-unknown", "？")]


def test_something_waiting_is_marked_in_every_layer(log_in, cast, place):
    place.doors["1-1-102"].n_open = 1
    db.session.commit()

    for layer in ("visits", "occupancy", "tags", "completeness"):
        soup = page(log_in("worker"), place.buildings[0], f"?layer={layer}")
        assert cell(soup, "102").i.text.endswith("!")
        assert not cell(soup, "201").i.text.endswith("!")


def test_shops_duplexes_and_missing_floors(log_in, cast, place):
    building, unit_id = place.buildings[1], place.doors["2-1-101"].unit_id
    where = {"community_id": place.community.id, "building_id": building.id, "unit_id": unit_id, "unit_no": 1}
    db.session.add_all(
        [
            Household(**where, floor=5, room="501", code="2-1-501", floor_to=6),
            Household(**where, floor=6, room="602", code="2-1-602"),
            Household(**where, floor=-1, room="B01", code="2-1-B01", use="garage"),
            Household(**where, floor=1, room="商1", code="2-1-商1", use="shop"),
        ]
    )
    db.session.commit()

    soup = page(log_in("worker"), building)

    assert [line[0] for line in lines(soup)] == ["6层", "5层", "无4层", "3层", "2层", "1层", "", "地下1层"]
    assert cell(soup, "501")["rowspan"] == "2"
    assert "shop" in cell(soup, "商1")["class"]


def test_doors_that_are_gone_do_not_show(log_in, cast, place):
    place.doors["1-1-302"].deleted_at = place.community.created_at
    db.session.commit()

    soup = page(log_in("worker"), place.buildings[0])

    assert [text for text in lines(soup)[0] if text.startswith("302")] == [lines(soup)[0][4]]


def test_changing_the_layer_swaps_exactly_what_a_reload_would_show(log_in, cast, place):
    client = log_in("worker")

    fragment = page(client, place.buildings[0], "?layer=tags", **{"HX-Request": "true", "HX-Request-Type": "partial"})
    whole = page(client, place.buildings[0], "?layer=tags")

    assert fragment.select_one("#elevation") == whole.select_one("#elevation")


def test_an_empty_building_says_what_to_do(log_in, cast, place):
    from tests import factories

    building = factories.make_building(place.community, place.blocks[0], 9, None)
    db.session.commit()

    assert "导入住户名册" in page(log_in("admin"), building).text


def test_the_number_of_statements_does_not_grow_with_the_doors(log_in, cast, place, count_queries):
    from tests import factories

    client = log_in("admin")
    page(client, place.buildings[0])
    count_queries()
    page(client, place.buildings[0])
    few = count_queries()
    big = factories.make_building(place.community, place.blocks[0], 9, None)
    factories.make_doors(big, 4, 17, 2)
    db.session.commit()
    page(client, big)
    count_queries()

    assert len(page(client, big).select(".doors td.d")) == 136
    assert count_queries() == few <= 4


def test_the_head_says_the_levels_as_the_community_does(log_in, cast, place):
    place.community.labels = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    db.session.commit()

    assert page(log_in("worker"), place.buildings[0]).select_one(".top .sub").text == "大组 第1片区 · 住户数 12"


def test_a_room_in_signs_that_are_no_digits_stands_on_its_floor(log_in, cast, place):
    place.doors["1-1-101"].room = "፩②"
    db.session.commit()

    assert cell(page(log_in("worker"), place.buildings[0]), "፩②")
