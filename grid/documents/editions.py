"""Editions of a household's sheet: what was stated on paper, and what has changed since.

Kept is a short keyed hash per fact, enough to say that it changed and not what it was. Ages, 完整率 and 'n days ago'
follow from the day and are no facts.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grid.core.i18n import N_, labelled, listed
from grid.core.i18n import gettext as _
from grid.core.personal import keyed_hash
from grid.documents.models import Edition
from grid.dossier.models import HouseholdFile, Stated
from grid.dossier.queries import SHEET_VISITS
from grid.register.words import column_label

# Characters of a hash that are kept: 48 bits beside the fact's own name.
KEPT = 8
HOUSE_WORDS = {"address": N_("地址"), "block": N_("片区"), "workers": N_("网格员"), "code": N_("档案编号")}
PERSON_WORDS = {"tags": N_("标签")}


@dataclass(frozen=True)
class Change:
    """One thing on a sheet that is not so any more. `of` names a person, `times` counts visits.

    `field` is a column of the household or person, or one of: workers, address, tags, moved_in, moved_out, former,
    visits_added, visits_gone, visits_edited.
    """

    field: str
    of: str = ""
    times: int = 0

    @property
    def words(self) -> str:
        """备注; 王小明：电话; 新来：李芳; 走访记录：新增 2 次."""
        if self.field in SAID:
            label, words = SAID[self.field]
            return labelled(_(label), _(words, n=self.times) if words else self.of or "–")
        if self.of:
            return labelled(self.of, person_word(self.field))
        return _(HOUSE_WORDS[self.field]) if self.field in HOUSE_WORDS else column_label("household", self.field)


SAID = {
    "moved_in": (N_("新来"), ""),
    "moved_out": (N_("搬走"), ""),
    "former": (N_("曾住人员"), ""),
    "visits_added": (N_("走访记录"), N_("新增 %(n)s 次")),
    "visits_gone": (N_("走访记录"), N_("撤回 %(n)s 次")),
    "visits_edited": (N_("走访记录"), N_("改动 %(n)s 次")),
}


def person_word(field: str) -> str:
    if field in PERSON_WORDS:
        return _(PERSON_WORDS[field])
    return column_label("residency" if field in ("relation", "is_head") else "person", field)


def in_words(changes: Sequence[Change]) -> str:
    return listed(change.words for change in changes)


def new_edition(file: HouseholdFile, serial: int) -> Edition:
    """The row of a sheet that is being printed; its print's id is set where both are written."""
    assert file.stated
    return Edition(
        community_id=file.community_id,
        token=new_token(),
        household_id=file.household_id,
        serial=serial,
        facts=facts_of(file.stated),
    )


def new_token() -> str:
    """22 characters that may stand in a link: 128 bits."""
    return secrets.token_urlsafe(16)


def facts_of(stated: Stated) -> dict[str, Any]:
    """A hash per fact, and one of them all, which is asked first."""

    def short(name: str, text: str) -> str:
        return keyed_hash(f"edition {stated.public_id} {name}", text)[:KEPT]

    return {
        "all": whole(stated),
        "house": {name: short(name, text) for name, text in stated.house.items()},
        "people": {
            person: {name: short(f"{person} {name}", text) for name, text in facts.items()}
            for person, facts in stated.people.items()
        },
        "former": {person: short(f"former {person}", text) for person, text in stated.former.items()},
        # The newest first; the day tells what was printed from what has only come into view.
        "visits": [[visit, short(visit, text), _day(text)] for visit, text in stated.visits.items()],
    }


def _day(stated_visit: str) -> str:
    return stated_visit[: len("2026-11-24")]


def whole(stated: Stated) -> str:
    text = json.dumps(stated[:-1], ensure_ascii=False, separators=(",", ":"))
    return keyed_hash("edition", hashlib.sha256(text.encode()).hexdigest())


def changes_since(facts: Mapping[str, Any], stated: Stated) -> list[Change]:
    """What a sheet with these facts says that is not so now."""
    if facts["all"] == whole(stated):
        return []
    now = facts_of(stated)
    return [
        *(Change(name) for name in _differing(facts["house"], now["house"])),
        *_people_changed(facts, now, stated.names),
        *_visits_changed(facts["visits"], now["visits"]),
    ]


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in {**now, **then} if then.get(name) != now.get(name)]


def _people_changed(facts: Mapping[str, Any], now: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Change]:
    then, here = facts["people"], now["people"]
    for person in here:
        if person not in then:
            yield Change("moved_in", names[person])
        else:
            yield from (Change(name, names[person]) for name in _differing(then[person], here[person]))
    for person in then:
        if person not in here:
            yield Change("moved_out", names.get(person, ""))
    left = then.keys() - here.keys()
    for person in _differing(facts["former"], now["former"]):
        # Whoever moved out since stands among the former for that very reason.
        if person not in left:
            yield Change("former", names.get(person, ""))


def _visits_changed(then: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> Iterator[Change]:
    """The log shows the latest so many: older ones fall off its end, and come back when a later one is taken back."""
    was, is_ = ({visit: fact for visit, fact, _on in log} for log in (then, now))
    gone = [visit for visit in was if visit not in is_]
    new = [visit for visit in is_ if visit not in was]
    if len(was) == SHEET_VISITS:
        new = [visit for visit, _fact, on in now if visit not in was and on > then[-1][2]]
    if len(is_) == SHEET_VISITS:
        fallen = _last(was, is_)[: len(new)]
        gone = [visit for visit in gone if visit not in fallen]
    edited = sum(was[visit] != is_[visit] for visit in was if visit in is_)
    for field, times in (("visits_added", len(new)), ("visits_gone", len(gone)), ("visits_edited", edited)):
        if times:
            yield Change(field, times=times)


def _last(visits: Mapping[str, str], others: Mapping[str, str]) -> list[str]:
    """The visits at the end of a log that are not in another, the oldest first."""
    found = []
    for visit in reversed(list(visits)):
        if visit in others:
            break
        found.append(visit)
    return found
