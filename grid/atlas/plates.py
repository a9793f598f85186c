"""Maps kept ready: the shapes of a community as markup, drawn once per geometry version, coloured per request."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import current_app
from markupsafe import Markup, escape

from grid.accounts.models import Scope
from grid.atlas import layers, queries
from grid.atlas.drawing import Drawing, extent, for_screen
from grid.atlas.layers import Bucket, Sums
from grid.atlas.survey import survey
from grid.core.i18n import gettext as _

KEPT = 64

BUCKETS = {bucket.css: bucket for buckets in (*layers.BUCKETS.values(), (layers.NONE,)) for bucket in buckets}


@dataclass(frozen=True)
class Plate:
    """One community drawn for one medium, each part as markup; a building still without link and colour."""

    drawing: Drawing
    blocks: Mapping[int, Markup]
    names: Mapping[int, Markup]
    buildings: Mapping[int, Markup]
    numbers: Mapping[int, Markup]
    sites: Markup
    scenery: Markup
    routes: Markup
    counts: Markup
    all_blocks: Markup
    all_names: Markup
    all_numbers: Markup
    # Per building what _painted needs, escaped: id, public id, number, name, block, shape.
    lines: Sequence[tuple[int, str, str, str, int | None, str]]

    def knows(self, building_ids: Iterable[int]) -> bool:
        return all(building_id in self.buildings for building_id in building_ids)


_kept: OrderedDict[tuple[str, int], Plate] = OrderedDict()


def plate_of(ground: queries.Ground, building_ids: Iterable[int]) -> Plate:
    """The plate of the present geometry; drawn anew when a building turns up that it does not show."""
    key = (ground.public_id, ground.geometry_version)
    plate = _kept.get(key)
    if plate is None or not plate.knows(building_ids):
        plate = make_plate(for_screen(survey(queries.ground_rows(ground.id))))
        _kept[key] = plate
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return plate


def forget_plates() -> None:
    """For tests that reuse public ids."""
    _kept.clear()


def make_plate(drawn: Drawing) -> Plate:
    macros = current_app.jinja_env.get_template("atlas/_shapes.svg").module
    look = drawn.look
    blocks: dict[int, Markup] = {b.id: macros.block(b) for b in drawn.blocks}  # type: ignore[attr-defined]
    names: dict[int, Markup] = {b.id: macros.text(b.text) for b in drawn.blocks if b.text}  # type: ignore[attr-defined]
    numbers: dict[int, Markup] = {
        b.id: macros.number(b.text, look.line)  # type: ignore[attr-defined]
        for b in drawn.buildings
        if b.text
    }
    buildings = {b.id: macros.building(b, look.dashes) for b in drawn.buildings}  # type: ignore[attr-defined]
    signs = [macros.site(s, look) for s in drawn.sites]  # type: ignore[attr-defined]
    signs += [macros.text(s.text) for s in drawn.sites if s.text]  # type: ignore[attr-defined]
    return Plate(
        drawing=drawn,
        blocks=blocks,
        names=names,
        buildings=buildings,
        numbers=numbers,
        sites=Markup("").join(signs),
        scenery=macros.scenery(drawn),  # type: ignore[attr-defined]
        routes=macros.routes(drawn),  # type: ignore[attr-defined]
        counts=Markup("").join(macros.counts(b) for b in drawn.buildings if b.counts),  # type: ignore[attr-defined]
        all_blocks=Markup("").join(blocks.values()),
        all_names=Markup("").join(names.values()),
        all_numbers=Markup("").join(numbers.values()),
        lines=[
            (b.id, b.public_id, str(escape(b.no)), str(escape(b.name)), b.block_id, str(buildings[b.id]))
            for b in drawn.buildings
        ],
    )


# All escaped. Bucket twice (class and fill), public id, what a screen reader says, shape.
Cell = tuple[str, str, str, str, str]
# Public id, bucket, number, name, doors, figure.
Line = tuple[str, str, str, str, int, str]


@dataclass(frozen=True)
class Coloured:
    """A plate in one layer for one reader, ready for _map.svg and for the list beside it."""

    drawing: Drawing
    view_box: str
    boundary: str
    blocks: Markup
    names: Markup
    numbers: Markup
    sites: Markup
    scenery: Markup
    routes: Markup
    counts: Markup
    cells: list[Cell]
    # Per block: its name (nothing: in no block yet), the number of its tint, its buildings.
    groups: list[tuple[str, int, list[Line]]]
    buckets: list[Bucket]
    # For paper: colour, id of a hatch or nothing, shape.
    grounds: Sequence[tuple[str, str, Markup]] = ()
    has_hatches: bool = False

    @property
    def used(self) -> frozenset[str]:
        """The buckets that occur: a legend names no others."""
        return frozenset(line[1] for _name, _tint, lines in self.groups for line in lines)


def coloured(plate: Plate, layer: str, scope: Scope, ground: queries.Ground, sums: Mapping[int, Sums]) -> Coloured:
    """Only buildings in scope, and the blocks they stand in."""
    drawn = plate.drawing
    if scope.allows(ground.id):
        cells, lists = _painted(plate.lines, layer, sums)
        parts = (plate.all_blocks, plate.all_names, plate.all_numbers)
        return _coloured(plate, layer, extent(drawn), parts, cells, lists)
    own = frozenset(scope.buildings)
    cells, lists = _painted([line for line in plate.lines if line[0] in own], layer, sums)
    mine = [line[0] for line in plate.lines if line[0] in own]
    parts = (_joined(plate.blocks, lists), _joined(plate.names, lists), _joined(plate.numbers, mine))
    return _coloured(plate, layer, extent(drawn, own), parts, cells, lists)


def _joined(parts: Mapping[int, Markup], keys: Iterable[int | None]) -> Markup:
    return Markup("").join(parts[key] for key in keys if key is not None and key in parts)


def _coloured(
    plate: Plate,
    layer: str,
    view_box: str,
    parts: tuple[Markup, Markup, Markup],
    cells: list[Cell],
    lists: Mapping[int | None, list[Line]],
) -> Coloured:
    blocks, names, numbers = parts
    groups = [(b.name, b.tint_no, lists[b.id]) for b in plate.drawing.blocks if b.id in lists]
    rest = [line for key, lines in lists.items() if key not in plate.blocks for line in lines]
    if rest:
        groups.append(("", -1, rest))
    return Coloured(
        drawing=plate.drawing,
        view_box=view_box,
        boundary=plate.drawing.boundary,
        blocks=blocks,
        names=names,
        numbers=numbers,
        sites=plate.sites,
        scenery=plate.scenery,
        routes=plate.routes,
        counts=plate.counts,
        cells=cells,
        groups=groups,
        buckets=[*layers.BUCKETS[layer], layers.NONE],
    )


def _painted(
    mine: Iterable[tuple[int, str, str, str, int | None, str]], layer: str, sums: Mapping[int, Sums]
) -> tuple[list[Cell], dict[int | None, list[Line]]]:
    """Every building with its bucket; words are looked up once, not per building."""
    figure, title, empty = layers.figure_words(layer), _("%s幢 · %d 户 · "), _("没有住户")
    of_building, nothing = layers.of_building, Sums()
    cells: list[Cell] = []
    lists: dict[int | None, list[Line]] = defaultdict(list)
    for building_id, public_id, no, name, block_id, shape in mine:
        found = sums.get(building_id, nothing)
        bucket, n = of_building(layer, found)
        css, doors = bucket.css, found[0]
        words = figure % n if doors else empty
        cells.append((css, css, public_id, title % (no, doors) + words, shape))
        lists[block_id].append((public_id, css, no, name, doors, words))
    return cells, lists


def for_sheet(plate: Plate, layer: str | None, sums: Mapping[int, Sums]) -> Coloured:
    """All of it for paper, buildings white or in a layer."""
    cells, lists = _painted(plate.lines, layer or "visits", sums)
    parts = (plate.all_blocks, plate.all_names, plate.all_numbers)
    found = _coloured(plate, layer or "visits", extent(plate.drawing), parts, cells, lists)
    if layer is None:
        white = [("#fff", "", shape) for shape in plate.buildings.values()]
        return replace(found, buckets=[], grounds=white)
    buckets = (BUCKETS[cell[0]] for cell in cells)
    grounds = [_ground(bucket, shape) for bucket, shape in zip(buckets, plate.buildings.values(), strict=True)]
    hatched = [bucket for bucket in found.buckets if bucket.hatch != layers.PLAIN]
    return replace(found, buckets=hatched, grounds=grounds, has_hatches=True)


def _ground(bucket: Bucket, shape: Markup) -> tuple[str, str, Markup]:
    return bucket.fill, "" if bucket.hatch == layers.PLAIN else bucket.css, shape
