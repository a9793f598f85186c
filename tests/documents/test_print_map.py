"""The map as a PDF: its size, its text, no pictures in it, and no letter over another."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient

from grid.accounts.models import Scope
from grid.core.clock import today
from grid.core.db import db
from grid.documents.map_paper import MAP
from grid.documents.printing import Document, doctor, render
from grid.documents.sheet import Printed
from grid.exchange.actions import apply_files
from grid.exchange.planning import Order
from grid.register.models import PatrolRoute, Site
from tests import factories
from tests.atlas.test_place_labels import synthetic_rows
from tests.conftest import LogIn
from tests.exchange.books import feature, geojson
from tests.factories import Cast, Place

Printing = Callable[..., Document]


@pytest.fixture
def printing(app: Flask, tmp_path: Path) -> Printing:
    if not all(check.ok for check in doctor()):
        pytest.skip("NOT TESTED: Pango or the font is missing, see flask doctor")

    def draw(community_id: int, **options: str) -> Document:
        with app.test_request_context():
            scope = Scope(communities=(community_id,))
            drawn = MAP.write(scope, [community_id], lambda _n: Printed("社长", "2026-11-23 08:00", "YH-1"), options)
        return render([one.html for one in drawn], MAP.styles(options), tmp_path, seconds=120)

    return draw


@pytest.fixture
def drawn(place: Place, cast: Cast) -> Place:
    """A block with its houses, a site, a route."""
    outline = [[[114.4, 30.6], [114.404, 30.6], [114.404, 30.603], [114.4, 30.603], [114.4, 30.6]]]
    place.community.outline = outline
    place.blocks[0].outline = outline
    facts = {"community_id": place.community.id}
    db.session.add(Site(kind="clinic", name="桃园卫生服务站", lon=114.4005, lat=30.6026, **facts))
    db.session.add(PatrolRoute(name="桃园夜巡线", line=[[114.4002, 30.6002], [114.4038, 30.6002]], **facts))
    db.session.commit()
    return place


def letters(page: pypdfium2.PdfPage) -> list[shapely.Polygon]:
    """The ink of every character, a little shrunk."""
    text = page.get_textpage()
    boxes = [text.get_charbox(at) for at in range(text.count_chars()) if text.get_text_range(at, 1).strip()]
    return [shapely.box(*box).buffer(-0.1) for box in boxes if box[2] - box[0] > 0.3 and box[3] - box[1] > 0.3]


def covered(shapes: list[shapely.Polygon]) -> int:
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return int((left < right).sum())


def words(pdf: bytes, tmp_path: Path) -> str:
    if not shutil.which("pdftotext"):
        return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf)))
    (tmp_path / "map.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(tmp_path / "map.pdf"), "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("size", "orientation", "box"),
    [
        ("A0", "landscape", (1189, 841)),
        ("A0", "portrait", (841, 1189)),
        ("A4", "portrait", (210, 297)),
        ("A3", "landscape", (420, 297)),
    ],
)
def test_the_paper_is_exactly_as_large_as_asked(
    drawn: Place, printing: Printing, size: str, orientation: str, box: tuple[int, int]
) -> None:
    pdf = printing(drawn.community.id, size=size, orientation=orientation).pdf

    width, height = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_size()
    assert (width / 72 * 25.4, height / 72 * 25.4) == (pytest.approx(box[0], abs=0.1), pytest.approx(box[1], abs=0.1))


def test_the_words_come_out_as_they_were_typed(drawn: Place, printing: Printing, tmp_path: Path) -> None:
    text = words(printing(drawn.community.id).pdf, tmp_path)

    there = (
        "桃园社区综合治理区域图",
        "第1片区",
        "孟网格",
        "傅外人",
        "桃园卫生服务站",
        "桃园夜巡线",
        "2单元 12户",
        "YH-1",
    )
    assert [word for word in there if word not in text] == []
    assert "王小明" not in text


def test_the_public_variant_says_nothing_of_households(drawn: Place, printing: Printing, tmp_path: Path) -> None:
    text = words(printing(drawn.community.id, variant="public", layer="tags").pdf, tmp_path)

    assert "孟网格" in text and "桃园卫生服务站" in text
    assert [word for word in ("单元", "12户", "自住", "桃园夜巡线", "户数", "内部资料") if word in text] == []


@pytest.mark.parametrize("layer", ["", "visits"])
def test_there_is_no_picture_in_it(drawn: Place, printing: Printing, tmp_path: Path, layer: str) -> None:
    if not shutil.which("pdfimages"):
        pytest.skip("NOT TESTED: pdfimages (poppler-utils) is not here")
    (tmp_path / "map.pdf").write_bytes(printing(drawn.community.id, layer=layer).pdf)

    done = subprocess.run(["pdfimages", "-list", str(tmp_path / "map.pdf")], capture_output=True, text=True, check=True)

    assert len(done.stdout.splitlines()) == 2, done.stdout


@pytest.fixture
def crowded(app: Flask) -> int:
    """Two thousand buildings with two doors each."""
    rows = synthetic_rows(2000)
    houses = [feature(row.outline, no=row.no) for row in rows.buildings]
    plan = apply_files(None, Order("map", (("buildings.geojson", geojson(*houses)),), "万楼社区"), today())
    assert plan.counts["refused"] == 0
    return factories.fill_buildings("万楼社区")


@pytest.mark.once
@pytest.mark.parametrize(("size", "orientation"), [("A3", "landscape"), ("A0", "portrait")])
def test_no_letter_of_two_thousand_buildings_lies_over_another(
    crowded: int, printing: Printing, size: str, orientation: str
) -> None:
    pdf = printing(crowded, size=size, orientation=orientation).pdf
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))

    assert len(letters(document[0])) > 4000
    for page in document:
        found, (width, height) = letters(page), page.get_size()
        assert covered(found) == 0
        assert all(shape.within(shapely.box(0, 0, width, height)) for shape in found)


def test_no_letter_lies_over_another_on_the_sheet_with_everything_on_it(drawn: Place, printing: Printing) -> None:
    for orientation in ("landscape", "portrait"):
        (page,) = pypdfium2.PdfDocument(
            io.BytesIO(printing(drawn.community.id, size="A4", orientation=orientation).pdf)
        )
        assert covered(letters(page)) == 0


def form(client: FlaskClient, place: Place, **chosen: str) -> tuple[int, bytes]:
    answer = client.post(f"/map/{place.community.public_id}/print", data=chosen)
    return answer.status_code, answer.data


def test_the_form_asks_for_the_orientation(drawn: Place, log_in: LogIn) -> None:
    admin = log_in("admin")

    page = admin.get(f"/map/{drawn.community.public_id}").get_data(as_text=True)
    status, pdf = form(admin, drawn, size="A4", orientation="portrait")

    assert 'name="orientation"' in page
    width, height = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_size()
    assert status == 200 and width < height
    assert form(admin, drawn, orientation="diagonal")[0] == 400


def test_the_command_prints_upright(app: Flask, drawn: Place, tmp_path: Path) -> None:
    out = tmp_path / "map.pdf"

    line = ["print", "map", "--community", "桃园社区", "--size", "A2", "--portrait", "--out", str(out)]
    done = app.test_cli_runner().invoke(args=line)

    assert done.exit_code == 0, done.output
    width, height = pypdfium2.PdfDocument(out)[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (420, 594)
