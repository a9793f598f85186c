"""The sheet's content: everything on it, and nothing on the public variant that is not for the public."""

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import render_template

from grid.accounts.models import Scope
from grid.atlas.sheet import SIZES, map_sheet_context, sheet_rules, spread
from grid.core.clock import today
from grid.core.db import db
from grid.core.refusals import Missing

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
    assert not plain.select(".key h3")
    assert [cell.text.strip() for cell in coloured.select(".key table:last-of-type td")] == ["0–19 %"]


def test_a_single_building_is_not_the_whole_community(app, cast, place):
    with pytest.raises(Missing):
        map_sheet_context(cast.worker.scope, place.community.public_id, today(), PRINTED)


def test_a_wide_community_has_its_table_below():
    assert spread((0, 0, 1500, 700), rows=6).is_below
    assert not spread((0, 0, 700, 700), rows=6).is_below
    assert not spread((0, 0, 1500, 700), rows=20).is_below


@pytest.mark.parametrize("size", SIZES)
def test_every_size_keeps_the_drawing_on_the_paper(app, cast, place, size):
    width, height = SIZES[size]
    soup = sheet(app, place, size=size)
    drawing = soup.select_one(".frame svg")

    assert float(drawing["width"].removesuffix("mm")) < width
    assert float(drawing["height"].removesuffix("mm")) < height
    assert f"size: {width}mm {height}mm" in sheet_rules(size)


def test_it_is_one_page_in_our_own_font(app, cast, place, tmp_path):
    from grid.documents.printing import doctor, render, stylesheets

    if not all(check.ok for check in doctor()):
        pytest.skip("NOT TESTED: Pango or the font is missing, see flask doctor")
    from grid.atlas.sheet import STYLES

    scope = Scope(communities=(place.community.id,))
    context = map_sheet_context(scope, place.community.public_id, today(), PRINTED, layer="visits")
    with app.test_request_context():
        html = render_template("atlas/map_sheet.html", **context)

    document = render(html, [*stylesheets(*STYLES), sheet_rules("A3")], tmp_path)

    assert (document.pages, document.missing, document.remarks) == (1, [], [])
