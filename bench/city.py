"""Invents a town of a given size as rows, always the same ones for the same size. Knows no database.

Community 1 is the same in every size, so that its pages have the same content wherever they are measured.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import count, islice, product
from random import Random

from grid.core.ids import ALPHABET
from grid.core.personal import Vault
from grid.demo.names import Names
from grid.register.id_numbers import check_digit
from grid.register.models import DEFAULT_LABELS

SEED = 20261123
# The 60 buildings of community 1; at L the second shows 200, and the rest lie in 31 more.
TWIN = 60
# Of ten buildings two have 136 doors, four 28 and four 29: 50 on average.
DOORS = (136, 28, 29, 28, 29, 136, 28, 29, 28, 29)
# Of ten households: how many live there. Three on average.
MEMBERS = (3, 2, 4, 3, 1, 5, 3, 3, 0, 6)
BUILDINGS_PER_BLOCK = 10
NAMES = 6_000
WEST, SOUTH = 114.40, 30.50
METRE = 1e-5
NOTE = "家里一切都好，提醒了用电安全。"

Row = tuple[object, ...]


@dataclass(frozen=True)
class Size:
    households: int
    persons: int
    visits: int
    # Buildings of each community.
    communities: tuple[int, ...]


SIZES = {
    "S": Size(3_000, 9_000, 100_000, (TWIN,)),
    "L": Size(100_000, 300_000, 3_100_000, (TWIN, 200, *(57,) * 4, *(56,) * 27)),
}


@dataclass(frozen=True)
class Door:
    id: int
    public_id: str
    community_id: int
    building_id: int
    unit_id: int
    unit_no: int
    floor: int
    room: str
    code: str
    estate: str
    use: str
    members: int
    worker_id: int


@dataclass(frozen=True)
class Resident:
    id: int
    door: Door
    name: str
    phone: str
    id_no: str
    sex: str
    birth: date
    is_head: bool


class City:
    """`today` is the day the visits lead up to."""

    def __init__(self, size: str, today: date, vault: Vault) -> None:
        self.size = SIZES[size]
        self.today = today
        self.vault = vault
        drawn = Names(Random(SEED))
        self.names = {s: [drawn.full(s, 1950 + n % 65) for n in range(NAMES // 2)] for s in "12"}

    def tables(self, password_hash: str) -> Iterator[tuple[str, tuple[str, ...], Iterator[Row]]]:
        """Name, columns and rows of every table, parents first."""
        yield "community", _COMMUNITY, self._communities()
        yield "block", _BLOCK, self._blocks()
        yield "building", _BUILDING, self._buildings()
        yield "unit", _UNIT, self._units()
        yield "user_account", _USER, self._users(password_hash)
        yield "patch", _PATCH, self._patches()
        yield "household", _HOUSEHOLD, self._households()
        yield "person", _PERSON, self._persons()
        yield "residency", _RESIDENCY, self._residencies()
        yield "tag", _TAG, self._tags()
        yield "person_tag", _PERSON_TAG, self._person_tags()
        yield "visit", _VISIT, self._visits()
        yield "audit_entry", _ENTRY, self._entries()

    @cached_property
    def buildings(self) -> list[tuple[int, int, int, int, int]]:
        """Id, community, block, number in the community, doors."""
        found, building_id, block_id = [], count(1), 0
        for community_id, n in enumerate(self.size.communities, 1):
            for at in range(n):
                if at % BUILDINGS_PER_BLOCK == 0:
                    block_id += 1
                this = next(building_id)
                found.append((this, community_id, block_id, at + 1, DOORS[(this - 1) % len(DOORS)]))
        return found

    @cached_property
    def doors(self) -> list[Door]:
        made: list[Door] = []
        for building_id, community_id, block_id, no, n in self.buildings:
            dice = Random(f"{SEED} {community_id} {no}")
            members = list(MEMBERS)
            for at, (unit_no, floor, room, use) in enumerate(places(n)):
                if at % len(members) == 0:
                    dice.shuffle(members)
                made.append(
                    Door(
                        len(made) + 1,
                        "".join(dice.choices(ALPHABET, k=10)),
                        community_id,
                        building_id,
                        building_id * 2 - 2 + unit_no,
                        unit_no,
                        floor,
                        room,
                        f"{no}-{unit_no}-{room}",
                        f"第{no // BUILDINGS_PER_BLOCK + 1}小区",
                        use,
                        members[at % len(members)],
                        block_id,
                    )
                )
        return made

    @cached_property
    def residents(self) -> list[Resident]:
        made: list[Resident] = []
        for door, n in zip(self.homes, self._members(), strict=True):
            dice = Random(f"{SEED} {door.code} {door.community_id}")
            for k in range(n):
                sex = dice.choice("12")
                birth = date(1935 + dice.randrange(85), 1 + dice.randrange(12), 1 + dice.randrange(28))
                serial = f"99{dice.randrange(1, 4000):04d}{birth:%Y%m%d}{dice.randrange(1000):03d}"
                made.append(
                    Resident(
                        len(made) + 1,
                        door,
                        self.names[sex][dice.randrange(NAMES // 2)],
                        f"199000{dice.randrange(100_000):05d}",
                        serial + check_digit(serial),
                        sex,
                        birth,
                        k == 0,
                    )
                )
        return made

    @cached_property
    def homes(self) -> list[Door]:
        return [door for door in self.doors if door.use == "dwelling"]

    def _members(self) -> list[int]:
        """How many live in each home; the last homes make up what is missing in the total."""
        members = [door.members for door in self.homes]
        missing = self.size.persons - sum(members)
        at = len(members)
        while missing:
            at -= 1
            if members[at]:
                members[at] += 1 if missing > 0 else -1
                missing += -1 if missing > 0 else 1
        return members

    def _communities(self) -> Iterator[Row]:
        for at, n in enumerate(self.size.communities):
            wide, high = extent(n)
            ring = rectangle(WEST + at * 0.03, SOUTH, wide, high)
            labels = json.dumps(DEFAULT_LABELS, ensure_ascii=False)
            yield (
                at + 1, f"bench{at:05d}", f"9901010010{at:02d}", f"第{at + 1}社区", "光谷街道", labels, 30, 30,
                json.dumps([ring]), "", 1, stamp(self.today),
            )  # fmt: skip

    def _blocks(self) -> Iterator[Row]:
        seen = set()
        for _id, community_id, block_id, no, _n in self.buildings:
            if block_id not in seen:
                seen.add(block_id)
                seq = (no - 1) // BUILDINGS_PER_BLOCK
                x, y = corner(community_id, no)
                ring = rectangle(x - 20 * METRE, y - 15 * METRE, 380, 165)
                yield block_id, f"bench{block_id:05d}", community_id, seq + 1, f"第{seq + 1}片区", json.dumps([ring])

    def _buildings(self) -> Iterator[Row]:
        for building_id, community_id, block_id, no, n in self.buildings:
            ring = rectangle(*corner(community_id, no), 46, 14 if n < 100 else 22)
            estate = f"第{no // BUILDINGS_PER_BLOCK + 1}小区"
            head = self.names["2"][building_id % 100]
            yield (
                building_id, f"bench{building_id:05d}", community_id, block_id, str(no), no, estate,
                17 if n > 100 else 7, head, json.dumps([ring]),
            )  # fmt: skip

    def _units(self) -> Iterator[Row]:
        for building_id, community_id, _block, _no, _n in self.buildings:
            for unit_no in (1, 2):
                unit_id = building_id * 2 - 2 + unit_no
                yield unit_id, f"bench{unit_id:05d}", community_id, building_id, unit_no

    def _users(self, password_hash: str) -> Iterator[Row]:
        """A grid worker for each block, an administrator, and who looks at all of it from the street."""
        blocks = self.buildings[-1][2]
        for block_id in range(1, blocks + 1):
            name = self.names["2"][block_id]
            yield block_id, f"bench{block_id:05d}", f"worker{block_id}", name, password_hash, "grid_worker", *_ACCOUNT
        yield blocks + 1, "benchadmin", "admin", "社长", password_hash, "administrator", *_ACCOUNT
        yield blocks + 2, "benchstreet", "street", "街道", password_hash, "street_viewer", *_ACCOUNT

    def _patches(self) -> Iterator[Row]:
        first: dict[int, int] = {}
        for _id, community_id, block_id, _no, _n in self.buildings:
            first.setdefault(block_id, community_id)
        for block_id, community_id in first.items():
            yield block_id, f"bench{block_id:05d}", block_id, community_id, block_id, "in_charge", "2020-01-01"
        number = count(len(first) + 1)
        for user_id in (len(first) + 1, len(first) + 2):
            for at in range(len(self.size.communities)):
                patch_id = next(number)
                yield patch_id, f"bench{patch_id:05d}", user_id, at + 1, None, "in_charge", "2020-01-01"

    def _households(self) -> Iterator[Row]:
        at, seal = stamp(self.today), self.vault.seal
        for door in self.doors:
            dice = Random(door.public_id)
            home = door.use == "dwelling" and door.members
            occupancy = ("own" if dice.random() < 0.7 else "rented") if home else "vacant"
            phone = seal(f"199000{door.id % 100_000:05d}")
            yield (
                door.id, door.public_id, door.community_id, door.building_id, door.unit_id, door.unit_no, door.floor,
                door.room, door.code, door.use, occupancy, "三室一厅", 96.5, self.names["1"][door.id % 900], phone,
                "2024-03-01", 1, at, 0, 0, 0, 0,
            )  # fmt: skip

    def _persons(self) -> Iterator[Row]:
        at, seal, found_by = stamp(self.today), self.vault.seal, self.vault.hash
        spell = map("".join, product(ALPHABET, repeat=4))
        for r in self.residents:
            yield (
                r.id, "person" + next(spell), r.door.community_id, r.name, "111", seal(r.id_no),
                found_by("id", r.id_no), r.sex, r.birth.isoformat(), "01", "20", "13" if r.is_head else None, "60",
                "职员", seal(r.phone), "registered", 1, at,
            )  # fmt: skip

    def _residencies(self) -> Iterator[Row]:
        for r in self.residents:
            relation = "02" if r.is_head else "20"
            yield r.id, r.door.community_id, r.id, r.door.id, relation, r.is_head, "head_family", "2020-01-01"

    def _tags(self) -> Iterator[Row]:
        """Two of the four ask for a visit every so often: about 90 people of a worker's block."""
        rules = (
            ("独居老人", 30, "visit", 7),
            ("残疾人", 90, "visit", 7),
            ("党员", None, None, 0),
            ("退役军人", None, None, 0),
        )
        for at in range(len(self.size.communities)):
            for k, (label, every, kind, grace) in enumerate(rules):
                tag_id = at * len(rules) + k + 1
                yield tag_id, f"bench{tag_id:05d}", at + 1, f"tag{k}", label, "care", False, every, kind, grace, 1

    def _person_tags(self) -> Iterator[Row]:
        """Every eighth person carries one."""
        for n, r in enumerate(self.residents[::8], 1):
            yield n, f"worn{n:06d}", r.door.community_id, r.id, (r.door.community_id - 1) * 4 + n % 4 + 1, "2024-03-01"

    def _visits(self) -> Iterator[Row]:
        """Round after round, one about every 33 days, oldest first; one household in ten is promised a next one."""
        spell = map("".join, product(ALPHABET, repeat=4))
        dice, doors = Random(SEED), self.doors
        rounds, rest = divmod(self.size.visits, len(doors))
        whens = [[f"{self.today - timedelta(days=d)} 0{h}:12:00.000000" for h in range(1, 9)] for d in range(1400)]
        tops = ('["details"]', '["details","safety"]', '["policy"]', "[]")
        visit_id = count(1)
        for k in range(rounds, -1, -1):
            for door in islice(doors, rest) if k == rounds else doors:
                toss = dice.getrandbits(16)
                when = whens[1 + k * 33 + toss % 60][toss % 8]
                promised = (
                    (self.today + timedelta(days=toss % 30 - 15)).isoformat() if k == 0 and toss % 10 == 0 else None
                )
                yield (
                    next(visit_id), "visit" + next(spell), door.community_id, door.id, door.worker_id, when, "visit",
                    "home" if toss % 5 else "nobody", tops[toss % 4], None if toss % 3 else NOTE,
                    promised, promised is None, when,
                )  # fmt: skip

    def _entries(self) -> Iterator[Row]:
        """Thirty lines of history, as many as a file shows, for the doors of each community's first block."""
        number, seen, first = count(1), set(), set()
        for _id, community_id, block_id, _no, _n in self.buildings:
            if community_id not in seen:
                seen.add(community_id)
                first.add(block_id)
        for door in self.doors:
            if door.worker_id in first:
                for k in range(30):
                    when = stamp(self.today - timedelta(days=400 - k * 12))
                    action = "record_visit" if k % 2 else "open_file"
                    yield next(number), when, door.worker_id, action, door.community_id, door.id, ""


_COMMUNITY = (
    "id", "public_id", "code", "name", "street", "labels", "visit_every_days", "report_days", "outline", "map_credit",
    "geometry_version", "created_at",
)  # fmt: skip
_BLOCK = ("id", "public_id", "community_id", "seq", "name", "outline")
_BUILDING = (
    "id", "public_id", "community_id", "block_id", "no", "no_order", "estate", "floors", "head_name", "outline",
)  # fmt: skip
_UNIT = ("id", "public_id", "community_id", "building_id", "no")
_USER = (
    "id", "public_id", "login", "name", "password_hash", "role", "language", "scope_version", "is_active",
    "created_at",
)  # fmt: skip
_ACCOUNT = ("zh", 1, True, "2024-01-01 00:00:00.000000")
_PATCH = ("id", "public_id", "user_id", "community_id", "block_id", "duty", "from_on")
_HOUSEHOLD = (
    "id", "public_id", "community_id", "building_id", "unit_id", "unit_no", "floor", "room", "code", "use",
    "occupancy", "layout", "area", "owner_name", "owner_phone", "filed_on", "version", "updated_at", "n_members",
    "n_tags", "n_open", "completeness",
)  # fmt: skip
_PERSON = (
    "id", "public_id", "community_id", "name", "id_kind", "id_no", "id_hash", "sex", "birth", "ethnic", "marital",
    "political", "education", "occupation", "phone", "population_kind", "version", "updated_at",
)  # fmt: skip
_RESIDENCY = ("id", "community_id", "person_id", "household_id", "relation", "is_head", "live_kind", "from_on")
_TAG = (
    "id", "public_id", "community_id", "code", "label", "tag_group", "restricted", "contact_every_days", "contact_kind",
    "grace_days", "version",
)  # fmt: skip
_PERSON_TAG = ("id", "public_id", "community_id", "person_id", "tag_id", "since")
_VISIT = (
    "id", "public_id", "community_id", "household_id", "worker_id", "at", "kind", "found", "topics", "content",
    "due_on", "closed", "recorded_at",
)  # fmt: skip
_ENTRY = ("id", "at", "actor_id", "action", "community_id", "household_id", "words")


def places(doors: int) -> Iterator[tuple[int, int, str, str]]:
    """Unit, floor, room and use of a building's doors: two units; the odd door is a shop on the ground floor."""
    floors, rooms = (17, 4) if doors == 136 else (7, 2)
    for unit_no, floor, room in product((1, 2), range(1, floors + 1), range(1, rooms + 1)):
        yield unit_no, floor, f"{floor}{room:02d}", "dwelling"
    if doors % 2:
        yield 2, 1, "103", "shop"


def stamp(day: date) -> str:
    """A day's morning in UTC, as both engines take it."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def corner(community_id: int, no: int) -> tuple[float, float]:
    """South-west corner of a building: five by two in a block, four blocks in a row."""
    block, at = divmod(no - 1, BUILDINGS_PER_BLOCK)
    x = (block % 4) * 400 + (at % 5) * 70 + 40
    y = (block // 4) * 190 + (at // 5) * 70 + 40
    return WEST + (community_id - 1) * 0.03 + x * METRE, SOUTH + y * METRE


def extent(buildings: int) -> tuple[float, float]:
    """Metres, wide and high."""
    blocks = -(-buildings // BUILDINGS_PER_BLOCK)
    return 1640, -(-blocks // 4) * 190 + 40


def rectangle(west: float, south: float, wide: float, high: float) -> list[list[float]]:
    """A closed ring of longitude and latitude."""
    east, north = west + wide * METRE, south + high * METRE
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[round(x, 6), round(y, 6)] for x, y in ring]
