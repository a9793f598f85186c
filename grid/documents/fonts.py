"""Which fonts paper is set in: ours first, the machine's for the characters ours lacks."""

import os
from pathlib import Path
from xml.sax.saxutils import escape

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
# What must be there; the second and third pair for names: traditional forms, characters beyond U+FFFF.
NAMES = ("NotoSansSC", "NotoSansSC-More", "NotoSansJP-Rare")
OURS = {f"{font}-{weight}.ttf" for font in NAMES for weight in ("Regular", "Bold")}

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""


def fonts_conf(cache: Path, fonts: Path = FONTS) -> Path:
    """Write fonts.conf below `cache` if it is not there as it should be; its path."""
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / "fonts.conf"
    text = FONTS_CONF.format(fonts=escape(str(fonts)), cache=escape(str(cache / "fontconfig")))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    return path


def font_files() -> list[Path]:
    """The vendored weights that are there."""
    return sorted(FONTS.glob("*.ttf"))
