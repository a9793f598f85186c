"""A link as a QR code: one SVG path that takes its size from where it stands."""

import segno
from markupsafe import Markup


def qr(link: str, border: int = 0, mask: int | None = None) -> Markup:
    """The link as black squares on nothing; `border` is the quiet zone in squares (4 where a camera reads a screen).

    Every reader takes any of the eight masks; trying which spreads the squares most evenly takes five times as long
    as drawing, so that paper by the thousand names one.
    """
    code = segno.make(link, error="m", micro=False, mask=mask)
    return Markup(code.svg_inline(border=border, omitsize=True, svgclass=None, lineclass=None))
