"""The year plan that is shipped: what the committee's work plans ask for each year, ready to be changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from grid.core.codes import CODES
from grid.ledgers.duty_counting import COUNTABLE, Spec

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
# Days of the moon's calendar by year: 春节, 端午节, 中秋节; and 清明节, which is the 4th or the 5th of April.
MOON = {
    2024: ("02-10", "06-10", "09-17", "04-04"),
    2025: ("01-29", "05-31", "10-06", "04-04"),
    2026: ("02-17", "06-19", "09-25", "04-05"),
    2027: ("02-06", "06-09", "09-15", "04-05"),
    2028: ("01-26", "05-28", "10-03", "04-04"),
    2029: ("02-13", "06-16", "09-22", "04-04"),
    2030: ("02-03", "06-05", "09-12", "04-05"),
}
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
    _of("健康宣传栏更换", "3", "two_months", "health_board"),
    _of("宣传栏和资料架更新", "13", "month", "boards"),
    _of("周一矛盾纠纷和隐患排查", "1", "week", "screening"),
    _of("每月例会", "1", "month", "meeting"),
    _of("综治联席会议", "11", "quarter", "joint_meeting"),
    _of("夜间巡逻", "11", "day", "patrol"),
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
        _of("节日安全检查", "7", "dates", "holiday", dates=list(holidays(year))),
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


def holidays(year: int) -> list[list[str]]:
    """The days before each holiday of a year; of a year without a known calendar of the moon, the even ones."""
    days = {"new_year": "01-01", "may_day": "05-01", "national": "10-01"}
    if year in MOON:
        days |= dict(zip(("spring", "dragon_boat", "mid_autumn", "qingming"), MOON[year], strict=True))
    found = [(date.fromisoformat(f"{year}-{day}"), CODES["holiday"].by_code[code]) for code, day in days.items()]
    return [[(day - BEFORE_HOLIDAY).isoformat(), day.isoformat(), name] for day, name in sorted(found)]
