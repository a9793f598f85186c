"""The comprehensive-management map (综合治理区域图) as a sheet: what its template needs, for A4 to A0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from grid.accounts.models import Scope
from grid.atlas import layers, plates, queries
from grid.atlas.drawing import SIGN_COLOURS, SIGNS, Drawing, for_paper
from grid.atlas.layers import Sums
from grid.atlas.survey import Rows, survey
from grid.core.codes import CODES
from grid.core.i18n import listed
from grid.core.personal import mask_phone
from grid.core.refusals import Missing

# Landscape, width and height in millimetres.
SIZES = {"A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841)}
VARIANTS = ("internal", "public")
STYLES = ("map_sheet.css",)

# Millimetres on A3.
MARGIN, HEAD, FOOT, GAP = 9.0, 19.0, 7.0, 4.0
SIDE, ROW, STRIP = 84.0, 6.2, 23.0
# More rows than this do not fit into a strip below the map.
ROWS_BELOW = 8


def sheet_rules(size: str) -> str:
    """The paper, the unit that map_sheet.css is written in (1rem is 1 mm on A3), and the tints of the blocks."""
    width, height = SIZES[size]
    share = width / 420
    return (
        f"@page {{ size: {width}mm {height}mm; margin: {MARGIN * share:.2f}mm }}\nhtml {{ font-size: {share:.4f}mm }}\n"
        + layers.tint_rules()
    )


@dataclass(frozen=True)
class Spread:
    """How a sheet is divided: the map, and beside or below it the table and the legend. In mm on A3."""

    is_below: bool
    width: float
    height: float
    strip: float


def spread(bounds: tuple[float, float, float, float], rows: int) -> Spread:
    """The table goes where it leaves the community the larger drawing."""
    west, south, east, north = bounds
    inner_w, inner_h = 420 - 2 * MARGIN, 297 - 2 * MARGIN - HEAD - FOOT
    strip = max(STRIP + ROW * min(rows, ROWS_BELOW), 52.0)
    beside = Spread(False, inner_w - SIDE - GAP, inner_h, SIDE)
    below = Spread(True, inner_w, inner_h - strip - GAP, strip)

    def scale(found: Spread) -> float:
        return min(found.width / max(east - west, 1), found.height / max(north - south, 1))

    return below if rows <= ROWS_BELOW and scale(below) > scale(beside) else beside


def map_sheet_context(
    scope: Scope,
    public_id: str,
    day: date,
    printed: Any,
    size: str = "A3",
    variant: str = "internal",
    layer: str | None = None,
) -> dict[str, Any]:
    """For templates/atlas/map_sheet.html, set in STYLES and sheet_rules(size). `printed` has by, at and number.

    The whole community must be in scope. The public variant carries staff data only: no figures of households.
    """
    ground = queries.ground_or_404(scope, public_id)
    if not scope.allows(ground.id):
        raise Missing
    is_internal = variant == "internal"
    sums = queries.sums(scope, ground.id, day - timedelta(days=ground.visit_every_days))
    rows = queries.ground_rows(ground.id)
    surveyed = survey(rows)
    share = SIZES[size][0] / 420
    divided = spread(surveyed.bounds, len(rows.blocks))
    drawn = for_paper(surveyed, divided.width * share, divided.height * share, share)
    wanted = layer if is_internal and layer in layers.LAYERS else None
    drawing = plates.for_sheet(plates.make_plate(drawn), wanted, sums)
    days = ground.visit_every_days
    return {
        "ground": ground,
        "day": day,
        "printed": printed,
        "size": size,
        "is_internal": is_internal,
        "spread": divided,
        "map": drawing,
        "ratio": round(1000 / drawn.scale / 50) * 50,
        "bar": drawn.bar,
        "duties": _duties(rows, queries.people_in_charge(ground.id, day), sums),
        "totals": _totals(rows, sums),
        "unplaced": listed(shape.no for shape in drawn.unplaced),
        "signs": _signs(drawn),
        "layer_name": layers.building_title(wanted, days) if wanted else "",
        "legend": layers.drawn_legend(wanted, drawing.used) if wanted else [],
        "has_guesses": drawn.has_guesses and not drawn.is_schematic,
        "is_schematic": drawn.is_schematic,
    }


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
