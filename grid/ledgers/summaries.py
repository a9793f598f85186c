"""月报 and 年报: what a period came to. Nobody's name but the staff's.

The page and the paper show the same sections, so their figures cannot differ.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from grid.accounts.models import Scope
from grid.core.i18n import gettext as _
from grid.core.periods import Period
from grid.ledgers import figures
from grid.ledgers import summary_work as work
from grid.ledgers.charts import Chart, Look, bars
from grid.ledgers.duty_queries import year_plan
from grid.ledgers.summary_sections import LOW, WIDE, Asked, Section, Table
from grid.ledgers.workload_queries import workload_of
from grid.ledgers.workload_table import headings, table

# Side by side with their figures readable.
MOST_BARS = 14


def summary(scope: Scope, community_id: int, period: Period, today: date) -> list[Section]:
    asked = Asked(scope, community_id, period, today)
    return [part(asked) for part in (*work.SECTIONS, _plan, _targets, _workload)]


def _plan(asked: Asked) -> Section:
    """Periods of the year plan that end in the period, and how many of them were done.

    A week belongs to the month, and the year, of its Monday.
    """
    rows = []
    for line in year_plan(asked.community_id, asked.period.start.year, asked.today):
        is_weekly = line.duty.rhythm == "week"
        days = [(turn, turn.start if is_weekly else turn.end) for turn in line.turns]
        ended = [turn for turn, day in days if asked.period.start <= day <= asked.period.end]
        done = sum(turn.state == "done" for turn in ended)
        late = sum(turn.state == "late" for turn in ended)
        if done or late:
            rows.append([line.duty.title, str(done), str(late)])
    sentence = _(
        "年度计划应做的 %(n)s 项里，%(done)s 项全部做到，%(late)s 项有没做到的。",
        n=len(rows), done=sum(late == "0" for _title, _done, late in rows),
        late=sum(late != "0" for _title, _done, late in rows),
    )  # fmt: skip
    return Section(_("年度计划"), [sentence], [Table([_("做什么"), _("已做"), _("晚了")], rows)] if rows else [])


def state_words(state: str) -> str:
    return {
        figures.MET: _("✓ 达到"),
        figures.SHORT: _("! 未达到"),
    }.get(state, _("– 还不能比"))


def _targets(asked: Asked) -> Section:
    """What the plans ask. Figures of what nobody may see the rows of stay out of a report.

    A month leaves out what can only be held against a whole year, or has no figure yet.
    """
    lines = figures.lines(asked.scope, asked.community_id, asked.period, asked.today)
    every = [(line.figure, one) for line in lines if not line.indicator.hidden for one in line.standings]
    is_year = asked.period.kind == "year"
    held = [(of, one) for of, one in every if is_year or one.state != figures.UNKNOWN]
    rows = [
        [str(n), _(of.indicator.title), one.target.plan, one.asked, of.text, state_words(one.state), one.gap]
        for n, (of, one) in enumerate(held, 1)
    ]
    states = Counter(one.state for _of, one in held)
    sentence = _(
        "工作计划的指标 %(n)s 项，达到 %(met)s 项，未达到 %(short)s 项。",
        n=len(held), met=states[figures.MET], short=states[figures.SHORT],
    )  # fmt: skip
    if not every:
        return Section(_("指标"), [_("还没有设指标。在“指标”里可以按工作计划设。")])
    heads = [_("序号"), _("指标"), _("计划"), _("要求"), _("实际"), _("状态"), _("差多少")]
    return Section(_("指标"), [sentence], [Table(heads, rows, is_text=True)], list(_reached(held)))


def _reached(held: Sequence[tuple[figures.Figure, figures.Standing]]) -> list[Chart]:
    """How much of each target is reached, by its number in the table: the widest gaps stand first."""
    points: list[tuple[str, float | None]] = [
        (str(n), round(min(of.value / one.target.value, 1.0), 2))
        for n, (of, one) in enumerate(held, 1)
        if one.state != figures.UNKNOWN and of.value is not None and one.target.value
        if one.target.comparator == figures.AT_LEAST
    ]
    look = Look(_("各项指标达到要求的程度（按表中序号）"), target=1.0, is_share=True, width=WIDE, height=LOW)
    return [bars(points[:MOST_BARS], look)] if points else []


def _workload(asked: Asked) -> Section:
    found = workload_of(asked.community_id, asked.period, asked.today)
    due, on_time = sum(one.due for one in found), sum(one.on_time for one in found)
    sentence = (
        _("工作人员 %(n)s 人，到期的事 %(due)s 件，按时完成 %(done)s 件。", n=len(found), due=due, done=on_time)
        if found
        else _("这段时间没有人分到片区。")
    )
    rows = [[name, *values] for name, values in table(found)]
    return Section(_("工作量"), [sentence], [Table([_("姓名"), *headings()], rows)] if rows else [])
