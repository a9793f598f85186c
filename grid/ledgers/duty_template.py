"""The year plan that is shipped: what the committee's work plans ask for each year, ready to be changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from grid.core.codes import CODES
from grid.ledgers.duty_counting import COUNTABLE, Spec
from grid.ledgers.indicators.holidays import holidays

# The health theme of each month from January to October: a day well known for it, else what the season asks for.
THEMES = (
    "冬季呼吸道传染病防治",
    "世界癌症日（2 月 4 日）",
    "世界防治结核病日（3 月 24 日）",
    "世界卫生日（4 月 7 日）、儿童预防接种日（4 月 25 日）",
    "世界无烟日（5 月 31 日）",
    "全国爱眼日（6 月 6 日）",
    "夏季食品安全与肠道传染病防治",
    "防暑降温与灭蚊",
    "全国爱牙日（9 月 20 日）",
    "全国高血压日（10 月 8 日）",
)
# An inspection for a holiday is made in the days before it.
BEFORE_HOLIDAY = timedelta(days=10)


@dataclass(frozen=True)
class DutyEntry:
    """A duty as the plan has it, without the community and the year."""

    title: str
    rhythm: str
    plan: str | None = None
    counted: Spec | None = None
    months: list[int] | None = None
    # First day, last day, name.
    dates: list[Any] | None = None
    times: int = 1


def _of(title: str, plan: str, rhythm: str, counts: str = "", **more: Any) -> DutyEntry:
    return DutyEntry(title, rhythm, plan, COUNTABLE[counts][1] if counts else None, **more)


EVEN = (
    _of("健康教育讲座", "3", "month", "health_lecture"),
    _of("宣传栏更换", "3", "two_months", "board"),
    _of("宣传栏和资料架更新", "13", "month", "boards"),
    _of("周一矛盾纠纷和隐患排查", "1", "week", "screening"),
    _of("每月例会", "1", "month", "meeting"),
    _of("综治联席会议", "11", "quarter", "joint_meeting"),
    _of("夜间巡逻", "11", "day", "night_patrol"),
    _of("卫生自查", "6", "week", "hygiene"),
    _of("谈话走访", "1", "quarter", "talk"),
    _of("文体活动", "9", "year", "culture", times=4),
    _of("周工作计划检查", "10", "week", "work_plan"),
    _of("志愿者登记核对", "9", "quarter"),
    _of("残疾人底数核对", "10", "year"),
)


def shipped(year: int, blocks: int = 1, workers: int = 1) -> list[DutyEntry]:
    """All of a year: each block is screened every week, and the plan of each worker checked."""
    often = {"screening": max(1, blocks), "work_plan": max(1, workers)}
    even = [replace(one, times=often.get((one.counted or {}).get("of", ""), one.times)) for one in EVEN]
    dated = [
        _of("每月健康主题日", "14", "dates", "theme_day", dates=list(_themes(year))),
        _of("节日安全检查", "7", "dates", "holiday", dates=before_holidays(year)),
        _of("暑期青少年法制教育", "2", "dates", "youth_legal", dates=[[f"{year}-07-01", f"{year}-08-31", "暑期"]]),
        _of(
            "居民培训",
            "6",
            "dates",
            "training",
            dates=[[f"{year}-03-01", f"{year}-06-30", "第一期"], [f"{year}-09-01", f"{year}-12-31", "第二期"]],
        ),
    ]
    return even[:3] + dated[:1] + even[3:8] + dated[1:] + even[8:]


def _themes(year: int) -> Iterator[list[str]]:
    for month, theme in enumerate(THEMES, 1):
        last = date(year, month + 1, 1) - timedelta(days=1)
        yield [date(year, month, 1).isoformat(), last.isoformat(), theme]


def before_holidays(year: int) -> list[list[str]]:
    """The days before each holiday of a year, and the holiday."""
    return [
        [(day - BEFORE_HOLIDAY).isoformat(), day.isoformat(), CODES["holiday"].by_code[key]]
        for day, key in holidays(date(year, 1, 1), date(year, 12, 31))
    ]
