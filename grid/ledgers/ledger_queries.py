"""Reading a ledger: how many rows and their sums in one statement, the rows of a page in another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from grid.accounts.models import Scope
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.i18n import labelled, listed
from grid.core.paging import SIZE, offset
from grid.core.periods import Period
from grid.core.refusals import Missing
from grid.ledgers.columns import Cell, Column, number
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.shipped import OFFERED, SHIPPED, Ledger, ledger_of
from grid.ledgers.sources import Narrowing, Reader
from grid.ledgers.tables import Heading, LedgerTable, total_words
from grid.register.models import Building, Community, Tag, TagAccess

# Rows that are read out of the database in one go.
AT_ONCE = 1_000


class Label(NamedTuple):
    """A tag of the community, as far as it decides what may be seen."""

    id: int
    code: str
    label: str
    restricted: bool
    viewers: Any

    def is_for(self, role: str) -> bool:
        return role == "administrator" or self.viewers is None or role in self.viewers


@dataclass(frozen=True)
class Asked:
    """What a ledger is read for: of which community, in which period, with which tags, narrowed by what."""

    community: Community
    tags: Sequence[Label]
    today: date
    period: Period | None = None
    narrowed: Mapping[str, Any] = field(default_factory=dict)


def tags_of_community(community_id: int) -> list[Label]:
    found = db.session.execute(
        select(Tag.id, Tag.code, Tag.label, Tag.restricted, Tag.viewers)
        .where(Tag.community_id == community_id, Tag.deleted_at.is_(None))
        .order_by(Tag.id)
    )
    return [Label(*row) for row in found]


def definitions(scope: Scope, community_id: int) -> list[Ledger]:
    """A community's own ledgers."""
    found = db.session.scalars(
        select(LedgerDefinition)
        .where(
            LedgerDefinition.community_id == community_id,
            LedgerDefinition.community_id.in_(scope.seen_communities),
            LedgerDefinition.deleted_at.is_(None),
        )
        .order_by(LedgerDefinition.id)
    )
    return [ledger_of(row) for row in found if row.source in OFFERED]


def definition_or_404(scope: Scope, public_id: str) -> LedgerDefinition:
    found = db.session.scalar(
        select(LedgerDefinition).where(LedgerDefinition.public_id == public_id, LedgerDefinition.deleted_at.is_(None))
    )
    if found is None or not scope.touches(found.community_id) or found.source not in OFFERED:
        raise Missing
    return found


def ledger_or_404(scope: Scope, key: str) -> Ledger:
    """A shipped one by its key, a community's own by its public id."""
    return SHIPPED.get(key) or ledger_of(definition_or_404(scope, key))


def access_reason(user_id: int, community_id: int, at: datetime) -> str | None:
    """Why somebody must see the restricted ledgers of a community; None where they have to say so first."""
    return db.session.scalar(
        select(TagAccess.reason)
        .where(
            TagAccess.user_id == user_id,
            TagAccess.community_id == community_id,
            TagAccess.person_id.is_(None),
            TagAccess.ends_at > at,
        )
        .order_by(TagAccess.id.desc())
        .limit(1)
    )


def table(reader: Reader, ledger: Ledger, asked: Asked, page: int | None = None) -> LedgerTable:
    """All rows, or those of a page (from 1). Whoever asks for a restricted ledger has been let in before."""
    where, given = _where(reader, ledger, asked), _given(reader, asked)
    counted = _counted(ledger, where, given)
    count = sum(n for _building, n, _sums in counted)
    skipped = offset(page) if page else 0
    rows = _rows(ledger, where, given, counted, skipped, SIZE if page else None)
    return replace(
        head(ledger, asked),
        rows=tuple((n, *_cells(ledger, row, asked.today)) for n, row in enumerate(rows, skipped + 1)),
        count=count,
        totals=_totals(ledger, count, [sums for _building, _n, sums in counted]),
        skipped=skipped,
    )


def head(ledger: Ledger, asked: Asked) -> LedgerTable:
    """What stands above its rows, and who signs."""
    return LedgerTable(
        title=_(ledger.title),
        place=asked.community.name,
        period=asked.period.title if asked.period else _("截至 %(day)s", day=asked.today.isoformat()),
        asked=narrowed_words(ledger, asked),
        headings=_headings(ledger),
        signatures=tuple(_(one) for one in ledger.signatures),
        restricted=ledger.source.restricted,
    )


def every_row(reader: Reader, ledger: Ledger, asked: Asked) -> Iterator[tuple[Cell, ...]]:
    """Numbered and finished, one after the other, however many there are: never all of them in memory."""
    source = ledger.source
    if source.worked_out is not None:
        yield from ((n, *cells) for n, cells in enumerate(_worked_out(reader, ledger, asked), 1))
        return
    by_house = (Building.no_order, Building.no, source.building) if source.building is not None else ()
    statement = (
        select(*_values(ledger))
        .select_from(source.rows)
        .where(*_where(reader, ledger, asked))
        .order_by(*by_house, *source.order)
    )
    found = db.session.execute(statement, _given(reader, asked), execution_options={"yield_per": AT_ONCE})
    for n, row in enumerate(found, 1):
        yield (n, *_cells(ledger, tuple(row), asked.today))


def count_rows(reader: Reader, ledger: Ledger, asked: Asked) -> int:
    """How many rows it has: before a paper or a workbook is made of them."""
    if ledger.source.worked_out is not None:
        return len(_worked_out(reader, ledger, asked))
    inner = select(ledger.source.id.label("id")).select_from(ledger.source.rows)
    inner = inner.where(*_where(reader, ledger, asked))
    found = db.session.execute(select(func.count()).select_from(inner.subquery()), _given(reader, asked)).scalar()
    return int(found or 0)


def _worked_out(reader: Reader, ledger: Ledger, asked: Asked) -> list[tuple[Cell, ...]]:
    assert ledger.source.worked_out and asked.period, "figures are of a period"
    found = ledger.source.worked_out(reader, asked.community.id, asked.period, asked.today)
    return [tuple(row[column.key] for column in ledger.columns) for row in found]


def _where(reader: Reader, ledger: Ledger, asked: Asked) -> list[Any]:
    source = ledger.source
    where = [source.community == asked.community.id, source.covers(reader)]
    where += [source.by_key[key].condition(value) for key, value in ledger.filter.items()]
    where += [_narrowed(reader, source.asks[key], value, asked.today) for key, value in asked.narrowed.items()]
    if asked.period and source.at is not None:
        where += _within(source.at, source.at_is_moment, asked.period)
    return where


def _narrowed(reader: Reader, by: Column | Narrowing, wanted: Any, day: date) -> Any:
    return by.condition(wanted) if isinstance(by, Column) else by.condition(reader, wanted, day)


def _within(at: Any, is_moment: bool, period: Period) -> list[Any]:
    if not is_moment:
        return [at >= period.start, at <= period.end]
    first, end = period.moments
    return [at >= first, at < end]


def _given(reader: Reader, asked: Asked) -> dict[str, Any]:
    day = asked.today
    return {
        "day": day,
        # Sixty years after a 29 February there is one.
        "sixty": day.replace(year=day.year - 60),
        "year_start": date(day.year, 1, 1),
        "unseen_tags": [tag.id for tag in asked.tags if not tag.is_for(reader.role)],
        "restricted_tags": [tag.id for tag in asked.tags if tag.restricted and tag.is_for(reader.role)],
    }


# A building (None where a ledger is not read by building), how many rows, the sums of the summed columns.
Counted = tuple[int | None, int, tuple[Any, ...]]


def _summed(ledger: Ledger) -> list[Column]:
    return [column for column in ledger.columns if column.summed]


def _counted(ledger: Ledger, where: list[Any], given: Mapping[str, Any]) -> list[Counted]:
    """In the order of the buildings' numbers."""
    source = ledger.source
    houses = (source.building, Building.no_order, Building.no) if source.building is not None else ()
    inner = (
        select(
            *(one.label(f"house{n}") for n, one in enumerate(houses)),
            *(column.values[0].label(f"sum{n}") for n, column in enumerate(_summed(ledger))),
            source.community.label("community_id"),
        )
        .select_from(source.rows)
        .where(*where)
        .subquery()
    )
    groups = [inner.c[f"house{n}"] for n in range(len(houses))]
    sums = [func.sum(inner.c[f"sum{n}"]) for n in range(len(_summed(ledger)))]
    statement = select(*groups, func.count(), *sums).select_from(inner)
    if groups:
        statement = statement.group_by(*groups).order_by(groups[1], groups[2], groups[0])
    found = db.session.execute(statement, given).all()
    at = len(groups)
    return [(row[0] if at else None, row[at], tuple(row[at + 1 :])) for row in found]


def _rows(
    ledger: Ledger, where: list[Any], given: Mapping[str, Any], counted: list[Counted], skip: int, most: int | None
) -> Sequence[tuple[Any, ...]]:
    """The ids of a page first, so that nothing is looked up for the rows that are only passed over."""
    source, order = ledger.source, ledger.source.order
    narrowed = list(where)
    if source.building is not None:
        order = (Building.no_order, Building.no, source.building, *order)
        if most is not None:
            buildings, skip = _buildings_of_page(counted, skip, most)
            narrowed.append(source.building.in_(buildings))
    page = (
        select(source.id.label("id"))
        .select_from(source.rows)
        .where(*narrowed)
        .order_by(*order)
        .limit(most)
        .offset(skip)
    )
    ids = page.subquery()
    statement = select(*_values(ledger)).select_from(source.rows.join(ids, ids.c.id == source.id)).order_by(*order)
    return [tuple(row) for row in db.session.execute(statement, given)]


def _values(ledger: Ledger) -> list[Any]:
    values = (value for column in ledger.columns for value in column.values)
    return [value.label(f"v{n}") for n, value in enumerate(values)]


def _buildings_of_page(counted: list[Counted], skip: int, most: int) -> tuple[list[int], int]:
    """The buildings whose rows lie on a page, and how many of their rows lie before it."""
    there: list[int] = []
    before, left = 0, skip
    for building, n, _sums in counted:
        if before + n > skip and before < skip + most and building is not None:
            there.append(building)
        elif before + n <= skip:
            left -= n
        before += n
    return there, left if there else 0


def _headings(ledger: Ledger) -> tuple[Heading, ...]:
    own = (Heading(c.key, c.named, c.show, c.summed) for c in ledger.columns)
    return (Heading("row", _("序号"), "row"), *own)


def _cells(ledger: Ledger, row: tuple[Any, ...], today: date) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    at = 0
    for column in ledger.columns:
        until = at + len(column.values)
        cells.append(column.cell(row[at:until], today))
        at = until
    return tuple(cells)


def _totals(ledger: Ledger, count: int, sums: list[tuple[Any, ...]]) -> tuple[Cell, ...]:
    added = iter(sum(one[n] or 0 for one in sums) for n in range(len(_summed(ledger))))
    return (total_words(count), *(number(next(added)) if c.summed else "" for c in ledger.columns))


def narrowed_words(ledger: Ledger, asked: Asked) -> str:
    """What a reader narrowed a ledger to, in words: 走访方式：谈话、电话."""
    said = [
        labelled(_(one.label), _wanted_words(one, asked.narrowed[key], asked))
        for key, one in ledger.source.asks.items()
        if key in asked.narrowed
    ]
    return "；".join(said)


def _wanted_words(by: Column | Narrowing, wanted: Any, asked: Asked) -> str:
    if by.asked == "yes_no":
        return _("是") if wanted else _("否")
    if by.asked == "words":
        return str(wanted)
    names = _names(by, asked)
    return listed(_(names.get(one, one)) for one in wanted)


def _names(by: Column | Narrowing, asked: Asked) -> Mapping[str, str]:
    """What there is to choose, whoever may choose it."""
    if isinstance(by, Narrowing):
        return dict(by.choices(asked.community.id, Scope((asked.community.id,)))) if by.choices else {}
    return {tag.code: _(tag.label) for tag in asked.tags} if by.show == "tags" else CODES[by.codes].by_code
