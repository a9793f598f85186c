"""Indicators counted from cases, screenings and patrols."""

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, or_

from grid.cases.models import Case, Screening
from grid.core.i18n import N_
from grid.core.moments import LocalDay, LocalHour
from grid.core.periods import Period
from grid.ledgers.indicators.base import COUNT, RATE, Frame, indicator, one_if, rows
from grid.services.models import Patrol

# 事件分级: 特别重大, 重大, 较大 (GB/T 31000, event_level); 一般 is none of them.
GRAVE = ("01", "02", "03")
# Nights begin at six.
EVENING = 18


def _cases(met: Any = 1, day: Any = None) -> Select[Any]:
    on = LocalDay(Case.at) if day is None else day
    return rows(Case.id, Case.community_id, Case.building_id, Case.owner_id, met=met, day=on).where(
        Case.deleted_at.is_(None)
    )


@indicator("mediation", N_("矛盾纠纷调解率"), RATE, N_("期内受理的矛盾纠纷中调解过的 ÷ 期内受理的矛盾纠纷"), of="case")
def mediation(frame: Frame) -> Select[Any]:
    mediated = or_(Case.method.is_not(None), Case.outcome.is_not(None))
    return _cases(one_if(mediated)).where(Case.type == "dispute", frame.holds(Case.at))


@indicator(
    "mediation_success", N_("矛盾纠纷调解成功率"), RATE, N_("调解成功的 ÷ 期内受理、已有调解结果的矛盾纠纷"), of="case"
)
def mediation_success(frame: Frame) -> Select[Any]:
    return _cases(one_if(Case.outcome == "agreed")).where(
        Case.type == "dispute", Case.outcome.is_not(None), frame.holds(Case.at)
    )


@indicator("on_time", N_("事件按期办结率"), RATE, N_("期限内办结的 ÷ 期限落在期内、已经到期或办结的事件"), of="case")
def on_time(frame: Frame) -> Select[Any]:
    return _cases(one_if(Case.closed_on <= Case.due_on), Case.due_on).where(
        Case.due_on.between(frame.period.start, frame.period.end),
        or_(Case.due_on < frame.today, Case.closed_on.is_not(None)),
    )


def _incidents(frame: Frame, kind: str, *more: Any) -> Select[Any]:
    return _cases().where(Case.incident == kind, frame.holds(Case.at), *more)


@indicator(
    "major_accidents", N_("重大安全事故"), COUNT, N_("期内记为安全事故、级别较大以上的事件"), of="case", noun=N_("起")
)
def major_accidents(frame: Frame) -> Select[Any]:
    return _incidents(frame, "accident", Case.level.in_(GRAVE))


@indicator("fires", N_("火灾"), COUNT, N_("期内记为火灾的事件"), of="case", noun=N_("起"))
def fires(frame: Frame) -> Select[Any]:
    return _incidents(frame, "fire")


@indicator("thefts", N_("盗窃"), COUNT, N_("期内记为盗窃的事件"), of="case", noun=N_("起"))
def thefts(frame: Frame) -> Select[Any]:
    return _incidents(frame, "theft")


@indicator(
    "major_fires_three_years",
    N_("三年内重大火灾"),
    COUNT,
    N_("到期末为止三年内记为火灾、级别较大以上的事件"),
    of="case",
    noun=N_("起"),
    is_dated=False,
)
def major_fires_three_years(frame: Frame) -> Select[Any]:
    first = date(frame.period.end.year - 2, 1, 1)
    return _incidents(Frame(Period("year", first, frame.period.end), frame.today), "fire", Case.level.in_(GRAVE))


@indicator(
    "screenings",
    N_("每周排查"),
    RATE,
    N_("至少有一次排查（含零报告）的周 ÷ 已过去的周"),
    of="screening",
    is_shared=True,
    every="week",
)
def screenings(frame: Frame) -> Select[Any]:
    return rows(Screening.id, Screening.community_id, worker_id=Screening.by_id, day=Screening.week_on).where(
        Screening.deleted_at.is_(None), frame.holds_day(Screening.week_on), Screening.on <= frame.today
    )


@indicator(
    "patrols",
    N_("每晚巡逻"),
    RATE,
    N_("18 点以后有巡逻的晚上 ÷ 已过去的晚上"),
    of="patrol",
    is_shared=True,
    every="night",
)
def patrols(frame: Frame) -> Select[Any]:
    return rows(Patrol.id, Patrol.community_id, worker_id=Patrol.recorded_by, day=LocalDay(Patrol.started_at)).where(
        and_(Patrol.deleted_at.is_(None), LocalHour(Patrol.started_at) >= EVENING, frame.holds(Patrol.started_at))
    )
