"""今天 as one immutable object: households that are due, as a climb, each with every reason why."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from grid.core.paging import Page


class Reason(NamedTuple):
    """Why somebody has to go to a household.

    `days` counts from the day it was due, negative before it; `asks` is the kind of contact a rule wants,
    `people` whom it concerns. No tag is named.
    """

    state: str
    kind: str
    days: int
    asks: str | None = None
    people: int = 1
    # Whether a restricted tag is behind it: the page looks the same, but who saw it is written down.
    restricted: bool = False
    # Of a permit: the public id of the one whose runs out first.
    person: str | None = None


class Step(NamedTuple):
    """A household that is due; the most urgent reason comes first."""

    household_id: int
    building_id: int
    reasons: tuple[Reason, ...]


class House(NamedTuple):
    """A building the climb goes through."""

    id: int
    public_id: str
    no: str
    estate: str | None
    block: str | None
    community_id: int
    community: str
    visit_every_days: int


class Line(NamedTuple):
    """A step as it is shown. `chips` are the reasons in words, each with its class."""

    public_id: str
    code: str
    head: str | None
    found_at: str
    # The visit form opens with this kind: ?kind=talk, or nothing.
    ask: str
    chips: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...]


class Group(NamedTuple):
    """What is to be done in one building: `n` households in all, `lines` those of this page."""

    house: House
    n: int
    lines: tuple[Line, ...]


class Ask(NamedTuple):
    """What others wait for this reader to do, told on top: where it is done, and of which community where there
    are several."""

    words: str
    address: str
    community: str = ""


@dataclass(frozen=True)
class Today:
    """Counts are households of the whole scope; `now` and `ahead` what this page holds of them."""

    day: date
    overdue: int
    due: int
    early: int
    recorded: int
    now: tuple[Group, ...]
    ahead: tuple[Group, ...]
    # Buildings with something due, and how many households there.
    houses: tuple[tuple[House, int], ...]
    several_communities: bool = False
    page: Page[Step] | None = None
    # The page on which what lies ahead begins.
    ahead_from: int = 1

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for group in self.now + self.ahead for line in group.lines)

    @property
    def tells_restricted(self) -> bool:
        return any(reason.restricted for line in self.lines for reason in line.reasons)
