"""How a sheet is divided between drawing and panel. Lengths are millimetres on A3; other sizes are A3 enlarged."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from grid.atlas.geometry import Bounds

# Landscape, width and height in millimetres.
SIZES = {"A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841)}
ORIENTATIONS = ("landscape", "portrait")

MARGIN, HEAD, FOOT, GAP = 9.0, 19.0, 7.0, 4.0
SIDE, HEADING, ROW, LINE, AIR = 84.0, 7.4, 6.2, 5.4, 6.0
MEASURE, NOTE = 20.0, 8.0
# Columns of the strip below a drawing: least width of a table of people in charge, of counts, legend and scale.
DUTIES_WIDE, COUNTS_WIDE, KEY_WIDE, MEASURE_WIDE, BETWEEN = 88.0, 60.0, 76.0, 46.0, 7.0
# Smaller than this nobody reads a panel; larger it would shout.
LEAST, MOST = 0.55, 1.3
# Between the frame and the community.
DRAWING_AIR = 6.0
INDEX_ROW, INDEX_COLUMN = 4.1, 25.0
# For so many lines nobody should turn the page.
FEW = 3


@dataclass(frozen=True)
class Page:
    """A sheet of paper. `share` is its size against A3."""

    size: str = "A3"
    orientation: str = "landscape"

    @property
    def millimetres(self) -> tuple[int, int]:
        wide, high = SIZES[self.size]
        return (high, wide) if self.orientation == "portrait" else (wide, high)

    @property
    def share(self) -> float:
        return SIZES[self.size][0] / 420

    @property
    def inner(self) -> tuple[float, float]:
        """Between title and foot, in mm on A3."""
        wide, high = self.millimetres
        return wide / self.share - 2 * MARGIN, high / self.share - 2 * MARGIN - HEAD - FOOT


@dataclass(frozen=True)
class Contents:
    """What stands in the panel, in lines."""

    duties: int
    counts: int = 0
    key: int = 1
    layer: int = 0
    notes: int = 0
    # Lines of a list of buildings, for which there need not be room.
    index: int = 0

    def duties_high(self, tables: int = 1) -> float:
        return HEADING + ROW * (ceil(self.duties / tables) + 2)

    @property
    def counts_high(self) -> float:
        return HEADING + LINE * ceil(self.counts / 2) if self.counts else 0.0

    @property
    def key_high(self) -> float:
        return HEADING + LINE * self.key + (HEADING + LINE * self.layer if self.layer else 0.0)

    @property
    def measure_high(self) -> float:
        return MEASURE + NOTE * self.notes

    @property
    def stacked_high(self) -> float:
        """One under another."""
        parts = [self.duties_high(), self.counts_high, self.key_high, self.measure_high]
        return sum(part + AIR for part in parts if part) - AIR

    def strip_high(self, tables: int, own_column: bool) -> float:
        """Side by side; the scale in a column of its own, or under the legend."""
        key = self.key_high if own_column else self.key_high + AIR + self.measure_high
        return max(self.duties_high(tables), self.counts_high, key, self.measure_high)

    def rest_wide(self, own_column: bool) -> float:
        """What the strip holds beside the people in charge."""
        counts = COUNTS_WIDE + BETWEEN if self.counts else 0.0
        return KEY_WIDE + counts + (MEASURE_WIDE + BETWEEN if own_column else 0.0)


@dataclass(frozen=True)
class Spread:
    """The drawing, and beside or below it the panel; `grade` makes a long panel smaller, `free` is what it leaves."""

    is_below: bool
    width: float
    height: float
    strip: float
    grade: float = 1.0
    free: float = 0.0
    # Tables side by side for the people in charge.
    tables: int = 1
    is_narrow: bool = False

    def scale(self, bounds: Bounds) -> float:
        west, south, east, north = bounds
        return min(self.width / max(east - west, 1.0), self.height / max(north - south, 1.0))


def spread(bounds: Bounds, contents: Contents, page: Page) -> Spread:
    """The panel goes where it leaves the community the larger drawing, and takes the ground the drawing cannot use."""
    found = [*_beside(contents, page), *_below(contents, page)]
    best = max(found, key=lambda one: (one.grade >= 0.8, one.scale(bounds)))
    return _grown(best, bounds, contents, page)


def _beside(contents: Contents, page: Page) -> Iterator[Spread]:
    wide, high = page.inner
    needed = contents.stacked_high
    grade = max(min(1.0, high / needed), LEAST)
    yield Spread(False, wide - SIDE - GAP, high, SIDE, grade, max(high - needed * grade - AIR, 0.0))


def _below(contents: Contents, page: Page) -> Iterator[Spread]:
    """Duties, counts and legend side by side; the scale in a column of its own where there is width for it."""
    wide, high = page.inner
    for own_column in (True, False):
        rest = contents.rest_wide(own_column)
        tables = min(int((wide - rest) // (DUTIES_WIDE + BETWEEN)), contents.duties)
        if tables < 1:
            continue
        strip = contents.strip_high(tables, own_column)
        if strip < high / 2:
            yield Spread(True, wide, high - strip - GAP, strip, tables=tables, is_narrow=not own_column)


def _grown(found: Spread, bounds: Bounds, contents: Contents, page: Page) -> Spread:
    """A drawing that is much wider or taller than its ground leaves room: the panel is set larger."""
    wide, high = page.inner
    west, south, east, north = bounds
    scale = found.scale(bounds)
    if found.is_below:
        return _grown_below(found, scale * (north - south), contents, page)
    if found.grade < 1:
        return found
    spare = found.width - scale * (east - west) - 2 * DRAWING_AIR
    grade = max(1.0, min(MOST, high / contents.stacked_high, (SIDE + spare) / SIDE))
    free = max(high - contents.stacked_high * grade - AIR, 0.0) / grade
    return replace(found, width=wide - SIDE * grade - GAP, strip=SIDE * grade, grade=grade, free=free)


def _grown_below(found: Spread, drawn: float, contents: Contents, page: Page) -> Spread:
    """As large as there is room, but rather a little smaller than without the list of buildings."""
    wide, high = page.inner
    spare = max(found.height - drawn - 2 * DRAWING_AIR, 0.0)
    room = wide / (contents.rest_wide(not found.is_narrow) + found.tables * (DUTIES_WIDE + BETWEEN))
    most = max(1.0, min(MOST, room, (found.strip + spare) / found.strip))
    made = []
    for grade in (most, (1 + most) / 2, 1.0):
        strip = found.strip * grade
        free = max((spare - strip + found.strip) / grade - AIR, 0.0)
        made.append(replace(found, height=high - strip - GAP, strip=strip, grade=grade, free=free))
    return next((one for one in made if index_beside(one, page, contents.index)), made[0])


@dataclass(frozen=True)
class Index:
    """The list of buildings on the sheet itself: lines in a column, and how many columns stand side by side."""

    lines: int
    columns: int

    @property
    def high(self) -> float:
        return HEADING + INDEX_ROW * (self.lines + 1)


def index_beside(found: Spread, page: Page, count: int) -> Index | None:
    """So many lines in the room that is free in the panel; None where they don't fit."""
    columns = int(page.inner[0] / found.grade // INDEX_COLUMN) if found.is_below else 3
    index = Index(ceil(count / columns), columns)
    return index if count and index.high <= found.free else None


def few_lines(found: Spread, page: Page, count: int) -> Index | None:
    """Room for a short list below the panel, at the cost of the drawing; with lines to spare, as that gets smaller."""
    columns = int(page.inner[0] / found.grade // INDEX_COLUMN)
    lines = ceil(count * 1.4 / columns)
    return Index(lines, columns) if found.is_below and 0 < lines <= FEW else None


def with_index(found: Spread, index: Index) -> Spread:
    """Below a drawing the list takes its room from the drawing's frame."""
    if not found.is_below:
        return found
    return replace(found, height=found.height - (index.high + AIR) * found.grade)


@dataclass(frozen=True)
class IndexPages:
    """How the list of buildings is set on pages of its own: columns on a page and lines in a column."""

    columns: int
    lines: int
    grade: float


def index_pages(page: Page) -> IndexPages:
    """On a wall map the list is not as large as the map's own letters: it is read from near."""
    grade = page.share**0.4 / page.share
    wide, high = page.inner
    return IndexPages(
        int(wide // (INDEX_COLUMN * 1.2 * grade)), int((high - HEADING) // (INDEX_ROW * grade)) - 2, grade
    )
