"""Small charts as plain shapes: templates/ledgers/_chart.svg draws them, on the screen and on paper alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import NamedTuple

# How much of a bar's place stays empty.
GAP = 0.32
Labelled = Sequence[tuple[str, float | None]]


class Room(NamedTuple):
    """Around the plot, in units of the drawing."""

    left: float
    right: float
    top: float
    bottom: float


WITH_WORDS = Room(44, 10, 20, 24)
BARE = Room(3, 3, 4, 3)


@dataclass(frozen=True)
class Shape:
    """A bar, or the mark of a point (w and h are 0). `is_short` ones are hollow."""

    x: float
    y: float
    w: float
    h: float
    label: str
    words: str
    is_short: bool


@dataclass(frozen=True)
class Rule:
    """A line across the plot at y, with its words."""

    y: float
    words: str


@dataclass(frozen=True)
class Words:
    """Written around a middle."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Chart:
    """`path` goes through the points of a line; a place without a figure interrupts it."""

    kind: str
    title: str
    width: float
    height: float
    left: float
    right: float
    shapes: tuple[Shape, ...]
    path: str
    rules: tuple[Rule, ...]
    target: Rule | None
    ticks: tuple[Words, ...]
    values: tuple[Words, ...]
    is_small: bool


@dataclass(frozen=True)
class Look:
    """How a chart is drawn. Shares are from 0 to 1 and written as percents; a small one is a spark without words."""

    title: str
    target: float | None = None
    is_share: bool = False
    # A target one must stay below.
    is_limit: bool = False
    width: float = 640
    height: float = 220
    is_small: bool = False

    def is_short(self, value: float) -> bool:
        if self.target is None:
            return False
        return value > self.target if self.is_limit else value < self.target


def bars(points: Labelled, look: Look) -> Chart:
    """Upright bars, one per label. Those that do not reach the target are hollow."""
    return _Plot(points, look).chart("bars")


def line(points: Labelled, look: Look) -> Chart:
    """A line with a mark per label; marks that do not reach the target are hollow."""
    return _Plot(points, look).chart("line")


class _Plot:
    """Where the points of one chart lie."""

    def __init__(self, points: Labelled, look: Look) -> None:
        self.points, self.look = points, look
        self.room = BARE if look.is_small else WITH_WORDS
        self.highest = _highest([v for _label, v in points if v is not None], look)
        self.step = (look.width - self.room.left - self.room.right) / max(1, len(points))

    def y(self, value: float) -> float:
        tall = self.look.height - self.room.top - self.room.bottom
        return round(self.room.top + tall * (1 - min(value, self.highest) / self.highest), 1)

    def middle(self, nth: int) -> float:
        return round(self.room.left + self.step * (nth + 0.5), 1)

    def rule(self, value: float) -> Rule:
        return Rule(self.y(value), value_words(value, self.look.is_share))

    def shape(self, nth: int, label: str, value: float, wide: float) -> Shape:
        words, y = value_words(value, self.look.is_share), self.y(value)
        high = round(self.y(0) - y, 1) if wide else 0.0
        return Shape(round(self.middle(nth) - wide / 2, 1), y, wide, high, label, words, self.look.is_short(value))

    def chart(self, kind: str) -> Chart:
        wide = round(self.step * (1 - GAP), 1) if kind == "bars" else 0.0
        drawn = [self.shape(n, label, v, wide) for n, (label, v) in enumerate(self.points) if v is not None]
        foot = self.look.height - 7
        says = not self.look.is_small
        return Chart(
            kind,
            self.look.title,
            self.look.width,
            self.look.height,
            self.room.left,
            self.look.width - self.room.right,
            tuple(drawn),
            self.path() if kind == "line" else "",
            tuple(self.rule(self.highest * part) for part in (0, 0.5, 1)) if says else (),
            self.rule(self.look.target) if self.look.target is not None else None,
            tuple(Words(self.middle(n), foot, label) for n, (label, _v) in enumerate(self.points)) if says else (),
            tuple(Words(round(s.x + s.w / 2, 1), s.y - 6, s.words) for s in drawn) if says else (),
            self.look.is_small,
        )

    def path(self) -> str:
        pieces, before = [], None
        for nth, (_label, value) in enumerate(self.points):
            if value is not None:
                pieces.append(f"{'M' if before is None else 'L'}{self.middle(nth):g} {self.y(value):g}")
            before = value
        return " ".join(pieces)


def _highest(values: Sequence[float], look: Look) -> float:
    """A round number at or above everything that is drawn."""
    top = max([*values, look.target or 0.0], default=0.0)
    if look.is_share:
        return max(1.0, ceil(top * 2) / 2)
    if top <= 4:
        return 4.0
    size = 10 ** floor(log10(top))
    return float(next(size * factor for factor in (1, 2, 4, 6, 8, 10) if size * factor >= top))


def value_words(value: float, is_share: bool) -> str:
    shown = float(round(100 * value if is_share else value, 1))
    text = f"{shown:,.0f}" if shown.is_integer() else f"{shown:,.1f}"
    return f"{text}%" if is_share else text
