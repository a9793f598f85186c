"""A page becomes paper: the text stays text, nothing is fetched, nothing blocks, what cannot be drawn is named."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from jinja2 import Environment, FileSystemLoader

from grid.core.i18n import _
from grid.documents import printing
from grid.documents.printing import Document, PrintingFailed, Renderer
from grid.documents.sheet import SHEET_STYLES, Blank, Printed, blank_rows, sheet_context
from grid.documents.words import BREAK, CUT, LONGEST_TEXT, cap_markup, cap_words
from tests.documents import sample

ROOT = Path(__file__).resolve().parents[2]
PRINTED = Printed("田煊曦", "2026-11-23 19:40", "YH-20261123-7K3QF2")
LINK = "https://yihu.example/households/7Kq3ZxP2mN"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    made = Renderer(tmp_path_factory.mktemp("paper"))
    yield made
    made.close()


def markup(file: Any, blank: Blank | None = None) -> str:
    templates = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals["_"] = _
    context = sheet_context(file, LINK, PRINTED) | ({"blank": blank} if blank else {})
    return templates.get_template("dossier/sheet_print.html").render(context)


def sheet(paper: Renderer, file: Any, **options: Any) -> Document:
    return paper.render([markup(file)], printing.stylesheets(*SHEET_STYLES), **options)


def texts(document: Document) -> list[str]:
    """The text of each page, as a reader would copy it."""
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pdf]


def pixels(document: Document) -> list[bytes]:
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return [page.render(scale=2).to_pil().tobytes() for page in pdf]


def test_the_sheet_says_what_was_typed(paper: Renderer) -> None:
    document = sheet(paper, sample.FAMILY)

    (page,) = texts(document)
    for words in (
        "一户一档登记表",
        "桃园社区 12幢2单元501室",
        "沈明桂",
        "欧阳娜",
        "老人腿脚不便，上门请先打电话。",
        "灶具软管过期",
    ):
        assert words in page
    assert "内部资料" in page and "打印人 田煊曦" in page and "YH-20261123-7K3QF2" in page
    assert document.missing == [] and document.remarks == []


def test_a_family_fits_on_one_page_that_says_so(paper: Renderer) -> None:
    document = sheet(paper, sample.FAMILY)

    assert document.pages == 1
    assert "第 1 / 1 页" in texts(document)[0]


def test_a_big_family_flows_on_with_the_heads_repeated(paper: Renderer) -> None:
    document = sheet(paper, sample.LARGE)

    first, second = texts(document)
    assert "第 1 / 2 页" in first and "第 2 / 2 页" in second
    assert "走访人" in first and "走访人" in second
    assert "住户签字" in second and "住户签字" not in first


def test_an_empty_household_is_a_form_to_fill_in_on_one_page(paper: Renderer) -> None:
    document = sheet(paper, sample.EMPTY)

    assert document.pages == 1
    assert blank_rows(sample.EMPTY).residents >= 4 and blank_rows(sample.EMPTY).visits >= 8


def test_a_loose_second_page_says_whose_it_is(paper: Renderer) -> None:
    first, second = texts(sheet(paper, sample.LARGE))

    assert "桃园社区 12幢2单元501室" in second and "12-2-501" in second
    assert first.count("12-2-501") == 1


# Where something is about to fall off a page, found by drawing families of 1 to 30 with 0 to 30 visits.
BORDERS = [(1, 12), (2, 12), (5, 12), (8, 8), (9, 4), (12, 0), (13, 0), (15, 0), (15, 28), (22, 24), (30, 16), (30, 30)]


@pytest.mark.parametrize(("people", "visits"), BORDERS)
def test_no_heading_ends_a_page_and_no_signature_begins_one(paper: Renderer, people: int, visits: int) -> None:
    residents = tuple(sample.LARGE.residents[n % 9] for n in range(people))
    file = replace(sample.LARGE, residents=residents, visits=sample.LARGE.visits[:visits])

    document = sheet(paper, file)
    bare = paper.render([markup(file, Blank(0, 0 if visits else 3))], printing.stylesheets(*SHEET_STYLES))

    assert document.pages == bare.pages, "rows for a pen never make a page"
    *others, last = [[line for line in page.split("\n") if line.strip()] for page in texts(document)]
    foot = [next(n for n, line in enumerate(page) if line.startswith("内部资料")) for page in others]
    ends = [page[n - 1] if n else page[-1] for page, n in zip(others, foot, strict=True)]
    assert not any(end.startswith(("家庭成员", "曾住人员", "走访记录")) for end in ends)
    assert any("走访人" in line or "家庭成员" in line for line in last) and any("住户签字" in line for line in last)


@pytest.mark.parametrize("visits", range(0, 31, 3))
def test_the_signatures_never_stand_alone_on_a_page(paper: Renderer, visits: int) -> None:
    document = sheet(
        paper, replace(sample.LARGE, residents=sample.FAMILY.residents, visits=sample.LARGE.visits[:visits])
    )

    last = texts(document)[-1]
    assert "住户签字" in last
    assert document.pages == 1 or "在家" in last


def test_each_household_of_a_batch_counts_its_own_pages(paper: Renderer) -> None:
    batch = paper.render(
        [markup(sample.EMPTY), markup(sample.LARGE), markup(sample.RENTED)], printing.stylesheets(*SHEET_STYLES)
    )

    counts = [line for page in texts(batch) for line in page.split("\n") if "页" in line and "/" in line]
    assert [line[line.index("第") :].strip() for line in counts] == [
        "第 1 / 1 页",
        "第 1 / 2 页",
        "第 2 / 2 页",
        "第 1 / 1 页",
    ]


def test_what_makes_it_quick_draws_what_plain_weasyprint_draws(paper: Renderer) -> None:
    files = (sample.FAMILY, sample.LARGE, sample.EMPTY, sample.RENTED)

    quick, plain = (
        paper.render([markup(file) for file in files], printing.stylesheets(*SHEET_STYLES), slim=slim)
        for slim in (True, False)
    )

    assert texts(quick) == texts(plain)
    for mine, theirs in zip(pixels(quick), pixels(plain), strict=True):
        # Plain WeasyPrint draws a line through a table cell by cell and twice, a little darker, where two cells meet.
        unlike = [abs(a - b) for a, b in zip(mine, theirs, strict=True) if a != b]
        assert len(unlike) < len(mine) / 2000 and max(unlike, default=0) < 64


def test_pages_that_an_html_parser_must_mend_are_drawn_alike(paper: Renderer) -> None:
    pages = (
        "<p>一<p>二<table><tr><td>三",
        "<html><head><title>x</title></head><body><table><tr><td>一</td></tr></table><br>二 &nbsp;三</body></html>",
        "<html><head></head><body><svg viewBox='0 0 9 9' width='9'><path d='M0 0h9v9z'/></svg>一</body></html>",
    )
    css = ["tbody td { color: red } p { border: 1px solid }"]

    for page in pages:
        assert pixels(paper.render([page], css)) == pixels(paper.render([page], css, slim=False))


def test_the_styles_of_one_paper_are_not_those_of_the_next(paper: Renderer) -> None:
    page = "<html><head></head><body><p style='width: 50vw'>一</p><p class='b'>二</p></body></html>"
    papers = [["@page { size: A4 } .b { color: red }"], ["@page { size: A3 } .b { color: green }"]]

    drawn = [pixels(paper.render([page, page], css)) for css in (*papers, *papers)]

    assert drawn == [pixels(paper.render([page, page], css, slim=False)) for css in (*papers, *papers)]


def test_markup_in_a_note_is_printed_as_it_was_typed(paper: Renderer) -> None:
    note = '<img src="file:///etc/passwd"><script>alert(1)</script>'

    document = sheet(paper, replace(sample.FAMILY, note=note))

    assert "file:///etc/passwd" in texts(document)[0].replace("\n", "")
    assert "root:" not in texts(document)[0]


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<p style="background: url(file:///etc/passwd)">x',
        '<svg><image href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
)
def test_nothing_outside_the_page_is_fetched(paper: Renderer, html: str) -> None:
    with pytest.raises(PrintingFailed) as refused:
        paper.render([html], [])

    assert "外部内容" in refused.value.message
    assert paper.render(["<p>然后</p>"], []).pages == 1


def test_a_picture_inside_the_page_is_drawn(paper: Renderer) -> None:
    pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

    assert paper.render([f'<img src="data:image/gif;base64,{pixel}">'], []).remarks == []


@pytest.mark.parametrize("words", ["x" * 200_000, "&" * 200_000, "汉" * 200_000, "<" * 200_000])
def test_an_endless_word_does_not_hold_the_printer_up(paper: Renderer, words: str) -> None:
    started = time.process_time()

    document = sheet(paper, replace(sample.FAMILY, note=words))

    assert time.process_time() - started < 5
    assert document.pages <= 3
    assert CUT in "".join(texts(document))


def test_a_character_no_font_has_is_named(paper: Renderer) -> None:
    document = sheet(paper, replace(sample.FAMILY, note="沈\U0003134a"))

    assert document.missing == ["\U0003134a"]


def test_a_batch_says_whose_character_is_missing_and_how_many_pages_each_has(paper: Renderer) -> None:
    files = [
        sample.FAMILY,
        replace(sample.FAMILY, note="沈\U0003134a"),
        sample.LARGE,
        replace(sample.EMPTY, note="\U0003134a\U0003134b"),
    ]

    batch = paper.render([markup(file) for file in files], printing.stylesheets(*SHEET_STYLES))

    assert batch.missing_of == [[], ["\U0003134a"], [], ["\U0003134a", "\U0003134b"]]
    assert batch.missing == ["\U0003134a", "\U0003134b"]
    assert batch.counts == [1, 1, 2, 1] and batch.pages == 5


def test_rare_characters_of_names_are_drawn_by_the_fonts_that_come_along(paper: Renderer) -> None:
    document = paper.render(
        ["<html><p>㛃䶮𬭚𠮷 □■●▲○△◆★→· ①⑳㎡ ＡＢ１２ “”‘’—…、。</p></html>"], printing.stylesheets("paper.css")
    )

    assert document.missing == []


def test_a_killed_renderer_is_replaced(paper: Renderer) -> None:
    paper.render(["<p>一</p>"], [])
    assert paper.child is not None
    os.kill(paper.child.pid, signal.SIGKILL)
    paper.child.wait()

    assert paper.render(["<p>二</p>"], []).pages == 1


def test_a_renderer_that_has_drawn_enough_makes_room_for_a_fresh_one(
    paper: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "DOCUMENTS_PER_CHILD", 3)
    paper.close()
    children = []

    for _turn in range(3):
        paper.render(["<p>一</p>", "<p>二</p>"], [])
        assert paper.child is not None
        children.append(paper.child.pid)

    assert children[0] == children[1] != children[2]


def test_too_much_work_is_stopped_and_the_next_paper_is_printed(paper: Renderer) -> None:
    paper.render(["<p>一</p>"], [])

    with pytest.raises(PrintingFailed) as stopped:
        paper.render(["<p>" + "桃园 x " * 900 + "</p>"] * 900, [], seconds=1)

    assert "时间太长" in stopped.value.message
    assert paper.render(["<p>二</p>"], []).pages == 1


def test_an_engine_that_cannot_start_says_so_and_nothing_more_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "renderer.py"
    broken.write_text("raise OSError('cannot load library pango')")
    monkeypatch.setattr(printing, "RENDERER", broken)
    machine = Renderer(tmp_path)

    with pytest.raises(PrintingFailed) as failed:
        machine.render(["<p>一</p>"], [])

    assert failed.value.message.endswith("。")
    assert "pango" in failed.value.detail
    machine.close()


def test_the_doctor_finds_what_paper_needs() -> None:
    checks = printing.doctor()

    assert len(checks) == 4 and all(check.ok for check in checks)
    assert all("apt-get install" in check.advice for check in checks[:3])


def test_the_doctor_names_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(printing, "CDLL", nothing)

    assert [check.ok for check in printing.doctor()] == [False, False, False, True]
    assert ctypes.CDLL is not nothing


def test_the_doctor_prints_a_line_on_trial(tmp_path: Path) -> None:
    well, unwell = printing.probe(tmp_path), printing.probe(tmp_path, "户\U0003134a")

    assert well.ok and "𠮷" in well.name
    assert not unwell.ok and "\U0003134a" in unwell.advice and "户" not in unwell.advice


def test_the_doctor_says_which_characters_have_no_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none").mkdir()
    only_latin = printing.fonts_conf
    monkeypatch.setattr(printing, "fonts_conf", lambda folder: only_latin(folder, tmp_path / "none"))

    found = printing.probe(tmp_path)

    # A machine of its own may have Chinese fonts; then all is well.
    assert found.ok or "户" in found.advice


def test_the_child_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://yihu:word@localhost/yihu")
    monkeypatch.setenv("GRID_SECRET_KEY", "word")

    given = printing.child_environment()
    assert "PATH" in given
    assert not {"DATABASE_URL", "GRID_SECRET_KEY"} & given.keys()


def test_words_are_broken_and_cut() -> None:
    assert cap_words("短 words stay") == "短 words stay"
    assert cap_words("a" * 7, longest=3) == BREAK.join(["aaa", "aaa", "a"])
    assert cap_words("汉" * 200) == "汉" * 200
    assert len(cap_words("字" * 9000)) == LONGEST_TEXT


def test_markup_is_capped_between_tags_only() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 500}">'

    assert cap_markup(picture + "<p>短</p>") == picture + "<p>短</p>"
    assert BREAK in cap_markup(f"<p>{'A' * 500}</p>")
    assert not cap_markup(f"<p>{'&amp;' * 9000}</p>").replace("&amp;", "").strip("<p>/…" + BREAK)


def test_marks_that_turn_letters_round_are_on_no_paper() -> None:
    assert cap_markup("<p>王\u202e小\u2066明\u200f</p>") == "<p>王小明</p>"
