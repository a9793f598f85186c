"""The four ways to colour a map: what each bucket means, its colour, its hatch and its sign.

The one source of every colour of a layer: the SVG takes fills and patterns from here, and
static/css/layers.css is written from it (`flask atlas colours`; a test compares them).
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from grid.core.i18n import N_
from grid.core.i18n import gettext as _

# A colour never speaks alone: the hatch carries it in black and white, and densest is where work waits.
PLAIN, DOTS, SPARSE, LINES, CROSS, UPRIGHT = "plain", "dots", "sparse", "lines", "cross", "upright"


@dataclass(frozen=True)
class Bucket:
    css: str
    fill: str
    ink: str
    hatch: str
    # What stands in a door's cell instead of a hatch.
    sign: str = ""


class Sums(NamedTuple):
    """One building in numbers, in the order in which the map's statement counts them."""

    doors: int = 0
    visited: int = 0
    own: int = 0
    rented: int = 0
    vacant: int = 0
    tagged: int = 0
    # Percentages of all doors added up.
    completeness: int = 0
    members: int = 0
    lived_in: int = 0

    @property
    def mean_completeness(self) -> int:
        return self.completeness // self.doors if self.doors else 0


VISIT = (
    Bucket("l-visit-0", "#f3ae7d", "#a94f17", CROSS, "×"),
    Bucket("l-visit-1", "#f8cda5", "#bd7637", LINES, "○"),
    Bucket("l-visit-2", "#fbe7c6", "#c79f55", SPARSE, "◎"),
    Bucket("l-visit-3", "#d6e6f1", "#7ba5c3", DOTS),
    Bucket("l-visit-4", "#a8cce3", "#4c86ab", PLAIN, "●"),
)
HOME = (
    Bucket("l-home-own", "#cfe6d3", "#6a9c73", PLAIN, N_("自")),
    Bucket("l-home-some", "#fcecc0", "#c9a13b", SPARSE),
    Bucket("l-home-rented", "#f7cc77", "#a9720d", LINES, N_("租")),
    Bucket("l-home-vacant", "#e1e1df", "#868683", DOTS, N_("空")),
    Bucket("l-home-other", "#cfd9ef", "#6f82ba", UPRIGHT, N_("他")),
    Bucket("l-home-unknown", "#ffffff", "#b5b5b0", PLAIN, "？"),
)
TAG = (
    Bucket("l-tag-0", "#ffffff", "#a9b1c9", PLAIN),
    Bucket("l-tag-1", "#e7ecf8", "#8596cc", DOTS),
    Bucket("l-tag-2", "#ced9f1", "#6b7fc0", SPARSE),
    Bucket("l-tag-3", "#b3c3e8", "#556bb3", LINES),
    Bucket("l-tag-4", "#96abdc", "#40569f", CROSS),
)
FULL = (
    Bucket("l-full-0", "#d4afd9", "#84478f", CROSS),
    Bucket("l-full-1", "#e6cfe9", "#a276ab", LINES),
    Bucket("l-full-2", "#f4ecf3", "#bda3bf", SPARSE),
    Bucket("l-full-3", "#d7ebe1", "#78b099", DOTS),
    Bucket("l-full-4", "#a3d5c2", "#3f8f74", PLAIN),
)
NONE = Bucket("l-none", "#f4f4f1", "#b9b9b2", PLAIN)

# The pale grounds of the blocks, in the order of their numbers.
TINTS = ("#e3eef8", "#fbeedd", "#e4f2e3", "#f9e5ea", "#ece6f5", "#fbf6d9", "#dff1f1", "#f3ebe2")

LAYERS = ("visits", "occupancy", "tags", "completeness")
NAMES = {
    "visits": N_("走访"),
    "occupancy": N_("房屋"),
    "tags": N_("标签"),
    "completeness": N_("完整率"),
}
BUCKETS = {"visits": VISIT, "occupancy": HOME, "tags": TAG, "completeness": FULL}

VISITED = (0.2, 0.4, 0.6, 0.8)
TAGGED = (1, 5, 15, 30)
COMPLETE = (40, 60, 75, 90)
# Doors are asked about after this many rounds as 'a while ago' instead of 'long ago'.
ROUNDS = 3


def step(value: float, bounds: Sequence[float]) -> int:
    """How many of the rising bounds a value has reached."""
    return bisect_right(bounds, value)


def of_building(layer: str, sums: Sums) -> tuple[Bucket, int]:
    """The bucket of a building, and the figure that put it there."""
    if not sums.doors:
        return NONE, 0
    return MEASURES[layer](sums)


def _visited(sums: Sums) -> tuple[Bucket, int]:
    """The share of the homes somebody lives in."""
    if not sums.lived_in:
        return NONE, 0
    return VISIT[step(sums.visited / sums.lived_in, VISITED)], percent(sums.visited, sums.lived_in)


def _homes(sums: Sums) -> tuple[Bucket, int]:
    """What stands out: many empty, mostly let, partly let, else lived in by their owners."""
    own, some, rented, vacant, _other, unknown = HOME
    let = percent(sums.rented, sums.doors)
    if sums.vacant / sums.doors >= 0.3:
        return vacant, let
    if let >= 20:
        return rented if let >= 50 else some, let
    return own if sums.own else unknown, let


def _tagged(sums: Sums) -> tuple[Bucket, int]:
    return TAG[step(sums.tagged, TAGGED)], sums.tagged


def _complete(sums: Sums) -> tuple[Bucket, int]:
    return FULL[step(sums.mean_completeness, COMPLETE)], sums.mean_completeness


def percent(part: int, whole: int) -> int:
    """Rounded down: 100 % means all."""
    return 100 * part // whole


MEASURES: Mapping[str, Callable[[Sums], tuple[Bucket, int]]] = {
    "visits": _visited,
    "occupancy": _homes,
    "tags": _tagged,
    "completeness": _complete,
}


def figure_words(layer: str) -> str:
    """The words around a building's figure, to be filled with `% n`; asked for once, not per building."""
    if layer == "visits":
        return _("走访 %d%%")
    if layer == "occupancy":
        return _("出租 %d%%")
    return _("有标签 %d 户") if layer == "tags" else _("完整率 %d%%")


DOOR_HOMES = {"own": HOME[0], "rented": HOME[2], "vacant": HOME[3], "other": HOME[4]}


def of_visit(last: date | None, recent: date, older: date) -> Bucket:
    """A door by its last visit: within one round, within three, longer ago, never."""
    if last is None:
        return VISIT[0]
    if last >= recent:
        return VISIT[4]
    return VISIT[2] if last >= older else VISIT[1]


def of_occupancy(occupancy: str | None) -> Bucket:
    return DOOR_HOMES.get(occupancy or "", HOME[5])


def of_tags(count: int) -> Bucket:
    return TAG[min(count, 3)]


def of_completeness(percent: int) -> Bucket:
    return FULL[step(percent, COMPLETE)]


def name(layer: str) -> str:
    return _(NAMES[layer])


def building_legend(layer: str) -> list[tuple[Bucket, str]]:
    """Bucket and words, from what is well to what needs work."""
    if layer == "visits":
        shares = ("0–19 %", "20–39 %", "40–59 %", "60–79 %", "80–100 %")
        return list(zip(reversed(VISIT), reversed(shares), strict=True))
    if layer == "occupancy":
        own, some, rented, vacant, _other, unknown = HOME
        return [
            (own, _("自住为主")),
            (some, _("出租两成以上")),
            (rented, _("出租过半")),
            (vacant, _("空置三成以上")),
            (unknown, _("未登记")),
        ]
    if layer == "tags":
        counts = (_("无"), _("1–4 户"), _("5–14 户"), _("15–29 户"), _("30 户以上"))
        return list(zip(TAG, counts, strict=True))
    shares = (_("40 % 以下"), "40–59 %", "60–74 %", "75–89 %", _("90 % 以上"))
    return list(zip(reversed(FULL), reversed(shares), strict=True))


def drawn_legend(layer: str, used: Collection[str]) -> list[tuple[Bucket, str]]:
    """The legend of what is on the map, and no more."""
    whole = [*building_legend(layer), (NONE, _("没有住户"))]
    return [(bucket, words) for bucket, words in whole if bucket.css in used]


def building_title(layer: str, days: int) -> str:
    """What a legend of buildings measures."""
    if layer == "visits":
        return _("有人住的户，%(n)s 天内走访过", n=days)
    if layer == "occupancy":
        return _("房屋状态")
    return _("有标签的户") if layer == "tags" else _("平均完整率")


def door_legend(layer: str, days: int) -> list[tuple[Bucket, str]]:
    if layer == "visits":
        return [
            (VISIT[4], _("%(n)s 天内", n=days)),
            (VISIT[2], _("%(n)s 天内", n=days * ROUNDS)),
            (VISIT[1], _("更早")),
            (VISIT[0], _("还没见到人")),
            (NONE, _("没有住户")),
        ]
    if layer == "occupancy":
        own, _some, rented, vacant, other, unknown = HOME
        words = (_("自住"), _("出租"), _("空置"), _("其他"), _("未登记"))
        return list(zip((own, rented, vacant, other, unknown), words, strict=True))
    if layer == "tags":
        return list(zip(TAG[:4], (_("无标签"), "1", "2", _("3 个以上")), strict=True))
    return building_legend(layer)


def stylesheet() -> str:
    """The text of static/css/layers.css: grounds for cells, hatches for the swatches of a legend."""
    lines = ["/* Written from grid/atlas/layers.py by `flask atlas colours`; change the colours there. */"]
    for bucket in (*VISIT, *HOME, *TAG, *FULL, NONE):
        lines.append(f".{bucket.css} {{ background-color: {bucket.fill}; }}")
        if bucket.hatch != PLAIN:
            lines.append(f".hatched.{bucket.css} {{ {_css_hatch(bucket)} }}")
    return "\n".join(lines) + "\n" + tint_rules()


def tint_rules() -> str:
    return "".join(f".tint-{at} {{ background-color: {tint}; }}\n" for at, tint in enumerate(TINTS))


def _css_hatch(bucket: Bucket) -> str:
    ink = bucket.ink
    if bucket.hatch == DOTS:
        return f"background-image: radial-gradient({ink} 1px, transparent 1.3px); background-size: 5px 5px;"
    if bucket.hatch == UPRIGHT:
        return f"background-image: repeating-linear-gradient(90deg, {ink} 0 1px, transparent 1px 5px);"
    gap = {SPARSE: 8, LINES: 5, CROSS: 5}[bucket.hatch]
    lines = f"repeating-linear-gradient(-45deg, {ink} 0 1px, transparent 1px {gap}px)"
    if bucket.hatch == CROSS:
        lines += f", repeating-linear-gradient(45deg, {ink} 0 1px, transparent 1px {gap}px)"
    return f"background-image: {lines};"
