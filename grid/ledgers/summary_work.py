"""The sections of a report that come from rows, from people and visits to services and activities."""

from collections import Counter
from datetime import date

from sqlalchemy import and_, func, or_, select

from grid.cases.models import Case, Screening
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.moments import LocalDay
from grid.core.periods import Period
from grid.ledgers.charts import Chart, Look, bars
from grid.ledgers.summary_sections import LOW, WIDE, Asked, Section, Table, by_code, number, times
from grid.register.models import Floating, Household, Person
from grid.services.models import Activity, Inspection, InspectionItem, Patrol, ServiceRecord
from grid.visits.models import Visit


def population(asked: Asked) -> Section:
    h = Household
    doors, lived_in, people, rented, vacant = db.session.execute(
        select(
            func.count(),
            times(h.n_members > 0),
            func.coalesce(func.sum(h.n_members), 0),
            times(h.occupancy == "rented"),
            times(h.occupancy == "vacant"),
        ).where(asked.of(h))
    ).one()
    came = (
        select(func.count())
        .select_from(Floating)
        .join(Person, Person.id == Floating.person_id)
        .where(
            Floating.community_id == asked.community_id,
            Floating.direction == "in",
            or_(Floating.registered_on.is_(None), Floating.registered_on <= asked.so_far.end),
            or_(Floating.left_on.is_(None), Floating.left_on > asked.so_far.end),
            Person.deleted_at.is_(None),
        )
    )
    floating = db.session.scalar(came) or 0
    sentence = _(
        "截至 %(day)s，共有房屋 %(doors)s 户，住人 %(lived)s 户、%(people)s 人。",
        day=asked.today.isoformat(), doors=number(doors), lived=number(lived_in), people=number(people),
    )  # fmt: skip
    words = (_("房屋"), _("住人的户"), _("现住人口"), _("出租房"), _("空置房"), _("登记的流入人员"))
    values = (doors, lived_in, people, rented, vacant, floating)
    return Section(_("人口和房屋"), [sentence], [Table(words, [[number(n) for n in values]], is_across=True)])


def visits(asked: Asked) -> Section:
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
        n=number(days.total()), doors=number(met or 0), home=number(found["home"]),
        nobody=number(found["nobody"]), refused=number(found["refused"]),
    )  # fmt: skip
    return Section(_("走访"), [sentence], [by_code("visit_kind", kinds)], [_visits_chart(asked, days)])


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


def cases(asked: Asked) -> Section:
    c, end = Case, asked.so_far.end
    is_new = asked.within(c.at)
    is_closed = asked.on(c.closed_on)
    is_open = and_(c.at < asked.so_far.moments[1], or_(c.closed_on.is_(None), c.closed_on > end))
    levels = [code for code, _words in CODES["reached"].choices()]
    rows = {
        type_: list(counts)
        for type_, *counts in db.session.execute(
            select(
                c.type,
                times(is_new),
                times(is_closed),
                times(is_open),
                times(and_(is_open, c.due_on <= end, c.due_on < asked.today)),
                *(times(and_(is_new, c.level_reached == level)) for level in levels),
                times(and_(is_new, or_(c.method.is_not(None), c.outcome.is_not(None)))),
                times(and_(is_new, c.outcome == "agreed")),
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


def screenings(asked: Asked) -> Section:
    s, p = Screening, Patrol
    n, zero, weeks = db.session.execute(
        select(func.count(), times(s.is_zero.is_(True)), func.count(s.week_on.distinct())).where(
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


def inspections(asked: Asked) -> Section:
    i, item = Inspection, InspectionItem
    kinds = Counter(
        dict(
            db.session.execute(
                select(i.kind, func.count()).where(asked.of(i), asked.within(i.at)).group_by(i.kind)
            ).all()
        )
    )
    late = and_(item.rectified_on.is_(None), item.due_on < asked.today)
    amiss, rectified, overdue = db.session.execute(
        select(func.count(), times(item.rectified_on.is_not(None)), times(late))
        .join(i, i.id == item.inspection_id)
        .where(asked.of(i), asked.within(i.at), item.is_fine.is_(False))
    ).one()
    sentence = _(
        "检查 %(n)s 次，查出问题 %(amiss)s 处，已整改 %(rectified)s 处，到期未整改 %(late)s 处。",
        n=kinds.total(), amiss=amiss, rectified=rectified, late=overdue,
    )  # fmt: skip
    return Section(_("检查和整改"), [sentence], [by_code("inspection_kind", kinds)])


def services(asked: Asked) -> Section:
    r = ServiceRecord
    rows = db.session.execute(
        select(r.kind, func.count(), func.coalesce(func.sum(r.amount), 0))
        .where(asked.of(r), asked.on(r.on))
        .group_by(r.kind)
    ).all()
    kinds = Counter({kind: n for kind, n, _amount in rows})
    amount = sum(float(paid or 0) for _kind, _n, paid in rows)
    sentence = _("服务居民 %(n)s 次，发放救助和慰问金 %(amount)s 元。", n=kinds.total(), amount=number(amount))
    return Section(_("服务"), [sentence], [by_code("service_kind", kinds)])


def activities(asked: Asked) -> Section:
    a = Activity
    rows = {
        kind: (n, int(heads or 0))
        for kind, n, heads in db.session.execute(
            select(a.kind, func.count(), func.coalesce(func.sum(a.headcount), 0))
            .where(asked.of(a), asked.within(a.at))
            .group_by(a.kind)
        )
    }
    n, heads = (sum(pair[part] for pair in rows.values()) for part in (0, 1))
    sentence = _("办活动、会议和宣传 %(n)s 场，参加 %(heads)s 人次（同一人按次数算）。", n=n, heads=number(heads))
    shown = [[words, *map(str, rows[code])] for code, words in CODES["activity_kind"].choices() if code in rows]
    return Section(_("活动"), [sentence], [Table([_("活动类别"), _("场次"), _("人次")], shown)] if shown else [])


SECTIONS = (population, visits, cases, screenings, inspections, services, activities)
