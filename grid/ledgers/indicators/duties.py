"""Indicators counted from activities, inspections, services, weekly plans and teams."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Select, and_, case, false, func, literal, null, or_, select

from grid.accounts.models import Patch, User
from grid.core.clock import now
from grid.core.i18n import N_
from grid.core.moments import LocalDay
from grid.ledgers.indicators.base import COUNT, RATE, Frame, calendar, indicator, one_if, rows
from grid.ledgers.indicators.doors import LIVED_IN, PEOPLE
from grid.ledgers.indicators.holidays import holidays
from grid.register.models import Household
from grid.services.models import Activity, Inspection, ServiceRecord, Team, WorkPlan

MEETINGS = ("meeting", "joint_meeting", "residents_meeting")
SUMMER = (7, 8)


def _activities(frame: Frame, *which: Any, met: Any = 1, n: Any = 1) -> Select[Any]:
    return rows(
        Activity.id, Activity.community_id, worker_id=Activity.recorded_by, met=met, n=n, day=LocalDay(Activity.at)
    ).where(Activity.deleted_at.is_(None), frame.holds(Activity.at), *which)


def _every(key: str, title: str, every: str, formula: str, *which: Any) -> None:
    """The weeks, months … in which there was such an activity."""
    keep = indicator(key, title, RATE, formula, of="activity", is_shared=True, every=every)
    keep(lambda frame: _activities(frame, *which))


_every("meetings", N_("每月例会"), "month", N_("开过例会的月 ÷ 已过去的月"), Activity.kind == "meeting")
_every(
    "joint_meetings",
    N_("每季度联席会议"),
    "quarter",
    N_("开过联席会议的季度 ÷ 已过去的季度"),
    Activity.kind == "joint_meeting",
)
_every(
    "health_lectures",
    N_("每月健康讲座"),
    "month",
    N_("办过健康教育讲座的月 ÷ 已过去的月"),
    Activity.kind == "lecture",
    Activity.topic == "health",
)
_every(
    "boards_two_months",
    N_("宣传栏每两个月更换"),
    "two_months",
    N_("换过宣传栏的双月 ÷ 已过去的双月"),
    Activity.kind == "board",
)
_every(
    "boards_monthly",
    N_("宣传栏、资料架每月更新"),
    "month",
    N_("更新过宣传栏或宣传资料的月 ÷ 已过去的月"),
    Activity.kind.in_(("board", "leaflet")),
)
_every(
    "theme_months",
    N_("一月到十月每月一个主题"),
    "theme_month",
    N_("一月到十月里办过主题活动的月 ÷ 已过去的月"),
    or_(Activity.kind == "theme_day", Activity.theme.is_not(None)),
)


@indicator("minutes", N_("会议记录率"), RATE, N_("写了会议记录的会 ÷ 期内开过的会"), of="activity", is_shared=True)
def minutes(frame: Frame) -> Select[Any]:
    return _activities(frame, Activity.kind.in_(MEETINGS), met=one_if(func.coalesce(Activity.minutes, "") != ""))


@indicator(
    "youth_legal_courses",
    N_("暑期青少年法制教育"),
    COUNT,
    N_("七、八月面向青少年的法制教育讲座、培训"),
    of="activity",
    is_shared=True,
    noun=N_("场"),
)
def youth_legal_courses(frame: Frame) -> Select[Any]:
    summers = [_summer(year) for year in range(frame.period.start.year, frame.period.end.year + 1)]
    return _activities(frame, Activity.topic == "legal", Activity.audience == "youth", or_(*summers))


def _summer(year: int) -> Any:
    return LocalDay(Activity.at).between(date(year, SUMMER[0], 1), date(year, SUMMER[1], 31))


@indicator(
    "culture_events", N_("文体活动"), COUNT, N_("期内办过的文体活动"), of="activity", is_shared=True, noun=N_("场")
)
def culture_events(frame: Frame) -> Select[Any]:
    return _activities(frame, Activity.kind == "culture")


@indicator("training_terms", N_("培训期数"), COUNT, N_("期内办过的培训"), of="activity", is_shared=True, noun=N_("期"))
def training_terms(frame: Frame) -> Select[Any]:
    return _activities(frame, Activity.kind == "training")


@indicator(
    "training_heads",
    N_("培训人次"),
    COUNT,
    N_("期内各期培训的人数相加"),
    of="activity",
    is_shared=True,
    noun=N_("人次"),
)
def training_heads(frame: Frame) -> Select[Any]:
    return _activities(frame, Activity.kind == "training", met=func.coalesce(Activity.headcount, 0))


def _residents(_frame: Frame) -> Select[Any]:
    return rows(Household.id, Household.community_id, met=0, n=Household.n_members).where(*LIVED_IN)


@indicator(
    "health_reach",
    N_("健康教育覆盖率"),
    RATE,
    N_("健康教育活动的人次相加 ÷ 现住人口；按场次数人头，同一个人可能算了几次"),
    of="activity",
    is_shared=True,
    is_dated=False,
    noun=N_("人次"),
    base=_residents,
)
def health_reach(frame: Frame) -> Select[Any]:
    return _activities(frame, Activity.topic == "health", met=func.coalesce(Activity.headcount, 0), n=0)


def _inspections(frame: Frame, *which: Any, day: Any = None) -> Select[Any]:
    on = LocalDay(Inspection.at) if day is None else day
    return rows(Inspection.id, Inspection.community_id, worker_id=Inspection.recorded_by, day=on).where(
        Inspection.deleted_at.is_(None), Inspection.at <= now(), *which
    )


@indicator(
    "hygiene",
    N_("每周卫生自查"),
    RATE,
    N_("有卫生自查的周 ÷ 已过去的周"),
    of="inspection",
    is_shared=True,
    every="week",
)
def hygiene(frame: Frame) -> Select[Any]:
    return _inspections(frame, Inspection.kind == "hygiene", frame.holds(Inspection.at))


@indicator(
    "holiday_inspections",
    N_("节日安全检查"),
    RATE,
    N_("节前三十天到节后七天内有该节日检查的节日 ÷ 已过去的节日"),
    of="inspection",
    is_shared=True,
    every="holiday",
)
def holiday_inspections(frame: Frame) -> Select[Any]:
    """Each inspection stands for its holiday's day; New Year's may lie in the year before."""
    near = [
        (
            and_(
                Inspection.holiday == key,
                LocalDay(Inspection.at).between(day - timedelta(days=30), day + timedelta(days=7)),
            ),
            literal(day, Date),
        )
        for day, key in holidays(frame.period.start, frame.period.end)
    ]
    if not near:
        return _inspections(frame, false())
    stands_for = case(*near, else_=null())
    return _inspections(frame, or_(*(condition for condition, _day in near)), day=stands_for)


def _served(frame: Frame, kind: str, *which: Any) -> Select[Any]:
    """Each person once, or the household where nobody was named. So months do not add up to a year."""
    first = (
        select(
            func.min(ServiceRecord.id).label("id"),
            ServiceRecord.household_id,
            func.min(ServiceRecord.on).label("day"),
            func.min(ServiceRecord.recorded_by).label("worker_id"),
        )
        .where(
            ServiceRecord.deleted_at.is_(None), ServiceRecord.kind == kind, frame.holds_day(ServiceRecord.on), *which
        )
        .group_by(ServiceRecord.household_id, ServiceRecord.person_id)
        .subquery()
    )
    return rows(first.c.id, Household.community_id, Household.building_id, first.c.worker_id, day=first.c.day).join(
        Household, Household.id == first.c.household_id
    )


@indicator(
    "jobs",
    N_("帮扶就业人数"),
    COUNT,
    N_("期内就业服务结果为“已就业”的人，一人算一次"),
    of="service",
    is_dated=False,
    noun=PEOPLE,
)
def jobs(frame: Frame) -> Select[Any]:
    return _served(frame, "job", ServiceRecord.outcome == "employed")


@indicator(
    "students",
    N_("助学人数"),
    COUNT,
    N_("期内有助学服务记录的人，一人算一次"),
    of="service",
    is_dated=False,
    noun=PEOPLE,
)
def students(frame: Frame) -> Select[Any]:
    return _served(frame, "student")


@indicator(
    "work_plans",
    N_("周计划检查归档率"),
    RATE,
    N_("已检查或已归档的周计划 ÷ 网格员人数 × 已过去的周；没写的也算没做到"),
    of="worker",
    is_shared=True,
    noun=N_("份"),
)
def work_plans(frame: Frame) -> Select[Any]:
    """A worker with a patch there, and a week: met where the plan was checked."""
    week = calendar("week", frame)
    staff = (
        select(User.id, Patch.community_id, week.c.start)
        .join(Patch, Patch.user_id == User.id)
        .join(week, and_(Patch.from_on <= week.c.start, or_(Patch.to_on.is_(None), Patch.to_on >= week.c.start)))
        .where(User.role == "grid_worker", week.c.is_over == 1)
        .distinct()
        .subquery()
    )
    plan = and_(WorkPlan.user_id == staff.c.id, WorkPlan.week_on == staff.c.start)
    return (
        rows(
            staff.c.id,
            staff.c.community_id,
            worker_id=staff.c.id,
            met=one_if(WorkPlan.state.in_(("checked", "archived"))),
            day=staff.c.start,
        )
        .select_from(staff)
        .outerjoin(WorkPlan, plan)
    )


@indicator(
    "arts_teams",
    N_("文艺健身队伍"),
    COUNT,
    N_("期末还在的文艺队、健身队"),
    of="team",
    is_shared=True,
    is_dated=False,
    noun=N_("支"),
)
def arts_teams(frame: Frame) -> Select[Any]:
    return rows(Team.id, Team.community_id).where(
        Team.kind.in_(("arts", "sports")),
        or_(Team.founded_on.is_(None), Team.founded_on <= frame.end),
        or_(Team.dissolved_on.is_(None), Team.dissolved_on > frame.end),
    )
