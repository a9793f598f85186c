"""What the lists on screen can be narrowed to that is no column of their export, in the words of those lists: their
导出 takes what they show."""

from grid.cases import case_queries
from grid.cases.models import Case
from grid.core.i18n import N_
from grid.ledgers.sources import Narrowing, chosen

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

NARROWINGS: dict[str, tuple[Narrowing, ...]] = {"cases": CASES}
