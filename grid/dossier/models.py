"""The household file as one immutable object: what the page shows and what the sheet prints.

Codes arrive as labels in the reader's language, ID numbers masked: what may not be shown is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class Resident(NamedTuple):
    """Somebody who lives (to_on None) or lived behind the door."""

    public_id: str
    name: str
    relation: str
    is_head: bool
    live_kind: str
    sex: str
    birth: date | None
    age: int | None
    id_no: str
    phone: str
    call: str
    hukou: str
    ethnic: str
    education: str
    political: str
    marital: str
    occupation: str
    employer: str
    health: str
    population_kind: str
    tags: tuple[str, ...]
    from_on: date | None
    to_on: date | None
    went_to: str
    # Of each tag that has some, the fields of its own: for the screen only.
    own: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    is_floating: bool = False


class VisitLine(NamedTuple):
    public_id: str
    on: date
    kind: str
    found: str
    worker: str
    topics: tuple[str, ...]
    words: str
    due_on: date | None
    photos: int = 0


class HistoryLine(NamedTuple):
    at: datetime
    who: str
    action: str
    words: str
    # What it is in the log: its name and number, who did it, and whether it was taken back.
    name: str
    entry_id: int
    actor_id: int | None
    is_undone: bool


class DoorOnDay(NamedTuple):
    """Who lived behind a door on a day."""

    public_id: str
    code: str
    residents: tuple[Resident, ...]


class Stated(NamedTuple):
    """What a printed sheet states of a household, as it is stored: in no language, numbers only as marks.

    What is empty is absent. `people` and `former` go by public id, `visits` by theirs, the newest first.
    """

    public_id: str
    house: dict[str, str]
    people: dict[str, dict[str, str]]
    former: dict[str, str]
    visits: dict[str, str]
    # Whoever is named above, by public id.
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """Phones are masked; `Resident.call` and `call_*` hold the number to call, for the screen only."""

    public_id: str
    household_id: int
    community: str
    community_public_id: str
    community_id: int
    community_code: str
    labels: Mapping[str, str]
    block: str
    block_public_id: str
    building: str
    building_public_id: str
    building_id: int
    estate: str
    unit: str
    room: str
    floor: int
    floor_to: int | None
    code: str
    address: str
    use: str
    occupancy: str
    layout: str
    area: float | None
    owner_name: str
    owner_phone: str
    call_owner: str
    rental_use: str
    landlord_duty: bool | None
    contact: str
    emergency: str
    family_kind: str
    safe_family: bool | None
    filed_on: date | None
    verified_on: date | None
    note: str
    version: int
    updated_at: datetime
    completeness: int
    last_visit_on: date | None
    building_head: str
    workers: tuple[str, ...]
    residents: tuple[Resident, ...]
    former: tuple[Resident, ...]
    visits: tuple[VisitLine, ...]
    history: tuple[HistoryLine, ...]
    # Only where the file is loaded for a sheet.
    stated: Stated | None = None

    @property
    def head_name(self) -> str:
        """The head of the household, else whoever lives there first."""
        head = next((r for r in self.residents if r.is_head), None) or next(iter(self.residents), None)
        return head.name if head else ""

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag somebody here carries, once."""
        return tuple(dict.fromkeys(tag for resident in self.residents for tag in resident.tags))
