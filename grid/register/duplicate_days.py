"""Two lives in doors become one: on each day behind one door at most. Knows no database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

Days = tuple[date, date]


@dataclass(frozen=True)
class Stay:
    """Behind one door from a day to a day (not included); None is open, or not known."""

    id: int
    household_id: int
    from_on: date | None
    to_on: date | None

    @property
    def days(self) -> Days:
        return (self.from_on or date.min, self.to_on or date.max)


def one_life(stays: Sequence[Stay]) -> list[Stay]:
    """What is left of each stay where those before it in the list have taken its days.

    A stay may fall into several, with the same id, or be gone. One whose beginning nobody knows gives way to all that
    are known, and begins where the last of them ended.
    """
    left: list[Stay] = []
    taken: list[Days] = []
    for stay in sorted(stays, key=lambda stay: stay.from_on is None):
        first, end = stay.days
        if first >= end:
            # No day was spent there, and none can be there twice.
            left.append(stay)
            continue
        pieces = _without((first, end), taken)
        kept = pieces if stay.from_on else pieces[-1:]
        left += [replace(stay, from_on=_known(first), to_on=_known(end)) for first, end in kept]
        taken += kept
    return left


def _without(days: Days, taken: Iterable[Days]) -> list[Days]:
    pieces = [days]
    for first, end in taken:
        pieces = [
            (start, stop) for a, b in pieces for start, stop in ((a, min(b, first)), (max(a, end), b)) if start < stop
        ]
    return pieces


def _known(day: date) -> date | None:
    return None if day in (date.min, date.max) else day


@dataclass(frozen=True)
class Spell:
    """A tag as it was carried, or what else is so for some time: `rank` says which of several at a time stays."""

    id: int
    since: date | None
    until: date | None
    rank: tuple[bool, ...] = ()

    @property
    def days(self) -> Days:
        return (self.since or date.min, self.until or date.max)


def one_at_a_time(spells: Sequence[Spell], day: date) -> list[Spell]:
    """The same tag carried twice at a time is one spell over all those days; the others end as they begin, with it.

    So no row goes, whatever is written on it.
    """
    found = [spell for spell in spells if spell.days[0] >= spell.days[1]]
    for stays, others in together(spells):
        spent = stays.until or day
        found += [stays, *(replace(spell, since=spent, until=spent) for spell in others)]
    return found


def together(spells: Sequence[Spell]) -> Iterator[tuple[Spell, list[Spell]]]:
    """What stays of those at one time, over all their days, and what goes into it. One without a day is in no pair."""
    for group in _overlapping([spell for spell in spells if spell.days[0] < spell.days[1]]):
        stays = max(group, key=lambda spell: (spell.until is None, *spell.rank))
        until = None if stays.until is None else max(spell.until for spell in group if spell.until)
        since = min((spell.since for spell in group if spell.since), default=None)
        yield replace(stays, since=since, until=until), [spell for spell in group if spell is not stays]


def _overlapping(spells: Sequence[Spell]) -> list[list[Spell]]:
    groups: list[list[Spell]] = []
    end = date.min
    for spell in sorted(spells, key=lambda spell: spell.days):
        if groups and spell.days[0] < end:
            groups[-1].append(spell)
        else:
            groups.append([spell])
        end = max(end, spell.days[1])
    return groups
