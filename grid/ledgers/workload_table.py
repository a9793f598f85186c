"""The workload as columns: the same on the page, in the workbook and in the report."""

from collections.abc import Iterator, Sequence
from datetime import date

from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.periods import Period
from grid.ledgers.columns import Cell, Column
from grid.ledgers.sources import Reader, Source
from grid.ledgers.workload_queries import Workload, workload_of

COLUMNS = (
    ("visits", N_("走访")),
    ("late_visits", N_("晚了的回访")),
    ("doors_seen", N_("见到的户")),
    ("updates", N_("更新档案")),
    ("cases_opened", N_("立事件")),
    ("cases_closed", N_("办结事件")),
    ("cases_on_time", N_("按期办结")),
    ("cases_overdue", N_("超期事件")),
    ("screenings", N_("排查")),
    ("patrols", N_("巡逻")),
    ("inspections", N_("检查")),
    ("services", N_("服务记录")),
    ("activities", N_("活动")),
    ("plans_on_time", N_("按时交周计划")),
    ("timeliness", N_("及时率")),
)
# Of so many there are: shown as 12/40.
OUT_OF = {"doors_seen": "doors", "cases_on_time": "cases_due", "plans_on_time": "plans_due"}


def headings() -> list[str]:
    return [_(words) for _key, words in COLUMNS]


def value(one: Workload, key: str) -> str:
    """As it is written; – where nothing was due."""
    if key == "timeliness":
        return "–" if one.timeliness is None else f"{round(100 * one.timeliness)}%"
    if key == "late_visits":
        return str(one.late_visits)
    if key in OUT_OF:
        return f"{one.n[key]}/{one.n[OUT_OF[key]]}" if one.n[OUT_OF[key]] else "–"
    return str(one.n[key])


def values(one: Workload) -> list[str]:
    return [value(one, key) for key, _words in COLUMNS]


def table(found: Sequence[Workload]) -> list[tuple[str, list[str]]]:
    """Name and figures of each worker."""
    return [(one.name, values(one)) for one in found]


def _rows(reader: Reader, community_id: int, period: Period, today: date) -> Iterator[dict[str, Cell]]:
    """Numbers as numbers, so that a column can be added up. Of everybody for whoever is in charge of all of it."""
    has_all = reader.is_administrator and reader.scope.allows(community_id)
    for one in workload_of(community_id, period, today, None if has_all else reader.user_id):
        figures = {key: int(text) if text.isdecimal() else text for key, text in zip(_KEYS, values(one), strict=True)}
        yield {"name": one.name, **figures}


_KEYS = [key for key, _words in COLUMNS]

WORKLOAD = Source(
    key="workload",
    label=N_("工作量，一人一行"),
    rows=None,
    id=None,
    community=None,
    covers=lambda _reader: False,
    at=True,
    order=(),
    columns=(
        Column("name", N_("姓名"), (), "names"),
        *(Column(key, words, (), "number") for key, words in COLUMNS),
    ),
    worked_out=_rows,
)
