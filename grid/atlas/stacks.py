"""A building's number and its counts as one block: under one another, side by side, or on three lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grid.atlas.geometry import Outline, Point, largest
from grid.atlas.labels import AIR, HIGH, Board, Label, around, box_of, centres, text_width
from grid.atlas.looks import BASE

# Counts are so much smaller than the number they belong to.
SMALLER = 0.6
# Space between two lines and between a number and what stands beside it, in sizes.
LEADING, GAP = 0.08, 0.35


@dataclass(frozen=True, slots=True)
class Stack:
    """Texts with their distance from the middle of the block, and how wide and high the block is."""

    parts: tuple[tuple[str, float, float, float], ...]
    wide: float
    high: float

    def at(self, x: float, y: float) -> tuple[Label, ...]:
        return tuple(Label(text, x + dx, y + dy, size) for text, dx, dy, size in self.parts)


def under(lines: Sequence[tuple[str, float]]) -> Stack:
    """Lines of text and size, each centred under the one before."""
    highs = [size * (HIGH + 2 * AIR) for _text, size in lines]
    high = sum(highs) + sum(size * LEADING for _text, size in lines[1:])
    wide = max(text_width(text, size) + 2 * AIR * size for text, size in lines)
    parts, y = [], -high / 2
    for at, (text, size) in enumerate(lines):
        y += size * LEADING if at else 0
        parts.append((text, 0.0, y + highs[at] / 2, size))
        y += highs[at]
    return Stack(tuple(parts), wide, high)


def side_by_side(no: tuple[str, float], words: tuple[str, float]) -> Stack:
    """Both on one line, the number first."""
    widths = [text_width(text, size) + 2 * AIR * size for text, size in (no, words)]
    wide = sum(widths) + GAP * words[1]
    drop = BASE * (no[1] - words[1])
    parts = ((*no[:1], (widths[0] - wide) / 2, 0.0, no[1]), (words[0], (wide - widths[1]) / 2, drop, words[1]))
    return Stack(parts, wide, no[1] * (HIGH + 2 * AIR))


def stacks(no: str, counts: Sequence[str], sizes: Sequence[float], least: float) -> Iterator[Stack]:
    """Every way to set a number with its counts, the largest first."""
    words = " ".join(counts)
    for size in sizes:
        small = max(size * SMALLER, least)
        if small > size:
            return
        yield under([(no, size), (words, small)])
        yield side_by_side((no, size), (words, small))
        if len(counts) > 1:
            yield under([(no, size), *((part, small) for part in counts)])


def inside(
    board: Board, label: Label, counts: Sequence[str], outline: Outline, least: float
) -> tuple[Label, ...] | None:
    """A number that stands in its footprint set once more, together with its counts; None where they don't fit."""
    area = largest(outline)
    west, north, east, south = area.bounds
    spots: list[Point] = [(label.x, label.y), *centres(area)]
    board.lift(label)
    # The number keeps its rank: rather than shrink it much, the counts go beside the building.
    smallest = min(label.size, board.sizes[len(board.sizes) // 2])
    sizes = [size for size in board.sizes if size >= smallest]
    for stack in stacks(label.text, counts, sizes, least):
        if stack.wide > east - west or stack.high > south - north:
            continue
        for x, y in spots:
            box = (x - stack.wide / 2, y - stack.high / 2, x + stack.wide / 2, y + stack.high / 2)
            if board.is_room(box, area):
                return tuple(board.put(part) for part in stack.at(x, y))
    board.put(label)
    return None


def beside(board: Board, label: Label, counts: Sequence[str], outline: Outline, least: float) -> Label | None:
    """Counts on free ground, close to their building or to its number and to no other building."""
    words = " ".join(counts)
    bounds = box_of(label) if label.leader else largest(outline).bounds
    for box, x, y in around(words, bounds, least, (0.1,)):
        if board.is_open(box) and board.is_alone(box, outline, least * 0.7):
            return board.put(Label(words, x, y, least))
    return None
