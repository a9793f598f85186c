"""Somebody prints for a building or a community: elevation, contact list, notice board, network chart."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import delete, select

from grid.accounts.actions import bump_scope
from grid.accounts.models import AuditEntry, Patch, Scope, User
from grid.core import i18n
from grid.core.clock import today
from grid.core.db import db
from grid.core.refusals import Missing, Refused
from grid.documents import elevation_paper
from grid.documents.contacts_paper import CONTACTS
from grid.documents.elevation_paper import ELEVATION, Fit
from grid.documents.models import Print
from grid.documents.network_paper import NETWORK
from grid.documents.notice_paper import NOTICE
from grid.documents.papers import Paper
from grid.documents.printing import Document, render
from grid.documents.sheet import Printed
from grid.documents.sheets import folder
from grid.register.models import Block, Building, Household, Site, Unit
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.documents.test_print import size_in_mm, words
from tests.factories import Cast, Place, hand_out, make_building, make_doors, make_person, make_user
from tests.test_english import written_by_people

# A page is drawn the same from either database.
pytestmark = pytest.mark.once

NUMBER = "YH-20261124-7K3QF2"
PAPERS = (ELEVATION, CONTACTS, NOTICE)


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf))]


def draw(paper: Paper, place: Place, *ids: int, **options: Any) -> Document:
    scope = Scope(communities=(place.community.id,))
    written = paper.write(scope, ids, lambda n: Printed("孟网格", "2026-11-24 09:00", f"{NUMBER}-{n}"), options)
    return render([one.html for one in written], paper.styles(options), folder())


def house(place: Place, no: int = 9) -> Building:
    return make_building(place.community, place.blocks[0], no, "长虹里")


def add_doors(building: Building, *doors: tuple[int, str], unit: int = 0, **facts: Any) -> list[Household]:
    found = db.session.scalar(select(Unit).where(Unit.building_id == building.id, Unit.no == unit))
    if found is None:
        found = Unit(community_id=building.community_id, building_id=building.id, no=unit)
        db.session.add(found)
        db.session.flush()
    made = [
        Household(
            community_id=building.community_id,
            building_id=building.id,
            unit_id=found.id,
            unit_no=unit,
            floor=floor,
            room=room,
            code=f"{building.no}-{unit}-{room}",
            **facts,
        )
        for floor, room in doors
    ]
    db.session.add_all(made)
    db.session.commit()
    return made


def plain(building: Building) -> None:
    make_doors(building, units=3, floors=6, rooms=2)


def tower(building: Building) -> None:
    make_doors(building, units=1, floors=34, rooms=16)


def four_stairs(building: Building) -> None:
    make_doors(building, units=4, floors=34, rooms=4)


def many_units(building: Building) -> None:
    make_doors(building, units=24, floors=18, rooms=4)


def single_door(building: Building) -> None:
    add_doors(building, (1, "101"))


def without_units(building: Building) -> None:
    add_doors(building, *((floor, f"{floor}{room:02d}") for floor in range(1, 5) for room in range(1, 9)))


def no_fourth_floor(building: Building) -> None:
    add_doors(
        building, *((f, f"{f}{r:02d}") for f in range(1, 19) if f not in (4, 13, 14) for r in (1, 2, 3, 4)), unit=1
    )


def odd(building: Building) -> None:
    """Shops below, a basement, duplexes on top, long room names."""
    plain(building)
    add_doors(building, (1, "商1"), (1, "商2"), (1, "东侧临街商铺A-12"), use="shop")
    add_doors(building, (-1, "B101"), (-1, "B102"), (-2, "车库3"), use="garage")
    add_doors(building, (7, "701"), floor_to=8, unit=1)


def empty(building: Building) -> None:
    return


SHAPES = (plain, tower, four_stairs, many_units, single_door, without_units, no_fourth_floor, odd, empty)


@pytest.fixture
def in_english() -> Iterator[None]:
    before = i18n.language.set("en")
    yield
    i18n.language.reset(before)


@pytest.mark.parametrize("size", ["A4", "A3", ""])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_elevation_fits_its_pages_whatever_the_building(
    place: Place, shape: Callable[[Building], None], size: str
) -> None:
    building = house(place)
    shape(building)
    db.session.commit()
    doors = elevation_paper.doors_of([building.id]).get(building.id, [])
    planned = elevation_paper.pages(doors, elevation_paper.fitting_size(elevation_paper._layout(doors), size))

    document = draw(ELEVATION, place, building.id, size=size, layer="visits")

    assert (document.pages, document.missing, document.remarks) == (len(planned), [], [])
    assert all(fit.letters >= elevation_paper.SMALLEST for _doors, fit in planned)
    text = words(document.pdf)
    assert [door[3] for door in doors if len(door[3]) < 8 and door[3] not in text] == []


def test_an_elevation_fills_the_sheet(place: Place) -> None:
    building = house(place)
    four_stairs(building)
    db.session.commit()

    page = pypdfium2.PdfDocument(io.BytesIO(draw(ELEVATION, place, building.id, size="A3").pdf))[0]

    text = page.get_textpage()
    bottoms = [text.get_charbox(at)[1] for at, _length in iter(text.search("104").get_next, None)]
    assert min(bottoms) < 0.1 * page.get_height()


def test_wide_buildings_lie_and_tall_ones_stand(place: Place) -> None:
    def best(units: int, floors: int, rooms: int) -> Fit:
        doors = [(u, f, None, f"{f}{r:02d}") for u in range(units) for f in range(1, floors) for r in range(rooms)]
        return elevation_paper.fit(elevation_paper._layout(doors), "A4")

    assert best(6, 7, 2).wide
    assert not best(1, 34, 4).wide


def test_the_marks_and_counts_of_a_layer_are_on_the_elevation(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.doors["1-1-101"].last_visit_on = today() - timedelta(days=12)
    db.session.commit()
    url = f"/buildings/{place.buildings[0].public_id}/elevation/print"

    visits = words(log_in("worker").post(url, data={"layer": "visits", "size": "A4"}).data)
    homes = words(log_in("worker").post(url, data={"layer": "occupancy"}).data)
    uncoloured = words(log_in("worker").post(url).data)

    assert "●12" in visits and "王小明 2人" in visits and "还没见到人" in visits and "孟网格" in visits
    assert all(sign in homes for sign in ("自", "租", "出租 1 户"))
    assert "●" not in uncoloured and "图例" not in uncoloured and "王小明 2人" in uncoloured


def test_each_print_is_logged_with_what_and_why(cast: Cast, place: Place, log_in: LogIn) -> None:
    building = f"/buildings/{place.buildings[0].public_id}"

    log_in("admin").post(f"{building}/contacts", data={"phones": "full", "reason": "防汛转移"})
    log_in("worker").post(f"{building}/notice", data={"size": "A3"})

    contacts, notice = db.session.scalars(select(Print).order_by(Print.id)).all()
    assert (contacts.kind, contacts.user_id, contacts.reason) == ("contacts", cast.admin.id, "防汛转移")
    assert contacts.about == "1幢、完整电话" and contacts.sheets == 1
    assert (notice.kind, notice.user_id, notice.about) == ("notice", cast.worker.id, "1幢")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "print_contacts")).one()
    assert (entry.actor_id, entry.words) == (cast.admin.id, contacts.number)


def test_the_contact_list_names_every_door_and_masks_phones(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-102"]
    door.owner_name, door.owner_phone = "房东甲", "19900099999"
    door.emergency_name, door.emergency_phone = "急联乙", "19900088888"
    db.session.commit()

    answer = log_in("worker").post(f"/buildings/{place.buildings[0].public_id}/contacts")

    text, kept = words(answer.data), db.session.scalars(select(Print)).one()
    assert size_in_mm(answer.data) == (210, 297)
    assert all(said in text for said in ("王小明", "199****2345", "单雄信", "出租", "内部使用"))
    assert all(said in text for said in ("房东甲", "199****9999", "急联乙", "199****8888"))
    assert all(code.split("-")[2] in text for code in place.doors if code.startswith("1-"))
    assert kept.number in text and "用后收回" in text and "2单元" in text
    assert "19900012345" not in text and "990101" not in text and "欧阳娜" not in text


def test_whole_phones_are_for_an_administrator_with_a_reason(cast: Cast, place: Place, log_in: LogIn) -> None:
    url = f"/buildings/{place.buildings[0].public_id}/contacts"

    refused = log_in("admin").post(url, data={"phones": "full", "reason": "  "})
    by_worker = log_in("worker").post(url, data={"phones": "full", "reason": "防汛转移"})
    assert db.session.scalars(select(Print)).all() == []
    printed = log_in("admin").post(url, data={"phones": "full", "reason": "防汛转移"})

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "要写明用途" in page
    assert 'value="full" checked' in page
    assert by_worker.status_code == 403
    text = words(printed.data)
    assert "19900012345" in text and "防汛转移" in text and "990101" not in text


def test_a_batch_cannot_ask_for_whole_phones_without_a_reason(place: Place) -> None:
    with pytest.raises(Refused):
        draw(CONTACTS, place, place.buildings[0].id, phones="full")


def test_too_long_a_reason_is_kept_as_typed(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("worker").post(f"/buildings/{place.buildings[0].public_id}/contacts", data={"reason": "停水" * 150})

    assert answer.status_code == 422 and "停水" * 150 in answer.get_data(as_text=True)


def test_every_page_of_a_long_contact_list_says_whose_it_is(place: Place) -> None:
    building = house(place)
    make_doors(building, units=3, floors=18, rooms=2)
    db.session.commit()

    document = draw(CONTACTS, place, building.id)

    each = pages(document.pdf)
    assert document.pages == len(each) > 2
    for at, page in enumerate(each, 1):
        assert f"{NUMBER}-1" in page and "内部使用 · 用后收回" in page and "房号" in page and "长虹里9幢" in page
        assert f"第 {at} / {len(each)} 页" in page


def test_the_notice_board_has_staff_to_call_and_no_resident(cast: Cast, place: Place, log_in: LogIn) -> None:
    building = place.buildings[0]
    building.head_name, building.head_phone = "热心人", "19900077777"
    unit = db.session.scalars(select(Unit).where(Unit.building_id == building.id, Unit.no == 2)).one()
    unit.head_name, unit.head_phone = "户长丙", "19900066666"
    db.session.get_one(User, cast.worker.id).phone = "19900055555"
    db.session.add(
        Site(community_id=place.community.id, kind="police", name="桃园警务室", lon=114.0, lat=30.0),
    )
    db.session.commit()

    answer = log_in("worker").post(f"/buildings/{building.public_id}/notice", data={"size": "A3"})

    text = words(answer.data)
    assert size_in_mm(answer.data) == (297, 420) and len(pages(answer.data)) == 1
    for said in (
        "桃园小区1幢",
        "孟网格",
        "199 0005 5555",
        "热心人",
        "199****7777",
        "户长丙",
        "199****6666",
        "桃园警务室",
    ):
        assert said in text, said
    assert all(number in text for number in ("110", "119", "120"))
    assert all(hidden not in text for hidden in ("王小明", "傅外人", "19900077777", "19900066666", "内部"))


@pytest.mark.parametrize("units", [0, 1, 6, 12, 24])
@pytest.mark.parametrize("size", ["A4", "A3"])
def test_a_notice_board_is_one_page(place: Place, cast: Cast, units: int, size: str) -> None:
    building = house(place)
    building.head_name, building.head_phone = "阿依古丽·买买提", "19900077777"
    for no in range(1, units + 1):
        db.session.add(
            Unit(
                community_id=building.community_id,
                building_id=building.id,
                no=no,
                head_name="欧阳娜娜",
                head_phone="19900066666",
            )
        )
    db.session.commit()

    assert draw(NOTICE, place, building.id, size=size).pages == 1


def test_the_network_chart_in_the_communitys_own_words(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.community.labels = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    place.buildings[0].head_name, place.buildings[0].head_phone = "热心人", "19900077777"
    db.session.get_one(User, cast.worker.id).phone = "19900055555"
    db.session.commit()

    answer = log_in("admin").post(f"/map/{place.community.public_id}/network")

    text = words(answer.data)
    assert size_in_mm(answer.data) == (420, 297)
    assert all(
        word in text for word in ("大组数 2", "小区数 3", "小区负责人", "社长", "孟网格", "傅外人", "19900055555")
    )
    assert "热心人" in text and "199****7777" in text and "19900077777" not in text
    assert "王小明" not in text and "内部资料" in text


def test_a_street_viewer_gets_a_network_chart_without_volunteers(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.buildings[0].head_name = "热心人"
    db.session.commit()

    answer = log_in("street").post(
        f"/map/{place.community.public_id}/network", data={"size": "A4", "variant": "internal"}
    )

    text = words(answer.data)
    assert size_in_mm(answer.data) == (297, 210)
    assert "孟网格" in text and "1幢" in text and "热心人" not in text and "内部资料" not in text


def test_a_worker_of_one_block_does_not_print_the_whole_network(cast: Cast, place: Place, log_in: LogIn) -> None:
    assert log_in("worker").post(f"/map/{place.community.public_id}/network").status_code == 403


@pytest.mark.parametrize(("blocks", "buildings", "units"), [(1, 1, 0), (6, 34, 0), (6, 34, 3), (2, 90, 1), (12, 6, 2)])
def test_the_network_chart_fits_the_pages_it_was_planned_for(
    place: Place, cast: Cast, blocks: int, buildings: int, units: int
) -> None:
    community, no = place.other, 100
    for seq in range(2, blocks + 2):
        block = Block(community_id=community.id, seq=seq, name=f"第{seq}大组")
        db.session.add(block)
        db.session.flush()
        for _building in range(buildings):
            no += 1
            made = make_building(community, block, no, None)
            made.head_name, made.head_phone = "司马相如", "19900012345"
            for unit in range(1, units + 1):
                db.session.add(
                    Unit(
                        community_id=community.id,
                        building_id=made.id,
                        no=unit,
                        head_name="欧阳娜",
                        head_phone="19900012345",
                    )
                )
    db.session.commit()
    scope = Scope(communities=(community.id,))

    written = NETWORK.write(scope, [community.id], lambda n: Printed("x", "y", NUMBER), {})
    document = render([one.html for one in written], NETWORK.styles({}), folder())

    assert written[0].html.count("<section") == document.pages
    assert words(document.pdf).count("司马相如") == blocks * buildings


def test_a_network_chart_costs_few_statements(place: Place, count_queries: Callable[[], int]) -> None:
    scope, ids = Scope(communities=(place.community.id, place.other.id)), [place.other.id, place.community.id]
    count_queries()

    written = NETWORK.write(scope, ids, lambda n: Printed("x", "y", NUMBER), {})

    assert [one.about for one in written] == ["槐荫社区", "桃园社区"] and count_queries() <= 6


@pytest.mark.parametrize("paper", PAPERS)
def test_many_buildings_cost_no_more_statements_than_one(
    place: Place, paper: Paper, count_queries: Callable[[], int]
) -> None:
    ids = [building.id for building in place.buildings]
    scope = Scope(communities=(place.community.id,))

    def taken(some: list[int]) -> int:
        count_queries()
        paper.write(scope, some, lambda n: Printed("x", "y", NUMBER), {"layer": "visits"})
        return count_queries()

    assert taken(ids[:1]) == taken(ids) <= 6


@pytest.mark.parametrize("paper", PAPERS)
def test_what_is_out_of_scope_is_missing(place: Place, paper: Paper) -> None:
    scope = Scope(buildings=(place.buildings[0].id,), lie_in=(place.community.id,))

    with pytest.raises(Missing):
        paper.write(scope, [b.id for b in place.buildings], lambda n: Printed("x", "y", NUMBER), {})


def test_each_building_of_a_batch_has_its_own_number_and_pages(place: Place) -> None:
    first, second = place.buildings[0].id, place.buildings[1].id

    texts = pages(draw(CONTACTS, place, second, first).pdf)

    assert [("2幢" in text, f"{NUMBER}-{n}" in text) for n, text in enumerate(texts, 1)] == [
        (True, True),
        (False, True),
    ]
    assert all("第 1 / 1 页" in text for text in texts)


HOSTILE = (
    '<b>粗</b><img src="file:///etc/passwd">',
    "张\u202e三\u2066李四",
    "W" * 50,
    "王&lt;小&明",
    "👩‍👩‍👧 家",
)


@pytest.mark.parametrize("paper", [*PAPERS, NETWORK])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_and_break_nothing(place: Place, paper: Paper, name: str) -> None:
    building = place.buildings[0]
    door = place.doors["1-2-201"]
    building.head_name = building.name = name
    door.contact_name = door.owner_name = door.emergency_name = name
    make_person(door, name, is_head=True)
    refresh_members(community_id=place.community.id)
    unit = db.session.get_one(Unit, door.unit_id)
    unit.head_name = name
    db.session.commit()

    one = place.community.id if paper is NETWORK else building.id
    document = draw(paper, place, one, layer="occupancy")

    assert document.pages <= 2
    text = "".join(words(document.pdf).split())
    assert "root:" not in text
    if name.startswith("<b>") and paper is CONTACTS:
        assert "<b>粗</b>" in text and "file:///etc/passwd" in text.replace("\u2010", "")
    if "李四" in name:
        assert "张三李四" in text


@pytest.mark.parametrize("paper", [*PAPERS, NETWORK])
def test_in_english_only_what_people_wrote_is_chinese(place: Place, cast: Cast, in_english: None, paper: Paper) -> None:
    place.buildings[0].head_name = "Head"
    db.session.commit()
    one = place.community.id if paper is NETWORK else place.buildings[0].id

    document = draw(paper, place, one, layer="visits", size="A3")

    text = words(document.pdf)
    for known in sorted({*written_by_people(cast, place), "孟网格"}, key=len, reverse=True):
        text = text.replace(known, "")
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
    assert document.pages == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["elevation", "1", "--layer", "tags", "--size", "A3"], "楼盘表"),
        (["contacts", "1幢", "--full", "--reason", "停水通知"], "19900012345"),
        (["notice", "1"], "公示牌"),
        (["network", "--variant", "public"], "综治四级管理网络"),
    ],
)
def test_the_same_papers_from_the_shell(
    app: Flask, place: Place, cast: Cast, tmp_path: Path, command: list[str], said: str
) -> None:
    target = tmp_path / "paper.pdf"

    told = app.test_cli_runner().invoke(args=["print", *command, "--community", "桃园社区", "--out", str(target)])

    assert told.exit_code == 0, told.output
    assert said in words(target.read_bytes())
    assert db.session.scalars(select(Print)).one().number in told.output


@pytest.mark.parametrize(
    ("command", "said"),
    [(["contacts", "1", "--full"], "写明用途"), (["notice", "99"], "桃园社区没有 99 幢")],
)
def test_the_shell_says_what_to_do(app: Flask, place: Place, tmp_path: Path, command: list[str], said: str) -> None:
    target = tmp_path / "paper.pdf"

    told = app.test_cli_runner().invoke(args=["print", *command, "--community", "桃园社区", "--out", str(target)])

    assert told.exit_code != 0 and said in told.output and not target.exists()
    assert db.session.scalars(select(Print)).all() == []


def test_the_buttons_stand_where_their_users_look(cast: Cast, place: Place, log_in: LogIn) -> None:
    building, area = f"/buildings/{place.buildings[0].public_id}", f"/map/{place.community.public_id}"

    for_worker = log_in("worker").get(building).get_data(as_text=True)
    for_admin = log_in("admin").get(building).get_data(as_text=True)

    assert all(f'action="{building}/{what}"' in for_worker for what in ("elevation/print", "contacts", "notice"))
    assert 'value="full"' in for_admin and 'value="full"' not in for_worker
    assert f'action="{area}/network"' in log_in("street").get(area).get_data(as_text=True)
    assert f'action="{area}/network"' not in log_in("worker").get(area).get_data(as_text=True)


def test_who_looks_after_single_buildings_stands_on_network_chart_and_map(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    """A patch is one block or one building: both kinds are people in charge."""
    hand_out(make_user("single", "grid_worker", "单幢员"), place.community, building_id=place.buildings[2].id)
    db.session.execute(delete(Patch).where(Patch.user_id == cast.other_worker.id))
    bump_scope(cast.other_worker.id)
    here, browser = f"/map/{place.community.public_id}", log_in("admin")

    chart, drawn = (words(browser.post(f"{here}/{paper}").data) for paper in ("network", "print"))

    assert re.search(r"单幢员[^\n]*\s*3幢", chart) and "还没有分配网格员" not in chart
    assert "单幢员" in drawn


def test_the_table_of_the_map_adds_up_with_buildings_of_no_block(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.buildings[2].block_id = None

    text = words(log_in("admin").post(f"/map/{place.community.public_id}/print").data)

    assert re.search(r"未划片区\s+1\s+12\b", text) and re.search(r"合计\s+3\s+36\b", text)


def test_a_second_number_of_the_head_is_on_the_contact_list(place: Place) -> None:
    door = place.doors["1-1-101"]
    door.contact_name, door.contact_phone = "王小明", "19911112222"
    db.session.commit()

    text = pages(draw(CONTACTS, place, place.buildings[0].id).pdf)[0]

    assert "199****2345" in text and "199****2222" in text
