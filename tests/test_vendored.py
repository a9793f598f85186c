"""Vendored files are the published ones: the hashes in static/vendor/README.md, the licences beside them."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "static" / "vendor" / "README.md"
ROW = re.compile(r"^\| `(static/[^`]+)` \| .*\(`([^`]+)`\) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
ROWS = ROW.findall(README.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("path", "licence", "digest"), ROWS, ids=[row[0] for row in ROWS])
def test_a_vendored_file_is_the_one_that_was_fetched(path: str, licence: str, digest: str) -> None:
    content = (ROOT / path).read_bytes()

    assert hashlib.sha256(content).hexdigest() == digest
    assert (README.parent / licence).exists() or (ROOT / licence).exists()


def test_every_vendored_script_style_and_font_has_a_row() -> None:
    kinds = ("vendor/**/*.js", "vendor/**/*.css", "vendor/**/*.woff2", "fonts/*.ttf")
    present = {path.relative_to(ROOT).as_posix() for kind in kinds for path in (ROOT / "static").glob(kind)}

    assert present <= {row[0] for row in ROWS}
    assert len(ROWS) >= 5
