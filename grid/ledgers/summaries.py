"""月报 and 年报: what a period came to, section by section, in sentences, tables and charts. Nobody's name but the staff's.

The page and the paper show the same `Section`s, so their figures cannot differ.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from grid.accounts.models import Scope
from grid.cases.models import Case, Screening
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.moments import LocalDay
from grid.core.periods import Period
from grid.ledgers import figures
from grid.ledgers.charts import Chart, Look, bars
from grid.ledgers.duty_queries import year_plan
from grid.ledgers.workload_queries import workload_of
from grid.ledgers.workload_table import headings, table
from grid.register.models import Floating, Household
from grid.services.models import Activity, Inspection, InspectionItem, Patrol, ServiceRecord
from grid.visits.models import Visit

WIDE, LOW = 640, 190


@dataclass(frozen=True)
class Table:
    """The first column says what; the others are figures, unless `is_text`."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_text: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    sentences: Sequence[str]
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()


@dataclass(frozen=True)
class Asked:
    """Of which community, which period, as of which day."""

    scope: Scope
    community_id: int
    period: Period
    today: date

    @property
    def so_far(self) -> Period:
        return self.period.until(self.today)

    def of(self, model: Any) -> Any:
        return and_(model.community_id == self.community_id, model.deleted_at.is_(None))

    def within(self, column: Any) -> Any:
        first, last = self.so_far.moments
        return and_(column >= first, column < last)

    def on(self, column: Any) -> Any:
        return column.between(self.so_far.start, self.so_far.end)


def summary(scope: Scope, community_id: int, period: Period, today: date) -> list[Section]:
    asked = Asked(scope, community_id, period, today)
    parts = (
        _population,
        _visits,
        _cases,
        _screenings,
        _inspections,
        _services,
        _activities,
        _plan,
        _targets,
        _workload,
    )
    return [part(asked) for part in parts]


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _population(asked: Asked) -> Section:
    h = Household
    doors, lived_in, people, rented, vacant = db.session.execute(
        select(
            func.count(),
            _sum(h.n_members > 0),
            func.coalesce(func.sum(h.n_members), 0),
            _sum(h.occupancy == "rented"),
            _sum(h.occupancy == "vacant"),
        ).where(asked.of(h))
    ).one()
    came = select(func.count()).where(
        Floating.community_id == asked.community_id,
        Floating.direction == "in",
        or_(Floating.left_on.is_(None), Floating.left_on > asked.so_far.end),
    )
    floating = db.session.scalar(came) or 0
    sentence = _(
        "截至 %(day)s，共有房屋 %(doors)s 户，住人 %(lived)s 户、%(people)s 人。",
        day=asked.today.isoformat(), doors=_number(doors), lived=_number(lived_in), people=_number(people),
    )  # fmt: skip
    words = (_("房屋"), _("住人的户"), _("现住人口"), _("出租房"), _("空置房"), _("登记的流入人员"))
    values = (doors, lived_in, people, rented, vacant, floating)
    return Section(_("人口和房屋"), [sentence], [Table(words, [[_number(n) for n in values]])])


def _visits(asked: Asked) -> Section:
    day = LocalDay(Visit.at)
    rows = db.session.execute(
        select(day, Visit.kind, Visit.found, func.count())
        .where(asked.of(Visit), asked.within(Visit.at))
        .group_by(day, Visit.kind, Visit.found)
    ).all()
    kinds: Counter[str] = Counter()
    found: Counter[str] = Counter()
    days: Counter[date] = Counter()
    for on, kind, result, n in rows:
        kinds[kind] += n
        found[result] += n
        days[on] += n
    met = db.session.scalar(
        select(func.count(Visit.household_id.distinct())).where(
            asked.of(Visit), asked.within(Visit.at), Visit.found == "home"
        )
    )
    sentence = _(
        "走访 %(n)s 次，见到 %(doors)s 户；其中在家 %(home)s 次，无人 %(nobody)s 次，拒访 %(refused)s 次。",
        n=_number(days.total()), doors=_number(met or 0), home=_number(found["home"]),
        nobody=_number(found["nobody"]), refused=_number(found["refused"]),
    )  # fmt: skip
    return Section(_("走访"), [sentence], [_by_code("visit_kind", kinds)], [_visits_chart(asked, days)])


def _by_code(codes: str, counted: Counter[str]) -> Table:
    """All kinds across, also those that did not occur."""
    kinds = CODES[codes].choices()
    return Table([words for _code, words in kinds], [[_number(counted[code]) for code, _words in kinds]])


def _visits_chart(asked: Asked, days: Counter[date]) -> Chart:
    """By month in a year, by week in a month; the days before its first Monday belong to a week of their own."""
    if asked.period.kind == "year":
        parts = [(_("%(month)s 月", month=month.start.month), month) for month in asked.period.parts("month")]
        title = _("每月走访次数")
    else:
        weeks = asked.period.parts("week")
        before = Period("week", asked.period.start, asked.period.end)
        begun = [Period("week", before.start, weeks[0].before.end)] if weeks[0].start > before.start else []
        cut = [Period("week", week.start, min(week.end, before.end)) for week in weeks]
        parts = [(f"{week.start:%m-%d} – {week.end:%m-%d}", week) for week in begun + cut]
        title = _("每周走访次数")
    points = [
        (words, float(sum(n for day, n in days.items() if part.start <= day <= part.end))) for words, part in parts
    ]
    return bars(points, Look(title, width=WIDE, height=LOW))


def _cases(asked: Asked) -> Section:
    c, end = Case, asked.so_far.end
    is_new = asked.within(c.at)
    is_closed = asked.on(c.closed_on)
    is_open = and_(asked_before(c.at, asked), or_(c.closed_on.is_(None), c.closed_on > end))
    levels = [code for code, _words in CODES["reached"].choices()]
    rows = {
        type_: list(counts)
        for type_, *counts in db.session.execute(
            select(
                c.type,
                _sum(is_new),
                _sum(is_closed),
                _sum(is_open),
                _sum(and_(is_open, c.due_on <= end, c.due_on < asked.today)),
                *(_sum(and_(is_new, c.level_reached == level)) for level in levels),
                _sum(and_(is_new, or_(c.method.is_not(None), c.outcome.is_not(None)))),
                _sum(and_(is_new, c.outcome == "agreed")),
            )
            .where(asked.of(c))
            .group_by(c.type)
        )
    }
    width = 4 + len(levels) + 2
    types = CODES["case_type"].choices()
    lines = [(words, rows.get(code, [0] * width)) for code, words in types]
    total = [sum(counts[n] for _words, counts in lines) for n in range(width)]
    disputes = rows.get("dispute", [0] * width)
    sentences = [
        _(
            "受理事件 %(new)s 件，办结 %(closed)s 件，期末在办 %(open)s 件，其中超期 %(late)s 件。",
            new=total[0], closed=total[1], open=total[2], late=total[3],
        ),
        _(
            "受理矛盾纠纷 %(n)s 件，调解 %(tried)s 件，调解成功 %(agreed)s 件。",
            n=disputes[0], tried=disputes[-2], agreed=disputes[-1],
        ),
    ]  # fmt: skip
    heads = [_("事件类别"), _("受理"), _("办结"), _("期末在办"), _("超期")]
    heads += [_("到%(level)s", level=words) for _code, words in CODES["reached"].choices()]
    shown = [[words, *map(str, counts[:-2])] for words, counts in [*lines, (_("合计"), total)]]
    chart = bars(
        [(words, float(counts[0])) for words, counts in lines], Look(_("受理的事件，按类别"), width=WIDE, height=LOW)
    )
    return Section(_("事件和调解"), sentences, [Table(heads, shown)], [chart])


def asked_before(column: Any, asked: Asked) -> Any:
    return column < asked.so_far.moments[1]


def _screenings(asked: Asked) -> Section:
    s, p = Screening, Patrol
    n, zero, weeks = db.session.execute(
        select(func.count(), _sum(s.is_zero.is_(True)), func.count(s.week_on.distinct())).where(
            asked.of(s), asked.on(s.week_on)
        )
    ).one()
    night = LocalDay(p.started_at)
    walks, heads, nights = db.session.execute(
        select(func.count(), func.coalesce(func.sum(p.headcount), 0), func.count(night.distinct())).where(
            asked.of(p), asked.within(p.started_at)
        )
    ).one()
    return Section(
        _("排查和巡逻"),
        [
            _("排查 %(n)s 次，覆盖 %(weeks)s 周，其中零报告 %(zero)s 次。", n=n, weeks=weeks, zero=zero),
            _("巡逻 %(n)s 次，%(days)s 天有巡逻，参加 %(heads)s 人次。", n=walks, days=nights, heads=heads),
        ],
    )


def _inspections(asked: Asked) -> Section:
    i, item = Inspection, InspectionItem
    kinds = Counter(
        dict(
            db.session.execute(
                select(i.kind, func.count()).where(asked.of(i), asked.within(i.at)).group_by(i.kind)
            ).tuples()
        )
    )
    late = and_(item.rectified_on.is_(None), item.due_on < asked.today)
    amiss, rectified, overdue = db.session.execute(
        select(func.count(), _sum(item.rectified_on.is_not(None)), _sum(late))
        .join(i, i.id == item.inspection_id)
        .where(asked.of(i), asked.within(i.at), item.is_fine.is_(False))
    ).one()
    sentence = _(
        "检查 %(n)s 次，查出问题 %(amiss)s 处，已整改 %(rectified)s 处，到期未整改 %(late)s 处。",
        n=kinds.total(), amiss=amiss, rectified=rectified, late=overdue,
    )  # fmt: skip
    return Section(_("检查和整改"), [sentence], [_by_code("inspection_kind", kinds)])


def _services(asked: Asked) -> Section:
    r = ServiceRecord
    rows = db.session.execute(
        select(r.kind, func.count(), func.coalesce(func.sum(r.amount), 0))
        .where(asked.of(r), asked.on(r.on))
        .group_by(r.kind)
    ).all()
    kinds = Counter({kind: n for kind, n, _amount in rows})
    amount = float(sum(amount for _kind, _n, amount in rows))
    sentence = _("服务居民 %(n)s 次，发放救助和慰问金 %(amount)s 元。", n=kinds.total(), amount=_number(amount))
    return Section(_("服务"), [sentence], [_by_code("service_kind", kinds)])


def _activities(asked: Asked) -> Section:
    a = Activity
    rows = {
        kind: (n, int(heads))
        for kind, n, heads in db.session.execute(
            select(a.kind, func.count(), func.coalesce(func.sum(a.headcount), 0))
            .where(asked.of(a), asked.within(a.at))
            .group_by(a.kind)
        )
    }
    n, heads = (sum(pair[part] for pair in rows.values()) for part in (0, 1))
    sentence = _("办活动、会议和宣传 %(n)s 场，参加 %(heads)s 人次（同一人按次数算）。", n=n, heads=_number(heads))
    shown = [[words, *map(str, rows[code])] for code, words in CODES["activity_kind"].choices() if code in rows]
    return Section(_("活动"), [sentence], [Table([_("活动类别"), _("场次"), _("人次")], shown)] if shown else [])


def _plan(asked: Asked) -> Section:
    """Periods of the year plan that end in the period, and how many of them were done."""
    rows = []
    for line in year_plan(asked.community_id, asked.period.start.year, asked.today):
        ended = [turn for turn in line.turns if asked.period.start <= turn.end <= asked.period.end]
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
    """What the plans ask. Figures of what nobody may see the rows of stay out of a report."""
    lines = figures.lines(asked.scope, asked.community_id, asked.period, asked.today)
    held = [(line.figure, one) for line in lines if not line.indicator.hidden for one in line.standings]
    rows = [
        [str(n), _(of.indicator.title), one.target.plan, one.asked, of.text, state_words(one.state), one.gap]
        for n, (of, one) in enumerate(held, 1)
    ]
    states = Counter(one.state for _of, one in held)
    sentence = _(
        "工作计划的指标 %(n)s 项，达到 %(met)s 项，未达到 %(short)s 项。",
        n=len(held), met=states[figures.MET], short=states[figures.SHORT],
    )  # fmt: skip
    if not held:
        return Section(_("指标"), [_("还没有设指标。在“指标”里可以按工作计划设。")])
    heads = [_("序号"), _("指标"), _("计划"), _("要求"), _("实际"), _("状态"), _("差多少")]
    return Section(_("指标"), [sentence], [Table(heads, rows, is_text=True)], list(_reached(held)))


def _reached(held: Sequence[tuple[figures.Figure, figures.Standing]]) -> list[Chart]:
    """How much of each target is reached, by its number in the table."""
    points: list[tuple[str, float | None]] = [
        (str(n), min(of.value / one.target.value, 1.0))
        for n, (of, one) in enumerate(held, 1)
        if one.state != figures.UNKNOWN and of.value is not None and one.target.value
        if one.target.comparator == figures.AT_LEAST
    ]
    look = Look(_("各项指标达到要求的程度（按表中序号）"), target=1.0, is_share=True, width=WIDE, height=LOW)
    return [bars(points, look)] if points else []


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
