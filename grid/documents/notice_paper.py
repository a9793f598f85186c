"""The notice board (公示牌) for a stairwell: whom to call. Staff data only, neighbours who help by name.

The grid worker's whole number stands on it, because residents are to dial it; a volunteer's own is masked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template

from grid.accounts.models import Scope
from grid.atlas.elevation import unit_label
from grid.core.clock import today
from grid.core.codes import CODES
from grid.core.i18n import N_, joined
from grid.core.i18n import gettext as _
from grid.core.personal import mask_phone
from grid.documents.building_papers import chosen, fitted, length
from grid.documents.houses import House, Staff, UnitHead, houses, sites, units
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets

# Upright, in millimetres.
SIZES = {"A4": (210, 297), "A3": (297, 420)}
MATTERS = (
    N_("邻里矛盾，需要调解"),
    N_("漏水、堵塞、楼道灯不亮"),
    N_("消防通道被占、电动车上楼充电"),
    N_("租房、搬入搬出、办居住证"),
    N_("老人、孩子、残疾人需要照应"),
    N_("看到陌生可疑的人和事"),
)
EMERGENCIES = (("110", N_("报警")), ("119", N_("火警")), ("120", N_("急救")))
# More unit heads than this stand in three columns, and closer together.
IN_TWO, IN_THREE = 8, 18
# Millimetres on A4 as notice_sheet.css has them: the page between its margins, what always stands on it, and rows.
PAGE, ALWAYS, WORKER, ROW, CLOSE_ROW, OFFICE, HEADING, MOST_AIR = 271.0, 159.0, 22.0, 9.0, 6.8, 10.0, 15.0, 8.0
# How wide the building's name may be, and its letters, the largest and the smallest.
NAME_WIDTH, NAME = 166.0, (19.0, 10.0)


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    found, day = houses(scope, ids), today()
    communities = {house.community_id for house in found}
    staff, unit_heads, places = Staff(communities, day), units(ids), sites(communities)
    return [
        Drawn(
            render_template(
                "documents/notice_sheet.html",
                **_context(house, staff, unit_heads.get(house.id, []), places.get(house.community_id, [])),
                printed=stamp(n),
                day=day,
                lang=lang(),
            ),
            house.title,
        )
        for n, house in enumerate(found, 1)
    ]


def _context(
    house: House, staff: Staff, unit_heads: Sequence[UnitHead], places: Sequence[tuple[str, str]]
) -> Mapping[str, Any]:
    workers = [(worker.name, _numbers(worker.phone)) for worker in staff.of_house(house) if not worker.helps]
    helpers = [(worker.name, _numbers(worker.phone)) for worker in staff.of_house(house) if worker.helps]
    heads = [(unit_label(h.unit), h.name, mask_phone(h.phone)) for h in unit_heads if h.name and h.unit]
    across, is_close = 3 if len(heads) > IN_TWO else 2, len(heads) > IN_THREE
    size = fitted(house.title, NAME_WIDTH, *NAME)
    taller = (-(-length(house.title) * size // NAME_WIDTH) * size - NAME[0]) * 1.15
    lines = -(-len(heads) // across) + bool(house.head_name)
    return {
        "house": house,
        "title": house.title,
        "workers": workers or helpers[:1],
        "helpers": helpers if workers else helpers[1:],
        "head_phone": mask_phone(house.head_phone),
        "unit_heads": heads,
        "across": across,
        "is_close": is_close,
        "name_size": size,
        "air": _air(len(workers) or 1, len(helpers), lines, is_close, taller),
        "offices": _offices(house, places),
        "matters": [_(matter) for matter in MATTERS],
        "emergencies": [(number, _(words)) for number, words in EMERGENCIES],
    }


def _air(workers: int, helpers: int, heads: int, is_close: bool, taller: float) -> float:
    """What every row may be higher so that the sheet is filled, in millimetres on A4."""
    used = ALWAYS + taller + WORKER * workers + (OFFICE * helpers + 5 if helpers else 0) + (HEADING if heads else 0)
    used += heads * (CLOSE_ROW if is_close else ROW)
    rows = 3 + 2 + heads + helpers + 2 * workers
    return round(max(0.0, min(MOST_AIR, (PAGE - used) / rows)), 2)


def _numbers(phone: str | None) -> list[str]:
    """Each as people read it out: 138 0000 1234."""
    return [_spaced(part.strip()) for part in (phone or "").split(";") if part.strip()]


def _spaced(number: str) -> str:
    if len(number) == 11 and number.isdecimal() and number[0] == "1":
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number


def _offices(house: House, places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What kind of office and its name; their numbers are not in the register and are written in by hand."""
    named = {kind: name for kind, name in reversed(places)}
    return [
        (CODES["site_kind"].text("committee"), named.get("committee", joined(house.community))),
        (CODES["site_kind"].text("police"), named.get("police", "")),
    ]


def _styles(options: Options) -> list[str]:
    size = chosen(options, "size", SIZES, "A4")
    across, down = SIZES[size]
    on_a4 = across / SIZES["A4"][0]
    sheet = f"@page {{ size: {across}mm {down}mm; margin: {11 * on_a4:.2f}mm {13 * on_a4:.2f}mm {15 * on_a4:.2f}mm }}"
    return [*stylesheets("paper.css", "notice_sheet.css"), f"{sheet}\nhtml {{ font-size: {on_a4:.4f}mm }}"]


NOTICE = Paper("notice", "building", _styles, _write)
