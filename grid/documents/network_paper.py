"""The four-level network chart (综治四级管理网络) of a community: who is in charge of what, as a tree of boxes.

Staff with their whole numbers, volunteers masked. The public variant has staff only: a volunteer is a resident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import render_template

from grid.accounts.models import Scope
from grid.atlas.elevation import unit_label
from grid.core.clock import today
from grid.core.i18n import gettext as _
from grid.core.personal import mask_phone
from grid.documents.building_papers import chosen, length
from grid.documents.houses import (
    Ground,
    House,
    Staff,
    UnitHead,
    Worker,
    blocks,
    grounds,
    head_word,
    houses_in,
    units_in,
)
from grid.documents.papers import Drawn, Options, Paper, Stamp, lang
from grid.documents.printing import stylesheets

# Across, in millimetres.
SIZES = {"A3": (420, 297), "A4": (297, 210)}
VARIANTS = ("internal", "public")
# Millimetres on A3, as network_sheet.css has them: the tree, its root with a line of it, a block's box with a line of
# it, a building, a line of its units, and what is left free beside them.
ACROSS, DOWN, ROOT, ROOT_LINE = 396.0, 242.0, 11.0, 4.6
BLOCK, BLOCK_LINE, BUILDING, UNIT, INDENT = 10.0, 4.6, 4.9, 3.18, 8.0
# Letters of a building and of a unit; the air in a line of each, in ems.
LETTERS, UNIT_LETTERS, OWN_AIR, UNIT_AIR = 3.0, 2.31, 0.7, 1.5
# How much larger or smaller letters and rows may be; the last is the smallest that is read with ease.
ZOOMS = (1.8, 1.5, 1.35, 1.2, 1.1, 1.0, 0.92, 0.85)
FEWEST, MOST, NARROWEST = 3, 9, 46.0
MOST_AIR = 2.6


@dataclass(frozen=True)
class Node:
    """A building with its head, and the heads of its units."""

    no: str
    name: str
    head: str
    phone: str
    units: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Branch:
    """A block with the staff in charge of it."""

    name: str
    staff: list[Worker]
    nodes: list[Node]


@dataclass(frozen=True)
class Column:
    """As much of a block as stands in one column of the sheet; `at` counts the columns of a block."""

    branch: Branch
    nodes: list[Node]
    at: int


@dataclass(frozen=True)
class Tree:
    """One page: per block its columns. `air` is what may be added below each building, in millimetres."""

    branches: list[list[Column]]
    zoom: float
    air: float
    # How many people the fullest box names.
    lines: int

    @property
    def width(self) -> int:
        return sum(len(columns) for columns in self.branches)


def pages(whole: Sequence[Branch], committee: int) -> list[Tree]:
    """In letters as large as one page allows; on more pages where even small ones do not fit."""
    lines = max((len(branch.staff) for branch in whole), default=1) or 1
    for zoom in ZOOMS:
        room = _room(committee, lines, zoom)
        for width in range(FEWEST, MOST + 1):
            found = _columns(whole, width, zoom, room)
            if len(found) <= width and width * NARROWEST * zoom <= ACROSS:
                return [_tree(found, width, zoom, room, lines)]
    width, zoom = MOST - 1, ZOOMS[-2]
    room = _room(committee, lines, zoom)
    found = _columns(whole, width, zoom, room)
    return [_tree(found[at : at + width], width, zoom, room, lines) for at in range(0, len(found), width)]


def _room(committee: int, lines: int, zoom: float) -> float:
    """What is left for the buildings of a column, with so many people in the root and in the fullest box."""
    return DOWN - (ROOT + ROOT_LINE * committee + BLOCK + BLOCK_LINE * lines) * zoom


def _tree(columns: Sequence[Column], width: int, zoom: float, room: float, lines: int) -> Tree:
    left = [(room - _height(one.nodes, width, zoom)) / len(one.nodes) for one in columns if len(one.nodes) > 1]
    grouped = [list(group) for _key, group in groupby(columns, key=lambda column: id(column.branch))]
    return Tree(grouped, zoom, round(max(0.0, min([*left, MOST_AIR * zoom])), 2), lines)


def _columns(whole: Sequence[Branch], width: int, zoom: float, room: float) -> list[Column]:
    return [
        Column(branch, nodes, at) for branch in whole for at, nodes in enumerate(_cut(branch.nodes, width, zoom, room))
    ]


def _cut(nodes: Sequence[Node], width: int, zoom: float, room: float) -> list[list[Node]]:
    """As few columns as hold a block, as even as they can be."""
    fewest = len(_filled(nodes, width, zoom, room))
    even = _height(nodes, width, zoom) / fewest
    tries = (_filled(nodes, width, zoom, min(room, even * more)) for more in (1.0, 1.05, 1.12, 1.2, 1.4, 2.0))
    return next((found for found in tries if len(found) == fewest), _filled(nodes, width, zoom, room))


def _filled(nodes: Sequence[Node], width: int, zoom: float, room: float) -> list[list[Node]]:
    parts: list[list[Node]] = [[]]
    left = room
    for node in nodes:
        high = height(node, width, zoom)
        if high > left and parts[-1]:
            parts.append([])
            left = room
        parts[-1].append(node)
        left -= high
    return parts


def _height(nodes: Sequence[Node], width: int, zoom: float) -> float:
    return sum(height(node, width, zoom) for node in nodes)


def height(node: Node, width: int, zoom: float) -> float:
    """About how high a building stands in its column: its own line, and its units side by side as they fit."""
    room = ACROSS / width - INDENT * zoom
    own = length(node.name) + _ems(node.no, node.head, node.phone) + OWN_AIR
    unit = max((_ems(*one) + UNIT_AIR for one in node.units), default=1.0)
    beside = max(1, int(room // (unit * UNIT_LETTERS * zoom)))
    return zoom * (BUILDING * max(1, -(-own * LETTERS * zoom // room)) + UNIT * -(-len(node.units) // beside))


def _ems(place: str, name: str, phone: str) -> float:
    """A line of a place and its head; what is shorter than three characters is set as wide."""
    return max(3.0, length(place)) + max(3.0, length(name)) + length(phone)


def _write(scope: Scope, ids: Sequence[int], stamp: Stamp, options: Options) -> list[Drawn]:
    found, is_internal = grounds(scope, ids), options.get("variant") != "public"
    staff, there = Staff(ids, today()), blocks(ids)
    buildings, unit_heads = houses_in(ids), units_in(ids) if is_internal else {}
    drawings = []
    for n, ground in enumerate(found, 1):
        whole = _branches(there.get(ground.id, []), buildings.get(ground.id, []), staff, unit_heads, is_internal)
        context = _context(ground, whole, staff, is_internal)
        drawings.append(
            Drawn(render_template("documents/network_sheet.html", **context, printed=stamp(n)), ground.name)
        )
    return drawings


def _branches(
    named: Sequence[tuple[int, str]],
    buildings: Sequence[House],
    staff: Staff,
    unit_heads: Mapping[int, Sequence[UnitHead]],
    is_internal: bool,
) -> list[Branch]:
    found = []
    for block_id, name in [*named, (None, "")]:
        here = [house for house in buildings if house.block_id == block_id]
        nodes = [_node(house, unit_heads.get(house.id, ()), is_internal) for house in here]
        if nodes or block_id is not None:
            found.append(Branch(name, [*staff.of_block(block_id), *staff.of_parts(here)], nodes))
    return found


def _node(house: House, unit_heads: Sequence[UnitHead], is_internal: bool) -> Node:
    own = house.name if house.name and house.name != house.estate else ""
    if not is_internal:
        return Node(house.numbered, own or "", "", "", [])
    units = [(unit_label(head.unit), head.name, mask_phone(head.phone)) for head in unit_heads if head.name]
    return Node(house.numbered, own or "", house.head_name or "", mask_phone(house.head_phone), units)


def _context(ground: Ground, whole: Sequence[Branch], staff: Staff, is_internal: bool) -> dict[str, Any]:
    labels, committee = ground.labels, staff.committee.get(ground.id, [])
    return {
        "ground": ground,
        "title": _("%(name)s综治四级管理网络", name=ground.name),
        "trees": pages(whole, len(committee)),
        "committee": committee,
        "is_internal": is_internal,
        "levels": [
            (_("社区"), _("社区负责人")),
            (_(labels["block"]), _("网格员")),
            (_(labels["building"]), head_word(labels)),
            (_(labels["unit"]), _("中心户长")),
        ],
        "counts": (
            sum(bool(branch.name) for branch in whole),
            sum(len(branch.nodes) for branch in whole),
            sum(len(node.units) for branch in whole for node in branch.nodes),
        ),
        "day": today(),
        "lang": lang(),
    }


def _styles(options: Options) -> list[str]:
    across, down = SIZES[chosen(options, "size", SIZES, "A3")]
    on_a3 = across / SIZES["A3"][0]
    margin = f"{11 * on_a3:.2f}mm {12 * on_a3:.2f}mm {17 * on_a3:.2f}mm"
    sheet = f"@page {{ size: {across}mm {down}mm; margin: {margin} }}\nhtml {{ font-size: {on_a3:.4f}mm }}"
    return [*stylesheets("paper.css", "network_sheet.css"), sheet]


NETWORK = Paper("network", "community", _styles, _write)
