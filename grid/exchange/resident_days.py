"""Whether the days of a roster's row can be true beside other rows and the register: one door on one day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from grid.core.i18n import _
from grid.exchange.queries import Lived
from grid.exchange.resident_rows import Draft

Stay = Mapping[str, Any]


def take_known_days(draft: Draft, known: Lived) -> None:
    """The roster says that somebody left or died but not when: a day that is known already stays."""
    if not draft.read.guessed_day:
        return
    there, died_on = known.at(draft.household_id), known.facts["died_on"]
    has_died = draft.person.get("died_on") is not None
    if has_died and died_on:
        draft.person["died_on"] = draft.residency["to_on"] = died_on
    if there and there["to_on"]:
        draft.residency["to_on"] = there["to_on"]
    draft.read.guessed_day = not died_on if has_died else not (there and there["to_on"])


Fault = Callable[[Draft, Lived], str | None]


def settle_homes(drafts: Sequence[Draft], known: Lived | None, fault_of: Fault) -> None:
    """Of the rows that put one person behind several doors, those that can't be true together get a fault.

    Where somebody lives now stands, and a guessed day gives way.
    """
    stand: list[tuple[Draft, Stay]] = []
    for draft in drafts:
        if known:
            take_known_days(draft, known)
    for draft in sorted(drafts, key=lambda one: (not one.is_current, one.read.guessed_day)):
        stay = _meant(draft, known.at(draft.household_id) if known else None)
        rival = next((one for one, other in stand if _rules_out(draft, stay, other)), None)
        if rival is None:
            stand.append((draft, stay))
        else:
            draft.fault = _fault_with_row(draft, rival)
    _say_one_thing([draft for draft in drafts if draft.fault is None])
    if known:
        _judge_together([draft for draft in drafts if draft.fault is None], known, fault_of)


def _judge_together(drafts: list[Draft], known: Lived, fault_of: Fault) -> None:
    """A day of the register that one row puts right is right for the others too, in whatever order they stand."""
    lived = replace(known, residencies=list(known.residencies))
    while possible := next((draft for draft in drafts if fault_of(draft, lived) is None), None):
        there = lived.at(possible.household_id)
        stay = {"id": 0, "household_id": possible.household_id, **_meant(possible, there)}
        lived.residencies = [*(one for one in lived.residencies if one is not there), stay]
        if possible.person.get("died_on"):
            lived.facts = {**lived.facts, "died_on": possible.person["died_on"]}
        possible.is_judged = True
        drafts.remove(possible)
    for draft in drafts:
        draft.fault = fault_of(draft, lived)


def _fault_with_row(draft: Draft, rival: Draft) -> str:
    about = {"n": rival.read.row.number, "door": rival.door}
    if _left_some_day(draft):
        return _("第 %(n)s 行写他住 %(door)s；这一行没有迁出日期，请填写是哪一天从这一户迁出的", **about)
    if draft.is_current and rival.is_current:
        return _("第 %(n)s 行写他住 %(door)s，一人只能住一处", **about)
    return _("第 %(n)s 行写他那段时间或以后住 %(door)s，一人只能住一处，请核对日期", **about)


def _say_one_thing(drafts: Sequence[Draft]) -> None:
    """What a row above says of the person holds; one below fills in what those leave out."""
    said: dict[str, tuple[Any, int]] = {}
    for draft in drafts:
        fields = {name: value for name, value in draft.person.items() if value and name != "died_on"}
        others = {name: said[name] for name, value in fields.items() if name in said and said[name][0] != value}
        for name, (value, number) in others.items():
            draft.person[name] = value
            draft.read.remarks.append(_("和第 %(n)s 行是同一个人而内容不同，以那一行为准", n=number))
        draft.read.remarks = list(dict.fromkeys(draft.read.remarks))
        said = {name: (value, draft.read.row.number) for name, value in fields.items()} | said


def fault_with_register(draft: Draft, known: Lived) -> str | None:
    there = known.at(draft.household_id)
    stay = _meant(draft, there)
    first, end = _days(stay)
    if first > end:
        return _("和登记里的日期合起来，迁出比迁入还早，请核对迁入、迁出日期")
    if not any(_rules_out(draft, stay, other) for other in known.residencies if other is not there):
        return None
    if _left_some_day(draft):
        return _("没有迁出日期，而登记里这个人住在另一户：请填写是哪一天从这一户迁出的")
    if draft.person.get("died_on"):
        return _("登记里这个人那段时间或以后住在另一户，请核对迁入、死亡日期")
    return _("登记里这个人那段时间住在另一户，请核对迁入、迁出日期")


def _rules_out(draft: Draft, stay: Stay, other: Stay) -> bool:
    """Whether the row can't be true because of where the person lived, as far as the days are known.

    Who lives elsewhere did not leave here today, and who died lives nowhere afterwards.
    """
    if _left_some_day(draft) and other["to_on"] is None:
        return True
    (first, end), (came, left) = _days(stay), _days(other)
    died_on = draft.person.get("died_on")
    return (first < left and came < end) or (died_on is not None and died_on < left)


def _left_some_day(draft: Draft) -> bool:
    return draft.read.guessed_day and not draft.person.get("died_on")


def _meant(draft: Draft, there: Stay | None) -> Stay:
    """The days as they would be written: an empty cell changes nothing."""
    said = {name: draft.residency[name] for name in ("from_on", "to_on") if draft.residency[name]}
    return {"from_on": None, "to_on": None, **(there or {}), **said}


def _days(stay: Stay) -> tuple[date, date]:
    """Of a stay whose beginning nobody knows, its last day."""
    end = stay["to_on"] or date.max
    return stay["from_on"] or end - timedelta(days=1), end
