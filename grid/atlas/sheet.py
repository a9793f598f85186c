"""The comprehensive-management map (综合治理区域图) as a sheet: what its template needs, for A4 to A0."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from typing import Any, TypeVar

from grid.accounts.models import Scope
from grid.atlas import layers, plates, queries
from grid.atlas.drawing import SIGN_COLOURS, SIGNS, Drawing, for_paper
from grid.atlas.headcounts import people_by_tag
from grid.atlas.layers import Sums
from grid.atlas.lettering import Counts
from grid.atlas.spread import (
    MARGIN,
    Contents,
    Index,
    Page,
    Spread,
    few_lines,
    index_beside,
    index_pages,
    spread,
    with_index,
)
from grid.atlas.survey import BuildingRow, Rows, Survey, survey
from grid.core.codes import CODES
from grid.core.i18n import _, listed
from grid.core.personal import mask_phone
from grid.core.refusals import Missing

Line = TypeVar("Line")

A3 = Page()
VARIANTS = ("internal", "public")
STYLES = ("map_sheet.css",)
# More buildings without a number than this go into the list.
MOST_IN_A_NOTE = 12


def sheet_rules(page: Page) -> str:
    """The paper, the unit that map_sheet.css is written in (1rem is 1 mm on A3), and the tints of the blocks."""
    width, height = page.millimetres
    share = page.share
    return (
        f"@page {{ size: {width}mm {height}mm; margin: {MARGIN * share:.2f}mm }}\nhtml {{ font-size: {share:.4f}mm }}\n"
        + layers.tint_rules()
    )


def map_sheet_context(
    scope: Scope,
    public_id: str,
    day: date,
    printed: Any,
    page: Page = A3,
    variant: str = "internal",
    layer: str | None = None,
) -> dict[str, Any]:
    """For templates/atlas/map_sheet.html, set in STYLES and sheet_rules(page). `printed` has by, at and number.

    The whole community must be in scope. The public variant carries staff data only: no figures of households,
    no patrol routes.
    """
    ground = queries.ground_or_404(scope, public_id)
    if not scope.allows(ground.id):
        raise Missing
    sums = queries.sums(scope, ground.id, day - timedelta(days=ground.visit_every_days))
    people = queries.people_in_charge(ground.id, day)
    rows = queries.ground_rows(ground.id)
    if variant == "internal":
        wanted = layer if layer in layers.LAYERS else None
        tags = people_by_tag(ground.id)
        return _context(ground, rows, sums, people, tags, page, wanted) | {"day": day, "printed": printed}
    bare = replace(rows, routes=())
    return _context(ground, bare, sums, people, None, page, None) | {"day": day, "printed": printed}


def _context(
    ground: queries.Ground,
    rows: Rows,
    sums: Mapping[int, Sums],
    people: Mapping[int, list[tuple[str, str | None]]],
    tags: list[tuple[str, int]] | None,
    page: Page,
    layer: str | None,
) -> dict[str, Any]:
    """`tags` is None on the public variant."""
    surveyed, is_internal = survey(rows), tags is not None
    counts = _in_words(rows, sums, ground) if is_internal else {}
    categories = [*_homes(sums), *(tags or ())] if is_internal else []
    contents = _contents(rows, surveyed, categories, layer, len(counts))
    divided, drawn, index, lines = _set_out(surveyed, counts, sums, contents, page)
    drawing = plates.for_sheet(plates.make_plate(drawn), layer, sums)
    duties = _duties(rows, people, sums)
    return {
        "ground": ground,
        "size": page.size,
        "share": page.share,
        "is_internal": is_internal,
        "spread": divided,
        "map": drawing,
        "ratio": round(1000 / drawn.scale / 50) * 50,
        "bar": drawn.bar,
        "duties": duties,
        "duty_tables": list(_cut(duties, -(-len(duties) // divided.tables))) or [[]],
        "totals": _totals(rows, sums),
        "categories": categories,
        "unnamed": listed(shape.name for shape in drawn.blocks if not shape.text),
        "site_list": [(site.number, site.name) for site in drawn.sites if site.number],
        "lost_sites": listed([*drawn.lost_sites, *(site.name for site in drawn.sites if not site.text)]),
        "signs": _signs(drawn),
        "layer_name": layers.building_title(layer, ground.visit_every_days) if layer else "",
        "legend": layers.drawn_legend(layer, drawing.used) if layer else [],
        "has_guesses": drawn.has_guesses and not drawn.is_schematic,
        "is_schematic": drawn.is_schematic,
        "index": _columns(lines, index.lines) if index else [],
        "index_columns": index.columns if index else 0,
    } | _index_pages(drawn, rows, {} if index else counts, sums, page)


def _in_words(rows: Rows, sums: Mapping[int, Sums], ground: queries.Ground) -> dict[int, tuple[str, str]]:
    """What stands with the number of a building in which somebody could live: its units and its doors."""
    unit, door = (_spaced(_(ground.labels[level])) for level in ("unit", "household"))
    return {
        row.id: (
            f"{row.units}{unit}",
            f"{sums[row.id].doors}{door}",
        )
        for row in rows.buildings
        if row.id in sums
    }


def _spaced(level: str) -> str:
    """3单元 but 3 Unit."""
    return level if ord(level[:1] or " ") >= 0x2E80 else f" {level}"


def _homes(sums: Mapping[int, Sums]) -> list[tuple[str, int]]:
    """Doors by what they are used as; only what occurs."""
    found = sums.values()
    every = [
        (_("自住"), sum(one.own for one in found)),
        (_("出租"), sum(one.rented for one in found)),
        (_("空置"), sum(one.vacant for one in found)),
    ]
    return [(words, n) for words, n in every if n]


def _contents(rows: Rows, surveyed: Survey, categories: list[Any], layer: str | None, counted: int) -> Contents:
    """What the panel will hold, before anything is drawn."""
    kinds = len({site.kind if site.kind in SIGNS else "other" for site in rows.sites if surveyed.sites})
    key = ceil((1 + (not layer) + bool(surveyed.doubtful) + kinds + len(surveyed.routes)) / 2)
    colours = 3 if layer else 0
    return Contents(len(rows.blocks), len(categories), key, colours, 1 + (surveyed.plane is None), counted)


def _index_pages(drawn: Drawing, rows: Rows, counts: Counts, sums: Mapping[int, Sums], page: Page) -> dict[str, Any]:
    """Pages of their own: buildings whose counts found no room on the map, and where there are many without a number,
    those as well, marked with a star."""
    shown = {shape.id for shape in drawn.buildings if shape.counts}
    bare = {shape.id for shape in drawn.unplaced}
    many = len(bare) > MOST_IN_A_NOTE
    lines = [
        (f"{row.no}*" if row.id in bare else row.no, *_figures(row, counts, sums))
        for row in rows.buildings
        if (row.id in counts and row.id not in shown) or (many and row.id in bare)
    ]
    pages = index_pages(page)
    cut = [_columns(part, pages.lines) for part in _cut(lines, pages.columns * pages.lines)]
    return {
        "index_pages": cut,
        "index_grade": pages.grade,
        "page_columns": pages.columns,
        "unplaced": "" if many else listed(shape.no for shape in drawn.unplaced),
        "unplaced_count": len(bare) if many else 0,
    }


def _set_out(
    surveyed: Survey, counts: Counts, sums: Mapping[int, Sums], contents: Contents, page: Page
) -> tuple[Spread, Drawing, Index | None, list[tuple[str, str, str]]]:
    """The drawing, and the list of buildings on the sheet with its lines: all of them where there is room, else those
    whose counts found none, if they are few."""
    rows = surveyed.rows
    divided = spread(surveyed.bounds, contents, page)
    index = index_beside(divided, page, len(counts))
    if index:
        divided = with_index(divided, index)
        every = [(row.no, *_figures(row, counts, sums)) for row in rows.buildings if row.id in counts]
        return divided, _drawn(surveyed, divided, page, counts), index, every
    drawn = _drawn(surveyed, divided, page, counts)
    short = few_lines(divided, page, len(_left_over(drawn, rows, counts, sums)))
    if short:
        smaller = with_index(divided, short)
        redrawn = _drawn(surveyed, smaller, page, counts)
        left = _left_over(redrawn, rows, counts, sums)
        if len(left) <= short.lines * short.columns:
            return smaller, redrawn, short, left
    return divided, drawn, None, []


def _drawn(surveyed: Survey, divided: Spread, page: Page, counts: Counts) -> Drawing:
    share = page.share
    return for_paper(surveyed, divided.width * share, divided.height * share, share, counts)


def _left_over(drawn: Drawing, rows: Rows, counts: Counts, sums: Mapping[int, Sums]) -> list[tuple[str, str, str]]:
    """The buildings whose counts found no room on the map."""
    shown = {shape.id for shape in drawn.buildings if shape.counts}
    return [
        (row.no, *_figures(row, counts, sums)) for row in rows.buildings if row.id in counts and row.id not in shown
    ]


def _figures(row: BuildingRow, counts: Counts, sums: Mapping[int, Sums]) -> tuple[str, str]:
    """Units and doors of a building that is counted."""
    return (str(row.units), str(sums[row.id].doors)) if row.id in counts else ("", "")


def _columns(lines: Sequence[tuple[str, str, str]], high: int) -> list[tuple[str, str, str]]:
    """Per column its numbers, units and doors, one under another."""
    return [("\n".join(line[0] for line in part), _under(part, 1), _under(part, 2)) for part in _cut(lines, high)]


def _under(lines: Sequence[tuple[str, str, str]], at: int) -> str:
    return "\n".join(line[at] for line in lines) if any(line[at] for line in lines) else ""


def _cut(whole: Sequence[Line], length: int) -> Iterator[Sequence[Line]]:
    return (whole[at : at + length] for at in range(0, len(whole), max(length, 1)))


@dataclass(frozen=True)
class Duty:
    """One line of the table of people in charge."""

    block: str
    tint: int
    names: str
    phones: str
    buildings: int
    doors: int


def _duties(rows: Rows, people: Mapping[int, list[tuple[str, str | None]]], sums: Mapping[int, Sums]) -> list[Duty]:
    nothing = Sums()
    found = []
    for at, block in enumerate(rows.blocks):
        mine = [row.id for row in rows.buildings if row.block_id == block.id]
        staff = people.get(block.id, [])
        found.append(
            Duty(
                block.name,
                at % len(layers.TINTS),
                listed(name for name, _phone in staff),
                listed(mask_phone(phone) for _name, phone in staff if phone),
                len(mine),
                sum(sums.get(building_id, nothing).doors for building_id in mine),
            )
        )
    return found


def _totals(rows: Rows, sums: Mapping[int, Sums]) -> tuple[int, int, int]:
    """Buildings, doors, people."""
    return (
        len(rows.buildings),
        sum(found.doors for found in sums.values()),
        sum(found.members for found in sums.values()),
    )


def _signs(drawn: Drawing) -> list[tuple[str, str, str]]:
    """Sign, colour and words of every kind of place that is on the map, in the order of the code list."""
    there = {site.kind for site in drawn.sites}
    return [(SIGNS[kind], SIGN_COLOURS[kind], CODES["site_kind"].text(kind)) for kind in SIGNS if kind in there]
