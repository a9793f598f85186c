"""Parts become one PDF: every page once and in order, no names in its metadata, a sentence when it cannot be."""

from collections.abc import Iterator
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from grid.documents import joining
from grid.documents.joining import join
from grid.documents.printing import PrintingFailed, Renderer


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folder = tmp_path_factory.mktemp("parts")
    paper = Renderer(folder)
    found = []
    for n, words in enumerate(("一", "二", "三")):
        page = f"<html><title>沈明桂</title><style>p + p {{ break-before: page }}</style><p>{words}</p>"
        found.append(folder / f"{n}.pdf")
        found[-1].write_bytes(paper.render([page, page + "<p>续</p>"], []).pdf)
    yield found
    paper.close()


def words(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def test_every_page_is_there_once_and_in_order(parts: list[Path], tmp_path: Path) -> None:
    join(parts, tmp_path / "whole.pdf", timeout=60)

    assert words(tmp_path / "whole.pdf") == ["一", "一", "续", "二", "二", "续", "三", "三", "续"]
    assert [file.name for file in tmp_path.iterdir()] == ["whole.pdf"]


def test_nobody_is_named_in_what_a_reader_shows_beside_the_pages(parts: list[Path], tmp_path: Path) -> None:
    join(parts, tmp_path / "whole.pdf", timeout=60, title="一户一档登记表")

    about = pypdf.PdfReader(tmp_path / "whole.pdf").metadata
    assert about is not None and about.title == "一户一档登记表"
    assert not any("沈明桂" in str(value) for value in about.values())


def test_what_was_there_stays_when_a_part_is_broken(parts: list[Path], tmp_path: Path) -> None:
    broken, whole = tmp_path / "broken.pdf", tmp_path / "whole.pdf"
    broken.write_bytes(parts[0].read_bytes()[:200])
    whole.write_bytes(b"of yesterday")

    with pytest.raises(PrintingFailed) as failed:
        join([parts[0], broken], whole, timeout=60)

    assert failed.value.message.endswith("。") and failed.value.detail
    assert whole.read_bytes() == b"of yesterday"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["broken.pdf", "whole.pdf"]


def test_a_full_disk_is_told_as_one(parts: list[Path], tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "whole.pdf.part").symlink_to("/dev/full")

    with pytest.raises(PrintingFailed) as failed:
        join(parts, tmp_path / "whole.pdf", timeout=60)

    assert "磁盘满了" in failed.value.message
    assert list(tmp_path.iterdir()) == []


def test_joining_ends_in_time(parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(joining, "JOINER", endless)

    with pytest.raises(PrintingFailed) as failed:
        join(parts, tmp_path / "whole.pdf", timeout=0.5)

    assert "时间太长" in failed.value.message
