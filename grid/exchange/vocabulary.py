"""What a community's files taught about its words, and the words of a file that nobody has taught yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEADING, CODE, TAG = "heading:", "code:", "tag"
# Means: nobody needs it, ask no more.
IGNORED = "-"
LONGEST = 60
MOST_UNKNOWN = 200
# Columns that rosters have and no register needs; nobody is asked about them.
UNREAD = frozenset(("序号", "编号", "no", "no.", "所属网格", "网格", "是否重点人员", "户编号"))

# By kind (heading:residents, code:relation, tag), then by word.
Learnt = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Unknown:
    """A word in no list: how many rows say it, and where it stands first."""

    kind: str
    said: str
    rows: int
    place: str


@dataclass
class Vocabulary:
    """Goes through a whole plan with its layouts: gives what was learnt, gathers what is unknown."""

    learnt: Learnt = field(default_factory=dict)
    met: dict[tuple[str, str], Unknown] = field(default_factory=dict)

    def means(self, kind: str, said: str) -> str | None:
        return self.learnt.get(kind, {}).get(said[:LONGEST])

    def wonder(self, kind: str, said: str, place: str, rows: int = 1) -> None:
        """Somebody should be asked what this means."""
        key = (kind, said[:LONGEST])
        before = self.met.get(key)
        if before is None and len(self.met) >= MOST_UNKNOWN:
            return
        first = before.place if before else place
        self.met[key] = Unknown(*key, rows + (before.rows if before else 0), first)

    @property
    def unknown(self) -> list[Unknown]:
        """Headings first, then what most rows say."""
        return sorted(self.met.values(), key=lambda one: (not one.kind.startswith(HEADING), -one.rows, one.said))
