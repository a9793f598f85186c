"""Reading editions: whose sheet was never printed, whose has changed since, and where a token leads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from grid.accounts.models import Scope, User
from grid.core.i18n import gettext as _
from grid.core.prepared import Prepared
from grid.core.refusals import Missing
from grid.documents.editions import Change, changes_since, in_words
from grid.documents.models import Edition, Print
from grid.dossier.queries import sheet_rows
from grid.dossier.reading import stated
from grid.register.models import Household

# Tokens of one door that a phone takes along.
IN_A_PACK = 3
# Doors whose sheets are compared at once.
AT_ONCE = 250

_latest = (
    select(func.max(Edition.id).label("id"))
    .where(Edition.community_id == bindparam("community_id"))
    .group_by(Edition.household_id)
    .subquery()
)
_printed = Prepared(
    select(Edition.household_id, Edition.id, Household.community_id, Household.building_id)
    .join(_latest, _latest.c.id == Edition.id)
    .join(Household, Household.id == Edition.household_id)
    .where(Household.deleted_at.is_(None))
    .order_by(Edition.household_id)
)
_facts = Prepared(
    select(Edition.household_id, Edition.facts).where(Edition.id.in_(bindparam("editions", expanding=True)))
)
_never = Prepared(
    select(Household.id, Household.community_id, Household.building_id)
    .outerjoin(Edition, Edition.household_id == Household.id)
    .where(Household.community_id == bindparam("community_id"), Household.deleted_at.is_(None), Edition.id.is_(None))
    .order_by(Household.id)
)


def changed_since_print(scope: Scope, community_id: int, today: date) -> dict[int, list[Change]]:
    """Household id → what its latest printed sheet says that is not so any more; nothing of those that still hold."""
    found: dict[int, list[Change]] = {}
    printed = [
        (household_id, edition_id)
        for household_id, edition_id, *place in _printed.rows(community_id=community_id)
        if scope.allows(*place)
    ]
    for start in range(0, len(printed), AT_ONCE):
        compared = _compared(printed[start : start + AT_ONCE], today)
        found |= {household_id: changes for household_id, changes in compared if changes}
    return found


def _compared(printed: Sequence[tuple[int, int]], today: date) -> Iterator[tuple[int, list[Change]]]:
    facts = dict(_facts.rows(editions=tuple(edition_id for _household_id, edition_id in printed)))
    for rows in sheet_rows([household_id for household_id, _edition_id in printed], today):
        household_id = rows.door["id"]
        yield household_id, changes_since(facts[household_id], stated(rows))


def never_printed(scope: Scope, community_id: int) -> list[int]:
    """The ids of households in scope of which no sheet was ever printed."""
    return [household_id for household_id, *place in _never.rows(community_id=community_id) if scope.allows(*place)]


@dataclass(frozen=True)
class Scanned:
    """A sheet that somebody holds in the hand: whose, who printed it when, and what is not so any more."""

    token: str
    door: str
    number: str
    by: str
    at: datetime
    changes: list[Change]
    # When this household's sheet was printed after this one.
    newer_at: datetime | None

    @property
    def words(self) -> str:
        return in_words(self.changes)


_newest = (
    select(func.max(Edition.at)).where(Edition.household_id == Household.id).correlate(Household).scalar_subquery()
)
_scanned = Prepared(
    select(
        Household.id,
        Household.public_id,
        Household.community_id,
        Household.building_id,
        Edition.facts,
        Edition.at,
        Print.number,
        User.name,
        _newest.label("newest"),
    )
    .select_from(Edition)
    .join(Household, Household.id == Edition.household_id)
    .join(Print, Print.id == Edition.print_id)
    .outerjoin(User, User.id == Print.user_id)
    .where(Edition.token == bindparam("token"), Household.deleted_at.is_(None))
)


def scanned_or_404(scope: Scope, token: str, today: date) -> Scanned:
    """Where the QR code of a sheet leads."""
    found = _scanned.row(token=token)
    if found is None or not scope.allows(found[2], found[3]):
        raise Missing
    household_id, door, _community, _building, facts, at, number, by, newest = found
    (rows,) = sheet_rows([household_id], today)
    changes = changes_since(facts, stated(rows))
    return Scanned(token, door, number, by or _("命令行"), at, changes, newest if newest > at else None)


_counted = (
    select(
        Edition.token,
        Household.public_id,
        func.row_number().over(partition_by=Edition.household_id, order_by=Edition.id.desc()).label("n"),
    )
    .join(Household, Household.id == Edition.household_id)
    .where(Household.building_id.in_(bindparam("buildings", expanding=True)), Household.deleted_at.is_(None))
    .subquery()
)
_tokens = Prepared(
    select(_counted.c.token, _counted.c.public_id)
    .where(_counted.c.n <= IN_A_PACK)
    .order_by(_counted.c.public_id, _counted.c.n)
)


def tokens_in(scope: Scope) -> dict[str, str]:
    """Token → household, for the newest sheets of each door in the single buildings in scope."""
    return dict(_tokens.rows(buildings=scope.buildings))
