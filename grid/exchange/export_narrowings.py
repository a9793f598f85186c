"""What the lists on screen can be narrowed to that is no column of their export, in the words of those lists: their
导出 takes what they show."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from grid.accounts.models import Scope
from grid.cases import case_queries
from grid.cases.models import Case
from grid.core.forms import LINE
from grid.core.i18n import N_
from grid.ledgers.sources import Narrowing, Reader, chosen
from grid.register import queries as register
from grid.register.models import Block, Building, Floating
from grid.services import inspection_queries, record_queries
from grid.tags import floating_queries

_CASE_STATES = (("open", N_("办理中")), ("overdue", N_("逾期")), ("revisit", N_("该回访")), ("closed", N_("已办结")))

CASES = (
    Narrowing(
        "progress",
        N_("办到哪里"),
        lambda _reader, wanted, day: case_queries.in_state(wanted, day),
        chosen(*_CASE_STATES),
    ),
    Narrowing(
        "whose",
        N_("经办人"),
        lambda reader, _wanted, _day: Case.owner_id == reader.user_id,
        chosen(("mine", N_("我自己"))),
    ),
    Narrowing(
        "words",
        N_("编号、内容、地点或门牌"),
        lambda _reader, wanted, _day: case_queries.says(wanted),
    ),
)


def _blocks(community_id: int, scope: Scope) -> list[tuple[str, str]]:
    """Those with a building in scope."""
    found = register.blocks(community_id)
    if not scope.allows(community_id):
        seen = {building.block_id for building in register.buildings(scope, community_id)}
        found = [block for block in found if block.id in seen]
    return [(block.public_id, block.name) for block in found]


def _buildings(community_id: int, scope: Scope) -> list[tuple[str, str]]:
    found = register.buildings(scope, community_id)
    return [(one.public_id, f"{one.no} {one.estate or ''}".strip()) for one in found]


def _in_block(_reader: Reader, wanted: str, _day: date) -> Any:
    return Building.block_id == select(Block.id).where(Block.public_id == wanted).scalar_subquery()


# Beside a source that joins the building.
PLACE = (
    Narrowing("block", N_("片区"), _in_block, _blocks),
    Narrowing("building", N_("楼栋"), lambda _reader, wanted, _day: Building.public_id == wanted, _buildings),
)


def _registered(_reader: Reader, wanted: str, day: date) -> Any:
    """In the source there are also those who should be registered and are not."""
    conditions = floating_queries.of_kind(wanted, day)
    return and_(*conditions) if wanted == "missing" else and_(Floating.id.is_not(None), *conditions)


_REGISTERED = (
    ("in_force", N_("在册")),
    ("in", N_("流入")),
    ("out", N_("流出")),
    ("expired", N_("证件过期")),
    ("soon", N_("30 天内到期")),
    ("none", N_("没办证")),
    ("missing", N_("应登未登")),
)
FLOATING = (Narrowing("kind", N_("登记情况"), _registered, chosen(*_REGISTERED)), *PLACE)

HOUSEHOLDS = (
    *PLACE,
    Narrowing(
        "unvisited",
        N_("没见到人"),
        lambda _reader, wanted, day: register.nobody_seen_since(day - timedelta(days=int(wanted))),
        chosen(("30", N_("30 天以上")), ("90", N_("90 天以上")), ("180", N_("半年以上"))),
    ),
)

INSPECTIONS = (
    Narrowing(
        "state",
        N_("整改"),
        lambda _reader, wanted, day: inspection_queries.in_state(wanted, day),
        chosen(("open", N_("有待整改")), ("overdue", N_("过期未整改"))),
    ),
)
SERVICES = (
    Narrowing(
        "words",
        N_("内容、慰问品、户号或姓名"),
        lambda _reader, wanted, _day: record_queries.says(wanted),
        longest=LINE,
    ),
)

# By the key of the list that they belong to.
NARROWINGS: dict[str, tuple[Narrowing, ...]] = {
    "cases": CASES,
    "floating": FLOATING,
    "floating_left": PLACE,
    "households": HOUSEHOLDS,
    "inspections": INSPECTIONS,
    "services": SERVICES,
}
