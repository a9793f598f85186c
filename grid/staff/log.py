"""Reading the audit log: who did or looked at what in the reader's communities, with old → new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, union_all

from grid.accounts.models import AuditChange, AuditEntry, Patch, Scope, User
from grid.core.clock import ZONE
from grid.core.db import Base, db
from grid.core.i18n import gettext as _
from grid.register import words
from grid.register.models import Block, Building, Community, Household, Person, PersonTag, Residency, Tag
from grid.visits.queries import confidential_among

# An import changes thousands of rows below one entry; the log shows how it begins.
MOST_CHANGES = 20
# What somebody does in no community. Anything else without one is not for whoever shares another with them.
OF_ONESELF = ("log_in", "log_out", "change_password", "choose_language")


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed to."""

    community_ids: tuple[int, ...]
    who: str = ""
    action: str = ""
    from_on: date | None = None
    to_on: date | None = None
    household_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Difference:
    """One column of one row, as it was and as it became."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    operation: str
    what: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class LogLine:
    at: datetime
    who: str
    action: str
    household: str
    household_public_id: str
    person: str
    community: str
    words: str
    changes: tuple[RowChange, ...] = ()
    more: bool = False


def log(scope: Scope, asked: Asked, most: int, skip: int) -> list[LogLine]:
    """A page of the log, newest first, in a constant number of statements."""
    entries = db.session.execute(
        select(
            AuditEntry.id,
            AuditEntry.at,
            User.name,
            AuditEntry.action,
            Household.code,
            Household.public_id,
            Person.name,
            Community.name,
            AuditEntry.words,
        )
        # Nobody is logged in yet when somebody logs in: the words say who.
        .outerjoin(User, or_(User.id == AuditEntry.actor_id, _logs_in(User.login)))
        .outerjoin(Household, Household.id == AuditEntry.household_id)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .outerjoin(Community, Community.id == AuditEntry.community_id)
        .where(AuditEntry.id.in_(_newest(scope, asked, most, skip)))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    ).all()
    below = _changes([entry.id for entry in entries])
    names = Names.of([change for changes in below.values() for change in changes])
    return [_line(tuple(entry), below.get(entry.id, []), names) for entry in entries]


def _line(entry: tuple[Any, ...], changes: list[AuditChange], names: "Names") -> LogLine:
    _id, at, who, action, code, public_id, person, community, said = entry
    said = "" if action == "log_in" or said == person else said
    told = [row for change in changes[:MOST_CHANGES] if (row := _row_change(change, names)).differences]
    return LogLine(
        at,
        who or _("系统"),
        words.action_label(action),
        code or "",
        public_id or "",
        person or "",
        community or "",
        said,
        tuple(told),
        len(changes) > MOST_CHANGES,
    )


def _logs_in(login: Any) -> Any:
    return and_(AuditEntry.action == "log_in", AuditEntry.words == login)


def _newest(scope: Scope, asked: Asked, most: int, skip: int) -> Any:
    """The ids of one page. Each community is read along its index, so a long log is never sorted."""
    order = (AuditEntry.at.desc(), AuditEntry.id.desc())
    places = [AuditEntry.community_id == i for i in asked.community_ids if scope.allows(i)]
    branches = [
        select(AuditEntry.id, AuditEntry.at).where(place, *_conditions(asked)).order_by(*order).limit(skip + most)
        for place in (*places, _nowhere(scope, asked))
    ]
    found = union_all(*(select(branch.subquery()) for branch in branches)).subquery()
    page = select(found.c.id).order_by(found.c.at.desc(), found.c.id.desc()).limit(most).offset(skip).subquery()
    return select(page.c.id)


def _nowhere(scope: Scope, asked: Asked) -> Any:
    """Logging in or choosing a language happens in no community: it belongs where the person works."""
    ids = [i for i in asked.community_ids if scope.allows(i)]
    colleagues = select(Patch.user_id).where(Patch.community_id.in_(ids))
    logins = select(User.login).where(User.id.in_(colleagues))
    log_ins = and_(AuditEntry.action == "log_in", AuditEntry.words.in_(logins))
    own = and_(AuditEntry.actor_id.in_(colleagues), AuditEntry.action.in_(OF_ONESELF))
    return and_(AuditEntry.community_id.is_(None), or_(own, log_ins))


def _conditions(asked: Asked) -> list[Any]:
    conditions: list[Any] = []
    if asked.who:
        one = select(User.id).where(User.public_id == asked.who).scalar_subquery()
        own = select(User.login).where(User.public_id == asked.who).scalar_subquery()
        conditions.append(or_(AuditEntry.actor_id == one, _logs_in(own)))
    if asked.action:
        conditions.append(AuditEntry.action == asked.action)
    if asked.from_on:
        conditions.append(AuditEntry.at >= _midnight(asked.from_on))
    if asked.to_on:
        conditions.append(AuditEntry.at < _midnight(asked.to_on + timedelta(days=1)))
    if asked.household_ids is not None:
        conditions.append(AuditEntry.household_id.in_(asked.household_ids))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _changes(entry_ids: list[int]) -> dict[int, list[AuditChange]]:
    """The first changes below each entry, one more than is shown."""
    if not entry_ids:
        return {}
    parts = [
        select(AuditChange.id)
        .where(AuditChange.entry_id == entry_id)
        .order_by(AuditChange.id)
        .limit(MOST_CHANGES + 1)
        .subquery()
        for entry_id in entry_ids
    ]
    wanted = union_all(*(select(part.c.id) for part in parts))
    found: dict[int, list[AuditChange]] = {}
    for change in db.session.scalars(select(AuditChange).where(AuditChange.id.in_(wanted)).order_by(AuditChange.id)):
        found.setdefault(change.entry_id or 0, []).append(change)
    return found


def _row_change(change: AuditChange, names: "Names") -> RowChange:
    old, new = change.old or {}, change.new or {}
    columns = [c for c in {**old, **new} if words.is_said(c) and c != "community_id" and not names.keeps(change, c)]
    what = " ".join(filter(None, (words.table_label(change.table_name), names.row(change))))
    differences = tuple(
        Difference(
            words.column_label(change.table_name, column),
            names.value(change.table_name, column, old.get(column)),
            names.value(change.table_name, column, new.get(column)),
        )
        for column in columns
    )
    return RowChange(change.operation, what, differences)


# Which table a foreign key points to, by the column's name.
POINTS_TO = {
    "person_id": "person",
    "household_id": "household",
    "building_id": "building",
    "block_id": "block",
    "tag_id": "tag",
    "user_id": "user_account",
    "worker_id": "user_account",
    "community_id": "community",
}
NAMED: Mapping[str, Any] = {
    "person": select(Person.id, Person.name),
    "household": select(Household.id, Household.code),
    "building": select(Building.id, Building.no),
    "block": select(Block.id, Block.name),
    # A restricted tag is not told here either.
    "tag": select(Tag.id, Tag.label, Tag.restricted),
    "user_account": select(User.id, User.name),
    "community": select(Community.id, Community.name),
    "residency": select(Residency.id, Person.name).join(Person, Person.id == Residency.person_id),
    "person_tag": select(PersonTag.id, Person.name).join(Person, Person.id == PersonTag.person_id),
    "patch": select(Patch.id, User.name).join(User, User.id == Patch.user_id),
}


KEPT = {"person_tag": ("source", "carer"), "visit": ("content", "needs")}


def _kept(tags: set[int], visits: set[int]) -> frozenset[tuple[str, int]]:
    """Tags that are restricted or whose row is gone, and the talks that belong to such."""
    ordinary = select(PersonTag.id).join(Tag, Tag.id == PersonTag.tag_id).where(Tag.restricted.is_(False))
    told = set(db.session.scalars(ordinary.where(PersonTag.id.in_(tags)))) if tags else set()
    talks = confidential_among(visits) if visits else set()
    return frozenset([("person_tag", i) for i in tags - told] + [("visit", i) for i in talks])


@dataclass(frozen=True)
class Names:
    """What the rows behind ids are called."""

    known: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # Rows of which a restricted tag keeps some columns from the log's readers.
    kept: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, changes: Iterable[AuditChange]) -> "Names":
        wanted: dict[str, set[int]] = {table: set() for table in (*NAMED, "visit")}
        for change in changes:
            if change.table_name in wanted:
                wanted[change.table_name].add(change.row_id)
            for side in (change.old or {}, change.new or {}):
                for column, value in side.items():
                    if column in POINTS_TO and isinstance(value, int):
                        wanted[POINTS_TO[column]].add(value)
        known: dict[tuple[str, int], str] = {}
        for table, statement in NAMED.items():
            if not wanted[table]:
                continue
            ids = Base.metadata.tables[table].c.id
            for row_id, name, *restricted in db.session.execute(statement.where(ids.in_(wanted[table]))):
                shown = _(name) if table == "tag" else name
                known[table, row_id] = _("受限标签") if any(restricted) else shown
        return cls(known, _kept(wanted["person_tag"], wanted["visit"]))

    def row(self, change: AuditChange) -> str:
        return self.known.get((change.table_name, change.row_id), "")

    def keeps(self, change: AuditChange, column: str) -> bool:
        """Whether a column is not for the log's readers: they have not said why."""
        return (change.table_name, change.row_id) in self.kept and column in KEPT[change.table_name]

    def value(self, table: str, column: str, value: Any) -> str:
        if column in POINTS_TO and isinstance(value, int):
            return self.known.get((POINTS_TO[column], value), "–")
        return words.show_value(table, column, value)


def people_in(scope: Scope, community_ids: tuple[int, ...]) -> list[tuple[str, str]]:
    """Public id and name of everybody whose doings the log may tell."""
    ids = [i for i in community_ids if scope.allows(i)]
    found = db.session.execute(
        select(User.public_id, User.name)
        .where(User.id.in_(select(Patch.user_id).where(Patch.community_id.in_(ids))))
        .order_by(User.name)
    )
    return [(public_id, name) for public_id, name in found]


def actions_in(scope: Scope, community_ids: tuple[int, ...]) -> set[str]:
    """What was ever done there, so that nobody looks for what never was."""
    ids = [i for i in community_ids if scope.allows(i)]
    there = or_(AuditEntry.community_id.in_(ids), _nowhere(scope, Asked(community_ids)))
    return set(db.session.scalars(select(AuditEntry.action).where(there).distinct()))


def doors_called(scope: Scope, community_ids: tuple[int, ...], codes: set[str]) -> tuple[int, ...]:
    """The households of a code (3-2-501, in any of its spellings), also those that are deleted by now."""
    ids = [i for i in community_ids if scope.allows(i)]
    return tuple(
        db.session.scalars(select(Household.id).where(Household.community_id.in_(ids), Household.code.in_(codes)))
    )
