"""The finder: one portable table of suffix keys, so that any part of a name or address is a prefix.

LIKE and trigram indexes were 100 times slower or wrong for Chinese; see docs/decisions.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from grid.accounts.models import Scope
from grid.core.db import batches, db
from grid.core.personal import keyed_hash
from grid.core.prepared import Prepared
from grid.register.addresses import parse_address
from grid.register.models import Building, Household, Person, Residency, SearchKey
from grid.register.readings import keys_of_name, query_key

MOST = 21
AFTER = "\U0010ffff"
LONGEST_KEY = 60
TAILS = (4, 6)
AT_ONCE = 20_000

Found = tuple[Any, ...]


def index_households(household_ids: Sequence[int] | None = None, *, community_id: int) -> None:
    """Make the search keys of some doors and their people anew, or of the whole community."""
    db.session.flush()
    mine = delete(SearchKey).where(SearchKey.community_id == community_id)
    for part in _parts(household_ids):
        doomed = mine if part is None else mine.where(SearchKey.household_id.in_(part))
        db.session.execute(doomed.execution_options(synchronize_session=False))
        keys = chain(_door_rows(part, community_id), _person_rows(part, community_id))
        # A street has more than a million of them.
        while some := list(islice(keys, AT_ONCE)):
            db.session.execute(insert(SearchKey), some)


def _parts(ids: Sequence[int] | None) -> Iterable[Sequence[int] | None]:
    if ids is None:
        return [None]
    return batches(sorted(set(ids)))


def _door_rows(part: Sequence[int] | None, community_id: int) -> Iterator[dict[str, Any]]:
    doors = (
        select(Household.id, Household.code, Building.estate)
        .join(Building, Building.id == Household.building_id)
        .where(Household.community_id == community_id, Household.deleted_at.is_(None))
    )
    if part is not None:
        doors = doors.where(Household.id.in_(part))
    for household_id, code, estate in db.session.execute(doors):
        for key in keys_of_address(code, estate):
            yield _key(community_id, key, 0, household_id)


def _person_rows(part: Sequence[int] | None, community_id: int) -> Iterator[dict[str, Any]]:
    people = (
        select(Residency.household_id, Person.id, Person.name, Person.former_name, Person.phone, Person.id_no)
        .join(Person, Person.id == Residency.person_id)
        .where(Residency.community_id == community_id, Residency.to_on.is_(None), Person.deleted_at.is_(None))
    )
    if part is not None:
        people = people.where(Residency.household_id.in_(part))
    for household_id, person_id, name, former, phone, id_no in db.session.execute(people):
        for key in keys_of_person(name, former, phone, id_no):
            yield _key(community_id, key, person_id, household_id)


def _key(community_id: int, key: str, person_id: int, household_id: int) -> dict[str, Any]:
    return {"community_id": community_id, "key": key, "person_id": person_id, "household_id": household_id}


def keys_of_address(code: str, estate: str | None) -> set[str]:
    """12-2-501 → 12-2-501, 2-501, 501; with an estate also 桃园小区12-2-501."""
    parts = code.lower().split("-", 2)
    keys = {"-".join(parts[start:]) for start in range(len(parts))}
    if estate:
        keys.add(query_key(estate)[: LONGEST_KEY - len(code)] + code.lower())
    return keys


def keys_of_person(name: str, former_name: str | None, phone: str | None, id_no: str | None) -> set[str]:
    """Names by any part and reading; phone and ID only as hashes of their ends and their whole."""
    keys = {key[:LONGEST_KEY] for key in keys_of_name(name)}
    if former_name:
        keys |= {key[:LONGEST_KEY] for key in keys_of_name(former_name)}
    for number in (phone or "").split(";"):
        if len(number) >= 7:
            keys |= {hashed("phone", number), *(hashed("phone", number[-n:]) for n in TAILS)}
    if id_no and len(id_no) >= 8:
        keys |= {hashed("id", id_no), *(hashed("id", id_no[-n:]) for n in TAILS)}
    return keys


def hashed(kind: str, text: str) -> str:
    """A key that no typed word begins: # and the keyed hash."""
    return "#" + keyed_hash(kind, text.upper())


_columns = (
    SearchKey.key,
    Household.public_id,
    Household.code,
    Building.estate,
    Household.n_members,
    Household.last_visit_on,
    Person.name,
    Person.public_id,
    Person.birth,
    Person.sex,
)


def _find(scope_condition: Any, key_condition: Any) -> Prepared:
    return Prepared(
        select(*_columns)
        .select_from(SearchKey)
        .join(Household, Household.id == SearchKey.household_id)
        .join(Building, Building.id == Household.building_id)
        .outerjoin(Person, Person.id == SearchKey.person_id)
        .where(
            SearchKey.community_id == bindparam("community_id"),
            key_condition,
            scope_condition,
            Household.deleted_at.is_(None),
        )
        .order_by(SearchKey.key, SearchKey.person_id, SearchKey.household_id)
        .limit(bindparam("most"))
    )


_prefix = (SearchKey.key >= bindparam("first")) & (SearchKey.key < bindparam("last"))
_exact = SearchKey.key.in_(bindparam("keys", expanding=True))
_all = Household.community_id == bindparam("community_id")
_some = Household.building_id.in_(bindparam("buildings", expanding=True))
_find_prefix = {True: _find(_all, _prefix), False: _find(_some, _prefix)}
_find_exact = {True: _find(_all, _exact), False: _find(_some, _exact)}


def find(scope: Scope, community_id: int, words: str, most: int = MOST) -> list[Found]:
    """Doors and people that answer to what was typed, best first, at most `most`.

    Understands a name or part of it, pinyin, initials, an address in any spelling, the last four or
    six digits of a phone or ID number, or the whole number.
    """
    asked = query_key(words[:100])[:LONGEST_KEY].lstrip("#")
    if not asked:
        return []
    whole = community_id in scope.communities
    given: dict[str, Any] = {"community_id": community_id, "most": most}
    if not whole:
        given["buildings"] = scope.buildings
    found: list[Found] = []
    numbers = hashed_for(asked)
    if numbers:
        found += _find_exact[whole].rows(keys=numbers, **given)
    for first in spelt(words[:100], asked):
        found += _find_prefix[whole].rows(first=first, last=first + AFTER, **given)
    return _distinct(found)[:most]


def hashed_for(asked: str) -> list[str]:
    """The hashed keys a row of digits could mean."""
    number = asked.upper()
    if not (number[:-1].isdecimal() and (number[-1].isdecimal() or number[-1] == "X")):
        return []
    kinds = ("phone", "id") if len(number) in TAILS or len(number) >= 7 else ()
    return [hashed(kind, number) for kind in kinds]


def spelt(words: str, asked: str) -> list[str]:
    """What was typed as a name, and before it, where it reads as an address, that in its short form."""
    address = parse_address(words)
    if address is None or not (address.building or address.unit):
        return [asked]
    parts = (address.building, address.unit, address.room or "")
    short = "-".join(part.lower() for part in parts if part is not None)
    return [short] if short == asked else [short, asked]


def _distinct(found: list[Found]) -> list[Found]:
    seen: set[tuple[Any, Any]] = set()
    kept = []
    for hit in found:
        mark = (hit[1], hit[7])
        if mark not in seen:
            seen.add(mark)
            kept.append(hit)
    return kept
