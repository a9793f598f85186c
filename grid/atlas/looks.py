"""Sizes of everything drawn: on a screen, where people zoom, and on paper, where they do not."""

from dataclasses import dataclass

from grid.atlas.geometry import number

# From the middle of a text down to the line it stands on, in sizes.
BASE = 0.36


@dataclass(frozen=True)
class Look:
    """Sizes on one medium, in its units: numbers of buildings, names of blocks, signs."""

    numbers: tuple[float, ...]
    names: tuple[float, ...]
    sign: float
    margin: float
    line: float
    # The smallest text there is, for counts; and the line of a patrol route.
    count: float
    route: float

    @property
    def street(self) -> float:
        return round(self.sign * 1.1, 2)

    @property
    def street_gap(self) -> float:
        return round(self.sign * 0.28, 2)

    @property
    def route_dashes(self) -> str:
        return f"{number(self.route * 5)} {number(self.route * 3)}"

    @property
    def route_gap(self) -> float:
        return round(self.count * 0.15, 2)

    @property
    def sign_text(self) -> float:
        return round(self.sign * 1.2, 2)

    @property
    def sizes(self) -> str:
        return " ".join(number(size) for size in self.numbers)

    @property
    def line_wide(self) -> float:
        return round(self.line * 2.2, 2)

    @property
    def halo(self) -> float:
        return round(self.line * 3, 2)

    @property
    def dashes(self) -> str:
        return f"{number(self.line * 3)} {number(self.line * 2)}"

    @property
    def dash_dot(self) -> str:
        return " ".join(f"{self.line * part:.2f}" for part in (14, 4, 2.5, 4))


# On a screen people zoom: numbers are as large as their building allows, small ones show when one comes near.
SCREEN = Look(
    numbers=(22, 17, 13, 10, 7.5, 6), names=(34, 28, 22, 16), sign=12, margin=14, line=1.0, count=6, route=2.2
)
# Millimetres on A3.
PAPER = Look(
    numbers=(3.8, 3.1, 2.6, 2.1, 1.75),
    names=(6.0, 5.2, 4.4, 3.6),
    sign=2.3,
    margin=5,
    line=0.2,
    count=1.65,
    route=0.42,
)


def paper_look(share: float) -> Look:
    """The look on a sheet `share` times as wide as A3: on a wall map small numbers may stay small."""
    large, small, steps = PAPER.numbers[0] * share, PAPER.numbers[-1] * share**0.4, len(PAPER.numbers) - 1
    return Look(
        tuple(large * (small / large) ** (step / steps) for step in range(steps + 1)),
        tuple(size * share for size in PAPER.names),
        PAPER.sign * share,
        PAPER.margin * share,
        PAPER.line * share**0.5,
        PAPER.count * share**0.4,
        PAPER.route * share**0.7,
    )
