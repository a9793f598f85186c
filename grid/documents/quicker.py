"""What makes WeasyPrint 70.0 draw a sheet of tables in less than half its time, and draw it the same.

Each function stands in for one private function of WeasyPrint: it answers the common case and hands the rest to the
original. `quick()` puts them all in place. With another version of WeasyPrint it does nothing, and paper is only
slower. tests/documents/test_render.py compares what is drawn with plain WeasyPrint, pixel by pixel.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import weasyprint
from weasyprint import css, draw
from weasyprint.css.functions import check_math
from weasyprint.css.properties import Dimension
from weasyprint.layout import background, percent

WRITTEN_FOR = "70.0"
FITS = weasyprint.__version__ == WRITTEN_FOR
SIDES = ("top", "right", "bottom", "left")
LENGTHS = (
    *(f"margin_{side}" for side in SIDES),
    *(f"padding_{side}" for side in SIDES),
    "width", "min_width", "max_width", "height", "min_height", "max_height",
)  # fmt: skip
BORDERS = tuple(f"border_{side}_width" for side in SIDES)
RADII = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))
SQUARE = dict.fromkeys(RADII, (0, 0))

plain_percentages = percent.resolve_percentages
plain_backgrounds = background.layout_box_backgrounds
plain_borders = draw.draw_collapsed_borders
plain_styles = css.StyleFor.set_computed_styles


# Reading: well-formed pages go through expat, which is written in C; tinyhtml5 is not.
DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)
VOID = re.compile(r"<(area|br|col|hr|img|input|link|meta|wbr)\b([^<>]*?)/?>")
SVG = "http://www.w3.org/2000/svg"


def tree_of(html: str) -> ElementTree.Element | None:
    """The page as an HTML parser would see it; None where it takes one to see it."""
    page = VOID.sub(r"<\1\2/>", DOCTYPE.sub("", html, count=1))
    try:
        root = ElementTree.fromstring(page)
    except ElementTree.ParseError:
        return None
    if root.tag != "html" or [child.tag for child in root] != ["head", "body"]:
        return None
    for table in root.iter("table"):
        _give_a_body(table)
    for drawing in list(root.iter("svg")):
        for element in drawing.iter():
            if isinstance(element.tag, str) and not element.tag.startswith("{"):
                element.tag = f"{{{SVG}}}{element.tag}"
    return root


def _give_a_body(table: ElementTree.Element) -> None:
    """Rows that stand in the table itself get the tbody that HTML gives them."""
    body = None
    for child in list(table):
        if child.tag != "tr":
            body = None
            continue
        if body is None:
            body = ElementTree.Element("tbody")
            table.insert(list(table).index(child), body)
        table.remove(child)
        body.append(child)


# Styles: the same declarations below the same parent are the same style in every document that is set in the same
# style sheets. WeasyPrint shares them within one document.
MOST_STYLES = 400
VALUES = (str, Dimension)
_shared: dict[tuple[Any, ...], Any] = {}
_sheets: tuple[str, ...] = ()


def set_in(sheets: tuple[str, ...]) -> None:
    """Forget the styles of other style sheets."""
    global _sheets
    if sheets != _sheets or len(_shared) > MOST_STYLES:
        _shared.clear()
        _sheets = sheets


def shared_styles(
    self: Any,
    element: Any,
    parent: Any,
    root: Any = None,
    pseudo_type: str | None = None,
    base_url: str | None = None,
    target_collector: Any = None,
) -> None:
    declared = self._cascaded_styles.get((element, pseudo_type), {})
    above = id(self._computed_styles[parent, None]) if parent is not None else None
    # A style keeps its declarations and its parent alive, so that no other object can have their ids meanwhile.
    key = (above, pseudo_type, base_url, *map(_known, declared.items()))
    style = _shared.get(key)
    if style is not None:
        self._computed_styles[element, pseudo_type] = style
        if target_collector and style["anchor"]:
            target_collector.collect_anchor(style["anchor"])
        return
    plain_styles(self, element, parent, root, pseudo_type, base_url, target_collector)
    # `overflow` of the root is changed while it is used.
    if "overflow" not in declared:
        _shared[key] = self._computed_styles[element, pseudo_type]


def _known(declaration: tuple[str, tuple[Any, Any]]) -> tuple[Any, ...]:
    """What tells a declaration from others: its value where it is made anew for each document (`lang`, style="…")."""
    name, (value, weight) = declaration
    told = value if type(value) in VALUES else repr(value) if name == "lang" else id(value)
    # The weights in @page rules hold lists.
    return name, told, weight if type(weight[2]) is tuple and type(weight[2][-1]) is not list else repr(weight)


# Lengths: where a style has no percentage its used values are the same for every box.
def resolve_percentages(box: Any, containing_block: Any) -> None:
    style = box.style
    try:
        used = style.used
    except AttributeError:
        used = style.used = _used(style)
    if not used:
        plain_percentages(box, containing_block)
        return
    _attributes(box).update(used)
    if style["border_collapse"] == "collapse" and hasattr(box, "border_top_width"):
        return
    for name in BORDERS:
        setattr(box, name, style[name])


def _attributes(box: Any) -> dict[str, Any]:
    """Of the box itself where a placeholder stands for it."""
    attributes: dict[str, Any] = vars(box)
    return vars(attributes["_box"]) if "_box" in attributes else attributes


def _used(style: Any) -> dict[str, Any]:
    """Empty where they depend on what is around the box."""
    if style["box_sizing"] != "content-box":
        return {}
    values = {name: style[name] for name in LENGTHS}
    used = {name: _pixels(value) for name, value in values.items()}
    if None in used.values():
        return {}
    for name in ("min_width", "min_height"):
        used[name] = 0 if used[name] == "auto" else used[name]
    return used


def _pixels(value: Any) -> Any:
    """None where it is not a plain length."""
    if value == "auto":
        return value
    if check_math(value) or getattr(value, "unit", None) != "px":
        return None
    return value.value


# Backgrounds: most boxes have none.
def layout_box_backgrounds(
    page: Any, box: Any, get_image_from_uri: Any, layout_children: bool = True, style: Any = None
) -> None:
    own = box.style
    try:
        bare = own.bare
    except AttributeError:
        bare = own.bare = _bare(own)
    if not bare or style is not None or not layout_children or box is page:
        plain_backgrounds(page, box, get_image_from_uri, layout_children, style)
        return
    _attributes(box).update(SQUARE)
    box.background = None
    for child in box.all_children():
        layout_box_backgrounds(page, child, get_image_from_uri)


def _bare(style: Any) -> bool:
    return (
        all((0, "px") in style[name] for name in RADII)
        and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
        and all(kind == "none" for kind, _value in style["background_image"])
        and not style["box_shadow"]
        and draw.border.get_color(style, "background_color").alpha == 0
    )


# Borders: a hairline through the whole table is one line, not one for each cell.
Line = tuple[float, float, float, float]


def draw_collapsed_borders(stream: Any, table: Any) -> None:
    found: list[tuple[tuple[Any, ...], Line]] = []

    def keep(
        _stream: Any, x1: float, y1: float, x2: float, y2: float, thickness: float, style: str, color: Any
    ) -> None:
        found.append(((thickness, style, color), (x1, y1, x2, y2)))

    plain_line, draw.draw_line = draw.draw_line, keep
    try:
        plain_borders(Nothing, table)
    finally:
        draw.draw_line = plain_line
    if any(style != "solid" or getattr(color, "alpha", 0) != 1 for (_width, style, color), _line in found):
        plain_borders(stream, table)
        return
    for (thickness, _style, color), lines in _runs(found):
        _draw(stream, thickness, color, _merged(lines))


class Nothing:
    """A stream on which nothing is drawn."""

    @staticmethod
    @contextmanager
    def artifact() -> Iterator[None]:
        yield

    stacked = artifact


def _runs(found: list[tuple[tuple[Any, ...], Line]]) -> list[tuple[tuple[Any, ...], list[Line]]]:
    """In the order of painting; neighbours that look the same together."""
    runs: list[tuple[tuple[Any, ...], list[Line]]] = []
    for look, line in found:
        if not runs or runs[-1][0] != look:
            runs.append((look, []))
        runs[-1][1].append(line)
    return runs


def _merged(lines: list[Line]) -> list[Line]:
    """Pieces that touch become one line."""
    merged: list[Line] = []
    for across in (True, False):
        # Position first, then where along it a piece begins.
        at, start = (1, 0) if across else (0, 1)
        for line in sorted(
            (one for one in lines if (one[1] == one[3]) is across), key=lambda one: (one[at], one[start])
        ):
            last = merged[-1] if merged else None
            if last and last[at] == line[at] == last[at + 2] == line[at + 2] and line[start] <= last[start + 2] + 0.01:
                end = max(last[start + 2], line[start + 2])
                merged[-1] = (last[0], last[1], end, last[3]) if across else (last[0], last[1], last[2], end)
            else:
                merged.append(line)
    return merged


def _draw(stream: Any, thickness: float, color: Any, lines: list[Line]) -> None:
    with stream.artifact(), stream.stacked():
        stream.set_color(color, stroke=True)
        stream.set_line_width(thickness)
        for x1, y1, x2, y2 in lines:
            stream.move_to(x1, y1)
            stream.line_to(x2, y2)
        stream.stroke()


def _places() -> list[tuple[Any, str, Callable[..., Any], Callable[..., Any]]]:
    """Where each stands in WeasyPrint: module or class, name, plain, quick."""
    layouts = [module for name, module in sys.modules.items() if name.startswith("weasyprint.layout")]
    return [
        (css.StyleFor, "set_computed_styles", plain_styles, shared_styles),
        (background, "layout_box_backgrounds", plain_backgrounds, layout_box_backgrounds),
        (draw, "draw_collapsed_borders", plain_borders, draw_collapsed_borders),
        *(
            (module, "resolve_percentages", plain_percentages, resolve_percentages)
            for module in layouts
            if getattr(module, "resolve_percentages", None) in (plain_percentages, resolve_percentages)
        ),
    ]


PLACES = _places()


def quick(wanted: bool) -> bool:
    """Put them in place, or take them out again."""
    for owner, name, plain, faster in PLACES:
        setattr(owner, name, faster if wanted and FITS else plain)
    return wanted and FITS
