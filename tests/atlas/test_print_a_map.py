"""The sheet's content: everything on it, and nothing on the public variant that is not for the public."""

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import render_template
from sqlalchemy import select

from grid.accounts.models import Scope
from grid.atlas.sheet import map_sheet_context, sheet_rules
from grid.atlas.spread import ORIENTATIONS, SIZES, Contents, Page, few_lines, index_beside, spread, with_index
from grid.core.clock import today
from grid.core.db import db
from grid.core.refusals import Missing
from grid.register.models import PatrolRoute, PersonTag, Tag

PRINTED = SimpleNamespace(by="社长", at="2026-11-23 08:00", number="YH-20261123-7K3QF2")


def sheet(app, place, **options):
    scope = Scope(communities=(place.community.id,))
    context = map_sheet_context(scope, place.community.public_id, today(), PRINTED, **options)
    with app.test_request_context():
        return BeautifulSoup(render_template("atlas/map_sheet.html", **context), "html5lib")


def rows(soup):
    return [[cell.text for cell in row.select("td")] for row in soup.select(".duties tbody tr")]


def test_the_sheet_says_who_is_in_charge_of_what(app, cast, place):
    from grid.accounts.models import User

    db.session.get(User, cast.worker.id).phone = "19900012345"
    db.session.commit()

    soup = sheet(app, place)

    first, second = rows(soup)
    assert (first[0], first[1], first[3], first[4]) == ("第1片区", "孟网格", "2", "24")
    assert first[2].startswith("199") and "*" in first[2] and "00012345" not in first[2]
    assert second[1] == "傅外人"
    assert "桃园社区综合治理区域图" in soup.h1.text
    assert PRINTED.number in soup.text and "内部资料" in soup.text


def test_the_public_variant_carries_staff_data_only(app, cast, place):
    soup = sheet(app, place, variant="public", layer="occupancy")

    assert len(rows(soup)[0]) == 4
    assert "户" not in soup.select_one(".facts").text and "内部资料" not in soup.text
    assert not soup.select("pattern")


def test_the_legend_names_only_what_is_drawn(app, cast, place):
    plain, coloured = sheet(app, place), sheet(app, place, layer="visits")

    assert "警务室" not in plain.select_one(".key").text
    assert not plain.select(".key h3") and not plain.select(".walk")
    assert [line.text.strip() for line in coloured.select(".key .colours p")] == ["0–19 %"]


def test_a_single_building_is_not_the_whole_community(app, cast, place):
    with pytest.raises(Missing):
        map_sheet_context(cast.worker.scope, place.community.public_id, today(), PRINTED)


def test_a_wide_community_has_its_table_below():
    assert spread((0, 0, 1500, 700), Contents(6), Page()).is_below
    assert not spread((0, 0, 700, 700), Contents(6), Page()).is_below
    assert not spread((0, 0, 700, 1500), Contents(6), Page()).is_below
    assert spread((0, 0, 900, 900), Contents(6), Page("A3", "portrait")).is_below


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("blocks", [1, 6, 20, 40])
def test_a_panel_takes_no_more_room_than_there_is(orientation, blocks):
    page = Page("A3", orientation)
    contents = Contents(blocks, counts=20, key=8, layer=3, notes=1)
    found = spread((0, 0, 900, 500), contents, page)
    wide, high = page.inner

    if found.is_below:
        assert found.height + found.strip < high and found.width == wide
        assert contents.strip_high(found.tables, not found.is_narrow) * found.grade <= found.strip + 0.01
    else:
        assert found.width + found.strip < wide and found.height == high
        assert contents.stacked_high * found.grade <= high + 0.01 or found.grade == 0.55


def test_ground_the_drawing_cannot_use_goes_to_the_list_of_buildings():
    page = Page("A3", "portrait")
    found = spread((0, 0, 900, 500), Contents(6, key=4, index=73), page)
    index = index_beside(found, page, 73)

    assert index and index.lines * index.columns >= 73
    assert index_beside(found, page, 2000) is None


def test_a_short_list_stands_below_the_panel_and_a_long_one_does_not():
    page = Page("A3")
    below = spread((0, 0, 1500, 700), Contents(6), page)
    beside = spread((0, 0, 700, 700), Contents(6), page)
    short = few_lines(below, page, 12)

    assert short and short.lines * short.columns >= 12
    assert with_index(below, short).height < below.height
    assert few_lines(below, page, 0) is few_lines(below, page, 200) is few_lines(beside, page, 12) is None


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", SIZES)
def test_every_size_keeps_the_drawing_on_the_paper(app, cast, place, size, orientation):
    page = Page(size, orientation)
    width, height = page.millimetres
    drawing = sheet(app, place, page=page).select_one(".frame svg")

    assert (width < height) == (orientation == "portrait")
    assert float(drawing["width"].removesuffix("mm")) < width
    assert float(drawing["height"].removesuffix("mm")) < height
    assert f"size: {width}mm {height}mm" in sheet_rules(page)


def categories(soup):
    cells = [cell.text for cell in soup.select(".counted td") if cell.text]
    return dict(zip(cells[::2], map(int, cells[1::2]), strict=True))


def test_people_are_counted_by_category_and_restricted_tags_never(app, cast, place):
    tags = {tag.label: tag for tag in db.session.scalars(select(Tag).where(Tag.community_id == place.community.id))}
    hidden = next(tag for tag in tags.values() if tag.restricted)
    for name, tag in (("王小明", tags["党员"]), ("李芳", tags["党员"]), ("王小明", tags["低保"]), ("李芳", hidden)):
        facts = {"community_id": place.community.id, "person_id": place.people[name].id, "tag_id": tag.id}
        db.session.add(PersonTag(**facts))
    gone = {"person_id": place.people["单雄信"].id, "until": today()}
    db.session.add(PersonTag(community_id=place.community.id, tag_id=tags["党员"].id, **gone))
    db.session.commit()

    soup = sheet(app, place)

    assert categories(soup) == {"自住": 1, "出租": 1, "空置": 1, "党员": 2, "低保": 1}
    assert hidden.label not in soup.text


def test_a_building_shows_its_units_and_doors_on_the_internal_variant_alone(app, cast, place):
    assert "2单元" in sheet(app, place).text and "12户" in sheet(app, place).text

    public = sheet(app, place, variant="public")

    assert "单元" not in public.text and "12户" not in public.text and not public.select(".counted, .index")


def test_patrol_routes_are_drawn_and_stand_in_the_legend(app, cast, place):
    ring = [[114.40, 30.60], [114.41, 30.60], [114.41, 30.61], [114.40, 30.60]]
    place.community.outline = [ring]
    db.session.add(PatrolRoute(community_id=place.community.id, name="夜巡一线", line=ring[:3]))
    db.session.add(PatrolRoute(community_id=place.other.id, name="别处的路线", line=ring[:3]))
    db.session.commit()

    soup, public = sheet(app, place), sheet(app, place, variant="public")

    assert [line.text.strip() for line in soup.select(".walk")] == ["夜巡一线"]
    assert len(soup.select("g.route")) == 1 and "别处的路线" not in soup.text
    assert not public.select("g.route, .walk") and "夜巡一线" not in public.text


def test_it_is_one_page_in_our_own_font(app, cast, place, tmp_path):
    from grid.documents.printing import doctor, render, stylesheets

    if not all(check.ok for check in doctor()):
        pytest.skip("NOT TESTED: Pango or the font is missing, see flask doctor")
    from grid.atlas.sheet import STYLES

    scope = Scope(communities=(place.community.id,))
    context = map_sheet_context(scope, place.community.public_id, today(), PRINTED, layer="visits")
    with app.test_request_context():
        html = render_template("atlas/map_sheet.html", **context)

    document = render(html, [*stylesheets(*STYLES), sheet_rules(Page())], tmp_path)

    assert (document.pages, document.missing, document.remarks) == (1, [], [])
