"""The four levels and the people behind the doors. 房 is not 户: a residency dates who lives where."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, Numeric, String, Text, and_, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grid.core.clock import now
from grid.core.db import Base, Moment
from grid.core.ids import public_id
from grid.core.personal import Personal

LEVELS = ("block", "building", "unit", "household")
DEFAULT_LABELS = {"block": "片区", "building": "楼栋", "unit": "单元", "household": "户"}


class Community(Base):
    """社区, the tenant root. `code` is the 12-digit 统计用区划代码."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    code: Mapped[str | None] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(50), unique=True)
    street: Mapped[str | None] = mapped_column(String(50))
    # What the four levels are called here, e.g. 大组/小区/楼栋/住户.
    labels: Mapped[dict[str, str]] = mapped_column(JSON, default=lambda: dict(DEFAULT_LABELS))
    # 走访进度 counts households visited within so many days.
    visit_every_days: Mapped[int] = mapped_column(Integer, default=30)
    # A building head's report is gone after so many days.
    report_days: Mapped[int] = mapped_column(Integer, default=30)
    # WGS 84 rings as GeoJSON coordinates [[[lon, lat], …]]; None where nobody has drawn it yet.
    outline: Mapped[list[Any] | None] = mapped_column(JSON)
    # Between the houses: [{"kind": road, path, water, green or field, "name", "width" in m, "line": [[lon, lat], …]}].
    scenery: Mapped[list[Any] | None] = mapped_column(JSON)
    map_credit: Mapped[str] = mapped_column(String(200), default="")
    # Rises with every change of an outline, a building or a block: drawings are cached by it.
    geometry_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Block(Base):
    """片区, level 1: one grid worker in charge (a patch says who), others may help."""

    __tablename__ = "block"
    __table_args__ = (Index(None, "community_id", "seq", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    seq: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(50))
    outline: Mapped[list[Any] | None] = mapped_column(JSON)


class Building(Base):
    """楼栋, level 2. `no` is what stands on the wall, `no_order` sorts it as a number."""

    __tablename__ = "building"
    __table_args__ = (
        Index(None, "community_id", "no", unique=True),
        Index(None, "block_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("block.id"))
    no: Mapped[str] = mapped_column(String(12))
    no_order: Mapped[int] = mapped_column(Integer, default=0)
    name: Mapped[str | None] = mapped_column(String(80))
    estate: Mapped[str | None] = mapped_column(String(50))
    floors: Mapped[int | None] = mapped_column(Integer)
    built_year: Mapped[int | None] = mapped_column(Integer)
    has_lift: Mapped[bool | None] = mapped_column(Boolean)
    # 楼栋长: a volunteer, with or without an account.
    head_name: Mapped[str | None] = mapped_column(String(50))
    head_phone: Mapped[str | None] = mapped_column(Personal)
    note: Mapped[str | None] = mapped_column(Text)
    outline: Mapped[list[Any] | None] = mapped_column(JSON)


class Unit(Base):
    """单元, level 3. `no` is 0 for a building without units."""

    __tablename__ = "unit"
    __table_args__ = (Index(None, "building_id", "no", unique=True), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    no: Mapped[int] = mapped_column(Integer)
    # 中心户长
    head_name: Mapped[str | None] = mapped_column(String(50))
    head_phone: Mapped[str | None] = mapped_column(Personal)


class Household(Base):
    """户, level 4: the door. Permanent; people come and go behind it by residency."""

    __tablename__ = "household"
    __table_args__ = (
        Index("ix_household_door", "building_id", "unit_no", "room", unique=True),
        Index("ix_household_climb", "building_id", "unit_no", "floor", "room"),
        # Covering: buildings and maps are counted live from it (see atlas/queries.py).
        Index(
            "ix_household_counts",
            "community_id",
            "building_id",
            "last_visit_on",
            "n_members",
            "n_tags",
            "n_open",
            "occupancy",
            "completeness",
            "use",
            "deleted_at",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    unit_no: Mapped[int] = mapped_column(Integer)
    floor: Mapped[int] = mapped_column(Integer)
    # The upper floor of a duplex, else None.
    floor_to: Mapped[int | None] = mapped_column(Integer)
    room: Mapped[str] = mapped_column(String(12))
    # 3-2-501, as everybody types it; without units 3-501.
    code: Mapped[str] = mapped_column(String(40))
    use: Mapped[str] = mapped_column(String(10), default="dwelling")
    occupancy: Mapped[str | None] = mapped_column(String(10))
    layout: Mapped[str | None] = mapped_column(String(20))
    area: Mapped[float | None] = mapped_column(Numeric(9, 2, asdecimal=False))
    owner_name: Mapped[str | None] = mapped_column(String(50))
    owner_phone: Mapped[str | None] = mapped_column(Personal)
    owner_id_no: Mapped[str | None] = mapped_column(Personal)
    rental_use: Mapped[str | None] = mapped_column(String(4))
    # 责任书: whether the landlord signed his duty; None = not asked.
    landlord_duty: Mapped[bool | None] = mapped_column(Boolean)
    contact_name: Mapped[str | None] = mapped_column(String(50))
    contact_phone: Mapped[str | None] = mapped_column(Personal)
    emergency_name: Mapped[str | None] = mapped_column(String(50))
    emergency_phone: Mapped[str | None] = mapped_column(Personal)
    family_kind: Mapped[str | None] = mapped_column(String(10))
    safe_family: Mapped[bool | None] = mapped_column(Boolean)
    filed_on: Mapped[date | None] = mapped_column(Date)
    verified_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    # Summaries, recomputed from the rows they sum up in the same transaction, never incremented.
    n_members: Mapped[int] = mapped_column(Integer, default=0)
    n_tags: Mapped[int] = mapped_column(Integer, default=0)
    n_open: Mapped[int] = mapped_column(Integer, default=0)
    last_visit_on: Mapped[date | None] = mapped_column(Date)
    completeness: Mapped[int] = mapped_column(Integer, default=0)
    # morning, afternoon or evening: when visits found somebody most often; None where none did.
    home_hours: Mapped[str | None] = mapped_column(String(10))


class Person(Base):
    """A person as one community knows them. Only the name is required."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "community_id", "id_hash"),
        Index(None, "community_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(50))
    former_name: Mapped[str | None] = mapped_column(String(50))
    id_kind: Mapped[str | None] = mapped_column(String(4))
    id_no: Mapped[str | None] = mapped_column(Personal)
    # keyed_hash('id', id_no): finds the same person again without opening the number.
    id_hash: Mapped[str | None] = mapped_column(String(24))
    sex: Mapped[str | None] = mapped_column(String(1))
    birth: Mapped[date | None] = mapped_column(Date)
    ethnic: Mapped[str | None] = mapped_column(String(4))
    marital: Mapped[str | None] = mapped_column(String(4))
    political: Mapped[str | None] = mapped_column(String(4))
    education: Mapped[str | None] = mapped_column(String(4))
    occupation: Mapped[str | None] = mapped_column(String(50))
    employer: Mapped[str | None] = mapped_column(String(100))
    # One or several numbers, parted by ';'.
    phone: Mapped[str | None] = mapped_column(Personal)
    hukou_region: Mapped[str | None] = mapped_column(String(6))
    hukou_address: Mapped[str | None] = mapped_column(String(200))
    population_kind: Mapped[str | None] = mapped_column(String(12))
    residency_match: Mapped[str | None] = mapped_column(String(4))
    health: Mapped[str | None] = mapped_column(String(4))
    photo: Mapped[str | None] = mapped_column(String(80))
    died_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    # Written twice, and now one: who is left. What spoke of this row speaks of that one.
    merged_into_id: Mapped[int | None] = mapped_column(Integer)


# The key under which a table's `info` holds what `once` says.
ONCE = "person_once"


def once(*beside: str) -> dict[str, Any]:
    """The last of `__table_args__`: nobody is there twice with the same of these columns, from `since` to `until` if
    it has them. Two who become one are made so; no index says it, for a list may name somebody again later."""
    return {"info": {ONCE: beside}}


class KnownApart(Base):
    """Two people who look like one and are two: nobody is asked about them again. `first_id` is the smaller."""

    __tablename__ = "known_apart"
    __table_args__ = (Index(None, "first_id", "second_id", unique=True), Index(None, "community_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Residency(Base):
    """Who lives (lived) behind which door, from a day to a day; open-ended where to_on is None."""

    __tablename__ = "residency"
    __table_args__ = (
        Index(None, "household_id", "to_on"),
        Index(None, "community_id"),
        # At most one current residency per person: 'nobody lives in two doors on one day' begins here.
        Index(
            "uq_residency_current",
            "person_id",
            unique=True,
            sqlite_where=text("to_on IS NULL"),
            postgresql_where=text("to_on IS NULL"),
        ),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    relation: Mapped[str | None] = mapped_column(String(4))
    is_head: Mapped[bool] = mapped_column(Boolean, default=False)
    live_kind: Mapped[str | None] = mapped_column(String(12))
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    came_from: Mapped[str | None] = mapped_column(String(200))
    went_to: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(20))

    person: Mapped[Person] = relationship(lazy="raise")
    household: Mapped[Household] = relationship(lazy="raise")


class Tag(Base):
    """人员类别, as one community defines it. Restricted ones are in no page, sheet, map or count."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "community_id", "code", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str] = mapped_column(String(30))
    label: Mapped[str] = mapped_column(String(20))
    group: Mapped[str] = mapped_column("tag_group", String(12))
    restricted: Mapped[bool] = mapped_column(Boolean, default=False)
    # Every n days somebody should be seen or spoken to; late when the grace is over too: visits/contact_rules.py.
    contact_every_days: Mapped[int | None] = mapped_column(Integer)
    contact_kind: Mapped[str | None] = mapped_column(String(10))
    grace_days: Mapped[int] = mapped_column(Integer, default=0)
    # So many days after a tag was taken off, the row and its own fields are deleted.
    retention_days: Mapped[int | None] = mapped_column(Integer)
    # Its own fields: [{"key", "label", "kind": text, number, date, choice or yes_no, "choices": […], "needed": bool}].
    fields: Mapped[list[Any] | None] = mapped_column(JSON)
    # The roles beside the administrator that may see it; None: all that see the person's file.
    viewers: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(Integer, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)

    def is_for(self, role: str) -> bool:
        """Whether somebody of a role who sees the person's file may see it."""
        return role == "administrator" or self.viewers is None or role in self.viewers

    @property
    def is_open(self) -> bool:
        """What TAG_IS_OPEN says in SQL."""
        return not self.restricted and self.viewers is None


# What all that see a person's file may see: these tags alone are counted, drawn, printed and taken along.
TAG_IS_OPEN = and_(Tag.restricted == false(), Tag.viewers.is_(None))


class PersonTag(Base):
    """A tag somebody carries, since and until a day."""

    __tablename__ = "person_tag"
    __table_args__ = (
        Index(None, "person_id", "tag_id"),
        Index(None, "tag_id"),
        Index(None, "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"))
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str | None] = mapped_column(String(50))
    carer: Mapped[str | None] = mapped_column(String(50))
    attrs: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class TagAccess(Base):
    """Somebody said why they must see the restricted tags of a person, or of a whole ledger; good until `ends_at`."""

    __tablename__ = "tag_access"
    __table_args__ = (Index(None, "user_id", "ends_at"), Index(None, "community_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # None: the restricted ledger of the community.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    ends_at: Mapped[datetime] = mapped_column(Moment)


class Floating(Base):
    """流动登记: somebody who came from or went elsewhere for a while, and the permit. Open while left_on is None."""

    __tablename__ = "floating"
    __table_args__ = (Index(None, "person_id"), Index(None, "community_id", "expires_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    direction: Mapped[str] = mapped_column(String(4), default="in")
    reason: Mapped[str | None] = mapped_column(String(4))
    permit_kind: Mapped[str | None] = mapped_column(String(4))
    permit_no: Mapped[str | None] = mapped_column(Personal)
    registered_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    dwelling_kind: Mapped[str | None] = mapped_column(String(4))
    # 谁用工谁负责，谁出租谁负责.
    employed_by: Mapped[str | None] = mapped_column(String(100))
    rented_by: Mapped[str | None] = mapped_column(String(100))
    # Of somebody who went.
    went_to: Mapped[str | None] = mapped_column(String(100))
    left_on: Mapped[date | None] = mapped_column(Date)
    # Of somebody who came and left; why somebody went elsewhere is `reason`.
    left_reason: Mapped[str | None] = mapped_column(String(4))
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Site(Base):
    """场所 on the map: school, police room, hydrant, gate …"""

    __tablename__ = "site"
    __table_args__ = (Index(None, "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(50))
    lon: Mapped[float]
    lat: Mapped[float]
    # Who answers for it, and how to reach them.
    keeper: Mapped[str | None] = mapped_column(String(50))
    phone: Mapped[str | None] = mapped_column(Personal)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class PatrolRoute(Base):
    """巡逻路线 on the map: where a team walks. `line` is [[lon, lat], …]."""

    __tablename__ = "patrol_route"
    __table_args__ = (Index(None, "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), default=public_id, unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(50))
    line: Mapped[list[Any]] = mapped_column(JSON)


class SearchKey(Base):
    """Every way a household or person is asked for, as a prefix: see register/finding.py.

    Rows of a door itself have person_id 0. On PostgreSQL the key sorts by code point, as on SQLite.
    """

    __tablename__ = "search_key"
    __table_args__ = {"sqlite_with_rowid": False}

    community_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60).with_variant(String(60, collation="C"), "postgresql"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    household_id: Mapped[int] = mapped_column(primary_key=True)
